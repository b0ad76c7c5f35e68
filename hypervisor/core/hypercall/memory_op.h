/* SPDX-License-Identifier: GPL-2.0 */
/* What the files that serve memory_op share. */
#ifndef HV_CORE_HYPERCALL_MEMORY_OP_H
#define HV_CORE_HYPERCALL_MEMORY_OP_H

#include "core/domain/domain.h"

/* Xen's names of how r4 holds the op and, above it, the extent to go on with. */
#define MEMOP_EXTENT_SHIFT	6
#define MEMOP_CMD_MASK		((1UL << MEMOP_EXTENT_SHIFT) - 1)

int memory_find_domain(struct vcpu *v, u16 id, struct domain **d);
int add_own_to_physmap(struct domain *d, u32 space, u64 idx, u64 gfn);

#endif
