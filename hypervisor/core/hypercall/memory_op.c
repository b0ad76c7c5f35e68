// SPDX-License-Identifier: GPL-2.0
/*
 * The memory_op hypercall: bits 5:0 of r4 = op, r5 = handle. An op on a list keeps the number of
 * elements done in the upper bits of r4 and continues there when the guest executes its sc again.
 * Ops on extents finally return that number.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/mm/memory_foreign.h"
#include "core/gnttab/gnttab.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/memory.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

/* How much one execution of the sc does; the guest can take interrupts in between. */
#define FRAMES_AT_ONCE	128UL
#define RANGE_AT_ONCE	64UL	/* elements of XENMEM_add_to_physmap_range */

/* An extent is done as a whole, so what a domU may have is no larger than what is done at once. */
#define MAX_EXTENT_ORDER(d)	((d)->privileged ? 9 : 7)
#define MAX_EXTENTS	BIT(32)

/* Populates an extent; after an error no frame is populated that was not populated before. */
static int xenmem_populate_extent(struct domain *d, u64 gfn, u64 nr)
{
	if ((gfn & (nr - 1)) || !memory_gfn_valid(d, gfn) || !memory_gfn_valid(d, gfn + nr - 1))
		return -EINVAL;
	return memory_populate_extent(d, gfn, nr);
}

static int xenmem_remove_extent(struct domain *d, u64 gfn, u64 nr, struct list_head *gone)
{
	if (gfn & (nr - 1))
		return -EINVAL;
	return memory_remove_extent(d, gfn, nr, gone);
}

/* Handles extents from *@done on, until one fails or FRAMES_AT_ONCE frames are done, at least one extent. */
static int xenmem_extents(struct vcpu *v, struct domain *d, const struct xen_memory_reservation *r,
			  u64 *done, bool populate)
{
	u64 nr = 1UL << r->extent_order, gfn;
	u64 stop = min(r->nr_extents, *done + max(FRAMES_AT_ONCE / nr, 1UL));
	struct list_head gone;
	int rc = 0;

	list_init(&gone);
	for (; *done < stop; (*done)++) {
		rc = copy_from_guest(v, r->extent_start.q, *done * sizeof(gfn), &gfn, sizeof(gfn));
		if (rc)
			break;
		rc = populate ? xenmem_populate_extent(d, gfn, nr) : xenmem_remove_extent(d, gfn, nr, &gone);
		if (rc)
			break;
	}
	memory_remove_end(d, &gone);
	return rc;
}

static s64 xenmem_reservation(struct vcpu *v, u64 *arg, bool populate)
{
	u64 done = arg[0] >> MEMOP_EXTENT_SHIFT;
	struct xen_memory_reservation r;
	struct domain *d;
	int rc;

	if (copy_from_guest(v, arg[1], 0, &r, sizeof(r)))
		return -EFAULT;
	rc = hypercall_target(v, r.domid, &d);
	if (rc)
		return rc;
	if (r.extent_order > MAX_EXTENT_ORDER(v->domain))
		return -EPERM;
	if (r.nr_extents >= MAX_EXTENTS || done > r.nr_extents)
		return -EINVAL;

	rc = xenmem_extents(v, d, &r, &done, populate);
	if (rc == -EFAULT && !done)
		return rc;
	/* The error of an extent is not returned: the number of extents done shows which failed. */
	if (rc || done == r.nr_extents)
		return done;
	arg[0] = (arg[0] & MEMOP_CMD_MASK) | done << MEMOP_EXTENT_SHIFT;
	return HYPERCALL_RESTART;
}

/*
 * Maps shared_info at @gfn. If its previous frame was RAM before, that frame becomes RAM again: a
 * kernel started by kexec does not know where the previous kernel had mapped shared_info. d->lock
 * held, since two vcpus may move it at the same time.
 */
