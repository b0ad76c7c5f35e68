// SPDX-License-Identifier: GPL-2.0
/*
 * The sched_op hypercall: r4 = op, r5 = handle.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/console/console.h"
#include "core/domain/domain.h"
#include "core/evtchn/poll.h"
#include "core/hypercall/hypercall.h"
#include "core/sched/sched.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

static s64 schedop_poll(struct vcpu *v, void *arg)
{
	const struct sched_poll *op = arg;
	u32 *ports;

	if (op->nr_ports > EVTCHN_MAX_POLL)
		return -EINVAL;
	ports = evtchn_poll_buffer(v);
	if (!ports)
		return -ENOMEM;
	if (copy_from_guest(v, op->ports.q, 0, ports, op->nr_ports * sizeof(u32)))
		return -EFAULT;
	return evtchn_poll(v, op->nr_ports, op->timeout);
}

static s64 schedop_shutdown(struct vcpu *v, void *arg)
{
	const struct sched_shutdown *op = arg;

	if (op->reason > SHUTDOWN_MAX)
		return -EINVAL;
	/* In the domain's own time, step by step: what it wrote before appears first. */
	if (console_finish(v->domain))
		return HYPERCALL_RESTART;
	domain_shutdown(v->domain, op->reason);
	return 0;
}

static s64 schedop_shutdown_code(struct vcpu *v, void *arg)
{
	const struct sched_shutdown *op = arg;

	if (op->reason > SHUTDOWN_MAX)
		return -EINVAL;
	/* Counts when the domain shuts down, and never changes a reason that is fixed already. */
	WRITE_ONCE(v->domain->shutdown_code, op->reason);
	return 0;
}

static s64 schedop_remote_shutdown(struct vcpu *v, void *arg)
{
	const struct sched_remote_shutdown *op = arg;
	struct domain *d;

	if (!v->domain->privileged)
		return -EPERM;
	if (op->reason > SHUTDOWN_MAX)
		return -EINVAL;
	d = op->domain_id == DOMID_SELF ? NULL : domain_find(op->domain_id);
	if (!d)
		return -ESRCH;
	domain_shutdown(d, op->reason);
	return 0;
}

static const struct hypercall_op sched_ops[] = {
	[SCHEDOP_shutdown] = HYPERCALL_OP(schedop_shutdown, struct sched_shutdown),
	[SCHEDOP_poll] = HYPERCALL_OP(schedop_poll, struct sched_poll),
	[SCHEDOP_remote_shutdown] = HYPERCALL_OP(schedop_remote_shutdown,
						 struct sched_remote_shutdown),
	[SCHEDOP_shutdown_code] = HYPERCALL_OP(schedop_shutdown_code, struct sched_shutdown),
};

static noinline s64 schedop_other(struct vcpu *v, u64 op, u64 handle)
{
	if (op == SCHEDOP_yield) {
		sched_yield(v);
		return 0;
	}
	return hypercall_op_call(v, sched_ops, ARRAY_SIZE(sched_ops), op, handle);
}

/**
 * do_sched_op() - hypercall 29
 * @v: calling vcpu
 * @arg: op, handle
 *
 * SCHEDOP_block is the most frequent op by far, and needs no stack frame.
 *
 * Return: 0; -ENOSYS for an unknown op, -EFAULT for a bad handle, -EINVAL for
 * a bad reason or bad ports.
 */
s64 do_sched_op(struct vcpu *v, u64 *arg)
{
	if (unlikely(arg[0] != SCHEDOP_block))
		return schedop_other(v, arg[0], arg[1]);
	sched_block(v);
	return 0;
}
