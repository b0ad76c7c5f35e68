/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bit operations on memory shared with a hypervisor or another domain.
 *
 * All of them are full barriers, as they are on the architecture where
 * drivers/xen was written. drivers/xen/events relies on it: it clears a mask
 * bit and then loads the pending bit. set_bit() and clear_bit() alone do not
 * order that store before that load here (Power ISA, Book II, "Memory Access
 * Ordering"); the pending bit could be read too early and an event be lost,
 * because the hypervisor, having seen the mask bit still set, does not raise it.
 *
 * The value-returning operations are fully ordered already. They are atomic
 * towards other processors in every configuration: PPC_PSERIES forces SMP.
 */
#ifndef _ASM_POWERPC_SYNC_BITOPS_H
#define _ASM_POWERPC_SYNC_BITOPS_H

#include <linux/bitops.h>
#include <asm/barrier.h>
#include <asm/cmpxchg.h>

/**
 * sync_set_bit - set a bit and order it against everything before and after
 * @nr: number of the bit, counted from *@addr
 * @addr: an aligned word of shared memory
 */
static inline void sync_set_bit(long nr, volatile unsigned long *addr)
{
	mb();	/* earlier accesses, before the bit is seen set */
	set_bit(nr, addr);
	mb();	/* the bit, before later accesses */
}

/**
 * sync_clear_bit - clear a bit and order it against everything before and after
 * @nr: number of the bit, counted from *@addr
 * @addr: an aligned word of shared memory
 */
static inline void sync_clear_bit(long nr, volatile unsigned long *addr)
{
	mb();	/* earlier accesses, before the bit is seen clear */
	clear_bit(nr, addr);
	mb();	/* the bit, before later accesses */
}

/**
 * sync_change_bit - toggle a bit and order it against everything before and after
 * @nr: number of the bit, counted from *@addr
 * @addr: an aligned word of shared memory
 */
static inline void sync_change_bit(long nr, volatile unsigned long *addr)
{
	mb();	/* earlier accesses, before the bit is seen to change */
	change_bit(nr, addr);
	mb();	/* the bit, before later accesses */
}

#define sync_test_and_set_bit(nr, addr)		test_and_set_bit(nr, addr)
#define sync_test_and_clear_bit(nr, addr)	test_and_clear_bit(nr, addr)
#define sync_test_and_change_bit(nr, addr)	test_and_change_bit(nr, addr)
#define sync_test_bit(nr, addr)			test_bit(nr, addr)
#define arch_sync_cmpxchg			arch_cmpxchg

#endif /* _ASM_POWERPC_SYNC_BITOPS_H */
