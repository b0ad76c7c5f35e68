// SPDX-License-Identifier: GPL-2.0
/*
 * Entering the run queue: a vcpu that can run gets a pCPU, and preempts the vcpu that runs there
 * if it is due before that.
 */
#include "core/sched/private.h"

/*
 * Shortens the slice of the current vcpu if @v, which was just queued, is to
 * preempt it. Return: whether @v runs within sched_min_run_ns. pcpu.lock held.
 */
static bool check_preempt(struct pcpu *p, const struct vcpu *v, u64 now)
{
	struct vcpu *cur = p->current;
	u64 end;

	/* The pCPU is idle, or its current vcpu is about to leave. */
	if (!cur || READ_ONCE(cur->state) != VCPU_RUNNABLE) {
		pcpu_kick(p);
		return true;
	}
	end = cur->since + (v->woken ? vt_until(cur, v) : cur->slice_left);
	if (end < p->slice_end) {
		p->slice_end = max(end, now);
		if (p->slice_end == now || p != this_pcpu())
			pcpu_kick(p);
		else
			timers_arm(&p->timers, now, p->slice_end, false);
	}
	return end <= now + sched_min_run_ticks;
}

/**
 * sched_enter() - queue a runnable vcpu on the pCPU that suits it best
 * @p: the pCPU that @v belongs to, locked
 * @v: a runnable vcpu that is in no queue and not current
 * @now: timebase
 *
 * Return: the pCPU that @v belongs to afterwards, locked instead of @p.
 */
struct pcpu *sched_enter(struct pcpu *p, struct vcpu *v, u64 now)
{
	struct pcpu *q = p;

	runstate_enter(v, RUNSTATE_runnable, tb_to_ns(now));
	sched_set_active(v, true);
	if (nr_pcpus > 1) {
		q = sched_place(p, v);
		/* Another pCPU may have stopped, held or queued @v while no lock was held. */
		if (unlikely(READ_ONCE(v->state) != VCPU_RUNNABLE || v->held || v->queue != QUEUE_NONE ||
			     v == q->current)) {
			pcpu_kick(q);
			return q;
		}
		if (unlikely(!may_run_on(v, q))) {
			runstate_publish(v);
			sched_pin_away(q, v);
			pcpu_kick(q);
			return q;
		}
	}
	vt_enter(q, v, now);
	queue_insert(q, v, vt_key(v));
	if (check_preempt(q, v, now) && !q->unpublished)
		q->unpublished = v;
	else
		runstate_publish(v);
	if (nr_pcpus > 1 && (q->current || q->waiting > 1))
		sched_call_helper(v);
	return q;
}
