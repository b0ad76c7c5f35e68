// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the vcpu_op hypercall with invalid and valid arguments. The module starts the last vcpu
 * of the domain itself and runs code of its own on it, so the kernel must not use that vcpu (boot
 * with maxcpus=1).
 *
 * Prints "badvcpu: ok - ..." or "badvcpu: not ok - ..." lines to the kernel log.
 */
#include <linux/cacheflush.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>

#include <asm/reg.h>
#include <asm/xen/hypercall.h>

#include <xen/interface/vcpu.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <xen/xen-ops.h>

#define CODE_AT 256
#define PATIENCE_MS 10000
#define PAUSE_MS 20

/*
 * Written by the code that runs on the spare vcpu: the MSR it started with, and how often it has
 * run.
 */
struct report {
	u64 msr;
	u64 rounds;
};

/*
 * The code of the spare vcpu. r14 is the address of struct report and r15 is the number of the
 * vcpu. It stores its MSR, counts the round and takes its vcpu down; when the vcpu is brought up
 * again, it does the same once more.
 */
static const u32 code[] = {
	0x7c8000a6,	/* mfmsr r4 */
	0xf88e0000,	/* std   r4,0(r14) */
	0xe88e0008,	/* ld    r4,8(r14) */
	0x38840001,	/* addi  r4,r4,1 */
	0xf88e0008,	/* std   r4,8(r14) */
	0x3c60ffff,	/* lis   r3,-1 */
	0x60630018,	/* ori   r3,r3,24	vcpu_op */
	0x38800002,	/* li    r4,2		VCPUOP_down */
	0x7de57b78,	/* mr    r5,r15 */
	0x44000022,	/* sc    1 */
	0x4bffffd8,	/* b     to the mfmsr */
};

static unsigned int failures, spare, own;
static void *page;

static void verdict(bool good, const char *what)
{
	pr_info("badvcpu: %sok - %s\n", good ? "" : "not ", what);
	failures += !good;
}

static void check(const char *what, long expected, long found)
{
	if (found != expected)
		pr_info("badvcpu: %s: %ld instead of %ld\n", what, found, expected);
	verdict(found == expected, what);
}

static long bring_up(unsigned int vcpu)
{
	return HYPERVISOR_vcpu_op(VCPUOP_up, vcpu, NULL);
}

static long is_up(unsigned int vcpu)
{
	return HYPERVISOR_vcpu_op(VCPUOP_is_up, vcpu, NULL);
}

static void try_numbers(void)
{
	static const u32 far[] = { 64, 255, 4096, 0x7fffffff, 0x80000000, 0xffffffff };
	struct vcpu_runstate_info info;
	unsigned int op, i, bad = 0;

	for (op = VCPUOP_initialise; op <= VCPUOP_register_vcpu_info; op++) {
		bad += HYPERVISOR_vcpu_op(op, spare + 1, &info) != -ENOENT;
		for (i = 0; i < ARRAY_SIZE(far); i++)
			bad += HYPERVISOR_vcpu_op(op, far[i], &info) != -ENOENT;
	}
	verdict(!bad, "vcpu numbers that the domain does not have give -ENOENT with all ops");
	check("send_nmi is not served", -ENOSYS, HYPERVISOR_vcpu_op(VCPUOP_send_nmi, own, NULL));
	for (op = 15, bad = 0; op < 64; op++)
		bad += HYPERVISOR_vcpu_op(op, own, &info) != -ENOSYS;
	verdict(!bad, "ops that do not exist give -ENOSYS");
}

static bool comes_down(void)
{
	int left = PATIENCE_MS;

	for (; is_up(spare) && left > 0; left -= PAUSE_MS)
		msleep(PAUSE_MS);
	return left > 0;
}

