// SPDX-License-Identifier: GPL-2.0
/*
 * Grant tables, op by op and error by error: mapping, unmapping, limits, and
 * the ops that describe a table.
 */
#include <threads.h>
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
		.extent_start = INLINE(LIST_GPA), .nr_extents = 1, .domid = DOMID_SELF,
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
		.extent_start = INLINE(LIST_GPA), .nr_extents = 1, .domid = DOMID_SELF,
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

static void limits(void)
{
	struct gnttab_query_size q = { .dom = 2 };
	u64 mfn;
	u32 h;

	eq(gnttab_set_limits(d2, 0, 1), -EINVAL, "no frames at all");
	eq(gnttab_set_limits(d2, GNTTAB_MOST_FRAMES + 1, 1), -EINVAL, "more than any domain may have");
	eq(gnttab_set_limits(d2, 1, MAPTRACK_MOST_FRAMES + 1), -EINVAL, "more mappings than that");
	eq(gnttab_set_limits(d2, 2, 0), -EBUSY, "less maptrack than is there");
	eq(gnttab_set_limits(d2, 2, 1), 0, "two frames, 256 mappings");
	hcall_struct(v0, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q));
	ok(q.status == 0 && q.nr_frames == 1 && q.max_nr_frames == 2, "the limit is told");
	eq(gnttab_frame(d2, 1, &mfn), 0, "the second frame");
	eq(gnttab_frame(d2, 2, &mfn), -EINVAL, "there is no third");
	eq(gnttab_set_limits(d2, 1, 1), -EBUSY, "fewer than there are");
	grant(d2, 600, 0, 20, 0);
	eq(gnttab_set_limits(d2, 100, 4), 0, "more");
	eq(grant_flags(d2, 600), GTF_permit_access, "the entries are kept");
	eq(gnttab_frame(d2, 99, &mfn), 0, "as many can be used");
	gnttab_set_limits(d0, 64, d0->gt->track.nr_frames);
	for (u32 i = 0; i < d0->gt->track.nr_frames * MAPTRACK_PER_FRAME; i++)
		if (map(v0, 1, 8, HOST, window(d0, i), &h))
			break;
	eq(map(v0, 1, 8, HOST, window(d0, 4000), &h), GNTST_no_space, "no handle is left");
	for (u32 i = 0; i < d0->gt->track.nr_frames * MAPTRACK_PER_FRAME; i++)
		unmap(v0, maptrack_get(&d0->gt->track, i)->gfn << PAGE_SHIFT, i);
	eq(d0->gt->track.used, 0, "all are given back");
	eq(d1->gt->pinned, 0, "and nothing is in use");
}

