/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bundle: a newc cpio archive of xen.conf and the files that it names, which
 * the firmware loads as the initrd of the hypervisor.
 */
#ifndef HV_BOOT_BUNDLE_H
#define HV_BOOT_BUNDLE_H

#include "lib/types.h"

struct bundle_file {
	const char *name;	/* NUL-terminated, inside the archive */
	const u8 *data;
	size_t size;
};

int bundle_next(const u8 *base, size_t size, size_t *pos, struct bundle_file *f, const char **why);
int bundle_find(const u8 *base, size_t size, const char *name, struct bundle_file *f, const char **why);

#endif
