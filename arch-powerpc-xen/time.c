// SPDX-License-Identifier: GPL-2.0
/*
 * Time. The timebase is read and the decrementer is used as on any machine; the
 * hypervisor tells what time of day the timebase stands for, and how much time
 * a vcpu was kept from running.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/math64.h>
#include <linux/of.h>
#include <linux/printk.h>
#include <linux/rtc.h>
#include <linux/static_call.h>
#include <linux/time64.h>

#include <asm/machdep.h>
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

/* Before any time is stolen that matters, but after the static keys can be switched. */
static int __init account_steal_time(void)
{
	unsigned int cpu;

	if (!IS_ENABLED(CONFIG_PARAVIRT_TIME_ACCOUNTING))
		return 0;
	for_each_possible_cpu(cpu)
		xen_setup_runstate_info(cpu);
	xen_time_setup_guest();
	return 0;
}
machine_device_initcall(xen, account_steal_time);
