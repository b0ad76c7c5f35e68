// SPDX-License-Identifier: GPL-2.0
/*
 * Reaping: exit_work() calls domain_reap(), which continues the teardown of all dead domains, frees
 * those whose teardown is complete, and builds a domain again whose guest asked for a reboot.
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
#include "core/mm/memory.h"
#include "lib/printf.h"

#define STEP_WORK	16384U		/* frames or mappings released in one step */
#define STEP_PAUSE_NS	(100 * 1000UL)	/* between two steps, for guests to run */

static spinlock_t reap_lock = SPINLOCK_INIT(RANK_REAP);	/* everything below but the builder */
static struct timer step_timer;
static struct domain *dead_domains;	/* without a number, waiting for a grace period */
static const struct domain_builder *builder;

/**
 * domain_set_builder() - say how to build domains
 * @b: the operations of boot/, valid for ever; called before the first domain exists
 */
void domain_set_builder(const struct domain_builder *b)
{
	builder = b;
}

static void reap_step_expired(void *arg __maybe_unused)
{
	deferred_request(DEFERRED_REAP);
}

/* Build a new domain with the number and configuration of one that has rebooted. */
static void rebuild_domain(u16 id, const struct domain_config *cfg)
{
	struct domain *d = domain_create(id, cfg);

	if (!d)
		return;
	if (builder->build(d)) {
		printk("d%u: could not be built again\n", id);
		/* Shut down before it becomes visible, so that nobody takes it for a running domain. */
		domain_shutdown(d, SHUTDOWN_poweroff);
		domain_publish(d);
		return;
	}
	domain_start(d);
}

/* Is @d to be built again? Nobody can destroy it any more then: see domain_destroy(). */
static bool claim_rebuild(struct domain *d)
{
	u8 open = REBUILD_OPEN;

	return d->shutdown_reason == SHUTDOWN_reboot &&
	       try_cmpxchg(&d->rebuild, &open, REBUILD_BEGUN);
}

/* The domain's number becomes free for another domain; free_dead_domains() frees its structs. */
static void release_domid(struct domain *d)
{
	bool again = claim_rebuild(d);

	domains_remove(d);
	d->grace = grace_begin();
	d->next_dead = dead_domains;
	dead_domains = d;
	if (again)
		rebuild_domain(d->id, &d->cfg);
	domain_notify_dom0();
}

/* Free the domains whose grace period is over. Return: whether none is left. */
static bool free_dead_domains(void)
{
	struct domain **link = &dead_domains, *d;

	while ((d = *link)) {
		if (!grace_over(d->grace)) {
			link = &d->next_dead;
			continue;
		}
		*link = d->next_dead;
		domain_free(d);
	}
	return !dead_domains;
}

/* One step for each dead domain. Return: whether nothing is left to do. */
static bool reap_pass(void)
{
	struct domain *d;
	bool all = true;

	for (u16 id = 0; id < MAX_DOMAINS; id++) {
		d = domains[id];
		/* Acquire: pairs with domain_end(). */
		if (!d || __atomic_load_n(&d->state, __ATOMIC_ACQUIRE) == DOM_RUNNING)
			continue;
		if (!domain_teardown(d, STEP_WORK))
			all = false;
		else if (!domain_pages(d))
			release_domid(d);
	}
	return free_dead_domains() && all;
}

/**
 * domain_reap() - serve DEFERRED_REAP
 *
 * Called by exit_work(): no lock is held, and no vcpu that has stopped for ever is current on
 * this pCPU. Does one step for each dead domain; a timer requests the next one.
 */
noinline void domain_reap(void)
{
	while (deferred_pending(DEFERRED_REAP) && spin_trylock(&reap_lock)) {
		deferred_take(DEFERRED_REAP);
		if (!reap_pass()) {
			if (!step_timer.fn)
				timer_init(&step_timer, reap_step_expired, NULL);
			timer_set(&this_pcpu()->timers, &step_timer,
				  arch_tb() + ns_to_tb(STEP_PAUSE_NS));
		}
		spin_unlock(&reap_lock);
		/*
		 * The unlock before the next look at the requests: a pCPU whose trylock failed has
		 * made its request before (deferred_request()), and this one serves it.
		 */
		smp_mb();
	}
}
