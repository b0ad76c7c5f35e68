// SPDX-License-Identifier: GPL-2.0
/*
 * Measured sections between two vcpus that share one pCPU, enclosed by marks for the instruction
 * counter (tests/bench/count.c). The sender blocks after sending, so that only the event and the
 * world switch are between the marks.
 *
 * The parameter role= selects what the module does:
 *
 * listen: loaded first, in one domain. Binds an event channel for domain "peer", whose handler
 *	ends a sample. After "samples" events the domain computes until as many have arrived again,
 *	and for two seconds more.
 *
 * send: in the domain that the listener calls "peer". Takes "samples" samples of each of these,
 *	each after a short idle period:
 *	 1. an empty section, for the cost of the marks;
 *	 2. an event to the listening domain while that is idle, until its handler runs;
 *	 3. the same while the listening domain computes, so that its vcpu is runnable when the
 *	    sender blocks;
 *	 4. SCHEDOP_block while the other domain computes, until the next tick: two world switches.
 *
 * flood: instead of "send". Sends events to the listening domain without end.
 *
 * vcpus: in one domain with two vcpus. Takes "samples" samples of each of these:
 *	 1. an empty section;
 *	 2. an event from vcpu 0 to vcpu 1, which is idle, until its handler runs;
 *	 3. a function call on vcpu 1 by an IPI, until the function runs.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/sched.h>
#include <xen/xen-ops.h>
#include <xen/xen.h>

#include <asm/time.h>
#include <asm/xen/hypercall.h>

#define PORTS_TO_TRY 4096
#define SETTLE_MS 20

/* A no-op that the instruction counter recognises. */
static __always_inline void mark(const int n)
{
	asm volatile("ori %0,%0,0" : : "i" (n) : "memory");
}

static int samples = 11;
module_param(samples, int, 0444);
static int peer;
module_param(peer, int, 0444);
static char *role = "vcpus";
module_param(role, charp, 0444);

static unsigned int handled;
module_param(handled, uint, 0444);
static int irq = -1;

static void keep_busy(struct work_struct *work)
{
	u64 end;

	while (READ_ONCE(handled) < 2 * samples)
		cpu_relax();
	end = get_tb() + 2 * tb_ticks_per_sec;
	while (get_tb() < end)
		cpu_relax();
}

static DECLARE_WORK(busy, keep_busy);

static irqreturn_t handler(int which, void *data)
{
	mark(21);
	WRITE_ONCE(handled, handled + 1);
	if (!strcmp(role, "listen") && handled == samples)
		schedule_work(&busy);
	return IRQ_HANDLED;
}

static void no_samples(void)
{
	int i;

	for (i = 0; i < samples; i++) {
		mark(20);
		mark(21);
	}
}

/* One sample: begins here, and ends in the handler on the other vcpu. */
static void send_and_block(evtchn_port_t port)
{
	unsigned long flags;

	msleep(SETTLE_MS);
	local_irq_save(flags);
	mark(20);
	notify_remote_via_evtchn(port);
	HYPERVISOR_sched_op(SCHEDOP_block, NULL);
	local_irq_restore(flags);
}

static int listen(void)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = peer };
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);

	if (err)
		return err;
	irq = bind_evtchn_to_irqhandler(alloc.port, handler, 0, "xenpair", NULL);
	return irq < 0 ? irq : 0;
}

/*
 * Finds the port of the listening domain by trying: only the one that is bound for this domain
 * accepts.
 */
static int find_listener(evtchn_port_t *port)
{
	struct evtchn_bind_interdomain bind = { .remote_dom = peer };
	int err = -ENOENT;

	for (bind.remote_port = 1; bind.remote_port < PORTS_TO_TRY; bind.remote_port++) {
		err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &bind);
		if (!err)
			break;
	}
	*port = bind.local_port;
	return err;
}

static int send(void)
{
	unsigned long flags;
	evtchn_port_t port;
	int i, err;

	err = find_listener(&port);
	if (err)
		return err;
	irq = bind_evtchn_to_irqhandler(port, handler, 0, "xenpair", NULL);
	if (irq < 0)
		return irq;
	no_samples();
	for (i = 0; i < 2 * samples; i++)
		send_and_block(port);
	for (i = 0; i < samples; i++) {
		msleep(SETTLE_MS);
		local_irq_save(flags);
		mark(20);
		HYPERVISOR_sched_op(SCHEDOP_block, NULL);
		mark(21);
		local_irq_restore(flags);
	}
	return 0;
}

static int flood(void)
{
	evtchn_port_t port;
	int err = find_listener(&port);

	while (!err) {
		notify_remote_via_evtchn(port);
		cond_resched();
	}
	return err;
}

/* Binds both ends of an event channel in this domain. The receiving end notifies vcpu 1. */
static int bind_to_self(evtchn_port_t *port)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);

	if (err)
		return err;
	irq = bind_evtchn_to_irqhandler(alloc.port, handler, IRQF_NOBALANCING, "xenpair", NULL);
	if (irq < 0)
		return irq;
	err = irq_set_affinity(irq, cpumask_of(1));
	if (err)
		return err;
	bind.remote_port = alloc.port;
	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &bind);
	*port = bind.local_port;
	return err;
}

static void called(void *data)
{
	mark(21);
	WRITE_ONCE(handled, handled + 1);
}

static void call_and_block(call_single_data_t *csd)
{
	unsigned long flags;

	msleep(SETTLE_MS);
	local_irq_save(flags);
	mark(20);
	smp_call_function_single_async(1, csd);
	HYPERVISOR_sched_op(SCHEDOP_block, NULL);
	local_irq_restore(flags);
}

/* Runs on vcpu 0. */
static int vcpus(void *data)
{
	static call_single_data_t csd = CSD_INIT(called, NULL);
	evtchn_port_t port;
	int i, err;

	err = bind_to_self(&port);
	if (err)
		return err;
	no_samples();
	for (i = 0; i < samples; i++)
		send_and_block(port);
	for (i = 0; i < samples; i++)
		call_and_block(&csd);
	return handled == 2 * samples ? 0 : -EIO;
}

static int __init xenpair_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	if (!strcmp(role, "listen")) {
		err = listen();
	} else if (!strcmp(role, "send")) {
		err = send();
	} else if (!strcmp(role, "flood")) {
		err = flood();
	} else if (!strcmp(role, "vcpus") && num_online_cpus() > 1) {
		err = smp_call_on_cpu(0, vcpus, NULL, false);
	} else {
		pr_err("xenpair: role %s with %u vcpus\n", role, num_online_cpus());
		return -EINVAL;
	}
	if (err) {
		pr_err("xenpair: role %s: %d\n", role, err);
		if (irq >= 0)
			unbind_from_irqhandler(irq, NULL);
	}
	return err;
}
module_init(xenpair_init);

static void __exit xenpair_exit(void)
{
	cancel_work_sync(&busy);
	unbind_from_irqhandler(irq, NULL);
}
module_exit(xenpair_exit);

MODULE_DESCRIPTION("Measured sections between two vcpus for the instruction counter");
MODULE_LICENSE("GPL");
