// SPDX-License-Identifier: GPL-2.0
/*
 * Races between two pCPUs at chosen points: while pCPU 0 is in the middle of a
 * hypercall, a hook of the simulated machine (host.h) acts as pCPU 1. Everything
 * runs in one thread, so that the interleaving is reproducible, unlike in
 * test_threads.
 */
#include "core/mm/memory_foreign.h"
#include "guests.h"

static struct domain *d0, *d1;
static struct vcpu *v0, *v1, *w1;
static u64 found_mfn;

/* One pCPU passes through the scheduler, a quiescent state for grace periods. */
static void pass_scheduler(unsigned int pcpu)
{
	unsigned int me = host_pcpu;

	host_pcpu = pcpu;
	host_advance_ns(NSEC_PER_MSEC);
	(void)host_next();
	host_pcpu = me;
}

static void pass_both(int times)
{
	while (times--) {
		pass_scheduler(0);
		pass_scheduler(1);
	}
}

static u64 mfn_at(const struct domain *d, u64 gfn)
{
	u64 mfn;
	bool w;

	return p2m_lookup(d, gfn, &mfn, &w) ? mfn : 0;
}

static s64 decrease_reservation(struct vcpu *v, u64 gfn)
{
	struct xen_memory_reservation r = {
		.extent_start.q = INLINE(ARGS_GFN(v) << PAGE_SHIFT | 2048), .nr_extents = 1,
		.domid = DOMID_SELF,
	};
	u64 at = ARGS_GFN(v) << PAGE_SHIFT;

	memcpy(guest_ptr(v->domain, at + 2048), &gfn, sizeof(gfn));
	memcpy(guest_ptr(v->domain, at), &r, sizeof(r));
	return hcall(v, __HYPERVISOR_memory_op, XENMEM_decrease_reservation, INLINE(at), 0);
}

static void epochs(void)
{
	u64 e = grace_begin(), kicks;

	ok(!grace_over(e), "grace period: is not over when it begins");
	ok(pcpus[0].work && pcpus[1].work, "grace period: requests work from all pCPUs");
	pass_scheduler(0);
	ok(!grace_over(e), "grace period: is not over after one pCPU passed through the scheduler");
	pass_scheduler(0);
	ok(!grace_over(e), "grace period: a pCPU that passes twice counts once");
	pass_scheduler(1);
	ok(grace_over(e), "grace period: is over after both pCPUs have passed");
	host_pcpu = 0;
	eq(decrease_reservation(v1, 100), 1, "grace period: a frame is given up on pCPU 0");
	kicks = pcpus[1].arch.kicks;
	pass_scheduler(0);
	eq(pcpus[1].arch.kicks, kicks,
	   "grace period: that begins none at once, more frames may come");
	pass_scheduler(0);
	eq(pcpus[1].arch.kicks, kicks + 1, "grace period: begins after a delay");
	kicks = pcpus[0].arch.kicks;
	pass_scheduler(1);
	eq(pcpus[0].arch.kicks, kicks + 1,
	   "grace period: the last pCPU to pass kicks the one that waits");
	ok(!list_empty(&pcpus[0].grace.wait_frames), "grace period: the frame is still waiting");
	pass_scheduler(0);
	ok(list_empty(&pcpus[0].grace.wait_frames),
	   "grace period: the pCPU that waits frees its frames");
	eq(memory_populate_extent(d1, 100, 1), 0, "grace period: the frame can be populated again");
}

/* pCPU 1 removes the page that pCPU 0 has just looked up. */
static void remove_100(void)
{
	host_pcpu = 1;
	found_mfn = mfn_at(d1, 100);
	eq(decrease_reservation(w1, 100), 1, "removed page: pCPU 1 removes the page that pCPU 0 looks up");
	host_pcpu = 0;
}

static bool is_free(u64 mfn)
{
	return mfn_to_page(mfn)->state == PG_FREE || mfn_to_page(mfn)->state == PG_RESERVED;
}

