/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry points of boot/ that have no header of their own.
 */
#ifndef HV_BOOT_BOOT_H
#define HV_BOOT_BOOT_H

#include "core/base/domain_types.h"

/* build.c */
struct domain_build;

int domain_build(struct domain *d);
int domain_build_step(struct domain *d, struct domain_build **state);

/* main.c: the C entry of the boot processor, on its boot stack, called by head.S. */
void __noreturn hv_main(const void *fdt, u64 opal_base, u64 opal_entry);

/* hypervisor.lds.S */
extern char __hv_end[];

#endif
