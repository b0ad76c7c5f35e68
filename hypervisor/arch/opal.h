/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the OPAL firmware is entered.
 */
#ifndef HV_ARCH_OPAL_H
#define HV_ARCH_OPAL_H

#include "lib/types.h"

/* r8 and r9 at the entry of the image; opal_entry.S defines and reads it. */
struct opal {
	u64 base, entry;
};

extern struct opal opal;

void opal_init(u64 base, u64 entry);

#endif
