// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels: sending, masking, and delivery by the 2-level ABI.
 *
 * A pending port is shown to the guest by one of two ABIs: the 2-level bitmaps,
 * which are implemented here, or the queues of fifo.c. With both, the sender
 * stores three things in this order:
 *
 *	port pending -> selector bit or ready bit -> evtchn_upcall_pending
 *
 * The guest goes the other way: it clears evtchn_upcall_pending, takes the
 * selector or ready word with an atomic exchange, and then reads the ports. If
 * it was too early to see one of the stores, it therefore finds
 * evtchn_upcall_pending set again. The last step needs no barrier: the sender
 * stores evtchn_upcall_pending after its atomic operation on the selector or
 * ready word has succeeded, so an atomic exchange of that word by a guest which
 * has seen the store comes later and returns the bit.
 *
 * Locking: the evtchn_lock of a domain protects its ports. Connecting two ports
 * and closing them takes the locks of both domains, so either lock alone is
 * enough to keep the remote end in place. Sending takes only the lock of the
 * sender. The state of the receiver can then change at any time, and a sender
 * reads each part of it once: which vcpu is notified, where its vcpu_info is,
 * and which ABI is in use.
 */
#include "core/arch_ops.h"
#include "core/evtchn/evtchn.h"
#include "lib/bitops.h"
#include "lib/errno.h"

/*
 * Notifies @v of a pending port that is not masked. If the selector bit is set
 * already, the guest has yet to take the selector, and whoever set the bit sets
 * evtchn_upcall_pending.
 */
static void evtchn_notify_2l(struct vcpu *v, u32 port)
{
	if (!test_and_set_bit(port / 64, &READ_ONCE(v->info)->evtchn_pending_sel))
		vcpu_mark_events_pending(v);
}

static noinline void evtchn_set_pending_2l(struct domain *d, struct evtchn *chn, u32 port)
{
	struct shared_info *s = d->shared_info;
	struct evtchn_fifo *f;

	if (test_and_set_bit(port, s->evtchn_pending))
		return;
	/*
	 * Four races, all of one kind. This stores the pending bit and then reads
	 * ev->fifo, the mask bit, chn->vcpu and nr_pollers. The other side stores
	 * one of these and then reads the pending bit: fifo_init_control(), a
	 * guest or evtchn_unmask() that clears the mask bit, evtchn_move() and
	 * evtchn_poll(). With a full barrier on both sides, at least one sees the
	 * store of the other and delivers the event. Without it, both could miss
	 * it, and the event would stay undelivered.
	 */
	smp_mb();
	f = READ_ONCE(d->ev->fifo);
	if (unlikely(f)) {
		if (test_and_clear_bit(port, s->evtchn_pending))
			(void)fifo_set_pending(d, f, chn, port);
		return;
	}
	if (!test_bit(port, s->evtchn_mask))
		evtchn_notify_2l(d->vcpu[READ_ONCE(chn->vcpu)], port);
	if (unlikely(READ_ONCE(d->ev->nr_pollers)))
		evtchn_wake_pollers(d, port);
}

static inline __force_inline void __evtchn_set_pending(struct domain *d, struct evtchn *chn,
							u32 port)
{
	struct evtchn_fifo *f = READ_ONCE(d->ev->fifo);

	if (unlikely(!f || !fifo_set_pending(d, f, chn, port)))
		evtchn_set_pending_2l(d, chn, port);
}

/**
 * evtchn_set_pending() - make a port pending, and notify its vcpu
 * @d: owner of the port
 * @chn: the port; evtchn_lock of its owner or of the remote domain held
 * @port: its number
 */
void evtchn_set_pending(struct domain *d, struct evtchn *chn, u32 port)
{
	__evtchn_set_pending(d, chn, port);
}

/*
 * Sends on a port that is neither interdomain nor an IPI: to the hypervisor, to
 * an unbound port (no effect) or to a bad port. Releases evtchn_lock, since
 * consumers are called without it.
 */
static noinline s64 evtchn_send_other(struct domain *d, const struct evtchn *chn, u32 port)
{
	const struct evtchn_consumer *consumer = NULL;
	s64 rc = 0;

	if (!chn)
		rc = -EINVAL;
	else if (chn->kind == EVTCHN_CONSUMER)
		consumer = chn->consumer;
	else if (chn->kind != EVTCHN_UNBOUND)
		rc = -EINVAL;
	spin_unlock(&d->evtchn_lock);
	if (consumer)
		consumer->event(d, port);
	return rc;
}

/**
 * evtchn_send() - EVTCHNOP_send
 * @v: calling vcpu
 * @port: local port; sending on an unbound one is allowed and has no effect
 *
 * Takes evtchn_lock of the caller's domain.
 *
 * Return: 0, or -EINVAL for a port that cannot be sent on.
 */
s64 evtchn_send(struct vcpu *v, u64 port)
{
	struct domain *d = v->domain, *rd = d;
	struct evtchn *chn;

	spin_lock(&d->evtchn_lock);
	chn = evtchn_get(d->ev, port);
	if (likely(chn && chn->kind == EVTCHN_INTERDOMAIN)) {
		rd = chn->remote;
		port = chn->peer;
		chn = evtchn_get(rd->ev, port);
	} else if (!chn || chn->kind != EVTCHN_IPI) {
		return evtchn_send_other(d, chn, port);
	}
	__evtchn_set_pending(rd, chn, port);
	spin_unlock(&d->evtchn_lock);
	return 0;
}

