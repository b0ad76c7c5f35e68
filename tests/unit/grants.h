/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest's side of grant tables: writing table entries like a kernel, and grant
 * table operations on a single grant.
 */
#ifndef UNIT_GRANTS_H
#define UNIT_GRANTS_H

#include "test.h"

#define LIST_GPA	0x4000UL	/* guest physical address for arrays, two pages */

void grant(struct domain *d, u32 ref, u16 to, u32 gfn, u16 flags);
u16 grant_flags(const struct domain *d, u32 ref);
s16 map(struct vcpu *v, u16 dom, u32 ref, u32 flags, u64 gpa, u32 *handle);
s16 unmap(struct vcpu *v, u64 gpa, u32 handle);
s16 copy(struct vcpu *v, struct gnttab_copy op);
u64 window(const struct domain *d, u64 nr);
enum p2m_type what(const struct domain *d, u64 gpa);

#endif
