// SPDX-License-Identifier: GPL-2.0
/*
 * A pCPU decides who runs: the one with the smallest virtual time, for a slice.
 * A vcpu that wakes takes the place of one that computes if it is behind that
 * in virtual time, once that has had its minimum run. Who had to give way goes
 * on with its slice before others that compute, so that many short runs between
 * do not make those change places each time.
 *
 * A runstate is written to the guest when its vcpu leaves and when it gets the
 * pCPU. A vcpu that wakes and is about to run is written once, then: until it
 * does, for the minimum run at most, its area still says that it sleeps.
 */
#include "core/evtchn/evtchn.h"
#include "core/base/grace.h"
#include "core/sched/private.h"

#define SAME_DEADLINE	1024	/* ticks by which a vcpu may wake late */

/* What others may know of the queue, which has become longer or shorter. pcpu.lock held. */
static inline __force_inline void publish_queue(struct pcpu *p, int change)
{
	const struct vcpu *v;

	if (nr_pcpus == 1)
		return;
	WRITE_ONCE(p->waiting, p->waiting + change);
	v = first_waiting(p);
	if (!v)
		return;
	WRITE_ONCE(p->head, v->run.key);
	WRITE_ONCE(p->bar, v->run.key + v->domain->sched.slice_vt / 2);
}

static inline __force_inline void insert(struct pcpu *p, struct vcpu *v, u64 key)
{
	v->queue = QUEUE_RUN;
	v->run.key = key;
	heap_insert(&p->runq, &v->run);
	publish_queue(p, 1);
}

static inline __force_inline void take_out(struct pcpu *p, struct vcpu *v)
{
	v->queue = QUEUE_NONE;
	heap_remove(&p->runq, &v->run);
	if (p->resume == v)
		p->resume = NULL;
	if (p->unpublished == v)
		p->unpublished = NULL;
	publish_queue(p, -1);
}

/**
 * queue_insert() - a vcpu waits for a pCPU
 * @p: the pCPU, locked; it is v->pcpu
 * @v: the vcpu, in no queue
 * @key: its place
 */
void queue_insert(struct pcpu *p, struct vcpu *v, u64 key)
{
	insert(p, v, key);
}

/**
 * queue_remove() - a vcpu waits no longer
 * @p: the pCPU, locked
 * @v: a vcpu of its queue
 */
void queue_remove(struct pcpu *p, struct vcpu *v)
{
	if (p->next == v)
		p->next = NULL;
	/* It may not be about to run any more. */
	if (p->unpublished == v)
		runstate_publish(v);
	take_out(p, v);
}

/* Who of those that wait is to run; NULL: none waits. */
static inline __force_inline struct vcpu *best_waiting(const struct pcpu *p)
{
	struct vcpu *first = first_waiting(p), *v = p->next;

	if (!first)
		return NULL;
	/* It was yielded to, and runs ahead of its time by no more than a slice. */
	if (unlikely(v) && !key_before(first->run.key + v->domain->sched.slice_vt, v->run.key))
		return v;
	v = p->resume;
	return v && !first->woken ? v : first;
}

/* Its slice is over, or it gave it up: then it goes behind those that have had a slice more. */
static u64 requeue_key(const struct vcpu *v)
{
	return vt_key(v) + (v->yielded ? v->domain->sched.slice_vt : 0);
}

/* Does @v take the place of @prev, which could go on? */
static bool beats(const struct pcpu *p, const struct vcpu *v, const struct vcpu *prev)
{
	if (v == p->next)
		return true;
	if (prev->slice_left && !prev->yielded)
		return v->woken && !key_before(vt_key(prev), v->run.key);
	return !key_before(requeue_key(prev), v->run.key);
}

/* Back to the queue. */
static noinline void requeue(struct pcpu *p, struct vcpu *v, u64 ns)
{
	runstate_change(v, RUNSTATE_runnable, ns);
	if (!v->slice_left || v->yielded) {
		insert(p, v, requeue_key(v));
		v->slice_left = sched_slice_ticks;
		v->yielded = false;
	} else {
		insert(p, v, vt_key(v));
		p->resume = v;
	}
	if (nr_pcpus > 1)
		sched_call_helper(v);
}

/*
 * The vcpu that ran until now pays. Whether it may go on; if not it has left.
 * pcpu.lock held.
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
		sched_add_misfit(p, v);
		return false;
	}
	sched_set_active(v, false);
	if (state == VCPU_BLOCKED) {
		/*
		 * One that is armed for an earlier time, here or elsewhere, arms itself
		 * anew. The decrementer's deadline is not the same to the tick each time
		 * that it is saved and loaded.
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

/* No budget: until the next period. It is in no queue of its pCPU then. */
static noinline void park(struct vcpu *v, u64 ns)
{
	runstate_enter(v, RUNSTATE_runnable, ns);
	runstate_publish(v);
	cap_park(v);
}

