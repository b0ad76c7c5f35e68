// SPDX-License-Identifier: GPL-2.0
/*
 * Domains that die while other domains have their frames mapped, or while they have
 * frames of others mapped: no page is leaked or freed too early, and other domains
 * run in the meantime.
 */
#include "grants.h"

static struct domain *d0, *d1;
static struct vcpu *v0;
static u64 free_before;
static size_t objects_before;
static int builds;

static int build_again(struct domain *d)
{
	builds++;
	return memory_populate(d, 0, GUEST_PAGES);
}

static void check_leaks(const char *name)
{
	char text[120];

	snprintf(text, sizeof(text), "%s: no page is leaked", name);
	eq(pages_free(), free_before, text);
	snprintf(text, sizeof(text), "%s: no object is leaked", name);
	eq(host_objects(), objects_before, text);
}

static void pass_time(void)
{
	reap_all();
	guest_run(v0);
}

static s64 foreign_one(u16 dom, u64 gfn, u64 at)
{
	struct xen_add_to_physmap_range b = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 1, .foreign_domid = dom,
		.idxs.q = INLINE(LIST_GPA), .gpfns.q = INLINE(LIST_GPA + 8), .errs.q = INLINE(LIST_GPA + 16),
	};
	u64 *list = guest_ptr(d0, LIST_GPA);
	s64 rc;

	list[0] = gfn;
	list[1] = at >> PAGE_SHIFT;
	rc = hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_range, &b, sizeof(b));
	return rc ? rc : *(s32 *)&list[2];
}

static s64 remove_frame(u64 at)
{
	struct xen_remove_from_physmap r = { DOMID_SELF, at >> PAGE_SHIFT };

	return hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r));
}

static bool consume_port(u32 port)
{
	bool was = evtchn_is_pending(d0, port);

	clear_bit(port, d0->shared_info->evtchn_pending);
	return was;
}

/* A domain dies before those that have its frames mapped. */
static void held_by_others(unsigned int reason)
{
	struct evtchn_bind_virq virq = { .virq = VIRQ_DOM_EXC };
	struct evtchn_alloc_unbound au = { DOMID_SELF, 0, 0 };
	struct evtchn_bind_interdomain bi = { .remote_dom = 2 };
	struct domain *d = guest_new(2, 2);
	struct evtchn_send p;
	struct evtchn_status st = { .dom = DOMID_SELF };
	char *page;
	u32 h1, h2, none;

	builds = 0;
	eq(evtchn_call(v0, EVTCHNOP_bind_virq, &virq, sizeof(virq)), 0,
	   "VIRQ_DOM_EXC can be bound by dom0");
	evtchn_call(d->vcpu[0], EVTCHNOP_alloc_unbound, &au, sizeof(au));
	bi.remote_port = au.port;
	evtchn_call(v0, EVTCHNOP_bind_interdomain, &bi, sizeof(bi));
	strcpy(guest_ptr(d, 20 * PAGE_SIZE), "still there");
	grant(d, 8, 0, 20, 0);
	grant(d, 9, 1, 21, GTF_readonly);
	eq(map(v0, 2, 8, GNTMAP_host_map, window(d0, 0), &h1), 0,
	   "dom0 maps a grant of the domain");
	eq(map(d1->vcpu[0], 2, 9, GNTMAP_host_map | GNTMAP_readonly, window(d1, 0), &h2), 0,
	   "a domU maps a grant of the domain");
	eq(foreign_one(2, 22, window(d0, 1)), 0, "dom0 maps a foreign frame of the domain");
	guest_run(d->vcpu[1]);
	domain_shutdown(d, reason);
	ok(consume_port(virq.port), "a shutdown raises VIRQ_DOM_EXC");
	reap_all();
	ok(domains[2] == d && d->state == DOM_DYING, "a domain with mapped frames stays dying");
	ok(!domain_find(2) && !builds,
	   "domain_find() does not find a dying domain, and it is not rebuilt");
	eq(d->tot_pages, 3, "a dying domain keeps the three mapped pages");
	eq(map(v0, 2, 8, GNTMAP_host_map, window(d0, 5), &none), GNTST_bad_domain,
	   "a grant of a dying domain cannot be mapped");
	eq(foreign_one(2, 22, window(d0, 5)), -ESRCH,
	   "a foreign frame of a dying domain cannot be mapped");
	st.port = bi.local_port;
	evtchn_call(v0, EVTCHNOP_status, &st, sizeof(st));
	eq(st.status, EVTCHNSTAT_unbound, "event channels to a dying domain become unbound");
	page = guest_ptr(d0, window(d0, 0));
	ok(page && !strcmp(page, "still there"),
	   "mapped pages of a dying domain keep their contents");
	page[0] = 'S';
	pass_time();
	ok(domains[2] == d && !consume_port(virq.port),
	   "a domain stays dying while its frames are mapped");
	eq(unmap(v0, window(d0, 0), h1), 0, "dom0 unmaps the grant");
	pass_time();
	eq(d->tot_pages, 2, "the page is freed when its grant is unmapped");
	eq(remove_frame(window(d0, 1)), 0, "dom0 removes the foreign frame");
	pass_time();
	ok(domains[2] == d, "the domain stays dying while one frame is mapped");
	eq(unmap(d1->vcpu[0], window(d1, 0), h2), 0, "the domU unmaps the grant");
	ok(this_pcpu()->work, "the last unmap requests work from the exit path");
	pass_time();
	ok(domains[2] != d && consume_port(virq.port),
	   "the domain is freed, and VIRQ_DOM_EXC raised, after the last unmap");
	eq(builds, reason == SHUTDOWN_reboot,
	   "the domain is rebuilt only if it shut down for a reboot");
	if (domains[2])
		domain_discard(domains[2]);
	p.port = bi.local_port;
	evtchn_call(v0, EVTCHNOP_close, &p, sizeof(p));
	p.port = virq.port;
	evtchn_call(v0, EVTCHNOP_close, &p, sizeof(p));
	check_leaks("frames mapped by others");
}

