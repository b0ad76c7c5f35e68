// SPDX-License-Identifier: GPL-2.0
/*
 * Load a kernel for kexec, or start the loaded one.
 *
 * usage: kexec-load [--panic] KERNEL INITRD COMMAND-LINE	(--panic: as crash kernel)
 *        kexec-load --start
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "kexec-load: %s: %s\n", name, strerror(errno));
		exit(1);
	}
	return fd;
}

static int place(const char *kernel, const char *initrd, const char *command_line, unsigned long flags)
{
	if (!syscall(SYS_kexec_file_load, open_file(kernel), open_file(initrd), strlen(command_line) + 1,
		     command_line, flags))
		return 0;
	fprintf(stderr, "kexec-load: kexec_file_load of %s with %s: %s\n", kernel, initrd, strerror(errno));
	return 1;
}

static int go(void)
{
	sync();
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	fprintf(stderr, "kexec-load: cannot start the loaded kernel: %s\n", strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--start"))
		return go();
	if (argc == 5 && !strcmp(argv[1], "--panic"))
		return place(argv[2], argv[3], argv[4], KEXEC_FILE_ON_CRASH);
	if (argc == 4)
		return place(argv[1], argv[2], argv[3], 0);
	fprintf(stderr, "usage: kexec-load [--panic] KERNEL INITRD COMMAND-LINE | --start\n");
	return 2;
}
