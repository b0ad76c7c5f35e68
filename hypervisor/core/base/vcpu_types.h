/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual processors: the struct, and what can be read of it without calling its owners.
 * core/domain/vcpu.c creates and frees vcpus, core/sched/ runs them.
 */
#ifndef HV_CORE_BASE_VCPU_TYPES_H
#define HV_CORE_BASE_VCPU_TYPES_H

#include "core/abi.h"
#include "core/base/pcpu.h"

struct domain;

enum vcpu_state {
	VCPU_DOWN,		/* never started, or stopped by VCPUOP_down */
	VCPU_RUNNABLE,		/* waiting for a pCPU, or running */
	VCPU_BLOCKED,		/* SCHEDOP_block, H_CEDE, SCHEDOP_poll */
	VCPU_PAUSED,		/* will not run again: its domain has shut down */
};

/* A guest frame that a hypercall of this vcpu used lately (core/mm/memory.h). */
struct frame_cache {
	u64 gfn;
	u64 gen;		/* domain.p2m_gen at that time; p2m_gen starts at 1 */
	u8 *page;
	bool writable;
};

#define FRAME_CACHE	8

/* Where the guest wants the vcpu's runstate written: in one page, or across a page boundary. */
struct runstate_area {
	u8 *part[2];
	u64 mfn[2];		/* each holds a reference; ~0: none */
	size_t split;		/* bytes in the first part, 0: no area registered */
};

struct vcpu {
	struct arch_vcpu arch;	/* first: assembly uses offsets from the vcpu */
	struct domain *domain;
	struct vcpu_info *info;	/* registered by the guest, else dummy_info */
	struct pcpu *pcpu;	/* the vcpu is on this pCPU's run queue, or was last */
	struct heap_node run;	/* in pcpu.runq, ordered by virtual time */
	struct list_head wait_list;	/* in pcpu.pinned_away or sched_domain.parked */
	unsigned int id;
	enum vcpu_state state;	/* pcpu.lock */
	bool initialised;	/* VCPUOP_initialise done (vcpu 0: by the builder); domain.lock */
	bool fresh;		/* initialised, and not started since; domain.lock */
	bool prodded;		/* H_PROD was called; the next H_CEDE returns at once and clears this */
	struct timer wake_timer;	/* while blocked: decrementer or poll timeout */
	struct timer singleshot;	/* VCPUOP_set_singleshot_timer, set_timer_op; armed by the vcpu itself */
	struct timer periodic;	/* VCPUOP_set_periodic_timer; domain.lock */
	u64 period;		/* of the periodic timer, ticks; 0: stopped */
	u64 period_next;	/* timebase of its next tick, or of its last one with tick_waits */
	bool tick_waits;	/* not armed until the vcpu runs; domain.lock */
	struct vcpu_info dummy_info;
	u32 virq_port[NR_VIRQS];	/* 0: not bound; evtchn_lock */
	u32 *poll_ports;	/* ports of SCHEDOP_poll */
	unsigned int nr_poll;	/* entries of poll_ports; 0: the vcpu does not poll */
	/*
	 * The vcpu's registers are in the processor v->pcpu, possibly long after the vcpu
	 * stopped running. sched_next() sets this when it picks the vcpu; arch/ clears it with
	 * release order when the registers are in memory. Only then may another pCPU take
	 * the vcpu.
	 */
	bool resident;
	u64 info_mfn;		/* page that holds *info, ~0 for dummy_info */
	/* The scheduler's part, under pcpu.lock: core/sched/private.h */
	u8 queue;		/* enum sched_queue: where the vcpu waits */
	bool active;		/* counted in sched_domain.nr_active */
	bool woken;		/* woke up, and has not used up its minimum run since */
	bool yielded;
	bool held;		/* the toolstack has paused the domain */
	u64 vt;			/* virtual time */
	u64 since;		/* timebase at which it got the pCPU or joined the run queue */
	u64 slice_left;		/* unused ticks of its slice */
	u64 chunk;		/* ticks taken from its domain's budget */
	u64 affinity;		/* pCPUs that may run it, one bit each */
	u64 wake_tb;		/* while blocked: timebase of the wakeup, unless an event comes first */
	int runstate;		/* RUNSTATE_* */
	u64 runstate_since;	/* ns of system time at which it was entered */
	u64 runstate_ns[4];	/* time spent in each state before that */
	struct runstate_area area;
	struct frame_cache frames[FRAME_CACHE];
};

static inline bool vcpu_stopped(const struct vcpu *v)
{
	enum vcpu_state state = READ_ONCE(v->state);

	return state == VCPU_DOWN || state == VCPU_PAUSED;
}

static inline bool vcpu_event_pending(const struct vcpu *v)
{
	const struct vcpu_info *info = READ_ONCE(v->info);

	return READ_ONCE(info->evtchn_upcall_pending);
}

#endif
