// SPDX-License-Identifier: GPL-2.0
/*
 * The time of day. Linux reads the timebase and uses the decrementer as on any other machine.
 * The hypervisor provides a wall clock, the time of day at a certain value of the
 * timebase. See Documentation/abi.rst, "Time".
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

/* Timebase ticks per second. The wall clock is first read before ppc_tb_freq is set. */
static u64 tb_freq __ro_after_init;

struct wallclock {
	u64 sec;		/* time of day at system time 0 */
	u32 nsec;
	u64 boot_timebase;	/* timebase at system time 0 */
};

/*
 * Reads the wall clock in shared_info, which the hypervisor writes under a sequence count:
 * the version is odd during the update.
 */
static void wallclock_read(struct wallclock *wc)
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

/* Converts a timebase value to system time, in nanoseconds. */
static u64 wallclock_system_time(const struct wallclock *wc, u64 timebase)
{
	return mul_u64_u64_div_u64(timebase - wc->boot_timebase, NSEC_PER_SEC, tb_freq);
}

static struct timespec64 wallclock_time_of_day(const struct wallclock *wc, u64 timebase)
{
	struct timespec64 wall = { .tv_sec = wc->sec, .tv_nsec = wc->nsec };

	timespec64_add_ns(&wall, wallclock_system_time(wc, timebase));
	return wall;
}

/**
 * xen_ppc_get_rtc_time - read the time of day from the hypervisor's wall clock
 * @tm: filled in, UTC
 *
 * Any context.
 */
void xen_ppc_get_rtc_time(struct rtc_time *tm)
{
	struct wallclock wc;

	wallclock_read(&wc);
	rtc_time64_to_tm(wallclock_time_of_day(&wc, get_tb()).tv_sec, tm);
}

/* Sets the hypervisor's wall clock: the time of day was @time when the timebase was @timebase. */
static int wallclock_set(const struct timespec64 *time, u64 timebase)
{
	struct xen_platform_op op = { .cmd = XENPF_settime64 };
	struct wallclock wc;

	wallclock_read(&wc);
	op.u.settime64.secs = time->tv_sec;
	op.u.settime64.nsecs = time->tv_nsec;
	op.u.settime64.system_time = wallclock_system_time(&wc, timebase);
	return HYPERVISOR_platform_op(&op);
}

/**
 * xen_ppc_set_rtc_time - set the hypervisor's wall clock
 * @tm: the time, UTC
 *
 * Process context.
 *
 * Return: 0; -EPERM in a domU; the error of the hypercall.
 */
int xen_ppc_set_rtc_time(struct rtc_time *tm)
{
	struct timespec64 time = { .tv_sec = rtc_tm_to_time64(tm) };

	return xen_initial_domain() ? wallclock_set(&time, get_tb()) : -EPERM;
}

/*
 * Synchronisation of this kernel's clock with the hypervisor's wall clock, without an RTC and
 * without user space:
 *
 *  - at boot, every domain steps its clock to the wall clock, exact to the nanosecond;
 *  - dom0 sets the wall clock when its own clock is set, and every PUSH_INTERVAL_MS in case
 *    NTP disciplines its clock;
 *  - when the wall clock is set, a domU steps its clock if the difference is more than
 *    FOLLOW_THRESHOLD_NS, which is the limit above which NTP does not slew.
 */
#define PUSH_INTERVAL_MS	(11 * 60 * MSEC_PER_SEC)
#define FOLLOW_THRESHOLD_NS	(NSEC_PER_SEC / 2)

/* The version of the wall clock that a domU last compared its clock with. */
static u32 wallclock_seen;
/* When dom0 sets the wall clock next, in jiffies. */
static unsigned long wallclock_next_push;

/* By how many nanoseconds this kernel's clock is behind the wall clock. */
static s64 wallclock_lag(void)
{
	struct system_time_snapshot now;
	struct timespec64 wall;
	struct wallclock wc;

	ktime_get_snapshot(&now);
	wallclock_read(&wc);
	wall = wallclock_time_of_day(&wc, now.cycles);
	return ktime_to_ns(ktime_sub(timespec64_to_ktime(wall), now.real));
}

/* Steps the clock by @ns. The step is relative, so a delay before it takes effect does no harm. */
static int wallclock_step(s64 ns)
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

/* dom0: set the wall clock to this kernel's clock. */
static void wallclock_push(void)
{
	struct system_time_snapshot now;
	struct timespec64 time;
	int rc;

	wallclock_next_push = jiffies + msecs_to_jiffies(PUSH_INTERVAL_MS);
	ktime_get_snapshot(&now);
	time = ktime_to_timespec64(now.real);
	rc = wallclock_set(&time, now.cycles);
	if (rc)
		pr_err_once("cannot set the hypervisor's wall clock: %d\n", rc);
}

/* domU: step this kernel's clock to the wall clock if they differ by much. */
static void wallclock_follow(void)
{
	s64 lag;

	WRITE_ONCE(wallclock_seen, READ_ONCE(HYPERVISOR_shared_info->wc.version));
	lag = wallclock_lag();
	if (abs(lag) > FOLLOW_THRESHOLD_NS && !wallclock_step(lag))
		pr_info("stepped the clock by %lld ms to follow dom0\n",
			div_s64(lag, NSEC_PER_MSEC));
}

static void wallclock_sync(struct work_struct *work)
{
	if (xen_initial_domain())
		wallclock_push();
	else
		wallclock_follow();
}

static DECLARE_WORK(wallclock_work, wallclock_sync);

static void wallclock_queue_work(struct irq_work *work)
{
	schedule_work(&wallclock_work);
}

static DEFINE_IRQ_WORK(wallclock_irq_work, wallclock_queue_work);

/*
 * Called on every update of the timekeeper, which is at ticks, so not while all cpus are
 * idle. The timekeeper's lock is held, under which a task can neither be woken nor the clock
 * be read; the irq_work runs once it is released.
 */
static int wallclock_timekeeping_update(struct notifier_block *nb, unsigned long was_set,
					void *timekeeper)
{
	bool due;

	if (xen_initial_domain())
		due = was_set || time_after(jiffies, wallclock_next_push);
	else
		due = READ_ONCE(HYPERVISOR_shared_info->wc.version) != READ_ONCE(wallclock_seen);
	if (due)
		irq_work_queue(&wallclock_irq_work);
	return NOTIFY_OK;
}

static struct notifier_block wallclock_notifier = {
	.notifier_call = wallclock_timekeeping_update,
};

/* A late initcall: the timebase is the clock source by now, and no RTC sets the clock later. */
static int __init wallclock_sync_init(void)
{
	wallclock_seen = READ_ONCE(HYPERVISOR_shared_info->wc.version);
	wallclock_next_push = jiffies + msecs_to_jiffies(PUSH_INTERVAL_MS);
	wallclock_step(wallclock_lag());
	return pvclock_gtod_register_notifier(&wallclock_notifier);
}
machine_late_initcall(xen, wallclock_sync_init);

/**
 * xen_ppc_time_init - read the frequency of the timebase from the device tree
 *
 * Boot cpu, from setup_arch(). timekeeping_init() reads the time of day before time_init()
 * has set ppc_tb_freq.
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
