// SPDX-License-Identifier: GPL-2.0
/*
 * Grant tables: the table of a domain and its limits. A guest maps the frames of
 * its table with XENMEM_add_to_physmap. Entries have version 1.
 */
#include "core/arch_ops.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "lib/errno.h"
#include "lib/slab.h"
#include "lib/string.h"

#define GROW_STEP	8U	/* frames that a table grows by in one step of a call */

/**
 * gnttab_init() - set up the grant table and the maptrack of a new domain
 * @d: the domain; its table starts with one frame
 *
 * Return: 0 or -ENOMEM; gnttab_free() frees what there is.
 */
int gnttab_init(struct domain *d)
{
	struct gnttab *gt = xzalloc(sizeof(*gt));
	u64 mfn;

	if (!gt)
		return -ENOMEM;
	d->gt = gt;
	spin_lock_init(&gt->lock, RANK_GRANT);
	gt->max_frames = d->cfg.grant_frames ?
			 min_t(u32, d->cfg.grant_frames, GNTTAB_MAX_FRAMES) : GNTTAB_DEFAULT_FRAMES;
	gt->track.max_frames = MAPTRACK_DEFAULT_FRAMES;
	gt->shared = xzalloc(gt->max_frames * sizeof(gt->shared[0]));
	gt->active = xzalloc(gt->max_frames * sizeof(gt->active[0]));
	if (!gt->shared || !gt->active || maptrack_init(&gt->track))
		return -ENOMEM;
	return gnttab_frame(d, 0, &mfn);
}

/**
 * gnttab_free() - free the grant table and the maptrack of a dead domain
 * @d: the domain, without a p2m; no grant is pinned and no handle in use
 * @budget: frames and pages to free at most; reduced by those that were
 *
 * Return: true if all is freed; false if another call is needed.
 */
bool gnttab_free(struct domain *d, u32 *budget)
{
	struct gnttab *gt = d->gt;

	if (!gt)
		return true;
	for (; gt->nr_frames; --*budget) {
		if (!*budget)
			return false;
		gt->nr_frames--;
		free_pages(ptr_to_ma(gt->shared[gt->nr_frames]), 0);
		xfree(gt->active[gt->nr_frames]);
	}
	if (!maptrack_free(&gt->track, budget))
		return false;
	xfree(gt->shared);
	xfree(gt->active);
	xfree(gt);
	d->gt = NULL;
	return true;
}

/* Adds a frame to the table. gt->lock held. */
static int gnttab_grow(struct gnttab *gt)
{
	struct grant_active *active = xzalloc(GNTTAB_PER_FRAME * sizeof(*active));
	u64 ma;

	if (!active)
		return -ENOMEM;
	ma = alloc_zeroed_pages(0);
	if (!ma) {
		xfree(active);
		return -ENOMEM;
	}
	gt->active[gt->nr_frames] = active;
	gt->shared[gt->nr_frames] = ma_to_ptr(ma);
	WRITE_ONCE(gt->nr_frames, gt->nr_frames + 1);
	return 0;
}

/**
 * gnttab_frame() - find a frame of a grant table; the table grows to it
 * @d: the domain
 * @index: index of the frame in the table
 * @mfn: set to the machine frame
 *
 * Takes gt->lock.
 *
 * Return: 0, -EINVAL beyond the limit of the domain, -ENOMEM; -EAGAIN if it has grown by GROW_STEP
 * frames and not yet to @index, and has to be called again.
 */
int gnttab_frame(struct domain *d, u64 index, u64 *mfn)
{
	struct gnttab *gt = d->gt;
	int rc = 0;

	spin_lock(&gt->lock);
	if (index >= gt->max_frames)
		rc = -EINVAL;
	for (u32 n = 0; !rc && gt->nr_frames <= index; n++)
		rc = n < GROW_STEP ? gnttab_grow(gt) : -EAGAIN;
	if (!rc)
		*mfn = ptr_to_ma(gt->shared[index]) >> PAGE_SHIFT;
	spin_unlock(&gt->lock);
	return rc;
}

