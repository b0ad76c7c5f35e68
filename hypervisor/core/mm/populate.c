// SPDX-License-Identifier: GPL-2.0
/*
 * New memory for domains: at once, or in steps of bounded length for a domain that is being built while
 * others run.
 */
#include "core/arch_ops.h"
#include "core/mm/memory.h"
#include "lib/bitops.h"
#include "lib/errno.h"

#define LARGE_ORDER	9	/* smallest leaf above 4 KiB: 2 MiB */
#define STEP_FRAMES	128U	/* cleared in one step */

/*
 * Turns @nr frames of a block from the allocator into single frames of @d. page_lock held. Called before
 * the frames are in the p2m, where hypercalls could find them and take references.
 */
static void memory_assign(struct domain *d, u64 mfn, u64 nr)
{
	struct page *pg = mfn_to_page(mfn);

	for (u64 i = 0; i < nr; i++, pg++) {
		/* The allocator reads these of neighbouring frames under its own lock: lib/page.c. */
		WRITE_ONCE(pg->order, 0);
		WRITE_ONCE(pg->state, PG_USED);
		pg->owner = d->id;
		list_add_tail(&pg->list, &d->pages);
		__atomic_store_n(&pg->count, 1, __ATOMIC_RELEASE);
	}
	__atomic_add_fetch(&d->tot_pages, nr, __ATOMIC_RELAXED);
}

/* Undoes memory_assign() of a block after its frames could not be mapped. page_lock held. */
static void memory_unassign_block(struct domain *d, u64 mfn, unsigned int order)
{
	struct page *pg = mfn_to_page(mfn);

	for (u64 i = 0; i < BIT(order); i++)
		list_del_init(&pg[i].list);
	__atomic_sub_fetch(&d->tot_pages, BIT(order), __ATOMIC_RELAXED);
	free_pages(mfn << PAGE_SHIFT, order);
}

/*
 * Allocates the largest block that is free, not larger than @nr frames, 2^@most or the alignment of @gfn.
 * Returns its machine address, 0 if no frame is free.
 */
static u64 memory_alloc_block(u64 gfn, u64 nr, unsigned int most, unsigned int *order)
{
	u64 ma;

	*order = min_t(unsigned int, most, ilog2(nr));
	if (gfn)
		*order = min(*order, ffs64(gfn));
	for (ma = alloc_pages(*order); !ma && *order; ma = alloc_pages(*order))
		--*order;
	return ma;
}

/* The highest frame populated so far, of the domain's RAM. page_lock held. */
static void memory_raise_max_gfn(struct domain *d, u64 end)
{
	if (end <= ram_frames(d))
		WRITE_ONCE(d->max_gfn, max(d->max_gfn, end - 1));
}

/**
 * memory_populate_locked() - map new, zeroed frames in blocks as large as possible
 * @d: the domain
 * @gfn: first guest frame; nothing is mapped there
 * @nr: frames
 *
 * page_lock held, for as long as all of the memory is cleared.
 *
 * Return: 0, -ENOMEM.
 */
int memory_populate_locked(struct domain *d, u64 gfn, u64 nr)
{
	unsigned int order, most = MAX_ORDER;
	int rc = 0;
	u64 ma;

	if (domain_pages(d) + nr > d->max_pages)
		return -ENOMEM;
	while (nr && !rc) {
		ma = memory_alloc_block(gfn, nr, most, &order);
		if (!ma)
			return -ENOMEM;
		clear_memory(ma, PAGE_SIZE << order);
		memory_assign(d, ma >> PAGE_SHIFT, BIT(order));
		rc = p2m_map(d, gfn, ma >> PAGE_SHIFT, order, P2M_RAM, true);
		if (rc) {
			memory_unassign_block(d, ma >> PAGE_SHIFT, order);
			if (rc != -EEXIST || order < LARGE_ORDER)
				break;
			/* A table of small leaves is in the way of a large one. */
			most = LARGE_ORDER - 1;
			rc = 0;
			continue;
		}
		gfn += BIT(order);
		nr -= BIT(order);
		memory_raise_max_gfn(d, gfn);
	}
	return rc;
}

/**
 * memory_populate() - add zeroed memory to a new domain
 * @d: the domain, which does not run yet
 * @gfn: first guest frame; nothing is mapped there
 * @nr: frames
 *
 * Uses blocks as large as alignment and the allocator allow, so that the p2m gets large leaves.
 * Takes page_lock.
 *
 * Return: 0; -ENOMEM if memory is short or the domain's limit is reached (frames populated until
 * then stay).
 */
int memory_populate(struct domain *d, u64 gfn, u64 nr)
{
	int rc;

	spin_lock(&d->page_lock);
	rc = memory_populate_locked(d, gfn, nr);
	spin_unlock(&d->page_lock);
	return rc;
}

/**
 * memory_populate_step() - add a part of the memory of a new domain
 * @d: the domain, which nobody finds yet
 * @p: what is left to do: gfn and nr by the caller, all else zero at first
 *
 * Clears at most STEP_FRAMES frames. A block is mapped when all of it is cleared. Takes page_lock.
 *
 * Return: 1 if there is more to do, 0 if all is mapped; -ENOMEM if memory is short or the domain's
 * limit is reached. Frames populated until then stay, and are freed with the domain; between two steps
 * there may be a block of which only a part belongs to the domain, so that the caller has to go on.
 */
int memory_populate_step(struct domain *d, struct populate *p)
{
	u64 mfn, part;
	int rc = 0;

	if (!p->nr)
		return 0;
	if (!p->block) {
		if (domain_pages(d) + p->nr > d->max_pages)
			return -ENOMEM;
		p->block = memory_alloc_block(p->gfn, p->nr, MAX_ORDER, &p->order);
		if (!p->block)
			return -ENOMEM;
		p->done = 0;
	}
	mfn = p->block >> PAGE_SHIFT;
	part = min_t(u64, BIT(p->order) - p->done, STEP_FRAMES);
	clear_memory((mfn + p->done) << PAGE_SHIFT, part << PAGE_SHIFT);
	spin_lock(&d->page_lock);
	memory_assign(d, mfn + p->done, part);
	p->done += part;
	if (p->done == BIT(p->order)) {
		p->block = 0;
		rc = p2m_map(d, p->gfn, mfn, p->order, P2M_RAM, true);
		p->gfn += BIT(p->order);
		p->nr -= BIT(p->order);
		if (!rc)
			memory_raise_max_gfn(d, p->gfn);
	}
	spin_unlock(&d->page_lock);
	return rc ?: p->nr != 0;
}
