/* SPDX-License-Identifier: GPL-2.0 */
/* What the calls of the toolstack, domctl_op.c and sysctl_op.c, share. */
#ifndef HV_CORE_HYPERCALL_TOOLS_H
#define HV_CORE_HYPERCALL_TOOLS_H

#include "core/base/domain_types.h"

/* sched_ctl.c */
s64 sched_domctl(struct vcpu *v, struct domain *d, struct xen_domctl *op, bool *copy_back);
s64 sched_sysctl(struct vcpu *v, struct xen_sysctl *op);

/* domctl_op.c */
void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info);

#endif
