// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping grants of other domains into the guest physical address space of a
 * domain, and unmapping them.
 *
 * Both work on batches of operations. Mapping takes three locks once for a run
 * of operations with the same granter: that of the granter's table (to pin), of
 * the caller's maptrack and of the caller's p2m.
 *
 * Unmapping must make sure that no processor can use a translation of a frame
 * when the granter gets it back. For each batch it clears the p2m entries,
 * flushes once, and only then unpins the grants. The handles are free before
 * that. If two vcpus unmap the same handle, the second finds it free, or in use
 * for a mapping that the domain has made since.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "lib/errno.h"

/* A run of operations with the same granter, for which the locks are held. */
struct map_run {
	struct domain *d;	/* the domain that maps */
	struct domain *rd;	/* the granter; NULL: no lock is held */
	u16 dom;		/* the granter as the operations name it */
};

/* Makes the new translations visible, then releases the locks. */
static void map_run_unlock(struct map_run *run)
{
	if (!run->rd)
		return;
	p2m_sync();
	spin_unlock(&run->d->page_lock);
	spin_unlock(&run->d->gt->track.lock);
	spin_unlock(&run->rd->gt->lock);
	run->rd = NULL;
}

/* Takes the locks for granter @dom. Return: false, no lock held, if there is no such domain. */
static bool map_run_lock(struct map_run *run, u16 dom)
{
	if (likely(run->rd && run->dom == dom))
		return true;
	map_run_unlock(run);
	run->rd = dom == DOMID_SELF ? run->d : domain_find(dom);
	if (!run->rd)
		return false;
	run->dom = dom;
	spin_lock(&run->rd->gt->lock);
	spin_lock(&run->d->gt->track.lock);
	spin_lock(&run->d->page_lock);
	return true;
}

static s16 map_status(int rc)
{
	return rc == -ENOMEM ? GNTST_no_space : GNTST_bad_virt_addr;
}

static s16 gnttab_map_one(struct map_run *run, struct gnttab_map_grant_ref *op)
{
	const u32 refused = GNTMAP_application_map | GNTMAP_contains_pte;
	u64 mfn, gfn = op->host_addr >> PAGE_SHIFT;
	bool readonly = op->flags & GNTMAP_readonly;
	struct maptrack *t = &run->d->gt->track;
	struct maptrack_entry *e;
	u32 handle;
	s16 st;
	int rc;

	if ((op->flags & refused) || !(op->flags & GNTMAP_host_map))
		return GNTST_general_error;
	if (!map_run_lock(run, op->dom))
		return GNTST_bad_domain;
	if ((op->host_addr & PAGE_MASK) || !memory_gfn_valid(run->d, gfn))
		return GNTST_bad_virt_addr;
	handle = maptrack_alloc(t);
	if (handle == MAPTRACK_NONE)
		return GNTST_no_space;
	st = grant_pin(run->rd, op->ref, run->d->id, readonly, &mfn);
	if (st)
		goto release;
	rc = p2m_insert(run->d, gfn, mfn, P2M_GRANT, !readonly);
	if (rc) {
		st = map_status(rc);
		goto unpin;
	}
	e = maptrack_get(t, handle);
	e->gfn = gfn;
	e->ref = op->ref;
	e->dom = run->rd->id;
	e->flags = readonly ? GNTMAP_host_map | GNTMAP_readonly : GNTMAP_host_map;
	op->handle = handle;
	op->dev_bus_addr = 0;
	return GNTST_okay;
unpin:
	grant_unpin(run->rd, op->ref, readonly);
release:
	maptrack_release(t, handle);
	return st;
}

/**
 * gnttab_map() - map a batch of grants
 * @d: the domain that maps
 * @op: what to map and where; status, handle and dev_bus_addr are filled in
 * @n: number of operations
 *
 * GNTMAP_device_map is accepted and has no effect, since no domain has devices
 * that access machine memory.
 *
 * Takes, for each granter, its gt->lock, then maptrack lock and page_lock of @d.
 */
