/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers: one queue for each pCPU, ordered by absolute timebase, and exact conversion between
 * timebase and nanoseconds.
 *
 * A pCPU arms timers on its own queue; any pCPU may cancel them. The callback runs on the pCPU that
 * armed the timer, with no lock held. Another pCPU may cancel the timer while the callback is
 * about to run, so the callback checks whether its action is still wanted. The object that the
 * callback's argument points to is freed after a grace period only.
 *
 * System time, the clock of every ABI in nanoseconds, is the timebase converted to ns. Both
 * conversions are exact; ns_to_tb() rounds up, so that a timer never expires early.
 */
#ifndef HV_CORE_BASE_TIMER_H
#define HV_CORE_BASE_TIMER_H

#include "lib/heap.h"
#include "lib/lock.h"
#include "lib/types.h"

#define NSEC_PER_SEC	1000000000UL
#define NSEC_PER_MSEC	1000000UL
#define TIMER_NEVER	(~0UL)
/* The timebase never reaches this value; beyond it a difference could change its sign. */
#define TIMER_BITS	62
#define TIMER_FAR_AWAY	BIT(TIMER_BITS)

struct timer_queue;

struct timer {
	struct heap_node node;		/* key: absolute timebase */
	struct timer_queue *queue;	/* NULL: not armed; changes under the queue's lock */
	void (*fn)(void *arg);
	void *arg;
};

struct timer_queue {
	spinlock_t lock;	/* root, first, and the queue member of the timers in it */
	struct heap_node *root;	/* earliest timer */
	u64 first;		/* its time, TIMER_NEVER: none; the owner reads it without the lock */
	/* Used by the pCPU that owns the queue only: */
	u64 armed;		/* time the hardware timer was set for, TIMER_NEVER: none */
	u64 due;		/* when it interrupts; earlier than armed if that is too far away */
};

extern u64 tb_hz;

void timer_queue_init(struct timer_queue *q);
void timer_init(struct timer *t, void (*fn)(void *arg), void *arg);
void timer_set(struct timer_queue *q, struct timer *t, u64 tb);
void timer_cancel(struct timer *t);
void timers_run(struct timer_queue *q, u64 now);
void timers_program(struct timer_queue *q, u64 now, u64 tb);

/*
 * Set the hardware timer for the first timer in @q, the queue of this pCPU, or for @slice_end, when
 * the scheduler has to run (TIMER_NEVER: no need), whichever is earlier. Unless @exact, an
 * earlier setting of the hardware may stay. The interrupt stays asserted until the hardware is set
 * again, and a time beyond its range takes several interrupts.
 */
static inline void timers_arm(struct timer_queue *q, u64 now, u64 slice_end, bool exact)
{
	u64 tb = READ_ONCE(q->first);

	if (slice_end < tb)
		tb = slice_end;
	if (now < q->due && (tb == q->armed || (tb > q->armed && !exact)))
		return;
	timers_program(q, now, tb);
}

/* Acquire: a timer found disarmed is out of its queue. */
static inline bool timer_armed(const struct timer *t)
{
	return __atomic_load_n(&t->queue, __ATOMIC_ACQUIRE);
}

/* timer_set() for a timer that is not armed; the caller sets the hardware by timers_arm() later. */
static inline __force_inline void timer_start(struct timer_queue *q, struct timer *t, u64 tb)
{
	if (unlikely(tb >> TIMER_BITS))
		return;
	spin_lock(&q->lock);
	t->node.key = tb;
	heap_insert(&q->root, &t->node);
	WRITE_ONCE(t->queue, q);
	if (q->root == &t->node)
		WRITE_ONCE(q->first, tb);
	spin_unlock(&q->lock);
}

u64 tb_to_ns_divided(u64 tb);

/*
 * 10^9 / tb_hz as a fixed-point number. If the denominator of the reduced fraction is a power of
 * two, as with the 512 MHz of POWER9 and POWER10, this is exact and saves the division. The first
 * conversion fills it in at boot, before a second pCPU runs.
 */
struct tb_scale {
	u64 whole;	/* 0: not exact, divide instead */
	u64 part;	/* in units of 2^-64 */
};

extern struct tb_scale tb_scale;

/* Timebase to nanoseconds: exact, rounded down. */
static inline u64 tb_to_ns(u64 tb)
{
	const struct tb_scale *s = &tb_scale;

	if (unlikely(!s->whole))
		return tb_to_ns_divided(tb);
	return tb * s->whole + (u64)((__uint128_t)tb * s->part >> 64);
}

u64 ns_to_tb(u64 ns);
u64 system_time(void);

#endif