static int map_shared_info(struct domain *d, u64 gfn)
{
	u64 old = d->shared_info_gfn;
	bool over_ram;
	int rc;

	if (old == gfn)
		return 0;
	over_ram = frame_ptr(d, gfn, false);
	rc = memory_map_frame(d, gfn, ptr_to_ma(d->shared_info) >> PAGE_SHIFT, P2M_SHARED, true);
	if (rc)
		return rc;
	if (old != GFN_NONE) {
		(void)memory_remove(d, old);
		if (d->shared_info_over_ram)
			(void)memory_populate_extent(d, old, 1);
	}
	WRITE_ONCE(d->shared_info_gfn, gfn);
	d->shared_info_over_ram = over_ram;
	return 0;
}

/*
 * Maps a frame that the hypervisor keeps for @d (shared_info, grant table) at @gfn, for which
 * memory_gfn_valid() holds. Return: 0, -EAGAIN to be called again, -ENOSYS for a space that is not
 * offered, or another error.
 */
static int xenmem_place(struct domain *d, u32 space, u64 idx, u64 gfn)
{
	u64 mfn;
	int rc;

	switch (space) {
	case XENMAPSPACE_shared_info:
		if (idx)
			return -EINVAL;
		spin_lock(&d->lock);
		rc = map_shared_info(d, gfn);
		spin_unlock(&d->lock);
		return rc;
	case XENMAPSPACE_grant_table:
		/* The index of a status frame (version 2) has its top bit set and is refused. */
		rc = gnttab_frame(d, idx, &mfn);
		return rc ? rc : memory_map_frame(d, gfn, mfn, P2M_SHARED, true);
	default:
		return -ENOSYS;
	}
}

static s64 xenmem_add_to_physmap(struct vcpu *v, void *arg)
{
	const struct xen_add_to_physmap *op = arg;
	struct domain *d;
	int rc;

	rc = hypercall_target(v, op->domid, &d);
	if (rc)
		return rc;
	if (!memory_gfn_valid(d, op->gpfn))
		return -EINVAL;
	rc = xenmem_place(d, op->space, op->idx, op->gpfn);
	return rc == -EAGAIN ? HYPERCALL_RESTART : rc;
}

static int xenmem_range_one(struct domain *d, struct domain *from, u16 space, u64 idx, u64 gfn)
{
	if (!memory_gfn_valid(d, gfn))
		return -EINVAL;
	if (space == XENMAPSPACE_gmfn_foreign)
		return memory_foreign_map(d, gfn, from, idx);
	return xenmem_place(d, space, idx, gfn);
}

/* Finds the domain that gets the frames and, for foreign frames, their owner (else NULL). */
static int xenmem_range_domains(struct vcpu *v, const struct xen_add_to_physmap_range *op,
				struct domain **d, struct domain **from)
{
	int rc = hypercall_target(v, op->domid, d);

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
	/* A domain's own frame is no foreign frame. */
	return *from == *d ? -EINVAL : 0;
}

/* Stores the result of each element in errs, and continues after an element that failed. */
static s64 xenmem_add_to_physmap_range(struct vcpu *v, u64 *arg)
{
	u64 done = arg[0] >> MEMOP_EXTENT_SHIFT, stop, idx, gfn;
	struct xen_add_to_physmap_range op;
	struct domain *d, *from;
	s32 err;
	int rc;

	if (copy_from_guest(v, arg[1], 0, &op, sizeof(op)))
		return -EFAULT;
	rc = xenmem_range_domains(v, &op, &d, &from);
	if (rc)
		return rc;
	if (done > op.size)
		return -EINVAL;
	stop = min((u64)op.size, done + RANGE_AT_ONCE);
	for (; done < stop; done++) {
		if (copy_from_guest(v, op.idxs.q, done * sizeof(idx), &idx, sizeof(idx)) ||
		    copy_from_guest(v, op.gpfns.q, done * sizeof(gfn), &gfn, sizeof(gfn)))
			return -EFAULT;
		err = xenmem_range_one(d, from, op.space, idx, gfn);
		if (err == -EAGAIN)
			break;
		if (copy_to_guest(v, op.errs.q, done * sizeof(err), &err, sizeof(err)))
			return -EFAULT;
	}
	if (done == op.size)
		return 0;
	arg[0] = (arg[0] & MEMOP_CMD_MASK) | done << MEMOP_EXTENT_SHIFT;
	return HYPERCALL_RESTART;
}

