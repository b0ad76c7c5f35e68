// SPDX-License-Identifier: GPL-2.0
/*
 * Grace periods, counted by an epoch: each one that begins counts it up, and
 * each pCPU notes in sched_next() how far it was. And the frames that wait for
 * one: those whose last reference is gone, but which another pCPU may have
 * found in a p2m just before.
 *
 * Frames wait on the list of the pCPU that dropped them, in two parts: what a
 * period that has begun will free, and what came later. So there is at most one
 * period under way for each pCPU, however many frames come.
 */
#include "core/arch_ops.h"
#include "core/domain/domain.h"
#include "core/base/grace.h"
#include "lib/bitops.h"
#include "lib/page.h"

#define AT_ONCE	1024U	/* frames freed in one go */

u64 grace_epoch = 1;
static bool halting;

/**
 * grace_init() - a pCPU joins
 * @p: one that runs no hypercall yet
 */
void grace_init(struct pcpu *p)
{
	p->grace.seen = __atomic_load_n(&grace_epoch, __ATOMIC_ACQUIRE);
	p->grace.awaited = 0;
	p->grace.calm = p->grace.seen;
	list_init(&p->grace.fresh);
	list_init(&p->grace.waiting);
}

static u64 begin(const struct pcpu *quiet)
{
	u64 e = __atomic_add_fetch(&grace_epoch, 1, __ATOMIC_SEQ_CST);

	for (unsigned int i = 0; i < nr_pcpus; i++)
		if (&pcpus[i] != quiet)
			sched_kick(&pcpus[i]);
	return e;
}

/**
 * grace_begin() - begin a grace period
 *
 * What the caller took out of reach before is out of reach of everything that
 * a pCPU does once it has seen the new epoch: the count is a full barrier.
 * Any locks may be held. All pCPUs are asked to come to sched_next().
 *
 * Return: what to give to grace_over().
 */
u64 grace_begin(void)
{
	return begin(NULL);
}

/**
 * grace_halt() - a panic: no pCPU is to run guests any more
 *
 * Takes no lock. Each stops where it would note a period, and this one is never
 * over.
 */
void grace_halt(void)
{
	WRITE_ONCE(halting, true);
	begin(NULL);
}

/**
 * grace_over() - has every pCPU come through sched_next() since?
 * @e: of grace_begin()
 *
 * With one pCPU a period is over at once: its users are in sched_next(), where
 * no hypercall is under way.
 *
 * Return: whether what was out of reach before grace_begin() may be freed.
 */
bool grace_over(u64 e)
{
	if (nr_pcpus == 1)
		return true;
	/* Acquire: what a pCPU did before it came by is behind us. */
	for (unsigned int i = 0; i < nr_pcpus; i++)
		if (__atomic_load_n(&pcpus[i].grace.seen, __ATOMIC_ACQUIRE) < e)
			return false;
	return true;
}

/* The pCPUs whose frames may go now: they may be asleep, and nobody else would tell them. */
static void tell_waiting(const struct pcpu *p)
{
	for (unsigned int i = 0; i < nr_pcpus; i++) {
		u64 e = READ_ONCE(pcpus[i].grace.awaited);

		if (e && &pcpus[i] != p && grace_over(e))
			sched_kick(&pcpus[i]);
	}
}

static void free_waiting(struct pcpu *p)
{
	struct list_head *l = &p->grace.waiting;
	struct page *pg;

	for (unsigned int n = 0; n < AT_ONCE && !list_empty(l); n++) {
		pg = list_first_entry(l, struct page, list);
		list_del_init(&pg->list);
		free_pages(page_to_mfn(pg) << PAGE_SHIFT, 0);
	}
	if (list_empty(l))
		WRITE_ONCE(p->grace.awaited, 0);
	else
		WRITE_ONCE(p->work, true);
}

static void frames_begin(struct pcpu *p)
{
	struct grace *g = &p->grace;
	u64 e;

	list_splice_init(&g->fresh, &g->waiting);
	/* This is a quiescent point of our own. */
	e = begin(p);
	WRITE_ONCE(g->awaited, e);
	__atomic_store_n(&g->seen, e, __ATOMIC_RELEASE);
	/*
	 * The others may all have come by before awaited was there to be seen:
	 * then nobody tells us. Against the barrier in note().
	 */
	smp_mb();
	if (grace_over(e))
		WRITE_ONCE(p->work, true);
}

static void note(struct pcpu *p, u64 e)
{
	/* Release: what was done here before is done. */
	__atomic_store_n(&p->grace.seen, e, __ATOMIC_RELEASE);
	/* Of two pCPUs that end a period together one sees the other. */
	smp_mb();
	tell_waiting(p);
}

/**
 * grace_quiesce_slow() - a period has begun, or there are frames to free
 * @p: this pCPU, as for grace_quiesce()
 */
noinline void grace_quiesce_slow(struct pcpu *p)
{
	u64 e = __atomic_load_n(&grace_epoch, __ATOMIC_ACQUIRE);
	struct grace *g = &p->grace;

	if (unlikely(READ_ONCE(halting)))
		arch_halt();
	if (g->seen != e)
		note(p, e);
	if (g->awaited && grace_over(g->awaited))
		free_waiting(p);
	if (!g->awaited && !list_empty(&g->fresh))
		frames_begin(p);
	g->calm = g->awaited ? 0 : g->seen;
}

/**
 * grace_free_frame() - free a frame when nobody can have found it any more
 * @pg: a frame of 4 KiB without references, in no p2m and on no list
 *
 * Any locks but the page allocator's may be held.
 */
void grace_free_frame(struct page *pg)
{
	struct pcpu *p = this_pcpu();

	if (nr_pcpus == 1) {
		free_pages(page_to_mfn(pg) << PAGE_SHIFT, 0);
		return;
	}
	list_add(&pg->list, &p->grace.fresh);
	p->grace.calm = 0;
	WRITE_ONCE(p->work, true);
}
