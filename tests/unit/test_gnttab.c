// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping and unmapping grants, with all flags and all errors.
 */
#include "grants.h"

static struct domain *d0, *d1, *d2;
static struct vcpu *v0, *v1, *v2;
static u64 free_before;

#define HOST	GNTMAP_host_map
#define READ	(GNTMAP_host_map | GNTMAP_readonly)

static bool writable(const struct domain *d, u64 gpa)
{
	u64 mfn;
	bool w = false;

	p2m_lookup(d, gpa >> PAGE_SHIFT, &mfn, &w);
	return w;
}

static void mapping(void)
{
	u64 at = window(d0, 5);
	unsigned long flushes;
	u32 h, h2;
	char *p;

	strcpy(guest_ptr(d1, 20 * PAGE_SIZE), "granted");
	grant(d1, 8, 0, 20, 0);
	eq(map(v0, 1, 8, HOST, at, &h), GNTST_okay, "map: succeeds");
	eq(what(d0, at), P2M_GRANT, "map: the address is a grant mapping");
	p = guest_ptr(d0, at);
	ok(p == (char *)guest_ptr(d1, 20 * PAGE_SIZE) && !strcmp(p, "granted"),
	   "map: it shows the granted page");
	ok(writable(d0, at), "map: the mapping is writable");
	eq(grant_flags(d1, 8), GTF_permit_access | GTF_reading | GTF_writing,
	   "map: the granter sees the use flags");
	eq(d1->gt->pinned, 1, "map: one grant is in use");
	eq(d0->gt->track.used, 1, "map: one handle is in use");
	eq(map(v0, 1, 8, READ, at + PAGE_SIZE, &h2), GNTST_okay,
	   "map: the same grant can be mapped again, read-only");
	ok(!writable(d0, at + PAGE_SIZE), "map: the second mapping is read-only");
	ok(h != h2, "map: the second mapping has a handle of its own");
	flushes = host_flushes;
	eq(unmap(v0, at, h), GNTST_okay, "unmap: the first mapping is removed");
	eq(host_flushes, flushes + 1, "unmap: translations are flushed once");
	ok(!d0->arch.stale, "unmap: no stale translation is left");
	eq(what(d0, at), P2M_NONE, "unmap: nothing is mapped at the address");
	eq(grant_flags(d1, 8), GTF_permit_access | GTF_reading,
	   "unmap: the granter sees that the writer has gone");
	eq(unmap(v0, at + PAGE_SIZE, h2), GNTST_okay, "unmap: the second mapping is removed");
	eq(grant_flags(d1, 8), GTF_permit_access,
	   "unmap: the granter sees that the reader has gone");
	ok(!d1->gt->pinned && !d0->gt->track.used, "unmap: no grant and no handle is in use");

	grant(d1, 9, 0, 20, GTF_readonly);
	eq(map(v0, 1, 9, HOST, at, &h), GNTST_permission_denied,
	   "map: a read-only grant cannot be mapped writable");
	eq(grant_flags(d1, 9), GTF_permit_access | GTF_readonly,
	   "map: a refused mapping sets no use flag");
	eq(map(v0, 1, 9, READ, at, &h), GNTST_okay,
	   "map: a read-only grant can be mapped read-only");
	eq(map(v0, 1, 9, HOST, at + PAGE_SIZE, &h2), GNTST_permission_denied,
	   "map: a read-only grant in use cannot be mapped writable");
	eq(unmap(v0, at, h), GNTST_okay, "unmap: a read-only mapping is removed");

	eq(map(v0, 1, 8, HOST | GNTMAP_device_map, at, &h), GNTST_okay,
	   "map: GNTMAP_device_map beside a host map is ignored");
	eq(unmap(v0, at, h), GNTST_okay, "unmap: a mapping with GNTMAP_device_map is removed");
	grant(d1, 10, 1, 21, 0);
	eq(map(v1, 1, 10, HOST, window(d1, 0), &h), GNTST_okay,
	   "map: a domain can map a grant to itself");
	eq(unmap(v1, window(d1, 0), h), GNTST_okay, "unmap: a mapping of an own grant is removed");
	eq(map(v1, DOMID_SELF, 10, HOST, window(d1, 0), &h), GNTST_okay,
	   "map: a domain can map a grant to itself by DOMID_SELF");
	eq(unmap(v1, window(d1, 0), h), GNTST_okay, "unmap: a mapping by DOMID_SELF is removed");
	grant(d1, 11, 2, 22, 0);
	eq(map(v2, 1, 11, HOST, window(d2, 7), &h), GNTST_okay,
	   "map: a domU can map a grant of another domU");
	eq(unmap(v2, window(d2, 7), h), GNTST_okay, "unmap: a mapping between domUs is removed");
}

