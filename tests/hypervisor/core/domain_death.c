// SPDX-License-Identifier: GPL-2.0
/*
 * The end of domains: taken apart in steps, between which others run, and
 * freed when nobody has a frame of theirs any more.
 *
 * A domain that has shut down loses its event channels, vcpus and address
 * space at once, then what it had mapped of others, then its memory. What
 * others have mapped of it, by grant or as foreign memory, cannot be taken
 * from them; until they give it up, the domain is a number in domains[] with
 * these pages and a grant table, seen as dying by the tools. No mapping holds
 * up anything but the last of this.
 */
#include "core/arch.h"
#include "core/console.h"
#include "core/evtchn.h"
#include "core/gnttab.h"
#include "core/memory.h"
#include "core/sched.h"
#include "core/timer.h"
#include "lib/printf.h"
#include "lib/slab.h"

#define STEP_WORK	16384U		/* frames or mappings released in one go */
#define STEP_PAUSE_NS	(100 * 1000UL)	/* for the others, between two steps */

enum teardown { TD_ALIVE, TD_MAPPINGS, TD_MEMORY, TD_HELD };

bool reap_wanted;
static struct timer step_timer;

/**
 * domain_may_go() - have domain_reap() look at dead domains
 *
 * Called, with any locks held, when a domain shuts down and when one has lost
 * its last page.
 */
void domain_may_go(void)
{
	reap_wanted = true;
	this_pcpu()->work = true;
}

static void next_step(void *arg __maybe_unused)
{
	domain_may_go();
}

/* What its guest and the event channels of others could still reach. */
static void cut_off(struct domain *d)
{
	struct vcpu_runstate_info rs;

	console_ring_free(d);
	evtchn_destroy(d);
	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		if (!d->vcpu[i])
			continue;
		runstate_snapshot(d->vcpu[i], &rs);
		d->cpu_time += rs.time[RUNSTATE_running];
		vcpu_destroy(d->vcpu[i]);
		d->vcpu[i] = NULL;
	}
	p2m_destroy(d);
}

static bool held(const struct domain *d)
{
	return READ_ONCE(d->tot_pages);
}

/*
 * Goes on with a domain's end, spending @budget. Return: whether it is over,
 * so far as that depends on us.
 */
static bool take_apart(struct domain *d, u32 budget)
{
	d->state = DOM_DYING;
	switch (d->teardown) {
	case TD_ALIVE:
		cut_off(d);
		d->teardown = TD_MAPPINGS;
		fallthrough;
	case TD_MAPPINGS:
		if (d->gt && !gnttab_release_mappings(d, budget))
			return false;
		d->teardown = TD_MEMORY;
		fallthrough;
	case TD_MEMORY:
		if (!memory_release(d, budget))
			return false;
		d->teardown = TD_HELD;
		fallthrough;
	default:
		return true;
	}
}

static void domain_free(struct domain *d)
{
	gnttab_free(d);
	if (d->shared_info)
		free_pages(ptr_to_ma(d->shared_info), 0);
	if (domains[d->id] == d)
		WRITE_ONCE(domains[d->id], NULL);
	xfree(d);
}

/**
 * domain_discard() - end a domain that has stopped, or never started
 * @d: no vcpu of it is current on any pCPU; it may be half made
 *
 * Not in steps. One whose frames somebody has mapped is freed when they are
 * given up.
 */
void domain_discard(struct domain *d)
{
	d->shutdown_reason = SHUTDOWN_poweroff;
	while (!take_apart(d, STEP_WORK))
		;
	if (!held(d))
		domain_free(d);
}

static bool is_current(const struct domain *d)
{
	const struct vcpu *v = this_pcpu()->current;

	return v && v->domain == d;
}

static void rebuild(u16 id, const struct domain_config *cfg)
{
	struct domain *d = domain_create(id, cfg);

	if (!d)
		return;
	if (domain_build(d)) {
		printk("d%u: could not be built again\n", id);
		domain_discard(d);
		return;
	}
	domain_start(d);
}

static void bury(struct domain *d)
{
	struct domain_config cfg = d->cfg;
	bool again = d->shutdown_reason == SHUTDOWN_reboot;
	u16 id = d->id;

	domain_free(d);
	if (again)
		rebuild(id, &cfg);
	if (domains[0])
		send_global_virq(domains[0], VIRQ_DOM_EXC);
}

/**
 * reap() - the part of domain_reap() that is seldom needed
 *
 * Called by sched_next() with no lock held and no vcpu of theirs current. One
 * step for each of them; the rest follows after a pause.
 */
void reap(void)
{
	struct timer_queue *q = &this_pcpu()->timers;
	struct domain *d;
	bool more = false;

	reap_wanted = false;
	for (u16 id = 0; id < MAX_DOMAINS; id++) {
		d = domains[id];
		if (!d || d->state == DOM_RUNNING)
			continue;
		if (is_current(d))
			reap_wanted = true;
		else if (!take_apart(d, STEP_WORK))
			more = true;
		else if (!held(d))
			bury(d);
	}
	if (!more)
		return;
	if (!step_timer.fn)
		timer_init(&step_timer, next_step, NULL);
	timer_set(q, &step_timer, arch_tb() + ns_to_tb(STEP_PAUSE_NS));
}
