// SPDX-License-Identifier: GPL-2.0
/*
 * Grant tables: limits, queries, lack of memory, a status that cannot be written,
 * and a granter that rewrites its table while others use it.
 */
#include <threads.h>
#include "grants.h"

static struct domain *d0, *d1, *d2;
static struct vcpu *v0, *v1;

#define HOST	GNTMAP_host_map
#define READ	(GNTMAP_host_map | GNTMAP_readonly)

static void limits(void)
{
	struct gnttab_query_size q = { .dom = 2 };
	u64 mfn;
	u32 h;

	eq(gnttab_set_limits(d2, 0, 1), -EINVAL, "limits: 0 frames fail");
	eq(gnttab_set_limits(d2, GNTTAB_MAX_FRAMES + 1, 1), -EINVAL,
	   "limits: more grant frames than the maximum fail");
	eq(gnttab_set_limits(d2, 1, MAPTRACK_MAX_FRAMES + 1), -EINVAL,
	   "limits: more maptrack frames than the maximum fail");
	eq(gnttab_set_limits(d2, 2, 0), -EBUSY,
	   "limits: fewer maptrack frames than are in use fail");
	eq(gnttab_set_limits(d2, 2, 1), 0,
	   "limits: two grant frames and one maptrack frame are accepted");
	hcall_struct(v0, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q));
	ok(q.status == 0 && q.nr_frames == 1 && q.max_nr_frames == 2,
	   "query_size: reports the limit");
	eq(gnttab_frame(d2, 1, &mfn), 0, "gnttab_frame: the second frame exists");
	eq(gnttab_frame(d2, 2, &mfn), -EINVAL, "gnttab_frame: fails for a frame beyond the limit");
	eq(gnttab_set_limits(d2, 1, 1), -EBUSY, "limits: fewer grant frames than are in use fail");
	grant(d2, 600, 0, 20, 0);
	eq(gnttab_set_limits(d2, 100, 4), 0, "limits: the limits can be raised");
	eq(grant_flags(d2, 600), GTF_permit_access, "limits: raising them keeps the entries");
	eq(gnttab_frame(d2, 99, &mfn), -EAGAIN, "gnttab_frame: does not grow to it in one step");
	eq(d2->gt->nr_frames, 10, "gnttab_frame: it has grown by eight frames");
	for (int i = 0; i < 11; i++)
		eq(gnttab_frame(d2, 99, &mfn), -EAGAIN, "gnttab_frame: grows by a step");
	eq(gnttab_frame(d2, 99, &mfn), 0, "gnttab_frame: the new limit can be used");
	gnttab_set_limits(d0, 64, d0->gt->track.nr_frames);
	for (u32 i = 0; i < d0->gt->track.nr_frames * MAPTRACK_PER_FRAME; i++)
		if (map(v0, 1, 8, HOST, window(d0, i), &h))
			break;
	eq(map(v0, 1, 8, HOST, window(d0, 4000), &h), GNTST_no_space,
	   "map: fails when all handles are in use");
	for (u32 i = 0; i < d0->gt->track.nr_frames * MAPTRACK_PER_FRAME; i++)
		unmap(v0, maptrack_get(&d0->gt->track, i)->gfn << PAGE_SHIFT, i);
	eq(d0->gt->track.used, 0, "unmap: all handles are free again");
	eq(d1->gt->pinned, 0, "unmap: no grant is in use after all handles are free");
}

