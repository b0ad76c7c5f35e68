// SPDX-License-Identifier: GPL-2.0
/*
 * Which pCPU a vcpu belongs to. It moves when it wakes while another pCPU is
 * idle, when it is stolen by one that has nothing to do or whose vcpus are
 * ahead in virtual time, and when its affinity changes; and never while its
 * world is in a processor (v->resident).
 *
 * Of two pCPU locks the second is only tried, so there is no order to keep. A
 * pCPU that could not take what it saw, for that reason or as a world is about
 * to leave the other, looks again a little later.
 *
 * No vcpu waits while a pCPU that may run it sleeps: who queues one looks at
 * sched_idle behind a full barrier, and who goes idle sets its bit and looks at
 * the queues, behind another.
 */
#include "core/sched/private.h"
#include "lib/errno.h"

#define LOOK_AT	8	/* vcpus of another's queue, where any would only be fairer */

u64 sched_idle;

/* Any idle pCPU out of @idle, this one first; NULL: somebody else was faster. */
static struct pcpu *claim(u64 idle)
{
	unsigned int me = this_pcpu()->id, i;

	if ((idle >> me & 1) && test_and_clear_bit(me, &sched_idle))
		return &pcpus[me];
	for (; idle; idle &= idle - 1) {
		i = ffs64(idle);
		if (test_and_clear_bit(i, &sched_idle))
			return &pcpus[i];
	}
	return NULL;
}

static struct pcpu *least_loaded(u64 mask)
{
	struct pcpu *q, *best = NULL;

	for (; mask; mask &= mask - 1) {
		q = &pcpus[ffs64(mask)];
		if (!best || READ_ONCE(q->waiting) < READ_ONCE(best->waiting))
			best = q;
	}
	return best;
}

/**
 * sched_place() - where a vcpu is to queue
 * @p: its pCPU, locked
 * @v: runnable, in no queue, not current; there is more than one pCPU
 *
 * Where it was if that is idle, else an idle pCPU, else where it was. An idle
 * one is taken at most once before it has looked at its queue. If @v moves,
 * others may act on it in between: the caller looks at it anew.
 *
 * Return: v->pcpu, locked instead of @p. May be one where @v may not run, if it
 * is resident there.
 */
struct pcpu *sched_place(struct pcpu *p, struct vcpu *v)
{
	u64 mask = may_use(v), idle = READ_ONCE(sched_idle) & mask;
	struct pcpu *q;

	/* Acquire: pairs with the release behind which its registers are in memory. */
	if (__atomic_load_n(&v->resident, __ATOMIC_ACQUIRE))
		return p;
	if ((idle >> p->id & 1) && test_and_clear_bit(p->id, &sched_idle))
		return p;
	q = claim(idle);
	if (!q)
		q = mask >> p->id & 1 ? p : least_loaded(mask);
	if (q == p)
		return p;
	WRITE_ONCE(v->pcpu, q);
	spin_unlock(&p->lock);
	p = lock_vcpu(v);
	/* It has lost its bit in sched_idle, and looks at all queues when it comes. */
	if (unlikely(p != q))
		sched_kick(q);
	return p;
}

/**
 * sched_call_helper() - a vcpu waits: is there an idle pCPU to take it?
 * @v: just queued on a busy pCPU, whose lock is held
 */
void sched_call_helper(const struct vcpu *v)
{
	u64 idle;

	smp_mb();	/* pairs with the one in sched_next.c */
	idle = READ_ONCE(sched_idle) & may_use(v);
	if (unlikely(idle))
		sched_kick(&pcpus[ffs64(idle)]);
}

/* @q and @p locked. */
static void move(struct pcpu *q, struct pcpu *p, struct vcpu *v)
{
	queue_remove(q, v);
	WRITE_ONCE(v->pcpu, p);
	vt_arrive(p, v);
	queue_insert(p, v, vt_key(v));
}

/*
 * Takes a vcpu that waits on @q to @p, which is locked: any, or if @limit is
 * given one whose virtual time is well before that.
 */
static bool take(struct pcpu *q, struct pcpu *p, const u64 *limit)
{
	struct heap_node *n;
	struct vcpu *v;
	unsigned int seen = 0;
	bool got = false;

	if (!spin_trylock(&q->lock)) {
		p->missed = true;
		return false;
	}
	for (n = q->runq; n && !(limit && seen == LOOK_AT); n = heap_walk(n), seen++) {
		v = container_of(n, struct vcpu, run);
		if (!may_run_on(v, p))
			continue;
		if (limit && !key_before(n->key + v->domain->sched.slice_vt / 2, *limit))
			continue;
		if (__atomic_load_n(&v->resident, __ATOMIC_ACQUIRE)) {
			p->missed = true;
			continue;
		}
		move(q, p, v);
		got = true;
		break;
	}
	spin_unlock(&q->lock);
	return got;
}

