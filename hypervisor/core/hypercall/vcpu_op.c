// SPDX-License-Identifier: GPL-2.0
/*
 * The vcpu_op hypercall: r4 = op, r5 = vcpu, r6 = handle.
 */
#include "core/arch_ops.h"
#include "core/domain/domain.h"
#include "core/evtchn/evtchn.h"
#include "core/hypercall/hypercall.h"
#include "core/sched/sched.h"
#include "core/base/timer.h"
#include "core/domain/vcpu.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

#define PERIOD_MIN_NS	NSEC_PER_MSEC
#define PERIOD_MAX_NS	(~0UL >> 2)

/*
 * Is a vcpu up, or are its registers still in a pCPU? Acquire pairs with the release in
 * world_replaced(): once the vcpu has left the pCPU, all of its stores are visible.
 */
static bool vcpu_is_up(const struct vcpu *target)
{
	return READ_ONCE(target->state) != VCPU_DOWN ||
	       __atomic_load_n(&target->resident, __ATOMIC_ACQUIRE);
}

static s64 vcpuop_initialise(struct vcpu *v, struct vcpu *target, u64 handle)
{
	struct vcpu_guest_context ctx;
	int rc;

	if (copy_from_guest(v, handle, 0, &ctx, sizeof(ctx)))
		return -EFAULT;
	/* domain.lock: of several callers one initialises the vcpu; none starts it meanwhile. */
	spin_lock(&v->domain->lock);
	if (vcpu_is_up(target) || target->fresh)
		rc = -EEXIST;
	else
		rc = arch_vcpu_set_context(target, &ctx);
	if (!rc) {
		target->initialised = true;
		target->fresh = true;
	}
	spin_unlock(&v->domain->lock);
	return rc;
}

static s64 vcpuop_up(struct vcpu *target)
{
	struct domain *d = target->domain;
	s64 rc = -EINVAL;

	spin_lock(&d->lock);
	if (target->initialised) {
		target->fresh = false;
		sched_unpause(target);
		rc = 0;
	}
	spin_unlock(&d->lock);
	return rc;
}

static s64 vcpuop_down(struct vcpu *target)
{
	struct domain *d = target->domain;
	bool last = true;

	/* domain.lock: another vcpu may bring this one up, or go down itself, at the same time. */
	spin_lock(&d->lock);
	sched_down(target);
	for (unsigned int i = 0; i < d->nr_vcpus && last; i++)
		last = vcpu_stopped(d->vcpu[i]);
	spin_unlock(&d->lock);
	/* No vcpu is left that could bring another one up. */
	if (last)
		domain_shutdown(d, SHUTDOWN_poweroff);
	return 0;
}

static s64 vcpuop_get_runstate_info(struct vcpu *v, const struct vcpu *target, u64 handle)
{
	struct vcpu_runstate_info info;

	memset(&info, 0, sizeof(info));
	runstate_snapshot(target, &info);
	return copy_to_guest(v, handle, 0, &info, sizeof(info));
}

/*
 * The hypervisor writes to the area after this call has returned. It is therefore named by an
 * inline handle or, for the phys op, by a plain guest physical address, and not by a descriptor.
 * It is aligned to 8 bytes, so that no field crosses a page.
 */
static s64 vcpuop_register_runstate_area(struct vcpu *v, struct vcpu *target, u64 handle, bool phys)
{
	struct vcpu_register_runstate_memory_area op;
	u64 gpa;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	gpa = op.addr.p;
	if (!phys && gpa) {
		if (!(gpa & XENCOMM_INLINE_FLAG))
			return -EINVAL;
		gpa &= ~XENCOMM_INLINE_FLAG;
	}
	if (gpa & ~XENCOMM_ADDR_MASK)
		return -EFAULT;
	return runstate_set_area(target, gpa);
}

static s64 vcpuop_register_vcpu_info(struct vcpu *v, struct vcpu *target, u64 handle)
{
	struct vcpu_register_vcpu_info op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	if (target != v && READ_ONCE(target->state) != VCPU_DOWN)
		return -EINVAL;
	return vcpu_register_info(target, op.mfn, op.offset);
}

static s64 vcpuop_set_singleshot_timer(struct vcpu *v, struct vcpu *target, u64 handle)
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
	timer_set(&this_pcpu()->timers, &v->singleshot, tb);
	return 0;
}

static s64 vcpuop_set_periodic_timer(struct vcpu *v, struct vcpu *target, u64 handle)
{
	struct vcpu_set_periodic_timer op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	if (op.period_ns < PERIOD_MIN_NS || op.period_ns > PERIOD_MAX_NS)
		return -EINVAL;
	vcpu_set_period(target, ns_to_tb(op.period_ns));
	return 0;
}

/**
 * do_vcpu_op() - hypercall 24
 * @v: calling vcpu
 * @arg: op, vcpu number, handle
 *
 * There are no non-maskable interrupts: send_nmi is -ENOSYS.
 *
 * Return: 0 or what the op defines; -ENOENT for a vcpu that does not exist, -ENOSYS for an unknown
 * op, -EFAULT for a bad handle, -EINVAL for arguments that the op refuses; -EEXIST from
 * VCPUOP_initialise for a vcpu that is up, or that has a context but has not started yet; -ETIME
 * from VCPUOP_set_singleshot_timer for a past time with VCPU_SSHOTTMR_future.
 */
s64 do_vcpu_op(struct vcpu *v, u64 *arg)
{
	struct vcpu *target;

	if (arg[1] >= v->domain->nr_vcpus)
		return -ENOENT;
	target = v->domain->vcpu[arg[1]];

	switch (arg[0]) {
	case VCPUOP_initialise:
		return vcpuop_initialise(v, target, arg[2]);
	case VCPUOP_up:
		return vcpuop_up(target);
	case VCPUOP_down:
		return vcpuop_down(target);
	case VCPUOP_is_up:
		return vcpu_is_up(target);
	case VCPUOP_get_runstate_info:
		return vcpuop_get_runstate_info(v, target, arg[2]);
	case VCPUOP_register_runstate_memory_area:
		return vcpuop_register_runstate_area(v, target, arg[2], false);
	case VCPUOP_register_runstate_phys_area:
		return vcpuop_register_runstate_area(v, target, arg[2], true);
	case VCPUOP_register_vcpu_info:
		return vcpuop_register_vcpu_info(v, target, arg[2]);
	case VCPUOP_set_singleshot_timer:
		return vcpuop_set_singleshot_timer(v, target, arg[2]);
	case VCPUOP_stop_singleshot_timer:
		if (target != v)
			return -EINVAL;
		timer_cancel(&v->singleshot);
		return 0;
	case VCPUOP_set_periodic_timer:
		return vcpuop_set_periodic_timer(v, target, arg[2]);
	case VCPUOP_stop_periodic_timer:
		vcpu_set_period(target, 0);
		return 0;
	default:
		return -ENOSYS;
	}
}
