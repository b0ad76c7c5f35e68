// SPDX-License-Identifier: GPL-2.0
/*
 * The page allocator: alignment, overlaps, merging and accounting of blocks; and
 * the checks that panic in it and in spinlocks.
 */
#include "test.h"

#define ARENA	(32UL << 20)
#define N	400

static struct {
	u64 ma;
	unsigned int order;
} held[N];

static u64 rnd(void)
{
	static u64 x = 362436069362436069UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static bool pattern_ok(u64 ma, unsigned int order, u8 val)
{
	for (u64 i = 0; i < BIT(order); i++)
		if (*(u8 *)ma_to_ptr(ma + i * PAGE_SIZE) != val)
			return false;
	return true;
}

static void random_blocks(void)
{
	bool aligned = true, distinct = true, accounted = true;
	u64 before = pages_free(), mine = 0;
	unsigned int got = 0;

	for (int step = 0; step < 20000; step++) {
		size_t i = rnd() % N;

		if (held[i].ma) {
			distinct &= pattern_ok(held[i].ma, held[i].order, i);
			free_pages(held[i].ma, held[i].order);
			mine -= BIT(held[i].order);
			held[i].ma = 0;
		} else {
			held[i].order = rnd() % 7;
			held[i].ma = alloc_pages(held[i].order);
			if (!held[i].ma)
				continue;
			got++;
			mine += BIT(held[i].order);
			aligned &= !(held[i].ma & ((PAGE_SIZE << held[i].order) - 1));
			for (u64 p = 0; p < BIT(held[i].order); p++)
				*(u8 *)ma_to_ptr(held[i].ma + p * PAGE_SIZE) = i;
		}
		accounted &= pages_free() == before - mine;
	}
	ok(got > 5000, "random blocks: most allocations succeed");
	ok(aligned, "random blocks: blocks are aligned to their size");
	ok(distinct, "random blocks: blocks do not overlap");
	ok(accounted, "random blocks: the count of free pages is always right");
	for (size_t i = 0; i < N; i++)
		if (held[i].ma)
			free_pages(held[i].ma, held[i].order);
	eq(pages_free(), before, "random blocks: all pages are free in the end");
}

static unsigned int largest(void)
{
	unsigned int order = MAX_ORDER + 1;
	u64 ma = 0;

	while (!ma && order)
		ma = alloc_pages(--order);
	if (ma)
		free_pages(ma, order);
	return order;
}

static void merging(void)
{
	u64 before = pages_free(), n, *all;
	unsigned int big = largest();

	all = malloc((before + 1) * sizeof(*all));
	for (n = 0; (all[n] = alloc_pages(0)); n++)
		;
	eq(n, before, "merging: all memory can be allocated as single pages");
	eq(pages_free(), 0, "merging: no page is free then");
	eq(alloc_pages(0), 0, "alloc_pages: a page fails without free memory");
	eq(alloc_pages(5), 0, "alloc_pages: a block fails without free memory");
	/* Free the pages in random order. */
	for (u64 i = 0; i < n; i++) {
		u64 k = i + rnd() % (n - i), swap = all[i];

		all[i] = all[k];
		all[k] = swap;
		free_pages(all[i], 0);
	}
	free(all);
	eq(pages_free(), before, "merging: all pages are free again");
	eq(largest(), big, "merging: single pages merge into the largest block");
}

static void edges(void)
{
	u64 ma;
	bool clear = true;

	eq(alloc_pages(MAX_ORDER + 1), 0, "alloc_pages: fails for an order out of range");
	ma = alloc_pages(3);
	memset(ma_to_ptr(ma), 0xff, PAGE_SIZE << 3);
	free_pages(ma, 3);
	ma = alloc_zeroed_pages(3);
	for (u64 i = 0; i < PAGE_SIZE << 3; i++)
		clear &= !((u8 *)ma_to_ptr(ma))[i];
	ok(clear, "alloc_zeroed_pages: the block is cleared");
	free_pages(ma, 3);
	ok(!mfn_to_page(0) && !mfn_to_page((HOST_ARENA >> PAGE_SHIFT) - 1) &&
	   !mfn_to_page((HOST_ARENA + ARENA) >> PAGE_SHIFT) && !mfn_to_page(~0UL),
	   "mfn_to_page: returns NULL outside memory");
	ok(mfn_to_page(HOST_ARENA >> PAGE_SHIFT), "mfn_to_page: finds the first frame");
	eq(pages_max_mfn(), ((HOST_ARENA + ARENA) >> PAGE_SHIFT) - 1,
	   "pages_max_mfn: returns the last frame");
}

/* Ranges of memory that are not page-aligned, too small or empty. */
static void ranges(void)
{
	u64 total = pages_total(), before = pages_free();
	u8 *mem = aligned_alloc(PAGE_SIZE, 200 * PAGE_SIZE);
	u64 base = ptr_to_ma(mem);

	pages_add_range(base + 1, base + 100 * PAGE_SIZE + 5);
	eq(pages_total(), total + 99, "pages_add_range: a range is rounded to whole pages");
	eq(pages_free(), before + 98, "pages_add_range: the frame table is taken from the range");
	pages_add_range(base + 101 * PAGE_SIZE, base + 103 * PAGE_SIZE);
	eq(pages_total(), total + 99,
	   "pages_add_range: a range too small for a frame table is ignored");
	pages_add_range(base + 150 * PAGE_SIZE, base + 120 * PAGE_SIZE);
	eq(pages_total(), total + 99,
	   "pages_add_range: a range that ends before its start is ignored");
}

static bool panics(void (*fn)(void))
{
	if (host_catch() == HOST_RUNS) {
		fn();
		host_end_armed = false;
		return false;
	}
	return true;
}

static spinlock_t outer = SPINLOCK_INIT(RANK_DOMAIN), inner = SPINLOCK_INIT(RANK_PAGE);

static void wrong_order(void)
{
	spin_lock(&inner);
	spin_lock(&outer);
}

static void not_held(void)
{
	spin_unlock(&outer);
}

static void free_twice(void)
{
	u64 ma = alloc_pages(3);

	free_pages(ma, 3);
	free_pages(ma, 3);
}

static void free_foreign(void)
{
	free_pages(HOST_ARENA + ARENA, 0);
}

/* A panic leaves the locks held that were taken before it, so the order of these tests matters. */
static void panicking(void)
{
	spin_lock(&outer);
	spin_lock(&inner);
	spin_unlock(&inner);
	spin_unlock(&outer);
	ok(true, "locks: taking two locks in the order of their ranks is correct");
	ok(panics(free_foreign), "free_pages: panics outside memory");
	ok(panics(not_held), "locks: releasing a lock that is not held panics");
	ok(panics(wrong_order), "locks: taking two locks against the order of their ranks panics");
	ok(panics(free_twice), "free_pages: panics for a block that is free");
	/* free_pages() panics with the lock of the page allocator held. */
	ok(strstr(host_console, "(XEN) PANIC: freeing 2^3 pages at "), "and says so, whatever locks are held");
}

int main(void)
{
	host_init(ARENA);
	random_blocks();
	merging();
	edges();
	ranges();
	panicking();
	return test_done();
}
