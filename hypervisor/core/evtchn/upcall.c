// SPDX-License-Identifier: GPL-2.0
/*
 * Making vcpus check their ports: those that poll, and one whose vcpu_info has moved. For the vcpu
 * that a port notifies, vcpu_mark_events_pending() in evtchn.h does that.
 */
#include "core/evtchn/evtchn.h"
#include "core/sched/sched.h"

/**
 * evtchn_wake_pollers() - wake the vcpus that wait for a port in SCHEDOP_poll
 * @d: the domain
 * @port: a port that has become pending, masked or not
 *
 * The caller has read nr_pollers after it made the port pending: see poll.c. Any lock that comes
 * before pcpu.lock may be held.
 */
void evtchn_wake_pollers(struct domain *d, u32 port)
{
	unsigned int nr;
	struct vcpu *v;

	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		v = d->vcpu[i];
		/*
		 * Pairs with the release in evtchn_poll_begin(): first poll_ports, then nr_poll. A
		 * list of an earlier call only causes a spurious wakeup.
		 */
		nr = __atomic_load_n(&v->nr_poll, __ATOMIC_ACQUIRE);
		for (unsigned int n = 0; n < nr; n++)
			if (READ_ONCE(v->poll_ports[n]) == port) {
				sched_wake(v);
				break;
			}
	}
}

/**
 * evtchn_raise_all() - make a vcpu check all of its ports
 * @v: a vcpu whose vcpu_info has just moved: the caller, or one that is down; evtchn_lock held
 *
 * A sender may have stored to the old vcpu_info after its contents were copied to the new one. With
 * every selector bit set, the guest finds that event. A check that finds nothing only costs the
 * guest time.
 */
void evtchn_raise_all(struct vcpu *v)
{
	if (!v->domain->ev->fifo)
		__atomic_store_n(&v->info->evtchn_pending_sel, ~0UL, __ATOMIC_SEQ_CST);
	vcpu_mark_events_pending(v);
}