static void frame_in_hand(void)
{
	struct domain *other = guest_new(3, 1);
	u64 mfn, pages = domain_pages(d1), free = pages_free();
	void *p;

	host_on_lookup = remove_100;
	p = vcpu_frame(v1, 100, true);
	ok(p == arch_ma_to_ptr(found_mfn << PAGE_SHIFT),
	   "removed page: the pointer from the lookup stays valid");
	eq(domain_pages(d1), pages - 1, "removed page: the page does not count as the domain's");
	eq(pages_free(), free, "removed page: the page is not free during the hypercall");
	memory_remove(other, 10);
	eq(memory_populate_extent(other, 10, 1), 0,
	   "removed page: another domain populates a page meanwhile");
	ok(mfn_at(other, 10) != found_mfn, "removed page: the other domain gets another page");
	ok(!vcpu_frame(v1, 100, true), "removed page: the next hypercall does not find it");
	pass_both(4);
	ok(is_free(found_mfn), "removed page: the page is free after all pCPUs have passed");
	eq(memory_populate_extent(d1, 100, 1), 0,
	   "removed page: a new page can be populated in its place");
	ok(vcpu_frame(v1, 100, true) == guest_ptr(d1, 100 * PAGE_SIZE),
	   "removed page: the new page is found");
	/* The same with a reference instead of a pointer. */
	host_on_lookup = remove_100;
	eq(frame_get(d1, 100, &mfn), -EINVAL,
	   "removed page: frame_get() fails if the page is removed meanwhile");
	pass_both(4);
	ok(is_free(found_mfn), "removed page: a failed frame_get() leaves no reference");
	domain_shutdown(other, SHUTDOWN_poweroff);
	pass_both(20);
	ok(!domains[3], "removed page: the other domain is freed");
	eq(memory_populate_extent(d1, 100, 1), 0, "removed page: the page can be populated again");
}

static void hold_110(void)
{
	host_pcpu = 1;
	eq(frame_get(d1, 110, &found_mfn), 0,
	   "new page: pCPU 1 takes a reference as soon as the page is mapped");
	host_pcpu = 0;
}

static void frame_not_yet_counted(void)
{
	decrease_reservation(v1, 110);
	pass_both(4);
	host_on_map = hold_110;
	eq(memory_populate_extent(d1, 110, 1), 0, "new page: populate succeeds");
	eq(mfn_to_page(found_mfn)->count, 2, "new page: the reference is not overwritten");
	eq(decrease_reservation(v1, 110), 1, "new page: the page can be given up");
	pass_both(4);
	ok(!is_free(found_mfn), "new page: the page is not freed while it is referenced");
	page_put(found_mfn);
	pass_both(4);
	ok(is_free(found_mfn), "new page: the page is freed after the last reference");
	eq(memory_populate_extent(d1, 110, 1), 0, "new page: the frame can be populated again");
}

/* pCPU 1 shuts a domain down while pCPU 0 is about to map a frame of it. */
static struct domain *victim;

static void end_victim(void)
{
	host_pcpu = 1;
	domain_shutdown(victim, SHUTDOWN_poweroff);
	for (int i = 0; i < 20; i++)
		pass_scheduler(1);
	ok(domains[4] == victim && victim->ev && victim->arch.p2m,
	   "dying domain: it is not torn down while a hypercall uses it");
	ok(!domain_find(4), "dying domain: domain_find() does not find it");
	host_pcpu = 0;
}

static void domain_in_hand(void)
{
	u64 at = d0->ext_base >> PAGE_SHIFT;

	victim = guest_new(4, 1);
	host_on_lookup = end_victim;
	eq(memory_foreign_map(d0, at, victim, 20), 0, "dying domain: a foreign frame of it can be mapped");
	pass_both(20);
	ok(domains[4] == victim && victim->state == DOM_DYING && !victim->ev,
	   "dying domain: it is torn down after the hypercall");
	eq(domain_pages(victim), 1, "dying domain: the mapped frame is left");
	eq(memory_remove(d0, at), 0, "dying domain: the foreign mapping is removed");
	pass_both(20);
	ok(!domains[4], "dying domain: it is freed after its last frame");
}

static void shut_down_twice(void)
{
	char *first;

	victim = guest_new(4, 1);
	host_console_clear();
	domain_shutdown(victim, SHUTDOWN_poweroff);
	host_pcpu = 1;
	domain_shutdown(victim, SHUTDOWN_crash);
	domain_crash(victim, "again");
	host_pcpu = 0;
	first = strstr(host_console, "d4: shutdown, reason poweroff");
	ok(first && !strstr(first + 1, "d4:"), "shutdown on two pCPUs: the first reason counts");
	pass_both(20);
	ok(!domains[4], "shutdown on two pCPUs: the domain is freed");
}

/*
 * While pCPU 0 rebuilds a domain, pCPU 1 passes through the scheduler with another domain to be
 * freed.
 */
static int build_slowly(struct domain *d)
{
	if (victim) {
		struct domain *other = victim;

		victim = NULL;
		host_pcpu = 1;
		domain_shutdown(other, SHUTDOWN_poweroff);
		for (int i = 0; i < 10; i++)
			pass_scheduler(1);
		ok(domains[5] == other,
		   "reaping: a second pCPU frees nothing while the first builds a domain");
		host_pcpu = 0;
	}
	return memory_populate(d, 0, GUEST_PAGES);
}

