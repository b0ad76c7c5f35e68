// SPDX-License-Identifier: GPL-2.0
/*
 * The event_channel_op hypercall: r4 = op, r5 = handle of its structure.
 *
 * EVTCHNOP_send has a short way of its own; the other ops are in a table. A port
 * whose number cannot be copied back to the caller is closed again.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/evtchn/evtchn.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

#define RESET_STEP	128U	/* ports that one step of EVTCHNOP_reset closes */

static s64 evtchnop_alloc_unbound(struct vcpu *v, void *arg)
{
	struct evtchn_alloc_unbound *op = arg;
	struct domain *d;
	int rc;

	rc = hypercall_target(v, op->dom, &d);
	if (rc)
		return rc;
	if (op->remote_dom == DOMID_SELF)
		op->remote_dom = v->domain->id;
	return evtchn_alloc_unbound(d, op->remote_dom, &op->port);
}

static s64 evtchnop_bind_interdomain(struct vcpu *v, void *arg)
{
	struct evtchn_bind_interdomain *op = arg;
	struct domain *rd;

	rd = op->remote_dom == DOMID_SELF ? v->domain : domain_find(op->remote_dom);
	if (!rd)
		return -ESRCH;
	return evtchn_bind_interdomain(v->domain, rd, op->remote_port, &op->local_port);
}

static s64 evtchnop_bind_virq(struct vcpu *v, void *arg)
{
	struct domain *d = v->domain;
	struct evtchn_bind_virq *op = arg;
	struct evtchn *chn;
	int rc;

	if (op->virq >= NR_VIRQS || (virq_is_global(op->virq) && op->vcpu != 0))
		return -EINVAL;
	if (op->vcpu >= d->nr_vcpus)
		return -ENOENT;

	spin_lock(&d->evtchn_lock);
	rc = -EEXIST;
	if (d->vcpu[op->vcpu]->virq_port[op->virq])
		goto out;
	rc = evtchn_alloc(d, &op->port);
	if (rc)
		goto out;
	chn = evtchn_get(d->ev, op->port);
	chn->vcpu = op->vcpu;
	chn->peer = op->virq;
	chn->kind = EVTCHN_VIRQ;
	d->vcpu[op->vcpu]->virq_port[op->virq] = op->port;
out:
	spin_unlock(&d->evtchn_lock);
	return rc;
}

static s64 evtchnop_bind_ipi(struct vcpu *v, void *arg)
{
	struct domain *d = v->domain;
	struct evtchn_bind_ipi *op = arg;
	struct evtchn *chn;
	int rc;

	if (op->vcpu >= d->nr_vcpus)
		return -ENOENT;

	spin_lock(&d->evtchn_lock);
	rc = evtchn_alloc(d, &op->port);
	if (!rc) {
		chn = evtchn_get(d->ev, op->port);
		chn->vcpu = op->vcpu;
		chn->kind = EVTCHN_IPI;
	}
	spin_unlock(&d->evtchn_lock);
	return rc;
}

static noinline s64 evtchnop_send(struct vcpu *v, u64 handle)
{
	struct evtchn_send op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	return evtchn_send(v, op.port);
}

static s64 evtchnop_close(struct vcpu *v, void *arg)
{
	const struct evtchn_close *op = arg;

	return evtchn_close(v->domain, op->port, true);
}

static s64 evtchnop_unmask(struct vcpu *v, void *arg)
{
	const struct evtchn_unmask *op = arg;
	int rc;

	spin_lock(&v->domain->evtchn_lock);
	rc = evtchn_unmask(v->domain, op->port);
	spin_unlock(&v->domain->evtchn_lock);
	return rc;
}

