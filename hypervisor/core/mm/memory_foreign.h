/* SPDX-License-Identifier: GPL-2.0 */
/* Frames of one domain in the p2m of another: dom0's way to a guest's memory. */
#ifndef HV_CORE_MM_MEMORY_FOREIGN_H
#define HV_CORE_MM_MEMORY_FOREIGN_H

#include "core/domain/domain.h"

int foreign_map(struct domain *d, u64 gfn, struct domain *from, u64 from_gfn);
void foreign_drop(struct domain *d, u64 mfn);

#endif