static s64 xenmem_remove_from_physmap(struct vcpu *v, void *arg)
{
	const struct xen_remove_from_physmap *op = arg;
	struct domain *d;
	int rc;

	rc = hypercall_target(v, op->domid, &d);
	return rc ? rc : memory_remove(d, op->gpfn);
}

static s64 xenmem_current_reservation(struct vcpu *v, void *arg)
{
	struct domain *d;
	int rc = hypercall_target(v, *(domid_t *)arg, &d);

	return rc ? rc : (s64)domain_pages(d);
}

static s64 xenmem_maximum_reservation(struct vcpu *v, void *arg)
{
	struct domain *d;
	int rc = hypercall_target(v, *(domid_t *)arg, &d);

	return rc ? rc : (s64)READ_ONCE(d->max_pages);
}

static s64 xenmem_maximum_gpfn(struct vcpu *v, void *arg)
{
	struct domain *d;
	int rc = hypercall_target(v, *(domid_t *)arg, &d);

	return rc ? rc : (s64)READ_ONCE(d->max_gfn);
}

/* One entry: the RAM that the caller started with. Windows without RAM are not listed. */
static s64 xenmem_memory_map(struct vcpu *v, void *arg)
{
	struct e820_entry e = { .addr = 0, .size = v->domain->cfg.memory, .type = E820_RAM };
	struct xen_memory_map *op = arg;

	if (op->nr_entries && op->buffer.q && copy_to_guest(v, op->buffer.q, 0, &e, sizeof(e)))
		return -EFAULT;
	op->nr_entries = op->nr_entries || !op->buffer.q ? 1 : 0;
	return 0;
}

static const struct hypercall_op memory_ops[] = {
	[XENMEM_current_reservation] = HYPERCALL_OP(xenmem_current_reservation, domid_t),
	[XENMEM_maximum_reservation] = HYPERCALL_OP(xenmem_maximum_reservation, domid_t),
	[XENMEM_add_to_physmap] = HYPERCALL_OP(xenmem_add_to_physmap, struct xen_add_to_physmap),
	[XENMEM_memory_map] = HYPERCALL_OP_REPLY(xenmem_memory_map, struct xen_memory_map),
	[XENMEM_maximum_gpfn] = HYPERCALL_OP(xenmem_maximum_gpfn, domid_t),
	[XENMEM_remove_from_physmap] = HYPERCALL_OP(xenmem_remove_from_physmap,
						    struct xen_remove_from_physmap),
};

/**
 * do_memory_op() - hypercall 12
 * @v: calling vcpu
 * @arg: op and extents done, handle
 *
 * Return: by op: extents done, frames, or 0; -ENOSYS for an op that does not
 * exist here, -EFAULT, -EPERM, -ESRCH, -EINVAL, -ENOMEM.
 */
s64 do_memory_op(struct vcpu *v, u64 *arg)
{
	u64 op = arg[0] & MEMOP_CMD_MASK;

	switch (op) {
	case XENMEM_decrease_reservation:
		return xenmem_reservation(v, arg, false);
	/* Both name guest frames: memory of an auto-translated domain has no other name. */
	case XENMEM_populate_physmap:
	case XENMEM_increase_reservation:
		return xenmem_reservation(v, arg, true);
	case XENMEM_add_to_physmap_range:
		return xenmem_add_to_physmap_range(v, arg);
	}
	/* The other ops cannot be continued, so the upper bits of r4 have to be 0. */
	if (op != arg[0])
		return -ENOSYS;
	if (op == XENMEM_maximum_ram_page)
		return pages_max_mfn();
	return hypercall_op_call(v, memory_ops, ARRAY_SIZE(memory_ops), op, arg[1]);
}
