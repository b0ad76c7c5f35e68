// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels: allocating, binding and closing ports.
 */
#include "core/arch_ops.h"
#include "core/evtchn/evtchn.h"
#include "lib/errno.h"
#include "lib/slab.h"

/**
 * evtchn_init() - allocate the event channels of a new domain
 * @d: the domain; starts with the 2-level ABI and all ports free
 *
 * Return: 0 or -ENOMEM.
 */
int evtchn_init(struct domain *d)
{
	struct evtchn_state *ev = xzalloc(sizeof(*ev));

	if (!ev)
		return -ENOMEM;
	ev->bucket = xzalloc(EVTCHN_BUCKETS * sizeof(ev->bucket[0]));
	if (!ev->bucket) {
		xfree(ev);
		return -ENOMEM;
	}
	ev->limit = EVTCHN_2L_NR_CHANNELS;
	d->ev = ev;
	return 0;
}

/* The first bucket with a free port, whether it exists already or not. */
static u32 evtchn_free_bucket(const struct evtchn_state *ev)
{
	for (u32 i = 0; i < ARRAY_SIZE(ev->full); i++)
		if (~ev->full[i])
			return i * 64 + ffs64(~ev->full[i]);
	return EVTCHN_BUCKETS;
}

/* Adds bucket @b, the first that does not exist. Return: 0 or -ENOMEM. */
static int evtchn_add_bucket(struct evtchn_state *ev, u32 b)
{
	struct evtchn *chn = xzalloc(EVTCHN_PER_BUCKET * sizeof(*chn));

	if (!chn)
		return -ENOMEM;
	ev->bucket[b] = chn;
	/*
	 * Store the bucket before the count that covers it: senders of other domains call
	 * evtchn_get() without this lock. (The port that they look up was bound under both locks,
	 * so its bucket is older than that.)
	 */
	__atomic_store_n(&ev->nr_ports, ev->nr_ports + EVTCHN_PER_BUCKET, __ATOMIC_RELEASE);
	return 0;
}

/* The first free port from @p on in its bucket, or the end of the bucket. */
static u32 evtchn_next_free(const struct evtchn_state *ev, u32 p)
{
	while (p % EVTCHN_PER_BUCKET && evtchn_get(ev, p)->kind != EVTCHN_FREE)
		p++;
	return p;
}

/**
 * evtchn_alloc() - allocate a port
 * @d: the domain, evtchn_lock held
 * @port: set to its number; the caller gives it a kind other than EVTCHN_FREE
 *
 * Allocates the lowest free port. Looks at the words of ev->full and at the ports of one bucket, so
 * that a full table costs a guest no more than an empty one.
 *
 * Return: 0, -ENOSPC if the ABI has no more ports, -ENOMEM.
 */
int evtchn_alloc(struct domain *d, u32 *port)
{
	struct evtchn_state *ev = d->ev;
	u32 b = evtchn_free_bucket(ev), p = b * EVTCHN_PER_BUCKET;
	struct evtchn *chn;

	if (p >= ev->limit)
		return -ENOSPC;
	if (p >= ev->nr_ports && evtchn_add_bucket(ev, b))
		return -ENOMEM;
	/* Port 0 is never allocated: it stands for "no port". */
	if (p == 0 || evtchn_get(ev, p)->kind != EVTCHN_FREE)
		p = evtchn_next_free(ev, p + 1);
	if (evtchn_next_free(ev, p + 1) % EVTCHN_PER_BUCKET == 0)
		ev->full[b / 64] |= BIT(b % 64);
	ev->nr_used++;
	if (p >= EVTCHN_2L_NR_CHANNELS)
		ev->nr_high++;
	chn = evtchn_get(ev, p);
	chn->vcpu = 0;
	chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	chn->pending = false;
	*port = p;
	return 0;
}

static void evtchn_clear_pending(struct domain *d, struct evtchn *chn, u32 port)
{
	if (d->ev->fifo)
		fifo_clear_pending(d, chn, port);
	else if (port < EVTCHN_2L_NR_CHANNELS)
		clear_bit(port, d->shared_info->evtchn_pending);
}