/*
 * A domain dies before the one whose frames it has mapped, with more mappings than are removed in
 * one step.
 */
static void holding_others(void)
{
	struct domain *d = guest_new(3, 1);
	u32 h, n = 0;

	gnttab_set_limits(d, 64, 256);
	grant(d1, 20, 3, 25, 0);
	grant(d1, 21, 3, 26, GTF_readonly);
	for (u64 i = 0; i < 3000; i++)
		n += map(d->vcpu[0], 1, 20 + i % 2, GNTMAP_host_map | (i % 2 ? GNTMAP_readonly : 0),
			 window(d, i), &h) == 0;
	eq(n, 3000, "a domain maps two grants 3000 times");
	eq(d1->gt->pinned, 2, "both grants are in use");
	guest_run(v0);
	domain_shutdown(d, SHUTDOWN_crash);
	exit_work(this_pcpu());
	pass_time();
	ok(!domains[3], "a domain with 3000 mappings is freed");
	eq(d1->gt->pinned, 0, "its death ends the use of both grants");
	eq(grant_flags(d1, 20), GTF_permit_access,
	   "its death clears the use flags of the writable grant");
	eq(grant_flags(d1, 21), GTF_permit_access | GTF_readonly,
	   "its death clears the use flags of the read-only grant");
	check_leaks("frames of others mapped");
}

/*
 * Two domains that have mapped each other's frames die together; one has mapped its own frame, too.
 */
static void each_other(void)
{
	struct domain *a = guest_new(4, 1), *b = guest_new(5, 1);
	u32 h;

	grant(a, 8, 5, 20, 0);
	grant(b, 8, 4, 20, 0);
	grant(b, 9, 5, 21, 0);
	map(a->vcpu[0], 5, 8, GNTMAP_host_map, window(a, 0), &h);
	map(b->vcpu[0], 4, 8, GNTMAP_host_map, window(b, 0), &h);
	map(b->vcpu[0], 5, 9, GNTMAP_host_map, window(b, 1), &h);
	ok(a->gt->pinned == 1 && b->gt->pinned == 2,
	   "two domains map each other's grants, one its own too");
	domain_shutdown(a, SHUTDOWN_poweroff);
	domain_shutdown(b, SHUTDOWN_poweroff);
	exit_work(this_pcpu());
	pass_time();
	ok(!domains[4] && !domains[5], "domains that map each other's grants are freed together");
	check_leaks("mapping each other");
}

/* A domain with more memory than is freed in one step: other domains run between the steps. */
static void in_steps(void)
{
	struct domain_config cfg = { .name = "big", .memory = 80 << 20, .vcpus = 1 };
	struct domain *d = domain_create(6, &cfg);
	unsigned int steps = 0;

	ok(d && !memory_populate(d, 0, (80 << 20) >> PAGE_SHIFT), "a domain of 80 MiB is built");
	domain_publish(d);
	guest_run(v0);
	domain_shutdown(d, SHUTDOWN_poweroff);
	exit_work(this_pcpu());
	ok(domains[6] == d && d->tot_pages, "a domain of 80 MiB is not freed at once");
	while (domains[6] && steps < 1000) {
		ok(exit_work(this_pcpu()), "other domains run while a domain is being freed");
		host_advance_ns(NSEC_PER_MSEC);
		steps++;
	}
	ok(!domains[6] && steps > 1, "a domain of 80 MiB is freed in several steps");
	guest_run(v0);
	check_leaks("freeing in steps");
}

/* Discarding dom0 ends its mappings of other domains' frames. */
static void dom0_ends(void)
{
	struct domain *d = guest_new(2, 1);
	u32 h;

	grant(d, 8, 0, 20, 0);
	map(v0, 2, 8, GNTMAP_host_map, window(d0, 0), &h);
	foreign_one(2, 22, window(d0, 1));
	foreign_one(2, 22, window(d0, 2));
	domain_discard(d);
	ok(domains[2] == d && d->tot_pages == 2,
	   "a discarded domain keeps pages that dom0 has mapped");
	domain_discard(d0);
	eq(d->tot_pages, 0, "the pages are freed with the mappings of a discarded dom0");
	reap_all();
	ok(!domains[2], "the domain is freed after its last page");
}

/* Make the allocations that a domain keeps once it has opened a port or mapped a grant. */
static void warm_up(void)
{
	u32 h, port;

	grant(d1, 8, 0, 20, 0);
	map(v0, 1, 8, GNTMAP_host_map, window(d0, 0), &h);
	unmap(v0, window(d0, 0), h);
	grant(d0, 8, 1, 20, 0);
	map(d1->vcpu[0], 0, 8, GNTMAP_host_map, window(d1, 0), &h);
	unmap(d1->vcpu[0], window(d1, 0), h);
	evtchn_alloc_unbound(d0, 0, &port);
	evtchn_close(d0, port, true);
}

int main(void)
{
	host_init(128 << 20);
	host_build = build_again;
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	v0 = d0->vcpu[0];
	warm_up();
	free_before = pages_free();
	objects_before = host_objects();
	held_by_others(SHUTDOWN_poweroff);
	held_by_others(SHUTDOWN_reboot);
	held_by_others(SHUTDOWN_crash);
	holding_others();
	each_other();
	in_steps();
	dom0_ends();
	domain_discard(d1);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
