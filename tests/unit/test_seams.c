// SPDX-License-Identifier: GPL-2.0
/*
 * Two pCPUs, one after the other, at the very places where it matters: one is
 * in the middle of a hypercall when the other does what the first has to cope
 * with. The same each time, unlike test_threads.
 */
#include "core/mm/memory_foreign.h"
#include "guests.h"

static struct domain *d0, *d1;
static struct vcpu *v0, *v1, *w1;
static u64 found_mfn;

/* Both come through exit_work(), which ends whatever waited for it. */
static void pass(unsigned int pcpu)
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
		pass(0);
		pass(1);
	}
}

static u64 mfn_at(const struct domain *d, u64 gfn)
{
	u64 mfn;
	bool w;

	return p2m_lookup(d, gfn, &mfn, &w) ? mfn : 0;
}

static s64 give_away(struct vcpu *v, u64 gfn)
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

	ok(!grace_over(e), "a grace period begins");
	ok(pcpus[0].work && pcpus[1].work, "all pCPUs are asked to come by");
	pass(0);
	ok(!grace_over(e), "one has");
	pass(0);
	ok(!grace_over(e), "it counts once");
	pass(1);
	ok(grace_over(e), "both: it is over");
	host_pcpu = 0;
	eq(give_away(v1, 100), 1, "a frame is given up here");
	pass(0);
	kicks = pcpus[0].arch.kicks;
	pass(1);
	eq(pcpus[0].arch.kicks, kicks + 1, "the last to pass by tells who waits, asleep or not");
	ok(!list_empty(&pcpus[0].grace.wait_frames), "whose frames those are");
	pass(0);
	ok(list_empty(&pcpus[0].grace.wait_frames), "it frees them");
	eq(memory_populate_extent(d1, 100, 1), 0, "back again");
}

/* pCPU 1 takes the page away that pCPU 0 has just found. */
static void take_100(void)
{
	host_pcpu = 1;
	found_mfn = mfn_at(d1, 100);
	eq(give_away(w1, 100), 1, "taken away behind a look at it");
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

	host_on_lookup = take_100;
	p = vcpu_frame(v1, 100, true);
	ok(p == arch_ma_to_ptr(found_mfn << PAGE_SHIFT), "a page found in a hypercall, and gone");
	eq(domain_pages(d1), pages - 1, "does not count any more");
	eq(pages_free(), free, "but is not free");
	memory_remove(other, 10);
	eq(memory_populate_extent(other, 10, 1), 0, "another domain gets a page meanwhile");
	ok(mfn_at(other, 10) != found_mfn, "another one");
	ok(!vcpu_frame(v1, 100, true), "the next hypercall does not find it");
	pass_both(4);
	ok(is_free(found_mfn), "free when all have passed by");
	eq(memory_populate_extent(d1, 100, 1), 0, "a new one in its place");
	ok(vcpu_frame(v1, 100, true) == guest_ptr(d1, 100 * PAGE_SIZE), "is found");
	/* A reference instead of a pointer. */
	host_on_lookup = take_100;
	eq(frame_get(d1, 100, &mfn), -EINVAL, "no reference on what was taken away");
	pass_both(4);
	ok(is_free(found_mfn), "and none is left over");
	domain_shutdown(other, SHUTDOWN_poweroff);
	pass_both(20);
	ok(!domains[3], "the other domain goes");
	eq(memory_populate_extent(d1, 100, 1), 0, "back again");
}

static void hold_110(void)
{
	host_pcpu = 1;
	eq(frame_get(d1, 110, &found_mfn), 0, "a reference on a frame as soon as it is mapped");
	host_pcpu = 0;
}

static void frame_not_yet_counted(void)
{
	give_away(v1, 110);
	pass_both(4);
	host_on_map = hold_110;
	eq(memory_populate_extent(d1, 110, 1), 0, "populate");
	eq(mfn_to_page(found_mfn)->count, 2, "is not forgotten");
	eq(give_away(v1, 110), 1, "given away again");
	pass_both(4);
	ok(!is_free(found_mfn), "it is still held");
	page_put(found_mfn);
	pass_both(4);
	ok(is_free(found_mfn), "and not for ever");
	eq(memory_populate_extent(d1, 110, 1), 0, "back again");
}

/* pCPU 1 ends a domain while pCPU 0 is about to map a frame of it. */
static struct domain *victim;

static void end_victim(void)
{
	host_pcpu = 1;
	domain_shutdown(victim, SHUTDOWN_poweroff);
	for (int i = 0; i < 20; i++)
		pass(1);
	ok(domains[4] == victim && victim->ev && victim->arch.p2m,
	   "a domain that a hypercall knows is not taken apart");
	ok(!domain_find(4), "though nobody finds it any more");
	host_pcpu = 0;
}

