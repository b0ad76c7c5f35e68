// SPDX-License-Identifier: GPL-2.0
/*
 * The grant_table_op hypercall: r4 = op, r5 = handle of an array, r6 = number
 * of its elements.
 *
 * A long array is done in parts. The number of elements done is kept in the
 * upper half of r4 while the guest executes its sc again.
 */
#include "core/gnttab/gnttab.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

/* A batch of elements, on the stack: a KiB. */
union gnttabop_batch {
	struct gnttab_map_grant_ref map[GNTTAB_BATCH];
	struct gnttab_unmap_grant_ref unmap[GNTTAB_BATCH];
	struct gnttab_copy copy[24];
	struct gnttab_swap_grant_ref swap;
	struct gnttab_cache_flush flush;
};

/* The elements of an op, and how many of them are done together. */
struct gnttabop_array {
	unsigned int size;	/* of an element, bytes */
	unsigned int batch;	/* elements copied in and back at once */
	unsigned int pause;	/* elements before the guest may take interrupts */
	bool copy_back;
};

/* Acts on @n elements; 0, or an error that ends the hypercall. */
typedef s64 (*gnttabop_batch_fn)(struct vcpu *v, union gnttabop_batch *op, unsigned int n,
				 void *context);

/*
 * Copies batches in, acts on them and copies them back, from element @done on.
 * Inlined into each op, where @how and @fn are constants. Returns the number of
 * elements done or an error.
 */
static inline __force_inline s64
gnttabop_for_each(struct vcpu *v, u64 handle, u64 done, u64 count, const struct gnttabop_array how,
		  gnttabop_batch_fn fn, void *context)
{
	u64 stop = min(count, done + how.pause), n;
	union gnttabop_batch op;
	s64 rc;

	for (; done < stop; done += n) {
		n = min(stop - done, (u64)how.batch);
		if (copy_from_guest(v, handle, done * how.size, &op, n * how.size))
			return -EFAULT;
		rc = fn(v, &op, n, context);
		if (rc)
			return rc;
		if (how.copy_back && copy_to_guest(v, handle, done * how.size, &op, n * how.size))
			return -EFAULT;
	}
	return done;
}

static s64 gnttabop_map_batch(struct vcpu *v, union gnttabop_batch *op, unsigned int n, void *context)
{
	gnttab_map(v->domain, op->map, n);
	return 0;
}

static s64 gnttabop_map_grant_ref(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	const struct gnttabop_array how = {
		.size = sizeof(struct gnttab_map_grant_ref), .batch = GNTTAB_BATCH, .pause = 128,
		.copy_back = true,
	};

	return gnttabop_for_each(v, handle, done, count, how, gnttabop_map_batch, NULL);
}

static s64 gnttabop_unmap_batch(struct vcpu *v, union gnttabop_batch *op, unsigned int n, void *context)
{
	gnttab_unmap(v->domain, op->unmap, n);
	return 0;
}

static s64 gnttabop_unmap_grant_ref(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	const struct gnttabop_array how = {
		.size = sizeof(struct gnttab_unmap_grant_ref), .batch = GNTTAB_BATCH, .pause = 128,
		.copy_back = true,
	};

	return gnttabop_for_each(v, handle, done, count, how, gnttabop_unmap_batch, NULL);
}

static s64 gnttabop_copy_batch(struct vcpu *v, union gnttabop_batch *op, unsigned int n, void *context)
{
	gnttab_copy(v, context, op->copy, n);
	return 0;
}

static s64 gnttabop_copy(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	const struct gnttabop_array how = {
		.size = sizeof(struct gnttab_copy),
		.batch = ARRAY_SIZE(((union gnttabop_batch *)NULL)->copy), .pause = 72,
		.copy_back = true,
	};
	struct gnttab_copy_sides sides = GNTTAB_COPY_SIDES;
	s64 rc;

	rc = gnttabop_for_each(v, handle, done, count, how, gnttabop_copy_batch, &sides);
	gnttab_copy_end(&sides);
	return rc;
}

static s64 gnttabop_swap_one(struct vcpu *v, union gnttabop_batch *op, unsigned int n, void *context)
{
	op->swap.status = gnttab_swap(v->domain, op->swap.ref_a, op->swap.ref_b);
	return 0;
}

static s64 gnttabop_swap_grant_ref(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	const struct gnttabop_array how = {
		.size = sizeof(struct gnttab_swap_grant_ref), .batch = 1, .pause = 512, .copy_back = true,
	};

	return gnttabop_for_each(v, handle, done, count, how, gnttabop_swap_one, NULL);
}

/* Memory is coherent for all domains that have it: only the arguments are checked. */
static s64 gnttabop_flush_one(struct vcpu *v, union gnttabop_batch *op, unsigned int n, void *context)
{
	const u32 known = GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL | GNTTAB_CACHE_SOURCE_GREF;
	const struct gnttab_cache_flush *f = &op->flush;

	if ((f->op & ~known) || f->offset + (u64)f->length > PAGE_SIZE)
		return -EINVAL;
	if ((f->op & GNTTAB_CACHE_SOURCE_GREF) && f->a.ref >= gnttab_entries(v->domain->gt))
		return -EINVAL;
	return 0;
}

static s64 gnttabop_cache_flush(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	const struct gnttabop_array how = {
		.size = sizeof(struct gnttab_cache_flush), .batch = 1, .pause = 512,
	};

	return gnttabop_for_each(v, handle, done, count, how, gnttabop_flush_one, NULL);
}

/* Writes a status into each element, and changes nothing else. */
static s64 gnttabop_refuse(struct vcpu *v, u64 handle, u64 done, u64 count, size_t size, size_t at)
{
	static const s16 status = GNTST_general_error;
	u64 stop = min(count, done + 512);

	for (; done < stop; done++)
		if (copy_to_guest(v, handle, done * size + at, &status, sizeof(status)))
			return -EFAULT;
	return done;
}