static void describing(void)
{
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 3, .frame_list = INLINE(LIST_GPA) };
	struct gnttab_swap_grant_ref w = { 8, 9, 77 };
	struct gnttab_cache_flush f = { .a.ref = 8, .length = 64, .op = GNTTAB_CACHE_SOURCE_GREF | 1 };
	struct gnttab_unmap_and_replace r = { .status = 77 };
	struct gnttab_transfer t = { .status = 77 };
	u64 *list = guest_ptr(d1, LIST_GPA);
	u32 h;

	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s)), 0, "setup_table");
	ok(s.status == 0 && d1->gt->nr_frames == 3 && list[2] == GFN_NONE, "lets the table grow");
	s.nr_frames = 65;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s));
	eq(s.status, GNTST_general_error, "not beyond its limit");
	s.nr_frames = 1;
	s.frame_list = 0;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s));
	eq(s.status, GNTST_bad_virt_addr, "a list that is none");
	s.dom = 2;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s));
	eq(s.status, GNTST_permission_denied, "another domain's");

	grant(d1, 8, 0, 20, 0);
	grant(d1, 9, 2, 21, GTF_readonly);
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, &w, sizeof(w)), 0, "swap");
	ok(w.status == 0 && grant_entry(d1->gt, 8)->domid == 2 && grant_entry(d1->gt, 9)->frame == 20,
	   "two entries");
	eq(map(v0, 1, 9, HOST, window(d0, 0), &h), GNTST_okay, "map one of them");
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, &w, sizeof(w));
	eq(w.status, GNTST_eagain, "an entry in use stays where it is");
	eq(unmap(v0, window(d0, 0), h), GNTST_okay, "unmap");
	w.ref_b = 100000;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, &w, sizeof(w));
	eq(w.status, GNTST_bad_gntref, "swap beyond the table");

	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, &f, sizeof(f)), 0, "cache flush");
	f.offset = 4090;
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, &f, sizeof(f)), -EINVAL,
	   "across the end of a page");
	f.offset = 0;
	f.op = 4;
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, &f, sizeof(f)), -EINVAL,
	   "an unknown operation");
	f.op = GNTTAB_CACHE_SOURCE_GREF;
	f.a.ref = ~0U;
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, &f, sizeof(f)), -EINVAL,
	   "an unknown reference");
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_and_replace, &r, sizeof(r)), 0,
	   "unmap and replace");
	eq(r.status, GNTST_general_error, "is refused");
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_transfer, &t, sizeof(t)), 0, "transfer");
	eq(t.status, GNTST_general_error, "is refused");
	eq(hcall(v1, __HYPERVISOR_grant_table_op, GNTTABOP_get_status_frames, INLINE(ARG_GPA), 1), -ENOSYS,
	   "status frames");
	for (u64 op = 0; op < 14; op++)
		if (op != GNTTABOP_set_version)
			ok(hcall(v1, __HYPERVISOR_grant_table_op, op, 0, 1) < 0, "a null handle");
}

static void list_writable(bool yes)
{
	u64 mfn;
	bool w;

	p2m_lookup(d0, LIST_GPA >> PAGE_SHIFT, &mfn, &w);
	p2m_map(d0, LIST_GPA >> PAGE_SHIFT, mfn, 0, P2M_RAM, yes);
	d0->p2m_gen++;
}

/* The caller cannot be told: what was done is done, and can be undone. */
static void read_only_lists(void)
{
	struct gnttab_map_grant_ref *m = guest_ptr(d0, LIST_GPA);
	struct gnttab_unmap_grant_ref *u = guest_ptr(d0, LIST_GPA);
	struct gnttab_swap_grant_ref *w = guest_ptr(d0, LIST_GPA);

	grant(d1, 8, 0, 20, 0);
	*m = (struct gnttab_map_grant_ref){ .host_addr = window(d0, 0), .ref = 8, .dom = 1, .flags = HOST };
	list_writable(false);
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, INLINE(LIST_GPA), 1), -EFAULT,
	   "map with a list that cannot be written");
	eq(d0->gt->track.used, 1, "has mapped");
	list_writable(true);
	*u = (struct gnttab_unmap_grant_ref){ .host_addr = window(d0, 0) };
	while (!maptrack_get(&d0->gt->track, u->handle)->flags)
		u->handle++;
	list_writable(false);
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, INLINE(LIST_GPA), 1), -EFAULT,
	   "unmap with a list that cannot be written");
	ok(!d0->gt->track.used && !d1->gt->pinned, "has unmapped");
	list_writable(true);
	*w = (struct gnttab_swap_grant_ref){ 8, 9, 0 };
	list_writable(false);
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, INLINE(LIST_GPA), 1), -EFAULT,
	   "swap with a list that cannot be written");
	list_writable(true);
}

