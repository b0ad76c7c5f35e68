// SPDX-License-Identifier: GPL-2.0
/*
 * Taking a dead domain apart, in steps of bounded length between which guests run.
 *
 * The teardown first waits until all vcpus have left their pCPUs, and then for a grace period,
 * after which no hypercall uses the domain any more (core/base/grace.h). Then the domain loses
 * its event channels, then its console, then its p2m, then its mappings of other domains' frames,
 * then its own frames. Frames that other domains have mapped, by grant or as foreign memory, cannot be
 * taken from them: until they unmap the last one the domain keeps its number, these frames and
 * its grant table, and the toolstack sees it as dying.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/base/grace.h"
#include "core/console/console.h"
#include "core/domain/domain_destroy.h"
#include "core/domain/vcpu.h"
#include "core/evtchn/evtchn.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "lib/slab.h"

#define NO_LIMIT	(~0U)	/* ports, frames or mappings */

/*
 * Has every vcpu left its pCPU, registers included? Kicks the pCPUs that still have one. A paused
 * vcpu does not move to another pCPU.
 */
static bool all_vcpus_stopped(const struct domain *d)
{
	bool all = true;

	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		const struct vcpu *v = d->vcpu[i];
		struct pcpu *p;

		if (!v)
			continue;
		p = READ_ONCE(v->pcpu);
		/* Acquire: the stores of the vcpu's last hypercall are visible. */
		if (READ_ONCE(p->current) != v &&
		    (nr_pcpus == 1 || !__atomic_load_n(&v->resident, __ATOMIC_ACQUIRE)))
			continue;
		all = false;
		pcpu_kick(p);
	}
	return all;
}

/* Remove what the guest itself could still reach; its event channels are gone. */
static void domain_cut_off(struct domain *d)
{
	console_domain_gone(d);
	console_ring_free(d);
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		if (d->vcpu[i])
			vcpu_stop(d->vcpu[i]);
	sched_domain_end(d);
}

/* One step of the stages after the grace period. Return: false if there is more to do. */
static bool domain_release(struct domain *d, u32 budget)
{
	bool done = true;

	switch (d->teardown) {
	case TD_QUIET:
		/* Ports first: dom0 may be closing its end of the console's channel at this moment. */
		done = evtchn_destroy(d, budget);
		if (done)
			domain_cut_off(d);
		break;
	case TD_TABLES:
		done = p2m_destroy(d);
		break;
	case TD_MAPPINGS:
		done = !d->gt || gnttab_release_mappings(d, budget);
		break;
	case TD_MEMORY:
		done = memory_release(d, budget);
		break;
	default:
		return true;
	}
	if (done)
		WRITE_ONCE(d->teardown, d->teardown + 1);
	return d->teardown == TD_HELD;
}

/**
 * domain_teardown() - one step of taking a dead domain apart
 * @d: a domain that has shut down
 * @budget: ports, mappings or frames to release at most
 *
 * Called by one pCPU at a time, with no hypercall under way on it.
 *
 * Return: true if all is released that does not depend on other domains; false if another
 * call is needed later.
 */
bool domain_teardown(struct domain *d, u32 budget)
{
	WRITE_ONCE(d->state, DOM_DYING);
	if (d->teardown == TD_ALIVE) {
		if (!all_vcpus_stopped(d))
			return false;
		d->grace = grace_begin();
		WRITE_ONCE(d->teardown, TD_QUIET);
	}
	if (d->teardown == TD_QUIET && !grace_over(d->grace))
		return false;
	return domain_release(d, budget);
}

/**
 * domain_free() - one step of freeing the structs of a domain
 * @d: a domain without frames and number that no other pCPU uses any more
 * @budget: vcpus, or pages of its tables, to free at most
 *
 * Return: true if @d is freed; false if another call is needed.
 */
bool domain_free(struct domain *d, u32 budget)
{
	if (!gnttab_free(d, &budget))
		return false;
	for (; d->nr_vcpus; budget--) {
		if (!budget)
			return false;
		vcpu_free(d->vcpu[--d->nr_vcpus]);
	}
	if (d->shared_info)
		free_pages(ptr_to_ma(d->shared_info), 0);
	xfree(d->cfg.tree);
	xfree(d);
	return true;
}

/**
 * domain_discard() - free a domain that never ran, all at once
 * @d: the domain, possibly created in part only; no vcpu of it has run
 *
 * For a domain that other pCPUs have not found yet: no grace period is needed. If another
 * domain has mapped frames of @d, domain_reap() frees @d when the last of them is unmapped.
 */
void domain_discard(struct domain *d)
{
	for (unsigned int i = 0; i < d->nr_vcpus && d->vcpu[i]; i++) {
		sched_pause(d->vcpu[i]);
		if (d->vcpu[i]->pcpu->current == d->vcpu[i])
			d->vcpu[i]->pcpu->current = NULL;
	}
	d->rebuild = REBUILD_NEVER;
	WRITE_ONCE(d->state, DOM_DYING);
	/* page_put() finds a frame's owner by its number. */
	if (domain_pages(d))
		domains_insert(d);
	if (d->teardown == TD_ALIVE)
		WRITE_ONCE(d->teardown, TD_QUIET);
	while (!domain_release(d, NO_LIMIT))
		;
	if (domain_pages(d))
		return;
	domains_remove(d);
	domain_free(d, NO_LIMIT);
}
