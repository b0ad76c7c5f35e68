// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels: binding and closing. What only reads or sends is in
 * evtchn.c, the hypercall's arguments in evtchn_op.c.
 */
#include "core/arch_ops.h"
#include "core/console/console.h"
#include "core/evtchn/evtchn.h"
#include "lib/errno.h"

/**
 * evtchn_alloc_unbound() - a port that another domain may bind to
 * @d: its owner
 * @remote: domid that may bind; need not exist yet
 * @port: where to store it
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
 * evtchn_bind_consumer() - a port whose other end is the hypervisor
 * @d: its owner; may send on it, mask it, move it to a vcpu, but not close it
 * @fn: called for each send
 * @port: where to store it
 *
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int evtchn_bind_consumer(struct domain *d, evtchn_consumer fn, u32 *port)
{
	struct evtchn *chn;
	int rc;

	spin_lock(&d->evtchn_lock);
	rc = evtchn_alloc(d, port);
	if (!rc) {
		chn = evtchn_get(d->ev, *port);
		chn->consumer = fn;
		chn->kind = EVTCHN_CONSUMER;
	}
	spin_unlock(&d->evtchn_lock);
	return rc;
}

static bool may_bind(const struct domain *d, const struct domain *rd, const struct evtchn *rchn)
{
	if (rchn->kind == EVTCHN_CONSUMER)
		return d->privileged && d != rd;
	return rchn->kind == EVTCHN_UNBOUND && rchn->remote_id == d->id;
}

/**
 * evtchn_bind_interdomain() - connect to a port that waits for us
 * @d: who binds
 * @rd: owner of the waiting port; may be @d
 * @remote_port: the port of @rd's
 * @port: where to store the new local port
 *
 * dom0 may also take the place of the hypervisor, at a domU's console, until
 * it closes its end.
 *
 * The local port becomes pending at once: what was sent on the waiting port
 * before went nowhere.
 *
 * Return: 0, -EINVAL if that port does not wait for @d, -ENOSPC, -ENOMEM.
 */
int evtchn_bind_interdomain(struct domain *d, struct domain *rd, u32 remote_port, u32 *port)
{
	struct evtchn *lchn, *rchn;
	int rc;

	spin_lock_two(&d->evtchn_lock, &rd->evtchn_lock);
	rc = -EINVAL;
	rchn = rd->ev ? evtchn_get(rd->ev, remote_port) : NULL;
	if (!rchn || !may_bind(d, rd, rchn))
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
		console_ring_taken(rd, true);
	lchn->kind = EVTCHN_INTERDOMAIN;
	evtchn_set_pending(d, lchn, *port);
out:
	spin_unlock_two(&d->evtchn_lock, &rd->evtchn_lock);
	return rc;
}

/* Both locks are held, or @d's alone if nothing of another domain is bound. */
static int close_locked(struct domain *d, u32 port, struct evtchn *chn)
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
			console_ring_taken(other, false);
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
 * @port: the port; the other end of a channel becomes unbound, for this
 *        domain to bind again
 * @guest: the guest asks, who cannot close what the hypervisor serves
 *
 * Return: 0, or -EINVAL for a port that is not open, or not the guest's to close.
 */
int evtchn_close(struct domain *d, u32 port, bool guest)
{
	struct domain *rd = NULL;
	struct evtchn *chn;
	int rc = -EINVAL;

	/*
	 * The remote end is known only under our lock, and its lock may come
	 * first in the order: look, take both, and look again.
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
			rc = close_locked(d, port, chn);
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
