/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spinlocks, by the compiler's atomic builtins: larx/stcx. with isync and lwsync
 * on POWER, and the instructions of the build machine in the unit tests.
 *
 * Interrupts are off in the hypervisor, so there is no variant for interrupts:
 * nothing can preempt the holder on its pCPU.
 *
 * Every lock has a rank. A debug build (HV_DEBUG) panics if a lock is taken while
 * one of the same or a higher rank is held. Two locks of one rank are taken lower
 * address first, the second with spin_lock_nested() (or see spin_lock_two()).
 */
#ifndef HV_LIB_LOCK_H
#define HV_LIB_LOCK_H

#include "lib/types.h"

/*
 * The lock order, outermost first. Of two grant tables only one is locked at a time: that of the
 * granter, before the maptrack and page_lock of the domain that maps.
 */
enum lock_rank {
	RANK_REAP,		/* domain_reap() */
	RANK_INPUT,		/* console input and focus */
	RANK_DOMAIN,		/* domain.lock */
	RANK_EVTCHN,		/* domain.evtchn_lock */
	RANK_EVTCHN_QUEUE,	/* FIFO event queues of a domain */
	RANK_GRANT,		/* gnttab.lock */
	RANK_MAPTRACK,		/* maptrack.lock */
	RANK_PAGE,		/* domain.page_lock */
	RANK_PCPU,		/* pcpu.lock: run queue and the state of its vcpus */
	RANK_BUDGET,		/* sched_domain.lock: budget of a capped domain */
	RANK_TIMER,		/* timer_queue.lock */
	RANK_WALL,		/* wall clock */
	RANK_RING,		/* console_ring.lock */
	RANK_CONSOLE,		/* terminal: printk() may be called with any lock above held */
	RANK_OUTPUT,		/* output.lock: text of a domain that waits for the terminal */
	RANK_HEAP,		/* page and slab allocators */
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

/* The holder of a lock runs on another pCPU. In the unit tests it may be a thread that waits for this core. */
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

/* Take the lock if it is free. Any locks may be held, since this does not wait. */
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

/* Take two locks of one rank, which may be the same lock, in the order of their addresses. */
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
