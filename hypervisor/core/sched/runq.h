/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The run queue of a pCPU, inline for pick.c, which uses it in every world switch.
 */
#ifndef HV_CORE_SCHED_RUNQ_H
#define HV_CORE_SCHED_RUNQ_H

#include "core/sched/private.h"

/* Updates what other pCPUs read of the queue without the lock. pcpu.lock held. */
static inline __force_inline void queue_publish(struct pcpu *p, int change)
{
	const struct vcpu *v;

	if (nr_pcpus == 1)
		return;
	WRITE_ONCE(p->waiting, p->waiting + change);
	v = first_waiting(p);
	if (!v)
		return;
	WRITE_ONCE(p->head, v->run.key);
	WRITE_ONCE(p->steal_threshold, v->run.key + v->domain->sched.slice_vt / 2);
}

static inline __force_inline void queue_do_insert(struct pcpu *p, struct vcpu *v, u64 key)
{
	v->queue = QUEUE_RUN;
	v->run.key = key;
	heap_insert(&p->runq, &v->run);
	queue_publish(p, 1);
}

static inline __force_inline void queue_do_remove(struct pcpu *p, struct vcpu *v)
{
	v->queue = QUEUE_NONE;
	heap_remove(&p->runq, &v->run);
	if (p->resume == v)
		p->resume = NULL;
	if (p->unpublished == v)
		p->unpublished = NULL;
	queue_publish(p, -1);
}

#endif
