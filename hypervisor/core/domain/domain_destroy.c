// SPDX-License-Identifier: GPL-2.0
/*
 * The end of domains: taken apart in steps, between which others run, and
 * freed when nobody has a frame of theirs any more.
 *
 * A domain that has shut down runs on until its vcpus have left the pCPUs they
 * are on. When no hypercall can have found it while it ran (grace.h), it loses
 * its event channels and address space at once, then what it had mapped of
 * others, then its memory. What others have mapped of it, by grant or as
 * foreign memory, cannot be taken from them; until they give it up, the domain
 * is a number in domains[] with these pages and a grant table, seen as dying by
 * the tools. No mapping holds up anything but the last of this. Its structs go
 * another grace period after its number, for those who have just looked it up.
 *
 * One pCPU at a time reaps; the others leave it their part of the work.
 */
#include "core/arch_ops.h"
#include "core/console/console.h"
#include "core/evtchn/evtchn.h"
#include "core/gnttab/gnttab.h"
#include "core/base/grace.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "core/base/timer.h"
#include "lib/printf.h"
#include "lib/slab.h"

#define STEP_WORK	16384U		/* frames or mappings released in one go */
#define STEP_PAUSE_NS	(100 * 1000UL)	/* for the others, between two steps */

bool reap_wanted;
static spinlock_t reap_lock = SPINLOCK_INIT(RANK_REAP);	/* everything below */
static struct timer step_timer;
static struct domain *graves;	/* without a number, until their grace is over */

/**
 * domain_may_go() - have domain_reap() look at dead domains
 *
 * Called, with any locks held, when a domain shuts down and when one has lost
 * its last page.
 */
void domain_may_go(void)
{
	WRITE_ONCE(reap_wanted, true);
	/* Against reap(): it clears reap_wanted before it looks at anything. */
	smp_mb();
	WRITE_ONCE(this_pcpu()->work, true);
}

static void next_step(void *arg __maybe_unused)
{
	domain_may_go();
}

/*
 * Has every vcpu left its pCPU, registers and all? Those pCPUs that have one
 * are asked to let go of it. A paused vcpu changes its pCPU no more.
 */
static bool all_stopped(const struct domain *d)
{
	bool all = true;

	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		const struct vcpu *v = d->vcpu[i];
		struct pcpu *p;

		if (!v)
			continue;
		p = READ_ONCE(v->pcpu);
		/* Acquire: what its last hypercall did is done. */
		if (READ_ONCE(p->current) != v &&
		    (nr_pcpus == 1 || !__atomic_load_n(&v->resident, __ATOMIC_ACQUIRE)))
			continue;
		all = false;
		sched_kick(p);
	}
	return all;
}

/* What its guest and the event channels of others could still reach. */
static void cut_off(struct domain *d)
{
	/* Ports first: dom0 may just now close its end of the console's. */
	evtchn_destroy(d);
	console_domain_gone(d);
	console_ring_free(d);
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		if (d->vcpu[i])
			vcpu_stop(d->vcpu[i]);
	sched_domain_end(d);
	p2m_destroy(d);
}

static bool held(const struct domain *d)
{
	return domain_pages(d);
}

/*
 * Goes on with a domain's end, spending @budget; @now: nobody else knows it.
 * Return: whether it is over, so far as that depends on us.
 */
static bool take_apart(struct domain *d, u32 budget, bool now)
{
	WRITE_ONCE(d->state, DOM_DYING);
	switch (d->teardown) {
	case TD_ALIVE:
		if (!all_stopped(d) && !now)
			return false;
		d->grace = grace_begin();
		WRITE_ONCE(d->teardown, TD_QUIET);
		fallthrough;
	case TD_QUIET:
		if (!now && !grace_over(d->grace))
			return false;
		cut_off(d);
		WRITE_ONCE(d->teardown, TD_MAPPINGS);
		fallthrough;
	case TD_MAPPINGS:
		if (d->gt && !gnttab_release_mappings(d, budget))
			return false;
		WRITE_ONCE(d->teardown, TD_MEMORY);
		fallthrough;
	case TD_MEMORY:
		if (!memory_release(d, budget))
			return false;
		WRITE_ONCE(d->teardown, TD_HELD);
		fallthrough;
	default:
		return true;
	}
}

