/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Internal declarations of the scheduler. Its files, lowest first: each calls only those above it
 * in this list.
 *
 *	runstate.c	accounting of running, runnable, blocked, offline
 *	runq.c		the run queue of a pCPU (inline part: runq.h); slice and minimum run
 *	vtime.c		the policy: virtual time
 *	migrate.c	which pCPU a vcpu belongs to: placement, stealing
 *	enter.c		queues a vcpu that can run, and preempts
 *	affinity.c	which pCPUs may run a vcpu
 *	cap.c		caps
 *	pick.c		which vcpu a pCPU runs next
 *	sched.c		state changes of a vcpu: wake, block, yield, stop
 *	dump.c		shows the run queues on the console
 *
 * A vcpu belongs to one pCPU at a time, v->pcpu. The lock of that pCPU protects
 * the scheduler's fields of the vcpu; v->pcpu changes with the lock of the old
 * pCPU held. A runnable vcpu is either current, or in exactly one queue (v->queue
 * says which), or between the two: its v->pcpu has just been changed by a pCPU
 * that is about to queue it.
 */
#ifndef HV_CORE_SCHED_PRIVATE_H
#define HV_CORE_SCHED_PRIVATE_H

#include "core/arch_ops.h"
#include "core/sched/sched.h"
#include "lib/bitops.h"

enum sched_queue {
	QUEUE_NONE,
	QUEUE_RUN,		/* pcpu.runq */
	QUEUE_PINNED_AWAY,	/* pcpu.pinned_away: its world has to leave this pCPU first */
	QUEUE_PARKED,		/* sched_domain.parked: its domain has used up its cap */
};

/* The unit of virtual time: a timebase tick of the only active vcpu of a domain of default weight. */
#define VT_SHIFT	19
#define VT_LONGEST	BIT(30)	/* most ticks charged at once, so that products fit into 64 bits */

#define RETRY_NS	(50 * 1000UL)	/* when to retry taking a vcpu that is still resident elsewhere */

extern u64 sched_slice_ticks, sched_min_run_ticks, sched_retry_ticks;
extern u64 sched_idle;		/* pCPUs without a vcpu, a bit each; atomic */

/* runstate.c */
void runstate_init(struct vcpu *v);
void runstate_publish_in_parts(const struct vcpu *v);

/* Locks the pCPU that @v belongs to, which may change until the lock is held. */
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

/* The pCPUs that may run a vcpu, one bit each; all if its affinity names no existing pCPU. */
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
 * Accounts for a change of runstate at system time @ns, without writing the
 * guest's area. Return: false if @v was in that state already.
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
 * Writes the runstate of a vcpu into the area that its guest registered, if any.
 * Of the four times it writes those of the states @from to @last.
 *
 * Other vcpus of the guest may read the area at the same time. If the guest has
 * enabled VMASST_TYPE_runstate_update_flag, the top bit of state_entry_time is
 * set while the other fields are being written, and cleared last; a reader that
 * sees it set, or sees state_entry_time change, reads again.
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
		smp_wmb();	/* the update mark before the fields that it covers */
	}
	to->state = state;
	for (int i = from; i <= last; i++)
		to->time[i] = v->runstate_ns[i];
	smp_wmb();	/* all fields before the mark is cleared */
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
 * runstate_stop(): the current vcpu stops running. runstate_start(): a vcpu
 * becomes current. While a vcpu runs only its RUNSTATE_running time changes, and
 * while it does not, only the three others: that is all these have to write.
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

/* runq.c */
void queue_insert(struct pcpu *p, struct vcpu *v, u64 key);
void queue_remove(struct pcpu *p, struct vcpu *v);
void sched_pin_away(struct pcpu *p, struct vcpu *v);

/* migrate.c */
struct pcpu *sched_place(struct pcpu *p, struct vcpu *v);
void sched_call_helper(const struct vcpu *v);
bool sched_steal(struct pcpu *p);
void sched_balance(struct pcpu *p, const struct vcpu *prev);
bool sched_pull(struct pcpu *p, struct vcpu *v);

/* enter.c */
struct pcpu *sched_enter(struct pcpu *p, struct vcpu *v, u64 now);

/* affinity.c */
void sched_push(struct pcpu *p);

/* vtime.c */
u64 vt_until(const struct vcpu *cur, const struct vcpu *w);
u64 vt_lag(const struct domain *d);
void vt_enter(struct pcpu *p, struct vcpu *v, u64 now);
void vt_arrive(const struct pcpu *p, struct vcpu *v);
void vt_sync(struct pcpu *p, struct vcpu *alone);

/* The virtual time that a vcpu of @d is charged for running @ticks. */
static inline u64 vt_of(const struct domain *d, u64 ticks)
{
	return min(ticks, VT_LONGEST) * READ_ONCE(d->sched.rate) * READ_ONCE(d->sched.nr_active) >>
	       VT_SHIFT;
}

/*
 * The key by which run queues are sorted: the virtual time that the vcpu will
 * have reached in the middle of its next slice (see vtime.c for why). A woken
 * vcpu sorts by its plain virtual time, and so goes before equals that computed.
 */
static inline u64 vt_key(const struct vcpu *v)
{
	const struct sched_domain *s = &v->domain->sched;

	return v->woken ? v->vt : v->vt + READ_ONCE(s->slice_vt) * READ_ONCE(s->nr_active) / 2;
}

/* Updates min_vt of a pCPU, whose next or running vcpu has @key. Return: min_vt. */
static inline u64 vt_floor(struct pcpu *p, u64 key)
{
	p->min_vt = p->runq && key_before(p->runq->key, key) ? p->runq->key : key;
	return p->min_vt;
}

/*
 * Charges a vcpu for the time since it was picked or last charged.
 * Return: that time in timebase ticks.
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

/* Shortens the rest of the slice by @ran ticks. A vcpu that blocks gets a full slice when it wakes. */
static inline void slice_charge(struct vcpu *v, u64 ran)
{
	v->slice_left -= min(v->slice_left, ran);
	if (ran >= sched_min_run_ticks)
		v->woken = false;
}

/* Counts a vcpu in or out of the active ones (runnable or running) of its domain. pcpu.lock held. */
static inline void sched_set_active(struct vcpu *v, bool active)
{
	if (v->active == active)
		return;
	v->active = active;
	__atomic_fetch_add(&v->domain->sched.nr_active, active ? 1 : -1, __ATOMIC_RELAXED);
}

/* cap.c */
bool cap_take_chunk(struct vcpu *v, u64 now);
void cap_return_chunk(struct vcpu *v, u64 ran);
void cap_park(struct vcpu *v);
void cap_unpark(struct vcpu *v);

/*
 * May a vcpu that is about to become current run under the cap of its domain?
 * Return: true with v->chunk set to the ticks it may run (0: unlimited), or false
 * if it has to be parked.
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
