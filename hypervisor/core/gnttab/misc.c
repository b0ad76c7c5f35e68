// SPDX-License-Identifier: GPL-2.0
/*
 * The ops of grant_table_op that describe a table or are seldom used.
 */
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

#define BEFORE_PAUSE	512

/* The domain that @id names for the caller; others are dom0's to ask about. */
static struct domain *subject(struct vcpu *v, u16 id, s16 *st)
{
	struct domain *d = v->domain;

	*st = GNTST_okay;
	if (id == DOMID_SELF || id == d->id)
		return d;
	*st = d->privileged ? GNTST_bad_domain : GNTST_permission_denied;
	return d->privileged ? domain_find(id) : NULL;
}

/**
 * gnttab_query_size() - GNTTABOP_query_size
 * @v: calling vcpu
 * @handle: struct gnttab_query_size
 *
 * Return: 0 or -EFAULT.
 */
s64 gnttab_query_size(struct vcpu *v, u64 handle)
{
	struct gnttab_query_size op;
	struct domain *d;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	d = subject(v, op.dom, &op.status);
	if (d) {
		op.nr_frames = READ_ONCE(d->gt->nr_frames);
		op.max_nr_frames = READ_ONCE(d->gt->max_frames);
		op.status = GNTST_okay;
	}
	return copy_to_guest(v, handle, 0, &op, sizeof(op));
}

/**
 * gnttab_setup_table() - GNTTABOP_setup_table
 * @v: calling vcpu
 * @handle: struct gnttab_setup_table
 *
 * Lets the table grow. It has no place of its own in the guest's memory: the
 * list is filled with the invalid frame number, XENMEM_add_to_physmap is how
 * to map it.
 *
 * Return: 0 or -EFAULT.
 */
s64 gnttab_setup_table(struct vcpu *v, u64 handle)
{
	static const u64 nowhere = GFN_NONE;
	struct gnttab_setup_table op;
	struct domain *d;
	u64 mfn;
	int rc;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	d = subject(v, op.dom, &op.status);
	if (d) {
		rc = op.nr_frames ? gnttab_frame(d, op.nr_frames - 1, &mfn) : 0;
		op.status = rc ? GNTST_general_error : GNTST_okay;
		for (u64 i = 0; !rc && i < op.nr_frames; i++)
			rc = copy_to_guest(v, op.frame_list.q, i * sizeof(nowhere), &nowhere,
					   sizeof(nowhere));
		if (rc == -EFAULT)
			op.status = GNTST_bad_virt_addr;
	}
	return copy_to_guest(v, handle, 0, &op, sizeof(op));
}

/**
 * gnttab_set_version() - GNTTABOP_set_version
 * @v: calling vcpu
 * @handle: struct gnttab_set_version
 *
 * Return: 0, -EINVAL for another version than 1, -EFAULT.
 */
s64 gnttab_set_version(struct vcpu *v, u64 handle)
{
	struct gnttab_set_version op;

	if (copy_from_guest(v, handle, 0, &op, sizeof(op)))
		return -EFAULT;
	return op.version == 1 ? 0 : -EINVAL;
}

/**
 * gnttab_get_version() - GNTTABOP_get_version
 * @v: calling vcpu
 * @handle: struct gnttab_get_version
 *
 * Return: 0, -EPERM, -ESRCH, -EFAULT.
 */
s64 gnttab_get_version(struct vcpu *v, u64 handle)
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

static bool in_use(const struct gnttab *gt, u32 ref)
{
	const struct grant_active *act = grant_active(gt, ref);

	return act->readers || act->writers;
}

static s16 swap_one(struct gnttab *gt, const struct gnttab_swap_grant_ref *op)
{
	u64 *a, *b, was;

	if (op->ref_a >= gnttab_entries(gt) || op->ref_b >= gnttab_entries(gt))
		return GNTST_bad_gntref;
	if (in_use(gt, op->ref_a) || in_use(gt, op->ref_b))
		return GNTST_eagain;
	/* Whole, whatever their owner's other vcpus do with them now. */
	a = (u64 *)grant_entry(gt, op->ref_a);
	b = (u64 *)grant_entry(gt, op->ref_b);
	was = READ_ONCE(*a);
	WRITE_ONCE(*a, READ_ONCE(*b));
	WRITE_ONCE(*b, was);
	return GNTST_okay;
}

