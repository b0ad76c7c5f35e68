// SPDX-License-Identifier: GPL-2.0
/*
 * Caps: a domain with one gets a budget of ticks for each period. A vcpu takes
 * a chunk of it when it starts to run and gives back what it did not use; what
 * it overran is owed, so the cap is exact over time. Without budget left its
 * vcpus are parked, and a timer brings them back in the next period. A domain
 * that sleeps has no timer running, and saves nothing up.
 *
 * sched_domain.lock is taken inside of pCPU locks. Going the other way, from
 * the parked vcpus to their pCPUs, nothing is held in between: v->queue says
 * whether a vcpu is still parked.
 */
#include "core/sched/private.h"

#define PERIOD_NS	(50 * NSEC_PER_MSEC)
#define CHUNK_MIN_NS	(100 * 1000UL)	/* less is not worth a switch, and kept for later */

static u64 period_ticks, chunk_min_ticks;

/* lock held */
static void top_up(struct sched_domain *s, u64 now)
{
	u64 periods;

	if ((s64)(now - s->period_end) < 0)
		return;
	periods = (now - s->period_end) / period_ticks + 1;
	s->period_end += periods * period_ticks;
	/* Many at once: it slept, or had no use for them. */
	if (periods > 1 && s->budget >= 0)
		s->budget = 0;
	s->budget += s->quota * min(periods, 1UL << 20);
	if (s->budget > (s64)(s->quota + chunk_min_ticks))
		s->budget = s->quota + chunk_min_ticks;
}

/**
 * cap_take_chunk() - cap_take() of a capped domain
 * @v: about to become current; its pCPU's lock is held
 * @now: timebase
 *
 * Return: true, v->chunk being how long (0: for ever); false: park it.
 */
bool cap_take_chunk(struct vcpu *v, u64 now)
{
	struct sched_domain *s = &v->domain->sched;
	bool got;

	spin_lock(&s->lock);
	top_up(s, now);
	got = s->budget >= (s64)chunk_min_ticks;
	if (got) {
		v->chunk = min_t(u64, s->budget, sched_slice_ticks);
		s->budget -= v->chunk;
	}
	spin_unlock(&s->lock);
	return got;
}

/**
 * cap_return_chunk() - a vcpu of a capped domain has run
 * @v: it is or was current; its pCPU's lock is held
 * @ran: ticks since cap_take()
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
 * cap_park() - a vcpu waits for its domain's next period
 * @v: runnable, in no queue, not running; its pCPU's lock is held
 */
void cap_park(struct vcpu *v)
{
	struct sched_domain *s = &v->domain->sched;

	v->queue = QUEUE_PARKED;
	spin_lock(&s->lock);
	list_add_tail(&v->aside, &s->parked);
	if (!timer_armed(&s->refill))
		timer_set(&this_pcpu()->timers, &s->refill, s->period_end);
	spin_unlock(&s->lock);
}

/**
 * cap_unpark() - a parked vcpu is needed no more, or may go on
 * @v: the vcpu; its pCPU's lock is held
 */
void cap_unpark(struct vcpu *v)
{
	struct sched_domain *s = &v->domain->sched;

	spin_lock(&s->lock);
	list_del_init(&v->aside);
	spin_unlock(&s->lock);
	v->queue = QUEUE_NONE;
}

static struct vcpu *first_parked(struct sched_domain *s)
{
	struct vcpu *v = NULL;

	spin_lock(&s->lock);
	if (!list_empty(&s->parked))
		v = list_first_entry(&s->parked, struct vcpu, aside);
	spin_unlock(&s->lock);
	return v;
}

static void refill(void *arg)
{
	struct domain *d = arg;
	struct pcpu *p;
	struct vcpu *v;

	/* Some may be parked again at once: each comes up once. */
	for (unsigned int n = 0; n < d->nr_vcpus; n++) {
		v = first_parked(&d->sched);
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
 * sched_set_cap() - limit what a domain's vcpus get together
 * @d: the domain
 * @percent: of one pCPU, 0: no limit
 */
void sched_set_cap(struct domain *d, u32 percent)
{
	struct sched_domain *s = &d->sched;

	/* By the first domain: others read them from then on. */
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
	/* Who is parked tries again. */
	refill(d);
}

/**
 * sched_domain_init() - the scheduler's part of a new domain
 * @d: its cfg is set, it has no vcpus yet
 */
void sched_domain_init(struct domain *d)
{
	struct sched_domain *s = &d->sched;

	spin_lock_init(&s->lock, RANK_BUDGET);
	list_init(&s->parked);
	timer_init(&s->refill, refill, d);
	sched_set_weight(d, d->cfg.weight);
	sched_set_cap(d, d->cfg.cap);
}

/**
 * sched_domain_end() - a domain's vcpus are about to go
 * @d: none of them will run again; freed only after a grace period
 */
void sched_domain_end(struct domain *d)
{
	timer_cancel(&d->sched.refill);
}