static void describing(void)
{
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 3, .frame_list.q = INLINE(LIST_GPA) };
	struct gnttab_swap_grant_ref w = { 8, 9, 77 };
	struct gnttab_cache_flush f = { .a.ref = 8, .length = 64, .op = GNTTAB_CACHE_SOURCE_GREF | 1 };
	struct gnttab_unmap_and_replace r = { .status = 77 };
	struct gnttab_transfer t = { .status = 77 };
	u64 *list = guest_ptr(d1, LIST_GPA);
	u32 h;

	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s)), 0,
	   "setup_table: succeeds");
	ok(s.status == 0 && d1->gt->nr_frames == 3 && list[2] == GFN_NONE,
	   "setup_table: grows the table and discloses no frame numbers");
	s.nr_frames = 40;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s));
	ok(s.status == 0 && d1->gt->nr_frames == 40 && list[39] == GFN_NONE,
	   "setup_table: grows the table in several steps");
	s.nr_frames = 65;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s));
	eq(s.status, GNTST_general_error, "setup_table: fails beyond the limit");
	s.nr_frames = 1;
	s.frame_list.q = 0;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s));
	eq(s.status, GNTST_bad_virt_addr, "setup_table: fails for a null list");
	s.dom = 2;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s));
	eq(s.status, GNTST_permission_denied, "setup_table: fails for another domain");

	grant(d1, 8, 0, 20, 0);
	grant(d1, 9, 2, 21, GTF_readonly);
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, &w, sizeof(w)), 0,
	   "swap_grant_ref: succeeds");
	ok(w.status == 0 && grant_entry(d1->gt, 8)->domid == 2 && grant_entry(d1->gt, 9)->frame == 20,
	   "swap_grant_ref: exchanges two entries");
	eq(map(v0, 1, 9, HOST, window(d0, 0), &h), GNTST_okay,
	   "swap_grant_ref: a swapped entry can be mapped");
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, &w, sizeof(w));
	eq(w.status, GNTST_eagain, "swap_grant_ref: fails for an entry in use");
	eq(unmap(v0, window(d0, 0), h), GNTST_okay,
	   "swap_grant_ref: the swapped entry is unmapped");
	w.ref_b = 100000;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, &w, sizeof(w));
	eq(w.status, GNTST_bad_gntref, "swap_grant_ref: fails for a reference beyond the table");

	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, &f, sizeof(f)), 0,
	   "cache_flush: succeeds");
	f.offset = 4090;
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, &f, sizeof(f)), -EINVAL,
	   "cache_flush: fails across the end of a page");
	f.offset = 0;
	f.op = 4;
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, &f, sizeof(f)), -EINVAL,
	   "cache_flush: fails for an unknown operation");
	f.op = GNTTAB_CACHE_SOURCE_GREF;
	f.a.ref = ~0U;
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, &f, sizeof(f)), -EINVAL,
	   "cache_flush: fails for an unknown reference");
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_and_replace, &r, sizeof(r)), 0,
	   "unmap_and_replace: the call succeeds");
	eq(r.status, GNTST_general_error, "unmap_and_replace: the operation fails");
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_transfer, &t, sizeof(t)), 0,
	   "transfer: the call succeeds");
	eq(t.status, GNTST_general_error, "transfer: the operation fails");
	eq(hcall(v1, __HYPERVISOR_grant_table_op, GNTTABOP_get_status_frames, INLINE(ARG_GPA), 1), -ENOSYS,
	   "get_status_frames: is not supported");
	for (u64 op = 0; op < 14; op++)
		if (op != GNTTABOP_set_version)
			ok(hcall(v1, __HYPERVISOR_grant_table_op, op, 0, 1) < 0,
			   "every grant table op fails for a null handle");
}

static void list_writable(bool yes)
{
	u64 mfn;
	bool w;

	p2m_lookup(d0, LIST_GPA >> PAGE_SHIFT, &mfn, &w);
	p2m_map(d0, LIST_GPA >> PAGE_SHIFT, mfn, 0, P2M_RAM, yes);
	d0->p2m_gen++;
}

/*
 * If the status cannot be written back, the operation has taken place nevertheless, and can be
 * undone.
 */
static void read_only_lists(void)
{
	struct gnttab_map_grant_ref *m = guest_ptr(d0, LIST_GPA);
	struct gnttab_unmap_grant_ref *u = guest_ptr(d0, LIST_GPA);
	struct gnttab_swap_grant_ref *w = guest_ptr(d0, LIST_GPA);

	grant(d1, 8, 0, 20, 0);
	*m = (struct gnttab_map_grant_ref){ .host_addr = window(d0, 0), .ref = 8, .dom = 1, .flags = HOST };
	list_writable(false);
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, INLINE(LIST_GPA), 1), -EFAULT,
	   "map: fails if the status cannot be written");
	eq(d0->gt->track.used, 1, "map: the mapping exists if the status cannot be written");
	list_writable(true);
	*u = (struct gnttab_unmap_grant_ref){ .host_addr = window(d0, 0) };
	while (!maptrack_get(&d0->gt->track, u->handle)->flags)
		u->handle++;
	list_writable(false);
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, INLINE(LIST_GPA), 1), -EFAULT,
	   "unmap: fails if the status cannot be written");
	ok(!d0->gt->track.used && !d1->gt->pinned,
	   "unmap: the mapping is removed if the status cannot be written");
	list_writable(true);
	*w = (struct gnttab_swap_grant_ref){ 8, 9, 0 };
	list_writable(false);
	eq(hcall(v0, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, INLINE(LIST_GPA), 1), -EFAULT,
	   "swap_grant_ref: fails if the status cannot be written");
	list_writable(true);
}

