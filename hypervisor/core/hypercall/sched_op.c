// SPDX-License-Identifier: GPL-2.0
/*
 * The sched_op hypercall (r4 = op, r5 = handle) and set_timer_op.
 */
#include "core/arch_ops.h"
#include "core/evtchn/evtchn.h"
#include "core/hypercall/hypercall.h"
#include "core/sched/sched.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"
#include "lib/slab.h"

static s64 op_poll(struct vcpu *v, u64 handle)
{
	struct domain *d = v->domain;
	struct sched_poll op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	if (op.nr_ports > SCHED_MAX_POLL)
		return -EINVAL;
	if (!v->poll_ports)
		v->poll_ports = xmalloc(SCHED_MAX_POLL * sizeof(u32));
	if (!v->poll_ports)
		return -ENOMEM;
	if (copy_from_guest(v, op.ports.q, 0, v->poll_ports, op.nr_ports * sizeof(u32)))
		return -EFAULT;
	for (unsigned int i = 0; i < op.nr_ports; i++)
		if (v->poll_ports[i] == 0 || v->poll_ports[i] >= READ_ONCE(d->ev->limit))
			return -EINVAL;
	/* Without ports and time it would never end. */
	if (!op.nr_ports && !op.timeout)
		return -EINVAL;
	/* Release: who sees the number finds the ports. */
	__atomic_store_n(&v->nr_poll, op.nr_ports, __ATOMIC_RELEASE);
	if (op.nr_ports)
		evtchn_poll_begin(d);
	return sched_poll(v, op.timeout);
}

static s64 op_shutdown(struct vcpu *v, u64 handle, bool now)
{
	struct sched_shutdown op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	if (op.reason > SHUTDOWN_MAX)
		return -EINVAL;
	if (now)
		domain_shutdown(v->domain, op.reason);
	else
		v->domain->shutdown_reason = op.reason;
	return 0;
}

static s64 op_remote_shutdown(struct vcpu *v, u64 handle)
{
	struct sched_remote_shutdown op;
	struct domain *d;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	if (!v->domain->privileged)
		return -EPERM;
	if (op.reason > SHUTDOWN_MAX)
		return -EINVAL;
	d = op.domain_id == DOMID_SELF ? NULL : domain_find(op.domain_id);
	if (!d)
		return -ESRCH;
	domain_shutdown(d, op.reason);
	return 0;
}

static noinline s64 other_op(struct vcpu *v, const u64 *arg)
{
	switch (arg[0]) {
	case SCHEDOP_yield:
		sched_yield(v);
		return 0;
	case SCHEDOP_shutdown:
		return op_shutdown(v, arg[1], true);
	case SCHEDOP_shutdown_code:
		return op_shutdown(v, arg[1], false);
	case SCHEDOP_poll:
		return op_poll(v, arg[1]);
	case SCHEDOP_remote_shutdown:
		return op_remote_shutdown(v, arg[1]);
	default:
		return -ENOSYS;
	}
}

/**
 * do_sched_op() - hypercall 29
 * @v: calling vcpu
 * @arg: op, handle
 *
 * Blocking is what matters for speed, and stays free of the others' stack frame.
 *
 * Return: 0; -ENOSYS for an unknown op, -EFAULT for a bad handle, -EINVAL for
 * a bad reason or bad ports.
 */
s64 do_sched_op(struct vcpu *v, u64 *arg)
{
	if (unlikely(arg[0] != SCHEDOP_block))
		return other_op(v, arg);
	sched_block(v);
	return 0;
}

/**
 * do_set_timer_op() - hypercall 15: VIRQ_TIMER at a time
 * @v: calling vcpu
 * @arg: absolute system time in ns, 0 cancels; the past is due at once
 *
 * Return: 0.
 */
s64 do_set_timer_op(struct vcpu *v, u64 *arg)
{
	if (arg[0])
		timer_set(&v->pcpu->timers, &v->singleshot, ns_to_tb(arg[0]));
	else
		timer_cancel(&v->singleshot);
	return 0;
}
