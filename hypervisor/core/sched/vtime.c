// SPDX-License-Identifier: GPL-2.0
/*
 * Proportional-share scheduling by virtual time.
 *
 * The virtual time of a vcpu advances while the vcpu runs. It advances faster
 * the smaller the weight of the domain is and the more vcpus of the domain are
 * runnable. The vcpu with the smallest virtual time runs first, so domains
 * share the machine by weight, however many vcpus they have, and time that one
 * domain does not use goes to the others in the same proportion. Virtual times
 * are comparable between pCPUs, and work stealing (migrate.c) keeps them close
 * together: the shares hold for the whole machine, not for each pCPU.
 *
 * Run queues are sorted by a key: the virtual time that the vcpu will have
 * reached in the middle of its next slice. With the middle, a vcpu is ahead of
 * its fair share as often as it is behind.
 *
 * A vcpu that wakes up starts at min_vt of its pCPU, the smallest key among the
 * vcpus that want to run there, so sleeping earns no credit. It does not start
 * below the virtual time of its domain as a whole either; otherwise the vcpus of
 * a domain could gain by sleeping in turns. A vcpu that had a pCPU for itself
 * may be far behind or ahead of all others; vt_sync() bounds that lag.
 *
 * The lock of the pCPU passed in is held everywhere here. The virtual time of a
 * domain is atomic, since its vcpus run on several pCPUs.
 */
#include "core/sched/private.h"

#define WEIGHT_DEFAULT	256U
#define STALE_TICKS	BIT(40)	/* asleep for longer than this: the old virtual time has no meaning */

/* The lag is meaningless under the new weight; restart at the minimum virtual time. */
static void vt_restart(struct vcpu *v)
{
	struct pcpu *p = lock_vcpu(v);
	bool waits = v->queue == QUEUE_RUN;

	if (waits)
		queue_remove(p, v);
	v->vt = p->min_vt - vt_of(v->domain, sched_slice_ticks) / 2;
	__atomic_store_n(&v->domain->sched.vt, v->vt, __ATOMIC_RELAXED);
	if (waits)
		queue_insert(p, v, vt_key(v));
	spin_unlock(&p->lock);
}

/**
 * sched_set_weight() - set the weight of a domain
 * @d: the domain
 * @weight: 1 to 65535, or 0 for the default of 256
 *
 * Takes the locks of the pCPUs that the domain's vcpus belong to, one by one.
 */
void sched_set_weight(struct domain *d, u32 weight)
{
	struct sched_domain *s = &d->sched;

	s->weight = weight ? weight : WEIGHT_DEFAULT;
	WRITE_ONCE(s->rate, BIT(VT_SHIFT) * WEIGHT_DEFAULT / s->weight);
	WRITE_ONCE(s->slice_vt, sched_slice_ticks * s->rate >> VT_SHIFT);
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		if (d->vcpu[i])
			vt_restart(d->vcpu[i]);
}

/**
 * vt_until() - when a woken vcpu may preempt the running one
 * @cur: the running vcpu
 * @w: the woken vcpu, whose key is set
 *
 * @cur runs until its key has passed that of @w, at least for sched_min_run_ns
 * and at most to the end of its slice.
 *
 * Return: timebase ticks from the time at which @cur started to run.
 */
u64 vt_until(const struct vcpu *cur, const struct vcpu *w)
{
	const struct domain *d = cur->domain;
	u64 gap = w->run.key - vt_key(cur), ticks;

	if ((s64)gap <= (s64)vt_of(d, sched_min_run_ticks))
		return min(sched_min_run_ticks, cur->slice_left);
	if (gap >= vt_of(d, cur->slice_left))
		return cur->slice_left;
	/* gap is less than a slice, so the shift does not overflow. */
	ticks = (gap << VT_SHIFT) / (READ_ONCE(d->sched.rate) * READ_ONCE(d->sched.nr_active)) + 1;
	return min(ticks, cur->slice_left);
}

/**
 * vt_lag() - how far the vcpus of a domain may be from min_vt
 * @d: the domain
 *
 * The bound is larger than the distance that regular scheduling causes: a slice
 * is as many times longer in virtual time as the domain has active vcpus, and
 * several vcpus of the domain may run at the same time.
 *
 * Return: the bound as virtual time.
 */
u64 vt_lag(const struct domain *d)
{
	return READ_ONCE(d->sched.slice_vt) *
	       (2 * min(d->nr_vcpus, nr_pcpus) + 4 * READ_ONCE(d->sched.nr_active));
}

