// SPDX-License-Identifier: GPL-2.0
/*
 * What the families of hypercalls share: ops that work on one structure, and
 * the domain that a caller may name.
 */
#include "core/base/domains.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

/**
 * hypercall_op_call() - do an op whose argument is one structure
 * @v: calling vcpu
 * @ops: the ops of the family, by number
 * @nr_ops: how many there are
 * @op: the one to do
 * @handle: its structure
 *
 * Copies the structure in, does the op, and copies the structure back if the
 * op says so. Not inlined, so that a handler which serves a frequent op by
 * itself needs no stack frame for the others.
 *
 * Return: what the op returns; -ENOSYS for an op that does not exist, -EFAULT
 * for a structure that cannot be copied in or back.
 */
noinline s64 hypercall_op_call(struct vcpu *v, const struct hypercall_op *ops, u64 nr_ops, u64 op,
			       u64 handle)
{
	u64 arg[HYPERCALL_OP_SIZE / sizeof(u64)];
	s64 rc;

	if (op >= nr_ops || !ops[op].fn)
		return -ENOSYS;
	if (copy_from_guest(v, handle, 0, arg, ops[op].size))
		return -EFAULT;
	rc = ops[op].fn(v, arg);
	if (rc < 0 || !ops[op].copy_back || !copy_to_guest(v, handle, 0, arg, ops[op].size))
		return rc;
	if (ops[op].undo)
		ops[op].undo(v, arg);
	return -EFAULT;
}

/**
 * hypercall_target() - the domain that a caller names
 * @v: calling vcpu
 * @id: domid or DOMID_SELF; dom0 may name any domain, others only themselves
 * @d: where to store the domain, valid until the hypercall ends
 *
 * Return: 0, -EPERM, or -ESRCH if there is no such domain or it is dying.
 */
int hypercall_target(struct vcpu *v, domid_t id, struct domain **d)
{
	*d = v->domain;
	if (id == DOMID_SELF || id == v->domain->id)
		return 0;
	if (!v->domain->privileged)
		return -EPERM;
	*d = domain_find(id);
	return *d ? 0 : -ESRCH;
}
