/* SPDX-License-Identifier: GPL-2.0 */
/* The interface of the Xen platform to the rest of the kernel. */
#ifndef _ASM_POWERPC_XEN_HYPERVISOR_H
#define _ASM_POWERPC_XEN_HYPERVISOR_H

#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/types.h>

/* In drivers/xen/time.c: true if a vcpu is runnable but not running. In a Xen domain only. */
bool xen_vcpu_stolen(int vcpu);

#ifdef CONFIG_XEN
#include <linux/static_call_types.h>

extern struct shared_info *HYPERVISOR_shared_info;
extern struct start_info *xen_start_info;

void __init xen_early_init(void);

#ifndef CONFIG_PARAVIRT_TIME_ACCOUNTING
/*
 * xen_time_setup_guest() in drivers/xen/time.c refers to these. Without steal accounting in
 * the scheduler the platform does not call it and nothing reads them.
 */
u64 xen_ppc_no_steal_clock(int cpu);
DECLARE_STATIC_CALL(pv_steal_clock, xen_ppc_no_steal_clock);
extern struct static_key paravirt_steal_enabled;
extern struct static_key paravirt_steal_rq_enabled;
#endif

void xen_arch_register_cpu(int cpu);
void xen_arch_unregister_cpu(int cpu);

DECLARE_STATIC_KEY_FALSE(xen_ppc_preempted);

/* True in a Xen domain in which xen_vcpu_stolen() tells the preempted vcpus. */
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
