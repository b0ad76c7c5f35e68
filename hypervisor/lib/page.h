/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Machine memory: the frame table and the page allocator.
 *
 * A machine address (ma) has the value of a pointer to it: the hypervisor runs in
 * real mode, and the unit tests map their memory accordingly. A machine frame
 * number (mfn) counts 4 KiB frames. Address 0 is never allocated and means "none".
 *
 * Every frame of the allocator has a struct page. Its list links a free block to
 * the free list of its order, and a domain's frame to the domain's list
 * (core/mm/memory.c). That of a table of a p2m says where its parent's entry is
 * and counts its own (arch/p2m_table.c).
 */
#ifndef HV_LIB_PAGE_H
#define HV_LIB_PAGE_H

#include "lib/byteorder.h"
#include "lib/list.h"
#include "lib/types.h"

#define MAX_ORDER	18		/* 1 GiB: the largest leaf of a radix tree */
#define PAGE_NO_OWNER	0xffff

enum page_state {
	PG_RESERVED,	/* holds the frame table, or lies in the middle of a block */
	PG_FREE,	/* head of a free block */
	PG_USED,	/* head of an allocated block */
	PG_SLAB,	/* cut into small objects by xmalloc() */
	PG_LARGE,	/* an xmalloc() of whole pages */
	PG_TABLE,	/* a table of a p2m */
	PG_TABLE_EMPTY,	/* one on its domain's list of those that became empty */
};

struct page {
	union {
		struct list_head list;
		struct {
			struct page *next;
			be64 *slot;	/* the entry that links the table */
		} table;	/* PG_TABLE, PG_TABLE_EMPTY */
	};
	u32 count;	/* references: one for the owner, one for each mapping; of a table: entries in use */
	u16 owner;	/* domid, kept until the last reference is dropped; PAGE_NO_OWNER: the hypervisor */
	u8 order;
	u8 state;	/* enum page_state */
};

struct page_range {
	u64 start, end;	/* mfns, end excluded */
	struct page *map;
};

#define MAX_RANGES	32
extern struct page_range page_ranges[MAX_RANGES];
extern unsigned int nr_page_ranges;

/* Return: NULL for a frame that is not the allocator's (firmware, devices). */
static inline struct page *mfn_to_page(u64 mfn)
{
	const struct page_range *r = page_ranges;
	const struct page_range *end = r + nr_page_ranges;

	for (; r < end; r++)
		if (mfn - r->start < r->end - r->start)
			return r->map + (mfn - r->start);
	return NULL;
}

/* @pg must be a frame of the allocator's. */
static inline u64 page_to_mfn(const struct page *pg)
{
	const struct page_range *r = page_ranges;

	while (pg < r->map || pg >= r->map + (r->end - r->start))
		r++;
	return r->start + (pg - r->map);
}

static inline void *ma_to_ptr(u64 ma)
{
	return (void *)(uintptr_t)ma;
}

static inline u64 ptr_to_ma(const void *p)
{
	return (uintptr_t)p;
}

void pages_add_range(u64 start, u64 end);
u64 alloc_pages(unsigned int order);
u64 alloc_zeroed_pages(unsigned int order);
void free_pages(u64 ma, unsigned int order);
void clear_memory(u64 ma, u64 bytes);
u64 pages_free(void);
u64 pages_total(void);
u64 pages_max_mfn(void);

#endif