/**
 * evtchn_notify() - send an event from the hypervisor to a guest
 * @d: the domain
 * @port: a port bound with evtchn_bind_consumer(); nothing happens while dom0
 *        has taken the hypervisor's place there
 *
 * Takes evtchn_lock.
 */
void evtchn_notify(struct domain *d, u32 port)
{
	struct evtchn *chn;

	spin_lock(&d->evtchn_lock);
	chn = d->ev ? evtchn_get(d->ev, port) : NULL;
	if (chn && chn->kind == EVTCHN_CONSUMER)
		__evtchn_set_pending(d, chn, port);
	spin_unlock(&d->evtchn_lock);
}

static void evtchn_send_virq(struct vcpu *holder, unsigned int virq)
{
	struct domain *d = holder->domain;
	u32 port;

	spin_lock(&d->evtchn_lock);
	port = holder->virq_port[virq];
	if (port && d->ev)
		__evtchn_set_pending(d, evtchn_get(d->ev, port), port);
	spin_unlock(&d->evtchn_lock);
}

/**
 * send_guest_virq() - raise a virtual interrupt of one vcpu
 * @v: the vcpu
 * @virq: VIRQ_TIMER or VIRQ_DEBUG, which each vcpu binds for itself
 *
 * Takes evtchn_lock. Nothing happens if the guest has not bound the virq.
 */
void send_guest_virq(struct vcpu *v, unsigned int virq)
{
	evtchn_send_virq(v, virq);
}

/**
 * send_global_virq() - raise a virtual interrupt of a domain
 * @d: the domain
 * @virq: VIRQ_CONSOLE or another that exists once for each domain; the guest
 *        chooses the vcpu that its port notifies
 *
 * Takes evtchn_lock. Nothing happens if the guest has not bound the virq.
 */
void send_global_virq(struct domain *d, unsigned int virq)
{
	if (d->vcpu[0])
		evtchn_send_virq(d->vcpu[0], virq);
}

/**
 * evtchn_unmask() - EVTCHNOP_unmask: unmask a port, and deliver it if pending
 * @d: the domain, evtchn_lock held
 * @port: the port
 *
 * A masked port becomes pending without a notification, so unmasking has to
 * check for an event and notify the vcpu.
 *
 * Return: 0, or -EINVAL for a port that does not exist.
 */
int evtchn_unmask(struct domain *d, u64 port)
{
	struct evtchn *chn = evtchn_get(d->ev, port);
	struct shared_info *s = d->shared_info;

	if (!chn || chn->kind == EVTCHN_FREE)
		return -EINVAL;
	if (d->ev->fifo) {
		fifo_unmask(d, chn, port);
		return 0;
	}
	if (!test_and_clear_bit(port, s->evtchn_mask))
		return 0;
	smp_mb();	/* clear the mask before reading pending: see evtchn_set_pending_2l() */
	if (test_bit(port, s->evtchn_pending))
		evtchn_notify_2l(d->vcpu[chn->vcpu], port);
	return 0;
}

/**
 * evtchn_move() - change the vcpu that a port notifies
 * @d: the domain, evtchn_lock held
 * @chn: the port
 * @port: its number
 * @vcpu: index of the new vcpu
 *
 * With the 2-level ABI, the new vcpu is notified of an event that is pending
 * already, also if a sender that runs at the same time notifies the old vcpu.
 * With FIFO, a port that is in a queue of the old vcpu stays there until it is
 * consumed. Events sent after the return go to the new vcpu.
 */
void evtchn_move(struct domain *d, struct evtchn *chn, u32 port, u16 vcpu)
{
	const struct shared_info *s = d->shared_info;

	if (d->ev->fifo) {
		fifo_move(d->ev->fifo, chn, vcpu);
		return;
	}
	WRITE_ONCE(chn->vcpu, vcpu);
	smp_mb();	/* store vcpu before reading pending: see evtchn_set_pending_2l() */
	if (test_bit(port, s->evtchn_pending) && !test_bit(port, s->evtchn_mask))
		evtchn_notify_2l(d->vcpu[vcpu], port);
}

/**
 * evtchn_is_pending() - is a port pending?
 * @d: the domain
 * @port: the port
 *
 * Takes no lock. Another vcpu may be switching the domain between the 2-level
 * ABI and FIFO.
 *
 * Return: true if it is pending; false for a port that does not exist.
 */
bool evtchn_is_pending(const struct domain *d, u64 port)
{
	const struct evtchn_fifo *f;

	if (port >= READ_ONCE(d->ev->nr_ports))
		return false;
	f = READ_ONCE(d->ev->fifo);
	if (f)
		return fifo_test(f, port, EVTCHN_FIFO_PENDING);
	return port < EVTCHN_2L_NR_CHANNELS && test_bit(port, d->shared_info->evtchn_pending);
}

/**
 * evtchn_is_masked() - is a port masked?
 * @d: the domain
 * @port: the port
 *
 * Takes no lock, like evtchn_is_pending().
 *
 * Return: true if it is masked, or does not exist.
 */
bool evtchn_is_masked(const struct domain *d, u64 port)
{
	const struct evtchn_fifo *f;

	if (port >= READ_ONCE(d->ev->nr_ports))
		return true;
	f = READ_ONCE(d->ev->fifo);
	if (f)
		return fifo_test(f, port, EVTCHN_FIFO_MASKED);
	return port >= EVTCHN_2L_NR_CHANNELS || test_bit(port, d->shared_info->evtchn_mask);
}
