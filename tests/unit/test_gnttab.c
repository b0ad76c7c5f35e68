// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping grants and unmapping them, in all ways and with every error.
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
	eq(map(v0, 1, 8, HOST, at, &h), GNTST_okay, "map");
	eq(what(d0, at), P2M_GRANT, "it is there");
	p = guest_ptr(d0, at);
	ok(p == (char *)guest_ptr(d1, 20 * PAGE_SIZE) && !strcmp(p, "granted"), "the very page");
	ok(writable(d0, at), "to write");
	eq(grant_flags(d1, 8), GTF_permit_access | GTF_reading | GTF_writing, "the granter sees its use");
	eq(d1->gt->pinned, 1, "one grant is in use");
	eq(d0->gt->track.used, 1, "one handle is");
	eq(map(v0, 1, 8, READ, at + PAGE_SIZE, &h2), GNTST_okay, "map again, to read");
	ok(!writable(d0, at + PAGE_SIZE), "that mapping is read-only");
	ok(h != h2, "another handle");
	flushes = host_flushes;
	eq(unmap(v0, at, h), GNTST_okay, "unmap the first");
	eq(host_flushes, flushes + 1, "translations are flushed");
	ok(!d0->arch.stale, "all of them");
	eq(what(d0, at), P2M_NONE, "it is gone");
	eq(grant_flags(d1, 8), GTF_permit_access | GTF_reading, "nobody writes any more");
	eq(unmap(v0, at + PAGE_SIZE, h2), GNTST_okay, "unmap the second");
	eq(grant_flags(d1, 8), GTF_permit_access, "nobody reads any more");
	ok(!d1->gt->pinned && !d0->gt->track.used, "nothing is in use");

	grant(d1, 9, 0, 20, GTF_readonly);
	eq(map(v0, 1, 9, HOST, at, &h), GNTST_permission_denied, "write what may be read");
	eq(grant_flags(d1, 9), GTF_permit_access | GTF_readonly, "leaves no trace");
	eq(map(v0, 1, 9, READ, at, &h), GNTST_okay, "read it");
	eq(map(v0, 1, 9, HOST, at + PAGE_SIZE, &h2), GNTST_permission_denied, "nor write it then");
	eq(unmap(v0, at, h), GNTST_okay, "unmap");

	eq(map(v0, 1, 8, HOST | GNTMAP_device_map, at, &h), GNTST_okay, "a device map beside it is nothing");
	eq(unmap(v0, at, h), GNTST_okay, "unmap");
	grant(d1, 10, 1, 21, 0);
	eq(map(v1, 1, 10, HOST, window(d1, 0), &h), GNTST_okay, "a grant to itself");
	eq(unmap(v1, window(d1, 0), h), GNTST_okay, "unmap");
	eq(map(v1, DOMID_SELF, 10, HOST, window(d1, 0), &h), GNTST_okay, "by that name too");
	eq(unmap(v1, window(d1, 0), h), GNTST_okay, "unmap");
	grant(d1, 11, 2, 22, 0);
	eq(map(v2, 1, 11, HOST, window(d2, 7), &h), GNTST_okay, "a domU maps a domU's");
	eq(unmap(v2, window(d2, 7), h), GNTST_okay, "unmap");
}

