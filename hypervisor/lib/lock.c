// SPDX-License-Identifier: GPL-2.0
/*
 * The lock order check of debug builds (lockdep in small): each pCPU counts
 * the locks that it holds, by rank. A lock may be taken only if no lock of its
 * own or a higher rank is held, so that no two pCPUs can take two locks in
 * opposite orders.
 */
#include "lib/lock.h"
#include "lib/printf.h"

#ifdef HV_DEBUG
static u8 *(*lock_ranks_held)(void);

/**
 * lock_check_register() - start checking
 * @ranks_held: returns the NR_RANKS counters of the pCPU that calls it
 *
 * Boot processor, no lock held. Locks taken before are not checked.
 */
void lock_check_register(u8 *(*ranks_held)(void))
{
	lock_ranks_held = ranks_held;
}

/**
 * lock_check_acquire() - check a lock that the caller is about to wait for
 * @l: the lock
 * @nested: it may be a second lock of the same rank; the caller keeps the order
 *     of the two (lower address first)
 *
 * Panics if a lock of a higher rank (or, unless @nested, of the same rank) is
 * held, or if @l has no valid rank.
 */
void lock_check_acquire(const spinlock_t *l, bool nested)
{
	unsigned int r;
	u8 *held;

	if (!lock_ranks_held)
		return;
	held = lock_ranks_held();
	if (l->rank >= NR_RANKS)
		panic("lock %p has rank %u", (const void *)l, l->rank);
	for (r = l->rank + (nested ? 1 : 0); r < NR_RANKS; r++)
		if (held[r])
			panic("lock order: rank %u wanted while %u is held", l->rank, r);
	held[l->rank]++;
}

/**
 * lock_check_try() - count a lock that spin_trylock() took
 * @l: the lock; its rank is not checked, since a pCPU that does not wait cannot
 *     be part of a deadlock
 */
void lock_check_try(const spinlock_t *l)
{
	if (lock_ranks_held)
		lock_ranks_held()[l->rank]++;
}

/**
 * lock_check_release() - forget a lock that is about to be released
 * @l: the lock
 *
 * Panics if no lock of its rank is held.
 */
void lock_check_release(const spinlock_t *l)
{
	u8 *held;

	if (!lock_ranks_held)
		return;
	held = lock_ranks_held();
	if (l->rank >= NR_RANKS || !held[l->rank])
		panic("lock %p released but not held", (const void *)l);
	held[l->rank]--;
}
#endif
