// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of asm/sync_bitops.h. Ordering cannot be observed from one cpu, so the test of
 * the barriers looks for `sync` in the instructions that the compiler generated.
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

static noinline void bitops_set(long nr, unsigned long *p)
{
	sync_set_bit(nr, p);
}

static noinline void bitops_clear(long nr, unsigned long *p)
{
	sync_clear_bit(nr, p);
}

static noinline void bitops_change(long nr, unsigned long *p)
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

static void bitops_barriers(struct kunit *test)
{
	expect_full_barriers(test, bitops_set);
	expect_full_barriers(test, bitops_clear);
	expect_full_barriers(test, bitops_change);
}

static void bitops_values(struct kunit *test)
{
	unsigned long map[2] = { };
	unsigned int nr;

	for (nr = 0; nr < 2 * BITS_PER_LONG; nr++) {
		bitops_set(nr, map);
		KUNIT_EXPECT_EQ(test, map[nr / BITS_PER_LONG], 1UL << nr % BITS_PER_LONG);
		KUNIT_EXPECT_EQ(test, map[!(nr / BITS_PER_LONG)], 0);
		KUNIT_EXPECT_TRUE(test, sync_test_bit(nr, map));
		KUNIT_EXPECT_TRUE(test, sync_test_and_set_bit(nr, map));
		bitops_clear(nr, map);
		KUNIT_EXPECT_EQ(test, map[nr / BITS_PER_LONG], 0);
		KUNIT_EXPECT_FALSE(test, sync_test_and_clear_bit(nr, map));
		bitops_change(nr, map);
		KUNIT_EXPECT_TRUE(test, sync_test_and_change_bit(nr, map));
		KUNIT_EXPECT_EQ(test, map[nr / BITS_PER_LONG], 0);
	}
}

/* As in a grant entry: 16-bit flags next to a domain id that must not change. */
static void bitops_cmpxchg16(struct kunit *test)
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
	KUNIT_CASE(bitops_barriers),
	KUNIT_CASE(bitops_values),
	KUNIT_CASE(bitops_cmpxchg16),
	{ }
};

static struct kunit_suite sync_bitops_suite = {
	.name = "xen_ppc_sync_bitops",
	.test_cases = sync_bitops_cases,
};

kunit_test_suite(sync_bitops_suite);

MODULE_DESCRIPTION("KUnit tests of bit operations on memory shared with Xen");
MODULE_LICENSE("GPL");
