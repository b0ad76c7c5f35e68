// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of the real arch/p2m.c: how many a domain may have, when they are freed, and what a lookup on
 * another pCPU finds meanwhile. test_mmu does what is random.
 */
#include "test.h"
#include "arch/internal.h"
#include "arch/p2m_table.h"
#include "arch/radix.h"
#include "core/exit_work.h"
#include "host/host.h"
#include "host/mmu.h"
#include "lib/bitops.h"
#include "lib/errno.h"

#define POWER9		0x004e1202UL
#define WINDOW		BIT(30)	/* guest frame */
#define NTH(n)		(WINDOW + ((n) << 9))
#define UNTIL_FULL	600UL
#define PASSES		12	/* two grace periods, and some frames to free */

static struct domain dom;
static u64 frames;	/* machine frames of a 2 MiB block */

static int map(u64 gfn)
{
	int rc = p2m_insert(&dom, gfn, frames + (gfn & 0x1ff), P2M_GRANT, true);

	p2m_sync();
	return rc;
}

static bool mapped(u64 gfn)
{
	bool w;
	u64 mfn;

	return p2m_lookup(&dom, gfn, &mfn, &w) != P2M_NONE;
}

/* Every pCPU passes through exit_work(), so that frames which wait for a grace period are freed. */
static void pass(void)
{
	for (int i = 0; i < PASSES; i++) {
		host_advance_ns(NSEC_PER_MSEC);
		for (host_pcpu = 0; host_pcpu < nr_pcpus; host_pcpu++)
			(void)host_next();
		host_pcpu = 0;
	}
}

static void start(void)
{
	if (p2m_init(&dom))
		abort();
}

static void end(u64 before)
{
	while (!p2m_destroy(&dom))
		;
	pass();
	eq(pages_free(), before, "all frames are free in the end");
}

/* What the records say, against the tables. Return: the tables. */
static unsigned int count(const be64 *table, unsigned int level, bool *good)
{
	unsigned int tables = 1, used = 0;

	for (unsigned int i = 0; i < (level ? 512 : ROOT_ENTRIES); i++) {
		u64 e = rpte_read(&table[i]);

		used += e != 0;
		if (e && !(e & RPTE_LEAF))
			tables += count(arch_ma_to_ptr(e & RPTE_RPN), level + 1, good);
	}
	if (level && p2m_page(table)->count != used)
		*good = false;
	return tables;
}

static unsigned int tables(void)
{
	bool good = true;
	unsigned int n = count(dom.arch.root, 0, &good) - 1;

	return good && n == dom.arch.tables ? n : -1U;
}

/* A small domain maps a frame in every 2 MiB: it gets so many tables, and all come back. */
static void limit(void)
{
	u64 before = pages_free(), n = 0;

	start();
	while (n < UNTIL_FULL && !map(NTH(n)))
		n++;
	ok(n > 64 && n < 512, "a domain that maps a frame in every 2 MiB comes to a limit");
	eq(map(NTH(n)), -ENOMEM, "and gets -ENOMEM");
	eq(map(WINDOW + 1), 0, "where it has a table it can map on");
	eq(p2m_unmap(&dom, NTH(1)), 0, "it unmaps one");
	eq(map(NTH(n)), 0, "and maps another instead, at the limit");
	eq(map(NTH(1)), -ENOMEM, "but no more");
	dom.privileged = true;
	eq(map(NTH(n + 1)), 0, "dom0 has no such limit");
	dom.privileged = false;
	end(before);
}

/* It maps and unmaps a frame in every 2 MiB, many times. */
static void sweep(void)
{
	u64 before = pages_free(), most = 0, tables_now;
	bool worked = true;

	start();
	for (u64 round = 0; round < 5; round++)
		for (u64 n = 0; n < UNTIL_FULL; n++) {
			worked &= !map(NTH(n)) && !p2m_unmap(&dom, NTH(n));
			tables_now = dom.arch.tables;
			most = max(most, tables_now);
			if (!(n % 64))
				pass();
		}
	ok(worked, "a domain that maps and unmaps a frame in every 2 MiB in turn can go on for ever");
	ok(most <= KEEP_EMPTY + 4, "it has few tables at any time");
	eq(tables(), dom.arch.tables, "each table's entries are counted");
	/* Unmapped in any order. */
	for (u64 n = 0; n < 128; n++)
		worked &= !map(NTH(n)) && !map(NTH(n) + 1);
	for (u64 n = 0; n < 128; n++)
		worked &= !p2m_unmap(&dom, NTH(n * 37 % 128));
	ok(worked && tables() >= 128, "tables with an entry stay");
	for (u64 n = 0; n < 128; n++)
		worked &= mapped(NTH(n) + 1);
	ok(worked, "with what is mapped there");
	for (u64 n = 0; n < 128; n++)
		worked &= !p2m_unmap(&dom, NTH(n * 53 % 128) + 1);
	ok(worked && tables() <= KEEP_EMPTY + 4, "and are freed after the last");
	pass();
	ok(before - pages_free() <= KEEP_EMPTY + 4 + 16, "their frames are free after a grace period");
	end(before);
}

/* One frame in a loop uses one table. */
static void loop(void)
{
	u64 before = pages_free(), free;
	unsigned int n;

	start();
	if (map(WINDOW) || p2m_unmap(&dom, WINDOW))
		abort();
	free = pages_free();
	for (n = 0; n < 1000 && pages_free() == free; n++)
		if (map(WINDOW) || p2m_unmap(&dom, WINDOW))
			break;
	eq(n, 1000, "one frame mapped and unmapped in a loop uses the same table");
	eq(tables(), 3, "with those above");
	end(before);
}