/* Advances min_vt of a pCPU by the time that its current vcpu has run so far. Return: min_vt. */
static u64 vt_min_now(struct pcpu *p, u64 now)
{
	const struct vcpu *cur = p->current;

	if (cur && READ_ONCE(cur->state) == VCPU_RUNNABLE)
		return vt_floor(p, vt_key(cur) + vt_of(cur->domain, now - cur->since));
	return p->runq ? vt_floor(p, p->runq->key) : p->min_vt;
}

/* Clamps *@vt to @lo..@hi. Return: whether *@vt was outside. */
static inline bool vt_clamp(u64 *vt, u64 lo, u64 hi)
{
	if (key_before(*vt, lo))
		*vt = lo;
	else if (key_before(hi, *vt))
		*vt = hi;
	else
		return false;
	return true;
}

/**
 * vt_enter() - set the virtual time of a vcpu that becomes runnable
 * @p: the pCPU whose run queue the vcpu is about to enter, locked
 * @v: the vcpu, already counted in nr_active of its domain
 * @now: timebase
 */
void vt_enter(struct pcpu *p, struct vcpu *v, u64 now)
{
	struct domain *d = v->domain;
	u32 nr_active = READ_ONCE(d->sched.nr_active);
	/* A vcpu that has just run a slice is ahead of its waiting siblings by this. */
	u64 ahead = READ_ONCE(d->sched.slice_vt) * nr_active;
	u64 lag = vt_lag(d), floor, dvt;

	if (nr_pcpus > 1 && !p->current && !p->runq)
		vt_sync(p, NULL);
	/* With this virtual time the key of the vcpu equals min_vt. */
	floor = vt_min_now(p, now) - ahead / 2;
	/* The only active vcpu restarts the virtual time of the domain, which slept as a whole. */
	dvt = __atomic_load_n(&d->sched.vt, __ATOMIC_RELAXED);
	if (vt_clamp(&dvt, nr_active == 1 ? floor : floor - lag, floor + lag + ahead))
		__atomic_store_n(&d->sched.vt, dvt, __ATOMIC_RELAXED);
	if (now - v->since > STALE_TICKS)
		v->vt = floor;
	dvt -= ahead;
	vt_clamp(&v->vt, key_before(floor, dvt) ? dvt : floor, floor + lag);
}

/**
 * vt_arrive() - bound the virtual time of a vcpu that migrates
 * @p: the pCPU it arrives at, locked
 * @v: the vcpu
 *
 * Virtual times of pCPUs drift apart where affinity keeps vcpus from moving, so
 * the virtual time from the old pCPU may be far from min_vt of the new one.
 */
void vt_arrive(const struct pcpu *p, struct vcpu *v)
{
	u64 lag = vt_lag(v->domain);

	vt_clamp(&v->vt, p->min_vt - lag, p->min_vt + lag);
}

/**
 * vt_sync() - align min_vt of an uncontended pCPU with the other pCPUs
 * @p: a pCPU with an empty run queue, locked
 * @alone: the only vcpu that wants to run on @p, or NULL
 *
 * Without this, a domain that cannot use its share because it has too few vcpus
 * would fall behind without bound, and would monopolise a pCPU as soon as other
 * domains compete for it. A domain of small weight that has a pCPU for itself
 * would run ahead without bound, and starve later. The reference is the smallest
 * key that waits on any other pCPU; if none waits, min_vt of the first busy pCPU;
 * if all are idle, the largest min_vt.
 *
 * Reads waiting, head and min_vt of other pCPUs without their locks: a stale
 * value only shifts the reference by what one pCPU did in between.
 */
void vt_sync(struct pcpu *p, struct vcpu *alone)
{
	const struct pcpu *q, *leader = NULL;
	bool contended = false;
	u64 ref = 0, head, lag, latest = p->min_vt;

	for (unsigned int i = 0; i < nr_pcpus; i++) {
		q = &pcpus[i];
		if (q != p && READ_ONCE(q->waiting)) {
			head = READ_ONCE(q->head);
			if (!contended || key_before(head, ref))
				ref = head;
			contended = true;
		} else if (!leader && (q == p ? !!alone : !!READ_ONCE(q->current))) {
			leader = q;
		}
		if (key_before(latest, READ_ONCE(q->min_vt)))
			latest = READ_ONCE(q->min_vt);
	}
	if (!contended) {
		if (leader == p)
			return;
		ref = leader ? READ_ONCE(leader->min_vt) : latest;
	}
	if (!alone) {
		p->min_vt = ref;
		return;
	}
	lag = vt_lag(alone->domain);
	vt_clamp(&alone->vt, ref - lag, ref + lag);
	p->min_vt = vt_key(alone);
}