static void map_errors(void)
{
	u64 at = window(d0, 5);
	u32 h, h2;

	eq(map(v0, 1, 8, 0, at, &h), GNTST_general_error, "map: fails without GNTMAP_host_map");
	eq(map(v0, 1, 8, GNTMAP_device_map, at, &h), GNTST_general_error,
	   "map: fails for GNTMAP_device_map alone");
	eq(map(v0, 1, 8, HOST | GNTMAP_application_map, at, &h), GNTST_general_error,
	   "map: fails for GNTMAP_application_map");
	eq(map(v0, 1, 8, HOST | GNTMAP_contains_pte, at, &h), GNTST_general_error,
	   "map: fails for GNTMAP_contains_pte");
	eq(map(v0, 33, 8, HOST, at, &h), GNTST_bad_domain,
	   "map: fails for a domain that does not exist");
	eq(map(v0, 0x7ff1, 8, HOST, at, &h), GNTST_bad_domain, "map: fails for a reserved domid");
	eq(map(v0, 1, 512, HOST, at, &h), GNTST_bad_gntref,
	   "map: fails for a reference beyond the table");
	eq(map(v0, 1, ~0U, HOST, at, &h), GNTST_bad_gntref, "map: fails for reference -1");
	eq(map(v0, 1, 100, HOST, at, &h), GNTST_bad_gntref, "map: fails for an empty entry");
	eq(map(v2, 1, 8, HOST, window(d2, 0), &h), GNTST_bad_gntref,
	   "map: fails for a grant to another domain");
	grant_entry(d1->gt, 12)->flags = 2;
	eq(map(v0, 1, 12, HOST, at, &h), GNTST_bad_gntref, "map: fails for a transfer entry");
	grant_entry(d1->gt, 12)->flags = 3;
	eq(map(v0, 1, 12, HOST, at, &h), GNTST_bad_gntref, "map: fails for a transitive grant");
	grant(d1, 12, 0, GUEST_PAGES, 0);
	eq(map(v0, 1, 12, HOST, at, &h), GNTST_bad_page,
	   "map: fails for a granted frame without RAM");
	eq(grant_flags(d1, 12), GTF_permit_access,
	   "map: a granted frame without RAM sets no use flag");
	grant(d1, 12, 0, ~0U, 0);
	eq(map(v0, 1, 12, HOST, at, &h), GNTST_bad_page, "map: fails for granted frame -1");
	eq(map(v0, 1, 8, HOST, at + 8, &h), GNTST_bad_virt_addr,
	   "map: fails for an address that is not page-aligned");
	eq(map(v0, 1, 8, HOST, 0, &h), GNTST_bad_virt_addr, "map: fails over RAM");
	eq(what(d0, 0), P2M_RAM, "map: RAM at a refused address stays");
	eq(map(v0, 1, 8, HOST, GUEST_PAGES * PAGE_SIZE, &h), GNTST_bad_virt_addr,
	   "map: fails behind RAM");
	eq(map(v0, 1, 8, HOST, window(d0, 4096), &h), GNTST_bad_virt_addr,
	   "map: fails behind the window");
	eq(map(v0, 1, 8, HOST, ~PAGE_MASK, &h), GNTST_bad_virt_addr,
	   "map: fails at the last page of the address space");
	eq(map(v0, 1, 8, HOST, at, &h), GNTST_okay, "map: succeeds after all these errors");
	eq(map(v0, 1, 8, HOST, at, &h2), GNTST_bad_virt_addr,
	   "map: fails at the address of another mapping");
	grant(d1, 8, 2, 20, 0);
	eq(map(v2, 1, 8, HOST, window(d2, 0), &h2), GNTST_bad_gntref,
	   "map: fails for another domain named in an entry that is in use");
	grant(d1, 8, 0, 30, 0);
	eq(map(v0, 1, 8, HOST, at + PAGE_SIZE, &h2), GNTST_okay,
	   "map: succeeds with another frame named in an entry that is in use");
	ok(guest_ptr(d0, at) == guest_ptr(d0, at + PAGE_SIZE),
	   "map: a grant in use keeps its frame");
	eq(unmap(v0, at, h2), GNTST_bad_virt_addr,
	   "unmap: fails for the address of another mapping");
	eq(unmap(v0, 0, h), GNTST_bad_virt_addr, "unmap: fails for address 0");
	eq(unmap(v0, at, 4000), GNTST_bad_handle, "unmap: fails for a handle that was never used");
	eq(unmap(v0, at, ~0U), GNTST_bad_handle, "unmap: fails for handle -1");
	eq(unmap(v2, at, h), GNTST_bad_handle, "unmap: fails for a handle of another domain");
	eq(unmap(v0, at, h), GNTST_okay, "unmap: succeeds with the right handle and address");
	eq(unmap(v0, at, h), GNTST_bad_handle, "unmap: fails for a handle that is free");
	eq(unmap(v0, at + PAGE_SIZE, h2), GNTST_okay, "unmap: the other mapping is removed");
	host_fail_insert = true;
	grant(d1, 8, 0, 20, 0);
	eq(map(v0, 1, 8, HOST, at, &h), GNTST_no_space, "map: fails without memory for the p2m");
	eq(grant_flags(d1, 8), GTF_permit_access,
	   "map: a failure without memory for the p2m clears the use flags");
	ok(!d1->gt->pinned && !d0->gt->track.used && !d2->gt->track.used,
	   "map: a failure without memory for the p2m leaves no grant in use");
}

