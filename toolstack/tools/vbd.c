// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual block devices: attaches an image file (through a loop device) or a
 * block device of dom0 to a domain as a disk, and resizes it.
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
/*
 * Numbers of disks, from xen-vbd-interface(7): (202 << 8 | disk << 4) for xvda to xvdp, with 16
 * minors for each disk, and (1 << 28 | disk << 8) from xvdq on.
 */
#define XVD_PARTS	16
#define XVD_EXTENDED	0x10000000UL
#define XVD_EXT_SHIFT	8
#define MAX_DISKS	1024

/* The dom0 side of a disk. */
struct backing {
	char path[PATH_MAX];	/* absolute path of the image file or block device */
	char node[PATH_MAX];	/* block device for the back end: a loop device, or path itself */
	bool is_file;		/* node is a loop device for path */
	dev_t device;		/* of node */
};

static unsigned long vbd_disk_number(unsigned long disk)
{
	return disk < 16 ? XVD_MAJOR << 8 | disk * XVD_PARTS : XVD_EXTENDED | disk << XVD_EXT_SHIFT;
}

/**
 * vbd_number() - convert the name of a disk to its device number
 * @name: "xvda", "xvdb", ..., or a decimal number, which is taken as it is
 * @number: result
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
		return log_error("%s: not a disk name such as xvda", name);
	for (; *letter; letter++) {
		if (*letter < 'a' || *letter > 'z' || disk > MAX_DISKS)
			return log_error("%s: not a disk name such as xvda", name);
		disk = disk * 26 + (*letter - 'a') + 1;
	}
	if (--disk >= MAX_DISKS)
		return log_error("%s: beyond the limit of %d disks", name, MAX_DISKS);
	*number = vbd_disk_number(disk);
	return 0;
}

/**
 * vbd_name() - convert a device number to the name that Linux gives the disk
 * @number: device number
 * @name: result; the decimal number if it is not that of a whole xvd disk
 * @size: bytes available at @name
 */
void vbd_name(unsigned long number, char *name, size_t size)
{
	unsigned long disk = number & XVD_EXTENDED ? (number & ~XVD_EXTENDED) >> XVD_EXT_SHIFT :
			     (number & 0xff) / XVD_PARTS;

	char letters[8];
	size_t at = sizeof(letters) - 1;

	if (number != vbd_disk_number(disk) || disk >= MAX_DISKS) {
		snprintf(name, size, "%lu", number);
		return;
	}
	/* Digits from a to z: as a number, xvda is 1 and xvdaa is 27. */
	letters[at] = 0;
	for (disk++; disk; disk = (disk - 1) / 26)
		letters[--at] = 'a' + (disk - 1) % 26;
	snprintf(name, size, "xvd%s", letters + at);
}

/* Check that a file can serve as a disk image: regular, whole sectors, writable if it has to be. */
static int vbd_check_file(const char *path, const struct stat *st, bool read_only)
{
	int fd;

	if (!S_ISREG(st->st_mode))
		return log_error("%s is neither a file nor a block device", path);
	if (!st->st_size || st->st_size % SECTOR)
		return log_error("%s is not a disk image: its size, %lld, is not a multiple of %d (truncated?)", path,
				 (long long)st->st_size, SECTOR);
	if (read_only)
		return 0;
	if (!(st->st_mode & 0222))
		return log_error("%s is write-protected (mode %04o): attach it with --ro", path, st->st_mode & 07777);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return log_error("%s cannot be written (%s): attach it with --ro", path, strerror(errno));
	close(fd);
	return 0;
}

static int vbd_check_block_device(const char *path, bool read_only)
{
	int is_read_only = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return log_error("cannot open %s: %s", path, strerror(errno));
	if (ioctl(fd, BLKROGET, &is_read_only))
		is_read_only = 0;
	close(fd);
	if (is_read_only && !read_only)
		return log_error("%s is read-only: attach it with --ro", path);
	return 0;
}