static void domain_in_hand(void)
{
	u64 at = d0->ext_base >> PAGE_SHIFT;

	victim = guest_new(4, 1);
	host_on_lookup = end_victim;
	eq(memory_foreign_map(d0, at, victim, 20), 0, "a frame of a domain that ends just now");
	pass_both(20);
	ok(domains[4] == victim && victim->state == DOM_DYING && !victim->ev, "it is taken apart then");
	eq(domain_pages(victim), 1, "but for that frame");
	eq(memory_remove(d0, at), 0, "given up");
	pass_both(20);
	ok(!domains[4], "it is gone");
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
	ok(first && !strstr(first + 1, "d4:"), "of two ends the first counts");
	pass_both(20);
	ok(!domains[4], "it is gone");
}

/* While pCPU 0 builds a domain anew, pCPU 1 finds another that has to go. */
static int build_slowly(struct domain *d)
{
	if (victim) {
		struct domain *other = victim;

		victim = NULL;
		host_pcpu = 1;
		domain_shutdown(other, SHUTDOWN_poweroff);
		for (int i = 0; i < 10; i++)
			pass(1);
		ok(domains[5] == other, "one pCPU reaps at a time");
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
	for (int i = 0; i < 40 && victim; i++)
		pass_both(1);
	ok(!victim && domain_find(4), "built again");
	pass_both(20);
	ok(!domains[5], "what the other left is done");
	domain_shutdown(domains[4], SHUTDOWN_poweroff);
	pass_both(20);
	ok(!domains[4], "and so is this one");
}

/* A sender that saw FIFO in use comes when the guest has just reset. */
static void stale_sender(void)
{
	static const struct evtchn_consumer nobody;
	struct evtchn_init_control ic = { .control_gfn = FIFO_GFN };
	struct evtchn_expand_array ea = { FIFO_GFN + 1 };
	struct evtchn_reset reset = { DOMID_SELF };
	u32 far, near, *words = guest_ptr(d1, (FIFO_GFN + 1) << PAGE_SHIFT);
	struct evtchn *chn;

	evtchn_call(v1, EVTCHNOP_init_control, &ic, sizeof(ic));
	evtchn_call(v1, EVTCHNOP_expand_array, &ea, sizeof(ea));
	evtchn_bind_consumer(d1, NULL, &far);
	chn = evtchn_get(d1->ev, far);
	ok(fifo_set_pending(d1, chn, far) && words[far], "FIFO: in the guest's words");
	chn->consumer = &nobody;
	eq(evtchn_call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), 0, "reset");
	words[far] = 0;
	ok(!fifo_set_pending(d1, chn, far) && !words[far], "a late sender leaves the words alone");
	d1->shared_info->evtchn_pending[0] = 0;
	evtchn_notify(d1, far);
	ok(d1->shared_info->evtchn_pending[0] & BIT(far), "the event is in the bitmap");
	eq(evtchn_call(v1, EVTCHNOP_init_control, &ic, sizeof(ic)), 0, "FIFO again");
	ok(chn->pending && !d1->shared_info->evtchn_pending[0], "and the event comes along");
	/* More ports than bitmaps have bits: no way back as long as one is open. */
	for (near = 0; near < EVTCHN_2L_NR_CHANNELS;)
		if (evtchn_alloc_unbound(d1, 0, &near))
			break;
	ok(near >= EVTCHN_2L_NR_CHANNELS, "ports beyond the bitmaps");
	spin_lock(&d1->evtchn_lock);
	eq(fifo_leave(d1), -EAGAIN, "keep a domain from leaving FIFO");
	spin_unlock(&d1->evtchn_lock);
	eq(evtchn_call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), 0, "a reset closes them");
	ok(!d1->ev->fifo, "and leaves");
	evtchn_call(v1, EVTCHNOP_init_control, &ic, sizeof(ic));
	ok(d1->ev->fifo, "FIFO a third time, which looks at no bits that there are not");
}

int main(void)
{
	host_init(64 << 20);
	core_pcpu_init(&pcpus[1]);
	nr_pcpus = 2;
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 2);
	eq(memory_populate(d1, GUEST_PAGES, RAM_PAGES - GUEST_PAGES), -ENOMEM, "no more than it may have");
	d1->max_pages = RAM_PAGES;
	d1->cfg.memory = RAM_PAGES << PAGE_SHIFT;
	eq(memory_populate(d1, GUEST_PAGES, RAM_PAGES - GUEST_PAGES), 0, "but that");
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
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