/*
 * The mapper of a grant can neither give up the mapping as RAM, nor grant it on, nor use it as a
 * hypercall buffer.
 */
static void not_its_own(void)
{
	struct xen_remove_from_physmap r = { DOMID_SELF, 0 };
	struct xen_add_to_physmap a = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info };
	struct xen_memory_reservation m = {
		.extent_start.q = INLINE(LIST_GPA), .nr_extents = 1, .domid = DOMID_SELF,
	};
	u64 at = window(d1, 9), free, *list = guest_ptr(d1, LIST_GPA);
	u32 h, h2;

	/*
	 * A second mapping of an own frame: giving up the frame must not free it while it is
	 * mapped.
	 */
	grant(d1, 10, 1, 21, 0);
	eq(map(v1, 1, 10, HOST, at, &h), GNTST_okay, "a domain maps a grant of its own frame");
	free = pages_free();
	r.gpfn = at >> PAGE_SHIFT;
	a.gpfn = r.gpfn;
	*list = r.gpfn;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r)), -EBUSY,
	   "a grant mapping cannot be removed by remove_from_physmap");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &a, sizeof(a)), -EBUSY,
	   "a grant mapping cannot be replaced by add_to_physmap");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m)), 0,
	   "a grant mapping cannot be given up by decrease_reservation");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 0,
	   "a grant mapping cannot be overwritten by populate_physmap");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_capabilities, INLINE(at), 0), -EFAULT,
	   "a grant mapping cannot be used as a hypercall buffer");
	grant(d1, 13, 0, r.gpfn, 0);
	eq(map(v0, 1, 13, HOST, window(d0, 1), &h2), GNTST_bad_page,
	   "a grant mapping cannot be granted to another domain");
	*list = 21;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m)), 1,
	   "a granted frame in use can be given up");
	eq(pages_free(), free, "a granted frame in use is not freed when it is given up");
	eq(what(d1, at), P2M_GRANT, "the grant mapping of a frame given up stays");
	eq(d1->tot_pages, GUEST_PAGES, "a frame in use still counts as the domain's");
	*list = 40;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m)), 1,
	   "a frame without a mapping can be given up");
	eq(pages_free(), free + 1, "a frame without a mapping is freed when it is given up");
	*list = 21;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 1,
	   "a new frame can be populated in place of one in use");
	eq(unmap(v1, at, h), GNTST_okay, "the grant mapping of a frame given up can be unmapped");
	eq(pages_free(), free + 1, "a frame given up is freed by its last unmap");
	*list = 40;
	hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m));
	ok(pages_free() == free && d1->tot_pages == GUEST_PAGES,
	   "the domain has all its memory in the end");
}

/* A grant can be mapped where the domain has given up RAM. */
static void in_a_hole(void)
{
	struct xen_memory_reservation m = {
		.extent_start.q = INLINE(LIST_GPA), .nr_extents = 1, .domid = DOMID_SELF,
	};
	u64 at = 50 * PAGE_SIZE;
	u32 h;

	*(u64 *)guest_ptr(d0, LIST_GPA) = 50;
	eq(hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m)), 1,
	   "hole: a page of RAM is given up");
	eq(map(v0, 1, 8, HOST, at, &h), GNTST_okay,
	   "hole: a grant can be mapped in place of the RAM");
	ok(guest_ptr(d0, at) == guest_ptr(d1, 20 * PAGE_SIZE),
	   "hole: the mapping shows the granted page");
	eq(hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 0,
	   "hole: populate_physmap fails over the mapping");
	eq(unmap(v0, at, h), GNTST_okay, "hole: the mapping is removed");
	eq(hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 1,
	   "hole: populate_physmap succeeds after the unmap");
}

