// SPDX-License-Identifier: GPL-2.0
/*
 * Reaping: exit_work() calls domain_reap(), which continues the teardown of all dead domains, frees
 * those whose teardown is complete, and builds a domain again whose guest asked for a reboot.
 *
 * This is done in steps. A step is short, so that it holds up no other domain for long; and after it
 * there is a pause in which others run, four times longer than the step, so that all steps together are
 * REAP_SHARE of this pCPU at most. A domain whose cap allows less waits for longer, but holds up no other
 * one that is dead. So a domain that reboots again and again gets no more than it would by running. On a
 * pCPU that is idle the next step follows at once.
 *
 * When a domain's last frame is gone its number becomes free. Its structs are freed a grace period
 * later, since other pCPUs may have looked the domain up just before.
 *
 * Only one pCPU reaps at a time. If another pCPU gets a request meanwhile, the first one serves it.
 */
#include "core/arch_ops.h"
#include "core/base/deferred.h"
#include "core/base/domains.h"
#include "core/base/grace.h"
#include "core/base/timer.h"
#include "core/domain/domain.h"
#include "core/domain/domain_destroy.h"
#include "core/domain/reap.h"
#include "core/domain/rebuild.h"
#include "core/mm/memory.h"

#define STEP_WORK	32U		/* ports, mappings or frames released in one step */
#define REAP_SHARE	20U		/* most percent of a pCPU, if others want it */
#define PAUSE_NS	(100 * 1000UL)	/* least pause for others to run, and between looks for a condition */
#define IDLE_PAUSE_NS	(10 * 1000UL)

/* Results of free_dead_domain(), reap_domain() and reap_pass() other than the timebase at which to look again. */
#define REAP_STEP	0UL		/* did a step, there is more */
#define REAP_WAITS	TIMER_NEVER	/* nothing to do until somebody asks */

static spinlock_t reap_lock = SPINLOCK_INIT(RANK_REAP);	/* everything below */
static struct timer step_timer;
static struct domain *dead_domains;	/* without a number, waiting for a grace period */
static unsigned int reap_at;		/* domain number: all take turns */

static void reap_step_expired(void *arg __maybe_unused)
{
	deferred_request(DEFERRED_REAP);
}

/* Nobody finds the domain any more; free_dead_domain() frees its structs. */
static void bury_domain(struct domain *d)
{
	d->grace = grace_begin();
	d->next_dead = dead_domains;
	dead_domains = d;
}

/* One step of freeing a domain whose grace period is over. Return: when to go on with others. */
static u64 free_dead_domain(void)
{
	struct domain **link = &dead_domains, *d, *next;

	for (; (d = *link); link = &d->next_dead) {
		if (!grace_over(d->grace))
			continue;
		next = d->next_dead;
		if (domain_free(d, STEP_WORK))
			*link = next;
		return REAP_STEP;
	}
	return dead_domains ? arch_tb() + ns_to_tb(PAUSE_NS) : REAP_WAITS;
}

/* One step for a dead domain. */
static u64 reap_domain(struct domain *d)
{
	if (!domain_teardown(d, STEP_WORK))
		return REAP_STEP;
	if (domain_pages(d))
		return REAP_WAITS;
	switch (domain_rebuild(d)) {
	case REBUILD_STEP:
		return REAP_STEP;
	case REBUILD_LATER:
		return d->rebuild_tb;
	case REBUILD_NONE:
		domains_remove(d);
		break;
	case REBUILD_DONE:
		break;
	}
	bury_domain(d);
	domain_notify_dom0();
	return REAP_STEP;
}

/*
 * Decide when to go on after a step for @d that took @took ticks: REAP_SHARE limits all of them, and the
 * cap of @d its own.
 */
static u64 pause_after(struct domain *d, u64 took)
{
	const struct pcpu *p = this_pcpu();
	u32 cap = READ_ONCE(d->sched.cap);
	u64 now = arch_tb();

	if (!p->current && !READ_ONCE(p->waiting))
		return now + ns_to_tb(IDLE_PAUSE_NS);
	if (cap && cap < REAP_SHARE)
		d->reap_tb = now + took * (100 - cap) / cap;
	return now + max(took * (100 - REAP_SHARE) / REAP_SHARE, ns_to_tb(PAUSE_NS));
}

/* One step for the next dead domain for which there is one. Return: when to go on. */
static u64 reap_pass(void)
{
	u64 began = arch_tb(), when = free_dead_domain(), at, took;

	if (when == REAP_STEP)
		return arch_tb() + ns_to_tb(PAUSE_NS);
	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		struct domain *d = domains[reap_at = (reap_at + 1) % MAX_DOMAINS];

		/* Acquire: pairs with domain_end(). */
		if (!d || __atomic_load_n(&d->state, __ATOMIC_ACQUIRE) == DOM_RUNNING)
			continue;
		at = began < d->reap_tb ? d->reap_tb : reap_domain(d);
		if (at != REAP_STEP) {
			when = min(when, at);
			continue;
		}
		took = arch_tb() - began;
		/* Its heir continues the sum if that has taken its place just now. */
		if (domains[reap_at])
			WRITE_ONCE(domains[reap_at]->reap_ticks, domains[reap_at]->reap_ticks + took);
		return pause_after(d, took);
	}
	return when;
}

/**
 * domain_reap() - serve DEFERRED_REAP
 *
 * Called by exit_work(): no lock is held, and no vcpu that has stopped for ever is current on
 * this pCPU. Does one step for one dead domain; a timer requests the next one.
 */
noinline void domain_reap(void)
{
	u64 next;

	while (deferred_pending(DEFERRED_REAP) && spin_trylock(&reap_lock)) {
		deferred_take(DEFERRED_REAP);
		next = reap_pass();
		if (next != REAP_WAITS) {
			if (!step_timer.fn)
				timer_init(&step_timer, reap_step_expired, NULL);
			timer_set(&this_pcpu()->timers, &step_timer, next);
		}
		spin_unlock(&reap_lock);
		/*
		 * The unlock before the next look at the requests: a pCPU whose trylock failed has
		 * made its request before (deferred_request()), and this one serves it.
		 */
		smp_mb();
	}
}
