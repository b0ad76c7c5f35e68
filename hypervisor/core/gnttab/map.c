// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping the grants of others into a domain's guest physical space, and
 * taking them out again.
 *
 * An array is gone through in chunks. The locks that a chunk needs are taken
 * once, and dropped where the next element is of another granter: the
 * granter's table (for the pin), the mapper's maptrack, the mapper's p2m.
 *
 * What is taken out is invisible to every processor before the granter may
 * have it back: clear a chunk, flush once, and only then let the grants go.
 * The handles are free by then: of two vcpus that unmap one handle the second
 * finds it so, or in use for what the domain has mapped since.
 */
#include "core/arch_ops.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

#define CHUNK		32	/* elements on the stack */
#define BEFORE_PAUSE	256	/* elements before the guest may take interrupts */

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
 * gnttab_map() - GNTTABOP_map_grant_ref
 * @v: calling vcpu
 * @handle: array of struct gnttab_map_grant_ref
 * @done: elements done before
 * @count: elements of the array
 *
 * A device mapping asked for along with the host's is accepted and is nothing:
 * no domain has devices that see machine memory.
 *
 * Return: elements done, or -EFAULT.
 */
s64 gnttab_map(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	struct gnttab_map_grant_ref op[CHUNK];
	struct map_batch b = { .d = v->domain };
	u64 stop = min(count, done + BEFORE_PAUSE), n;

	for (; done < stop; done += n) {
		n = min(stop - done, (u64)CHUNK);
		if (copy_from_guest(v, handle, done * sizeof(op[0]), op, n * sizeof(op[0])))
			return -EFAULT;
		for (u64 i = 0; i < n; i++)
			op[i].status = map_one(&b, &op[i]);
		batch_unlock(&b);
		if (copy_to_guest(v, handle, done * sizeof(op[0]), op, n * sizeof(op[0])))
			return -EFAULT;
	}
	return done;
}

/* What has to be let go when the chunk's translations are gone. */
struct taken_out {
	u32 ref;
	u16 dom;
	bool readonly;
};

static s16 unmap_one(struct domain *d, const struct gnttab_unmap_grant_ref *op,
		     struct taken_out *out)
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
static void let_go(const struct taken_out *out, unsigned int n)
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
 * gnttab_unmap() - GNTTABOP_unmap_grant_ref
 * @v: calling vcpu
 * @handle: array of struct gnttab_unmap_grant_ref
 * @done: elements done before
 * @count: elements of the array
 *
 * No processor translates to the frames any more when the grants are let go.
 *
 * Return: elements done, or -EFAULT.
 */
s64 gnttab_unmap(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	struct domain *d = v->domain;
	struct gnttab_unmap_grant_ref op[CHUNK];
	struct taken_out out[CHUNK];
	u64 stop = min(count, done + BEFORE_PAUSE), n;
	unsigned int taken;

	for (; done < stop; done += n) {
		n = min(stop - done, (u64)CHUNK);
		if (copy_from_guest(v, handle, done * sizeof(op[0]), op, n * sizeof(op[0])))
			return -EFAULT;
		taken = 0;
		spin_lock(&d->gt->track.lock);
		spin_lock(&d->page_lock);
		for (u64 i = 0; i < n; i++) {
			op[i].status = unmap_one(d, &op[i], &out[taken]);
			taken += !op[i].status;
		}
		if (taken)
			p2m_flush(d);
		spin_unlock(&d->page_lock);
		spin_unlock(&d->gt->track.lock);
		let_go(out, taken);
		if (copy_to_guest(v, handle, done * sizeof(op[0]), op, n * sizeof(op[0])))
			return -EFAULT;
	}
	return done;
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
	struct taken_out out;

	for (; budget && t->used; budget--) {
		e = maptrack_get(t, t->swept++);
		if (!e->flags)
			continue;
		out.ref = e->ref;
		out.dom = e->dom;
		out.readonly = e->flags & GNTMAP_readonly;
		e->flags = 0;
		t->used--;
		let_go(&out, 1);
	}
	return !t->used;
}
