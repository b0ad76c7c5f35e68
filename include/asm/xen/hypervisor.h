/* SPDX-License-Identifier: GPL-2.0 */
/* What the rest of the kernel may ask of the Xen platform. */
#ifndef _ASM_POWERPC_XEN_HYPERVISOR_H
#define _ASM_POWERPC_XEN_HYPERVISOR_H

#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/types.h>

/* In drivers/xen/time.c: whether a vcpu could run and does not. In a domain only. */
bool xen_vcpu_stolen(int vcpu);

#ifdef CONFIG_XEN
#include <linux/static_call_types.h>

extern struct shared_info *HYPERVISOR_shared_info;
extern struct start_info *xen_start_info;

void __init xen_early_init(void);

#ifndef CONFIG_PARAVIRT_TIME_ACCOUNTING
/*
 * drivers/xen/time.c updates these. Without the scheduler's steal accounting
 * nobody reads them and the platform never calls the function that does.
 */
u64 xen_ppc_no_steal_clock(int cpu);
DECLARE_STATIC_CALL(pv_steal_clock, xen_ppc_no_steal_clock);
extern struct static_key paravirt_steal_enabled;
extern struct static_key paravirt_steal_rq_enabled;
#endif

void xen_arch_register_cpu(int cpu);
void xen_arch_unregister_cpu(int cpu);

DECLARE_STATIC_KEY_FALSE(xen_ppc_preempted);

/* Whether it is xen_vcpu_stolen() that says which vcpus do not run. */
static __always_inline bool xen_tells_preempted(void)
{
	return static_branch_unlikely(&xen_ppc_preempted);
}

#else /* !CONFIG_XEN */

static inline void xen_early_init(void)
{
}

static inline bool xen_tells_preempted(void)
{
	return false;
}

#endif /* !CONFIG_XEN */

#endif /* _ASM_POWERPC_XEN_HYPERVISOR_H */
