// SPDX-License-Identifier: GPL-2.0
/*
 * Foreign memory: dom0 maps frames of other domains by (domid, gfn), for its
 * tools. Each mapping holds a reference on its page, so the page, and with it
 * the number and struct of its owner, outlives what its owner does.
 *
 * XENMEM_add_to_physmap_range: the number of elements done is kept above the
 * op, as in memory_op.c, while the call is executed again.
 */
#include "core/arch_ops.h"
#include "core/mm/memory_foreign.h"
#include "core/mm/memory.h"
#include "core/hypercall/memory_op.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

#define AT_ONCE		64

/**
 * foreign_map() - map a frame of another domain
 * @d: who gets it
 * @gfn: where; memory_gfn_valid() holds
 * @from: its owner
 * @from_gfn: which, writable RAM of @from
 *
 * Return: 0, -EINVAL if there is no such frame, -EBUSY where a grant is
 * mapped, -ENOMEM.
 */
int foreign_map(struct domain *d, u64 gfn, struct domain *from, u64 from_gfn)
{
	u64 mfn;
	int rc;

	rc = frame_get(from, from_gfn, &mfn);
	if (rc)
		return rc;
	__atomic_add_fetch(&d->foreign_maps, 1, __ATOMIC_RELAXED);
	rc = memory_map_frame(d, gfn, mfn, P2M_FOREIGN, true);
	if (rc)
		foreign_drop(d, mfn);
	return rc;
}

/**
 * foreign_drop() - a mapping is gone
 * @d: who had it; no processor translates to it any more
 * @mfn: the frame, whose reference goes with it
 */
void foreign_drop(struct domain *d, u64 mfn)
{
	__atomic_sub_fetch(&d->foreign_maps, 1, __ATOMIC_RELAXED);
	page_put(mfn);
}

static int add_one(struct domain *d, struct domain *from, u16 space, u64 idx, u64 gfn)
{
	if (!memory_gfn_valid(d, gfn))
		return -EINVAL;
	if (space == XENMAPSPACE_gmfn_foreign)
		return foreign_map(d, gfn, from, idx);
	return add_own_to_physmap(d, space, idx, gfn);
}

/* Checks who may do what to whom; @from is NULL but for foreign frames. */
static int find_parties(struct vcpu *v, const struct xen_add_to_physmap_range *op,
			struct domain **d, struct domain **from)
{
	int rc = memory_find_domain(v, op->domid, d);

	*from = NULL;
	if (rc)
		return rc;
	if (op->space != XENMAPSPACE_gmfn_foreign)
		return op->foreign_domid ? -EINVAL : 0;
	if (!v->domain->privileged)
		return -EPERM;
	*from = domain_find(op->foreign_domid);
	if (!*from)
		return -ESRCH;
	/* Its own frames a domain has already: a second place would own them twice. */
	return *from == *d ? -EINVAL : 0;
}

/**
 * add_to_physmap_batch() - XENMEM_add_to_physmap_range
 * @v: calling vcpu
 * @arg: op and elements done, handle of struct xen_add_to_physmap_range
 *
 * Return: 0, with an error number for each element in errs; -EFAULT, -EPERM
 * for foreign frames to another than dom0, -ESRCH, -EINVAL for a domain's own
 * frames.
 */
s64 add_to_physmap_batch(struct vcpu *v, u64 *arg)
{
	u64 done = arg[0] >> MEMOP_EXTENT_SHIFT, stop, idx, gfn;
	struct xen_add_to_physmap_range op;
	struct domain *d, *from;
	s32 err;
	int rc;

	if (copy_from_guest(v, arg[1], 0, &op, sizeof(op)))
		return -EFAULT;
	rc = find_parties(v, &op, &d, &from);
	if (rc)
		return rc;
	if (done > op.size)
		return -EINVAL;
	stop = min((u64)op.size, done + AT_ONCE);
	for (; done < stop; done++) {
		if (copy_from_guest(v, op.idxs.q, done * sizeof(idx), &idx, sizeof(idx)) ||
		    copy_from_guest(v, op.gpfns.q, done * sizeof(gfn), &gfn, sizeof(gfn)))
			return -EFAULT;
		err = add_one(d, from, op.space, idx, gfn);
		if (copy_to_guest(v, op.errs.q, done * sizeof(err), &err, sizeof(err)))
			return -EFAULT;
	}
	if (done == op.size)
		return 0;
	arg[0] = (arg[0] & MEMOP_CMD_MASK) | done << MEMOP_EXTENT_SHIFT;
	return HYPERCALL_RESTART;
}
