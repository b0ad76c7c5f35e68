// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels: sending, and what of a port is shown to its guest.
 *
 * A port that becomes pending is shown to its guest in one of two ways, the
 * 2-level bitmaps here or the queues of fifo.c. In both, three things
 * are written for a guest that reads them in the opposite order, each write
 * visible before the next:
 *
 *	port pending -> selector bit / queue -> evtchn_upcall_pending
 *
 * The guest clears upcall_pending, then takes the selector, then looks at the
 * ports; so whatever it overlooks, it finds upcall_pending set again.
 *
 * Locking: a domain's ports are under its evtchn_lock. Changing both ends of
 * a channel takes both locks, so holding one of them pins the other end:
 * sending needs the sender's alone. So what sending reads of the receiver may
 * change under it, and is read once: which vcpu is notified and where its
 * vcpu_info is, and which of the two ways is in use.
 */
#include "core/arch_ops.h"
#include "core/evtchn/evtchn.h"
#include "lib/bitops.h"
#include "lib/errno.h"

/* Selector, then the byte: the bit is there, not masked and seen. */
static void raise_2l(struct vcpu *v, u32 port)
{
	if (!test_and_set_bit(port / 64, &READ_ONCE(v->info)->evtchn_pending_sel))
		vcpu_mark_events_pending(v);
}

static noinline void set_pending_2l(struct domain *d, struct evtchn *chn, u32 port)
{
	struct shared_info *s = d->shared_info;

	if (test_and_set_bit(port, s->evtchn_pending))
		return;
	/*
	 * Against a guest that unmasks and then sees the port not pending: it has
	 * unmasked before this line, and the test below sees that. Against a
	 * vcpu that polls, and a guest that goes over to FIFO: both look at the
	 * bit behind a barrier of theirs, or are seen here.
	 */
	smp_mb();
	if (unlikely(READ_ONCE(d->ev->fifo))) {
		if (test_and_clear_bit(port, s->evtchn_pending))
			(void)fifo_set_pending(d, chn, port);
		return;
	}
	if (!test_bit(port, s->evtchn_mask))
		raise_2l(d->vcpu[READ_ONCE(chn->vcpu)], port);
	if (unlikely(READ_ONCE(d->ev->nr_pollers)))
		evtchn_wake_pollers(d, port);
}

static inline __force_inline void set_pending(struct domain *d, struct evtchn *chn, u32 port)
{
	if (unlikely(!READ_ONCE(d->ev->fifo) || !fifo_set_pending(d, chn, port)))
		set_pending_2l(d, chn, port);
}

/**
 * evtchn_set_pending() - a port gets an event
 * @d: its owner; evtchn_lock held, or that of the other end's owner
 * @chn: the port's description
 * @port: the port
 */
void evtchn_set_pending(struct domain *d, struct evtchn *chn, u32 port)
{
	set_pending(d, chn, port);
}

/* To what is neither another domain nor another vcpu. Releases the lock. */
static noinline s64 send_other(struct domain *d, const struct evtchn *chn, u32 port)
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
 * @port: local port; sending on an unbound one is allowed and does nothing
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
		return send_other(d, chn, port);
	}
	set_pending(rd, chn, port);
	spin_unlock(&d->evtchn_lock);
	return 0;
}

/**
 * evtchn_notify() - the hypervisor sends to a guest
 * @d: the domain
 * @port: a port bound with evtchn_bind_consumer()
 */
void evtchn_notify(struct domain *d, u32 port)
{
	struct evtchn *chn;

	spin_lock(&d->evtchn_lock);
	chn = d->ev ? evtchn_get(d->ev, port) : NULL;
	if (chn && chn->kind == EVTCHN_CONSUMER)
		set_pending(d, chn, port);
	spin_unlock(&d->evtchn_lock);
}

static void send_virq(struct vcpu *holder, unsigned int virq)
{
	struct domain *d = holder->domain;
	u32 port;

	spin_lock(&d->evtchn_lock);
	port = holder->virq_port[virq];
	if (port && d->ev)
		set_pending(d, evtchn_get(d->ev, port), port);
	spin_unlock(&d->evtchn_lock);
}

/**
 * send_guest_virq() - raise a virtual interrupt of one vcpu
 * @v: the vcpu
 * @virq: VIRQ_TIMER, VIRQ_DEBUG: those that every vcpu has for itself
 *
 * Nothing happens if the guest has not bound it.
 */
void send_guest_virq(struct vcpu *v, unsigned int virq)
{
	send_virq(v, virq);
}

/**
 * send_global_virq() - raise a virtual interrupt of a domain
 * @d: the domain
 * @virq: VIRQ_CONSOLE and the like; its port may notify any vcpu
 */
void send_global_virq(struct domain *d, unsigned int virq)
{
	if (d->vcpu[0])
		send_virq(d->vcpu[0], virq);
}

/**
 * evtchn_unmask() - EVTCHNOP_unmask: clear the mask, catch up on the event
 * @d: the domain, evtchn_lock held
 * @port: the port
 *
 * While a port is masked it can become pending without anybody being told.
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
	smp_mb();	/* between the mask and the pending bit, as in set_pending_2l() */
	if (test_bit(port, s->evtchn_pending))
		raise_2l(d->vcpu[chn->vcpu], port);
	return 0;
}

/**
 * evtchn_move() - a port notifies another vcpu from now on
 * @d: the domain, evtchn_lock held
 * @chn: the port's description
 * @port: the port
 * @vcpu: whom
 *
 * When this returns no sender tells the old vcpu any more. With the 2-level ABI
 * an event that the old vcpu was told of, or is by a sender under way, is told
 * to the new one as well. With FIFO the port stays in the old one's queue if
 * it is there.
 */
void evtchn_move(struct domain *d, struct evtchn *chn, u32 port, u16 vcpu)
{
	const struct shared_info *s = d->shared_info;

	if (d->ev->fifo) {
		fifo_move(d->ev->fifo, chn, vcpu);
		return;
	}
	WRITE_ONCE(chn->vcpu, vcpu);
	smp_mb();	/* against set_pending_2l(): it sets the bit, then reads vcpu */
	if (test_bit(port, s->evtchn_pending) && !test_bit(port, s->evtchn_mask))
		raise_2l(d->vcpu[vcpu], port);
}

/**
 * evtchn_is_pending() - has a port an event?
 * @d: the domain
 * @port: the port
 *
 * Takes no lock: another vcpu may change over between the two ways meanwhile.
 *
 * Return: whether it has; false for a port that does not exist.
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
 * Return: whether it is; true for a port that does not exist.
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
