// SPDX-License-Identifier: GPL-2.0
/*
 * Picking the vcpu that a pCPU runs next: the one with the smallest key, for a
 * slice. A vcpu that wakes up preempts the running one if it is behind it in
 * virtual time and the running one has had its minimum run (sched_min_run_ns).
 * A preempted vcpu continues its slice before other vcpus that computed
 * (pcpu.resume), so frequent short wake-ups do not make the computing vcpus
 * switch each time.
 *
 * The guest's runstate area is written when a vcpu stops running and when it
 * starts. To save one write, a woken vcpu that is about to run is not published
 * as runnable (pcpu.unpublished): until it starts, at most for the minimum run of
 * the vcpu before it, its area still says blocked.
 */
#include "core/sched/private.h"
#include "core/sched/runq.h"

#define SAME_DEADLINE	1024	/* a wake-up timer may be late by so many ticks */

/* Pick the next waiting vcpu, or NULL if the queue is empty. */
static inline __force_inline struct vcpu *best_waiting(const struct pcpu *p)
{
	struct vcpu *first = first_waiting(p), *v = p->next;

	if (!first)
		return NULL;
	/* A vcpu that was yielded to may run up to one slice ahead of its turn. */
	if (unlikely(v) && !key_before(first->run.key + v->domain->sched.slice_vt, v->run.key))
		return v;
	v = p->resume;
	return v && !first->woken ? v : first;
}

/* The key of a vcpu whose slice is over. After a yield, vcpus that are up to a slice ahead go first. */
static u64 requeue_key(const struct vcpu *v)
{
	return vt_key(v) + (v->yielded ? v->domain->sched.slice_vt : 0);
}

/* Does the waiting vcpu @v preempt @prev, which could continue to run? */
static bool sched_preempts(const struct pcpu *p, const struct vcpu *v, const struct vcpu *prev)
{
	if (v == p->next) {
		if (v->domain == prev->domain)
			return true;
		/* Among the vcpus of other domains it takes the turn of the first one. */
		v = first_waiting(p);
	}
	if (prev->slice_left && !prev->yielded)
		return v->woken && !key_before(vt_key(prev), v->run.key);
	return !key_before(requeue_key(prev), v->run.key);
}

/* Puts the vcpu that was current, still runnable, back into the run queue. */
static noinline void requeue_prev(struct pcpu *p, struct vcpu *v, u64 ns)
{
	runstate_change(v, RUNSTATE_runnable, ns);
	if (!v->slice_left || v->yielded) {
		queue_do_insert(p, v, requeue_key(v));
		v->slice_left = sched_slice_ticks;
		v->yielded = false;
	} else {
		queue_do_insert(p, v, vt_key(v));
		p->resume = v;
	}
	if (nr_pcpus > 1)
		sched_call_helper(v);
}

/*
 * Charges the vcpu that ran until now, and puts it where its state says. Return:
 * true if it could continue to run; false if it has left the pCPU. pcpu.lock held.
 */
static inline __force_inline bool put_prev(struct pcpu *p, struct vcpu *v, u64 now, u64 ns)
{
	enum vcpu_state state = READ_ONCE(v->state);
	u64 ran = vt_charge(v, now);

	cap_return(v, ran);
	if (state == VCPU_RUNNABLE)
		slice_charge(v, ran);
	if (state == VCPU_RUNNABLE && likely(!v->held)) {
		if (likely(may_run_on(v, p)))
			return true;
		runstate_stop(v, RUNSTATE_runnable, ns);
		sched_pin_away(p, v);
		return false;
	}
	sched_set_active(v, false);
	if (state == VCPU_BLOCKED) {
		/*
		 * A timer that is armed for an earlier time, on any pCPU, re-arms itself
		 * when it expires (sched_wake_timer()), which is cheaper than to move it
		 * now. SAME_DEADLINE allows for the rounding of the decrementer's deadline
		 * each time that it is saved and loaded.
		 */
		if (!timer_armed(&v->wake_timer))
			timer_start(&p->timers, &v->wake_timer, v->wake_tb);
		else if (unlikely(v->wake_timer.node.key > v->wake_tb + SAME_DEADLINE))
			timer_set(&p->timers, &v->wake_timer, v->wake_tb);
		runstate_stop(v, RUNSTATE_blocked, ns);
	} else {
		runstate_stop(v, RUNSTATE_offline, ns);
	}
	return false;
}

/* Parks a runnable vcpu whose domain has used up its cap for this period. */
static noinline void park_vcpu(struct vcpu *v, u64 ns)
{
	runstate_enter(v, RUNSTATE_runnable, ns);
	runstate_publish(v);
	cap_park(v);
}

/*
 * Picks the best waiting vcpu or @prev, and takes it out of the queue. Vcpus of
 * domains without budget are parked on the way. Return: NULL if none is left.
 */
static inline __force_inline struct vcpu *pick_local(struct pcpu *p, struct vcpu *prev, u64 now, u64 ns)
{
	struct vcpu *v;

	for (;;) {
		v = best_waiting(p);
		if (prev && !(v && sched_preempts(p, v, prev))) {
			if (cap_take(prev, now))
				return prev;
			park_vcpu(prev, ns);
			prev = NULL;
			continue;
		}
		if (!v)
			return NULL;
		queue_do_remove(p, v);
		if (cap_take(v, now))
			return v;
		park_vcpu(v, ns);
	}
}

