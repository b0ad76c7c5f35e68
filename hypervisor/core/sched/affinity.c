// SPDX-License-Identifier: GPL-2.0
/*
 * Affinity: which pCPUs may run a vcpu. A vcpu that may not run on its pCPU any more is queued on
 * another one; if its registers are still loaded on the old one it first waits there, in
 * pcpu.pinned_away, until arch/ has saved them.
 */
#include "core/sched/private.h"

/* Return: whether the list was not empty. */
static bool sched_push_one(struct pcpu *p)
{
	struct vcpu *v;

	spin_lock(&p->lock);
	if (list_empty(&p->pinned_away)) {
		spin_unlock(&p->lock);
		return false;
	}
	v = list_first_entry(&p->pinned_away, struct vcpu, wait_list);
	list_del_init(&v->wait_list);
	v->queue = QUEUE_NONE;
	p = sched_enter(p, v, arch_tb());
	spin_unlock(&p->lock);
	return true;
}

/**
 * sched_push() - requeue the vcpus that may not run on this pCPU any more
 * @p: this pCPU, not locked
 */
noinline void sched_push(struct pcpu *p)
{
	/* Only the vcpu whose registers are loaded cannot leave yet: two tries reach any other one. */
	if (sched_push_one(p))
		sched_push_one(p);
}

/**
 * sched_set_affinity() - set the hard affinity of a vcpu
 * @v: the vcpu; takes the lock of its pCPU
 * @mask: one bit for each pCPU; a mask without any existing pCPU means all
 *
 * A vcpu that runs on a pCPU outside of @mask is kicked and leaves it on the
 * next exit.
 */
void sched_set_affinity(struct vcpu *v, u64 mask)
{
	struct pcpu *p = lock_vcpu(v);

	WRITE_ONCE(v->affinity, mask);
	if (v == p->current) {
		if (!may_run_on(v, p))
			pcpu_kick(p);
	} else if (v->queue == QUEUE_RUN && !may_run_on(v, p)) {
		queue_remove(p, v);
		p = sched_enter(p, v, arch_tb());
	} else if (v->queue == QUEUE_RUN && nr_pcpus > 1) {
		sched_call_helper(v);
	} else if (v->queue == QUEUE_PINNED_AWAY) {
		list_del_init(&v->wait_list);
		v->queue = QUEUE_NONE;
		p = sched_enter(p, v, arch_tb());
	}
	spin_unlock(&p->lock);
}