static void map_errors(void)
{
	u64 at = window(d0, 5);
	u32 h, h2;

	eq(map(v0, 1, 8, 0, at, &h), GNTST_general_error, "no host map");
	eq(map(v0, 1, 8, GNTMAP_device_map, at, &h), GNTST_general_error, "a device map alone");
	eq(map(v0, 1, 8, HOST | GNTMAP_application_map, at, &h), GNTST_general_error, "application map");
	eq(map(v0, 1, 8, HOST | GNTMAP_contains_pte, at, &h), GNTST_general_error, "page table entry");
	eq(map(v0, 33, 8, HOST, at, &h), GNTST_bad_domain, "nobody's");
	eq(map(v0, 0x7ff1, 8, HOST, at, &h), GNTST_bad_domain, "a reserved domain's");
	eq(map(v0, 1, 512, HOST, at, &h), GNTST_bad_gntref, "beyond the table");
	eq(map(v0, 1, ~0U, HOST, at, &h), GNTST_bad_gntref, "reference -1");
	eq(map(v0, 1, 100, HOST, at, &h), GNTST_bad_gntref, "an empty entry");
	eq(map(v2, 1, 8, HOST, window(d2, 0), &h), GNTST_bad_gntref, "granted to another");
	grant_entry(d1->gt, 12)->flags = 2;
	eq(map(v0, 1, 12, HOST, at, &h), GNTST_bad_gntref, "a transfer");
	grant_entry(d1->gt, 12)->flags = 3;
	eq(map(v0, 1, 12, HOST, at, &h), GNTST_bad_gntref, "a transitive grant");
	grant(d1, 12, 0, GUEST_PAGES, 0);
	eq(map(v0, 1, 12, HOST, at, &h), GNTST_bad_page, "a frame without memory");
	eq(grant_flags(d1, 12), GTF_permit_access, "is not marked used");
	grant(d1, 12, 0, ~0U, 0);
	eq(map(v0, 1, 12, HOST, at, &h), GNTST_bad_page, "frame -1");
	eq(map(v0, 1, 8, HOST, at + 8, &h), GNTST_bad_virt_addr, "not the start of a page");
	eq(map(v0, 1, 8, HOST, 0, &h), GNTST_bad_virt_addr, "over RAM");
	eq(what(d0, 0), P2M_RAM, "which stays");
	eq(map(v0, 1, 8, HOST, GUEST_PAGES * PAGE_SIZE, &h), GNTST_bad_virt_addr, "behind RAM");
	eq(map(v0, 1, 8, HOST, window(d0, 4096), &h), GNTST_bad_virt_addr, "behind the windows");
	eq(map(v0, 1, 8, HOST, ~PAGE_MASK, &h), GNTST_bad_virt_addr, "at -1");
	eq(map(v0, 1, 8, HOST, at, &h), GNTST_okay, "a good one");
	eq(map(v0, 1, 8, HOST, at, &h2), GNTST_bad_virt_addr, "in the same place");
	grant(d1, 8, 2, 20, 0);
	eq(map(v2, 1, 8, HOST, window(d2, 0), &h2), GNTST_bad_gntref,
	   "given to another while it is mapped");
	grant(d1, 8, 0, 30, 0);
	eq(map(v0, 1, 8, HOST, at + PAGE_SIZE, &h2), GNTST_okay, "with another frame while it is mapped");
	ok(guest_ptr(d0, at) == guest_ptr(d0, at + PAGE_SIZE), "it is still the first");
	eq(unmap(v0, at, h2), GNTST_bad_virt_addr, "unmap: another's place");
	eq(unmap(v0, 0, h), GNTST_bad_virt_addr, "unmap: no place");
	eq(unmap(v0, at, 4000), GNTST_bad_handle, "unmap: a handle that never was");
	eq(unmap(v0, at, ~0U), GNTST_bad_handle, "unmap: handle -1");
	eq(unmap(v2, at, h), GNTST_bad_handle, "unmap: somebody else's");
	eq(unmap(v0, at, h), GNTST_okay, "unmap");
	eq(unmap(v0, at, h), GNTST_bad_handle, "unmap: twice");
	eq(unmap(v0, at + PAGE_SIZE, h2), GNTST_okay, "unmap");
	host_fail_insert = true;
	grant(d1, 8, 0, 20, 0);
	eq(map(v0, 1, 8, HOST, at, &h), GNTST_no_space, "no memory for the translation");
	eq(grant_flags(d1, 8), GTF_permit_access, "undoes it");
	ok(!d1->gt->pinned && !d0->gt->track.used && !d2->gt->track.used, "nothing is in use");
}

/* What is mapped by grant can be neither taken away, nor granted on, nor used as a buffer. */
static void not_its_own(void)
{
	struct xen_remove_from_physmap r = { DOMID_SELF, 0 };
	struct xen_add_to_physmap a = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info };
	struct xen_memory_reservation m = {
		.extent_start.q = INLINE(LIST_GPA), .nr_extents = 1, .domid = DOMID_SELF,
	};
	u64 at = window(d1, 9), free, *list = guest_ptr(d1, LIST_GPA);
	u32 h, h2;

	/* Its own frame, seen a second time: giving up the one place must not free it. */
	grant(d1, 10, 1, 21, 0);
	eq(map(v1, 1, 10, HOST, at, &h), GNTST_okay, "map its own");
	free = pages_free();
	r.gpfn = at >> PAGE_SHIFT;
	a.gpfn = r.gpfn;
	*list = r.gpfn;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r)), -EBUSY,
	   "is not to be removed");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &a, sizeof(a)), -EBUSY,
	   "nor replaced");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m)), 0,
	   "nor given back");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 0,
	   "nor filled with RAM");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_capabilities, INLINE(at), 0), -EFAULT,
	   "nor a buffer");
	grant(d1, 13, 0, r.gpfn, 0);
	eq(map(v0, 1, 13, HOST, window(d0, 1), &h2), GNTST_bad_page, "nor granted on");
	*list = 21;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m)), 1,
	   "the frame itself is given back");
	eq(pages_free(), free, "but not free yet");
	eq(what(d1, at), P2M_GRANT, "the mapping stays");
	eq(d1->tot_pages, GUEST_PAGES, "and it still counts");
	*list = 40;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m)), 1,
	   "give back a frame that is not mapped");
	eq(pages_free(), free + 1, "that is free");
	*list = 21;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 1,
	   "a new frame in its place");
	eq(unmap(v1, at, h), GNTST_okay, "unmap");
	eq(pages_free(), free + 1, "the old frame is free");
	*list = 40;
	hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m));
	ok(pages_free() == free && d1->tot_pages == GUEST_PAGES, "all is as before");
}

