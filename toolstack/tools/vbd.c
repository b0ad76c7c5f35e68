// SPDX-License-Identifier: GPL-2.0
/*
 * Disks: a file or a block device of dom0 as a virtual block device of a domain.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tools.h"

#define SECTOR		512
#define XVD_MAJOR	202
#define XVD_PARTS	16		/* in numbers of the first 16 disks */
#define XVD_EXTENDED	0x10000000UL	/* flag of the numbers beyond, 256 each */
#define XVD_EXT_SHIFT	8
#define MAX_DISKS	1024

/* What stands behind a disk. */
struct backing {
	char path[PATH_MAX];	/* absolute */
	char node[PATH_MAX];		/* its block device, which may be the same */
	bool is_file;
	dev_t device;
};

static unsigned long disk_number(unsigned long disk)
{
	return disk < 16 ? XVD_MAJOR << 8 | disk * XVD_PARTS : XVD_EXTENDED | disk << XVD_EXT_SHIFT;
}

/**
 * vbd_number() - the number of a disk's name
 * @name: "xvda", "xvdb", ..., or the number itself
 * @number: where it goes
 *
 * Return: 0, or -1 after a message
 */
int vbd_number(const char *name, unsigned long *number)
{
	const char *letter = name + 3;
	unsigned long disk = 0;

	if (parse_number(name, XVD_EXTENDED | (MAX_DISKS << XVD_EXT_SHIFT), number))
		return 0;
	if (strncmp(name, "xvd", 3) || !*letter)
		return complain("%s: not a disk's name such as xvda", name);
	for (; *letter; letter++) {
		if (*letter < 'a' || *letter > 'z' || disk > MAX_DISKS)
			return complain("%s: not a disk's name such as xvda", name);
		disk = disk * 26 + (*letter - 'a') + 1;
	}
	if (--disk >= MAX_DISKS)
		return complain("%s: more than %d disks", name, MAX_DISKS);
	*number = disk_number(disk);
	return 0;
}

/**
 * vbd_name() - the name that a domain gives to a number
 * @number: of the disk
 * @name: where it goes
 * @size: of @name
 */
void vbd_name(unsigned long number, char *name, size_t size)
{
	unsigned long disk = number & XVD_EXTENDED ? (number & ~XVD_EXTENDED) >> XVD_EXT_SHIFT :
			     (number & 0xff) / XVD_PARTS;

	if (number != disk_number(disk))
		snprintf(name, size, "%lu", number);
	else if (disk < 26)
		snprintf(name, size, "xvd%c", (char)('a' + disk));
	else
		snprintf(name, size, "xvd%c%c", (char)('a' + disk / 26 - 1), (char)('a' + disk % 26));
}

/* Is the file good for a disk? */
static int check_file(const char *path, const struct stat *st, bool read_only)
{
	int fd;

	if (!S_ISREG(st->st_mode))
		return complain("%s is neither a file nor a block device", path);
	if (!st->st_size || st->st_size % SECTOR)
		return complain("%s is not a disk image: its size, %lld, is not a multiple of %d (truncated?)", path,
				(long long)st->st_size, SECTOR);
	if (read_only)
		return 0;
	if (!(st->st_mode & 0222))
		return complain("%s is write-protected (mode %04o): attach it with --ro", path, st->st_mode & 07777);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return complain("%s cannot be written (%s): attach it with --ro", path, strerror(errno));
	close(fd);
	return 0;
}

static int check_device(const char *path, bool read_only)
{
	int is_read_only = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return complain("cannot open %s: %s", path, strerror(errno));
	if (ioctl(fd, BLKROGET, &is_read_only))
		is_read_only = 0;
	close(fd);
	if (is_read_only && !read_only)
		return complain("%s is read-only: attach it with --ro", path);
	return 0;
}

