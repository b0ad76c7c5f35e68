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
#ifndef HV_CORE_SCHED_PRIVATE_H
#define HV_CORE_SCHED_PRIVATE_H

#include "core/arch_ops.h"
#include "core/sched/sched.h"
#include "lib/bitops.h"

enum sched_queue {
	QUEUE_NONE,
	QUEUE_RUN,		/* pcpu.runq */
	QUEUE_MISFIT,		/* pcpu.misfits: its world has to leave this pCPU first */
	QUEUE_PARKED,		/* sched_domain.parked: its domain has used up its cap */
};

/* Virtual time: one tick of the only active vcpu of a domain of default weight. */
#define VT_SHIFT	19
#define VT_LONGEST	BIT(30)	/* ticks charged at once: products fit 64 bits */

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

/*
 * A vcpu enters a state, of which its guest is told later. @ns: system time. A
 * change to the state it is in is no change. Return: whether it was one.
 */
static inline __force_inline bool runstate_enter(struct vcpu *v, int state, u64 ns)
{
	int old = v->runstate;

	if (old == state)
		return false;
	v->runstate_ns[old] += ns - v->runstate_since;
	v->runstate = state;
	v->runstate_since = ns;
	return true;
}

/*
 * Writes a vcpu's runstate into the area it registered, if it did, and of its
 * times those of the states @from to @last.
 *
 * The area may be read from other vcpus meanwhile. If the guest has asked for
 * it (VMASST_TYPE_runstate_update_flag), the top bit of state_entry_time says
 * that the rest is being written; the value without it comes last.
 */
static inline __force_inline void runstate_publish_times(struct vcpu *v, int from, int last)
{
	volatile struct vcpu_runstate_info *to;
	u64 since = v->runstate_since;
	int state = v->runstate;

	if (unlikely(v->area.split < sizeof(*to))) {
		if (v->area.split)
			runstate_publish_in_parts(v);
		return;
	}
	to = (volatile struct vcpu_runstate_info *)v->area.part[0];
	if (likely(READ_ONCE(v->domain->runstate_update))) {
		to->state_entry_time = since | XEN_RUNSTATE_UPDATE;
		smp_wmb();	/* the mark before what it covers */
	}
	to->state = state;
	for (int i = from; i <= last; i++)
		to->time[i] = v->runstate_ns[i];
	smp_wmb();	/* and all of that before its end */
	to->state_entry_time = since;
}

static inline __force_inline void runstate_publish(struct vcpu *v)
{
	runstate_publish_times(v, RUNSTATE_running, RUNSTATE_offline);
}

static inline __force_inline void runstate_change(struct vcpu *v, int state, u64 ns)
{
	if (runstate_enter(v, state, ns))
		runstate_publish(v);
}

/*
 * The vcpu that is current stops, or one becomes current. Of the times in its
 * area the first alone changes while it runs, and all but that while it does not.
 */
static inline __force_inline void runstate_stop(struct vcpu *v, int state, u64 ns)
{
	v->runstate_ns[RUNSTATE_running] += ns - v->runstate_since;
	v->runstate = state;
	v->runstate_since = ns;
	runstate_publish_times(v, RUNSTATE_running, RUNSTATE_running);
}

static inline __force_inline void runstate_start(struct vcpu *v, u64 ns)
{
	if (runstate_enter(v, RUNSTATE_running, ns))
		runstate_publish_times(v, RUNSTATE_runnable, RUNSTATE_offline);
}

/* sched.c */
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
void vt_enter(struct pcpu *p, struct vcpu *v, u64 now);
void vt_arrive(const struct pcpu *p, struct vcpu *v);
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
	const struct sched_domain *s = &v->domain->sched;

	return v->woken ? v->vt : v->vt + READ_ONCE(s->slice_vt) * READ_ONCE(s->nr_active) / 2;
}

/* The floor follows those who get to run, and those that wait. */
static inline u64 vt_floor(struct pcpu *p, u64 key)
{
	p->floor = p->runq && key_before(p->runq->key, key) ? p->runq->key : key;
	return p->floor;
}

/*
 * A vcpu that is or was current pays for what it ran since it was picked or
 * charged last. Return: ticks.
 */
static inline __force_inline u64 vt_charge(struct vcpu *v, u64 now)
{
	struct sched_domain *s = &v->domain->sched;
	u64 ran = now - v->since;
	u64 cost = min(ran, VT_LONGEST) * READ_ONCE(s->rate);

	v->vt += cost * READ_ONCE(s->nr_active) >> VT_SHIFT;
	__atomic_fetch_add(&s->vt, cost >> VT_SHIFT, __ATOMIC_RELAXED);
	v->since = now;
	return ran;
}

/* And has less of its slice left; one that sleeps gets a new one when it wakes. */
static inline void slice_charge(struct vcpu *v, u64 ran)
{
	v->slice_left -= min(v->slice_left, ran);
	if (ran >= sched_min_run_ticks)
		v->woken = false;
}

/* Does a vcpu want to run? Its pCPU's lock is held. */
static inline void sched_set_active(struct vcpu *v, bool active)
{
	if (v->active == active)
		return;
	v->active = active;
	__atomic_fetch_add(&v->domain->sched.nr_active, active ? 1 : -1, __ATOMIC_RELAXED);
}

/* sched_cap.c */
bool cap_take_chunk(struct vcpu *v, u64 now);
void cap_return_chunk(struct vcpu *v, u64 ran);
void cap_park(struct vcpu *v);
void cap_unpark(struct vcpu *v);

/*
 * May a vcpu that is about to become current run? If so v->chunk is how long,
 * 0: for ever; if not it is to be parked.
 */
static inline __force_inline bool cap_take(struct vcpu *v, u64 now)
{
	v->chunk = 0;
	return likely(!READ_ONCE(v->domain->sched.cap)) || cap_take_chunk(v, now);
}

static inline void cap_return(struct vcpu *v, u64 ran)
{
	if (unlikely(v->chunk))
		cap_return_chunk(v, ran);
}

#endif