/*
 * Refuse a file or device that is already attached to a domain, unless all users are readers: a
 * file system that is mounted twice, once of it writable, gets corrupted.
 */
static int vbd_check_sharing(struct xs_handle *xs, const char *path, const struct stat *st, bool read_only)
{
	unsigned int domains, disks;
	char **domain = store_list(xs, &domains, "/local/domain/%u/backend/vbd", BACKEND_DOMID);
	int rc = 0;

	for (unsigned int i = 0; i < domains && !rc; i++) {
		char **disk = store_list(xs, &disks, "/local/domain/%u/backend/vbd/%s", BACKEND_DOMID, domain[i]);

		for (unsigned int j = 0; j < disks && !rc; j++) {
			char *other_path = store_read(xs, XBT_NULL, "/local/domain/%u/backend/vbd/%s/%s/params",
						      BACKEND_DOMID, domain[i], disk[j]);
			char *mode = store_read(xs, XBT_NULL, "/local/domain/%u/backend/vbd/%s/%s/mode",
						BACKEND_DOMID, domain[i], disk[j]);
			struct stat other;

			if (other_path && !stat(other_path, &other) && other.st_dev == st->st_dev &&
			    other.st_ino == st->st_ino && (!read_only || !mode || strchr(mode, 'w')))
				rc = log_error("%s is disk %s of domain %s already: both with --ro, or --shared", path,
					       disk[j], domain[i]);
			free(other_path);
			free(mode);
		}
		free(disk);
	}
	free(domain);
	return rc;
}

/*
 * Check the target and give the back end a block device for it. The caller detaches the loop device
 * after an error.
 */
static int vbd_open_backing(const struct attach_options *opt, struct backing *backing)
{
	struct stat st;

	if (!realpath(opt->target, backing->path) || stat(backing->path, &st)) {
		if (errno == ENOENT)
			return log_error("no such file: %s", opt->target);
		return log_error("%s: %s", opt->target, strerror(errno));
	}
	backing->is_file = !S_ISBLK(st.st_mode);
	if (backing->is_file ? vbd_check_file(backing->path, &st, opt->read_only) :
			       vbd_check_block_device(backing->path, opt->read_only))
		return -1;
	if (!opt->shared && vbd_check_sharing(opt->xs, backing->path, &st, opt->read_only))
		return -1;
	if (!backing->is_file)
		snprintf(backing->node, sizeof(backing->node), "%s", backing->path);
	else if (loop_attach(backing->path, opt->read_only, backing->node, sizeof(backing->node)))
		return -1;
	if (stat(backing->node, &st)) {
		log_error("%s: %s", backing->node, strerror(errno));
		if (backing->is_file)
			loop_detach(backing->node);
		return -1;
	}
	backing->device = st.st_rdev;
	return 0;
}

static int vbd_write_nodes(const struct attach_options *opt, const struct device *dev, const struct backing *backing)
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
	device_add_back(batch, dev, "frontend", dev->front);
	device_add_back(batch, dev, "frontend-id", domid);
	device_add_back(batch, dev, "online", "1");
	device_add_back(batch, dev, "removable", "0");
	device_add_back(batch, dev, "bootable", "1");
	device_add_back(batch, dev, "dev", name);
	device_add_back(batch, dev, "type", backing->is_file ? "file" : "phy");
	device_add_back(batch, dev, "mode", opt->read_only ? "r" : "w");
	device_add_back(batch, dev, "device-type", "disk");
	device_add_back(batch, dev, "discard-enable", opt->read_only ? "0" : "1");
	device_add_back(batch, dev, "params", backing->path);
	if (backing->is_file)
		device_add_back(batch, dev, "loop", backing->node);
	device_add_back(batch, dev, "physical-device-path", backing->node);
	device_add_back(batch, dev, "physical-device", device);
	device_add_back(batch, dev, "hotplug-status", "connected");
	device_add_back(batch, dev, "state", "1");

	batch_add(batch, ACCESS_OWN, dev->domid, dev->front, "%s", "");
	device_add_front(batch, dev, "backend", dev->back);
	device_add_front(batch, dev, "backend-id", "0");
	device_add_front(batch, dev, "virtual-device", id);
	device_add_front(batch, dev, "device-type", "disk");
	device_add_front(batch, dev, "state", "1");
	batch_add_extras(batch, opt, dev);
	rc = batch_commit(opt->xs, batch, home, dev->back);
	batch_free(batch);
	return rc;
}