/* Let allocations fail when a grant table or maptrack grows. */
static void out_of_memory(void)
{
	struct domain *d = guest_new(5, 1);
	struct gnttab_get_version g = { .dom = 5 };
	struct gnttab *gt = d->gt;
	u64 mfn, held = 0, ma;
	u32 h;

	for (long after = 0; after < 3; after++) {
		host_fail_alloc(after);
		eq(gnttab_set_limits(d, 70, 10), -ENOMEM,
		   "limits: raising them fails without memory");
		host_fail_alloc(-1);
	}
	ok(gt->max_frames == GNTTAB_DEFAULT_FRAMES && gt->track.max_frames == MAPTRACK_DEFAULT_FRAMES,
	   "limits: a failure without memory changes nothing");
	host_fail_alloc(0);
	eq(gnttab_frame(d, 1, &mfn), -ENOMEM,
	   "gnttab_frame: fails without memory for the active entries");
	host_fail_alloc(-1);
	while ((ma = alloc_pages(0))) {
		*(u64 *)ma_to_ptr(ma) = held;
		held = ma;
	}
	eq(gnttab_frame(d, 1, &mfn), -ENOMEM, "gnttab_frame: fails without memory for the frame");
	for (; held; held = ma) {
		ma = *(u64 *)ma_to_ptr(held);
		free_pages(held, 0);
	}
	eq(gt->nr_frames, 1, "gnttab_frame: a failure without memory leaves the table as it was");
	grant(d, 8, 5, 20, 0);
	host_fail_alloc(0);
	eq(map(d->vcpu[0], 5, 8, HOST, window(d, 0), &h), GNTST_no_space,
	   "map: fails without memory for maptrack");
	host_fail_alloc(-1);
	eq(map(d->vcpu[0], 5, 8, HOST, window(d, 0), &h), GNTST_okay,
	   "map: succeeds when there is memory for maptrack");
	eq(unmap(d->vcpu[0], window(d, 0), h), GNTST_okay,
	   "unmap: succeeds after maptrack was short of memory");
	eq(hcall_struct(v0, __HYPERVISOR_grant_table_op, GNTTABOP_get_version, &g, sizeof(g)), 0,
	   "get_version: dom0 can query another domain");
	domain_discard(d);
	eq(hcall_struct(v0, __HYPERVISOR_grant_table_op, GNTTABOP_get_version, &g, sizeof(g)), -ESRCH,
	   "get_version: fails for a domain that does not exist");
}

static volatile bool stop;

/*
 * Thread of a granter that keeps rewriting flags, domid and frame of an entry while others use it.
 */
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
	ok(mapped && copied, "racing granter: maps and copies succeed now and then");
	eq(wrong, 0, "racing granter: every successful map can be unmapped and leaves no trace");
	for (u64 i = 0; i < GUEST_PAGES; i++)
		wrong += mfn_to_page(ptr_to_ma(guest_ptr(d1, i << PAGE_SHIFT)) >> PAGE_SHIFT)->count != 1;
	eq(wrong, 0, "racing granter: no reference on a page is left");
	eq(pages_free(), free, "racing granter: no page is leaked");
}

int main(void)
{
	u32 h;

	host_init(32 << 20);
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	d2 = guest_new(2, 1);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	/*
	 * Let both domains allocate a page of maptrack, which the limits tested below must not
	 * undercut.
	 */
	grant(d1, 8, 0, 20, 0);
	eq(map(v0, 1, 8, HOST, window(d0, 0), &h), GNTST_okay, "a grant is mapped by dom0");
	eq(unmap(v0, window(d0, 0), h), GNTST_okay, "the grant is unmapped by dom0");
	grant(d1, 8, 2, 20, 0);
	eq(map(d2->vcpu[0], 1, 8, HOST, window(d2, 0), &h), GNTST_okay,
	   "a grant is mapped by a domU");
	eq(unmap(d2->vcpu[0], window(d2, 0), h), GNTST_okay, "the grant is unmapped by the domU");
	grant(d1, 8, 0, 20, 0);
	limits();
	describing();
	read_only_lists();
	out_of_memory();
	hostile();
	domain_discard(d2);
	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
