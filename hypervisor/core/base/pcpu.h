/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Physical processors. Each hardware thread that runs guests has a struct pcpu.
 *
 * A hypercall runs to its end on the stack of its pCPU, with interrupts off. Code that makes
 * the current vcpu unable to continue only changes the vcpu's state and sets pcpu.work;
 * on the way out arch/ then calls exit_work() (core/exit_work.c), which chooses the next vcpu.
 */
#ifndef HV_CORE_BASE_PCPU_H
#define HV_CORE_BASE_PCPU_H

#include "core/base/grace.h"
#include "core/base/limits.h"
#include "core/base/timer.h"
#include "lib/heap.h"
#include "lib/list.h"
#include "lib/lock.h"
#include "lib/types.h"

#include "arch_vcpu.h"	/* uses the limits */

struct vcpu;

struct pcpu {
	struct vcpu *current;	/* set by sched_next(); NULL: idle */
	bool work;		/* the next exit has to call exit_work() */
	bool evict;		/* set by sched_next(): arch/ has to save the loaded vcpu and unload it */
	bool missed;		/* a vcpu could not be stolen: its registers or its lock were in use */
	spinlock_t lock;	/* covers what follows, and the state of the vcpus that belong here */
	struct heap_node *runq;	/* waiting vcpus, ordered by virtual time */
	struct list_head pinned_away;	/* loaded here, but their affinity excludes this pCPU */
	struct vcpu *next;	/* in runq: another vcpu yielded to this one */
	struct vcpu *resume;	/* in runq: was preempted and continues with the rest of its slice */
	struct vcpu *unpublished;	/* its runstate area in guest memory is not up to date */
	u64 slice_end;		/* timebase at which the current vcpu has to give way, ~0: never */
	u64 min_vt;		/* smallest key of the vcpus that run or wait here */
	u64 balance_tb;		/* timebase of the next look at the other pCPUs' queues */
	/* Other pCPUs read the following without the lock: */
	unsigned int waiting;	/* vcpus in runq; kept up to date with several pCPUs only */
	u64 head;		/* smallest key in runq, valid if waiting != 0 */
	u64 steal_threshold;	/* a pCPU whose smallest key is above this may steal from here */
	struct timer_queue timers;
	unsigned int id;
	u64 idle_tb;		/* ticks spent without a vcpu */
	u64 idle_since;		/* timebase, ~0: not idle now */
	u8 ranks_held[NR_RANKS];	/* debug builds: locks held, by rank (lib/lock.c) */
	struct grace grace;
	struct arch_pcpu arch;
};

extern struct pcpu pcpus[MAX_PCPUS];
extern unsigned int nr_pcpus;	/* running pCPUs; grows at boot only */

void pcpu_kick(struct pcpu *p);

#endif
