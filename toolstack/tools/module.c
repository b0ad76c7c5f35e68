// SPDX-License-Identifier: GPL-2.0
/*
 * Loads the kernel modules that devices need, in a Debian system as well as in
 * the initramfs of the tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools.h"

/* Load with modprobe, which resolves dependencies: for an installed system. */
static bool module_modprobe(const char *name)
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

/*
 * Load /lib/modules/NAME.ko: the initramfs has all modules in this directory. Returns 0 or an error
 * number.
 */
static int module_insmod(const char *name)
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
 * module_load() - load a kernel module unless its function is present already
 * @name: name of the module
 * @present_path: a path in sysfs that exists when the function is present
 *
 * Return: 0, or -1 after a message
 */
int module_load(const char *name, const char *present_path)
{
	int error;

	if (!access(present_path, F_OK))
		return 0;
	error = module_insmod(name);
	if (error == ENOENT)
		error = module_modprobe(name) ? 0 : ENOENT;
	if (error == ENOENT)
		return log_error("the kernel has no %s, and there is no module of that name", name);
	if (error)
		return log_error("cannot load the module %s: %s", name, strerror(error));
	if (access(present_path, F_OK))
		return log_error("the module %s is loaded, but %s is not there", name, present_path);
	return 0;
}
