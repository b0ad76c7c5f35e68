/* SPDX-License-Identifier: GPL-2.0 */
/* The functions of boot/ that lower rooms may call (hypervisor/layers). */
#ifndef HV_ARCH_BOOT_OPS_H
#define HV_ARCH_BOOT_OPS_H

#include "lib/types.h"

/* The C entry of the boot processor, on its boot stack, called by head.S. */
void __noreturn hv_main(const void *fdt, u64 opal_base, u64 opal_entry);

#endif
