/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers: a queue for each pCPU, ordered by absolute timebase, and the exact
 * conversion between timebase and nanoseconds.
 *
 * A timer is armed on the queue of the pCPU that runs the code which arms it,
 * and cancelled from anywhere. Its callback runs there, with no lock held; it
 * may have been cancelled on another pCPU meanwhile, so it looks at what it is
 * about to do. What its argument points at is freed after a grace period.
 *
 * System time, the clock of every ABI that speaks of nanoseconds, is the
 * timebase in ns: it is 0 when the timebase is 0. Both directions are exact;
 * ns_to_tb() rounds up, so that a timer never fires before its time.
 */
#ifndef HV_CORE_BASE_TIMER_H
#define HV_CORE_BASE_TIMER_H

#include "lib/heap.h"
#include "lib/lock.h"
#include "lib/types.h"

#define NSEC_PER_SEC	1000000000UL
#define NSEC_PER_MSEC	1000000UL
#define TIMER_NEVER	(~0UL)
/* The timebase does not get there; beyond it a difference could change its sign. */
#define TIMER_BITS	62
#define TIMER_FAR_AWAY	BIT(TIMER_BITS)

struct timer_queue;

struct timer {
	struct heap_node node;		/* its key: absolute timebase */
	struct timer_queue *queue;	/* NULL: not armed; changes under that queue's lock */
	void (*fn)(void *arg);
	void *arg;
};

struct timer_queue {
	spinlock_t lock;	/* root, first, and queue of the timers in it */
	struct heap_node *root;	/* earliest */
	u64 first;		/* its time, TIMER_NEVER: none; the owner reads it without the lock */
	/* The owner's alone: */
	u64 armed;		/* what the hardware was told, TIMER_NEVER: nothing */
	u64 due;		/* when it interrupts: far times are armed in parts */
};

extern u64 tb_hz;

void timer_queue_init(struct timer_queue *q);
void timer_init(struct timer *t, void (*fn)(void *arg), void *arg);
void timer_set(struct timer_queue *q, struct timer *t, u64 tb);
void timer_cancel(struct timer *t);
void timers_run(struct timer_queue *q, u64 now);
void timers_tell(struct timer_queue *q, u64 now, u64 tb);

/*
 * Tells the hardware when this pCPU, which owns @q, has to be interrupted, if it
 * does not know: for the first timer, or at @slice_end when the scheduler wants
 * to be called (TIMER_NEVER: not). Not earlier than needed if @exact; otherwise
 * it may stay at an earlier time. The interrupt lasts until the hardware is told
 * a new time, and what is far away comes in parts.
 */
static inline void timers_arm(struct timer_queue *q, u64 now, u64 slice_end, bool exact)
{
	u64 tb = READ_ONCE(q->first);

	if (slice_end < tb)
		tb = slice_end;
	if (now < q->due && (tb == q->armed || (tb > q->armed && !exact)))
		return;
	timers_tell(q, now, tb);
}

/* Acquire: one that is not armed any more is out of its queue. */
static inline bool timer_armed(const struct timer *t)
{
	return __atomic_load_n(&t->queue, __ATOMIC_ACQUIRE);
}

/*
 * timer_set() for a timer that is not armed, on the queue of this pCPU, whose
 * hardware is told later, by timers_arm().
 */
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
 * 10^9 / tb_hz: with a power of two below the line in lowest terms, as with the
 * 512 MHz of every machine so far, no division is needed. Filled in at boot, by
 * the first conversion, before there is a second pCPU.
 */
struct tb_scale {
	u64 whole;	/* 0: there is to be a division */
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