/**
 * evtchn_release() - free a port
 * @d: the domain, evtchn_lock held
 * @port: a port that no other port, virq or consumer refers to any more
 *
 * Clears a pending event, which would otherwise appear on the next channel that gets this port.
 */
void evtchn_release(struct domain *d, u32 port)
{
	u32 bucket = port / EVTCHN_PER_BUCKET;
	struct evtchn_state *ev = d->ev;
	struct evtchn *chn = evtchn_get(ev, port);

	evtchn_clear_pending(d, chn, port);
	chn->kind = EVTCHN_FREE;
	chn->remote = NULL;
	chn->consumer = NULL;
	chn->pending = false;
	ev->full[bucket / 64] &= ~BIT(bucket % 64);
	ev->nr_used--;
	if (port >= EVTCHN_2L_NR_CHANNELS)
		ev->nr_high--;
}

/**
 * evtchn_alloc_unbound() - allocate a port that another domain may bind to
 * @d: its owner
 * @remote: domid that may bind; the domain need not exist yet
 * @port: set to its number
 *
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int evtchn_alloc_unbound(struct domain *d, u16 remote, u32 *port)
{
	struct evtchn *chn;
	int rc;

	spin_lock(&d->evtchn_lock);
	rc = evtchn_alloc(d, port);
	if (!rc) {
		chn = evtchn_get(d->ev, *port);
		chn->remote_id = remote;
		chn->kind = EVTCHN_UNBOUND;
	}
	spin_unlock(&d->evtchn_lock);
	return rc;
}

/**
 * evtchn_bind_consumer() - allocate a port whose remote end is the hypervisor
 * @d: its owner; it may send on the port, mask it and bind it to a vcpu, but not close it
 * @consumer: functions of the hypervisor's end
 * @port: set to its number
 *
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int evtchn_bind_consumer(struct domain *d, const struct evtchn_consumer *consumer, u32 *port)
{
	struct evtchn *chn;
	int rc;

	spin_lock(&d->evtchn_lock);
	rc = evtchn_alloc(d, port);
	if (!rc) {
		chn = evtchn_get(d->ev, *port);
		chn->consumer = consumer;
		chn->kind = EVTCHN_CONSUMER;
	}
	spin_unlock(&d->evtchn_lock);
	return rc;
}

/* May @d bind to port @rchn of @rd? Both locks held. */
static bool evtchn_may_bind(const struct domain *d, const struct domain *rd, const struct evtchn *rchn)
{
	if (rchn->kind == EVTCHN_CONSUMER)
		return d->privileged && d != rd;
	return rchn->kind == EVTCHN_UNBOUND && rchn->remote_id == d->id;
}

/**
 * evtchn_bind_interdomain() - connect a new port to an unbound port of another domain
 * @d: the domain that binds
 * @rd: owner of the unbound port; may be @d
 * @remote_port: the unbound port
 * @port: set to the number of the new port of @d
 *
 * dom0 may also replace the hypervisor as the remote end of a consumer's port, such as that of a
 * domU's console, until dom0 closes its port.
 *
 * The new port becomes pending at once, since events sent on the unbound port before had no
 * receiver. Takes the evtchn_lock of both domains.
 *
 * Return: 0, -EINVAL if @remote_port is not open for @d, -ENOSPC, -ENOMEM.
 */
int evtchn_bind_interdomain(struct domain *d, struct domain *rd, u32 remote_port, u32 *port)
{
	struct evtchn *lchn, *rchn;
	int rc;

	spin_lock_two(&d->evtchn_lock, &rd->evtchn_lock);
	rc = -EINVAL;
	rchn = rd->ev ? evtchn_get(rd->ev, remote_port) : NULL;
	if (!rchn || !evtchn_may_bind(d, rd, rchn))
		goto out;
	rc = evtchn_alloc(d, port);
	if (rc)
		goto out;
	lchn = evtchn_get(d->ev, *port);
	lchn->remote = rd;
	lchn->peer = remote_port;
	rchn->remote = d;
	rchn->peer = *port;
	rchn->kind = EVTCHN_INTERDOMAIN;
	if (rchn->consumer)
		rchn->consumer->taken(rd, true);
	lchn->kind = EVTCHN_INTERDOMAIN;
	evtchn_set_pending(d, lchn, *port);
out:
	spin_unlock_two(&d->evtchn_lock, &rd->evtchn_lock);
	return rc;
}

