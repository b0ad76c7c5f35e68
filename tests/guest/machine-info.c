// SPDX-License-Identifier: GPL-2.0
/*
 * Print facts about the running kernel that no shell command of the initramfs prints:
 *
 *	machine-info page	the page size in bytes, from the auxiliary vector
 *	machine-info build-id	the kernel's GNU build-id in hexadecimal, from /sys/kernel/notes
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#define ALIGN4(x) (((x) + 3) & ~(size_t)3)

static int print_build_id(void)
{
	static unsigned char notes[65536];
	FILE *file = fopen("/sys/kernel/notes", "rb");
	size_t len, at = 0, i;

	if (!file) {
		perror("/sys/kernel/notes");
		return 1;
	}
	len = fread(notes, 1, sizeof(notes), file);
	fclose(file);
	while (at + sizeof(Elf64_Nhdr) <= len) {
		const Elf64_Nhdr *note = (const Elf64_Nhdr *)(notes + at);
		size_t desc = at + sizeof(*note) + ALIGN4(note->n_namesz);

		if (note->n_type == NT_GNU_BUILD_ID && !strcmp((const char *)(note + 1), "GNU")) {
			for (i = 0; i < note->n_descsz; i++)
				printf("%02x", notes[desc + i]);
			printf("\n");
			return 0;
		}
		at = desc + ALIGN4(note->n_descsz);
	}
	fprintf(stderr, "machine-info: the kernel has no build-id\n");
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "page")) {
		printf("%lu\n", getauxval(AT_PAGESZ));
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "build-id"))
		return print_build_id();
	fprintf(stderr, "usage: machine-info page|build-id\n");
	return 2;
}