/* No memory for what grows. */
static void out_of_memory(void)
{
	struct domain *d = guest_new(5, 1);
	struct gnttab_get_version g = { .dom = 5 };
	struct gnttab *gt = d->gt;
	u64 mfn, held = 0, ma;
	u32 h;

	for (long after = 0; after < 3; after++) {
		host_fail_alloc(after);
		eq(gnttab_set_limits(d, 70, 10), -ENOMEM, "no memory for limits");
		host_fail_alloc(-1);
	}
	ok(gt->max_frames == GNTTAB_DEFAULT_FRAMES && gt->track.max_frames == MAPTRACK_DEFAULT_FRAMES,
	   "they stay what they were");
	host_fail_alloc(0);
	eq(gnttab_frame(d, 1, &mfn), -ENOMEM, "no memory for the entries of a frame");
	host_fail_alloc(-1);
	while ((ma = alloc_pages(0))) {
		*(u64 *)ma_to_ptr(ma) = held;
		held = ma;
	}
	eq(gnttab_frame(d, 1, &mfn), -ENOMEM, "nor for the frame");
	for (; held; held = ma) {
		ma = *(u64 *)ma_to_ptr(held);
		free_pages(held, 0);
	}
	eq(gt->nr_frames, 1, "the table is as it was");
	grant(d, 8, 5, 20, 0);
	host_fail_alloc(0);
	eq(map(d->vcpu[0], 5, 8, HOST, window(d, 0), &h), GNTST_no_space, "no memory for a handle");
	host_fail_alloc(-1);
	eq(map(d->vcpu[0], 5, 8, HOST, window(d, 0), &h), GNTST_okay, "then there is");
	eq(unmap(d->vcpu[0], window(d, 0), h), GNTST_okay, "unmap");
	eq(hcall_struct(v0, __HYPERVISOR_grant_table_op, GNTTABOP_get_version, &g, sizeof(g)), 0,
	   "dom0 asks for another's version");
	domain_discard(d);
	eq(hcall_struct(v0, __HYPERVISOR_grant_table_op, GNTTABOP_get_version, &g, sizeof(g)), -ESRCH,
	   "and for nobody's");
}

static volatile bool stop;

/* A granter that rewrites its entry without end, flags, domid and frame, while others use it. */
static int scribble(void *arg)
{
	volatile struct grant_entry_v1 *e = arg;
	unsigned int n = 0;

	while (!stop) {
		n = n * 1103515245 + 12345;
		e->frame = n >> 16 & 0x3f;
		e->domid = n >> 8 & 1 ? 0 : 2;
		e->flags = n >> 20 & 7 ? GTF_permit_access : n >> 24;
		if (n >> 28 == 0)
			__atomic_fetch_and(&e->flags, (u16)~(GTF_reading | GTF_writing), __ATOMIC_SEQ_CST);
	}
	return 0;
}

static void hostile(void)
{
	struct gnttab_copy op = { .len = 64, .flags = GNTCOPY_source_gref };
	u64 mapped = 0, copied = 0, wrong = 0, free = pages_free();
	thrd_t thread;
	u32 h;

	op.source.u.ref = 8;
	op.source.domid = 1;
	op.dest.u.gmfn = 30;
	op.dest.domid = DOMID_SELF;
	stop = false;
	thrd_create(&thread, scribble, grant_entry(d1->gt, 8));
	for (int i = 0; i < 100000; i++) {
		if (!map(v0, 1, 8, i & 1 ? HOST : READ, window(d0, 0), &h)) {
			mapped++;
			wrong += d1->gt->pinned != 1 || what(d0, window(d0, 0)) != P2M_GRANT;
			wrong += unmap(v0, window(d0, 0), h) != 0;
		}
		copied += !copy(v0, op);
		wrong += d1->gt->pinned || d0->gt->track.used || what(d0, window(d0, 0)) != P2M_NONE;
	}
	stop = true;
	thrd_join(thread, NULL);
	ok(mapped && copied, "a granter that writes its entry without end");
	eq(wrong, 0, "harms nobody");
	for (u64 i = 0; i < GUEST_PAGES; i++)
		wrong += mfn_to_page(ptr_to_ma(guest_ptr(d1, i << PAGE_SHIFT)) >> PAGE_SHIFT)->count != 1;
	eq(wrong, 0, "leaves no reference");
	eq(pages_free(), free, "and no page is lost");
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
	limits();
	describing();
	read_only_lists();
	out_of_memory();
	hostile();
	domain_discard(d2);
	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
