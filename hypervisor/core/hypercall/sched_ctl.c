// SPDX-License-Identifier: GPL-2.0
/*
 * The domctls and sysctls of the scheduler: weights and caps, affinity, and what vcpus and pCPUs
 * have done. dom0's tools see Xen's credit scheduler, whose weight and cap mean the same.
 */
#include "core/sched/private.h"
#include "core/hypercall/tools.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"
#include "lib/string.h"

#define MAX_CAP	(100U * MAX_PCPUS)
#define CAP_UNCHANGED	0xffff

static s64 domctl_scheduler_op(struct domain *d, struct xen_domctl *op, bool *copy_back)
{
	struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;

	if (s->sched_id != XEN_SCHEDULER_CREDIT)
		return -EINVAL;
	switch (s->cmd) {
	case XEN_DOMCTL_SCHEDOP_getinfo:
		s->u.credit.weight = READ_ONCE(d->sched.weight);
		s->u.credit.cap = READ_ONCE(d->sched.cap);
		*copy_back = true;
		return 0;
	case XEN_DOMCTL_SCHEDOP_putinfo:
		if (s->u.credit.cap != CAP_UNCHANGED && s->u.credit.cap > MAX_CAP)
			return -EINVAL;
		/* d->lock: the weight and cap of one call take effect together. */
		spin_lock(&d->lock);
		if (s->u.credit.weight)
			sched_set_weight(d, s->u.credit.weight);
		if (s->u.credit.cap != CAP_UNCHANGED)
			sched_set_cap(d, s->u.credit.cap);
		spin_unlock(&d->lock);
		return 0;
	default:
		return -EINVAL;
	}
}

/* Copies in a bitmap of pCPUs. Bits from 64 on are ignored. */
static int xenctl_bitmap_copy_in(struct vcpu *v, const struct xenctl_bitmap *map, u64 *mask)
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

static int xenctl_bitmap_copy_out(struct vcpu *v, const struct xenctl_bitmap *map, u64 mask)
{
	u32 bits = min(map->nr_bits, 64U);
	u8 bytes[8] = { 0 };

	for (u32 i = 0; i < bits; i++)
		if (mask & BIT(i))
			bytes[i / 8] |= 1 << i % 8;
	return copy_to_guest(v, map->bitmap.q, 0, bytes, (bits + 7) / 8);
}

static s64 domctl_setvcpuaffinity(struct vcpu *v, struct vcpu *target, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	u64 mask;
	int rc;

	/* Only hard affinity exists: a request for soft affinity is refused. */
	if (a->flags != XEN_VCPUAFFINITY_HARD)
		return -EINVAL;
	rc = xenctl_bitmap_copy_in(v, &a->cpumap_hard, &mask);
	if (rc)
		return rc;
	if (!(mask & ~0UL >> (64 - nr_pcpus)))
		return -EINVAL;
	sched_set_affinity(target, mask);
	return xenctl_bitmap_copy_out(v, &a->cpumap_hard, may_use(target));
}

static s64 domctl_getvcpuaffinity(struct vcpu *v, const struct vcpu *target, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	int rc = 0;

	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = xenctl_bitmap_copy_out(v, &a->cpumap_hard, READ_ONCE(target->affinity));
	if (!rc && (a->flags & XEN_VCPUAFFINITY_SOFT))
		rc = xenctl_bitmap_copy_out(v, &a->cpumap_soft, ~0UL);
	return rc;
}

static s64 domctl_getvcpuinfo(const struct vcpu *target, struct xen_domctl *op, bool *copy_back)
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
	*copy_back = true;
	return 0;
}

/**
 * sched_domctl() - do a domctl of the scheduler
 * @v: calling vcpu, of dom0
 * @d: the domain that @op names
 * @op: a copy of the request; the result is stored in it
 * @copy_back: set to true if there is a result in @op
 *
 * Return: 0; -ENOSYS for another op, -EINVAL for a vcpu that does not exist, a
 * mask without a processor of this machine, or another scheduler than credit;
 * -EFAULT.
 */
s64 sched_domctl(struct vcpu *v, struct domain *d, struct xen_domctl *op, bool *copy_back)
{
	struct vcpu *target = NULL;

	/* All structures that name a vcpu begin with it. */
	if (op->u.getvcpuinfo.vcpu < d->nr_vcpus)
		target = d->vcpu[op->u.getvcpuinfo.vcpu];
	switch (op->cmd) {
	case XEN_DOMCTL_scheduler_op:
		return domctl_scheduler_op(d, op, copy_back);
	case XEN_DOMCTL_setvcpuaffinity:
		return target ? domctl_setvcpuaffinity(v, target, op) : -EINVAL;
	case XEN_DOMCTL_getvcpuaffinity:
		return target ? domctl_getvcpuaffinity(v, target, op) : -EINVAL;
	case XEN_DOMCTL_getvcpuinfo:
		return target ? domctl_getvcpuinfo(target, op, copy_back) : -EINVAL;
	default:
		return -ENOSYS;
	}
}

static u64 pcpu_idle_ticks(struct pcpu *p)
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

static s64 sysctl_getcpuinfo(struct vcpu *v, struct xen_sysctl_getcpuinfo *g)
{
	struct xen_sysctl_cpuinfo info;
	u32 n = min(g->max_cpus, nr_pcpus);

	for (u32 i = 0; i < n; i++) {
		info.idletime = tb_to_ns(pcpu_idle_ticks(&pcpus[i]));
		if (copy_to_guest(v, g->info.q, i * sizeof(info), &info, sizeof(info)))
			return -EFAULT;
	}
	g->nr_cpus = n;
	return 0;
}

/**
 * sched_sysctl() - sysctls that are the scheduler's
 * @v: calling vcpu, of dom0
 * @op: a copy of the request, answered in place
 *
 * Return: 0; -ENOSYS for another op; -EFAULT.
 */
s64 sched_sysctl(struct vcpu *v, struct xen_sysctl *op)
{
	switch (op->cmd) {
	case XEN_SYSCTL_getcpuinfo:
		return sysctl_getcpuinfo(v, &op->u.getcpuinfo);
	case XEN_SYSCTL_sched_id:
		op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT;
		return 0;
	default:
		return -ENOSYS;
	}
}