/*
 * Write the nodes of a new disk, with the number from the command line or the first free one.
 * batch_commit() checks in the same transaction that the number is free, so two tools that run at
 * once do not take the same number. Returns 0, -ENOENT without a message if the domain has ended,
 * or -1 after a message.
 */
static int vbd_allocate(const struct attach_options *opt, struct device *dev, const struct backing *backing)
{
	unsigned long number;
	int rc = -EEXIST;

	if (opt->name) {
		if (vbd_number(opt->name, &number))
			return -1;
		device_set(dev, "vbd", opt->domid, number);
		rc = vbd_write_nodes(opt, dev, backing);
		return rc == -EEXIST ? log_error("domain %u has a disk %s already", opt->domid, opt->name) : rc;
	}
	for (unsigned long disk = 0; disk < MAX_DISKS && rc == -EEXIST; disk++) {
		device_set(dev, "vbd", opt->domid, vbd_disk_number(disk));
		rc = vbd_write_nodes(opt, dev, backing);
	}
	return rc == -EEXIST ? log_error("domain %u has %d disks already", opt->domid, MAX_DISKS) : rc;
}

/**
 * vbd_attach() - attach a disk to a domain and print its name and number
 * @opt: command line
 *
 * Return: 0, or -1 after a message and after removing everything that was set up
 */
int vbd_attach(const struct attach_options *opt)
{
	struct backing backing;
	struct device dev;
	char name[16];
	int rc;

	if (module_load("xen-blkback", "/sys/bus/xen-backend/drivers/vbd") || vbd_open_backing(opt, &backing))
		return -1;
	rc = vbd_allocate(opt, &dev, &backing);
	if (rc == -ENOENT)
		log_error("domain %u has ended", opt->domid);
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

/*
 * Parse a size in bytes, or with the suffix K, M or G. Returns 0 if it is malformed or not a
 * multiple of SECTOR.
 */
static unsigned long long vbd_parse_size(const char *text)
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

static int vbd_resize_file(const char *file, const char *size)
{
	unsigned long long bytes = vbd_parse_size(size);

	if (!bytes)
		return log_error("%s: not a size that is a multiple of %d", size, SECTOR);
	if (truncate(file, bytes))
		return log_error("cannot resize %s: %s", file, strerror(errno));
	return 0;
}

/**
 * vbd_resize() - resize a disk's image file and loop device
 * @xs: connection to xenstored
 * @dev: the disk
 * @size: new size, for an image file only; NULL: take the file's current size
 *
 * The back end checks the size of its device with every request, so the domain
 * sees the change after its next one.
 *
 * Return: 0, or -1 after a message
 */
int vbd_resize(struct xs_handle *xs, const struct device *dev, const char *size)
{
	char *loop = store_read(xs, XBT_NULL, "%s/loop", dev->back);
	char *file = store_read(xs, XBT_NULL, "%s/params", dev->back);
	int rc = 0;

	if (!file)
		rc = log_error("domain %u has no disk %lu", dev->domid, dev->id);
	else if (size && !loop)
		rc = log_error("%s is not an image file: only these can be resized", file);
	else if (size)
		rc = vbd_resize_file(file, size);
	if (!rc && loop)
		rc = loop_refresh(loop);
	free(loop);
	free(file);
	return rc;
}