static void domain_free(struct domain *d)
{
	gnttab_free(d);
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		vcpu_free(d->vcpu[i]);
	if (d->shared_info)
		free_pages(ptr_to_ma(d->shared_info), 0);
	xfree(d);
}

static void give_up_number(struct domain *d)
{
	if (domains[d->id] == d)
		WRITE_ONCE(domains[d->id], NULL);
}

/**
 * domain_discard() - end a domain that never started
 * @d: no vcpu of it has run; it may be half made
 *
 * At boot, where no hypercall is under way. Not in steps. One whose frames
 * somebody has mapped is freed when they are given up.
 */
void domain_discard(struct domain *d)
{
	for (unsigned int i = 0; i < d->nr_vcpus && d->vcpu[i]; i++) {
		sched_pause(d->vcpu[i]);
		if (d->vcpu[i]->pcpu->current == d->vcpu[i])
			d->vcpu[i]->pcpu->current = NULL;
	}
	d->shutdown_reason = SHUTDOWN_poweroff;
	/* Its frames find their owner by number. */
	if (domain_pages(d))
		domain_publish(d);
	while (!take_apart(d, STEP_WORK, true))
		;
	if (held(d))
		return;
	give_up_number(d);
	domain_free(d);
}

static void rebuild(u16 id, const struct domain_config *cfg)
{
	struct domain *d = domain_create(id, cfg);

	if (!d)
		return;
	if (domain_build(d)) {
		printk("d%u: could not be built again\n", id);
		/* In this order nobody takes it for one that runs. */
		domain_shutdown(d, SHUTDOWN_poweroff);
		domain_publish(d);
		return;
	}
	domain_start(d);
}

/* The number is free for another, the rest follows in fill_graves(). */
static void bury(struct domain *d)
{
	give_up_number(d);
	d->grace = grace_begin();
	d->next_grave = graves;
	graves = d;
	if (d->shutdown_reason == SHUTDOWN_reboot)
		rebuild(d->id, &d->cfg);
	domain_tell_dom0();
}

/* Return: whether none is left open. */
static bool fill_graves(void)
{
	struct domain **link = &graves, *d;

	while ((d = *link)) {
		if (!grace_over(d->grace)) {
			link = &d->next_grave;
			continue;
		}
		*link = d->next_grave;
		domain_free(d);
	}
	return !graves;
}

/* One step for each of the dead. Return: whether there is nothing left to do. */
static bool reap_pass(void)
{
	struct domain *d;
	bool all = true;

	for (u16 id = 0; id < MAX_DOMAINS; id++) {
		d = domains[id];
		if (!d || READ_ONCE(d->state) == DOM_RUNNING)
			continue;
		if (!take_apart(d, STEP_WORK, false))
			all = false;
		else if (!held(d))
			bury(d);
	}
	return fill_graves() && all;
}

/**
 * reap() - the part of domain_reap() that is seldom needed
 *
 * Called by sched_next() with no lock held. One step for each of the dead; the
 * rest follows after a pause.
 */
noinline void reap(void)
{
	while (READ_ONCE(reap_wanted) && spin_trylock(&reap_lock)) {
		WRITE_ONCE(reap_wanted, false);
		/* What is wanted from now on is seen by the next round. */
		smp_mb();
		if (!reap_pass()) {
			if (!step_timer.fn)
				timer_init(&step_timer, next_step, NULL);
			timer_set(&this_pcpu()->timers, &step_timer,
				  arch_tb() + ns_to_tb(STEP_PAUSE_NS));
		}
		spin_unlock(&reap_lock);
		/* Who came while the lock was held has left it to us. */
		smp_mb();
	}
}
