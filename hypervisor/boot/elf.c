// SPDX-License-Identifier: GPL-2.0
/*
 * Checking an ELF kernel before it is loaded (System V ABI, 64-bit PowerPC
 * supplement).
 *
 * Only kernels of the hypervisor's own byte order are taken
 * (Documentation/abi.rst, "Byte order"). Nothing is copied here, and no field of
 * the file is trusted before it is checked.
 */
#include "boot/elf.h"
#include "lib/errno.h"
#include "lib/string.h"

#define EM_PPC64	21
#define PT_LOAD		1
#define ET_EXEC		2
#define ET_DYN		3

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_DATA	1
#define OTHER_ORDER	"is a big-endian kernel, this hypervisor runs little-endian guests"
#else
#define OWN_DATA	2
#define OTHER_ORDER	"is a little-endian kernel, this hypervisor runs big-endian guests"
#endif

/* Linux links its kernel at 0xc000000000000000: the top two bits are not part of the address. */
#define PADDR_MASK	0x3fffffffffffffffUL

static int elf_fail(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

static int elf_check_header(const struct elf64_ehdr *eh, size_t size, const char **why)
{
	if (memcmp(eh->ident, "\177ELF", 4))
		return elf_fail(why, "is not an ELF file");
	if (eh->ident[4] != 2)
		return elf_fail(why, "is a 32-bit ELF file");
	if (eh->ident[5] != OWN_DATA)
		return elf_fail(why, eh->ident[5] == 3 - OWN_DATA ? OTHER_ORDER :
				"is an ELF file of no known byte order");
	if (eh->machine != EM_PPC64)
		return elf_fail(why, "is an ELF file for another processor");
	if (eh->type != ET_EXEC && eh->type != ET_DYN)
		return elf_fail(why, "is no executable ELF file");
	if (eh->phentsize != sizeof(struct elf64_phdr) || !eh->phnum || eh->phnum > 64 ||
	    eh->phoff > size || eh->phnum * sizeof(struct elf64_phdr) > size - eh->phoff)
		return elf_fail(why, "is truncated (program headers)");
	return 0;
}

/**
 * elf_parse() - check a kernel and list its segments
 * @file: the file
 * @size: bytes of the file
 * @img: out: entry point, segments and extent in guest physical addresses
 * @why: out: on error, what is wrong, to follow the file's name in a message
 *
 * Return: 0 or -EINVAL.
 */
int elf_parse(const u8 *file, size_t size, struct elf_image *img, const char **why)
{
	struct elf64_ehdr eh;
	bool entry_found = false;
	unsigned int i;
	int rc;

	memset(img, 0, sizeof(*img));
	if (size < sizeof(eh))
		return elf_fail(why, size < 4 || memcmp(file, "\177ELF", 4) ?
			   "is not an ELF file" : "is truncated (ELF header)");
	memcpy(&eh, file, sizeof(eh));
	rc = elf_check_header(&eh, size, why);
	if (rc)
		return rc;
	for (i = 0; i < eh.phnum; i++) {
		struct elf_segment *s = &img->seg[img->nr];
		struct elf64_phdr ph;

		memcpy(&ph, file + eh.phoff + i * sizeof(ph), sizeof(ph));
		if (ph.type != PT_LOAD || !ph.memsz)
			continue;
		if (img->nr == ELF_MAX_SEGMENTS)
			return elf_fail(why, "has too many segments");
		if (ph.offset > size || ph.filesz > size - ph.offset)
			return elf_fail(why, "is truncated (segment data)");
		s->paddr = ph.paddr & PADDR_MASK;
		if (ph.filesz > ph.memsz || s->paddr + ph.memsz < s->paddr)
			return elf_fail(why, "has a segment of impossible size");
		s->memsz = ph.memsz;
		s->filesz = ph.filesz;
		s->data = file + ph.offset;
		if (s->paddr + s->memsz > img->end)
			img->end = s->paddr + s->memsz;
		if (eh.entry >= ph.vaddr && eh.entry - ph.vaddr < ph.memsz) {
			img->entry = s->paddr + (eh.entry - ph.vaddr);
			entry_found = true;
		}
		img->nr++;
	}
	if (!img->nr)
		return elf_fail(why, "has nothing to load");
	if (!entry_found)
		return elf_fail(why, "has its entry point outside of what it loads");
	return 0;
}