/* evtchn_lock of @d held and, if the port is bound to another domain, the lock of that domain. */
static int evtchn_close_locked(struct domain *d, u32 port, struct evtchn *chn)
{
	struct domain *other = chn->remote;
	struct evtchn *rchn;

	switch (chn->kind) {
	case EVTCHN_VIRQ:
		d->vcpu[virq_is_global(chn->peer) ? 0 : chn->vcpu]->virq_port[chn->peer] = 0;
		break;
	case EVTCHN_INTERDOMAIN:
		rchn = evtchn_get(chn->remote->ev, chn->peer);
		rchn->remote = NULL;
		rchn->remote_id = d->id;
		rchn->kind = rchn->consumer ? EVTCHN_CONSUMER : EVTCHN_UNBOUND;
		if (rchn->consumer)
			rchn->consumer->taken(other, false);
		break;
	default:
		break;
	}
	evtchn_release(d, port);
	return 0;
}

/**
 * evtchn_close() - close a port
 * @d: its owner
 * @port: the port; the remote end becomes unbound, and @d may bind to it again
 * @guest: on behalf of the guest, which cannot close a port that has a consumer
 *
 * Takes evtchn_lock of @d and, for a port that is bound to another domain, of that.
 *
 * Return: 0, or -EINVAL for a port that is not open or that the guest cannot close.
 */
int evtchn_close(struct domain *d, u32 port, bool guest)
{
	struct domain *rd = NULL;
	struct evtchn *chn;
	int rc = -EINVAL;

	/*
	 * The remote end is stable only under the lock of @d, but the lock of the remote domain may
	 * come first in the order: read the remote end, take both locks, and check that it has not
	 * changed.
	 */
	for (;;) {
		if (rd)
			spin_lock_two(&d->evtchn_lock, &rd->evtchn_lock);
		else
			spin_lock(&d->evtchn_lock);
		chn = evtchn_get(d->ev, port);
		if (!chn || chn->kind == EVTCHN_FREE || (guest && chn->consumer))
			break;
		if (chn->kind != EVTCHN_INTERDOMAIN || chn->remote == d || chn->remote == rd) {
			rc = evtchn_close_locked(d, port, chn);
			break;
		}
		if (rd)
			spin_unlock(&rd->evtchn_lock);
		rd = chn->remote;
		spin_unlock(&d->evtchn_lock);
	}
	spin_unlock(&d->evtchn_lock);
	if (rd)
		spin_unlock(&rd->evtchn_lock);
	return rc;
}

/**
 * evtchn_destroy() - close ports of a dead domain, and free its event channels with the last one
 * @d: a domain whose vcpus have stopped for good; remote ends become unbound
 * @budget: ports to close, or arrays of ports to free, at most
 *
 * Takes evtchn_lock, and that of each remote domain together with it, for one port at a time. No
 * port is opened meanwhile: no hypercall finds the domain any more.
 *
 * Return: true if all is freed; false if another call is needed.
 */
bool evtchn_destroy(struct domain *d, u32 budget)
{
	struct evtchn_state *ev = d->ev;

	for (; ev && ev->closed < ev->nr_ports; ev->closed++) {
		if (!budget--)
			return false;
		(void)evtchn_close(d, ev->closed, false);
	}
	if (ev) {
		/* From here on nobody finds the ports, such as the console, which may still want to notify. */
		spin_lock(&d->evtchn_lock);
		(void)fifo_leave(d);
		d->ev = NULL;
		d->ev_closed = ev;
		spin_unlock(&d->evtchn_lock);
	}
	ev = d->ev_closed;
	if (!ev)
		return true;
	for (; ev->nr_ports; ev->nr_ports -= EVTCHN_PER_BUCKET) {
		if (!budget--)
			return false;
		xfree(ev->bucket[ev->nr_ports / EVTCHN_PER_BUCKET - 1]);
	}
	xfree(ev->fifo_allocated);
	xfree(ev->bucket);
	xfree(ev);
	d->ev_closed = NULL;
	return true;
}
