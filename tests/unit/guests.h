/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that play pCPUs, and the acts of the guests that run on them.
 */
#ifndef UNIT_GUESTS_H
#define UNIT_GUESTS_H

#include "test.h"

#define PCPUS		4
#define DOMS		6	/* dom0 among them */
#define VCPUS		3
#define RAM_PAGES	192UL

/* Where a guest has what; in frames. */
#define ARGS_GFN(v)	(8UL + 4 * (v)->id)	/* arguments, a list, vcpu_info, runstate */
#define CONSOLE_GFN	4UL			/* a domU's console ring */
#define CONSOLE_PORT	1U			/* its first port */
#define FIFO_GFN	40UL			/* control blocks, words */
#define SHARED_GFN	44UL
#define COPY_GFN	48UL			/* copied from and to */
#define GRANT_GFN	64UL			/* granted to others */
#define BALLOON_GFN	96UL			/* comes and goes */
#define PORTS		32U
#define REFS		16U

/* How much came of it: a test of nothing must show. */
struct tally {
	unsigned long built, mapped, copied, populated, bound, sent;
};

extern struct tally tally;

u64 rnd(void);
u32 below(u32 n);
void seed(u64 x);

/* One act of a guest, by the vcpu that runs on this pCPU. */
void act(struct vcpu *v);
int guest_build(struct domain *d);

#endif
