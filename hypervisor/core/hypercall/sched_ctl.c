// SPDX-License-Identifier: GPL-2.0
/*
 * What dom0's tools ask of the scheduler: weights and caps, affinity, and what
 * vcpus and processors have done. To them it is Xen's credit scheduler, whose
 * parameters mean the same.
 */
#include "core/sched/private.h"
#include "core/hypercall/tools.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"
#include "lib/string.h"

#define CAP_MOST	(100U * MAX_PCPUS)
#define CAP_AS_IT_IS	0xffff

static s64 copy_back(struct vcpu *v, u64 handle, const struct xen_domctl *op)
{
	return copy_to_guest(v, handle, 0, op, sizeof(*op));
}

static s64 op_scheduler(struct vcpu *v, struct domain *d, u64 handle, struct xen_domctl *op)
{
	struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;

	if (s->sched_id != XEN_SCHEDULER_CREDIT)
		return -EINVAL;
	switch (s->cmd) {
	case XEN_DOMCTL_SCHEDOP_getinfo:
		s->u.credit.weight = READ_ONCE(d->sched.weight);
		s->u.credit.cap = READ_ONCE(d->sched.cap);
		return copy_back(v, handle, op);
	case XEN_DOMCTL_SCHEDOP_putinfo:
		if (s->u.credit.cap != CAP_AS_IT_IS && s->u.credit.cap > CAP_MOST)
			return -EINVAL;
		/* Of two of the tools' calls at once both take effect whole. */
		spin_lock(&d->lock);
		if (s->u.credit.weight)
			sched_set_weight(d, s->u.credit.weight);
		if (s->u.credit.cap != CAP_AS_IT_IS)
			sched_set_cap(d, s->u.credit.cap);
		spin_unlock(&d->lock);
		return 0;
	default:
		return -EINVAL;
	}
}

/* A map of processors; bits beyond ours do not count. */
static int read_map(struct vcpu *v, const struct xenctl_bitmap *map, u64 *mask)
{
	u32 bits = min(map->nr_bits, 64U);
	u8 bytes[8] = { 0 };

	if (copy_from_guest(v, map->bitmap.q, 0, bytes, (bits + 7) / 8))
		return -EFAULT;
	*mask = 0;
	for (u32 i = 0; i < bits; i++)
		if (bytes[i / 8] >> i % 8 & 1)
			*mask |= BIT(i);
	return 0;
}

static int write_map(struct vcpu *v, const struct xenctl_bitmap *map, u64 mask)
{
	u32 bits = min(map->nr_bits, 64U);
	u8 bytes[8] = { 0 };

	for (u32 i = 0; i < bits; i++)
		if (mask & BIT(i))
			bytes[i / 8] |= 1 << i % 8;
	return copy_to_guest(v, map->bitmap.q, 0, bytes, (bits + 7) / 8);
}

static s64 op_set_affinity(struct vcpu *v, struct vcpu *target, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	u64 mask;
	int rc;

	/* There is no soft affinity that could be kept. */
	if (a->flags != XEN_VCPUAFFINITY_HARD)
		return -EINVAL;
	rc = read_map(v, &a->cpumap_hard, &mask);
	if (rc)
		return rc;
	if (!(mask & ~0UL >> (64 - nr_pcpus)))
		return -EINVAL;
	sched_set_affinity(target, mask);
	return write_map(v, &a->cpumap_hard, may_use(target));
}

static s64 op_get_affinity(struct vcpu *v, const struct vcpu *target, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	int rc = 0;

	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = write_map(v, &a->cpumap_hard, READ_ONCE(target->affinity));
	if (!rc && (a->flags & XEN_VCPUAFFINITY_SOFT))
		rc = write_map(v, &a->cpumap_soft, ~0UL);
	return rc;
}

static s64 op_vcpu_info(struct vcpu *v, const struct vcpu *target, u64 handle,
			struct xen_domctl *op)
{
	struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
	enum vcpu_state state = READ_ONCE(target->state);
	struct vcpu_runstate_info rs;

	runstate_snapshot(target, &rs);
	info->online = state != VCPU_DOWN;
	info->blocked = state == VCPU_BLOCKED;
	info->running = rs.state == RUNSTATE_running;
	info->cpu_time = rs.time[RUNSTATE_running];
	info->cpu = READ_ONCE(target->pcpu)->id;
	return copy_back(v, handle, op);
}

/**
 * sched_domctl() - domctls that are the scheduler's
 * @v: calling vcpu, of dom0
 * @d: the domain it is about
 * @handle: of @op, for what is given back
 * @op: a copy of the request
 *
 * Return: 0; -ENOSYS for another op, -EINVAL for a vcpu that does not exist, a
 * mask without a processor of this machine, or another scheduler than credit;
 * -EFAULT.
 */
s64 sched_domctl(struct vcpu *v, struct domain *d, u64 handle, struct xen_domctl *op)
{
	struct vcpu *target = NULL;

	/* In all of them the vcpu comes first. */
	if (op->u.getvcpuinfo.vcpu < d->nr_vcpus)
		target = d->vcpu[op->u.getvcpuinfo.vcpu];
	switch (op->cmd) {
	case XEN_DOMCTL_scheduler_op:
		return op_scheduler(v, d, handle, op);
	case XEN_DOMCTL_setvcpuaffinity:
		return target ? op_set_affinity(v, target, op) : -EINVAL;
	case XEN_DOMCTL_getvcpuaffinity:
		return target ? op_get_affinity(v, target, op) : -EINVAL;
	case XEN_DOMCTL_getvcpuinfo:
		return target ? op_vcpu_info(v, target, handle, op) : -EINVAL;
	default:
		return -ENOSYS;
	}
}

static u64 idle_ticks(struct pcpu *p)
{
	u64 ticks, since;

	spin_lock(&p->lock);
	ticks = p->idle_tb;
	since = p->idle_since;
	if (since != TIMER_NEVER)
		ticks += arch_tb() - since;
	spin_unlock(&p->lock);
	return ticks;
}

static s64 op_cpu_info(struct vcpu *v, u64 handle, struct xen_sysctl *op)
{
	struct xen_sysctl_getcpuinfo *g = &op->u.getcpuinfo;
	struct xen_sysctl_cpuinfo info;
	u32 n = min(g->max_cpus, nr_pcpus);

	for (u32 i = 0; i < n; i++) {
		info.idletime = tb_to_ns(idle_ticks(&pcpus[i]));
		if (copy_to_guest(v, g->info.q, i * sizeof(info), &info, sizeof(info)))
			return -EFAULT;
	}
	g->nr_cpus = n;
	return copy_to_guest(v, handle, 0, op, sizeof(*op));
}

/**
 * sched_sysctl() - sysctls that are the scheduler's
 * @v: calling vcpu, of dom0
 * @handle: of @op, for what is given back
 * @op: a copy of the request
 *
 * Return: 0; -ENOSYS for another op; -EFAULT.
 */
s64 sched_sysctl(struct vcpu *v, u64 handle, struct xen_sysctl *op)
{
	switch (op->cmd) {
	case XEN_SYSCTL_getcpuinfo:
		return op_cpu_info(v, handle, op);
	case XEN_SYSCTL_sched_id:
		op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT;
		return copy_to_guest(v, handle, 0, op, sizeof(*op));
	default:
		return -ENOSYS;
	}
}
