// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a newc cpio archive in place (cpio(5), "New ASCII Format").
 *
 * No allocation, no state: pure functions over (base, size), so that unit
 * tests and fuzzers run them as they are.
 */
#include "boot/bundle.h"
#include "lib/errno.h"
#include "lib/string.h"

#define NEWC_HEADER	110
#define NEWC_FIELDS	13
#define FIELD_FILESIZE	6
#define FIELD_NAMESIZE	11

static int hex_field(const u8 *p, u64 *out)
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

static size_t align4(size_t v)
{
	return (v + 3) & ~(size_t)3;
}

/**
 * bundle_next() - the archive's next file
 * @base: archive, 4-byte aligned
 * @size: bytes of the archive
 * @pos: in: offset to read at, 0 first; out: offset of the next header
 * @f: out: the file; its name and data point into the archive
 * @why: out: what is wrong, on error
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
	if (hex_field(base + *pos + 6 + 8 * FIELD_FILESIZE, &filesize) ||
	    hex_field(base + *pos + 6 + 8 * FIELD_NAMESIZE, &namesize)) {
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
	data = align4(name + namesize);
	if (data > size || filesize > size - data) {
		*why = "has a file that is cut off";
		return -EINVAL;
	}
	f->name = (const char *)base + name;
	f->data = base + data;
	f->size = filesize;
	*pos = align4(data + filesize);
	return 1;
}

/**
 * bundle_find() - a file by its exact name
 * @base: archive
 * @size: bytes of the archive
 * @name: file to look for
 * @f: out: the file
 * @why: out: what is wrong, on -EINVAL
 *
 * Return: 0, -ENOENT, or -EINVAL if the archive is malformed before it.
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
