// SPDX-License-Identifier: GPL-2.0
/*
 * The run queue of a pCPU, its list of pinned-away vcpus, and the times that the scheduler uses.
 */
#include "core/sched/runq.h"

u64 sched_slice_ns = 10 * NSEC_PER_MSEC;
u64 sched_min_run_ns = 1 * NSEC_PER_MSEC;
u64 sched_slice_ticks, sched_min_run_ticks, sched_retry_ticks;

/**
 * sched_init() - initialise the scheduler on a pCPU
 * @p: the pCPU; tb_hz, sched_slice_ns and sched_min_run_ns are set already
 */
void sched_init(struct pcpu *p)
{
	sched_slice_ticks = ns_to_tb(sched_slice_ns);
	sched_min_run_ticks = min(ns_to_tb(sched_min_run_ns), sched_slice_ticks);
	sched_retry_ticks = ns_to_tb(RETRY_NS);
	spin_lock_init(&p->lock, RANK_PCPU);
	p->runq = NULL;
	list_init(&p->pinned_away);
	p->current = NULL;
	p->slice_end = TIMER_NEVER;
	p->idle_tb = 0;
	p->idle_since = TIMER_NEVER;
}

/**
 * queue_insert() - put a vcpu into the run queue
 * @p: v->pcpu, locked
 * @v: a vcpu that is in no queue
 * @key: where it is sorted in, see vt_key()
 */
void queue_insert(struct pcpu *p, struct vcpu *v, u64 key)
{
	queue_do_insert(p, v, key);
}

/**
 * queue_remove() - take a vcpu out of the run queue
 * @p: the pCPU, locked
 * @v: a vcpu in p->runq
 */
void queue_remove(struct pcpu *p, struct vcpu *v)
{
	if (p->next == v)
		p->next = NULL;
	/* The vcpu may not run soon after all: its runstate has to be written now. */
	if (p->unpublished == v)
		runstate_publish(v);
	queue_do_remove(p, v);
}

/**
 * sched_pin_away() - a vcpu has to leave a pCPU, but its world is still there
 * @p: its pCPU, locked
 * @v: runnable, in no queue
 */
void sched_pin_away(struct pcpu *p, struct vcpu *v)
{
	v->queue = QUEUE_PINNED_AWAY;
	list_add_tail(&v->wait_list, &p->pinned_away);
}
