// SPDX-License-Identifier: GPL-2.0
/*
 * The lock order check of debug builds. One pCPU runs today, so one table of
 * held ranks is enough; with more it moves into struct pcpu.
 */
#include "lib/lock.h"
#include "lib/printf.h"

#ifdef HV_DEBUG
static u8 held[NR_RANKS];

/**
 * lock_check_acquire() - is this lock allowed after those that are held?
 * @l: the lock about to be taken
 * @nested: a second lock of the same rank, the caller keeps their order
 *
 * Panics on a wrong order or on a lock without a known rank.
 */
void lock_check_acquire(const spinlock_t *l, bool nested)
{
	unsigned int r;

	if (l->rank >= NR_RANKS)
		panic("lock %p has rank %u", (const void *)l, l->rank);
	for (r = l->rank + (nested ? 1 : 0); r < NR_RANKS; r++)
		if (held[r])
			panic("lock order: rank %u wanted while %u is held", l->rank, r);
	held[l->rank]++;
}

/**
 * lock_check_release() - forget a lock that is about to be released
 * @l: the lock
 *
 * Panics if no lock of its rank is held.
 */
void lock_check_release(const spinlock_t *l)
{
	if (l->rank >= NR_RANKS || !held[l->rank])
		panic("lock %p released but not held", (const void *)l);
	held[l->rank]--;
}
#endif
