/* SPDX-License-Identifier: GPL-2.0 */
/* Frames of one domain in the p2m of another, for dom0's toolstack. */
#ifndef HV_CORE_MM_MEMORY_FOREIGN_H
#define HV_CORE_MM_MEMORY_FOREIGN_H

#include "core/base/domain_types.h"

int memory_foreign_map(struct domain *d, u64 gfn, struct domain *from, u64 from_gfn);

#endif
