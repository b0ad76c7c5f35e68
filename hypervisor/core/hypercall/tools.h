/* SPDX-License-Identifier: GPL-2.0 */
/* What domctl.c and sysctl.c share: a domain as the tools see it. */
#ifndef HV_CORE_HYPERCALL_TOOLS_H
#define HV_CORE_HYPERCALL_TOOLS_H

#include "core/domain/domain.h"

/* sched_ctl.c */
s64 sched_domctl(struct vcpu *v, struct domain *d, u64 handle, struct xen_domctl *op);
s64 sched_sysctl(struct vcpu *v, u64 handle, struct xen_sysctl *op);

void domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info);

#endif
