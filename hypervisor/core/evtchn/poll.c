// SPDX-License-Identifier: GPL-2.0
/*
 * SCHEDOP_poll: a vcpu sleeps until one of several ports is pending, masked or not.
 *
 * The race to avoid is an event sent while the vcpu decides to sleep. The poller stores its ports,
 * counts itself in nr_pollers, executes a full barrier, and then checks whether a port is pending. A
 * sender makes a port pending and then reads nr_pollers. In between, it executes a full barrier
 * (2-level ABI), or it does both under the lock of the FIFO queues, which the poller takes once
 * after counting itself. So either the poller sees the port pending, or the sender sees the poller
 * and wakes it. Without that order, the vcpu could sleep while its port is pending.
 */
#include "core/arch_ops.h"
#include "core/evtchn/evtchn.h"
#include "core/evtchn/poll.h"
#include "core/sched/sched.h"
#include "lib/errno.h"
#include "lib/slab.h"

/**
 * evtchn_poll_buffer() - where the caller of SCHEDOP_poll stores its ports
 * @v: calling vcpu
 *
 * The buffer is allocated at the first use and stays until the vcpu is freed. It has no reader while
 * @v runs, since evtchn_poll_end() has set nr_poll to 0.
 *
 * Return: room for EVTCHN_MAX_POLL ports, or NULL if there is no memory.
 */
u32 *evtchn_poll_buffer(struct vcpu *v)
{
	if (!v->poll_ports)
		v->poll_ports = xmalloc(EVTCHN_MAX_POLL * sizeof(u32));
	return v->poll_ports;
}

/* Counts a vcpu as polling, before it checks its ports. */
static void evtchn_poll_begin(struct vcpu *v, unsigned int nr)
{
	struct evtchn_state *ev = v->domain->ev;
	struct evtchn_fifo *f;

	/* Release: evtchn_wake_pollers() finds the ports when it sees their number. */
	__atomic_store_n(&v->nr_poll, nr, __ATOMIC_RELEASE);
	if (!nr)
		return;
	__atomic_add_fetch(&ev->nr_pollers, 1, __ATOMIC_SEQ_CST);
	smp_mb();	/* store nr_pollers before the caller reads its ports */
	f = READ_ONCE(ev->fifo);
	if (f)
		fifo_poll_begin(f);
}

/**
 * evtchn_poll_end() - a vcpu no longer polls
 * @v: the vcpu: the caller, or the one that this pCPU is about to enter
 *
 * Any lock may be held.
 */
void evtchn_poll_end(struct vcpu *v)
{
	if (!v->nr_poll)
		return;
	WRITE_ONCE(v->nr_poll, 0);
	__atomic_sub_fetch(&v->domain->ev->nr_pollers, 1, __ATOMIC_RELAXED);
}

/* Is one of the ports that @v polls pending? */
static bool evtchn_poll_hit(const struct vcpu *v)
{
	for (unsigned int i = 0; i < v->nr_poll; i++)
		if (evtchn_is_pending(v->domain, v->poll_ports[i]))
			return true;
	return false;
}

/**
 * evtchn_poll() - SCHEDOP_poll
 * @v: calling vcpu; evtchn_poll_buffer() holds the ports
 * @nr: number of ports, at most EVTCHN_MAX_POLL
 * @timeout_ns: system time at which to give up, 0: never
 *
 * Blocks the vcpu until one of the ports is pending, the timeout has passed or an event
 * arrives for the vcpu. exit_work() ends the poll when the vcpu runs again.
 *
 * Return: 0, or -EINVAL for a port that is out of range, and for no ports without a timeout,
 * which would never end.
 */
int evtchn_poll(struct vcpu *v, unsigned int nr, u64 timeout_ns)
{
	u64 deadline = timeout_ns ? ns_to_tb(timeout_ns) : TIMER_NEVER;
	bool had_event;

	for (unsigned int i = 0; i < nr; i++)
		if (v->poll_ports[i] == 0 || v->poll_ports[i] >= READ_ONCE(v->domain->ev->limit))
			return -EINVAL;
	if (!nr && !timeout_ns)
		return -EINVAL;
	evtchn_poll_begin(v, nr);
	had_event = vcpu_event_pending(v);
	if (evtchn_poll_hit(v) || deadline <= arch_tb()) {
		evtchn_poll_end(v);
		return 0;
	}
	sched_block_until(v, deadline);
	/* Check again: a sender that came before the vcpu was blocked did not wake it. */
	if (evtchn_poll_hit(v) || (!had_event && vcpu_event_pending(v)))
		sched_wake(v);
	return 0;
}
