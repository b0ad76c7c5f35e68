// SPDX-License-Identifier: GPL-2.0
/*
 * Grace periods, identified by a sequence number: beginning one increments grace_gp_seq, and each
 * pCPU copies the number in exit_work().
 *
 * This file also frees the frames of domains. A frame whose last reference was dropped may have
 * been found in a p2m by another pCPU's hypercall just before, so it waits for a grace period
 * on a list of the pCPU that dropped the reference. A pCPU has at most one such grace period in
 * progress: frames that come meanwhile wait on a second list for the next one.
 *
 * A grace period makes every pCPU leave its guest, whoever's that is, so a guest must not be able
 * to begin one by each hypercall: the frames of GRACE_DELAY_NS, or GRACE_FRAMES of them, share one.
 * A pCPU that has not noted the grace period before is not kicked again.
 */
#include "core/arch_ops.h"
#include "core/base/grace.h"
#include "core/base/pcpu.h"
#include "core/base/timer.h"
#include "lib/bitops.h"
#include "lib/page.h"

#define FREE_BATCH	128U	/* frames freed in one pass of exit_work() */
#define FREE_PAUSE_NS	(20 * 1000UL)	/* between two such passes, for guests to run */
#define GRACE_FRAMES	1024U	/* so many frames do not wait for the delay */
#define GRACE_DELAY_NS	NSEC_PER_MSEC	/* from the first frame to its grace period */

u64 grace_gp_seq = 1;
static bool grace_halting;

/* Callback of grace.timer, in exit_work() of the pCPU @arg. */
static void grace_expired(void *arg)
{
	struct pcpu *p = arg;

	p->grace.due = true;
	p->grace.gp_seq_clean = 0;
}

static void grace_set_timer(struct pcpu *p, u64 ns)
{
	if (!timer_armed(&p->grace.timer))
		timer_set(&p->timers, &p->grace.timer, arch_tb() + ns_to_tb(ns));
}

/**
 * grace_init() - add a pCPU
 * @p: a pCPU that does not run hypercalls yet
 */
void grace_init(struct pcpu *p)
{
	p->grace.gp_seq = __atomic_load_n(&grace_gp_seq, __ATOMIC_ACQUIRE);
	p->grace.gp_seq_needed = 0;
	p->grace.gp_seq_clean = p->grace.gp_seq;
	list_init(&p->grace.next_frames);
	list_init(&p->grace.wait_frames);
	timer_init(&p->grace.timer, grace_expired, p);
}

/*
 * @quiescent: this pCPU, if it is quiescent now and needs no kick.
 *
 * Nor does a pCPU need one that has not noted the grace period before, since whoever began that one
 * has kicked it, or is about to. The increment is a full barrier, and so is the one between a
 * pCPU's store of gp_seq and its next look at grace_gp_seq: either that store is seen here, or the
 * increment is seen there.
 */
static u64 grace_start(const struct pcpu *quiescent)
{
	u64 seq = __atomic_add_fetch(&grace_gp_seq, 1, __ATOMIC_SEQ_CST);

	for (unsigned int i = 0; i < nr_pcpus; i++)
		if (&pcpus[i] != quiescent && READ_ONCE(pcpus[i].grace.gp_seq) >= seq - 1)
			pcpu_kick(&pcpus[i]);
	return seq;
}

/**
 * grace_begin() - begin a grace period
 *
 * The increment of grace_gp_seq is a full barrier: a pCPU that has seen the new number no longer
 * finds what the caller unlinked before. Kicks all pCPUs that are not being kicked already. Any
 * lock may be held.
 *
 * Return: the grace period, for grace_over().
 */
u64 grace_begin(void)
{
	return grace_start(NULL);
}

/**
 * grace_halt() - stop all pCPUs after a panic
 *
 * Takes no lock. Each pCPU halts where it would note its next quiescent state.
 */
void grace_halt(void)
{
	WRITE_ONCE(grace_halting, true);
	__atomic_add_fetch(&grace_gp_seq, 1, __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; i < nr_pcpus; i++)
		pcpu_kick(&pcpus[i]);
}

/**
 * grace_over() - has a grace period ended?
 * @seq: return value of grace_begin()
 *
 * With one pCPU every grace period is over at once: the callers are in exit_work(), where no
 * hypercall is under way.
 *
 * Return: true if what was unlinked before grace_begin() may be freed.
 */
