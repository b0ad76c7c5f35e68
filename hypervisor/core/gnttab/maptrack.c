// SPDX-License-Identifier: GPL-2.0
/*
 * Maptrack: the grants of other domains that a domain has mapped, and where.
 * There is one entry for each mapping. Its number is the handle, which the
 * domain passes to GNTTABOP_unmap_grant_ref.
 *
 * The guest can pass any number as a handle. Unmapping checks that the entry is
 * in use and that it is for the guest frame which the guest names. Nothing more
 * is needed, since a domain reaches only the entries of its own maptrack.
 */
#include "core/gnttab/gnttab.h"
#include "lib/errno.h"
#include "lib/slab.h"
#include "lib/string.h"

/**
 * maptrack_init() - set up the maptrack of a new domain
 * @t: the maptrack, zeroed, with max_frames set
 *
 * Return: 0 or -ENOMEM.
 */
int maptrack_init(struct maptrack *t)
{
	spin_lock_init(&t->lock, RANK_MAPTRACK);
	t->free = MAPTRACK_NONE;
	t->page = xzalloc(t->max_frames * sizeof(t->page[0]));
	return t->page ? 0 : -ENOMEM;
}

/**
 * maptrack_free() - free the maptrack of a dead domain
 * @t: the maptrack, with no entry in use
 * @budget: pages to free at most; reduced by those that were
 *
 * Return: true if all is freed; false if another call is needed.
 */
bool maptrack_free(struct maptrack *t, u32 *budget)
{
	for (; t->nr_frames; --*budget) {
		if (!*budget)
			return false;
		xfree(t->page[--t->nr_frames]);
	}
	xfree(t->page);
	t->page = NULL;
	return true;
}

/**
 * maptrack_limit() - set how many mappings a domain may have
 * @t: its maptrack, lock held
 * @frames: limit, in pages of MAPTRACK_PER_FRAME entries
 *
 * Return: 0, -EBUSY if it has more pages already, -ENOMEM.
 */
int maptrack_limit(struct maptrack *t, u32 frames)
{
	struct maptrack_entry **page;

	if (frames < t->nr_frames)
		return -EBUSY;
	page = xzalloc(frames * sizeof(page[0]));
	if (!page)
		return -ENOMEM;
	memcpy(page, t->page, t->nr_frames * sizeof(page[0]));
	xfree(t->page);
	t->page = page;
	t->max_frames = frames;
	return 0;
}

/* Adds a page of free entries. Return: false at the limit or without memory. */
static bool maptrack_grow(struct maptrack *t)
{
	struct maptrack_entry *page;
	u32 first = t->nr_frames * MAPTRACK_PER_FRAME;

	if (t->nr_frames >= t->max_frames)
		return false;
	page = xzalloc(MAPTRACK_PER_FRAME * sizeof(*page));
	if (!page)
		return false;
	for (u32 i = 0; i < MAPTRACK_PER_FRAME; i++)
		page[i].ref = first + i + 1;
	page[MAPTRACK_PER_FRAME - 1].ref = t->free;
	t->page[t->nr_frames++] = page;
	t->free = first;
	return true;
}

/**
 * maptrack_alloc() - allocate a handle for a new mapping
 * @t: maptrack of the domain that maps, lock held
 *
 * Return: the handle, whose entry the caller fills in; MAPTRACK_NONE if the
 * domain is at its limit or there is no memory.
 */
u32 maptrack_alloc(struct maptrack *t)
{
	u32 handle = t->free;

	if (unlikely(handle == MAPTRACK_NONE)) {
		if (!maptrack_grow(t))
			return MAPTRACK_NONE;
		handle = t->free;
	}
	t->free = maptrack_get(t, handle)->ref;
	t->used++;
	return handle;
}

/**
 * maptrack_release() - free a handle
 * @t: maptrack of the domain that had the mapping, lock held
 * @handle: a handle in use
 */
void maptrack_release(struct maptrack *t, u32 handle)
{
	struct maptrack_entry *e = maptrack_get(t, handle);

	e->flags = 0;
	e->ref = t->free;
	t->free = handle;
	t->used--;
}
