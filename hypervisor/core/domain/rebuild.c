// SPDX-License-Identifier: GPL-2.0
/*
 * Building a domain again whose guest asked for a reboot: its heir, a new domain with its number, its
 * configuration, and what the toolstack had set.
 *
 * The dead domain stays in the table, as one that is dying, until its heir is complete. So the toolstack
 * can destroy it at any time: then the heir is not started. The compare-and-swap of domain.rebuild
 * decides, see domain_destroy().
 *
 * A domain that ran for less than SHORT_LIFE is built again after a pause, which doubles each time. If
 * memory is short the half-built heir is taken apart like any other domain, and the next attempt follows
 * after such a pause, too, however long the domain ran.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/base/timer.h"
#include "core/domain/domain.h"
#include "core/domain/reap.h"
#include "core/domain/rebuild.h"
#include "core/gnttab/gnttab.h"
#include "core/sched/sched.h"
#include "lib/bitops.h"
#include "lib/errno.h"
#include "lib/printf.h"

#define SHORT_LIFE_NS	(10 * NSEC_PER_SEC)
#define BACK_OFF_MIN_NS	(125 * NSEC_PER_MSEC)
#define BACK_OFF_MAX_NS	(8 * NSEC_PER_SEC)

static const struct domain_builder *builder;

/**
 * domain_set_builder() - say how to build domains
 * @b: the operations of boot/, valid for ever; called before the first domain exists
 */
void domain_set_builder(const struct domain_builder *b)
{
	builder = b;
}

/* Whether @d is to be built again, as it looks now. */
static bool rebuild_wanted(const struct domain *d)
{
	return d->shutdown_reason == SHUTDOWN_reboot && READ_ONCE(d->rebuild) == REBUILD_OPEN;
}

/* From here on nobody can destroy @d any more, but its heir. */
static bool rebuild_claim(struct domain *d)
{
	u8 open = REBUILD_OPEN;

	return try_cmpxchg(&d->rebuild, &open, REBUILD_BEGUN);
}

/* Begin later: after a pause twice as long as the one before. */
static void rebuild_back_off(struct domain *d)
{
	d->back_off = min(max(2 * d->back_off, ns_to_tb(BACK_OFF_MIN_NS)), ns_to_tb(BACK_OFF_MAX_NS));
	d->rebuild_tb = arch_tb() + d->back_off;
}

/* Decide when to begin. */
static void rebuild_plan(struct domain *d)
{
	u64 now = arch_tb();

	if (now - d->born < ns_to_tb(SHORT_LIFE_NS)) {
		rebuild_back_off(d);
		return;
	}
	d->back_off = 0;
	d->rebuild_tb = now;
}

/*
 * What the toolstack had set. It cannot change any of that now, since domctls do not find a domain that
 * has shut down, and those that found it before are over: the teardown has waited for a grace period.
 */
static void rebuild_inherit(struct domain *heir, const struct domain *d)
{
	const struct gnttab *gt = d->gt;

	heir->max_pages = d->max_pages;
	sched_set_weight(heir, d->sched.weight);
	sched_set_cap(heir, d->sched.cap);
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		sched_set_affinity(heir->vcpu[i], d->vcpu[i]->affinity);
	if (gnttab_set_limits(heir, gt->max_frames, gt->track.max_frames))
		printk("d%u: no memory for its grant limits, it has the default ones\n", d->id);
	if (!d->paused)
		return;
	heir->paused = true;
	for (unsigned int i = 0; i < heir->nr_vcpus; i++)
		sched_hold(heir->vcpu[i], true);
}

/* Put the heir in @d's place, to run or, if it is not wanted or not complete, to be taken apart. */
static void rebuild_end(struct domain *d, int rc)
{
	struct domain *heir = d->heir;
	bool wanted = rebuild_claim(d);

	d->heir = NULL;
	heir->back_off = d->back_off;
	heir->reap_ticks = d->reap_ticks;
	domains_remove(d);
	/* Also one that failed: the next attempt has it from there. */
	if (wanted)
		rebuild_inherit(heir, d);
	if (wanted && !rc) {
		heir->born = arch_tb();
		domain_start(heir);
		return;
	}
	if (wanted) {
		printk("d%u: could not be built again%s\n", d->id, rc == -ENOMEM ? ", another attempt follows" : "");
		/* Now, since clearing memory may have taken as long as SHORT_LIFE. */
		rebuild_back_off(heir);
	}
	/* Shut down before it becomes visible, so that nobody takes it for a running domain. */
	domain_shutdown(heir, wanted && rc == -ENOMEM ? SHUTDOWN_reboot : SHUTDOWN_poweroff);
	domain_publish(heir);
}

/**
 * domain_rebuild() - one step of building a domain again
 * @d: a domain that has shut down and been taken apart
 *
 * Context: domain_reap(), no other lock held.
 *
 * Return: see enum rebuild_result.
 */
enum rebuild_result domain_rebuild(struct domain *d)
{
	int rc;

	if (!d->heir) {
		if (!rebuild_wanted(d))
			return REBUILD_NONE;
		if (!d->rebuild_tb)
			rebuild_plan(d);
		if (arch_tb() < d->rebuild_tb)
			return REBUILD_LATER;
		d->heir = domain_create_heir(d);
		if (d->heir)
			return REBUILD_STEP;
		/* However long @d lived: otherwise this pCPU would do nothing but try. */
		rebuild_back_off(d);
		return REBUILD_LATER;
	}
	rc = builder->step(d->heir, &d->build);
	if (rc > 0)
		return REBUILD_STEP;
	rebuild_end(d, rc);
	return REBUILD_DONE;
}