static int evtchnop_fill_status(const struct domain *d, struct evtchn_status *op)
{
	const struct evtchn *chn = evtchn_get(d->ev, op->port);

	if (!chn)
		return -EINVAL;
	memset(&op->u, 0, sizeof(op->u));
	op->vcpu = chn->vcpu;
	switch (chn->kind) {
	case EVTCHN_UNBOUND:
		op->status = EVTCHNSTAT_unbound;
		op->u.unbound.dom = chn->remote_id;
		break;
	case EVTCHN_INTERDOMAIN:
		op->status = EVTCHNSTAT_interdomain;
		op->u.interdomain.dom = chn->remote->id;
		op->u.interdomain.port = chn->peer;
		break;
	case EVTCHN_CONSUMER:
		op->status = EVTCHNSTAT_interdomain;
		op->u.interdomain.dom = 0;
		break;
	case EVTCHN_VIRQ:
		op->status = EVTCHNSTAT_virq;
		op->u.virq = chn->peer;
		break;
	case EVTCHN_IPI:
		op->status = EVTCHNSTAT_ipi;
		break;
	default:
		op->status = EVTCHNSTAT_closed;
	}
	return 0;
}

static s64 evtchnop_status(struct vcpu *v, void *arg)
{
	struct evtchn_status *op = arg;
	struct domain *d;
	int rc;

	rc = hypercall_target(v, op->dom, &d);
	if (rc)
		return rc;
	spin_lock(&d->evtchn_lock);
	rc = evtchnop_fill_status(d, op);
	spin_unlock(&d->evtchn_lock);
	return rc;
}

static s64 evtchnop_bind_vcpu(struct vcpu *v, void *arg)
{
	struct domain *d = v->domain;
	const struct evtchn_bind_vcpu *op = arg;
	struct evtchn *chn;
	int rc = -EINVAL;

	if (op->vcpu >= d->nr_vcpus)
		return -ENOENT;
	spin_lock(&d->evtchn_lock);
	chn = evtchn_get(d->ev, op->port);
	if (!chn)
		goto out;
	switch (chn->kind) {
	case EVTCHN_VIRQ:
		if (!virq_is_global(chn->peer))
			break;
		fallthrough;
	case EVTCHN_UNBOUND:
	case EVTCHN_INTERDOMAIN:
	case EVTCHN_CONSUMER:
		evtchn_move(d, chn, op->port, op->vcpu);
		rc = 0;
		break;
	default:
		break;
	}
out:
	spin_unlock(&d->evtchn_lock);
	return rc;
}

/*
 * EVTCHNOP_reset of the caller's own ports keeps the channels of xenstore and console: no
 * toolstack would connect them again for the kernel that kexec starts next.
 */
static const u8 kept_ports[] = { HVM_PARAM_STORE_EVTCHN, HVM_PARAM_CONSOLE_EVTCHN };

static bool evtchnop_is_kept(const struct domain *d, u32 port)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kept_ports); i++)
		if (port == READ_ONCE(d->params[kept_ports[i]]))
			return true;
	return false;
}

/*
 * Prepares the kept ports for the next kernel: masked, pending, of the default priority, and bound
 * to vcpu 0, on which every kernel starts. A masked port raises no upcall, so the hypervisor does not
 * write to a vcpu_info in memory that the next kernel may use for something else. What was pending in
 * the event words of FIFO, or was to be in one, is lost, so each port becomes pending: at worst one
 * event too many. If it is dom0 that resets the domain, of these only a port that the hypervisor
 * serves, or served before dom0, is still open.
 *
 * evtchn_lock held, the 2-level ABI in use. Where a port was in FIFO's queues need not be forgotten:
 * all queues are empty when FIFO is entered again. The ports that other vcpus open during the reset
 * stay as they are.
 */
static void evtchnop_prepare_kept_ports(struct domain *d)
{
	struct evtchn *chn;
	u64 port;

	for (unsigned int i = 0; i < ARRAY_SIZE(kept_ports); i++) {
		port = READ_ONCE(d->params[kept_ports[i]]);
		chn = evtchn_get(d->ev, port);
		if (!port || !chn || chn->kind == EVTCHN_FREE)
			continue;
		set_bit(port, d->shared_info->evtchn_mask);
		chn->pending = false;
		WRITE_ONCE(chn->priority, EVTCHN_FIFO_PRIORITY_DEFAULT);
		evtchn_move(d, chn, port, 0);
		evtchn_set_pending(d, chn, port);
	}
}

