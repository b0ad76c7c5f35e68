/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spinlocks. The compiler's atomic builtins become larx/stcx. with lwsync
 * where the order asks for it, and plain instructions of the build machine in
 * the unit tests.
 *
 * Interrupts are off in the hypervisor, so a lock needs no interrupt variant:
 * nothing on this pCPU can come in between.
 *
 * With HV_DEBUG every lock carries its rank (the order is in core/domain/domain.h),
 * and taking one whose rank is not above every rank held panics. Two locks of
 * one rank are taken with spin_lock_nested(), lower address first.
 */
#ifndef HV_LIB_LOCK_H
#define HV_LIB_LOCK_H

#include "lib/types.h"

enum lock_rank {
	RANK_REAP,
	RANK_INPUT,
	RANK_DOMAIN,
	RANK_EVTCHN,
	RANK_EVTCHN_QUEUE,
	RANK_GRANT,
	RANK_MAPTRACK,
	RANK_PAGE,
	RANK_PCPU,
	RANK_BUDGET,
	RANK_TIMER,
	RANK_WALL,
	RANK_RING,
	RANK_CONSOLE,
	RANK_HEAP,
	NR_RANKS
};

struct spinlock {
	u32 taken;
	u8 rank;
};

#define spinlock_t struct spinlock

#define SPINLOCK_INIT(r)	{ .taken = 0, .rank = (r) }

#ifdef HV_DEBUG
void lock_check_register(u8 *(*ranks_held)(void));
void lock_check_acquire(const spinlock_t *l, bool nested);
void lock_check_try(const spinlock_t *l);
void lock_check_release(const spinlock_t *l);
#else
static inline void lock_check_register(u8 *(*ranks_held)(void) __maybe_unused) { }
static inline void lock_check_acquire(const spinlock_t *l __maybe_unused,
				      bool nested __maybe_unused) { }
static inline void lock_check_try(const spinlock_t *l __maybe_unused) { }
static inline void lock_check_release(const spinlock_t *l __maybe_unused) { }
#endif

static inline void spin_lock_init(spinlock_t *l, enum lock_rank rank)
{
	l->taken = 0;
	l->rank = rank;
}

/* Whoever holds it runs on a processor of its own, but in the tests. */
#ifdef HV_HOST
void cpu_relax(void);
#else
static inline void cpu_relax(void)
{
	barrier();
}
#endif

static inline __force_inline void spin_acquire(spinlock_t *l)
{
	while (unlikely(__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE)))
		while (READ_ONCE(l->taken))
			cpu_relax();
}

static inline __force_inline void spin_lock(spinlock_t *l)
{
	lock_check_acquire(l, false);
	spin_acquire(l);
}

static inline void spin_lock_nested(spinlock_t *l)
{
	lock_check_acquire(l, true);
	spin_acquire(l);
}

/* Takes the lock if it is free; whatever is held may be held. */
static inline bool spin_trylock(spinlock_t *l)
{
	if (READ_ONCE(l->taken) || __atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE))
		return false;
	lock_check_try(l);
	return true;
}

static inline __force_inline void spin_unlock(spinlock_t *l)
{
	lock_check_release(l);
	__atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
}

/* Two locks of one rank: the address gives the order that everybody keeps. */
static inline void spin_lock_two(spinlock_t *a, spinlock_t *b)
{
	if (a == b) {
		spin_lock(a);
	} else if (a < b) {
		spin_lock(a);
		spin_lock_nested(b);
	} else {
		spin_lock(b);
		spin_lock_nested(a);
	}
}

static inline void spin_unlock_two(spinlock_t *a, spinlock_t *b)
{
	spin_unlock(a);
	if (a != b)
		spin_unlock(b);
}

#endif
