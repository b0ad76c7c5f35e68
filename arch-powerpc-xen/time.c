// SPDX-License-Identifier: GPL-2.0
/*
 * Time. The timebase is read and the decrementer is used as on any machine; the
 * hypervisor tells what time of day the timebase stands for.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/notifier.h>
#include <linux/of.h>
#include <linux/printk.h>
#include <linux/pvclock_gtod.h>
#include <linux/rtc.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>
#include <linux/workqueue.h>

#include <asm/machdep.h>
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
static u64 system_time(const struct wallclock *wc, u64 timebase)
{
	return mul_u64_u64_div_u64(timebase - wc->boot_timebase, NSEC_PER_SEC, tb_freq);
}

static struct timespec64 wall_time(const struct wallclock *wc, u64 timebase)
{
	struct timespec64 wall = { .tv_sec = wc->sec, .tv_nsec = wc->nsec };

	timespec64_add_ns(&wall, system_time(wc, timebase));
	return wall;
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

	read_wallclock(&wc);
	rtc_time64_to_tm(wall_time(&wc, get_tb()).tv_sec, tm);
}

/* Says that it was @time at @timebase. */
static int set_wallclock(const struct timespec64 *time, u64 timebase)
{
	struct xen_platform_op op = { .cmd = XENPF_settime64 };
	struct wallclock wc;

	read_wallclock(&wc);
	op.u.settime64.secs = time->tv_sec;
	op.u.settime64.nsecs = time->tv_nsec;
	op.u.settime64.system_time = system_time(&wc, timebase);
	return HYPERVISOR_platform_op(&op);
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
	struct timespec64 time = { .tv_sec = rtc_tm_to_time64(tm) };

	return xen_initial_domain() ? set_wallclock(&time, get_tb()) : -EPERM;
}

/*
 * The clocks of the domains and of the hypervisor are kept together without an RTC
 * and without user space: each domain starts with the hypervisor's time to the
 * nanosecond, dom0 hands its own over when that is set, and now and then, for one that
 * is disciplined by NTP; the others follow when it makes more than half a second, which
 * is more than NTP would slew.
 */
#define HAND_OVER_MS	(11 * 60 * MSEC_PER_SEC)
#define FOLLOW_NS	(NSEC_PER_SEC / 2)

static u32 wallclock_seen;
static unsigned long hand_over_next;

/* By how much this kernel's clock is behind the hypervisor's, in ns. */
static s64 clock_behind(void)
{
	struct system_time_snapshot now;
	struct timespec64 wall;
	struct wallclock wc;

	ktime_get_snapshot(&now);
	read_wallclock(&wc);
	wall = wall_time(&wc, now.cycles);
	return ktime_to_ns(ktime_sub(timespec64_to_ktime(wall), now.real));
}

/* A step relative to what the clock is at that moment, however long it takes to get there. */
static int step_clock(s64 ns)
{
	struct __kernel_timex step = { .modes = ADJ_SETOFFSET | ADJ_NANO };
	struct timespec64 by = ns_to_timespec64(ns);
	int rc;

	step.time.tv_sec = by.tv_sec;
	step.time.tv_usec = by.tv_nsec;
	rc = do_adjtimex(&step);
	if (rc < 0)
		pr_err("cannot step the clock by %lld ns: %d\n", ns, rc);
	return min(rc, 0);
}

static void hand_over(void)
{
	struct system_time_snapshot now;
	struct timespec64 time;
	int rc;

	hand_over_next = jiffies + msecs_to_jiffies(HAND_OVER_MS);
	ktime_get_snapshot(&now);
	time = ktime_to_timespec64(now.real);
	rc = set_wallclock(&time, now.cycles);
	if (rc)
		pr_err_once("the hypervisor does not take the time of day: %d\n", rc);
}

static void follow(void)
{
	s64 behind;

	WRITE_ONCE(wallclock_seen, READ_ONCE(HYPERVISOR_shared_info->wc.version));
	behind = clock_behind();
	if (abs(behind) > FOLLOW_NS && !step_clock(behind))
		pr_info("the clock followed that of dom0 by %lld ms\n",
			div_s64(behind, NSEC_PER_MSEC));
}

static void keep_together(struct work_struct *work)
{
	if (xen_initial_domain())
		hand_over();
	else
		follow();
}

static DECLARE_WORK(clock_work, keep_together);

static void queue_clock_work(struct irq_work *work)
{
	schedule_work(&clock_work);
}

static DEFINE_IRQ_WORK(clock_irq_work, queue_clock_work);

/*
 * At every update of the kernel's clock, that is at ticks, and none where the
 * cpus sleep. Under the clock's lock, where neither it may be read nor a task woken.
 */
static int clock_updated(struct notifier_block *nb, unsigned long was_set, void *timekeeper)
{
	bool due;

	if (xen_initial_domain())
		due = was_set || time_after(jiffies, hand_over_next);
	else
		due = READ_ONCE(HYPERVISOR_shared_info->wc.version) != READ_ONCE(wallclock_seen);
	if (due)
		irq_work_queue(&clock_irq_work);
	return NOTIFY_OK;
}

static struct notifier_block clock_notifier = { .notifier_call = clock_updated };

/* Late enough that the timebase is the clock source, and nobody sets the clock by an RTC. */
static int __init start_together(void)
{
	wallclock_seen = READ_ONCE(HYPERVISOR_shared_info->wc.version);
	hand_over_next = jiffies + msecs_to_jiffies(HAND_OVER_MS);
	step_clock(clock_behind());
	return pvclock_gtod_register_notifier(&clock_notifier);
}
machine_late_initcall(xen, start_together);

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