/**
 * gnttab_seed() - grant a frame on behalf of a domain that is being built
 * @d: a domain that does not run yet
 * @ref: one of the reserved grant references
 * @to: domid of the domain that may use the frame
 * @gfn: frame of @d's RAM
 */
void gnttab_seed(struct domain *d, u32 ref, u16 to, u64 gfn)
{
	struct grant_entry_v1 *e = grant_entry(d->gt, ref);

	e->frame = gfn;
	e->domid = to;
	e->flags = GTF_permit_access;
}

/**
 * gnttab_set_limits() - limit how much a domain may grant and map
 * @d: the domain
 * @frames: largest number of frames of its grant table
 * @maptrack_frames: largest number of pages of its maptrack, 256 mappings each
 *
 * Takes gt->lock, and inside of it the lock of the maptrack.
 *
 * Return: 0, -EINVAL beyond what any domain may have, -EBUSY if the domain has
 * more already, -ENOMEM.
 */
int gnttab_set_limits(struct domain *d, u32 frames, u32 maptrack_frames)
{
	struct grant_entry_v1 **shared;
	struct grant_active **active;
	struct gnttab *gt = d->gt;
	int rc;

	if (!frames || frames > GNTTAB_MAX_FRAMES || maptrack_frames > MAPTRACK_MAX_FRAMES)
		return -EINVAL;
	shared = xzalloc(frames * sizeof(shared[0]));
	active = xzalloc(frames * sizeof(active[0]));
	rc = shared && active ? 0 : -ENOMEM;
	spin_lock(&gt->lock);
	if (!rc && frames < gt->nr_frames)
		rc = -EBUSY;
	if (!rc) {
		spin_lock(&gt->track.lock);
		rc = maptrack_limit(&gt->track, maptrack_frames);
		spin_unlock(&gt->track.lock);
	}
	if (!rc) {
		memcpy(shared, gt->shared, gt->nr_frames * sizeof(shared[0]));
		memcpy(active, gt->active, gt->nr_frames * sizeof(active[0]));
		swap(gt->shared, shared);
		swap(gt->active, active);
		WRITE_ONCE(gt->max_frames, frames);
	}
	spin_unlock(&gt->lock);
	xfree(shared);
	xfree(active);
	return rc;
}

static bool grant_in_use(const struct gnttab *gt, u32 ref)
{
	const struct grant_active *act = grant_active(gt, ref);

	return act->readers || act->writers;
}

/* gt->lock held, so neither entry can be pinned meanwhile. */
static s16 gnttab_swap_locked(struct gnttab *gt, u32 ref_a, u32 ref_b)
{
	u64 *a, *b, was;

	if (ref_a >= gnttab_entries(gt) || ref_b >= gnttab_entries(gt))
		return GNTST_bad_gntref;
	if (grant_in_use(gt, ref_a) || grant_in_use(gt, ref_b))
		return GNTST_eagain;
	/*
	 * Copy each entry as one word. Other vcpus of the domain may write to it at
	 * the same time, but no entry may end up with the halves of two grants.
	 */
	a = (u64 *)grant_entry(gt, ref_a);
	b = (u64 *)grant_entry(gt, ref_b);
	was = READ_ONCE(*a);
	WRITE_ONCE(*a, READ_ONCE(*b));
	WRITE_ONCE(*b, was);
	return GNTST_okay;
}

/**
 * gnttab_swap() - GNTTABOP_swap_grant_ref: exchange two entries of a table
 * @d: the domain
 * @ref_a: one grant reference, unchecked
 * @ref_b: the other
 *
 * Takes gt->lock.
 *
 * Return: GNTST_okay, GNTST_bad_gntref for a reference out of range, GNTST_eagain
 * if one of the grants is in use.
 */
s16 gnttab_swap(struct domain *d, u32 ref_a, u32 ref_b)
{
	s16 status;

	spin_lock(&d->gt->lock);
	status = gnttab_swap_locked(d->gt, ref_a, ref_b);
	spin_unlock(&d->gt->lock);
	return status;
}