static void reap_together(void)
{
	struct domain *again = guest_new(4, 1);

	victim = guest_new(5, 1);
	host_build = build_slowly;
	domain_shutdown(again, SHUTDOWN_reboot);
	for (int i = 0; i < 400 && victim; i++)
		pass_both(1);
	ok(!victim && domain_find(4), "reaping: the first pCPU completes the rebuild");
	pass_both(200);
	ok(!domains[5], "reaping: the domain that the second pCPU left is freed");
	domain_shutdown(domains[4], SHUTDOWN_poweroff);
	pass_both(200);
	ok(!domains[4], "reaping: the rebuilt domain is freed");
}

/* A sender that found FIFO in use sets its event after the guest has reset its event channels. */
static void stale_sender(void)
{
	static const struct evtchn_consumer nobody;
	struct evtchn_init_control ic = { .control_gfn = FIFO_GFN };
	struct evtchn_expand_array ea = { FIFO_GFN + 1 };
	struct evtchn_reset reset = { DOMID_SELF };
	u32 far, near, *words = guest_ptr(d1, (FIFO_GFN + 1) << PAGE_SHIFT);
	struct evtchn_fifo *f;
	struct evtchn *chn;

	evtchn_call(v1, EVTCHNOP_init_control, &ic, sizeof(ic));
	evtchn_call(v1, EVTCHNOP_expand_array, &ea, sizeof(ea));
	evtchn_bind_consumer(d1, NULL, &far);
	chn = evtchn_get(d1->ev, far);
	f = d1->ev->fifo;
	/*
	 * On POWER a sender that finds ev->fifo may have loaded another member before
	 * init_control stored it: it must use no pointer but that one.
	 */
	d1->ev->fifo_allocated = NULL;
	evtchn_set_pending(d1, chn, far);
	ok(words[far], "early sender: it uses the queues whose pointer it has read");
	d1->ev->fifo_allocated = f;
	words[far] = 0;
	ok(fifo_set_pending(d1, f, chn, far) && words[far],
	   "late sender: FIFO sets the event word");
	chn->consumer = &nobody;
	eq(evtchn_call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), 0,
	   "late sender: reset succeeds");
	words[far] = 0;
	ok(!fifo_set_pending(d1, f, chn, far) && !words[far],
	   "late sender: fifo_set_pending() does not write the word after reset");
	d1->shared_info->evtchn_pending[0] = 0;
	evtchn_notify(d1, far);
	ok(d1->shared_info->evtchn_pending[0] & BIT(far),
	   "late sender: the event is pending in the 2-level bitmap");
	eq(evtchn_call(v1, EVTCHNOP_init_control, &ic, sizeof(ic)), 0,
	   "late sender: init_control succeeds after reset");
	ok(chn->pending && !d1->shared_info->evtchn_pending[0],
	   "late sender: the event is kept for the new event words");
	/*
	 * While a port beyond the 2-level limit is open, the domain cannot return to the 2-level
	 * ABI.
	 */
	for (near = 0; near < EVTCHN_2L_NR_CHANNELS;)
		if (evtchn_alloc_unbound(d1, 0, &near))
			break;
	ok(near >= EVTCHN_2L_NR_CHANNELS, "late sender: ports beyond the 2-level limit are open");
	spin_lock(&d1->evtchn_lock);
	eq(fifo_leave(d1), -EAGAIN,
	   "late sender: fifo_leave() fails with ports beyond the 2-level limit");
	spin_unlock(&d1->evtchn_lock);
	eq(evtchn_call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), 0,
	   "late sender: reset succeeds with such ports");
	ok(!d1->ev->fifo, "late sender: reset leaves FIFO with such ports");
	evtchn_call(v1, EVTCHNOP_init_control, &ic, sizeof(ic));
	ok(d1->ev->fifo, "late sender: init_control succeeds and reads no bitmap beyond its end");
}

int main(void)
{
	host_init(64 << 20);
	core_pcpu_init(&pcpus[1]);
	nr_pcpus = 2;
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 2);
	eq(memory_populate(d1, GUEST_PAGES, RAM_PAGES - GUEST_PAGES), -ENOMEM,
	   "a domain cannot populate more than its limit");
	d1->max_pages = RAM_PAGES;
	d1->cfg.memory = RAM_PAGES << PAGE_SHIFT;
	eq(memory_populate(d1, GUEST_PAGES, RAM_PAGES - GUEST_PAGES), 0,
	   "a domain can populate up to its raised limit");
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	w1 = d1->vcpu[1];
	pass_both(4);
	epochs();
	frame_in_hand();
	frame_not_yet_counted();
	domain_in_hand();
	shut_down_twice();
	reap_together();
	stale_sender();
	pass_both(20);
	nr_pcpus = 1;
	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
