/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Atomic bit operations on memory that is shared with the hypervisor or another domain.
 *
 * All of them are full barriers, as on x86, for which drivers/xen was written. The code in
 * drivers/xen/events depends on it: it clears a mask bit and then loads the pending bit. On
 * powerpc set_bit() and clear_bit() do not order this store before this load (Power
 * ISA, Book II, "Memory Access Ordering"). If the load were performed first, an event that
 * the hypervisor sets pending in between would be lost: Linux has read the pending bit as
 * clear, and the hypervisor still sees the mask bit set and raises no upcall.
 *
 * The operations that return a value are fully ordered on powerpc already. None of them
 * needs an SMP variant, because PPC_PSERIES selects SMP.
 */
#ifndef _ASM_POWERPC_SYNC_BITOPS_H
#define _ASM_POWERPC_SYNC_BITOPS_H

#include <linux/bitops.h>
#include <asm/barrier.h>
#include <asm/cmpxchg.h>

/**
 * sync_set_bit - set a bit, with a full barrier before and after
 * @nr: number of the bit, counted from *@addr
 * @addr: an aligned word of shared memory
 *
 * Any context.
 */
static inline void sync_set_bit(long nr, volatile unsigned long *addr)
{
	mb();	/* earlier accesses before the bit is set */
	set_bit(nr, addr);
	mb();	/* the bit before later accesses */
}

/**
 * sync_clear_bit - clear a bit, with a full barrier before and after
 * @nr: number of the bit, counted from *@addr
 * @addr: an aligned word of shared memory
 *
 * Any context.
 */
static inline void sync_clear_bit(long nr, volatile unsigned long *addr)
{
	mb();	/* earlier accesses before the bit is clear */
	clear_bit(nr, addr);
	mb();	/* the bit before later accesses */
}

/**
 * sync_change_bit - toggle a bit, with a full barrier before and after
 * @nr: number of the bit, counted from *@addr
 * @addr: an aligned word of shared memory
 *
 * Any context.
 */
static inline void sync_change_bit(long nr, volatile unsigned long *addr)
{
	mb();	/* earlier accesses before the bit changes */
	change_bit(nr, addr);
	mb();	/* the bit before later accesses */
}

#define sync_test_and_set_bit(nr, addr)		test_and_set_bit(nr, addr)
#define sync_test_and_clear_bit(nr, addr)	test_and_clear_bit(nr, addr)
#define sync_test_and_change_bit(nr, addr)	test_and_change_bit(nr, addr)
#define sync_test_bit(nr, addr)			test_bit(nr, addr)
#define arch_sync_cmpxchg			arch_cmpxchg

#endif /* _ASM_POWERPC_SYNC_BITOPS_H */
