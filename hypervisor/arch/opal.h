/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The OPAL calls that the hypervisor makes: console, clock, power.
 */
#ifndef HV_ARCH_OPAL_H
#define HV_ARCH_OPAL_H

#include "lib/types.h"

/* Filled from r8 and r9 at entry; opal_entry.S reads it. */
struct opal {
	u64 base, entry;
};

extern struct opal opal;

void opal_init(u64 base, u64 entry);

#endif
