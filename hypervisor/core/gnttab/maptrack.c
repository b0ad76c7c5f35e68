// SPDX-License-Identifier: GPL-2.0
/*
 * Which grants of others a domain has mapped, and where: one entry for each
 * mapping, whose number is the handle that the domain gives back to unmap it.
 *
 * A handle proves nothing. Whoever takes one back checks that the entry is in
 * use and that the guest frame is the one the mapping was made at, which is
 * enough: a domain can name nothing but its own mappings.
 */
#include "core/gnttab/gnttab.h"
#include "lib/errno.h"
#include "lib/slab.h"
#include "lib/string.h"

/**
 * maptrack_init() - no mappings yet
 * @t: of a new domain; max_frames is set
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
 * maptrack_free() - free what a dead domain had
 * @t: nothing of it is in use
 */
void maptrack_free(struct maptrack *t)
{
	for (u32 i = 0; i < t->nr_frames; i++)
		xfree(t->page[i]);
	xfree(t->page);
	t->page = NULL;
	t->nr_frames = 0;
}

/**
 * maptrack_limit() - how many mappings a domain may have
 * @t: its maptrack, locked
 * @frames: pages of entries; not fewer than there are
 *
 * Return: 0, -EBUSY if it has more, -ENOMEM.
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

static bool grow(struct maptrack *t)
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
 * maptrack_alloc() - a handle for a new mapping
 * @t: the mapper's, locked
 *
 * Return: the handle, whose entry the caller fills in; MAPTRACK_NONE if the
 * domain has as many as it may have, or there is no memory for more.
 */
u32 maptrack_alloc(struct maptrack *t)
{
	u32 handle = t->free;

	if (unlikely(handle == MAPTRACK_NONE)) {
		if (!grow(t))
			return MAPTRACK_NONE;
		handle = t->free;
	}
	t->free = maptrack_get(t, handle)->ref;
	t->used++;
	return handle;
}

/**
 * maptrack_release() - a handle is free again
 * @t: the mapper's, locked
 * @handle: one in use
 */
void maptrack_release(struct maptrack *t, u32 handle)
{
	struct maptrack_entry *e = maptrack_get(t, handle);

	e->flags = 0;
	e->ref = t->free;
	t->free = handle;
	t->used--;
}