void gnttab_map(struct domain *d, struct gnttab_map_grant_ref *op, unsigned int n)
{
	struct map_run run = { .d = d };

	for (unsigned int i = 0; i < n; i++)
		op[i].status = gnttab_map_one(&run, &op[i]);
	map_run_unlock(&run);
}

/* A grant that is unmapped and still pinned: unpin it after the flush. */
struct unmapped_grant {
	u32 ref;
	u16 dom;
	bool readonly;
};

static s16 gnttab_unmap_one(struct domain *d, const struct gnttab_unmap_grant_ref *op,
			    struct unmapped_grant *out)
{
	struct maptrack *t = &d->gt->track;
	struct maptrack_entry *e = maptrack_get(t, op->handle);

	if (!e || !e->flags)
		return GNTST_bad_handle;
	if (e->gfn << PAGE_SHIFT != op->host_addr)
		return GNTST_bad_virt_addr;
	/* Cannot fail: the entry was made by p2m_insert() and is no large leaf to be split. */
	(void)p2m_clear(d, e->gfn);
	out->ref = e->ref;
	out->dom = e->dom;
	out->readonly = e->flags & GNTMAP_readonly;
	maptrack_release(t, op->handle);
	return GNTST_okay;
}

/*
 * Unpins grants whose translations are flushed. The granter may be dying, which
 * domain_find() would not return; while a grant is pinned, it stays in domains[].
 */
static void gnttab_unpin_all(const struct unmapped_grant *out, unsigned int n)
{
	struct domain *rd = NULL;

	for (unsigned int i = 0; i < n; i++) {
		if (!rd || rd->id != out[i].dom) {
			if (rd)
				spin_unlock(&rd->gt->lock);
			rd = READ_ONCE(domains[out[i].dom]);
			spin_lock(&rd->gt->lock);
		}
		grant_unpin(rd, out[i].ref, out[i].readonly);
	}
	if (rd)
		spin_unlock(&rd->gt->lock);
}

/**
 * gnttab_unmap() - unmap a batch of grants
 * @d: the domain that has them mapped
 * @op: what to unmap; status is filled in
 * @n: number of operations, at most GNTTAB_BATCH
 *
 * On return, no processor has a translation to the frames.
 *
 * Takes maptrack lock and page_lock of @d, then the gt->lock of each granter.
 */
void gnttab_unmap(struct domain *d, struct gnttab_unmap_grant_ref *op, unsigned int n)
{
	struct unmapped_grant out[GNTTAB_BATCH];
	unsigned int nr_out = 0;

	spin_lock(&d->gt->track.lock);
	spin_lock(&d->page_lock);
	for (unsigned int i = 0; i < n; i++) {
		op[i].status = gnttab_unmap_one(d, &op[i], &out[nr_out]);
		nr_out += !op[i].status;
	}
	if (nr_out)
		p2m_flush(d);
	spin_unlock(&d->page_lock);
	spin_unlock(&d->gt->track.lock);
	gnttab_unpin_all(out, nr_out);
}

/**
 * gnttab_release_mappings() - unpin what a dead domain has mapped
 * @d: a domain whose p2m is destroyed
 * @budget: number of handles to look at
 *
 * Takes the gt->lock of each granter.
 *
 * Return: true when no mapping is left.
 */
bool gnttab_release_mappings(struct domain *d, u32 budget)
{
	struct maptrack *t = &d->gt->track;
	struct maptrack_entry *e;
	struct unmapped_grant out;

	for (; budget && t->used; budget--) {
		e = maptrack_get(t, t->swept++);
		if (!e->flags)
			continue;
		out.ref = e->ref;
		out.dom = e->dom;
		out.readonly = e->flags & GNTMAP_readonly;
		e->flags = 0;
		t->used--;
		gnttab_unpin_all(&out, 1);
	}
	return !t->used;
}