/*
 * EVTCHNOP_reset and EVTCHNOP_expand_array do a bounded part of their work in each call. The port
 * with which the next call goes on is in arg[0] above the op, where the guest could change it: it
 * would only skip ports of its own, or see them closed twice.
 */
static s64 evtchnop_go_on(u64 *arg, u32 port)
{
	arg[0] = (u32)arg[0] | (u64)port << EVTCHN_DONE_SHIFT;
	return HYPERCALL_RESTART;
}

static s64 evtchnop_reset(struct vcpu *v, u64 *arg)
{
	u32 p = arg[0] >> EVTCHN_DONE_SHIFT, end;
	struct evtchn_reset op;
	struct domain *d;
	int rc;

	if (copy_from_guest(v, arg[1], 0, &op, sizeof(op)))
		return -EFAULT;
	rc = hypercall_target(v, op.dom, &d);
	if (rc)
		return rc;
	/*
	 * From now on other vcpus can open only ports that the 2-level ABI has. Those that they
	 * open before the last step may stay open.
	 */
	spin_lock(&d->evtchn_lock);
	WRITE_ONCE(d->ev->limit, EVTCHN_2L_NR_CHANNELS);
	end = d->ev->nr_ports;
	spin_unlock(&d->evtchn_lock);
	for (u32 n = 0; p < end && n < RESET_STEP; p++, n++)
		if (d != v->domain || !evtchnop_is_kept(d, p))
			(void)evtchn_close(d, p, true);
	if (p < end)
		return evtchnop_go_on(arg, p);
	spin_lock(&d->evtchn_lock);
	rc = fifo_leave(d);
	if (!rc)
		evtchnop_prepare_kept_ports(d);
	spin_unlock(&d->evtchn_lock);
	return rc;
}

static s64 evtchnop_init_control(struct vcpu *v, void *arg)
{
	struct domain *d = v->domain;
	struct evtchn_init_control *op = arg;
	int rc;

	spin_lock(&d->evtchn_lock);
	rc = fifo_init_control(d, op);
	spin_unlock(&d->evtchn_lock);
	return rc;
}

static s64 evtchnop_expand_array(struct vcpu *v, u64 *arg)
{
	u32 port = arg[0] >> EVTCHN_DONE_SHIFT;
	struct domain *d = v->domain;
	struct evtchn_expand_array op;
	int rc = 0;

	if (copy_from_guest(v, arg[1], 0, &op, sizeof(op)))
		return -EFAULT;
	spin_lock(&d->evtchn_lock);
	if (!port) {
		rc = fifo_expand_array(d, op.array_gfn);
		port = rc;
	}
	if (rc >= 0)
		port = fifo_deliver_early(d, port);
	spin_unlock(&d->evtchn_lock);
	if (rc < 0)
		return rc;
	return port ? evtchnop_go_on(arg, port) : 0;
}

static s64 evtchnop_set_priority(struct vcpu *v, void *arg)
{
	struct domain *d = v->domain;
	const struct evtchn_set_priority *op = arg;
	struct evtchn *chn;
	int rc = -EINVAL;

	spin_lock(&d->evtchn_lock);
	chn = evtchn_get(d->ev, op->port);
	if (!d->ev->fifo) {
		rc = -ENOSYS;
	} else if (chn && chn->kind != EVTCHN_FREE && op->priority < EVTCHN_FIFO_MAX_QUEUES) {
		/* A port that is linked now moves when it is linked next. */
		WRITE_ONCE(chn->priority, op->priority);
		rc = 0;
	}
	spin_unlock(&d->evtchn_lock);
	return rc;
}

static void evtchnop_alloc_unbound_undo(struct vcpu *v, void *arg)
{
	const struct evtchn_alloc_unbound *op = arg;
	struct domain *d;

	/* If the domain has begun to die since, its ports are closed anyway. */
	if (!hypercall_target(v, op->dom, &d))
		evtchn_close(d, op->port, true);
}

