/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers: a queue for each pCPU, ordered by absolute timebase, and the exact
 * conversion between timebase and nanoseconds.
 *
 * System time, the clock of every ABI that speaks of nanoseconds, is the
 * timebase in ns: it is 0 when the timebase is 0. Both directions are exact;
 * ns_to_tb() rounds up, so that a timer never fires before its time.
 */
#ifndef HV_CORE_TIMER_H
#define HV_CORE_TIMER_H

#include "lib/types.h"

#define NSEC_PER_SEC	1000000000UL
#define NSEC_PER_MSEC	1000000UL
#define TIMER_NEVER	(~0UL)

struct timer_queue;

struct timer {
	struct timer *child, *next, *prev;	/* pairing heap; prev: left sibling or parent */
	struct timer_queue *queue;		/* NULL: not armed */
	u64 tb;
	void (*fn)(void *arg);
	void *arg;
};

struct timer_queue {
	struct timer *root;	/* earliest */
	u64 armed;		/* what the hardware was told, TIMER_NEVER: nothing */
};

extern u64 tb_hz;

void timer_queue_init(struct timer_queue *q);
void timer_init(struct timer *t, void (*fn)(void *arg), void *arg);
void timer_set(struct timer_queue *q, struct timer *t, u64 tb);
void timer_cancel(struct timer *t);
void timers_run(struct timer_queue *q, u64 now);
void timers_arm(struct timer_queue *q);

static inline bool timer_armed(const struct timer *t)
{
	return t->queue;
}

u64 tb_to_ns(u64 tb);
u64 ns_to_tb(u64 ns);
u64 system_time(void);

#endif
