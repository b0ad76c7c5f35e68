// SPDX-License-Identifier: GPL-2.0
/*
 * Caps. A capped domain has a budget of timebase ticks for each period, which
 * all of its vcpus share. A vcpu takes a chunk of the budget when it starts to
 * run and gives back what it did not use. A vcpu that overran its chunk leaves
 * the budget short by that much, so the cap is exact over several periods. When
 * the budget is used up, the vcpus of the domain are parked, and a timer makes
 * them runnable again in the next period. The timer of a domain that sleeps is
 * not armed, and the domain accumulates at most one period's budget.
 *
 * Lock order: sched_domain.lock nests inside pcpu.lock. cap_refill() has to go
 * from a parked vcpu to the lock of its pCPU; it drops sched_domain.lock first
 * and checks v->queue again under pcpu.lock, since the vcpu may have been
 * unparked in between.
 */
#include "core/sched/private.h"

#define PERIOD_NS	(50 * NSEC_PER_MSEC)
#define CHUNK_MIN_NS	(100 * 1000UL)	/* a smaller remainder is not worth a world switch */

static u64 period_ticks, chunk_min_ticks;

/* Adds the budget of all periods that have begun since the last call. s->lock held. */
static void cap_replenish(struct sched_domain *s, u64 now)
{
	u64 periods;

	if ((s64)(now - s->period_end) < 0)
		return;
	periods = (now - s->period_end) / period_ticks + 1;
	s->period_end += periods * period_ticks;
	/* Several periods at once: the domain slept, or did not use up its budget. */
	if (periods > 1 && s->budget >= 0)
		s->budget = 0;
	s->budget += s->quota * min(periods, 1UL << 20);
	if (s->budget > (s64)(s->quota + chunk_min_ticks))
		s->budget = s->quota + chunk_min_ticks;
}

/**
 * cap_take_chunk() - take a chunk of the domain's budget
 * @v: a vcpu of a capped domain, about to become current; pcpu.lock held
 * @now: timebase
 *
 * The slow path of cap_take().
 *
 * Return: true if the vcpu may run for v->chunk ticks; false if the budget is
 * used up and the vcpu has to be parked.
 */
bool cap_take_chunk(struct vcpu *v, u64 now)
{
	struct sched_domain *s = &v->domain->sched;
	bool got;

	spin_lock(&s->lock);
	cap_replenish(s, now);
	got = s->budget >= (s64)chunk_min_ticks;
	if (got) {
		v->chunk = min_t(u64, s->budget, sched_slice_ticks);
		s->budget -= v->chunk;
	}
	spin_unlock(&s->lock);
	return got;
}

/**
 * cap_return_chunk() - return the unused part of a chunk
 * @v: the vcpu that ran; pcpu.lock held
 * @ran: timebase ticks since cap_take(); more than v->chunk leaves a debt
 */
void cap_return_chunk(struct vcpu *v, u64 ran)
{
	struct sched_domain *s = &v->domain->sched;

	spin_lock(&s->lock);
	s->budget += (s64)(v->chunk - ran);
	spin_unlock(&s->lock);
	v->chunk = 0;
}

/**
 * cap_park() - park a vcpu until the next period of its domain
 * @v: a runnable vcpu that is in no queue and not current; pcpu.lock held
 */
void cap_park(struct vcpu *v)
{
	struct sched_domain *s = &v->domain->sched;

	v->queue = QUEUE_PARKED;
	spin_lock(&s->lock);
	list_add_tail(&v->wait_list, &s->parked);
	if (!timer_armed(&s->refill))
		timer_set(&this_pcpu()->timers, &s->refill, s->period_end);
	spin_unlock(&s->lock);
}

/**
 * cap_unpark() - take a vcpu off the list of parked vcpus
 * @v: a parked vcpu; pcpu.lock held
 */
void cap_unpark(struct vcpu *v)
{
	struct sched_domain *s = &v->domain->sched;

	spin_lock(&s->lock);
	list_del_init(&v->wait_list);
	spin_unlock(&s->lock);
	v->queue = QUEUE_NONE;
}

static struct vcpu *cap_first_parked(struct sched_domain *s)
{
	struct vcpu *v = NULL;

	spin_lock(&s->lock);
	if (!list_empty(&s->parked))
		v = list_first_entry(&s->parked, struct vcpu, wait_list);
	spin_unlock(&s->lock);
	return v;
}

static void cap_refill(void *arg)
{
	struct domain *d = arg;
	struct pcpu *p;
	struct vcpu *v;

	/* An unparked vcpu may be parked again at once: bound the loop by the number of vcpus. */
	for (unsigned int n = 0; n < d->nr_vcpus; n++) {
		v = cap_first_parked(&d->sched);
		if (!v)
			return;
		p = lock_vcpu(v);
		if (v->queue == QUEUE_PARKED) {
			cap_unpark(v);
			p = sched_enter(p, v, arch_tb());
		}
		spin_unlock(&p->lock);
	}
}

/**
 * sched_set_cap() - limit the processor time of a domain
 * @d: the domain
 * @percent: percent of one pCPU that all of its vcpus get together; 0: no limit
 *
 * Starts a new period with a full budget. Takes sched_domain.lock and the locks
 * of the pCPUs of parked vcpus.
 */
void sched_set_cap(struct domain *d, u32 percent)
{
	struct sched_domain *s = &d->sched;

	/* The first domain is created at boot, before another pCPU could read these. */
	if (!period_ticks) {
		period_ticks = ns_to_tb(PERIOD_NS);
		chunk_min_ticks = ns_to_tb(CHUNK_MIN_NS);
	}
	spin_lock(&s->lock);
	WRITE_ONCE(s->cap, percent);
	s->quota = period_ticks * percent / 100;
	s->budget = s->quota;
	s->period_end = arch_tb() + period_ticks;
	spin_unlock(&s->lock);
	/* Parked vcpus compete under the new cap at once. */
	cap_refill(d);
}

/**
 * sched_domain_init() - initialise the scheduler's part of a new domain
 * @d: the domain; d->cfg is set, and there are no vcpus yet
 */
void sched_domain_init(struct domain *d)
{
	struct sched_domain *s = &d->sched;

	spin_lock_init(&s->lock, RANK_BUDGET);
	list_init(&s->parked);
	timer_init(&s->refill, cap_refill, d);
	sched_set_weight(d, d->cfg.weight);
	sched_set_cap(d, d->cfg.cap);
}

/**
 * sched_domain_end() - stop the scheduler's timer of a dead domain
 * @d: a domain none of whose vcpus will run again
 *
 * cap_refill() may be running on another pCPU now. It keeps no pointer beyond
 * its end, and @d is freed a grace period later.
 */
void sched_domain_end(struct domain *d)
{
	timer_cancel(&d->sched.refill);
}
