// SPDX-License-Identifier: GPL-2.0
/*
 * The object allocator. A small object comes from a slab: a page cut into objects
 * of one size class behind a 64-byte header. A large object is a block of whole
 * pages. xfree() reads the frame table to tell the two apart. Small objects are
 * aligned to 16 bytes, large ones to a page.
 */
#include "lib/slab.h"
#include "lib/list.h"
#include "lib/lock.h"
#include "lib/page.h"
#include "lib/printf.h"
#include "lib/string.h"

struct slab {
	struct list_head link;	/* on slab_partial[class] while an object is free */
	void *free;		/* list of free objects, linked through the first word of each */
	u16 used;
	u16 class;
};

#define SLAB_HEADER	64

/* Sizes that waste little of the 4032 bytes behind the header. */
static const u16 class_size[] = { 32, 64, 128, 256, 496, 1008, 1344, 2016 };

static struct list_head slab_partial[ARRAY_SIZE(class_size)];
static spinlock_t slab_lock = SPINLOCK_INIT(RANK_HEAP);

static struct slab *slab_new(unsigned int class)
{
	u64 ma = alloc_pages(0);
	struct slab *s;
	u8 *obj;

	if (!ma)
		return NULL;
	WRITE_ONCE(mfn_to_page(ma >> PAGE_SHIFT)->state, PG_SLAB);
	s = ma_to_ptr(ma);
	s->free = NULL;
	s->used = 0;
	s->class = class;
	for (obj = (u8 *)s + SLAB_HEADER; obj + class_size[class] <= (u8 *)s + PAGE_SIZE;
	     obj += class_size[class]) {
		*(void **)obj = s->free;
		s->free = obj;
	}
	list_init(&s->link);
	return s;
}

static void *slab_alloc_large(size_t n)
{
	unsigned int order = 0;
	u64 ma;

	while ((PAGE_SIZE << order) < n)
		if (++order > MAX_ORDER)
			return NULL;
	ma = alloc_pages(order);
	if (!ma)
		return NULL;
	WRITE_ONCE(mfn_to_page(ma >> PAGE_SHIFT)->state, PG_LARGE);
	return ma_to_ptr(ma);
}

/**
 * xmalloc() - allocate an object
 * @n: bytes, not 0
 *
 * Return: the object, its contents undefined; NULL without memory.
 */
void *xmalloc(size_t n)
{
	unsigned int c = 0;
	struct slab *s;
	void *obj;

	while (c < ARRAY_SIZE(class_size) && class_size[c] < n)
		c++;
	if (c == ARRAY_SIZE(class_size))
		return slab_alloc_large(n);

	spin_lock(&slab_lock);
	if (!slab_partial[c].next)
		list_init(&slab_partial[c]);
	if (list_empty(&slab_partial[c])) {
		/* The page allocator's lock has the same rank: not while holding slab_lock. */
		spin_unlock(&slab_lock);
		s = slab_new(c);
		if (!s)
			return NULL;
		spin_lock(&slab_lock);
		list_add(&s->link, &slab_partial[c]);
	}
	s = list_first_entry(&slab_partial[c], struct slab, link);
	obj = s->free;
	s->free = *(void **)obj;
	s->used++;
	if (!s->free)
		list_del_init(&s->link);
	spin_unlock(&slab_lock);
	return obj;
}

/**
 * xzalloc() - allocate an object filled with 0
 * @n: bytes, not 0
 *
 * Return: the object; NULL without memory.
 */
void *xzalloc(size_t n)
{
	void *p = xmalloc(n);

	if (p)
		memset(p, 0, n);
	return p;
}

/**
 * xfree() - free an object
 * @p: from xmalloc() or xzalloc(), or NULL
 */
void xfree(void *p)
{
	struct page *pg;
	struct slab *s;
	bool empty;

	if (!p)
		return;
	pg = mfn_to_page(ptr_to_ma(p) >> PAGE_SHIFT);
	if (pg && pg->state == PG_LARGE && !(ptr_to_ma(p) & PAGE_MASK)) {
		free_pages(ptr_to_ma(p), pg->order);
		return;
	}
	if (!pg || pg->state != PG_SLAB)
		panic("freeing an object at %p that was not allocated", p);

	s = ma_to_ptr(ptr_to_ma(p) & ~PAGE_MASK);
	spin_lock(&slab_lock);
	if (!s->free)
		list_add(&s->link, &slab_partial[s->class]);
	*(void **)p = s->free;
	s->free = p;
	empty = --s->used == 0;
	if (empty)
		list_del_init(&s->link);
	spin_unlock(&slab_lock);
	if (empty)
		free_pages(ptr_to_ma(s), 0);
}
