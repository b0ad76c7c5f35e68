/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random actions of guests, for test_threads, where several pCPUs run at once. Each
 * pCPU is a thread that performs actions on behalf of the vcpu that it runs.
 */
#ifndef UNIT_GUESTS_H
#define UNIT_GUESTS_H

#include "test.h"

#define PCPUS		4
#define DOMS		6	/* dom0 among them */
#define VCPUS		3
#define RAM_PAGES	192UL

/* Layout of a guest's memory, in guest frame numbers. */
#define ARGS_GFN(v)	(8UL + 4 * (v)->id)	/* arguments, a list, vcpu_info, runstate */
#define CONSOLE_GFN	4UL			/* a domU's console ring */
#define CONSOLE_PORT	1U			/* its first port */
#define FIFO_GFN	40UL			/* FIFO control blocks, then event words */
#define SHARED_GFN	44UL
#define COPY_GFN	48UL			/* frames for GNTTABOP_copy */
#define GRANT_GFN	64UL			/* frames granted to others */
#define BALLOON_GFN	96UL			/* frames given up and populated again */
#define PORTS		32U
#define REFS		16U

/* Number of successful actions: the test fails if some kind of action never succeeds. */
struct tally {
	unsigned long built, mapped, copied, populated, bound, sent;
};

extern struct tally tally;

u64 rnd(void);
u32 below(u32 n);
void seed(u64 x);

void act(struct vcpu *v);
int guest_build(struct domain *d);

#endif
