// SPDX-License-Identifier: GPL-2.0
/*
 * The page allocator: a buddy system over the ranges of RAM that boot/ adds.
 * A block is 2^order frames, aligned to its size by machine address so that it can
 * become a large leaf of a domain's radix tree. Each range holds its own frame
 * table in its first pages; blocks never span ranges.
 */
#include "lib/page.h"
#include "lib/bitops.h"
#include "lib/lock.h"
#include "lib/printf.h"
#include "lib/string.h"

struct page_range page_ranges[MAX_RANGES];
unsigned int nr_page_ranges;

static struct list_head free_list[MAX_ORDER + 1];
static spinlock_t heap_lock = SPINLOCK_INIT(RANK_HEAP);
static u64 nr_free, nr_total;

#define CLEAR_BLOCK 128	/* a cache block of POWER9 and POWER10 */

#ifndef HV_HOST
/* dcbz clears a cache block without reading it from memory. */
static inline void clear_block(void *p)
{
	__asm__ __volatile__("dcbz 0,%0" : : "r" (p) : "memory");
}
#else
static inline void clear_block(void *p)
{
	memset(p, 0, CLEAR_BLOCK);
}
#endif

/**
 * clear_memory() - set machine memory to 0
 * @ma: machine address, a multiple of the page size
 * @bytes: length, a multiple of the page size; cacheable RAM
 */
void clear_memory(u64 ma, u64 bytes)
{
	for (u64 end = ma + bytes; ma < end; ma += CLEAR_BLOCK)
		clear_block(ma_to_ptr(ma));
}

static const struct page_range *page_range_of(u64 mfn)
{
	for (unsigned int i = 0; i < nr_page_ranges; i++)
		if (mfn >= page_ranges[i].start && mfn < page_ranges[i].end)
			return &page_ranges[i];
	return NULL;
}

static void page_free_block(struct page *p, unsigned int order)
{
	WRITE_ONCE(p->state, PG_FREE);
	WRITE_ONCE(p->order, order);
	list_add(&p->list, &free_list[order]);
}

/*
 * Free a block, merging it with its buddy while that is free. heap_lock held.
 *
 * Against the owner of the buddy, which may write state and order of its frames
 * without the lock: it never writes PG_FREE, so a buddy read meanwhile does not
 * look free.
 */
static void page_merge_block(const struct page_range *r, u64 mfn, unsigned int order)
{
	WRITE_ONCE(nr_free, nr_free + BIT(order));
	for (; order < MAX_ORDER; order++) {
		u64 buddy = mfn ^ BIT(order);
		struct page *b;

		if (buddy < r->start || buddy + BIT(order) > r->end)
			break;
		b = r->map + (buddy - r->start);
		if (READ_ONCE(b->state) != PG_FREE || READ_ONCE(b->order) != order)
			break;
		list_del_init(&b->list);
		WRITE_ONCE(b->state, PG_RESERVED);
		WRITE_ONCE(r->map[mfn - r->start].state, PG_RESERVED);
		mfn &= ~BIT(order);
	}
	page_free_block(r->map + (mfn - r->start), order);
}

/**
 * pages_add_range() - give RAM to the allocator
 * @start: machine address of the first byte
 * @end: machine address after the last byte
 *
 * The range is cut to whole pages; its first pages hold its frame table. A range
 * of fewer than 16 frames is ignored, and one for which page_ranges[] has no room
 * is reported and ignored. Ranges must not overlap. Boot only.
 */
void pages_add_range(u64 start, u64 end)
{
	u64 first = (start + PAGE_MASK) >> PAGE_SHIFT, last = end >> PAGE_SHIFT;
	struct page_range *r;
	u64 map_pages, mfn;

	if (!free_list[0].next)
		for (unsigned int i = 0; i <= MAX_ORDER; i++)
			list_init(&free_list[i]);
	if (first == 0)
		first = 1;
	if (last < first + 16)
		return;
	if (nr_page_ranges == MAX_RANGES) {
		printk("memory: no room for the range %lx-%lx, ignored\n", start, end);
		return;
	}

	map_pages = ((last - first) * sizeof(struct page) + PAGE_MASK) >> PAGE_SHIFT;
	/* Keep the ranges sorted by size: mfn_to_page() then finds most frames in the first. */
	for (r = &page_ranges[nr_page_ranges]; r > page_ranges; r--) {
		if (r[-1].end - r[-1].start >= last - first)
			break;
		*r = r[-1];
	}
	r->start = first;
	r->end = last;
	r->map = ma_to_ptr(first << PAGE_SHIFT);
	clear_memory(first << PAGE_SHIFT, map_pages << PAGE_SHIFT);
	nr_page_ranges++;
	nr_total += last - first;
	for (mfn = first; mfn < last; mfn++)
		r->map[mfn - first].owner = PAGE_NO_OWNER;

	for (mfn = first + map_pages; mfn < last;) {
		unsigned int order = min_t(unsigned int, MAX_ORDER, ffs64(mfn));

		while (mfn + BIT(order) > last)
			order--;
		page_merge_block(r, mfn, order);
		mfn += BIT(order);
	}
}

