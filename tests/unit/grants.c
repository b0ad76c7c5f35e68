// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's side of grant tables, for the tests of grant table operations.
 */
#include "grants.h"

/**
 * grant() - grant access to a frame: fill in a grant table entry, its flags last
 * @d: granting domain
 * @ref: grant reference, in a frame of the table that exists
 * @to: domain that gets access
 * @gfn: granted guest frame of @d
 * @flags: GTF_readonly or 0; GTF_permit_access is added
 */
void grant(struct domain *d, u32 ref, u16 to, u32 gfn, u16 flags)
{
	struct grant_entry_v1 *e = grant_entry(d->gt, ref);

	e->frame = gfn;
	e->domid = to;
	e->flags = GTF_permit_access | flags;
}

/**
 * grant_flags() - read the flags of a grant table entry, as the granting domain does
 * @d: granting domain
 * @ref: grant reference
 *
 * Return: GTF_* flags.
 */
u16 grant_flags(const struct domain *d, u32 ref)
{
	return grant_entry(d->gt, ref)->flags;
}

/**
 * map() - map one grant
 * @v: calling vcpu
 * @dom: granting domain
 * @ref: grant reference
 * @flags: GNTMAP_*
 * @gpa: guest physical address for the mapping
 * @handle: out: handle of the mapping
 *
 * Return: GNTST_* status of the operation; 100 - rc if the hypercall itself
 *	   returned the error rc.
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
 * @v: calling vcpu
 * @gpa: guest physical address of the mapping
 * @handle: handle from map()
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
 * copy() - perform one GNTTABOP_copy operation
 * @v: calling vcpu
 * @op: the operation
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
 * window() - address in the window for grant and foreign mappings, which has no RAM
 * @d: the domain
 * @nr: page number within the window
 *
 * Return: guest physical address.
 */
u64 window(const struct domain *d, u64 nr)
{
	return d->ext_base + nr * PAGE_SIZE;
}

/**
 * what() - type of the p2m entry at an address
 * @d: the domain
 * @gpa: guest physical address
 *
 * Return: the type, P2M_NONE if nothing is mapped.
 */
enum p2m_type what(const struct domain *d, u64 gpa)
{
	u64 mfn;
	bool w;

	return p2m_lookup(d, gpa >> PAGE_SHIFT, &mfn, &w);
}
