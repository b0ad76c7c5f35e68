// SPDX-License-Identifier: GPL-2.0
/*
 * The vcpu_op hypercall: r4 = op, r5 = vcpu, r6 = handle.
 */
#include "core/arch.h"
#include "core/evtchn.h"
#include "core/hypercall.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "core/xencomm.h"
#include "lib/errno.h"

static s64 op_initialise(struct vcpu *v, struct vcpu *target, u64 handle)
{
	struct vcpu_guest_context ctx;
	int rc;

	if (copy_from_guest(v, handle, 0, &ctx, sizeof(ctx)))
		return -EFAULT;
	if (target->initialised)
		return -EEXIST;
	rc = arch_vcpu_set_context(target, &ctx);
	if (!rc)
		target->initialised = true;
	return rc;
}

static s64 op_down(struct vcpu *target)
{
	struct domain *d = target->domain;

	sched_down(target);
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		if (d->vcpu[i]->state == VCPU_RUNNABLE || d->vcpu[i]->state == VCPU_BLOCKED)
			return 0;
	/* Nobody is left who could bring it back. */
	domain_shutdown(d, SHUTDOWN_poweroff);
	return 0;
}

static s64 op_runstate_info(struct vcpu *v, const struct vcpu *target, u64 handle)
{
	struct vcpu_runstate_info info;

	memset(&info, 0, sizeof(info));
	runstate_snapshot(target, &info);
	return copy_to_guest(v, handle, 0, &info, sizeof(info));
}

/*
 * The area outlives this call: it is named by an inline handle or, by the
 * phys op, by a plain guest physical address. Each field must lie in one page,
 * hence the alignment.
 */
static s64 op_runstate_area(struct vcpu *v, struct vcpu *target, u64 handle, bool phys)
{
	struct vcpu_register_area op;
	u64 gpa;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	gpa = op.addr;
	if (!phys && gpa) {
		if (!(gpa & XENCOMM_INLINE))
			return -EINVAL;
		gpa &= ~XENCOMM_INLINE;
	}
	if (gpa == 0) {
		target->runstate_gpa = 0;
		return 0;
	}
	if (gpa & XENCOMM_ADDR_BAD)
		return -EFAULT;
	if (gpa & 7)
		return -EINVAL;
	if (!vcpu_frame(v, gpa >> PAGE_SHIFT, true) ||
	    !vcpu_frame(v, (gpa + sizeof(struct vcpu_runstate_info) - 1) >> PAGE_SHIFT, true))
		return -EFAULT;
	target->runstate_gpa = gpa;
	runstate_publish(target);
	return 0;
}

static s64 op_register_info(struct vcpu *v, struct vcpu *target, u64 handle)
{
	struct vcpu_register_vcpu_info op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	if (target != v && target->state != VCPU_DOWN)
		return -EINVAL;
	return vcpu_register_info(target, op.mfn, op.offset);
}

static s64 op_set_singleshot(struct vcpu *v, struct vcpu *target, u64 handle)
{
	struct vcpu_set_singleshot_timer op;
	u64 tb;

	if (target != v)
		return -EINVAL;
	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	tb = ns_to_tb(op.timeout_abs_ns);
	if ((op.flags & VCPU_SSHOTTMR_future) && tb <= arch_tb())
		return -ETIME;
	timer_set(&v->pcpu->timers, &v->singleshot, tb);
	return 0;
}

/**
 * do_vcpu_op() - hypercall 24
 * @v: calling vcpu
 * @arg: op, vcpu number, handle
 *
 * There is no periodic timer: stopping it succeeds, starting it is -ENOSYS.
 *
 * Return: 0 or what the op defines; -ENOENT for a vcpu that does not exist,
 * -ENOSYS for an op that does not, -EFAULT for a bad handle.
 */
s64 do_vcpu_op(struct vcpu *v, u64 *arg)
{
	struct vcpu *target;

	if (arg[1] >= v->domain->nr_vcpus)
		return -ENOENT;
	target = v->domain->vcpu[arg[1]];

	switch (arg[0]) {
	case VCPUOP_initialise:
		return op_initialise(v, target, arg[2]);
	case VCPUOP_up:
		if (!target->initialised)
			return -EINVAL;
		sched_unpause(target);
		return 0;
	case VCPUOP_down:
		return op_down(target);
	case VCPUOP_is_up:
		return target->state != VCPU_DOWN;
	case VCPUOP_get_runstate_info:
		return op_runstate_info(v, target, arg[2]);
	case VCPUOP_register_runstate_memory_area:
		return op_runstate_area(v, target, arg[2], false);
	case VCPUOP_register_runstate_phys_area:
		return op_runstate_area(v, target, arg[2], true);
	case VCPUOP_register_vcpu_info:
		return op_register_info(v, target, arg[2]);
	case VCPUOP_set_singleshot_timer:
		return op_set_singleshot(v, target, arg[2]);
	case VCPUOP_stop_singleshot_timer:
		if (target != v)
			return -EINVAL;
		timer_cancel(&v->singleshot);
		return 0;
	case VCPUOP_stop_periodic_timer:
		return 0;
	default:
		return -ENOSYS;
	}
}
