// SPDX-License-Identifier: GPL-2.0
/*
 * Load kernel modules from /lib/modules, with their dependencies. Modules that are loaded already are skipped.
 *
 * usage: load-module NAME [PARAMETER=VALUE...] [NAME [PARAMETER=VALUE...]]...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_DEPTH 16
#define DEPENDS "depends="

static int fail(const char *name, int error)
{
	fprintf(stderr, "load-module: %s: %s\n", name, strerror(error));
	return 1;
}

/* The file of a module may have "-" where its name has "_". */
static int open_module(const char *name)
{
	char path[256], *at;
	int fd;

	snprintf(path, sizeof(path), "/lib/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	for (at = strchr(path, '_'); at; at = strchr(at, '_'))
		*at = '-';
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Returns a copy of the module's list of dependencies, separated by commas; "" if it has none. */
static char *depends_of(int fd)
{
	char *image, *at, *found = NULL;
	struct stat st;

	if (fstat(fd, &st))
		return NULL;
	image = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (image == MAP_FAILED)
		return NULL;
	at = memmem(image, st.st_size, "\0" DEPENDS, sizeof(DEPENDS));
	if (at && memchr(at + 1, 0, image + st.st_size - at - 1))
		found = strdup(at + sizeof(DEPENDS));
	munmap(image, st.st_size);
	return found ? found : strdup("");
}

static int load(const char *name, const char *parameters, int depth)
{
	char *depends, *rest, *one;
	int fd = open_module(name);

	if (fd < 0)
		return fail(name, errno);
	depends = depends_of(fd);
	if (!depends || depth > MAX_DEPTH) {
		close(fd);
		return fail(name, depth > MAX_DEPTH ? ELOOP : ENOMEM);
	}
	for (one = strtok_r(depends, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		if (load(one, "", depth + 1)) {
			close(fd);
			free(depends);
			return 1;
		}
	}
	free(depends);
	if (syscall(SYS_finit_module, fd, parameters, 0) && errno != EEXIST) {
		int error = errno;

		close(fd);
		return fail(name, error);
	}
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	int i = 1;

	if (argc < 2 || strchr(argv[1], '=') || argv[1][0] == '-') {
		fprintf(stderr, "usage: load-module NAME [PARAMETER=VALUE...] [NAME [PARAMETER=VALUE...]]...\n");
		return 2;
	}
	while (i < argc) {
		const char *name = argv[i++];
		char parameters[1024] = "";

		while (i < argc && strchr(argv[i], '=')) {
			if (strlen(parameters) + strlen(argv[i]) + 2 > sizeof(parameters))
				return fail(argv[i], E2BIG);
			strcat(parameters, argv[i++]);
			strcat(parameters, " ");
		}
		if (load(name, parameters, 0))
			return 1;
	}
	return 0;
}