/* pick_local(), but may also take vcpus from other pCPUs: to balance, or instead of idling. */
static noinline struct vcpu *pick_global(struct pcpu *p, struct vcpu *prev, u64 now, u64 ns)
{
	struct vcpu *v;

	if (now >= p->balance_tb) {
		p->balance_tb = now + sched_slice_ticks;
		if (prev && !p->runq)
			vt_sync(p, prev);
		sched_balance(p, prev);
	}
	v = pick_local(p, prev, now, ns);
	if (!v) {
		p->missed = false;
		set_bit(p->id, &sched_idle);
		smp_mb();	/* the idle bit before the queues; pairs with sched_call_helper() */
		while (!v && sched_steal(p))
			v = pick_local(p, NULL, now, ns);
		if (v)
			clear_bit(p->id, &sched_idle);
	} else if (p->idle_since != TIMER_NEVER) {
		clear_bit(p->id, &sched_idle);
	}
	return v;
}

static noinline void idle_begin(struct pcpu *p, u64 now)
{
	if (p->idle_since == TIMER_NEVER)
		p->idle_since = now;
	p->slice_end = p->missed ? now + sched_retry_ticks : TIMER_NEVER;
}

static noinline void idle_end(struct pcpu *p, u64 now)
{
	p->idle_tb += now - p->idle_since;
	p->idle_since = TIMER_NEVER;
}

/*
 * The timebase at which the picked vcpu has to stop: the end of its slice or of its share of the
 * cap's budget, or earlier if a woken vcpu is due. TIMER_NEVER with one pCPU, no waiting vcpu and
 * no cap.
 */
static inline u64 compute_slice_end(const struct pcpu *p, const struct vcpu *v, u64 now)
{
	const struct vcpu *w = first_waiting(p);
	u64 end = TIMER_NEVER;

	if (w || nr_pcpus > 1)
		end = now + v->slice_left;
	if (w && w->woken)
		end = min(end, now + vt_until(v, w));
	if (unlikely(v->chunk))
		end = min(end, now + v->chunk);
	return end;
}

/* Makes the picked vcpu the current one. pcpu.lock held. */
static inline void sched_start_vcpu(struct pcpu *p, struct vcpu *v, u64 now, u64 ns)
{
	vt_floor(p, vt_key(v));
	v->yielded = false;
	if (!v->slice_left)
		v->slice_left = sched_slice_ticks;
	v->since = now;
	WRITE_ONCE(v->resident, true);
	p->slice_end = compute_slice_end(p, v, now);
	runstate_start(v, ns);
	if (p->idle_since != TIMER_NEVER)
		idle_end(p, now);
}

/* May the current vcpu simply continue its slice, without a new choice? */
static inline bool may_continue(const struct pcpu *p, const struct vcpu *v, u64 now)
{
	return READ_ONCE(v->state) == VCPU_RUNNABLE && now < p->slice_end && !v->held && !v->yielded &&
	       !p->next && may_run_on(v, p);
}

/* Rare work after the choice: publish a deferred runstate, evict vcpus that may not run here. */
static noinline void finish_pick(struct pcpu *p, u64 now)
{
	p->next = NULL;
	if (p->unpublished) {
		runstate_publish(p->unpublished);
		p->unpublished = NULL;
	}
	if (list_empty(&p->pinned_away))
		return;
	p->evict = true;
	if (p->current)
		p->slice_end = min(p->slice_end, now + sched_retry_ticks);
	else
		WRITE_ONCE(p->work, true);
}

static inline void sched_reselect(struct pcpu *p, struct vcpu *prev, u64 now)
{
	u64 ns = tb_to_ns(now);
	struct vcpu *v;

	if (prev && !put_prev(p, prev, now, ns))
		prev = NULL;
	p->current = NULL;
	v = nr_pcpus == 1 ? pick_local(p, prev, now, ns) : pick_global(p, prev, now, ns);
	if (prev && v != prev && prev->queue == QUEUE_NONE)
		requeue_prev(p, prev, ns);
	p->current = v;
	if (v)
		sched_start_vcpu(p, v, now, ns);
	else
		idle_begin(p, now);
	/* Both pointers in one test, since nearly always both are NULL. */
	if (unlikely((u64)p->next | (u64)p->unpublished) || !list_empty(&p->pinned_away))
		finish_pick(p, now);
}

/**
 * sched_drop_stopped() - take the current vcpu off its pCPU if it is not runnable
 * @p: this pCPU, not locked
 *
 * Before domains are reaped: a vcpu that will not run again must not be current when it is freed.
 */
noinline void sched_drop_stopped(struct pcpu *p)
{
	struct vcpu *v;

	spin_lock(&p->lock);
	v = p->current;
	if (v && READ_ONCE(v->state) != VCPU_RUNNABLE) {
		put_prev(p, v, arch_tb(), system_time());
		p->current = NULL;
	}
	spin_unlock(&p->lock);
}

/**
 * sched_next() - choose the vcpu that runs next
 * @p: this pCPU; the caller, exit_work(), has cleared p->work and executed a full barrier, so that
 *     all changes whose pcpu_kick() set it are visible
 *
 * Sets p->current and arms the hardware timer. p->evict is left set if the vcpu whose registers are
 * loaded has to leave this pCPU, for arch/ to save them.
 *
 * Return: the vcpu to enter, NULL to sleep until the next interrupt.
 */
struct vcpu *sched_next(struct pcpu *p)
{
	struct vcpu *v;
	u64 now;

	if (unlikely(!list_empty(&p->pinned_away)))
		sched_push(p);

	spin_lock(&p->lock);
	/* Read under the lock: not before the time at which another pCPU changed the queue. */
	now = arch_tb();
	v = p->current;
	if (!v || !may_continue(p, v, now)) {
		sched_reselect(p, v, now);
		v = p->current;
	}
	timers_arm(&p->timers, now, p->slice_end, !v);
	spin_unlock(&p->lock);
	/* p->current before the vcpu's events; vcpu_mark_events_pending() does the reverse. */
	smp_mb();
	return v;
}