static void try_start(void)
{
	struct vcpu_guest_context context = {
		.pc = __pa(page) + CODE_AT,
		.gprs[14] = __pa(page),
		.gprs[15] = spare,
	};
	struct report *report = page;
	u64 order = IS_ENABLED(CONFIG_CPU_LITTLE_ENDIAN) ? MSR_LE : 0;

	memcpy(page + CODE_AT, code, sizeof(code));
	flush_icache_range((unsigned long)page + CODE_AT, (unsigned long)page + CODE_AT + sizeof(code));
	check("a vcpu that has never been initialised is down", 0, is_up(spare));
	check("a vcpu that has never been initialised cannot be brought up", -EINVAL,
	      bring_up(spare));
	check("after the failed VCPUOP_up it is still down", 0, is_up(spare));
	context.msr = order;
	check("a context in 32-bit mode is refused", -EINVAL,
	      HYPERVISOR_vcpu_op(VCPUOP_initialise, spare, &context));
	check("a vcpu that runs cannot be initialised", -EEXIST,
	      HYPERVISOR_vcpu_op(VCPUOP_initialise, own, &context));

	/*
	 * Xen may refuse bits that a guest cannot set, or ignore them. If it refuses, the vcpu must
	 * stay uninitialised.
	 */
	context.msr = MSR_SF | MSR_HV | MSR_PR | MSR_EE | MSR_IR | MSR_DR | MSR_RI | MSR_ME | order;
	if (HYPERVISOR_vcpu_op(VCPUOP_initialise, spare, &context)) {
		context.msr = MSR_SF | order;
		check("a valid context is accepted", 0, HYPERVISOR_vcpu_op(VCPUOP_initialise, spare, &context));
	}
	check("initialising it a second time fails", -EEXIST,
	      HYPERVISOR_vcpu_op(VCPUOP_initialise, spare, &context));
	check("an initialised vcpu is not up yet", 0, is_up(spare));
	check("it can be brought up", 0, bring_up(spare));
	verdict(comes_down(), "the vcpu has run and taken itself down");
	check("it has run once", 1, READ_ONCE(report->rounds));
	verdict(!(report->msr & (MSR_HV | MSR_PR | MSR_EE | MSR_IR | MSR_DR)) && (report->msr & MSR_SF) &&
		(report->msr & MSR_LE) == order,
		"whatever MSR the context has, a vcpu starts without HV, PR, EE, IR and DR");
	check("it can be brought up again", 0, bring_up(spare));
	verdict(comes_down(), "it has continued after VCPUOP_down and taken itself down again");
	check("it has run twice", 2, READ_ONCE(report->rounds));
}

static long register_info(unsigned int vcpu, u64 frame, u32 offset)
{
	struct vcpu_register_vcpu_info info = { .mfn = frame, .offset = offset };

	return HYPERVISOR_vcpu_op(VCPUOP_register_vcpu_info, vcpu, &info);
}

static void try_info(void)
{
	u64 frame = __pa(page) >> XEN_PAGE_SHIFT, end = __pa(high_memory) >> XEN_PAGE_SHIFT;

	check("vcpu_info that crosses a page is refused", -EINVAL,
	      register_info(spare, frame, XEN_PAGE_SIZE - sizeof(struct vcpu_info) + 8));
	check("vcpu_info at an offset beyond the page is refused", -EINVAL,
	      register_info(spare, frame, XEN_PAGE_SIZE));
	check("vcpu_info at the maximum offset is refused", -EINVAL,
	      register_info(spare, frame, ~0U & ~7U));
	check("vcpu_info at a misaligned address is refused", -EINVAL,
	      register_info(spare, frame, 4));
	verdict(register_info(spare, end + 0x100000, 0) < 0 && register_info(spare, ~0ULL, 0) < 0,
		"vcpu_info outside of the domain's memory is refused");
	check("vcpu_info in a page of the domain is accepted", 0,
	      register_info(spare, frame, XEN_PAGE_SIZE - sizeof(struct vcpu_info)));
	check("vcpu_info can be moved, as a kernel does that kexec started", 0,
	      register_info(spare, frame, 512));
}