/**
 * gnttab_swap() - GNTTABOP_swap_grant_ref
 * @v: calling vcpu
 * @handle: array of struct gnttab_swap_grant_ref
 * @done: elements done before
 * @count: elements of the array
 *
 * An entry in use stays where it is: GNTST_eagain.
 *
 * Return: elements done, or -EFAULT.
 */
s64 gnttab_swap(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	struct gnttab *gt = v->domain->gt;
	struct gnttab_swap_grant_ref op;
	u64 stop = min(count, done + BEFORE_PAUSE);

	for (; done < stop; done++) {
		if (copy_from_guest(v, handle, done * sizeof(op), &op, sizeof(op)))
			return -EFAULT;
		spin_lock(&gt->lock);
		op.status = swap_one(gt, &op);
		spin_unlock(&gt->lock);
		if (copy_to_guest(v, handle, done * sizeof(op), &op, sizeof(op)))
			return -EFAULT;
	}
	return done;
}

static int flush_one(const struct domain *d, const struct gnttab_cache_flush *op)
{
	const u32 known = GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL | GNTTAB_CACHE_SOURCE_GREF;

	if ((op->op & ~known) || op->offset + (u64)op->length > PAGE_SIZE)
		return -EINVAL;
	if ((op->op & GNTTAB_CACHE_SOURCE_GREF) && op->a.ref >= gnttab_entries(d->gt))
		return -EINVAL;
	return 0;
}

/**
 * gnttab_cache_flush() - GNTTABOP_cache_flush
 * @v: calling vcpu
 * @handle: array of struct gnttab_cache_flush
 * @done: elements done before
 * @count: elements of the array
 *
 * Memory is coherent for whoever could see it here: only the arguments count.
 *
 * Return: elements done, -EINVAL for an unknown operation or a range that
 * leaves its page, -EFAULT.
 */
s64 gnttab_cache_flush(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	struct gnttab_cache_flush op;
	u64 stop = min(count, done + BEFORE_PAUSE);
	int rc;

	for (; done < stop; done++) {
		if (copy_from_guest(v, handle, done * sizeof(op), &op, sizeof(op)))
			return -EFAULT;
		rc = flush_one(v->domain, &op);
		if (rc)
			return rc;
	}
	return done;
}

/* Writes a status into each element, and changes nothing else. */
static s64 refuse(struct vcpu *v, u64 handle, u64 done, u64 count, size_t size, size_t at)
{
	static const s16 status = GNTST_general_error;
	u64 stop = min(count, done + BEFORE_PAUSE);

	for (; done < stop; done++)
		if (copy_to_guest(v, handle, done * size + at, &status, sizeof(status)))
			return -EFAULT;
	return done;
}

/**
 * gnttab_refuse_transfer() - GNTTABOP_transfer: frames do not change owners
 * @v: calling vcpu
 * @handle: array of struct gnttab_transfer
 * @done: elements done before
 * @count: elements of the array
 *
 * Return: elements done, or -EFAULT.
 */
s64 gnttab_refuse_transfer(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	return refuse(v, handle, done, count, sizeof(struct gnttab_transfer),
		      offsetof(struct gnttab_transfer, status));
}

/**
 * gnttab_refuse_replace() - GNTTABOP_unmap_and_replace: there is no page table here
 * @v: calling vcpu
 * @handle: array of struct gnttab_unmap_and_replace
 * @done: elements done before
 * @count: elements of the array
 *
 * Return: elements done, or -EFAULT.
 */
s64 gnttab_refuse_replace(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	return refuse(v, handle, done, count, sizeof(struct gnttab_unmap_and_replace),
		      offsetof(struct gnttab_unmap_and_replace, status));
}
