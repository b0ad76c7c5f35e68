// SPDX-License-Identifier: GPL-2.0
/*
 * The platform_op hypercall (r4 = handle): dom0 sets the time of day of all
 * domains.
 */
#include "core/domain/wallclock.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

/**
 * do_platform_op() - hypercall 7
 * @v: calling vcpu
 * @arg: handle of struct xen_platform_op
 *
 * Return: 0; -EPERM to another than dom0, -EACCES for another interface
 * version, -EINVAL for a time that wallclock_set() refuses, -ENOSYS for an
 * unknown op, -EFAULT.
 */
s64 do_platform_op(struct vcpu *v, u64 *arg)
{
	struct xen_platform_op op;

	if (!v->domain->privileged)
		return -EPERM;
	if (copy_from_guest(v, arg[0], 0, &op, sizeof(op)))
		return -EFAULT;
	if (op.interface_version != XENPF_INTERFACE_VERSION)
		return -EACCES;
	switch (op.cmd) {
	case XENPF_settime32:
		return wallclock_set(op.u.settime32.secs, op.u.settime32.nsecs,
				     op.u.settime32.system_time);
	case XENPF_settime64:
		if (op.u.settime64.mbz)
			return -EINVAL;
		return wallclock_set(op.u.settime64.secs, op.u.settime64.nsecs,
				     op.u.settime64.system_time);
	default:
		return -ENOSYS;
	}
}