/* The hypercall wrapper translates the address @at to a guest physical address. */
static long register_runstate(void *at)
{
	struct vcpu_register_runstate_memory_area area = { .addr.p = (unsigned long)at };

	return HYPERVISOR_vcpu_op(VCPUOP_register_runstate_memory_area, spare, &area);
}

static void try_runstate(void)
{
	struct vcpu_runstate_info info;

	check("a runstate area at a misaligned address is refused", -EINVAL,
	      register_runstate(page + 1028));
	verdict(register_runstate(high_memory + SZ_1G) < 0,
		"a runstate area outside of the domain's memory is refused");
	check("a runstate area is accepted", 0, register_runstate(page + 1024));
	check("a runstate area can be unregistered", 0, register_runstate(NULL));
	check("the runstate of a vcpu that is down can be read", 0,
	      HYPERVISOR_vcpu_op(VCPUOP_get_runstate_info, spare, &info));
	verdict(info.state == RUNSTATE_offline && info.time[RUNSTATE_running] && info.time[RUNSTATE_offline],
		"it has time in both states and is offline");
}

static long set_timer(unsigned int vcpu, u64 at, u32 flags)
{
	struct vcpu_set_singleshot_timer timer = { .timeout_abs_ns = at, .flags = flags };

	return HYPERVISOR_vcpu_op(VCPUOP_set_singleshot_timer, vcpu, &timer);
}

static void try_timers(void)
{
	struct vcpu_set_periodic_timer period = { .period_ns = 1 };

	check("the single-shot timer of another vcpu cannot be set", -EINVAL,
	      set_timer(spare, ~0ULL, 0));
	check("a timer in the past with VCPU_SSHOTTMR_future is refused", -ETIME,
	      set_timer(own, 1, VCPU_SSHOTTMR_future));
	check("a timer in the past is accepted", 0, set_timer(own, 1, 0));
	check("a timer at the maximum time is accepted", 0, set_timer(own, ~0ULL, 0));
	check("a timer at half of the maximum time is accepted", 0,
	      set_timer(own, S64_MAX, VCPU_SSHOTTMR_future));
	check("the single-shot timer can be stopped", 0,
	      HYPERVISOR_vcpu_op(VCPUOP_stop_singleshot_timer, own, NULL));
	check("a period of one nanosecond is refused", -EINVAL,
	      HYPERVISOR_vcpu_op(VCPUOP_set_periodic_timer, own, &period));
	period.period_ns = ~0ULL;
	verdict(HYPERVISOR_vcpu_op(VCPUOP_set_periodic_timer, own, &period) <= 0,
		"the maximum period is refused or accepted");
	check("the periodic timer can be stopped", 0,
	      HYPERVISOR_vcpu_op(VCPUOP_stop_periodic_timer, own, NULL));
}

/* Runs on vcpu 0, the only one that the kernel uses. */
static int __init badvcpu_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	spare = num_possible_cpus() - 1;
	own = xen_vcpu_nr(0);
	if (spare == 0 || cpu_online(spare)) {
		pr_err("badvcpu: not ok - the kernel uses all vcpus (boot with maxcpus=1)\n");
		return -EINVAL;
	}
	page = (void *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	try_numbers();
	try_start();
	try_info();
	try_runstate();
	try_timers();
	verdict(HYPERVISOR_vcpu_op(VCPUOP_is_up, own, NULL) == 1, "the domain still runs");
	pr_info("badvcpu: done, %u failed\n", failures);
	return 0;
}
module_init(badvcpu_init);

/* The page is not freed, because the vcpu_info of the spare vcpu is in it. */
static void __exit badvcpu_exit(void)
{
}
module_exit(badvcpu_exit);

MODULE_DESCRIPTION("Tests of the vcpu_op hypercall with invalid arguments");
MODULE_LICENSE("GPL");