/* Does somebody else have it? Two writers, or a writer and a reader, ruin each other's file system. */
static int check_unshared(struct xs_handle *xs, const char *path, const struct stat *st, bool read_only)
{
	unsigned int domains, disks;
	char **domain = store_list(xs, &domains, "/local/domain/%u/backend/vbd", BACKEND_DOMID);
	int rc = 0;

	for (unsigned int i = 0; i < domains && !rc; i++) {
		char **disk = store_list(xs, &disks, "/local/domain/%u/backend/vbd/%s", BACKEND_DOMID, domain[i]);

		for (unsigned int j = 0; j < disks && !rc; j++) {
			char *its = store_read(xs, XBT_NULL, "/local/domain/%u/backend/vbd/%s/%s/params",
					       BACKEND_DOMID, domain[i], disk[j]);
			char *mode = store_read(xs, XBT_NULL, "/local/domain/%u/backend/vbd/%s/%s/mode",
						BACKEND_DOMID, domain[i], disk[j]);
			struct stat other;

			if (its && !stat(its, &other) && other.st_dev == st->st_dev && other.st_ino == st->st_ino &&
			    (!read_only || !mode || strchr(mode, 'w')))
				rc = complain("%s is disk %s of domain %s already: both with --ro, or --shared", path,
					      disk[j], domain[i]);
			free(its);
			free(mode);
		}
		free(disk);
	}
	free(domain);
	return rc;
}

static int find_backing(const struct attach_options *opt, struct backing *backing)
{
	struct stat st;

	if (!realpath(opt->target, backing->path) || stat(backing->path, &st)) {
		if (errno == ENOENT)
			return complain("no such file: %s", opt->target);
		return complain("%s: %s", opt->target, strerror(errno));
	}
	backing->is_file = !S_ISBLK(st.st_mode);
	if (backing->is_file ? check_file(backing->path, &st, opt->read_only) :
			       check_device(backing->path, opt->read_only))
		return -1;
	if (!opt->shared && check_unshared(opt->xs, backing->path, &st, opt->read_only))
		return -1;
	if (!backing->is_file)
		snprintf(backing->node, sizeof(backing->node), "%s", backing->path);
	else if (loop_attach(backing->path, opt->read_only, backing->node, sizeof(backing->node)))
		return -1;
	if (stat(backing->node, &st)) {
		complain("%s: %s", backing->node, strerror(errno));
		if (backing->is_file)
			loop_detach(backing->node);
		return -1;
	}
	backing->device = st.st_rdev;
	return 0;
}

static int write_nodes(const struct attach_options *opt, const struct device *dev, const struct backing *backing)
{
	struct batch *batch = batch_new();
	char domid[16], id[24], device[24], name[16], home[MAX_PATH_LEN];
	int rc;

	snprintf(domid, sizeof(domid), "%u", dev->domid);
	snprintf(id, sizeof(id), "%lu", dev->id);
	snprintf(device, sizeof(device), "%x:%x", major(backing->device), minor(backing->device));
	snprintf(home, sizeof(home), "/local/domain/%u", dev->domid);
	vbd_name(dev->id, name, sizeof(name));

	batch_add(batch, ACCESS_READ, dev->domid, dev->back, "%s", "");
	device_back(batch, dev, "frontend", dev->front);
	device_back(batch, dev, "frontend-id", domid);
	device_back(batch, dev, "online", "1");
	device_back(batch, dev, "removable", "0");
	device_back(batch, dev, "bootable", "1");
	device_back(batch, dev, "dev", name);
	device_back(batch, dev, "type", backing->is_file ? "file" : "phy");
	device_back(batch, dev, "mode", opt->read_only ? "r" : "w");
	device_back(batch, dev, "device-type", "disk");
	device_back(batch, dev, "discard-enable", opt->read_only ? "0" : "1");
	device_back(batch, dev, "params", backing->path);
	if (backing->is_file)
		device_back(batch, dev, "loop", backing->node);
	device_back(batch, dev, "physical-device-path", backing->node);
	device_back(batch, dev, "physical-device", device);
	device_back(batch, dev, "hotplug-status", "connected");
	device_back(batch, dev, "state", "1");

	batch_add(batch, ACCESS_OWN, dev->domid, dev->front, "%s", "");
	device_front(batch, dev, "backend", dev->back);
	device_front(batch, dev, "backend-id", "0");
	device_front(batch, dev, "virtual-device", id);
	device_front(batch, dev, "device-type", "disk");
	device_front(batch, dev, "state", "1");
	batch_add_extras(batch, opt, dev);
	rc = batch_commit(opt->xs, batch, home, dev->back);
	batch_free(batch);
	return rc;
}