/* The pCPU whose first waiting vcpu is owed most. */
static struct pcpu *most_owed(const struct pcpu *p)
{
	struct pcpu *q, *best = NULL;

	for (unsigned int i = 0; i < nr_pcpus; i++) {
		q = &pcpus[i];
		if (q != p && READ_ONCE(q->waiting) &&
		    (!best || key_before(READ_ONCE(q->head), READ_ONCE(best->head))))
			best = q;
	}
	return best;
}

/**
 * sched_steal() - a pCPU that has nothing to do takes a vcpu from another
 * @p: this pCPU, locked
 *
 * p->missed says that there was one which could not be taken just now.
 *
 * Return: whether there is one in its queue now.
 */
bool sched_steal(struct pcpu *p)
{
	struct pcpu *best = most_owed(p);

	if (!best)
		return false;
	if (take(best, p, NULL))
		return true;
	for (unsigned int i = 0; i < nr_pcpus; i++)
		if (&pcpus[i] != p && &pcpus[i] != best && READ_ONCE(pcpus[i].waiting) &&
		    take(&pcpus[i], p, NULL))
			return true;
	return false;
}

/**
 * sched_balance() - take over who is owed more than anyone here
 * @p: this pCPU, locked
 * @prev: who could go on running here, NULL: nobody
 *
 * Called once in a slice; looks at all pCPUs, and into the queue of one.
 */
void sched_balance(struct pcpu *p, const struct vcpu *prev)
{
	struct pcpu *q, *best = NULL;
	u64 mine = 0;

	if (!p->runq && !prev)
		return;
	if (prev)
		mine = vt_key(prev);
	if (p->runq && (!prev || key_before(p->runq->key, mine)))
		mine = p->runq->key;
	for (unsigned int i = 0; i < nr_pcpus; i++) {
		q = &pcpus[i];
		if (q != p && READ_ONCE(q->waiting) && key_before(READ_ONCE(q->bar), mine) &&
		    (!best || key_before(READ_ONCE(q->bar), READ_ONCE(best->bar))))
			best = q;
	}
	if (best)
		take(best, p, &mine);
}

/**
 * sched_add_misfit() - a vcpu has to leave a pCPU, but its world is still there
 * @p: its pCPU, locked
 * @v: runnable, in no queue
 */
void sched_add_misfit(struct pcpu *p, struct vcpu *v)
{
	v->queue = QUEUE_MISFIT;
	list_add_tail(&v->aside, &p->misfits);
}

/* Return: whether there was one. */
static bool push_one(struct pcpu *p)
{
	struct vcpu *v;

	spin_lock(&p->lock);
	if (list_empty(&p->misfits)) {
		spin_unlock(&p->lock);
		return false;
	}
	v = list_first_entry(&p->misfits, struct vcpu, aside);
	list_del_init(&v->aside);
	v->queue = QUEUE_NONE;
	p = sched_enter(p, v, arch_tb());
	spin_unlock(&p->lock);
	return true;
}

/**
 * sched_push() - send vcpus away that may not run here, if their world has left
 * @p: this pCPU, not locked
 */
noinline void sched_push(struct pcpu *p)
{
	/* Its world can be loaded once: there is one that cannot go, at most. */
	if (push_one(p))
		push_one(p);
}

/**
 * sched_set_affinity() - which pCPUs may run a vcpu
 * @v: the vcpu
 * @mask: a bit for each; one that names none there is means all
 *
 * One that runs elsewhere leaves there as soon as its pCPU is in the
 * hypervisor.
 */
void sched_set_affinity(struct vcpu *v, u64 mask)
{
	struct pcpu *p = lock_vcpu(v);

	WRITE_ONCE(v->affinity, mask);
	if (v == p->current) {
		if (!may_run_on(v, p))
			sched_kick(p);
	} else if (v->queue == QUEUE_RUN && !may_run_on(v, p)) {
		queue_remove(p, v);
		p = sched_enter(p, v, arch_tb());
	} else if (v->queue == QUEUE_RUN && nr_pcpus > 1) {
		sched_call_helper(v);
	} else if (v->queue == QUEUE_MISFIT) {
		list_del_init(&v->aside);
		v->queue = QUEUE_NONE;
		p = sched_enter(p, v, arch_tb());
	}
	spin_unlock(&p->lock);
}

/**
 * sched_pull() - a waiting vcpu is to run next: on this pCPU, or else where it is
 * @p: its pCPU, locked
 * @v: in p->runq
 *
 * Return: whether it waits here now.
 */
bool sched_pull(struct pcpu *p, struct vcpu *v)
{
	struct pcpu *here = this_pcpu();

	if (p != here && may_run_on(v, here) &&
	    !__atomic_load_n(&v->resident, __ATOMIC_ACQUIRE) && spin_trylock(&here->lock)) {
		move(p, here, v);
		here->next = v;
		spin_unlock(&here->lock);
		return true;
	}
	p->next = v;
	sched_kick(p);
	return p == here;
}
