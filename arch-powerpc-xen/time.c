// SPDX-License-Identifier: GPL-2.0
/*
 * Time. The timebase is read and the decrementer is used as on any machine; the
 * hypervisor tells what time of day the timebase stands for, and how much time
 * a vcpu was kept from running.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/math64.h>
#include <linux/of.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/rtc.h>
#include <linux/smp.h>
#include <linux/static_call.h>
#include <linux/time64.h>

#include <asm/paravirt.h>
#include <asm/time.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>

#include <xen/xen.h>
#include <xen/xen-ops.h>

#include "platform.h"

/* Ticks per second. ppc_tb_freq is not there yet when the clock is first read. */
static u64 tb_freq __ro_after_init;

struct wallclock {
	u64 sec;		/* time of day at system time 0 */
	u32 nsec;
	u64 boot_timebase;	/* timebase at system time 0 */
};

/* The hypervisor makes the version odd, writes, and makes it even again. */
static void read_wallclock(struct wallclock *wc)
{
	const struct shared_info *s = HYPERVISOR_shared_info;
	u32 version;

	do {
		version = READ_ONCE(s->wc.version);
		virt_rmb();	/* the version before the values */
		wc->sec = (u64)READ_ONCE(s->wc_sec_hi) << 32 | READ_ONCE(s->wc.sec);
		wc->nsec = READ_ONCE(s->wc.nsec);
		wc->boot_timebase = READ_ONCE(s->arch.boot_timebase);
		virt_rmb();	/* the values before the version */
	} while ((version & 1) || version != READ_ONCE(s->wc.version));
}

/* Nanoseconds since system time 0. */
static u64 system_time(const struct wallclock *wc)
{
	return mul_u64_u64_div_u64(get_tb() - wc->boot_timebase, NSEC_PER_SEC, tb_freq);
}

/**
 * xen_ppc_get_rtc_time - the time of day that the hypervisor keeps
 * @tm: filled in, UTC
 *
 * Any context.
 */
void xen_ppc_get_rtc_time(struct rtc_time *tm)
{
	struct wallclock wc;
	u64 ns;

	read_wallclock(&wc);
	ns = wc.nsec + system_time(&wc);
	rtc_time64_to_tm(wc.sec + div_u64(ns, NSEC_PER_SEC), tm);
}

/**
 * xen_ppc_set_rtc_time - set the machine's time of day
 * @tm: the time, UTC
 *
 * Process context.
 *
 * Return: 0; -EPERM from any domain but dom0; what the hypervisor returned.
 */
int xen_ppc_set_rtc_time(struct rtc_time *tm)
{
	struct xen_platform_op op = { .cmd = XENPF_settime64 };
	struct wallclock wc;

	if (!xen_initial_domain())
		return -EPERM;
	read_wallclock(&wc);
	op.u.settime64.secs = rtc_tm_to_time64(tm);
	op.u.settime64.system_time = system_time(&wc);
	return HYPERVISOR_platform_op(&op);
}

/**
 * xen_ppc_time_init - learn the frequency of the timebase
 *
 * Boot cpu, from setup_arch(). timekeeping_init() asks for the time of day before
 * time_init() has read the frequency.
 */
void __init xen_ppc_time_init(void)
{
	struct device_node *cpu = of_find_node_by_type(NULL, "cpu");
	u32 freq = 0;

	if (of_property_read_u64(cpu, "ibm,extended-timebase-frequency", &tb_freq)) {
		of_property_read_u32(cpu, "timebase-frequency", &freq);
		tb_freq = freq;
	}
	of_node_put(cpu);
	if (!tb_freq)
		panic("Xen: the device tree has no timebase-frequency\n");
}

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
