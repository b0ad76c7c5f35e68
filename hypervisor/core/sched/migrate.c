// SPDX-License-Identifier: GPL-2.0
/*
 * Migration: which pCPU a vcpu belongs to. A vcpu moves when it wakes up while
 * another pCPU is idle, when a pCPU steals it that is idle or whose own vcpus
 * are ahead in virtual time, and when its affinity changes (affinity.c). It never
 * moves while its registers are still in a processor (v->resident).
 *
 * Locking: with one pcpu.lock held, a second one is only taken with
 * spin_trylock(), so pCPU locks need no order among themselves. A pCPU that
 * failed to take a vcpu (lock contended, or registers not saved yet) sets
 * pcpu.missed and looks again after sched_retry_ticks.
 *
 * Lost-wakeup race: a vcpu must not wait in a queue while a pCPU that may run it
 * sleeps. The pCPU that queues the vcpu writes the queue, executes a full
 * barrier and reads sched_idle (sched_call_helper()). The pCPU that goes idle
 * sets its bit in sched_idle, executes a full barrier and reads the queues
 * (pick_global()). At least one of the two sees the other's store.
 */
#include "core/sched/private.h"

#define MAX_BALANCE_SCAN	8	/* vcpus of another pCPU's queue that sched_balance() looks at */

u64 sched_idle;

/* Takes an idle pCPU out of sched_idle, this one if possible. Return: NULL if other pCPUs took all of @idle. */
static struct pcpu *claim_idle_pcpu(u64 idle)
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

static struct pcpu *least_loaded_pcpu(u64 mask)
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
 * sched_place() - choose the pCPU on which a vcpu queues
 * @p: the pCPU that @v belongs to, locked
 * @v: a runnable vcpu that is in no queue and not current
 *
 * Only called with more than one pCPU. Prefers, in this order: @p if it is idle,
 * another idle pCPU, @p, and the least loaded pCPU that the affinity allows. An
 * idle pCPU is chosen at most once before it has looked at its queue, since
 * choosing it clears its bit in sched_idle.
 *
 * When @v moves, no lock is held for a moment and other pCPUs may change its
 * state: the caller has to check it again.
 *
 * Return: v->pcpu, locked instead of @p. If @v is resident this is @p, even
 * where the affinity does not allow @p any more.
 */
struct pcpu *sched_place(struct pcpu *p, struct vcpu *v)
{
	u64 mask = may_use(v), idle = READ_ONCE(sched_idle) & mask;
	struct pcpu *q;

	/* Acquire pairs with the release in world_replaced(): the registers are in memory. */
	if (__atomic_load_n(&v->resident, __ATOMIC_ACQUIRE))
		return p;
	if ((idle >> p->id & 1) && test_and_clear_bit(p->id, &sched_idle))
		return p;
	q = claim_idle_pcpu(idle);
	if (!q)
		q = mask >> p->id & 1 ? p : least_loaded_pcpu(mask);
	if (q == p)
		return p;
	WRITE_ONCE(v->pcpu, q);
	spin_unlock(&p->lock);
	p = lock_vcpu(v);
	/* Another pCPU moved @v meanwhile. @q lost its idle bit above: it must scan the queues again. */
	if (unlikely(p != q))
		pcpu_kick(q);
	return p;
}

/**
 * sched_call_helper() - wake an idle pCPU that may run a waiting vcpu
 * @v: a vcpu that was just queued on a busy pCPU, whose lock is held
 */
void sched_call_helper(const struct vcpu *v)
{
	u64 idle;

	smp_mb();	/* the queue before sched_idle; pairs with the barrier in pick_global() */
	idle = READ_ONCE(sched_idle) & may_use(v);
	if (unlikely(idle))
		pcpu_kick(&pcpus[ffs64(idle)]);
}

/* Moves @v from the run queue of @q to that of @p, both locked. */
static void move_queued(struct pcpu *q, struct pcpu *p, struct vcpu *v)
{
	queue_remove(q, v);
	WRITE_ONCE(v->pcpu, p);
	vt_arrive(p, v);
	queue_insert(p, v, vt_key(v));
}