/* A large leaf where frames of 4 KiB were. */
static void large(void)
{
	u64 before = pages_free();
	bool good = true;

	start();
	for (u64 i = 0; i < 512; i++)
		good &= !p2m_map(&dom, WINDOW + i, frames + i, 0, P2M_RAM, true);
	eq(p2m_map(&dom, WINDOW, frames, 9, P2M_RAM, true), -EEXIST, "a table in use is in the way of a large leaf");
	for (u64 i = 0; i < 512; i++)
		good &= !p2m_clear(&dom, WINDOW + i);
	p2m_flush(&dom);
	eq(p2m_map(&dom, WINDOW, frames, 9, P2M_RAM, true), 0, "an empty one is not");
	ok(good && tables() == 2, "it is freed");
	good = !p2m_clear(&dom, WINDOW + 7);
	p2m_flush(&dom);
	ok(good && tables() == 3 && !mapped(WINDOW + 7) && mapped(WINDOW + 8), "a large leaf is split");
	end(before);
}

/*
 * A lookup has read the entry of a table when another pCPU frees that, and gives the frame, with what
 * looks like entries, to somebody else.
 */
static u64 taken[64];

static void others(void)
{
	host_pcpu = 1;
	if (p2m_unmap(&dom, WINDOW))
		abort();
	for (unsigned int i = 0; i < ARRAY_SIZE(taken); i++) {
		be64 *p = arch_ma_to_ptr(taken[i] = alloc_pages(0));

		for (unsigned int e = 0; e < 512; e++)
			p[e] = cpu_to_be64(RPTE_VALID | RPTE_LEAF | frames << 12 | (u64)P2M_RAM << RPTE_TYPE_SHIFT);
	}
	host_pcpu = 0;
}

static void lookup(unsigned int reads, const char *name)
{
	u64 before = pages_free();
	unsigned int had;

	start();
	for (u64 n = 1; n <= KEEP_EMPTY; n++)
		if (map(NTH(n << 9)) || p2m_unmap(&dom, NTH(n << 9)))
			abort();
	if (map(WINDOW))
		abort();
	had = dom.arch.tables;
	mmu_on_read = others;
	mmu_on_read_at = reads;
	ok(!mapped(WINDOW), name);
	ok(!mmu_on_read && dom.arch.tables < had, "in which the table was freed");
	for (unsigned int i = 0; i < ARRAY_SIZE(taken); i++)
		free_pages(taken[i], 0);
	end(before);
}

/* One pCPU unmaps the last frame, another maps there before the flush, which frees the table. */
static void between(void)
{
	u64 before = pages_free();

	start();
	for (u64 n = 1; n <= KEEP_EMPTY; n++)
		if (map(NTH(n)) || p2m_unmap(&dom, NTH(n)))
			abort();
	if (map(WINDOW) || p2m_clear(&dom, WINDOW))
		abort();
	host_pcpu = 1;
	eq(map(WINDOW), 0, "a frame is mapped in a table that the flush before frees");
	host_pcpu = 0;
	p2m_flush(&dom);
	ok(mapped(WINDOW), "and is there");
	eq(tables(), 3, "in a table of the tree");
	end(before);
}

/* Without memory for the lower tables those above them do not stay. */
static void short_of_memory(void)
{
	u64 before = pages_free(), all = 0, ma, *list = NULL;

	start();
	while ((ma = alloc_pages(0))) {
		*(u64 **)arch_ma_to_ptr(ma) = list;
		list = arch_ma_to_ptr(ma);
		all++;
	}
	for (unsigned int left = 0; left < 3; left++) {
		for (unsigned int i = 0; i < left; i++) {
			ma = arch_ptr_to_ma(list);
			list = *(u64 **)list;
			free_pages(ma, 0);
		}
		eq(map(WINDOW), -ENOMEM, "no memory for the tables of a frame");
		pass();
		eq(tables(), 0, "those that were made are freed");
		while ((ma = alloc_pages(0))) {
			*(u64 **)arch_ma_to_ptr(ma) = list;
			list = arch_ma_to_ptr(ma);
		}
	}
	for (; all; all--) {
		ma = arch_ptr_to_ma(list);
		list = *(u64 **)list;
		free_pages(ma, 0);
	}
	eq(map(WINDOW), 0, "with memory it is mapped");
	end(before);
}

int main(void)
{
	mmu_pvr = POWER9;
	host_init(16 << 20);
	core_pcpu_init(&pcpus[1]);
	nr_pcpus = 2;
	mmu_ranges[0][0] = WINDOW;
	mmu_ranges[0][1] = 1;
	mmu_ranges[1][0] = WINDOW;
	mmu_ranges[1][1] = 1;
	frames = alloc_pages(9) >> PAGE_SHIFT;
	lpidr_set(1);		/* a guest of the domain runs on both */
	mmu_isync();
	host_pcpu = 1;
	lpidr_set(1);
	mmu_isync();
	host_pcpu = 0;
	pass();
	limit();
	sweep();
	loop();
	large();
	lookup(3, "a lookup that has read the entry of a table of leaves finds nothing");
	lookup(2, "a lookup that has read the entry of a table above finds nothing");
	between();
	short_of_memory();
	ok(!mmu_freed_early, "no frame is freed that a processor has cached");
	if (mmu_freed_early)
		printf("# %s\n", mmu_freed_early);
	return test_done();
}
