/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Grace periods: how something that was taken out of the reach of hypercalls is
 * known to be in the hands of none, without any cost to a hypercall.
 *
 * A hypercall, or a timer's callback, runs to its end on its pCPU and keeps no
 * pointer to a domain, vcpu or frame beyond. So a pCPU that comes through
 * sched_next() has forgotten all that it found before. A grace period is over
 * when every pCPU has been there since it began; nobody waits for that: who
 * wants it over looks again later.
 *
 *	take it out of reach; e = grace_begin(); ... if (grace_over(e)) free it
 */
#ifndef HV_CORE_BASE_GRACE_H
#define HV_CORE_BASE_GRACE_H

#include "lib/list.h"
#include "lib/types.h"

struct pcpu;
struct page;

/* Of each pCPU; its own but for seen and awaited, which others read. */
struct grace {
	u64 seen;			/* newest period begun before its last sched_next() */
	u64 calm;			/* the same, 0: frames are in fresh or waiting */
	u64 awaited;			/* what the frames in waiting wait for, 0: none there */
	struct list_head fresh;		/* frames without a reference, since awaited */
	struct list_head waiting;
};

extern u64 grace_epoch;

void grace_init(struct pcpu *p);
u64 grace_begin(void);
bool grace_over(u64 epoch);
void grace_quiesce_slow(struct pcpu *p);
void grace_free_frame(struct page *pg);
void grace_halt(void);

/**
 * grace_quiesce() - this pCPU holds on to nothing that it found before
 * @p: this pCPU
 * @g: its part
 *
 * In sched_next(), behind the timers' callbacks and the reaping, no lock held,
 * pcpu.work cleared and a full barrier behind that: who begins a period counts
 * the epoch first and sets work then, so whoever cleared work sees the epoch.
 */
static inline void grace_quiesce(struct pcpu *p, const struct grace *g)
{
	if (unlikely(g->calm != READ_ONCE(grace_epoch)))
		grace_quiesce_slow(p);
}

#endif
