// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel modules that a device needs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools.h"

/* Debian's way, with dependencies. */
static bool modprobe(const char *name)
{
	pid_t child = fork();
	int status;

	if (!child) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDERR_FILENO);
		execlp("modprobe", "modprobe", "-q", name, NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status);
}

/* The initramfs's way: all modules in one directory. */
static int insmod(const char *name)
{
	char path[MAX_PATH_LEN];
	int error = 0;
	int fd;

	snprintf(path, sizeof(path), "/lib/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		error = errno;
	close(fd);
	return error == EEXIST ? 0 : error;
}

/**
 * module_load() - make sure that a part of the kernel is there
 * @name: its module
 * @shows_as: a file that is there when it is
 *
 * Return: 0, or -1 after a message
 */
int module_load(const char *name, const char *shows_as)
{
	int error;

	if (!access(shows_as, F_OK))
		return 0;
	error = insmod(name);
	if (error == ENOENT)
		error = modprobe(name) ? 0 : ENOENT;
	if (error == ENOENT)
		return complain("the kernel has no %s, and there is no module of that name", name);
	if (error)
		return complain("cannot load the module %s: %s", name, strerror(error));
	if (access(shows_as, F_OK))
		return complain("the module %s is loaded, but %s is not there", name, shows_as);
	return 0;
}
