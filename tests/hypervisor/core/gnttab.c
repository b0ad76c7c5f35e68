// SPDX-License-Identifier: GPL-2.0
/*
 * Grant tables: the table itself, which a guest sees as frames that it maps
 * with XENMEM_add_to_physmap, and the ops that describe it. Entries have
 * version 1. Mapping and copying grants answer -ENOSYS.
 */
#include "core/gnttab.h"
#include "core/hypercall.h"
#include "core/xencomm.h"
#include "lib/errno.h"
#include "lib/slab.h"

/**
 * gnttab_init() - give a new domain its grant table
 * @d: the domain; the first frame exists from the start
 *
 * Return: 0 or -ENOMEM.
 */
int gnttab_init(struct domain *d)
{
	u64 mfn;

	d->gt = xzalloc(sizeof(*d->gt));
	if (!d->gt)
		return -ENOMEM;
	return gnttab_frame(d, 0, &mfn);
}

/**
 * gnttab_free() - free the table of a dead domain
 * @d: the domain, its p2m destroyed
 */
void gnttab_free(struct domain *d)
{
	if (!d->gt)
		return;
	for (u32 i = 0; i < d->gt->nr_frames; i++)
		free_pages(d->gt->mfn[i] << PAGE_SHIFT, 0);
	xfree(d->gt);
	d->gt = NULL;
}

/**
 * gnttab_frame() - a frame of a domain's table; the table grows to it
 * @d: the domain
 * @index: frame of the table
 * @mfn: where to store the machine frame
 *
 * Return: 0, -EINVAL beyond the largest table, -ENOMEM.
 */
int gnttab_frame(struct domain *d, u64 index, u64 *mfn)
{
	struct gnttab *gt = d->gt;
	u64 ma;

	if (index >= GNTTAB_MAX_FRAMES)
		return -EINVAL;
	while (gt->nr_frames <= index) {
		ma = alloc_zeroed_pages(0);
		if (!ma)
			return -ENOMEM;
		gt->mfn[gt->nr_frames++] = ma >> PAGE_SHIFT;
	}
	*mfn = gt->mfn[index];
	return 0;
}

static s64 op_query_size(struct vcpu *v, u64 handle)
{
	struct domain *d = v->domain;
	struct gnttab_query_size op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	if (op.dom != DOMID_SELF && op.dom != d->id)
		d = d->privileged ? domain_find(op.dom) : NULL;
	if (d) {
		op.nr_frames = d->gt->nr_frames;
		op.max_nr_frames = GNTTAB_MAX_FRAMES;
		op.status = GNTST_okay;
	} else {
		op.status = v->domain->privileged ? GNTST_bad_domain : GNTST_permission_denied;
	}
	return copy_to_guest(v, handle, 0, &op, sizeof(op));
}

static s64 op_set_version(struct vcpu *v, u64 handle)
{
	struct gnttab_set_version op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	return op.version == 1 ? 0 : -EINVAL;
}

static s64 op_get_version(struct vcpu *v, u64 handle)
{
	struct gnttab_get_version op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	if (op.dom != DOMID_SELF && op.dom != v->domain->id) {
		if (!v->domain->privileged)
			return -EPERM;
		if (!domain_find(op.dom))
			return -ESRCH;
	}
	op.version = 1;
	return copy_to_guest(v, handle, 0, &op, sizeof(op));
}

/**
 * do_grant_table_op() - hypercall 20
 * @v: calling vcpu
 * @arg: op, handle of an array, number of elements; these ops take one each
 *
 * Return: 0, with GNTST_* in the structure where it has a status; -EINVAL for
 * a wrong count or version, -EFAULT, -ENOSYS.
 */
s64 do_grant_table_op(struct vcpu *v, u64 *arg)
{
	switch (arg[0]) {
	case GNTTABOP_query_size:
		return arg[2] == 1 ? op_query_size(v, arg[1]) : -EINVAL;
	case GNTTABOP_set_version:
		return arg[2] == 1 ? op_set_version(v, arg[1]) : -EINVAL;
	case GNTTABOP_get_version:
		return arg[2] == 1 ? op_get_version(v, arg[1]) : -EINVAL;
	default:
		return -ENOSYS;
	}
}