/*
 * Moves a vcpu from the run queue of @q to that of @p, which is locked. Without
 * @limit any vcpu will do; with it only one whose key is smaller by more than
 * half a slice, since a smaller difference is not worth a migration.
 */
static bool steal_from(struct pcpu *q, struct pcpu *p, const u64 *limit)
{
	struct heap_node *n;
	struct vcpu *v;
	unsigned int seen = 0;
	bool got = false;

	if (!spin_trylock(&q->lock)) {
		p->missed = true;
		return false;
	}
	for (n = q->runq; n && !(limit && seen == MAX_BALANCE_SCAN); n = heap_walk(n), seen++) {
		v = container_of(n, struct vcpu, run);
		if (!may_run_on(v, p))
			continue;
		if (limit && !key_before(n->key + v->domain->sched.slice_vt / 2, *limit))
			continue;
		if (__atomic_load_n(&v->resident, __ATOMIC_ACQUIRE)) {
			p->missed = true;
			continue;
		}
		move_queued(q, p, v);
		got = true;
		break;
	}
	spin_unlock(&q->lock);
	return got;
}

/* The other pCPU on which the vcpu with the smallest key waits, or NULL. */
static struct pcpu *most_behind_pcpu(const struct pcpu *p)
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
 * sched_steal() - take a waiting vcpu from another pCPU
 * @p: this pCPU, locked, with nothing to run
 *
 * Sets p->missed if a vcpu was seen that could not be taken just now.
 *
 * Return: whether a vcpu was moved to the run queue of @p.
 */
bool sched_steal(struct pcpu *p)
{
	struct pcpu *best = most_behind_pcpu(p);

	if (!best)
		return false;
	if (steal_from(best, p, NULL))
		return true;
	for (unsigned int i = 0; i < nr_pcpus; i++)
		if (&pcpus[i] != p && &pcpus[i] != best && READ_ONCE(pcpus[i].waiting) &&
		    steal_from(&pcpus[i], p, NULL))
			return true;
	return false;
}

/**
 * sched_balance() - take over a vcpu that is further behind than all vcpus here
 * @p: this pCPU, locked
 * @prev: the vcpu that could continue to run here, or NULL
 *
 * Keeps the virtual times of the pCPUs together. Called once a slice; reads the
 * published keys of all pCPUs without their locks and looks into one queue.
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
		if (q != p && READ_ONCE(q->waiting) && key_before(READ_ONCE(q->steal_threshold), mine) &&
		    (!best || key_before(READ_ONCE(q->steal_threshold), READ_ONCE(best->steal_threshold))))
			best = q;
	}
	if (best)
		steal_from(best, p, &mine);
}

/*
 * Has @v run next on another pCPU. A vcpu of its own domain makes way at once. One of another
 * domain does not, and its pCPU is not kicked: a guest could make it leave with each H_CONFER.
 * Nor is a pCPU without a vcpu: it was kicked when @v was queued.
 */
static void pull_there(struct pcpu *p, struct vcpu *v)
{
	const struct vcpu *cur = p->current;

	if (p->next == v)
		return;
	p->next = v;
	if (cur && cur->domain == v->domain)
		pcpu_kick(p);
}

/**
 * sched_pull() - make a waiting vcpu the next to run
 * @p: the pCPU on which @v waits, locked
 * @v: a vcpu in p->runq
 *
 * @v moves to this pCPU if affinity and the locks allow it, and else runs next on
 * @p. Used for a vcpu that holds a lock which the caller's guest spins on.
 *
 * Return: whether @v waits on this pCPU now.
 */
bool sched_pull(struct pcpu *p, struct vcpu *v)
{
	struct pcpu *here = this_pcpu();

	if (p != here && may_run_on(v, here) &&
	    !__atomic_load_n(&v->resident, __ATOMIC_ACQUIRE) && spin_trylock(&here->lock)) {
		move_queued(p, here, v);
		here->next = v;
		spin_unlock(&here->lock);
		return true;
	}
	if (p != here) {
		pull_there(p, v);
		return false;
	}
	p->next = v;
	return true;
}
