// SPDX-License-Identifier: GPL-2.0
/*
 * Timers in a pairing heap: arming is O(1), taking the earliest or cancelling
 * O(log n) amortised, so that guests with many vcpus cannot make each other's
 * timers slow.
 *
 * The lock of a queue protects its heap and the queue member of the timers in
 * it. Only the pCPU itself puts timers in, so that the hardware, which nobody
 * else can reach, always knows the earliest.
 */
#include "core/base/timer.h"
#include "core/arch_ops.h"
#include "lib/bitops.h"

static inline struct timer *first_timer(const struct timer_queue *q)
{
	return container_of(q->root, struct timer, node);
}

/* Lock held. */
static inline void take_out(struct timer_queue *q, struct timer *t)
{
	heap_remove(&q->root, &t->node);
	WRITE_ONCE(q->first, q->root ? q->root->key : TIMER_NEVER);
	/* Release: who arms it next, under another queue's lock, finds the node free. */
	__atomic_store_n(&t->queue, NULL, __ATOMIC_RELEASE);
}

/**
 * timer_queue_init() - start with an empty queue
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
 * timer_init() - prepare a timer
 * @t: the timer, not armed
 * @fn: what to call when it is due
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
 * timers_tell() - timers_arm() when the hardware does not know
 * @q: queue of this pCPU
 * @now: timebase
 * @tb: when it has to interrupt, TIMER_NEVER: not
 */
void timers_tell(struct timer_queue *q, u64 now, u64 tb)
{
	u64 ticks = tb > now ? min(tb - now, TIMER_REACH) : 1;

	/* Some time has passed since @now: it comes at @due or later. */
	q->due = now + ticks;
	q->armed = tb;
	arch_set_timer(ticks);
}

/**
 * timer_cancel() - disarm a timer
 * @t: the timer, armed or not, on any pCPU's queue
 *
 * Its callback may be under way on another pCPU.
 */
void timer_cancel(struct timer *t)
{
	struct timer_queue *q;

	/* Ends: it is armed anew by its owner alone, who does not do so for ever. */
	while ((q = __atomic_load_n(&t->queue, __ATOMIC_ACQUIRE))) {
		spin_lock(&q->lock);
		if (READ_ONCE(t->queue) == q)
			take_out(q, t);
		spin_unlock(&q->lock);
	}
}

/**
 * timer_set() - arm a timer, or arm it anew
 * @q: queue of this pCPU
 * @t: the timer; nobody else arms it meanwhile
 * @tb: absolute timebase; the past is due at once, TIMER_NEVER only cancels
 */
void timer_set(struct timer_queue *q, struct timer *t, u64 tb)
{
	if (timer_armed(t))
		timer_cancel(t);
	timer_start(q, t, tb);
	/* Behind the armed time there is an interrupt before it anyway. */
	if (tb < q->armed && tb < TIMER_FAR_AWAY)
		timers_tell(q, arch_tb(), tb);
}

/**
 * timers_run() - call what is due
 * @q: queue of this pCPU; no lock is held
 * @now: timebase; timers armed for later than this wait, so a callback that
 *       arms itself anew cannot hold the loop
 *
 * The caller tells the hardware afterwards (timers_arm()).
 */
noinline void timers_run(struct timer_queue *q, u64 now)
{
	struct timer *t;

	/* Others only take out, so this is never later than the truth. */
	while (unlikely(READ_ONCE(q->first) <= now)) {
		spin_lock(&q->lock);
		if (q->first > now) {
			spin_unlock(&q->lock);
			return;
		}
		t = first_timer(q);
		take_out(q, t);
		spin_unlock(&q->lock);
		t->fn(t->arg);
	}
}

struct tb_scale tb_scale;

static void rescale(void)
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
	/* In two steps, since b may be 1 and its logarithm 0. */
	tb_scale.part = rest << 1 << (63 - ilog2(b));
	tb_scale.whole = NSEC_PER_SEC / tb_hz;
}

/**
 * tb_to_ns_divided() - tb_to_ns() with any frequency
 * @tb: ticks
 *
 * Whole seconds and the rest are converted apart, and the rest times 10^9 fits
 * 64 bits for any frequency below 18 GHz.
 *
 * Return: ns, exact, rounded down.
 */
u64 tb_to_ns_divided(u64 tb)
{
	rescale();
	return tb / tb_hz * NSEC_PER_SEC + tb % tb_hz * NSEC_PER_SEC / tb_hz;
}

/**
 * ns_to_tb() - nanoseconds to timebase
 * @ns: nanoseconds
 *
 * Exact, rounded up, so that the timebase has reached @ns when it has reached
 * the result; what exceeds 64 bits is never.
 *
 * Return: ticks, TIMER_NEVER if too far.
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
 * system_time() - now
 *
 * Return: ns of system time.
 */
u64 system_time(void)
{
	return tb_to_ns(arch_tb());
}
