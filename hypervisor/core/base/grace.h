/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Grace periods by quiescent states (QSBR, as RCU has them): free an object that was unlinked once
 * every pCPU has passed through exit_work(), without any cost to a hypercall.
 *
 * A hypercall or timer callback runs to its end on its pCPU and keeps no pointer to a domain, vcpu
 * or frame beyond that. So a pCPU in exit_work() holds no pointer that it looked up before: that is
 * its quiescent state. A grace period ends when every pCPU has been quiescent since it began. No
 * pCPU waits for that; the code that wants to free something tests again later:
 *
 *	unlink the object; seq = grace_begin(); ... if (grace_over(seq)) free the object
 */
#ifndef HV_CORE_BASE_GRACE_H
#define HV_CORE_BASE_GRACE_H

#include "core/base/timer.h"
#include "lib/list.h"
#include "lib/types.h"

struct pcpu;
struct page;

/* The part of each pCPU. Other pCPUs read gp_seq and gp_seq_needed; all else is private. */
struct grace {
	u64 gp_seq;			/* newest grace period begun before its last quiescent state */
	u64 gp_seq_clean;		/* gp_seq if exit_work() has nothing to do for it, else 0 */
	u64 gp_seq_needed;		/* the grace period that ends the wait of wait_frames, 0: none */
	struct list_head wait_frames;	/* free when gp_seq_needed is over */
	struct list_head next_frames;	/* unreferenced since that grace period began */
	struct timer timer;		/* sets due; armed while frames wait for it */
	u32 nr_next;			/* frames of next_frames */
	bool due;			/* next_frames wait no longer for more frames to come */
};

extern u64 grace_gp_seq;		/* the grace period begun last */

void grace_init(struct pcpu *p);
u64 grace_begin(void);
bool grace_over(u64 seq);
void grace_quiesce_slow(struct pcpu *p);
void grace_free_frame(struct page *pg);
void grace_halt(void);

/**
 * grace_quiesce() - note a quiescent state of this pCPU
 * @p: this pCPU
 * @g: p->grace
 *
 * Called by exit_work() after timer callbacks and reaping, with no lock held, after it has cleared
 * pcpu.work and executed a full barrier. grace_begin() first increments grace_gp_seq, then sets
 * pcpu.work; so the pCPU that clears pcpu.work sees the increment.
 */
static inline void grace_quiesce(struct pcpu *p, const struct grace *g)
{
	if (unlikely(g->gp_seq_clean != READ_ONCE(grace_gp_seq)))
		grace_quiesce_slow(p);
}

#endif
