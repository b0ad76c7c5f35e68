/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The names of the domains that xen.conf describes, and with them their numbers.
 */
#ifndef HV_BOOT_NAMES_H
#define HV_BOOT_NAMES_H

int names_add(const char *name);
unsigned int names_find(const char *name);
const char *names_get(unsigned int domid);

#endif
