// SPDX-License-Identifier: GPL-2.0
/*
 * Loop devices: block devices for disk images in files, since xen-blkback serves
 * block devices only.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools.h"

#define MAX_TRIES	16	/* another process may take the free device first */

/*
 * Bind a file to /dev/loop@number. Returns 0 or an error number, EBUSY if the device has been
 * taken.
 */
static int loop_configure(int number, int file, const char *name, bool read_only, char *node, size_t size)
{
	struct loop_config config = {
		.fd = file,
		.info.lo_flags = read_only ? LO_FLAGS_READ_ONLY : 0,
	};
	int error = 0;
	int fd;

	snprintf(node, size, "/dev/loop%d", number);
	snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", name);
	fd = open(node, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (ioctl(fd, LOOP_CONFIGURE, &config))
		error = errno;
	close(fd);
	return error;
}

/**
 * loop_attach() - bind a file to a free loop device
 * @file: absolute path of the file
 * @read_only: make the device read-only
 * @node: result: path of the device
 * @size: bytes available at @node
 *
 * Return: 0, or -1 after a message
 */
int loop_attach(const char *file, bool read_only, char *node, size_t size)
{
	int control, fd, number;
	int error = EBUSY;

	if (module_load("loop", "/sys/module/loop"))
		return -1;
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return log_error("cannot open /dev/loop-control: %s", strerror(errno));
	fd = open(file, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (fd < 0) {
		error = errno;
		close(control);
		return log_error("cannot open %s: %s", file, strerror(error));
	}
	for (int i = 0; error == EBUSY && i < MAX_TRIES; i++) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		error = number < 0 ? errno : loop_configure(number, fd, file, read_only, node, size);
	}
	close(fd);
	close(control);
	return error ? log_error("no loop device for %s: %s", file, strerror(error)) : 0;
}

/**
 * loop_detach() - unbind a loop device from its file
 * @node: path of the device
 *
 * If the device is still open, for example by the back end, the kernel unbinds it
 * at the last close.
 */
void loop_detach(const char *node)
{
	int fd = open(node, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (ioctl(fd, LOOP_CLR_FD) && errno != ENXIO)
		log_error("cannot release %s: %s", node, strerror(errno));
	close(fd);
}

/**
 * loop_refresh() - set the size of a loop device to the current size of its file
 * @node: path of the device
 *
 * Return: 0, or -1 after a message
 */
int loop_refresh(const char *node)
{
	int fd = open(node, O_RDONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return log_error("cannot open %s: %s", node, strerror(errno));
	if (ioctl(fd, LOOP_SET_CAPACITY))
		error = errno;
	close(fd);
	return error ? log_error("cannot resize %s: %s", node, strerror(error)) : 0;
}
