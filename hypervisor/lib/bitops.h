/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Barriers, and atomic operations on memory that the hypervisor shares with
 * guests and among pCPUs.
 *
 * The read-modify-writes are sequentially consistent among themselves: earlier
 * accesses are performed before, later ones not before. On POWER, however, a
 * later load may be performed before other pCPUs see the store (stcx. followed by
 * isync); where that matters, use smp_mb() as well. Bitmaps are arrays of native
 * 64-bit words, as in the ABI.
 *
 * POWER reserves a whole cache block, so that a 32-bit larx/stcx. pair here and a
 * 64-bit pair in the guest on the same doubleword exclude each other. FIFO event
 * channels depend on that: Linux sets bits of their 32-bit event words through
 * the containing 64-bit word.
 */
#ifndef HV_LIB_BITOPS_H
#define HV_LIB_BITOPS_H

#include "lib/types.h"

#define smp_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)	/* all: sync */
#define smp_wmb()	__atomic_thread_fence(__ATOMIC_RELEASE)	/* stores: lwsync */
#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)	/* loads: lwsync */

#define xchg(p, v)	__atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)

/* If *@p equals *@old, store @new. Return: whether it did; if not, *@old becomes *@p. */
#define try_cmpxchg(p, old, new) \
	__atomic_compare_exchange_n((p), (old), (new), false, \
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

static inline bool test_and_set_bit(unsigned long nr, u64 *map)
{
	u64 bit = BIT(nr % 64);

	return __atomic_fetch_or(map + nr / 64, bit, __ATOMIC_SEQ_CST) & bit;
}

static inline bool test_and_clear_bit(unsigned long nr, u64 *map)
{
	u64 bit = BIT(nr % 64);

	return __atomic_fetch_and(map + nr / 64, ~bit, __ATOMIC_SEQ_CST) & bit;
}

static inline void set_bit(unsigned long nr, u64 *map)
{
	(void)test_and_set_bit(nr, map);
}

static inline void clear_bit(unsigned long nr, u64 *map)
{
	(void)test_and_clear_bit(nr, map);
}

static inline bool test_bit(unsigned long nr, const u64 *map)
{
	return READ_ONCE(map[nr / 64]) & BIT(nr % 64);
}

static inline bool test_and_set_bit32(unsigned int nr, u32 *word)
{
	u32 bit = 1U << nr;

	return __atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST) & bit;
}

static inline bool test_and_clear_bit32(unsigned int nr, u32 *word)
{
	u32 bit = 1U << nr;

	return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

/* Index of the highest set bit; @x is not 0. */
static inline unsigned int ilog2(u64 x)
{
	return 63 - __builtin_clzl(x);
}

/* Index of the lowest set bit; @x is not 0. */
static inline unsigned int ffs64(u64 x)
{
	return __builtin_ctzl(x);
}

#endif
