// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of asm/sync_bitops.h. Ordering cannot be seen from one cpu, so that
 * the barriers are there is checked in the instructions the header compiles to.
 */
#include <linux/sizes.h>
#include <linux/types.h>

#include <asm/sync_bitops.h>
#include <asm/sections.h>

#include <kunit/test.h>

#define PPC_SYNC	0x7c0004ac
#define PPC_STDCX_MASK	0xfc0007ff
#define PPC_STDCX	0x7c0001ad
#define PPC_BLR		0x4e800020

static noinline void set(long nr, unsigned long *p)
{
	sync_set_bit(nr, p);
}

static noinline void clear(long nr, unsigned long *p)
{
	sync_clear_bit(nr, p);
}

static noinline void change(long nr, unsigned long *p)
{
	sync_change_bit(nr, p);
}

static void expect_full_barriers(struct kunit *test, void (*fn)(long nr, unsigned long *p))
{
	const u32 *insn = dereference_function_descriptor(fn);
	unsigned int before = 0, stores = 0, after = 0;
	unsigned int i;

	for (i = 0; i < 64 && insn[i] != PPC_BLR; i++) {
		if (insn[i] == PPC_SYNC && !stores)
			before++;
		else if (insn[i] == PPC_SYNC)
			after++;
		else if ((insn[i] & PPC_STDCX_MASK) == PPC_STDCX)
			stores++;
	}
	KUNIT_EXPECT_EQ(test, stores, 1);
	KUNIT_EXPECT_GE(test, before, 1);
	KUNIT_EXPECT_GE(test, after, 1);
}

static void barriers(struct kunit *test)
{
	expect_full_barriers(test, set);
	expect_full_barriers(test, clear);
	expect_full_barriers(test, change);
}

static void values(struct kunit *test)
{
	unsigned long map[2] = { };
	unsigned int nr;

	for (nr = 0; nr < 2 * BITS_PER_LONG; nr++) {
		set(nr, map);
		KUNIT_EXPECT_EQ(test, map[nr / BITS_PER_LONG], 1UL << nr % BITS_PER_LONG);
		KUNIT_EXPECT_EQ(test, map[!(nr / BITS_PER_LONG)], 0);
		KUNIT_EXPECT_TRUE(test, sync_test_bit(nr, map));
		KUNIT_EXPECT_TRUE(test, sync_test_and_set_bit(nr, map));
		clear(nr, map);
		KUNIT_EXPECT_EQ(test, map[nr / BITS_PER_LONG], 0);
		KUNIT_EXPECT_FALSE(test, sync_test_and_clear_bit(nr, map));
		change(nr, map);
		KUNIT_EXPECT_TRUE(test, sync_test_and_change_bit(nr, map));
		KUNIT_EXPECT_EQ(test, map[nr / BITS_PER_LONG], 0);
	}
}

/* Grant entries: 16 flags next to a domain number that must not be touched. */
static void cmpxchg16(struct kunit *test)
{
	u16 entry[4] = { 0x1111, 0x2222, 0x3333, 0x4444 };

	KUNIT_EXPECT_EQ(test, sync_cmpxchg(&entry[1], 0x2222, 0xabcd), 0x2222);
	KUNIT_EXPECT_EQ(test, sync_cmpxchg(&entry[1], 0x2222, 0), 0xabcd);
	KUNIT_EXPECT_EQ(test, entry[0], 0x1111);
	KUNIT_EXPECT_EQ(test, entry[1], 0xabcd);
	KUNIT_EXPECT_EQ(test, entry[2], 0x3333);
	KUNIT_EXPECT_EQ(test, entry[3], 0x4444);
}

static struct kunit_case sync_bitops_cases[] = {
	KUNIT_CASE(barriers),
	KUNIT_CASE(values),
	KUNIT_CASE(cmpxchg16),
	{ }
};

static struct kunit_suite sync_bitops_suite = {
	.name = "xen_ppc_sync_bitops",
	.test_cases = sync_bitops_cases,
};

kunit_test_suite(sync_bitops_suite);

MODULE_DESCRIPTION("KUnit tests of bit operations on memory shared with Xen");
MODULE_LICENSE("GPL");