static void arrays(void)
{
	struct gnttab_map_grant_ref *m = guest_ptr(d0, LIST_GPA);
	struct gnttab_unmap_grant_ref *u = guest_ptr(d0, LIST_GPA);
	static u32 handle[120];
	unsigned long flushes;
	bool good = true;
	u64 n = 120;

	for (u64 i = 0; i < n; i++) {
		grant(d1, 100 + i, 0, 20 + i % 30, i % 2 ? GTF_readonly : 0);
		grant(d2, 100 + i, 0, 20 + i % 30, i % 2 ? GTF_readonly : 0);
		m[i] = (struct gnttab_map_grant_ref){
			.host_addr = window(d0, i), .ref = 100 + i, .dom = 1 + i % 3 / 2,
			.flags = i % 2 ? READ : HOST, .status = 77,
		};
	}
	m[50].ref = 3000;
	m[51].dom = 40;
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, INLINE(LIST_GPA), n), 0,
	   "map of 120 elements from two domains: succeeds");
	for (u64 i = 0; i < n; i++) {
		good &= m[i].status == (i == 50 ? GNTST_bad_gntref : i == 51 ? GNTST_bad_domain : 0);
		good &= (what(d0, window(d0, i)) == P2M_GRANT) == !m[i].status;
		handle[i] = m[i].handle;
	}
	ok(good, "map of 120 elements: each has its own status");
	eq(d0->gt->track.used, n - 2, "map of 120 elements: each mapping has a handle");
	for (u64 i = 0; i < n; i++)
		u[i] = (struct gnttab_unmap_grant_ref){
			.host_addr = window(d0, i), .handle = handle[i], .status = 77,
		};
	u[50].handle = u[51].handle = 9999;
	flushes = host_flushes;
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, INLINE(LIST_GPA), n), 0,
	   "unmap of 120 elements: succeeds");
	ok(host_flushes - flushes <= 4, "unmap of 120 elements: needs at most four flushes");
	for (u64 i = 0; i < n; i++)
		good &= u[i].status == (i == 50 || i == 51 ? GNTST_bad_handle : 0);
	ok(good && !d0->gt->track.used && !d1->gt->pinned && !d2->gt->pinned,
	   "unmap of 120 elements: each has its status and nothing is in use");

	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 0, 0), 0,
	   "map: succeeds for no elements");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 0, 1), -EFAULT,
	   "map: fails for a null list");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, 0, 1), -EFAULT,
	   "unmap: fails for a null list");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, INLINE(LIST_GPA), 1UL << 31),
	   -EINVAL, "map: fails for 2^31 elements");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, INLINE(LIST_GPA), ~0UL), -EINVAL,
	   "map: fails for -1 elements");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref | 5UL << GNTTAB_DONE_SHIFT,
		 INLINE(LIST_GPA), 4), -EINVAL, "map: fails for a start beyond the last element");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref,
		 INLINE((GUEST_PAGES - 1) * PAGE_SIZE + 4080), 1), -EFAULT,
		 "map: fails for a list that ends outside RAM");
}

/* More elements than the hypervisor processes at once: the call is restarted where it stopped. */
static void long_arrays(void)
{
	u64 arg[5] = { GNTTABOP_map_grant_ref, INLINE(0x10000), 600 };
	struct gnttab_map_grant_ref *m;
	struct gnttab_unmap_grant_ref *u;
	int restarts = 0;
	bool good = true;
	s64 rc;
	u32 i;

	/* The guest's frames need not be contiguous in the arena: write each element by itself. */
	for (i = 0; i < 600; i++) {
		m = guest_ptr(d0, 0x10000 + i * sizeof(*m));
		*m = (struct gnttab_map_grant_ref){
			.host_addr = window(d0, i), .ref = 8, .dom = 1, .flags = HOST, .status = 77,
		};
	}
	while ((rc = do_grant_table_op(v0, arg)) == HYPERCALL_RESTART)
		restarts++;
	ok(rc == 0 && restarts == 4, "map of 600 elements: is restarted after each 128");
	eq(d0->gt->track.used, 600, "map of 600 elements: all are mapped");
	eq(d1->gt->pinned, 1, "map of 600 elements: one grant is in use");
	for (i = 0; i < 600; i++) {
		m = guest_ptr(d0, 0x10000 + i * sizeof(*m));
		good &= m->status == 0;
		u = guest_ptr(d0, 0x20000 + i * sizeof(*u));
		*u = (struct gnttab_unmap_grant_ref){
			.host_addr = window(d0, i), .handle = m->handle, .status = 77,
		};
	}
	ok(good, "map of 600 elements: each has its status");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, INLINE(0x20000), 600), 0,
	   "unmap of 600 elements: succeeds");
	ok(!d0->gt->track.used && !d1->gt->pinned,
	   "unmap of 600 elements: no grant and no handle is in use");
}

int main(void)
{
	host_init(32 << 20);
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	d2 = guest_new(2, 1);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	v2 = d2->vcpu[0];
	free_before = pages_free();
	mapping();
	map_errors();
	not_its_own();
	in_a_hole();
	eq(pages_free(), free_before, "no page is leaked");
	arrays();
	long_arrays();
	domain_discard(d2);
	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
