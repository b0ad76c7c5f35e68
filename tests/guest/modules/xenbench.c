// SPDX-License-Identifier: GPL-2.0
/*
 * Measured sections of the Xen platform. Each is enclosed by marks for the instruction counter
 * (tests/bench/count.c) and run "samples" times at load time:
 *
 *  1. an empty section, for the cost of the marks;
 *  2. the null hypercall, HYPERVISOR_xen_version(XENVER_version);
 *  3. EVTCHNOP_send from this vcpu to itself, until Linux runs the event handler;
 *  4. a wake-up from idle: from the hypercall that sets a timer until VIRQ_TIMER has woken the
 *     task, with mark 22 in the handler.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/smp.h>

#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/version.h>
#include <xen/xen-ops.h>
#include <xen/xen.h>

#include <asm/xen/hypercall.h>

#define WAKE_AFTER_NS (100 * NSEC_PER_MSEC)

/* A no-op that the instruction counter recognises. */
static __always_inline void mark(const int n)
{
	asm volatile("ori %0,%0,0" : : "i" (n) : "memory");
}

static int samples = 11;
module_param(samples, int, 0444);

static bool handled;
static DECLARE_COMPLETION(woken);

static irqreturn_t sent_handler(int irq, void *data)
{
	mark(21);
	WRITE_ONCE(handled, true);
	return IRQ_HANDLED;
}

static irqreturn_t timer_handler(int irq, void *data)
{
	mark(22);
	complete(&woken);
	return IRQ_HANDLED;
}

static int bench_send(void)
{
	struct evtchn_bind_ipi bind = { .vcpu = xen_vcpu_nr(raw_smp_processor_id()) };
	int irq, i, err;

	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_ipi, &bind);
	if (err)
		return err;
	irq = bind_evtchn_to_irqhandler(bind.port, sent_handler, 0, "xenbench", NULL);
	if (irq < 0)
		return irq;
	for (i = 0; i < samples; i++) {
		handled = false;
		mark(20);
		notify_remote_via_evtchn(bind.port);
		while (!READ_ONCE(handled))
			cpu_relax();
	}
	unbind_from_irqhandler(irq, NULL);
	return 0;
}

/*
 * Finds out the hypervisor's system time in ns: the earliest timeout that it accepts as a future
 * one, to 1 ms.
 */
static u64 system_time(unsigned int vcpu)
{
	struct vcpu_runstate_info state;
	struct vcpu_set_singleshot_timer timer = { .flags = VCPU_SSHOTTMR_future };

	if (HYPERVISOR_vcpu_op(VCPUOP_get_runstate_info, vcpu, &state))
		return 0;
	timer.timeout_abs_ns = state.state_entry_time;
	while (HYPERVISOR_vcpu_op(VCPUOP_set_singleshot_timer, vcpu, &timer) == -ETIME)
		timer.timeout_abs_ns += NSEC_PER_MSEC;
	return timer.timeout_abs_ns;
}

static int bench_wake(void)
{
	unsigned int cpu = raw_smp_processor_id();
	struct vcpu_set_singleshot_timer timer = {};
	int irq, i, err = 0;

	irq = bind_virq_to_irqhandler(VIRQ_TIMER, cpu, timer_handler, IRQF_PERCPU, "xenbench", NULL);
	if (irq < 0)
		return irq;
	for (i = 0; i < samples && !err; i++) {
		timer.timeout_abs_ns = system_time(xen_vcpu_nr(cpu)) + WAKE_AFTER_NS;
		/* Let the timer that system_time() has set expire. */
		msleep(20);
		reinit_completion(&woken);
		mark(20);
		err = HYPERVISOR_vcpu_op(VCPUOP_set_singleshot_timer, xen_vcpu_nr(cpu), &timer);
		if (!err && !wait_for_completion_timeout(&woken, HZ))
			err = -ETIMEDOUT;
		mark(21);
	}
	unbind_from_irqhandler(irq, NULL);
	return err;
}

static int __init xenbench_init(void)
{
	int i, err;

	if (!xen_domain())
		return -ENODEV;
	for (i = 0; i < samples; i++) {
		mark(20);
		mark(21);
	}
	for (i = 0; i < samples; i++) {
		mark(20);
		HYPERVISOR_xen_version(XENVER_version, NULL);
		mark(21);
	}
	err = bench_send();
	if (err) {
		pr_err("xenbench: event to this vcpu: %d\n", err);
		return err;
	}
	err = bench_wake();
	if (err) {
		pr_err("xenbench: wake-up from idle: %d\n", err);
		return err;
	}
	return 0;
}
module_init(xenbench_init);

static void __exit xenbench_exit(void)
{
}
module_exit(xenbench_exit);

MODULE_DESCRIPTION("Measured sections of the Xen platform for the instruction counter");
MODULE_LICENSE("GPL");
