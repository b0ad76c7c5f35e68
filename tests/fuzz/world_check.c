// SPDX-License-Identifier: GPL-2.0
/*
 * The invariants of a world: mappings, the granters' use counts and the owners of
 * pages must agree at any time. Each check_*() function returns NULL or a
 * description of the first violation.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "host/host.h"
#include "world.h"

/*
 * A maptrack entry refers to an active grant that counts the mapping, and to a p2m entry with the
 * same frame and rights.
 */
static const char *check_mapping(const struct domain *d, const struct maptrack_entry *m)
{
	const struct domain *rd = domains[m->dom];
	const struct grant_active *act;
	u64 mfn;
	bool w;

	if (!rd)
		return "a mapping whose granter has been freed";
	act = grant_active(rd->gt, m->ref);
	if (m->flags & GNTMAP_readonly ? !act->readers : !act->writers)
		return "a mapping that its grant does not count";
	if (act->user != d->id)
		return "a mapping of a grant that another domain uses";
	if (mfn_to_page(act->mfn)->count == 0)
		return "a mapping of a free page";
	if (d->state != DOM_RUNNING)
		return NULL;
	if (p2m_lookup(d, m->gfn, &mfn, &w) != P2M_GRANT || mfn != act->mfn)
		return "a maptrack entry without its mapping in the p2m";
	if (w == !!(m->flags & GNTMAP_readonly))
		return "a mapping with wrong rights in the p2m";
	return NULL;
}

static const char *check_maptrack(const struct domain *d, u64 *uses)
{
	const struct maptrack *t = &d->gt->track;
	const char *violation;
	u32 used = 0;

	for (u32 h = 0; h < t->nr_frames * MAPTRACK_PER_FRAME; h++) {
		const struct maptrack_entry *m = maptrack_get(t, h);

		if (!m->flags)
			continue;
		used++;
		(*uses)++;
		violation = check_mapping(d, m);
		if (violation)
			return violation;
	}
	return used == t->used ? NULL : "wrong count of used maptrack entries";
}

static const char *check_p2m_entry(const struct domain *d, const struct host_p2m_found *e, u64 *grants,
				   u64 *foreigns)
{
	const struct page *pg = mfn_to_page(e->mfn);

	if (!pg || pg->count == 0)
		return "a free page in a p2m";
	if (e->type == P2M_RAM && (pg->owner != d->id || list_empty(&pg->list)))
		return "RAM in the p2m that the domain does not own";
	if (e->type == P2M_FOREIGN && pg->owner == d->id)
		return "a foreign mapping of a domain's own frame";
	*grants += e->type == P2M_GRANT;
	*foreigns += e->type == P2M_FOREIGN;
	return NULL;
}

static const char *check_p2m(const struct domain *d)
{
	u64 grants = 0, foreigns = 0;
	struct host_p2m_found e;
	const char *violation = NULL;
	size_t pos = 0;

	while (!violation && host_p2m_walk(d, &pos, &e))
		violation = check_p2m_entry(d, &e, &grants, &foreigns);
	if (violation)
		return violation;
	if (grants != d->gt->track.used)
		return "grant mappings in the p2m without maptrack entries";
	return foreigns == d->foreign_maps ? NULL : "wrong count of foreign mappings";
}

static const char *check_grant_table(const struct domain *d, u64 *pins)
{
	const struct gnttab *gt = d->gt;
	u32 pinned = 0;

	for (u32 ref = 0; ref < gnttab_entries(gt); ref++) {
		const struct grant_active *act = grant_active(gt, ref);

		*pins += act->readers + (u64)act->writers;
		pinned += act->readers || act->writers;
	}
	return pinned == gt->pinned ? NULL : "wrong count of grants in use";
}

/**
 * world_violation() - check all invariants
 *
 * Return: NULL, or a description of the first violated invariant.
 */
const char *world_violation(void)
{
	u64 uses = 0, pins = 0;
	const char *violation = NULL;

	for (u16 id = 0; id < DOMAINS && !violation; id++) {
		const struct domain *d = domains[id];

		if (!d)
			continue;
		violation = check_maptrack(d, &uses);
		if (!violation)
			violation = check_grant_table(d, &pins);
		if (!violation && d->state == DOM_RUNNING)
			violation = check_p2m(d);
	}
	if (!violation && uses != pins)
		violation = "the use counts of grants differ from the number of mappings";
	return violation;
}