/**
 * alloc_pages() - allocate machine memory
 * @order: 2^order frames, aligned to their size
 *
 * The memory is not cleared. Takes the heap lock.
 *
 * Return: machine address, 0 if no block of that size is free.
 */
u64 alloc_pages(unsigned int order)
{
	const struct page_range *r;
	struct page *p = NULL;
	unsigned int o;
	u64 mfn = 0;

	if (order > MAX_ORDER)
		return 0;
	spin_lock(&heap_lock);
	for (o = order; o <= MAX_ORDER; o++) {
		if (!free_list[o].next || list_empty(&free_list[o]))
			continue;
		p = list_first_entry(&free_list[o], struct page, list);
		break;
	}
	if (!p)
		goto out;
	list_del_init(&p->list);
	for (r = page_ranges; p < r->map || p >= r->map + (r->end - r->start); r++)
		;
	mfn = r->start + (p - r->map);
	while (o > order) {
		o--;
		page_free_block(p + BIT(o), o);
	}
	WRITE_ONCE(p->state, PG_USED);
	WRITE_ONCE(p->order, order);
	p->count = 1;
	p->owner = PAGE_NO_OWNER;
	WRITE_ONCE(nr_free, nr_free - BIT(order));
out:
	spin_unlock(&heap_lock);
	return mfn << PAGE_SHIFT;
}

/**
 * alloc_zeroed_pages() - allocate machine memory that reads as 0
 * @order: 2^order frames, aligned to their size
 *
 * Return: machine address, 0 if no block of that size is free.
 */
u64 alloc_zeroed_pages(unsigned int order)
{
	u64 ma = alloc_pages(order);

	if (ma)
		clear_memory(ma, PAGE_SIZE << order);
	return ma;
}

/**
 * free_pages() - free machine memory
 * @ma: address that alloc_pages() returned, or any aligned part of such a block
 * @order: 2^order frames
 *
 * Panics on memory that is not the allocator's or is free. Takes the heap lock.
 */
void free_pages(u64 ma, unsigned int order)
{
	u64 mfn = ma >> PAGE_SHIFT;
	const struct page_range *r = page_range_of(mfn);

	if (!r || mfn + BIT(order) > r->end || (mfn & (BIT(order) - 1)))
		panic("freeing 2^%u pages at %lx: no such block", order, ma);
	spin_lock(&heap_lock);
	if (r->map[mfn - r->start].state == PG_FREE)
		panic("freeing 2^%u pages at %lx: free already", order, ma);
	for (u64 i = 0; i < BIT(order); i++) {
		r->map[mfn - r->start + i].owner = PAGE_NO_OWNER;
		r->map[mfn - r->start + i].count = 0;
		WRITE_ONCE(r->map[mfn - r->start + i].state, PG_RESERVED);
	}
	page_merge_block(r, mfn, order);
	spin_unlock(&heap_lock);
}

/**
 * pages_free() - count the free frames
 *
 * Takes no lock: allocations on other pCPUs may change the count at any time.
 *
 * Return: frames of 4 KiB.
 */
u64 pages_free(void)
{
	return READ_ONCE(nr_free);
}

/**
 * pages_total() - count all frames of the allocator
 *
 * Return: frames of 4 KiB, frame tables included.
 */
u64 pages_total(void)
{
	return nr_total;
}

/**
 * pages_max_mfn() - find the end of RAM
 *
 * Return: highest frame number that the allocator knows.
 */
u64 pages_max_mfn(void)
{
	u64 top = 0;

	for (unsigned int i = 0; i < nr_page_ranges; i++)
		top = max(top, page_ranges[i].end - 1);
	return top;
}
