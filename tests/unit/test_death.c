// SPDX-License-Identifier: GPL-2.0
/*
 * Domains that die in the middle: those whose frames others have, and those
 * that have the frames of others. No page is lost, none is freed too early,
 * and nobody else is held up.
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

static void nothing_lost(const char *name)
{
	char text[120];

	snprintf(text, sizeof(text), "%s: no page lost", name);
	eq(pages_free(), free_before, text);
	snprintf(text, sizeof(text), "%s: no object lost", name);
	eq(host_objects(), objects_before, text);
}

static void pass_time(void)
{
	for (int i = 0; i < 50; i++) {
		host_advance_ns(NSEC_PER_MSEC);
		exit_work(this_pcpu());
	}
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

static s64 take_away(u64 at)
{
	struct xen_remove_from_physmap r = { DOMID_SELF, at >> PAGE_SHIFT };

	return hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r));
}

static bool heard(u32 port)
{
	bool was = evtchn_is_pending(d0, port);

	clear_bit(port, d0->shared_info->evtchn_pending);
	return was;
}

/* The granter goes first. */
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
	eq(evtchn_call(v0, EVTCHNOP_bind_virq, &virq, sizeof(virq)), 0, "VIRQ_DOM_EXC");
	evtchn_call(d->vcpu[0], EVTCHNOP_alloc_unbound, &au, sizeof(au));
	bi.remote_port = au.port;
	evtchn_call(v0, EVTCHNOP_bind_interdomain, &bi, sizeof(bi));
	strcpy(guest_ptr(d, 20 * PAGE_SIZE), "still there");
	grant(d, 8, 0, 20, 0);
	grant(d, 9, 1, 21, GTF_readonly);
	eq(map(v0, 2, 8, GNTMAP_host_map, window(d0, 0), &h1), 0, "mapped by dom0");
	eq(map(d1->vcpu[0], 2, 9, GNTMAP_host_map | GNTMAP_readonly, window(d1, 0), &h2), 0,
	   "by a domU");
	eq(foreign_one(2, 22, window(d0, 1)), 0, "and as foreign memory");
	guest_run(d->vcpu[1]);
	domain_shutdown(d, reason);
	ok(heard(virq.port), "dom0 hears of the shutdown");
	exit_work(this_pcpu());
	ok(domains[2] == d && d->state == DOM_DYING, "it is dying");
	ok(!domain_find(2) && !builds, "nobody finds it, and it is not built again");
	eq(d->tot_pages, 3, "three pages are left of it");
	eq(map(v0, 2, 8, GNTMAP_host_map, window(d0, 5), &none), GNTST_bad_domain, "it cannot be mapped");
	eq(foreign_one(2, 22, window(d0, 5)), -ESRCH, "by no means");
	st.port = bi.local_port;
	evtchn_call(v0, EVTCHNOP_status, &st, sizeof(st));
	eq(st.status, EVTCHNSTAT_unbound, "event channels to it are unbound");
	page = guest_ptr(d0, window(d0, 0));
	ok(page && !strcmp(page, "still there"), "the pages are what they were");
	page[0] = 'S';
	pass_time();
	ok(domains[2] == d && !heard(virq.port), "as long as they are used");
	eq(unmap(v0, window(d0, 0), h1), 0, "dom0 unmaps");
	pass_time();
	eq(d->tot_pages, 2, "one page less");
	eq(take_away(window(d0, 1)), 0, "the foreign page goes");
	pass_time();
	ok(domains[2] == d, "one is left");
	eq(unmap(d1->vcpu[0], window(d1, 0), h2), 0, "the domU unmaps");
	ok(this_pcpu()->work, "the exit path is asked to come by");
	pass_time();
	ok(domains[2] != d && heard(virq.port), "and it is gone, which dom0 hears");
	eq(builds, reason == SHUTDOWN_reboot, "and built anew if it wanted to reboot");
	if (domains[2])
		domain_discard(domains[2]);
	p.port = bi.local_port;
	evtchn_call(v0, EVTCHNOP_close, &p, sizeof(p));
	p.port = virq.port;
	evtchn_call(v0, EVTCHNOP_close, &p, sizeof(p));
	nothing_lost("held by others");
}

/* The mapper goes first, with more than is released in one step. */
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
	eq(n, 3000, "3000 mappings");
	eq(d1->gt->pinned, 2, "of two grants");
	guest_run(v0);
	domain_shutdown(d, SHUTDOWN_crash);
	exit_work(this_pcpu());
	pass_time();
	ok(!domains[3], "the mapper is gone");
	eq(d1->gt->pinned, 0, "and holds nothing any more");
	eq(grant_flags(d1, 20), GTF_permit_access, "as the granter sees");
	eq(grant_flags(d1, 21), GTF_permit_access | GTF_readonly, "in both");
	nothing_lost("holding others");
}

/* Two that have mapped each other die together, and one that has mapped itself. */
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
	ok(a->gt->pinned == 1 && b->gt->pinned == 2, "mapped crosswise");
	domain_shutdown(a, SHUTDOWN_poweroff);
	domain_shutdown(b, SHUTDOWN_poweroff);
	exit_work(this_pcpu());
	pass_time();
	ok(!domains[4] && !domains[5], "both are gone");
	nothing_lost("each other");
}

/* Memory and mappings beyond what one step releases: others run in between. */
static void in_steps(void)
{
	struct domain_config cfg = { .name = "big", .memory = 80 << 20, .vcpus = 1 };
	struct domain *d = domain_create(6, &cfg);
	unsigned int steps = 0;

	ok(d && !memory_populate(d, 0, (80 << 20) >> PAGE_SHIFT), "a big domain");
	domain_publish(d);
	guest_run(v0);
	domain_shutdown(d, SHUTDOWN_poweroff);
	exit_work(this_pcpu());
	ok(domains[6] == d && d->tot_pages, "is not freed at once");
	while (domains[6] && steps < 100) {
		ok(exit_work(this_pcpu()), "somebody runs meanwhile");
		host_advance_ns(NSEC_PER_MSEC);
		steps++;
	}
	ok(!domains[6] && steps > 1, "it is freed in steps");
	guest_run(v0);
	nothing_lost("in steps");
}

/* dom0 gives its frames away by the same rules; what it has mapped goes with it. */
static void dom0_ends(void)
{
	struct domain *d = guest_new(2, 1);
	u32 h;

	grant(d, 8, 0, 20, 0);
	map(v0, 2, 8, GNTMAP_host_map, window(d0, 0), &h);
	foreign_one(2, 22, window(d0, 1));
	foreign_one(2, 22, window(d0, 2));
	domain_discard(d);
	ok(domains[2] == d && d->tot_pages == 2, "two pages of a discarded domain are in use");
	domain_discard(d0);
	eq(d->tot_pages, 0, "not when the user is gone");
	domain_reap();
	ok(!domains[2], "then it is freed");
}

/* Buckets of ports and pages of maptrack stay with those who once needed them. */
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
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