/* Frames do not change owners. */
static s64 gnttabop_transfer(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	return gnttabop_refuse(v, handle, done, count, sizeof(struct gnttab_transfer),
			       offsetof(struct gnttab_transfer, status));
}

/* The hypervisor has no page tables of guests. */
static s64 gnttabop_unmap_and_replace(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	return gnttabop_refuse(v, handle, done, count, sizeof(struct gnttab_unmap_and_replace),
			       offsetof(struct gnttab_unmap_and_replace, status));
}

static s16 gnttabop_target(struct vcpu *v, domid_t id, struct domain **d)
{
	switch (hypercall_target(v, id, d)) {
	case 0:
		return GNTST_okay;
	case -EPERM:
		return GNTST_permission_denied;
	default:
		return GNTST_bad_domain;
	}
}

static s64 gnttabop_query_size(struct vcpu *v, void *arg)
{
	struct gnttab_query_size *op = arg;
	struct domain *d;

	op->status = gnttabop_target(v, op->dom, &d);
	if (op->status == GNTST_okay) {
		op->nr_frames = READ_ONCE(d->gt->nr_frames);
		op->max_nr_frames = READ_ONCE(d->gt->max_frames);
	}
	return 0;
}

/*
 * Lets the table grow. The hypervisor does not choose where the guest sees the frames, so it fills
 * the list with the invalid frame number; the guest maps them by XENMEM_add_to_physmap.
 */
static s64 gnttabop_setup_table(struct vcpu *v, void *arg)
{
	static const u64 nowhere = GFN_NONE;
	struct gnttab_setup_table *op = arg;
	struct domain *d;
	u64 mfn;
	int rc;

	op->status = gnttabop_target(v, op->dom, &d);
	if (op->status != GNTST_okay)
		return 0;
	rc = op->nr_frames ? gnttab_frame(d, op->nr_frames - 1, &mfn) : 0;
	if (rc == -EAGAIN)
		return HYPERCALL_RESTART;
	if (rc)
		op->status = GNTST_general_error;
	for (u64 i = 0; !rc && i < op->nr_frames; i++)
		rc = copy_to_guest(v, op->frame_list.q, i * sizeof(nowhere), &nowhere, sizeof(nowhere));
	if (rc == -EFAULT)
		op->status = GNTST_bad_virt_addr;
	return 0;
}

static s64 gnttabop_set_version(struct vcpu *v, void *arg)
{
	const struct gnttab_set_version *op = arg;

	return op->version == 1 ? 0 : -EINVAL;
}

static s64 gnttabop_get_version(struct vcpu *v, void *arg)
{
	struct gnttab_get_version *op = arg;
	struct domain *d;
	int rc;

	rc = hypercall_target(v, op->dom, &d);
	if (rc)
		return rc;
	op->version = 1;
	return 0;
}

typedef s64 (*gnttabop_array_fn)(struct vcpu *v, u64 handle, u64 done, u64 count);

static const gnttabop_array_fn array_ops[] = {
	[GNTTABOP_map_grant_ref] = gnttabop_map_grant_ref,
	[GNTTABOP_unmap_grant_ref] = gnttabop_unmap_grant_ref,
	[GNTTABOP_copy] = gnttabop_copy,
	[GNTTABOP_transfer] = gnttabop_transfer,
	[GNTTABOP_unmap_and_replace] = gnttabop_unmap_and_replace,
	[GNTTABOP_swap_grant_ref] = gnttabop_swap_grant_ref,
	[GNTTABOP_cache_flush] = gnttabop_cache_flush,
};

/* Ops that describe one table: they take one element. */
static const struct hypercall_op table_ops[] = {
	[GNTTABOP_setup_table] = HYPERCALL_OP_REPLY(gnttabop_setup_table, struct gnttab_setup_table),
	[GNTTABOP_query_size] = HYPERCALL_OP_REPLY(gnttabop_query_size, struct gnttab_query_size),
	[GNTTABOP_set_version] = HYPERCALL_OP(gnttabop_set_version, struct gnttab_set_version),
	[GNTTABOP_get_version] = HYPERCALL_OP_REPLY(gnttabop_get_version, struct gnttab_get_version),
};

/**
 * do_grant_table_op() - hypercall 20
 * @v: calling vcpu
 * @arg: op and elements done, handle of an array, number of elements
 *
 * Return: 0, with GNTST_* in each structure that has a status; -EINVAL for a
 * wrong count or version, or what GNTTABOP_cache_flush refuses; -EFAULT for a
 * bad handle (elements before it are done), -ENOSYS for an op that does not
 * exist.
 */
s64 do_grant_table_op(struct vcpu *v, u64 *arg)
{
	u64 op = arg[0] & (BIT(GNTTAB_DONE_SHIFT) - 1), done = arg[0] >> GNTTAB_DONE_SHIFT;
	s64 rc;

	if (op < ARRAY_SIZE(array_ops) && array_ops[op]) {
		if (unlikely(arg[2] >> 31 || done > arg[2]))
			return -EINVAL;
		rc = array_ops[op](v, arg[1], done, arg[2]);
		if (likely(rc <= 0 || rc == (s64)arg[2]))
			return min(rc, 0L);
		arg[0] = op | (u64)rc << GNTTAB_DONE_SHIFT;
		return HYPERCALL_RESTART;
	}
	if (done || op >= ARRAY_SIZE(table_ops) || !table_ops[op].fn)
		return -ENOSYS;
	if (arg[2] != 1)
		return -EINVAL;
	return hypercall_op_call(v, table_ops, ARRAY_SIZE(table_ops), op, arg[1]);
}
