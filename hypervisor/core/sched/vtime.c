// SPDX-License-Identifier: GPL-2.0
/*
 * Proportional share by virtual time.
 *
 * A vcpu's virtual time advances while it runs, the faster the smaller its
 * domain's weight and the more vcpus of its domain want to run; the vcpu with
 * the smallest goes first. So domains get time by their weights, however many
 * vcpus they have, and what one cannot use goes to the others in the same
 * proportion. Times are comparable between pCPUs, and stealing (sched_move.c)
 * keeps them together: the shares hold for the machine, not for each pCPU.
 *
 * The order is that of keys: the time that a vcpu will have reached in the middle
 * of its next slice. So what it got is as often a bit less as a bit more than
 * what it should have.
 *
 * Who slept starts from the pCPU's floor, the key that those who want to run
 * have reached: sleep earns nothing. Nor from below what its domain has run as
 * a whole, or a domain could take turns in sleeping. Who had a pCPU for itself
 * may be far behind or ahead of the others; vt_sync() bounds that.
 *
 * All of this runs under the lock of the pCPU named, but for a domain's time,
 * which is atomic.
 */
#include "core/sched/private.h"

#define WEIGHT_DEFAULT	256U
#define STALE_TICKS	BIT(40)	/* asleep for so long that its time says nothing */

/* What it is ahead or behind was measured by another weight: that is forgotten. */
static void start_anew(struct vcpu *v)
{
	struct pcpu *p = lock_vcpu(v);
	bool waits = v->queue == QUEUE_RUN;

	if (waits)
		queue_remove(p, v);
	v->vt = p->floor - vt_of(v->domain, sched_slice_ticks) / 2;
	__atomic_store_n(&v->domain->sched.vt, v->vt, __ATOMIC_RELAXED);
	if (waits)
		queue_insert(p, v, vt_key(v));
	spin_unlock(&p->lock);
}

/**
 * sched_set_weight() - a domain's share
 * @d: the domain
 * @weight: 1 to 65535, 0 for the default of 256
 */
void sched_set_weight(struct domain *d, u32 weight)
{
	struct sched_domain *s = &d->sched;

	s->weight = weight ? weight : WEIGHT_DEFAULT;
	WRITE_ONCE(s->rate, BIT(VT_SHIFT) * WEIGHT_DEFAULT / s->weight);
	WRITE_ONCE(s->slice_vt, sched_slice_ticks * s->rate >> VT_SHIFT);
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		if (d->vcpu[i])
			start_anew(d->vcpu[i]);
}

/**
 * vt_until() - how long a vcpu may run before one that woke takes its place
 * @cur: who runs
 * @w: who woke, its key set
 *
 * Until its key is behind @w's, but for the minimum run and no longer than its
 * slice.
 *
 * Return: ticks from @cur's start.
 */
u64 vt_until(const struct vcpu *cur, const struct vcpu *w)
{
	const struct domain *d = cur->domain;
	u64 gap = w->run.key - vt_key(cur), ticks;

	if ((s64)gap <= (s64)vt_of(d, sched_min_run_ticks))
		return min(sched_min_run_ticks, cur->slice_left);
	if (gap >= vt_of(d, cur->slice_left))
		return cur->slice_left;
	/* Bounded by a slice, so this fits. */
	ticks = (gap << VT_SHIFT) / (READ_ONCE(d->sched.rate) * READ_ONCE(d->sched.nr_active)) + 1;
	return min(ticks, cur->slice_left);
}

/**
 * vt_lag() - how far a domain's vcpus may be from the floor
 * @d: the domain
 *
 * More than what comes of slices, its own being as long in virtual time as it
 * has active vcpus, and of runs at the same time.
 *
 * Return: virtual time.
 */
u64 vt_lag(const struct domain *d)
{
	return READ_ONCE(d->sched.slice_vt) *
	       (2 * min(d->nr_vcpus, nr_pcpus) + 4 * READ_ONCE(d->sched.nr_active));
}

/* What those who want to run here have reached; who runs alone drags it along. */
static u64 floor_now(struct pcpu *p, u64 now)
{
	const struct vcpu *cur = p->current;

	if (cur && READ_ONCE(cur->state) == VCPU_RUNNABLE)
		return vt_floor(p, vt_key(cur) + vt_of(cur->domain, now - cur->since));
	return p->runq ? vt_floor(p, p->runq->key) : p->floor;
}

/* Brings *@vt into the range; says whether it was outside. */
static inline bool clamp_vt(u64 *vt, u64 lo, u64 hi)
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
 * vt_enter() - the virtual time of a vcpu that did not run or wait until now
 * @p: where it is about to queue
 * @v: the vcpu, counted as active
 * @now: timebase
 */
void vt_enter(struct pcpu *p, struct vcpu *v, u64 now)
{
	struct domain *d = v->domain;
	u32 nr_active = READ_ONCE(d->sched.nr_active);
	/* Siblings are ahead of the smallest by so much as they wait for each other. */
	u64 ahead = READ_ONCE(d->sched.slice_vt) * nr_active;
	u64 lag = vt_lag(d), floor, dvt;

	if (nr_pcpus > 1 && !p->current && !p->runq)
		vt_sync(p, NULL);
	/* What makes its key that of the floor. */
	floor = floor_now(p, now) - ahead / 2;
	/* The only active one starts the domain's time anew: it slept as a whole. */
	dvt = __atomic_load_n(&d->sched.vt, __ATOMIC_RELAXED);
	if (clamp_vt(&dvt, nr_active == 1 ? floor : floor - lag, floor + lag + ahead))
		__atomic_store_n(&d->sched.vt, dvt, __ATOMIC_RELAXED);
	if (now - v->since > STALE_TICKS)
		v->vt = floor;
	dvt -= ahead;
	clamp_vt(&v->vt, key_before(floor, dvt) ? dvt : floor, floor + lag);
}

/**
 * vt_arrive() - bound the virtual time of a vcpu that comes from another pCPU
 * @p: where it arrives
 * @v: the vcpu
 *
 * Times of pCPUs drift apart where affinity forbids to share the load.
 */
void vt_arrive(const struct pcpu *p, struct vcpu *v)
{
	u64 lag = vt_lag(v->domain);

	clamp_vt(&v->vt, p->floor - lag, p->floor + lag);
}

/**
 * vt_sync() - a pCPU without a queue keeps to the time of the others
 * @p: the pCPU
 * @alone: the only vcpu that wants it, NULL: none
 *
 * A domain that cannot use its share, as it has too few vcpus, would fall
 * behind for ever, and have all of it when others come; one of small weight
 * that had a pCPU for itself would be ahead as far. What counts is the time of
 * those that wait somewhere; or else that of the first busy pCPU; or the latest.
 */
void vt_sync(struct pcpu *p, struct vcpu *alone)
{
	const struct pcpu *q, *leader = NULL;
	bool contended = false;
	u64 ref = 0, head, lag, latest = p->floor;

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
		if (key_before(latest, READ_ONCE(q->floor)))
			latest = READ_ONCE(q->floor);
	}
	if (!contended) {
		if (leader == p)
			return;
		ref = leader ? READ_ONCE(leader->floor) : latest;
	}
	if (!alone) {
		p->floor = ref;
		return;
	}
	lag = vt_lag(alone->domain);
	clamp_vt(&alone->vt, ref - lag, ref + lag);
	p->floor = vt_key(alone);
}
