// SPDX-License-Identifier: GPL-2.0
/*
 * Timers. A pairing heap needs no memory but the timers' own: arming is O(1),
 * taking the earliest or cancelling O(log n) amortised, so that guests with
 * many vcpus cannot make each other's timers slow.
 *
 * Callers hold the pCPU's lock, or are the pCPU itself while one exists.
 * Callbacks run from timers_run() with no lock held and may arm any timer.
 */
#include "core/timer.h"
#include "core/arch.h"

/* Makes the later of two heaps a child of the earlier. */
static struct timer *meld(struct timer *a, struct timer *b)
{
	struct timer *swap;

	if (!a)
		return b;
	if (!b)
		return a;
	if (b->tb < a->tb) {
		swap = a;
		a = b;
		b = swap;
	}
	b->next = a->child;
	if (b->next)
		b->next->prev = b;
	b->prev = a;
	a->child = b;
	a->next = NULL;
	a->prev = NULL;
	return a;
}

/* Melds a list of siblings in pairs, then the pairs from right to left. */
static struct timer *meld_siblings(struct timer *t)
{
	struct timer *pairs = NULL, *root = NULL, *a, *b;

	while (t) {
		a = t;
		b = a->next;
		t = b ? b->next : NULL;
		a->next = NULL;
		a->prev = NULL;
		if (b) {
			b->next = NULL;
			b->prev = NULL;
		}
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		a = pairs;
		pairs = a->next;
		a->next = NULL;
		root = meld(root, a);
	}
	return root;
}

static void heap_remove(struct timer_queue *q, struct timer *t)
{
	struct timer *sub = meld_siblings(t->child);

	if (t == q->root) {
		q->root = sub;
	} else {
		if (t->prev->child == t)
			t->prev->child = t->next;
		else
			t->prev->next = t->next;
		if (t->next)
			t->next->prev = t->prev;
		q->root = meld(q->root, sub);
	}
	t->child = NULL;
	t->next = NULL;
	t->prev = NULL;
	t->queue = NULL;
}

/**
 * timer_queue_init() - start with an empty queue
 * @q: the queue
 */
void timer_queue_init(struct timer_queue *q)
{
	q->root = NULL;
	q->armed = TIMER_NEVER;
}

/**
 * timer_init() - prepare a timer
 * @t: the timer, not armed
 * @fn: what to call when it is due
 * @arg: argument of @fn
 */
void timer_init(struct timer *t, void (*fn)(void *arg), void *arg)
{
	t->child = NULL;
	t->next = NULL;
	t->prev = NULL;
	t->queue = NULL;
	t->tb = TIMER_NEVER;
	t->fn = fn;
	t->arg = arg;
}

/**
 * timers_arm() - tell the hardware about the earliest timer
 * @q: queue of this pCPU
 *
 * Does nothing when the hardware knows already.
 */
void timers_arm(struct timer_queue *q)
{
	u64 tb = q->root ? q->root->tb : TIMER_NEVER;

	if (tb == q->armed)
		return;
	q->armed = tb;
	arch_set_timer(tb);
}

/**
 * timer_set() - arm a timer, or arm it anew
 * @q: queue of the pCPU on which it is to run
 * @t: the timer
 * @tb: absolute timebase; the past is due at once, TIMER_NEVER only cancels
 */
void timer_set(struct timer_queue *q, struct timer *t, u64 tb)
{
	if (t->queue)
		heap_remove(t->queue, t);
	if (tb != TIMER_NEVER) {
		t->tb = tb;
		t->queue = q;
		q->root = meld(q->root, t);
	}
	/* A later head than the armed one costs one early exit, no more. */
	if (q->root && q->root->tb < q->armed)
		timers_arm(q);
}

/**
 * timer_cancel() - disarm a timer
 * @t: the timer, armed or not
 */
void timer_cancel(struct timer *t)
{
	if (t->queue)
		heap_remove(t->queue, t);
}

/**
 * timers_run() - call what is due and arm the hardware for the rest
 * @q: queue of this pCPU
 * @now: timebase; timers armed for later than this wait, so a callback that
 *       arms itself anew cannot hold the loop
 */
void timers_run(struct timer_queue *q, u64 now)
{
	struct timer *t;

	while ((t = q->root) && t->tb <= now) {
		heap_remove(q, t);
		t->fn(t->arg);
	}
	/*
	 * Always told again: the interrupt lasts until then, and what is far away
	 * may have been armed for less than the whole distance.
	 */
	q->armed = q->root ? q->root->tb : TIMER_NEVER;
	arch_set_timer(q->armed);
}

/**
 * tb_to_ns() - timebase to nanoseconds
 * @tb: ticks
 *
 * Exact, rounded down: whole seconds and the rest are converted apart, and
 * the rest times 10^9 fits 64 bits for any frequency below 18 GHz.
 *
 * Return: ns.
 */
u64 tb_to_ns(u64 tb)
{
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
