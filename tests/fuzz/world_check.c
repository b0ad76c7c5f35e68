// SPDX-License-Identifier: GPL-2.0
/*
 * What must hold in a world at any time: what domains have mapped, what the
 * granters' tables count, and whose pages there are.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "host/host.h"
#include "world.h"

/* A mapped frame is that of an active entry which counts it. */
static const char *mapping_wrong(const struct domain *d, const struct maptrack_entry *m)
{
	const struct domain *rd = domains[m->dom];
	const struct grant_active *act;
	u64 mfn;
	bool w;

	if (!rd)
		return "a mapping whose granter is gone";
	act = grant_active(rd->gt, m->ref);
	if (m->flags & GNTMAP_readonly ? !act->readers : !act->writers)
		return "a mapping that its grant does not count";
	if (act->user != d->id)
		return "a mapping of somebody else's grant";
	if (mfn_to_page(act->mfn)->count == 0)
		return "a mapping of a free page";
	if (d->state != DOM_RUNNING)
		return NULL;
	if (p2m_lookup(d, m->gfn, &mfn, &w) != P2M_GRANT || mfn != act->mfn)
		return "a handle whose mapping is not there";
	if (w == !!(m->flags & GNTMAP_readonly))
		return "a mapping with wrong rights";
	return NULL;
}

static const char *maptrack_wrong(const struct domain *d, u64 *uses)
{
	const struct maptrack *t = &d->gt->track;
	const char *why;
	u32 used = 0;

	for (u32 h = 0; h < t->nr_frames * MAPTRACK_PER_FRAME; h++) {
		const struct maptrack_entry *m = maptrack_get(t, h);

		if (!m->flags)
			continue;
		used++;
		(*uses)++;
		why = mapping_wrong(d, m);
		if (why)
			return why;
	}
	return used == t->used ? NULL : "maptrack is counted wrong";
}

static const char *entry_wrong(const struct domain *d, const struct host_p2m_found *e, u64 *grants,
			       u64 *foreigns)
{
	const struct page *pg = mfn_to_page(e->mfn);

	if (!pg || pg->count == 0)
		return "a free page in a p2m";
	if (e->type == P2M_RAM && (pg->owner != d->id || list_empty(&pg->list)))
		return "RAM that is not the domain's";
	if (e->type == P2M_FOREIGN && pg->owner == d->id)
		return "a domain's own frame as a foreign one";
	*grants += e->type == P2M_GRANT;
	*foreigns += e->type == P2M_FOREIGN;
	return NULL;
}

static const char *p2m_wrong(const struct domain *d)
{
	u64 grants = 0, foreigns = 0;
	struct host_p2m_found e;
	const char *why = NULL;
	size_t pos = 0;

	while (!why && host_p2m_walk(d, &pos, &e))
		why = entry_wrong(d, &e, &grants, &foreigns);
	if (why)
		return why;
	if (grants != d->gt->track.used)
		return "mappings without handles";
	return foreigns == d->foreign_maps ? NULL : "foreign mappings are counted wrong";
}

static const char *table_wrong(const struct domain *d, u64 *pins)
{
	const struct gnttab *gt = d->gt;
	u32 pinned = 0;

	for (u32 ref = 0; ref < gnttab_entries(gt); ref++) {
		const struct grant_active *act = grant_active(gt, ref);

		*pins += act->readers + (u64)act->writers;
		pinned += act->readers || act->writers;
	}
	return pinned == gt->pinned ? NULL : "grants in use are counted wrong";
}

/**
 * world_wrong() - does everything hold that must?
 *
 * Return: NULL, or what does not.
 */
const char *world_wrong(void)
{
	u64 uses = 0, pins = 0;
	const char *why = NULL;

	for (u16 id = 0; id < DOMAINS && !why; id++) {
		const struct domain *d = domains[id];

		if (!d)
			continue;
		why = maptrack_wrong(d, &uses);
		if (!why)
			why = table_wrong(d, &pins);
		if (!why && d->state == DOM_RUNNING)
			why = p2m_wrong(d);
	}
	if (!why && uses != pins)
		why = "uses of grants and mappings do not match";
	return why;
}
