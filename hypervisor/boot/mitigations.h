/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the firmware says of the processor's speculation.
 */
#ifndef HV_BOOT_MITIGATIONS_H
#define HV_BOOT_MITIGATIONS_H

#include "arch/papr.h"

void mitigations_read(const void *fdt, struct cpu_characteristics *c);

#endif