/* Where RAM was given up there is room as well. */
static void in_a_hole(void)
{
	struct xen_memory_reservation m = {
		.extent_start.q = INLINE(LIST_GPA), .nr_extents = 1, .domid = DOMID_SELF,
	};
	u64 at = 50 * PAGE_SIZE;
	u32 h;

	*(u64 *)guest_ptr(d0, LIST_GPA) = 50;
	eq(hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m)), 1, "a hole");
	eq(map(v0, 1, 8, HOST, at, &h), GNTST_okay, "a mapping in it");
	ok(guest_ptr(d0, at) == guest_ptr(d1, 20 * PAGE_SIZE), "is there");
	eq(hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 0,
	   "no RAM can be put there");
	eq(unmap(v0, at, h), GNTST_okay, "unmap");
	eq(hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 1, "now it can");
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
	   "map many, of two domains");
	for (u64 i = 0; i < n; i++) {
		good &= m[i].status == (i == 50 ? GNTST_bad_gntref : i == 51 ? GNTST_bad_domain : 0);
		good &= (what(d0, window(d0, i)) == P2M_GRANT) == !m[i].status;
		handle[i] = m[i].handle;
	}
	ok(good, "each has its own status");
	eq(d0->gt->track.used, n - 2, "as many handles");
	for (u64 i = 0; i < n; i++)
		u[i] = (struct gnttab_unmap_grant_ref){
			.host_addr = window(d0, i), .handle = handle[i], .status = 77,
		};
	u[50].handle = u[51].handle = 9999;
	flushes = host_flushes;
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, INLINE(LIST_GPA), n), 0,
	   "unmap many");
	ok(host_flushes - flushes <= 4, "with few flushes");
	for (u64 i = 0; i < n; i++)
		good &= u[i].status == (i == 50 || i == 51 ? GNTST_bad_handle : 0);
	ok(good && !d0->gt->track.used && !d1->gt->pinned && !d2->gt->pinned, "and nothing is left");

	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 0, 0), 0, "map none");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 0, 1), -EFAULT, "map: null list");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, 0, 1), -EFAULT,
	   "unmap: null list");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, INLINE(LIST_GPA), 1UL << 31),
	   -EINVAL, "map: 2^31 elements");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, INLINE(LIST_GPA), ~0UL), -EINVAL,
	   "map: -1 elements");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref | 5UL << GNTTAB_DONE_SHIFT,
		 INLINE(LIST_GPA), 4), -EINVAL, "map: to go on behind the end");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref,
		 INLINE((GUEST_PAGES - 1) * PAGE_SIZE + 4080), 1), -EFAULT, "map: a list that leaves RAM");
}

/* More than is done at once: the call goes on by itself, from where it was. */
static void long_arrays(void)
{
	u64 arg[5] = { GNTTABOP_map_grant_ref, INLINE(0x10000), 600 };
	struct gnttab_map_grant_ref *m;
	struct gnttab_unmap_grant_ref *u;
	int restarts = 0;
	bool good = true;
	s64 rc;
	u32 i;

	/* The host's frames are contiguous only by chance: one element at a time. */
	for (i = 0; i < 600; i++) {
		m = guest_ptr(d0, 0x10000 + i * sizeof(*m));
		*m = (struct gnttab_map_grant_ref){
			.host_addr = window(d0, i), .ref = 8, .dom = 1, .flags = HOST, .status = 77,
		};
	}
	while ((rc = do_grant_table_op(v0, arg)) == HYPERCALL_RESTART)
		restarts++;
	ok(rc == 0 && restarts == 2, "600 elements in three parts");
	eq(d0->gt->track.used, 600, "all are mapped");
	eq(d1->gt->pinned, 1, "of one grant");
	for (i = 0; i < 600; i++) {
		m = guest_ptr(d0, 0x10000 + i * sizeof(*m));
		good &= m->status == 0;
		u = guest_ptr(d0, 0x20000 + i * sizeof(*u));
		*u = (struct gnttab_unmap_grant_ref){
			.host_addr = window(d0, i), .handle = m->handle, .status = 77,
		};
	}
	ok(good, "with a good status");
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, INLINE(0x20000), 600), 0,
	   "unmap them");
	ok(!d0->gt->track.used && !d1->gt->pinned, "nothing is left");
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
	eq(pages_free(), free_before, "no page is lost");
	arrays();
	long_arrays();
	domain_discard(d2);
	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