static void evtchnop_bind_interdomain_undo(struct vcpu *v, void *arg)
{
	const struct evtchn_bind_interdomain *op = arg;

	evtchn_close(v->domain, op->local_port, true);
}

static void evtchnop_bind_virq_undo(struct vcpu *v, void *arg)
{
	const struct evtchn_bind_virq *op = arg;

	evtchn_close(v->domain, op->port, true);
}

static void evtchnop_bind_ipi_undo(struct vcpu *v, void *arg)
{
	const struct evtchn_bind_ipi *op = arg;

	evtchn_close(v->domain, op->port, true);
}

/* bind_pirq is missing: guests have no physical interrupts. evtchn_other_op() has two more ops. */
static const struct hypercall_op evtchn_ops[] = {
	[EVTCHNOP_bind_interdomain] = HYPERCALL_OP_UNDO(evtchnop_bind_interdomain,
							struct evtchn_bind_interdomain,
							evtchnop_bind_interdomain_undo),
	[EVTCHNOP_bind_virq] = HYPERCALL_OP_UNDO(evtchnop_bind_virq, struct evtchn_bind_virq,
						 evtchnop_bind_virq_undo),
	[EVTCHNOP_close] = HYPERCALL_OP(evtchnop_close, struct evtchn_close),
	[EVTCHNOP_status] = HYPERCALL_OP_REPLY(evtchnop_status, struct evtchn_status),
	[EVTCHNOP_alloc_unbound] = HYPERCALL_OP_UNDO(evtchnop_alloc_unbound,
						     struct evtchn_alloc_unbound,
						     evtchnop_alloc_unbound_undo),
	[EVTCHNOP_bind_ipi] = HYPERCALL_OP_UNDO(evtchnop_bind_ipi, struct evtchn_bind_ipi,
						evtchnop_bind_ipi_undo),
	[EVTCHNOP_bind_vcpu] = HYPERCALL_OP(evtchnop_bind_vcpu, struct evtchn_bind_vcpu),
	[EVTCHNOP_unmask] = HYPERCALL_OP(evtchnop_unmask, struct evtchn_unmask),
	[EVTCHNOP_init_control] = HYPERCALL_OP_REPLY(evtchnop_init_control,
						     struct evtchn_init_control),
	[EVTCHNOP_set_priority] = HYPERCALL_OP(evtchnop_set_priority, struct evtchn_set_priority),
};

/* All ops but EVTCHNOP_send. */
static noinline s64 evtchn_other_op(struct vcpu *v, u64 *arg)
{
	switch ((u32)arg[0]) {
	case EVTCHNOP_reset:
		return evtchnop_reset(v, arg);
	case EVTCHNOP_expand_array:
		return evtchnop_expand_array(v, arg);
	default:
		return hypercall_op_call(v, evtchn_ops, ARRAY_SIZE(evtchn_ops), arg[0], arg[1]);
	}
}

/**
 * do_event_channel_op() - hypercall 32
 * @v: calling vcpu
 * @arg: op (EVTCHNOP_reset and EVTCHNOP_expand_array: above it, the port to go on with), handle
 *
 * EVTCHNOP_send is the most frequent op by far. If its structure lies in a page that is in the
 * vcpu's frame cache, it needs no stack frame; evtchn_other_op() is a tail call.
 *
 * Return: 0 or what the op defines; -ENOSYS for an unknown op, -EFAULT for a
 * bad handle.
 */
s64 do_event_channel_op(struct vcpu *v, u64 *arg)
{
	const struct evtchn_send *send;

	if (unlikely(arg[0] != EVTCHNOP_send))
		return evtchn_other_op(v, arg);
	send = (const void *)xencomm_known(v, arg[1], sizeof(*send));
	if (unlikely(!send || ((uintptr_t)send & 3)))
		return evtchnop_send(v, arg[1]);
	return evtchn_send(v, READ_ONCE(send->port));
}
