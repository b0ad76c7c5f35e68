// SPDX-License-Identifier: GPL-2.0
/*
 * The domctl hypercall (r4 = handle): what dom0's tools do to a domain, in the
 * interface version of Xen 4.17.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/domain/domain.h"
#include "core/evtchn/evtchn.h"
#include "core/gnttab/gnttab.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "core/base/timer.h"
#include "core/hypercall/tools.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"
#include "lib/string.h"

#define GPADDR_BITS	52	/* of guest physical space: the radix tree's */

static void domain_info_vcpus(const struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	struct vcpu_runstate_info rs;
	bool blocked = true;

	/* What the hypervisor worked to build it again is the domain's time, too. */
	info->cpu_time = tb_to_ns(READ_ONCE(d->reap_ticks));
	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		const struct vcpu *v = d->vcpu[i];
		enum vcpu_state state = READ_ONCE(v->state);

		runstate_snapshot(v, &rs);
		info->cpu_time += rs.time[RUNSTATE_running];
		if (state == VCPU_DOWN)
			continue;
		info->nr_online_vcpus++;
		if (state != VCPU_BLOCKED)
			blocked = false;
		if (rs.state == RUNSTATE_running)
			info->flags |= XEN_DOMINF_running;
	}
	if (blocked && READ_ONCE(d->state) == DOM_RUNNING)
		info->flags |= XEN_DOMINF_blocked;
}

/**
 * domain_info() - describe a domain to dom0's tools
 * @d: the domain, running or dying
 * @info: filled in
 *
 * Takes d->lock and the pCPU lock of each vcpu in turn. Each member is correct at the time at which it is
 * read; different members may be from different times.
 */
void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	/* Acquire: pairs with domain_end(); the reason is set before the state changes. */
	enum shutdown_state state = __atomic_load_n(&d->state, __ATOMIC_ACQUIRE);

	memset(info, 0, sizeof(*info));
	info->domain = d->id;
	info->flags = XEN_DOMINF_hvm_guest | XEN_DOMINF_hap;
	if (state == DOM_DYING)
		info->flags |= XEN_DOMINF_dying;
	if (state != DOM_RUNNING)
		info->flags |= XEN_DOMINF_shutdown |
			       (READ_ONCE(d->shutdown_reason) & XEN_DOMINF_shutdownmask) <<
			       XEN_DOMINF_shutdownshift;
	if (READ_ONCE(d->paused))
		info->flags |= XEN_DOMINF_paused;
	info->tot_pages = domain_pages(d);
	info->max_pages = READ_ONCE(d->max_pages);
	info->shared_info_frame = READ_ONCE(d->shared_info_gfn);
	info->max_vcpu_id = d->nr_vcpus - 1;
	domain_get_handle(d, info->handle);
	info->gpaddr_bits = GPADDR_BITS;
	domain_info_vcpus(d, info);
}

/* Describes the domain with the requested number or, as Xen does, the next one that exists. */
static s64 domctl_getdomaininfo(struct xen_domctl *op)
{
	for (unsigned int id = op->domain; id < MAX_DOMAINS; id++) {
		struct domain *d = READ_ONCE(domains[id]);

		if (!d)
			continue;
		domain_info(d, &op->u.getdomaininfo);
		op->domain = id;
		return 0;
	}
	return op->domain >= DOMID_FIRST_RESERVED ? -EINVAL : -ESRCH;
}

static s64 domctl_max_mem(struct domain *d, u64 kib)
{
	u64 pages = kib >> (PAGE_SHIFT - 10);

	if (pages >> 40)
		return -EINVAL;
	/* A limit below the present size is allowed: the domain keeps its pages but cannot grow. */
	spin_lock(&d->page_lock);
	WRITE_ONCE(d->max_pages, pages);
	spin_unlock(&d->page_lock);
	return 0;
}

/*
 * Also of a domain that has shut down: otherwise one that reboots again and again could be destroyed
 * only in the moments at which it runs.
 */
static s64 domctl_destroydomain(const struct vcpu *v, domid_t id)
{
	struct domain *d;

	if (id == DOMID_SELF || id == v->domain->id)
		return -EINVAL;
	d = id < MAX_DOMAINS ? READ_ONCE(domains[id]) : NULL;
	if (!d)
		return -ESRCH;
	return domain_destroy(d) ? 0 : -EBUSY;
}

static s64 domctl_pausedomain(const struct vcpu *v, struct domain *d, bool pause)
{
	s64 rc = 0;

	if (d == v->domain)
		return -EINVAL;
	/* d->lock: after two concurrent calls all vcpus have the state that the later one set. */
	spin_lock(&d->lock);
	if (d->paused == pause) {
		rc = pause ? 0 : -EINVAL;
	} else {
		WRITE_ONCE(d->paused, pause);
		for (unsigned int i = 0; i < d->nr_vcpus; i++)
			sched_hold(d->vcpu[i], pause);
	}
	spin_unlock(&d->lock);
	return rc;
}

/* Ops on one domain. Sets *@copy_back if the op returns a result in its structure. */
static s64 domctl_of_domain(struct vcpu *v, struct domain *d, struct xen_domctl *op, bool *copy_back)
{
	switch (op->cmd) {
	case XEN_DOMCTL_pausedomain:
		return domctl_pausedomain(v, d, true);
	case XEN_DOMCTL_unpausedomain:
		return domctl_pausedomain(v, d, false);
	case XEN_DOMCTL_max_mem:
		return domctl_max_mem(d, op->u.max_mem.max_memkb);
	case XEN_DOMCTL_setdomainhandle:
		return domain_set_handle(d, op->u.setdomainhandle.handle);
	case XEN_DOMCTL_set_gnttab_limits:
		return gnttab_set_limits(d, op->u.set_gnttab_limits.grant_frames,
					 op->u.set_gnttab_limits.maptrack_frames);
	default:
		return sched_domctl(v, d, op, copy_back);
	}
}

/**
 * do_domctl() - hypercall 36
 * @v: calling vcpu
 * @arg: handle of struct xen_domctl
 *
 * Return: 0; -EPERM if the caller is not dom0, -EACCES for another interface version, -ESRCH for
 * a domain that does not exist or is dying, -ENOSYS for an unknown op, -EFAULT, or the error of
 * the op.
 */
s64 do_domctl(struct vcpu *v, u64 *arg)
{
	bool copy_back = false;
	struct xen_domctl op;
	struct domain *d;
	s64 rc;

	if (!v->domain->privileged)
		return -EPERM;
	if (copy_from_guest(v, arg[0], 0, &op, sizeof(op)))
		return -EFAULT;
	if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return -EACCES;
	/* getdomaininfo also accepts a dying domain, and a number that no domain has. */
	if (op.cmd == XEN_DOMCTL_getdomaininfo) {
		rc = domctl_getdomaininfo(&op);
		copy_back = true;
	} else if (op.cmd == XEN_DOMCTL_destroydomain) {
		rc = domctl_destroydomain(v, op.domain);
	} else {
		rc = hypercall_target(v, op.domain, &d);
		if (!rc)
			rc = domctl_of_domain(v, d, &op, &copy_back);
	}
	if (!rc && copy_back && copy_to_guest(v, arg[0], 0, &op, sizeof(op)))
		return -EFAULT;
	return rc;
}