/* Who is to run: of those that wait, or @prev. Out of the queue. */
static inline __force_inline struct vcpu *pick(struct pcpu *p, struct vcpu *prev, u64 now, u64 ns)
{
	struct vcpu *v;

	for (;;) {
		v = best_waiting(p);
		if (prev && !(v && beats(p, v, prev))) {
			if (cap_take(prev, now))
				return prev;
			park(prev, ns);
			prev = NULL;
			continue;
		}
		if (!v)
			return NULL;
		take_out(p, v);
		if (cap_take(v, now))
			return v;
		park(v, ns);
	}
}

/* With several pCPUs: what others have may come first, or instead of nothing. */
static noinline struct vcpu *pick_of_all(struct pcpu *p, struct vcpu *prev, u64 now, u64 ns)
{
	struct vcpu *v;

	if (now >= p->balance_tb) {
		p->balance_tb = now + sched_slice_ticks;
		if (prev && !p->runq)
			vt_sync(p, prev);
		sched_balance(p, prev);
	}
	v = pick(p, prev, now, ns);
	if (!v) {
		p->missed = false;
		set_bit(p->id, &sched_idle);
		smp_mb();	/* the bit, then the queues: sched_call_helper() does the reverse */
		while (!v && sched_steal(p))
			v = pick(p, NULL, now, ns);
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

/* When the vcpu that was picked has to give way. */
static inline u64 slice_end(const struct pcpu *p, const struct vcpu *v, u64 now)
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

/* @v, picked, has the pCPU from now on. pcpu.lock held. */
static inline void start(struct pcpu *p, struct vcpu *v, u64 now, u64 ns)
{
	vt_floor(p, vt_key(v));
	v->yielded = false;
	if (!v->slice_left)
		v->slice_left = sched_slice_ticks;
	v->since = now;
	WRITE_ONCE(v->resident, true);
	p->slice_end = slice_end(p, v, now);
	runstate_start(v, ns);
	if (p->idle_since != TIMER_NEVER)
		idle_end(p, now);
}

/* The slice, or what is left of it, is not over. */
static inline bool goes_on(const struct pcpu *p, const struct vcpu *v, u64 now)
{
	return READ_ONCE(v->state) == VCPU_RUNNABLE && now < p->slice_end && !v->held && !v->yielded &&
	       !p->next && may_run_on(v, p);
}

/* What is seldom left to do after the choice. */
static noinline void tidy_up(struct pcpu *p, u64 now)
{
	p->next = NULL;
	if (p->unpublished) {
		runstate_publish(p->unpublished);
		p->unpublished = NULL;
	}
	if (list_empty(&p->misfits))
		return;
	p->evict = true;
	if (p->current)
		p->slice_end = min(p->slice_end, now + sched_retry_ticks);
	else
		WRITE_ONCE(p->work, true);
}

static inline void reselect(struct pcpu *p, struct vcpu *prev, u64 now)
{
	u64 ns = tb_to_ns(now);
	struct vcpu *v;

	if (prev && !put_prev(p, prev, now, ns))
		prev = NULL;
	p->current = NULL;
	v = nr_pcpus == 1 ? pick(p, prev, now, ns) : pick_of_all(p, prev, now, ns);
	if (prev && v != prev && prev->queue == QUEUE_NONE)
		requeue(p, prev, ns);
	p->current = v;
	if (v)
		start(p, v, now, ns);
	else
		idle_begin(p, now);
	/* Two pointers in one question: neither is there, most often. */
	if (unlikely((u64)p->next | (u64)p->unpublished) || !list_empty(&p->misfits))
		tidy_up(p, now);
}

/* A vcpu that will not run again must not be current when its domain is freed. */
static noinline void put_dead(struct pcpu *p)
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
 * sched_next() - the long way out of the hypervisor
 * @p: this pCPU; its work flag is set, or it is idle
 *
 * Runs timers that are due, reaps domains, and decides who runs. Sets
 * p->current; a vcpu that was current before may have been freed with its
 * domain by then (arch_vcpu_destroy() has been told).
 *
 * p->evict is left set if the vcpu whose world is loaded has to leave this
 * pCPU, for arch to save it.
 *
 * Return: the vcpu to enter, NULL to sleep until the next interrupt.
 */
struct vcpu *sched_next(struct pcpu *p)
{
	u64 now = arch_tb();
	struct vcpu *v;

	if (unlikely(READ_ONCE(p->timers.first) <= now))
		timers_run(&p->timers, now);
	if (unlikely(READ_ONCE(reap_wanted))) {
		put_dead(p);
		domain_reap();
	}
	WRITE_ONCE(p->work, false);
	/* Who sets it writes the reason first: what is looked at from here on is new. */
	smp_mb();
	grace_quiesce(p, &p->grace);
	if (unlikely(!list_empty(&p->misfits)))
		sched_push(p);

	spin_lock(&p->lock);
	/* Others may have changed something since, and looked at the time for it. */
	now = arch_tb();
	v = p->current;
	if (!v || !goes_on(p, v, now)) {
		reselect(p, v, now);
		v = p->current;
	}
	timers_arm(&p->timers, now, p->slice_end, !v);
	spin_unlock(&p->lock);
	/* Against vcpu_mark_events_pending(): current first, then its events. */
	smp_mb();
	if (v && unlikely(v->nr_poll))
		sched_poll_end(v);
	return v;
}
