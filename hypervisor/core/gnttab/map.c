// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping the grants of others into a domain's guest physical space, and
 * taking them out again.
 *
 * Both work on batches of operations. The locks that a batch needs are taken
 * once, and dropped where the next operation names another granter: the
 * granter's table (for the pin), the mapper's maptrack, the mapper's p2m.
 *
 * No processor may translate to a frame when its granter gets it back. So an
 * unmap clears the entries of a batch, flushes once, and only then unpins the
 * grants. The handles are free before that: if two vcpus unmap one handle, the
 * second finds it free, or in use for a mapping that the domain has made since.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "lib/errno.h"

struct map_batch {
	struct domain *d;	/* the mapper */
	struct domain *rd;	/* the granter, locked with the mapper's own; NULL: none */
	u16 dom;		/* what the element called it */
};

static void batch_unlock(struct map_batch *b)
{
	if (!b->rd)
		return;
	p2m_sync();
	spin_unlock(&b->d->page_lock);
	spin_unlock(&b->d->gt->track.lock);
	spin_unlock(&b->rd->gt->lock);
	b->rd = NULL;
}

static bool batch_lock(struct map_batch *b, u16 dom)
{
	if (likely(b->rd && b->dom == dom))
		return true;
	batch_unlock(b);
	b->rd = dom == DOMID_SELF ? b->d : domain_find(dom);
	if (!b->rd)
		return false;
	b->dom = dom;
	spin_lock(&b->rd->gt->lock);
	spin_lock(&b->d->gt->track.lock);
	spin_lock(&b->d->page_lock);
	return true;
}

static s16 map_error(int rc)
{
	return rc == -ENOMEM ? GNTST_no_space : GNTST_bad_virt_addr;
}

static s16 map_one(struct map_batch *b, struct gnttab_map_grant_ref *op)
{
	const u32 refused = GNTMAP_application_map | GNTMAP_contains_pte;
	u64 mfn, gfn = op->host_addr >> PAGE_SHIFT;
	bool readonly = op->flags & GNTMAP_readonly;
	struct maptrack *t = &b->d->gt->track;
	struct maptrack_entry *e;
	u32 handle;
	s16 st;
	int rc;

	if ((op->flags & refused) || !(op->flags & GNTMAP_host_map))
		return GNTST_general_error;
	if (!batch_lock(b, op->dom))
		return GNTST_bad_domain;
	if ((op->host_addr & PAGE_MASK) || !memory_gfn_valid(b->d, gfn))
		return GNTST_bad_virt_addr;
	handle = maptrack_alloc(t);
	if (handle == MAPTRACK_NONE)
		return GNTST_no_space;
	st = grant_pin(b->rd, op->ref, b->d->id, readonly, &mfn);
	if (st)
		goto release;
	rc = p2m_insert(b->d, gfn, mfn, P2M_GRANT, !readonly);
	if (rc) {
		st = map_error(rc);
		goto unpin;
	}
	e = maptrack_get(t, handle);
	e->gfn = gfn;
	e->ref = op->ref;
	e->dom = b->rd->id;
	e->flags = readonly ? GNTMAP_host_map | GNTMAP_readonly : GNTMAP_host_map;
	op->handle = handle;
	op->dev_bus_addr = 0;
	return GNTST_okay;
unpin:
	grant_unpin(b->rd, op->ref, readonly);
release:
	maptrack_release(t, handle);
	return st;
}

/**
 * gnttab_map() - map a batch of grants
 * @d: the domain that gets them
 * @op: what to map and where; status, handle and dev_bus_addr are filled in
 * @n: number of operations
 *
 * A device mapping asked for along with the host's is accepted and is nothing:
 * no domain has devices that see machine memory.
 *
 * Takes, for each granter, its gt->lock, and @d's maptrack lock and page_lock.
 */
void gnttab_map(struct domain *d, struct gnttab_map_grant_ref *op, unsigned int n)
{
	struct map_batch b = { .d = d };

	for (unsigned int i = 0; i < n; i++)
		op[i].status = map_one(&b, &op[i]);
	batch_unlock(&b);
}

/* A grant that is unmapped and still pinned. */
struct unmapped {
	u32 ref;
	u16 dom;
	bool readonly;
};

static s16 unmap_one(struct domain *d, const struct gnttab_unmap_grant_ref *op,
		     struct unmapped *out)
{
	struct maptrack *t = &d->gt->track;
	struct maptrack_entry *e = maptrack_get(t, op->handle);

	if (!e || !e->flags)
		return GNTST_bad_handle;
	if (e->gfn << PAGE_SHIFT != op->host_addr)
		return GNTST_bad_virt_addr;
	/* Never a large leaf: p2m_insert() made the entry. */
	(void)p2m_clear(d, e->gfn);
	out->ref = e->ref;
	out->dom = e->dom;
	out->readonly = e->flags & GNTMAP_readonly;
	maptrack_release(t, op->handle);
	return GNTST_okay;
}

/* The granters may be dead: their structs stay for as long as a grant is pinned. */
static void unmapped_unpin(const struct unmapped *out, unsigned int n)
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
 * @n: number of operations, GNTTAB_BATCH at most
 *
 * When it returns no processor translates to the frames.
 *
 * Takes @d's maptrack lock and page_lock, then the gt->lock of each granter.
 */
void gnttab_unmap(struct domain *d, struct gnttab_unmap_grant_ref *op, unsigned int n)
{
	struct unmapped out[GNTTAB_BATCH];
	unsigned int nr_out = 0;

	spin_lock(&d->gt->track.lock);
	spin_lock(&d->page_lock);
	for (unsigned int i = 0; i < n; i++) {
		op[i].status = unmap_one(d, &op[i], &out[nr_out]);
		nr_out += !op[i].status;
	}
	if (nr_out)
		p2m_flush(d);
	spin_unlock(&d->page_lock);
	spin_unlock(&d->gt->track.lock);
	unmapped_unpin(out, nr_out);
}

/**
 * gnttab_release_mappings() - give up what a dead domain had mapped
 * @d: a domain whose p2m is destroyed
 * @budget: how many handles to look at
 *
 * Return: whether that was all.
 */
bool gnttab_release_mappings(struct domain *d, u32 budget)
{
	struct maptrack *t = &d->gt->track;
	struct maptrack_entry *e;
	struct unmapped out;

	for (; budget && t->used; budget--) {
		e = maptrack_get(t, t->swept++);
		if (!e->flags)
			continue;
		out.ref = e->ref;
		out.dom = e->dom;
		out.readonly = e->flags & GNTMAP_readonly;
		e->flags = 0;
		t->used--;
		unmapped_unpin(&out, 1);
	}
	return !t->used;
}
