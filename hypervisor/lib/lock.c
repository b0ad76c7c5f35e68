// SPDX-License-Identifier: GPL-2.0
/*
 * The lock order check of debug builds: each pCPU counts the locks it holds
 * by their ranks.
 */
#include "lib/lock.h"
#include "core/arch_ops.h"
#include "core/domain/domain.h"
#include "lib/printf.h"

#ifdef HV_DEBUG
/**
 * lock_check_acquire() - is this lock allowed after those that are held?
 * @l: the lock about to be taken
 * @nested: a second lock of the same rank, the caller keeps their order
 *
 * Panics on a wrong order or on a lock without a known rank.
 */
void lock_check_acquire(const spinlock_t *l, bool nested)
{
	u8 *held = this_pcpu()->ranks_held;
	unsigned int r;

	if (l->rank >= NR_RANKS)
		panic("lock %p has rank %u", (const void *)l, l->rank);
	for (r = l->rank + (nested ? 1 : 0); r < NR_RANKS; r++)
		if (held[r])
			panic("lock order: rank %u wanted while %u is held", l->rank, r);
	held[l->rank]++;
}

/**
 * lock_check_try() - a lock was taken that nobody had to wait for
 * @l: the lock, which cannot have made a deadlock
 */
void lock_check_try(const spinlock_t *l)
{
	this_pcpu()->ranks_held[l->rank]++;
}

/**
 * lock_check_release() - forget a lock that is about to be released
 * @l: the lock
 *
 * Panics if no lock of its rank is held.
 */
void lock_check_release(const spinlock_t *l)
{
	u8 *held = this_pcpu()->ranks_held;

	if (l->rank >= NR_RANKS || !held[l->rank])
		panic("lock %p released but not held", (const void *)l);
	held[l->rank]--;
}
#endif
