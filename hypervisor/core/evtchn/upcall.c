// SPDX-License-Identifier: GPL-2.0
/*
 * Making vcpus look for events: those that poll, and one whose vcpu_info has moved.
 * vcpu_mark_events_pending() in evtchn.h does the same for the vcpu that a port notifies.
 */
#include "core/evtchn/evtchn.h"
#include "core/sched/sched.h"

/**
 * evtchn_wake_pollers() - wake vcpus whose SCHEDOP_poll waits for a port
 * @d: the domain
 * @port: a port that became pending, masked or not
 *
 * Called with the lock held under which the port became pending, after a full barrier or under the
 * lock that evtchn_poll() takes: see there.
 */
void evtchn_wake_pollers(struct domain *d, u32 port)
{
	unsigned int nr;
	struct vcpu *v;

	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		v = d->vcpu[i];
		/* Acquire: the list was stored before its length. An outdated list only wakes in vain. */
		nr = __atomic_load_n(&v->nr_poll, __ATOMIC_ACQUIRE);
		for (unsigned int n = 0; n < nr; n++)
			if (READ_ONCE(v->poll_ports[n]) == port) {
				sched_wake(v);
				break;
			}
	}
}

/**
 * evtchn_raise_all() - make a vcpu look at all of its ports
 * @v: a vcpu whose vcpu_info has just moved; evtchn_lock held
 *
 * An event that arrived between the copy and the switch to the new vcpu_info would be lost
 * otherwise. Looking in vain costs the guest nothing but time.
 */
void evtchn_raise_all(struct vcpu *v)
{
	if (!v->domain->ev->fifo)
		__atomic_store_n(&v->info->evtchn_pending_sel, ~0UL, __ATOMIC_SEQ_CST);
	vcpu_mark_events_pending(v);
}
