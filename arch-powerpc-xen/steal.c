// SPDX-License-Identifier: GPL-2.0
/*
 * Stolen time: how long a vcpu was runnable but had no pCPU. The hypervisor accounts the time
 * in each runstate of a vcpu and writes it to an area that Linux registers. See
 * Documentation/abi.rst, "Vcpus" and "Time".
 */
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/static_call.h>

#include <asm/paravirt.h>
#include <asm/xen/hypervisor.h>

#include <xen/xen-ops.h>

#include "platform.h"

#ifndef CONFIG_PARAVIRT_TIME_ACCOUNTING
struct static_key paravirt_steal_enabled;
struct static_key paravirt_steal_rq_enabled;

/* The static call pv_steal_clock, which drivers/xen refers to but nobody calls. */
u64 xen_ppc_no_steal_clock(int cpu)
{
	return 0;
}

DEFINE_STATIC_CALL(pv_steal_clock, xen_ppc_no_steal_clock);
#endif

/*
 * xen_steal_clock() also counts the time for which a vcpu is down: before Linux first starts it,
 * and while its cpu is offline. No task could have run then, so this is not stolen time. The
 * steal clock of a cpu therefore stands still while the cpu is offline.
 *
 * base: what xen_steal_clock() counts but the steal clock leaves out, in ns.
 * stopped_at: the value of the steal clock when the cpu went offline, in ns.
 */
struct xen_ppc_steal {
	u64 base;
	u64 stopped_at;
};

static DEFINE_PER_CPU(struct xen_ppc_steal, xen_ppc_steal);

static u64 xen_ppc_steal_clock(int cpu)
{
	return xen_steal_clock(cpu) - per_cpu(xen_ppc_steal, cpu).base;
}

/**
 * xen_ppc_steal_stop - stop the steal clock of a cpu that goes offline
 * @cpu: the calling cpu
 *
 * Interrupts off.
 */
void xen_ppc_steal_stop(int cpu)
{
	per_cpu(xen_ppc_steal, cpu).stopped_at = xen_ppc_steal_clock(cpu);
}

/**
 * xen_ppc_steal_start - register the runstate area of a cpu and start its steal clock
 * @cpu: the calling cpu, which comes up
 *
 * Interrupts off. May be repeated. drivers/xen/time.c calls BUG() if the hypervisor refuses.
 */
void xen_ppc_steal_start(int cpu)
{
	struct xen_ppc_steal *steal = per_cpu_ptr(&xen_ppc_steal, cpu);

	xen_setup_runstate_info(cpu);
	steal->base = xen_steal_clock(cpu) - steal->stopped_at;
}

/**
 * xen_ppc_steal_init - set up the accounting of stolen time
 *
 * Boot cpu, before the others are started. The runstate area is needed even without
 * CONFIG_PARAVIRT_TIME_ACCOUNTING, because spinlocks look there for preempted vcpus.
 */
void __init xen_ppc_steal_init(void)
{
	/* xen_steal_clock() insists on it, though no other cpu is up to move to. */
	preempt_disable();
	xen_ppc_steal_start(smp_processor_id());
	preempt_enable();
	if (!IS_ENABLED(CONFIG_PARAVIRT_TIME_ACCOUNTING))
		return;
	xen_time_setup_guest();
	static_call_update(pv_steal_clock, xen_ppc_steal_clock);
}
