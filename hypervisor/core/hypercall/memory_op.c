// SPDX-License-Identifier: GPL-2.0
/*
 * The memory_op hypercall: bits 5:0 of r4 = op, r5 = handle. Ops over a list
 * of extents keep the number of those done in the bits of r4 above, and go on
 * from there when the call is executed again; they return that number.
 */
#include "core/arch_ops.h"
#include "core/mm/memory_foreign.h"
#include "core/gnttab/gnttab.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/memory.h"
#include "core/hypercall/memory_op.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

#define FRAMES_AT_ONCE	1024UL	/* before the guest may take interrupts */
#define MAX_EXTENT_ORDER 9	/* 2 MiB */
#define MAX_EXTENTS	BIT(32)

/**
 * memory_find_domain() - whose memory a caller means
 * @v: calling vcpu
 * @id: domid or DOMID_SELF; others are dom0's to touch
 * @d: where to store the domain
 *
 * Return: 0, -EPERM, -ESRCH.
 */
int memory_find_domain(struct vcpu *v, u16 id, struct domain **d)
{
	*d = v->domain;
	if (id == DOMID_SELF || id == v->domain->id)
		return 0;
	if (!v->domain->privileged)
		return -EPERM;
	*d = domain_find(id);
	return *d ? 0 : -ESRCH;
}

/* One extent: all of it, or nothing of what was not there before. */
static int populate_extent(struct domain *d, u64 gfn, u64 nr)
{
	if ((gfn & (nr - 1)) || !memory_gfn_valid(d, gfn) || !memory_gfn_valid(d, gfn + nr - 1))
		return -EINVAL;
	return memory_populate_extent(d, gfn, nr);
}

static int remove_extent(struct domain *d, u64 gfn, u64 nr, struct list_head *gone)
{
	if (gfn & (nr - 1))
		return -EINVAL;
	return memory_remove_extent(d, gfn, nr, gone);
}

/* Extents from *@done on, as far as they go, or until the guest is to have a pause. */
static int extents(struct vcpu *v, struct domain *d, const struct xen_memory_reservation *r,
		   u64 *done, bool populate)
{
	u64 nr = 1UL << r->extent_order, stop = min(r->nr_extents, *done + FRAMES_AT_ONCE / nr), gfn;
	struct list_head gone;
	int rc = 0;

	list_init(&gone);
	for (; *done < stop; (*done)++) {
		rc = copy_from_guest(v, r->extent_start.q, *done * sizeof(gfn), &gfn, sizeof(gfn));
		if (rc)
			break;
		rc = populate ? populate_extent(d, gfn, nr) : remove_extent(d, gfn, nr, &gone);
		if (rc)
			break;
	}
	memory_remove_end(d, &gone);
	return rc;
}

static s64 reservation(struct vcpu *v, u64 *arg, bool populate)
{
	u64 done = arg[0] >> MEMOP_EXTENT_SHIFT;
	struct xen_memory_reservation r;
	struct domain *d;
	int rc;

	if (copy_from_guest(v, arg[1], 0, &r, sizeof(r)))
		return -EFAULT;
	rc = memory_find_domain(v, r.domid, &d);
	if (rc)
		return rc;
	if (r.extent_order > MAX_EXTENT_ORDER)
		return -EPERM;
	if (r.nr_extents >= MAX_EXTENTS || done > r.nr_extents)
		return -EINVAL;

	rc = extents(v, d, &r, &done, populate);
	if (rc == -EFAULT && !done)
		return rc;
	/* What an extent lacks is not said: their number tells how far it went. */
	if (rc || done == r.nr_extents)
		return done;
	arg[0] = (arg[0] & MEMOP_CMD_MASK) | done << MEMOP_EXTENT_SHIFT;
	return HYPERCALL_RESTART;
}

/*
 * Where shared_info leaves a frame that it took from RAM, RAM returns: a
 * kernel started by another knows nothing of where that one had it. d->lock
 * held: of two vcpus that move it one comes second.
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

/**
 * add_own_to_physmap() - place a frame that the hypervisor has for a domain
 * @d: the domain
 * @space: XENMAPSPACE_*
 * @idx: which frame of it
 * @gfn: where; memory_gfn_valid() holds
 *
 * Return: 0, -EINVAL for an index out of range, -EBUSY where a grant is
 * mapped, -ENOSYS for a space that has no such frames, -ENOMEM.
 */
int add_own_to_physmap(struct domain *d, u32 space, u64 idx, u64 gfn)
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
		/* A status frame, of version 2, has its top bit set: out of range. */
		rc = gnttab_frame(d, idx, &mfn);
		return rc ? rc : memory_map_frame(d, gfn, mfn, P2M_SHARED, true);
	default:
		return -ENOSYS;
	}
}

static s64 add_to_physmap(struct vcpu *v, u64 handle)
{
	struct xen_add_to_physmap op;
	struct domain *d;
	int rc;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	rc = memory_find_domain(v, op.domid, &d);
	if (rc)
		return rc;
	if (!memory_gfn_valid(d, op.gpfn))
		return -EINVAL;
	return add_own_to_physmap(d, op.space, op.idx, op.gpfn);
}

static s64 remove_from_physmap(struct vcpu *v, u64 handle)
{
	struct xen_remove_from_physmap op;
	struct domain *d;
	int rc;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	rc = memory_find_domain(v, op.domid, &d);
	return rc ? rc : memory_remove(d, op.gpfn);
}

static s64 domain_figure(struct vcpu *v, u64 what, u64 handle)
{
	struct domain *d;
	u16 id;
	int rc;

	if (copy_from_guest(v, handle, 0, &id, sizeof(id)))
		return -EFAULT;
	rc = memory_find_domain(v, id, &d);
	if (rc)
		return rc;
	if (what == XENMEM_maximum_gpfn)
		return READ_ONCE(d->max_gfn);
	return what == XENMEM_current_reservation ? domain_pages(d) : READ_ONCE(d->max_pages);
}

/* What the caller's RAM was when it started; the windows are in its device tree. */
static s64 memory_map(struct vcpu *v, u64 handle)
{
	struct e820_entry e = { .addr = 0, .size = v->domain->cfg.memory, .type = E820_RAM };
	struct xen_memory_map op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	if (op.nr_entries && op.buffer.q && copy_to_guest(v, op.buffer.q, 0, &e, sizeof(e)))
		return -EFAULT;
	op.nr_entries = op.nr_entries || !op.buffer.q ? 1 : 0;
	return copy_to_guest(v, handle, 0, &op, sizeof(op));
}

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

	/* Only these go on from an extent. */
	if (op == XENMEM_decrease_reservation)
		return reservation(v, arg, false);
	/* A domain says where its memory is to be, so the two are the same. */
	if (op == XENMEM_populate_physmap || op == XENMEM_increase_reservation)
		return reservation(v, arg, true);
	if (op == XENMEM_add_to_physmap_range)
		return add_to_physmap_batch(v, arg);
	if (op != arg[0])
		return -ENOSYS;

	switch (op) {
	case XENMEM_maximum_ram_page:
		return pages_max_mfn();
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
	case XENMEM_maximum_gpfn:
		return domain_figure(v, op, arg[1]);
	case XENMEM_memory_map:
		return memory_map(v, arg[1]);
	case XENMEM_add_to_physmap:
		return add_to_physmap(v, arg[1]);
	case XENMEM_remove_from_physmap:
		return remove_from_physmap(v, arg[1]);
	default:
		return -ENOSYS;
	}
}
