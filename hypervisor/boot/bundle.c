// SPDX-License-Identifier: GPL-2.0
/*
 * The bundle, a newc cpio archive, read in place (cpio(5), "New ASCII Format").
 *
 * Pure functions over (base, size), without allocation or state: the unit tests
 * run the same code.
 */
#include "boot/bundle.h"
#include "lib/errno.h"
#include "lib/string.h"

#define NEWC_HEADER	110
#define NEWC_FIELDS	13
#define FIELD_FILESIZE	6
#define FIELD_NAMESIZE	11

/* Parse a header field of eight hexadecimal digits. */
static int bundle_field(const u8 *p, u64 *out)
{
	u64 v = 0;
	int i;

	for (i = 0; i < 8; i++) {
		u8 c = p[i], d;

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if (c >= 'a' && c <= 'f')
			d = c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			d = c - 'A' + 10;
		else
			return -EINVAL;
		v = v << 4 | d;
	}
	*out = v;
	return 0;
}

/* Headers and data are padded to four bytes. */
static size_t bundle_align(size_t v)
{
	return (v + 3) & ~(size_t)3;
}

/**
 * bundle_next() - get the next file of the archive
 * @base: archive, 4-byte aligned
 * @size: bytes of the archive
 * @pos: in: offset of the header to read, 0 for the first; out: offset of the next
 * @f: out: the file; its name and data point into the archive
 * @why: out: on error, what is wrong, to follow "the archive" in a message
 *
 * Return: 1 with a file, 0 at the trailer, -EINVAL if the archive is malformed.
 */
int bundle_next(const u8 *base, size_t size, size_t *pos, struct bundle_file *f, const char **why)
{
	u64 namesize, filesize;
	size_t name, data;

	if (*pos > size || size - *pos < NEWC_HEADER) {
		*why = "ends without its trailer";
		return -EINVAL;
	}
	if (memcmp(base + *pos, "070701", 6)) {
		*why = "is no newc archive (magic 070701 missing)";
		return -EINVAL;
	}
	if (bundle_field(base + *pos + 6 + 8 * FIELD_FILESIZE, &filesize) ||
	    bundle_field(base + *pos + 6 + 8 * FIELD_NAMESIZE, &namesize)) {
		*why = "has a header field that is not hexadecimal";
		return -EINVAL;
	}
	name = *pos + NEWC_HEADER;
	if (!namesize || namesize > size - name || base[name + namesize - 1]) {
		*why = "has a file name that is cut off";
		return -EINVAL;
	}
	if (!strcmp((const char *)base + name, "TRAILER!!!"))
		return 0;
	data = bundle_align(name + namesize);
	if (data > size || filesize > size - data) {
		*why = "has a file that is cut off";
		return -EINVAL;
	}
	f->name = (const char *)base + name;
	f->data = base + data;
	f->size = filesize;
	*pos = bundle_align(data + filesize);
	return 1;
}

/**
 * bundle_find() - find a file by its exact name
 * @base: archive
 * @size: bytes of the archive
 * @name: the name
 * @f: out: the file
 * @why: out: on -EINVAL, what is wrong, as from bundle_next()
 *
 * Return: 0, -ENOENT, or -EINVAL if the archive is malformed before the file.
 */
int bundle_find(const u8 *base, size_t size, const char *name, struct bundle_file *f, const char **why)
{
	size_t pos = 0;
	int rc;

	while ((rc = bundle_next(base, size, &pos, f, why)) > 0) {
		if (!strcmp(f->name, name))
			return 0;
	}
	return rc ? rc : -ENOENT;
}
