// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's side of grant tables, for the tests.
 */
#include "grants.h"

/**
 * grant() - as a granter does it: the entry first, its flags last
 * @d: the granter
 * @ref: which entry; its frame of the table exists
 * @to: who gets it
 * @gfn: which frame
 * @flags: GTF_readonly or 0; the type is added
 */
void grant(struct domain *d, u32 ref, u16 to, u32 gfn, u16 flags)
{
	struct grant_entry_v1 *e = grant_entry(d->gt, ref);

	e->frame = gfn;
	e->domid = to;
	e->flags = GTF_permit_access | flags;
}

/**
 * grant_flags() - what the granter sees
 * @d: the granter
 * @ref: which entry
 *
 * Return: its flags.
 */
u16 grant_flags(const struct domain *d, u32 ref)
{
	return grant_entry(d->gt, ref)->flags;
}

/**
 * map() - map one grant
 * @v: the mapper
 * @dom: the granter
 * @ref: which entry
 * @flags: GNTMAP_*
 * @gpa: where
 * @handle: where to store the handle
 *
 * Return: its status; the call's own error if it has one.
 */
s16 map(struct vcpu *v, u16 dom, u32 ref, u32 flags, u64 gpa, u32 *handle)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = gpa, .flags = flags, .ref = ref, .dom = dom, .status = 77,
	};
	s64 rc = hcall_struct(v, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, &op,
			      sizeof(op));

	*handle = op.handle;
	return rc ? 100 - rc : op.status;
}

/**
 * unmap() - unmap one grant
 * @v: the mapper
 * @gpa: where it is
 * @handle: of map()
 *
 * Return: as map().
 */
s16 unmap(struct vcpu *v, u64 gpa, u32 handle)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = gpa, .handle = handle, .status = 77 };
	s64 rc = hcall_struct(v, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, &op,
			      sizeof(op));

	return rc ? 100 - rc : op.status;
}

/**
 * copy() - one GNTTABOP_copy
 * @v: caller
 * @op: what
 *
 * Return: as map().
 */
s16 copy(struct vcpu *v, struct gnttab_copy op)
{
	s64 rc;

	op.status = 77;
	rc = hcall_struct(v, __HYPERVISOR_grant_table_op, GNTTABOP_copy, &op, sizeof(op));
	return rc ? 100 - rc : op.status;
}

/**
 * window() - a guest physical address without memory
 * @d: the domain
 * @nr: which one
 *
 * Return: its address.
 */
u64 window(const struct domain *d, u64 nr)
{
	return d->ext_base + nr * PAGE_SIZE;
}

/**
 * what() - what is at an address
 * @d: the domain
 * @gpa: the address
 *
 * Return: its type.
 */
enum p2m_type what(const struct domain *d, u64 gpa)
{
	u64 mfn;
	bool w;

	return p2m_lookup(d, gpa >> PAGE_SHIFT, &mfn, &w);
}
