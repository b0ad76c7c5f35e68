// SPDX-License-Identifier: GPL-2.0
/*
 * Stolen time: how long a vcpu was kept from running. The hypervisor keeps count in
 * the runstate of each, which it writes to memory that Linux names.
 */
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/static_call.h>

#include <asm/paravirt.h>
#include <asm/xen/hypervisor.h>

#include <xen/xen-ops.h>

#include "platform.h"

#ifndef CONFIG_PARAVIRT_TIME_ACCOUNTING
struct static_key paravirt_steal_enabled;
struct static_key paravirt_steal_rq_enabled;

/**
 * xen_ppc_no_steal_clock - what pv_steal_clock is when nobody asks
 * @cpu: a cpu
 *
 * Return: 0.
 */
u64 xen_ppc_no_steal_clock(int cpu)
{
	return 0;
}

DEFINE_STATIC_CALL(pv_steal_clock, xen_ppc_no_steal_clock);
#endif

/*
 * A vcpu that is down counts as kept from running. Between the start of the domain and
 * its own, and while Linux has it offline, that is nobody's loss: base is what
 * the hypervisor counted then, and seen is where the clock stood when it stopped.
 */
struct steal {
	u64 base;
	u64 seen;
};

static DEFINE_PER_CPU(struct steal, steal);

static u64 steal_clock(int cpu)
{
	return xen_steal_clock(cpu) - per_cpu(steal, cpu).base;
}

/**
 * xen_ppc_steal_stop - a cpu goes offline
 * @cpu: the calling cpu, interrupts off
 */
void xen_ppc_steal_stop(int cpu)
{
	per_cpu(steal, cpu).seen = steal_clock(cpu);
}

/**
 * xen_ppc_steal_start - have a cpu's runstate told, and its steal time counted from now
 * @cpu: the calling cpu, coming up with interrupts off
 *
 * May be repeated. Ends in a BUG() if the hypervisor refuses, in drivers/xen/time.c.
 */
void xen_ppc_steal_start(int cpu)
{
	xen_setup_runstate_info(cpu);
	per_cpu(steal, cpu).base = xen_steal_clock(cpu) - per_cpu(steal, cpu).seen;
}

/**
 * xen_ppc_steal_init - let the scheduler know of stolen time
 *
 * Boot cpu, before the others are started. The runstate is told even where nobody
 * accounts stolen time, because spinlocks look at it.
 */
void __init xen_ppc_steal_init(void)
{
	xen_ppc_steal_start(smp_processor_id());
	if (!IS_ENABLED(CONFIG_PARAVIRT_TIME_ACCOUNTING))
		return;
	xen_time_setup_guest();
	static_call_update(pv_steal_clock, steal_clock);
}
