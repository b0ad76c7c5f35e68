// SPDX-License-Identifier: GPL-2.0
/*
 * Timers in a pairing heap: arming is O(1), removal O(log n) amortised, so that guests with many
 * vcpus cannot make each other's timers slow.
 *
 * The lock of a queue protects its heap and the queue member of the timers in it. Only the pCPU
 * that owns the queue inserts timers, since only that pCPU can set its hardware timer.
 */
#include "core/base/timer.h"
#include "core/arch_ops.h"
#include "lib/bitops.h"

static inline struct timer *timer_first(const struct timer_queue *q)
{
	return container_of(q->root, struct timer, node);
}

/* q->lock held. */
static inline void timer_remove(struct timer_queue *q, struct timer *t)
{
	heap_remove(&q->root, &t->node);
	WRITE_ONCE(q->first, q->root ? q->root->key : TIMER_NEVER);
	/* Release: the pCPU that arms it next, under another queue's lock, finds the node unused. */
	__atomic_store_n(&t->queue, NULL, __ATOMIC_RELEASE);
}

/**
 * timer_queue_init() - initialise an empty queue
 * @q: the queue
 */
void timer_queue_init(struct timer_queue *q)
{
	spin_lock_init(&q->lock, RANK_TIMER);
	q->root = NULL;
	q->first = TIMER_NEVER;
	q->armed = TIMER_NEVER;
	q->due = 0;
}

/**
 * timer_init() - initialise a timer
 * @t: the timer, not armed
 * @fn: callback
 * @arg: argument of @fn
 */
void timer_init(struct timer *t, void (*fn)(void *arg), void *arg)
{
	t->queue = NULL;
	t->node.key = TIMER_NEVER;
	t->fn = fn;
	t->arg = arg;
}

/**
 * timers_program() - set the hardware timer
 * @q: queue of this pCPU
 * @now: timebase
 * @tb: timebase of the interrupt, TIMER_NEVER: none needed
 */
void timers_program(struct timer_queue *q, u64 now, u64 tb)
{
	u64 ticks = tb > now ? min(tb - now, TIMER_REACH) : 1;

	/* Time has passed since @now was read, so the interrupt comes at q->due or later. */
	q->due = now + ticks;
	q->armed = tb;
	arch_set_timer(ticks);
}

/**
 * timer_cancel() - disarm a timer
 * @t: the timer, armed or not, on any pCPU's queue
 *
 * Does not wait for a callback that is running on another pCPU.
 */
void timer_cancel(struct timer *t)
{
	struct timer_queue *q;

	/* Repeat if the owner of the timer has armed it on another queue meanwhile. */
	while ((q = __atomic_load_n(&t->queue, __ATOMIC_ACQUIRE))) {
		spin_lock(&q->lock);
		if (READ_ONCE(t->queue) == q)
			timer_remove(q, t);
		spin_unlock(&q->lock);
	}
}

/**
 * timer_set() - arm a timer, or change its time
 * @q: queue of this pCPU
 * @t: the timer; no other pCPU arms it at the same time
 * @tb: absolute timebase; a past time expires at once, TIMER_NEVER only cancels
 */
void timer_set(struct timer_queue *q, struct timer *t, u64 tb)
{
	if (timer_armed(t))
		timer_cancel(t);
	timer_start(q, t, tb);
	/* A later time needs no change: the hardware interrupts earlier anyway. */
	if (tb < q->armed && tb < TIMER_FAR_AWAY)
		timers_program(q, arch_tb(), tb);
}

/**
 * timers_run() - call the callbacks of expired timers
 * @q: queue of this pCPU; no lock is held
 * @now: timebase; timers armed for later than this wait, so a callback that arms itself again
 *       cannot keep the loop running
 *
 * The caller sets the hardware timer afterwards (timers_arm()).
 */
noinline void timers_run(struct timer_queue *q, u64 now)
{
	struct timer *t;

	/* Other pCPUs only remove timers, so q->first is never too late. */
	while (unlikely(READ_ONCE(q->first) <= now)) {
		spin_lock(&q->lock);
		if (q->first > now) {
			spin_unlock(&q->lock);
			return;
		}
		t = timer_first(q);
		timer_remove(q, t);
		spin_unlock(&q->lock);
		t->fn(t->arg);
	}
}

struct tb_scale tb_scale;

static void tb_scale_init(void)
{
	u64 a = NSEC_PER_SEC, b = tb_hz, rest;

	while (b) {
		rest = a % b;
		a = b;
		b = rest;
	}
	b = tb_hz / a;
	if (b & (b - 1))
		return;
	rest = NSEC_PER_SEC / a % b;
	/* Two shifts, since a shift by 64 is undefined and b may be 1. */
	tb_scale.part = rest << 1 << (63 - ilog2(b));
	tb_scale.whole = NSEC_PER_SEC / tb_hz;
}

/**
 * tb_to_ns_divided() - tb_to_ns() for any frequency
 * @tb: ticks
 *
 * Converts whole seconds and the remainder separately: the remainder times 10^9 fits in 64 bits for
 * any frequency below 18 GHz.
 *
 * Return: ns, exact, rounded down.
 */
u64 tb_to_ns_divided(u64 tb)
{
	tb_scale_init();
	return tb / tb_hz * NSEC_PER_SEC + tb % tb_hz * NSEC_PER_SEC / tb_hz;
}

/**
 * ns_to_tb() - nanoseconds to timebase
 * @ns: nanoseconds
 *
 * Exact, rounded up: when the timebase has reached the result, @ns have passed.
 *
 * Return: ticks, TIMER_NEVER if the result exceeds 64 bits.
 */
u64 ns_to_tb(u64 ns)
{
	u64 whole, rest;

	rest = (ns % NSEC_PER_SEC * tb_hz + NSEC_PER_SEC - 1) / NSEC_PER_SEC;
	if (__builtin_mul_overflow(ns / NSEC_PER_SEC, tb_hz, &whole) ||
	    __builtin_add_overflow(whole, rest, &whole))
		return TIMER_NEVER;
	return whole;
}

/**
 * system_time() - the present system time
 *
 * Return: ns since the timebase was 0.
 */
u64 system_time(void)
{
	return tb_to_ns(arch_tb());
}
