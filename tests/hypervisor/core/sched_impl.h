/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the scheduler share.
 *
 *	sched.c		a vcpu's changes of state, from wherever they come
 *	sched_next.c	a pCPU decides who runs
 *	sched_move.c	which pCPU a vcpu belongs to: placement, stealing, affinity
 *	sched_vt.c	the policy: virtual time
 *	sched_cap.c	caps
 *
 * A vcpu belongs to one pCPU at a time, v->pcpu, whose lock protects what the
 * scheduler knows of it; it changes with the old one's lock held. A runnable
 * vcpu is current, or on its way (its v->pcpu was just changed by somebody who
 * is about to queue it), or in one queue: v->queue says which.
 */
#ifndef HV_CORE_SCHED_IMPL_H
#define HV_CORE_SCHED_IMPL_H

#include "core/arch.h"
#include "core/sched.h"
#include "lib/bitops.h"

enum sched_queue {
	QUEUE_NONE,
	QUEUE_RUN,		/* pcpu.runq */
	QUEUE_MISFIT,		/* pcpu.misfits: its world has to leave this pCPU first */
	QUEUE_PARKED,		/* sched_domain.parked: its domain has used up its cap */
};

/* Virtual time: one tick of the only active vcpu of a domain of default weight. */
#define VT_SHIFT	19
#define VT_LONGEST	(1UL << 30)	/* ticks charged at once: products fit 64 bits */

#define RETRY_NS	(50 * 1000UL)	/* look again for a vcpu whose world is still loaded elsewhere */

extern u64 sched_slice_ticks, sched_min_run_ticks, sched_retry_ticks;
extern u64 sched_idle;		/* pCPUs without a vcpu, a bit each; atomic */

static inline struct pcpu *lock_vcpu(const struct vcpu *v)
{
	struct pcpu *p;

	for (;;) {
		p = READ_ONCE(v->pcpu);
		spin_lock(&p->lock);
		if (likely(v->pcpu == p))
			return p;
		spin_unlock(&p->lock);
	}
}

/* The pCPUs that may run a vcpu; all, if it asked for none that exists. */
static inline u64 may_use(const struct vcpu *v)
{
	u64 all = ~0UL >> (64 - nr_pcpus), mask = v->affinity & all;

	return likely(mask) ? mask : all;
}

static inline bool may_run_on(const struct vcpu *v, const struct pcpu *p)
{
	return nr_pcpus == 1 || (may_use(v) >> p->id & 1);
}

static inline struct vcpu *first_waiting(const struct pcpu *p)
{
	return p->runq ? container_of(p->runq, struct vcpu, run) : NULL;
}

/* sched.c */
void sched_kick(struct pcpu *p);
void sched_set_active(struct vcpu *v, bool active);
struct pcpu *sched_enter(struct pcpu *p, struct vcpu *v, u64 now);

/* sched_next.c */
void queue_insert(struct pcpu *p, struct vcpu *v, u64 key);
void queue_remove(struct pcpu *p, struct vcpu *v);

/* sched_move.c */
struct pcpu *sched_place(struct pcpu *p, struct vcpu *v);
void sched_call_helper(const struct vcpu *v);
bool sched_steal(struct pcpu *p);
void sched_balance(struct pcpu *p, const struct vcpu *prev);
void sched_push(struct pcpu *p);
void sched_add_misfit(struct pcpu *p, struct vcpu *v);
bool sched_pull(struct pcpu *p, struct vcpu *v);

/* sched_vt.c */
u64 vt_until(const struct vcpu *cur, const struct vcpu *w);
u64 vt_lag(const struct domain *d);
u64 vt_charge(struct vcpu *v, u64 now);
void vt_enter(struct pcpu *p, struct vcpu *v, u64 now);
void vt_arrive(const struct pcpu *p, struct vcpu *v);
void vt_picked(struct pcpu *p, const struct vcpu *v);
void vt_sync(struct pcpu *p, struct vcpu *alone);

/* Virtual time that one vcpu is charged for @ticks now. */
static inline u64 vt_of(const struct domain *d, u64 ticks)
{
	return min(ticks, VT_LONGEST) * READ_ONCE(d->sched.rate) * READ_ONCE(d->sched.nr_active) >>
	       VT_SHIFT;
}

/*
 * Where a vcpu queues: by the time at which it will have had half of its slice.
 * So what it got is as often a bit less as a bit more than what it should have.
 * One that woke goes before its equals, which computed until now.
 */
static inline u64 vt_key(const struct vcpu *v)
{
	return v->woken ? v->vt : v->vt + vt_of(v->domain, sched_slice_ticks) / 2;
}

/* sched_cap.c */
bool cap_take(struct vcpu *v, u64 now);
void cap_return(struct vcpu *v, u64 ran);
void cap_park(struct vcpu *v);
void cap_unpark(struct vcpu *v);

#endif