bool grace_over(u64 seq)
{
	if (nr_pcpus == 1)
		return true;
	/* Acquire: what a pCPU did before its quiescent state happens before the freeing. */
	for (unsigned int i = 0; i < nr_pcpus; i++)
		if (__atomic_load_n(&pcpus[i].grace.gp_seq, __ATOMIC_ACQUIRE) < seq)
			return false;
	return true;
}

/* Kick the other pCPUs whose frames may be freed now: they may be asleep. */
static void grace_kick_waiting(const struct pcpu *p)
{
	for (unsigned int i = 0; i < nr_pcpus; i++) {
		u64 seq = READ_ONCE(pcpus[i].grace.gp_seq_needed);

		if (seq && &pcpus[i] != p && grace_over(seq))
			pcpu_kick(&pcpus[i]);
	}
}

static void grace_free_waiting(struct pcpu *p)
{
	struct list_head *l = &p->grace.wait_frames;
	struct page *pg;

	for (unsigned int n = 0; n < FREE_BATCH && !list_empty(l); n++) {
		pg = list_first_entry(l, struct page, list);
		list_del_init(&pg->list);
		free_pages(page_to_mfn(pg) << PAGE_SHIFT, 0);
	}
	if (list_empty(l))
		WRITE_ONCE(p->grace.gp_seq_needed, 0);
	else
		grace_set_timer(p, FREE_PAUSE_NS);
}

/* Begin a grace period for the frames of next_frames. */
static void grace_start_frames(struct pcpu *p)
{
	struct grace *g = &p->grace;
	u64 seq;

	list_splice_init(&g->next_frames, &g->wait_frames);
	g->nr_next = 0;
	g->due = false;
	/* This pCPU is quiescent now. */
	seq = grace_start(p);
	WRITE_ONCE(g->gp_seq_needed, seq);
	__atomic_store_n(&g->gp_seq, seq, __ATOMIC_RELEASE);
	/*
	 * All other pCPUs may have been quiescent before gp_seq_needed was visible to them; then
	 * none of them kicks this pCPU. Pairs with the barrier in grace_note(). A pCPU that began
	 * another grace period before it saw gp_seq has not kicked this one: see grace_start().
	 */
	smp_mb();
	if (grace_over(seq) || READ_ONCE(grace_gp_seq) != seq)
		WRITE_ONCE(p->work, true);
}

static void grace_note(struct pcpu *p, u64 seq)
{
	/* Release: pairs with grace_over(). */
	__atomic_store_n(&p->grace.gp_seq, seq, __ATOMIC_RELEASE);
	/*
	 * Of two pCPUs that end a grace period at the same time one sees the other's store. Also
	 * pairs with grace_start(): the caller looks at grace_gp_seq again.
	 */
	smp_mb();
	grace_kick_waiting(p);
}

/**
 * grace_quiesce_slow() - grace_quiesce() if a grace period has begun or frames wait
 * @p: this pCPU, in the context that grace_quiesce() describes
 */
noinline void grace_quiesce_slow(struct pcpu *p)
{
	struct grace *g = &p->grace;
	u64 seq;

	while (g->gp_seq != (seq = __atomic_load_n(&grace_gp_seq, __ATOMIC_ACQUIRE))) {
		if (unlikely(READ_ONCE(grace_halting)))
			arch_halt();
		grace_note(p, seq);
	}
	if (g->gp_seq_needed && grace_over(g->gp_seq_needed))
		grace_free_waiting(p);
	if (!g->gp_seq_needed && !list_empty(&g->next_frames)) {
		if (g->due || g->nr_next >= GRACE_FRAMES)
			grace_start_frames(p);
		else
			grace_set_timer(p, GRACE_DELAY_NS);
	}
	g->gp_seq_clean = g->gp_seq_needed ? 0 : g->gp_seq;
}

/**
 * grace_free_frame() - free a frame after a grace period
 * @pg: a 4 KiB frame without references, in no p2m and on no list
 *
 * Any lock may be held but the page allocator's.
 */
void grace_free_frame(struct page *pg)
{
	struct pcpu *p = this_pcpu();

	if (nr_pcpus == 1) {
		free_pages(page_to_mfn(pg) << PAGE_SHIFT, 0);
		return;
	}
	list_add(&pg->list, &p->grace.next_frames);
	p->grace.nr_next++;
	p->grace.gp_seq_clean = 0;
	WRITE_ONCE(p->work, true);
}