/* Find a number and write the nodes: -EEXIST without a message if the number was taken meanwhile. */
static int take_number(const struct attach_options *opt, struct device *dev, const struct backing *backing)
{
	unsigned long number;
	int rc = -EEXIST;

	if (opt->name) {
		if (vbd_number(opt->name, &number))
			return -1;
		device_set(dev, "vbd", opt->domid, number);
		rc = write_nodes(opt, dev, backing);
		return rc == -EEXIST ? complain("domain %u has a disk %s already", opt->domid, opt->name) : rc;
	}
	for (unsigned long disk = 0; disk < MAX_DISKS && rc == -EEXIST; disk++) {
		device_set(dev, "vbd", opt->domid, disk_number(disk));
		rc = write_nodes(opt, dev, backing);
	}
	return rc == -EEXIST ? complain("domain %u has %d disks already", opt->domid, MAX_DISKS) : rc;
}

/**
 * vbd_attach() - give a domain a disk
 * @opt: what the command line says
 *
 * Return: 0, or -1 after a message, and then nothing is left of it
 */
int vbd_attach(const struct attach_options *opt)
{
	struct backing backing;
	struct device dev;
	char name[16];
	int rc;

	if (module_load("xen-blkback", "/sys/bus/xen-backend/drivers/vbd") || find_backing(opt, &backing))
		return -1;
	rc = take_number(opt, &dev, &backing);
	if (rc == -ENOENT)
		complain("domain %u has ended", opt->domid);
	if (rc) {
		if (backing.is_file)
			loop_detach(backing.node);
		return -1;
	}
	if (!opt->no_wait && device_wait_connected(opt->xs, &dev, opt->seconds)) {
		device_release(opt->xs, &dev);
		return -1;
	}
	vbd_name(dev.id, name, sizeof(name));
	printf("%s %lu\n", name, dev.id);
	return 0;
}

/* A number of bytes, K, M or G behind it allowed; 0 if it is not one of whole sectors. */
static unsigned long long parse_size(const char *text)
{
	static const char units[] = "KMG";
	unsigned long long bytes;
	const char *unit;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	bytes = strtoull(text, &end, 10);
	if (errno || bytes >> 50)
		return 0;
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		bytes <<= 10 * (unit - units + 1);
		end++;
	}
	return *end || bytes % SECTOR ? 0 : bytes;
}

static int resize_file(const char *file, const char *size)
{
	unsigned long long bytes = parse_size(size);

	if (!bytes)
		return complain("%s: not a size that is a multiple of %d", size, SECTOR);
	if (truncate(file, bytes))
		return complain("cannot resize %s: %s", file, strerror(errno));
	return 0;
}

/**
 * vbd_resize() - let a domain see another size of its disk
 * @xs: connection to xenstored
 * @dev: the disk
 * @size: new size, for a disk in a file; NULL: the size that it has now
 *
 * The back end notices with the next request of the domain.
 *
 * Return: 0, or -1 after a message
 */
int vbd_resize(struct xs_handle *xs, const struct device *dev, const char *size)
{
	char *loop = store_read(xs, XBT_NULL, "%s/loop", dev->back);
	char *file = store_read(xs, XBT_NULL, "%s/params", dev->back);
	int rc = 0;

	if (!file)
		rc = complain("domain %u has no disk %lu", dev->domid, dev->id);
	else if (size && !loop)
		rc = complain("%s is not a file: its size is not ours to change", file);
	else if (size)
		rc = resize_file(file, size);
	if (!rc && loop)
		rc = loop_refresh(loop);
	free(loop);
	free(file);
	return rc;
}
