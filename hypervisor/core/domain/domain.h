/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Domains, vcpus and physical processors: the objects everything hangs from.
 *
 * Lock order, outermost first (a debug build checks it):
 *   reaping > keyboard > domain.lock > domain.evtchn_lock > FIFO queues >
 *   grant table > maptrack > domain.page_lock > pcpu.lock (run queue) >
 *   a capped domain's budget > timer queue > time of day > console ring >
 *   console_lock > page and slab allocator
 *
 * domains[] is written at boot and by domain_reap() alone.
 *
 * Of two grant tables only one is locked at a time: the granter's, outside of
 * the maptrack and the page_lock of whoever maps.
 *
 * A hypercall runs to its end on its pCPU's stack, with interrupts off; what
 * makes its vcpu unable to go on is only marked, and pcpu.work asks the exit
 * path to come to sched_next(). Domains, vcpus and frames are freed only when
 * every pCPU has come through there (grace.h), so whatever is found in a
 * hypercall stays valid until its end.
 */
#ifndef HV_CORE_DOMAIN_DOMAIN_H
#define HV_CORE_DOMAIN_DOMAIN_H

#include "lib/types.h"
#include "lib/heap.h"
#include "lib/list.h"
#include "lib/lock.h"
#include "core/abi.h"
#include "core/base/grace.h"
#include "core/base/timer.h"

#define MAX_PCPUS	64
#define MAX_DOMAINS	64
#define MAX_VCPUS	64

#include "arch_vcpu.h"	/* needs these */

struct evtchn_state;	/* core/evtchn/evtchn.h */
struct console_ring;	/* core/console/console.h */
struct gnttab;		/* core/gnttab/gnttab.h */

enum vcpu_state {
	VCPU_DOWN,		/* never started or taken down by VCPUOP_down */
	VCPU_RUNNABLE,		/* on a run queue or running */
	VCPU_BLOCKED,		/* SCHEDOP_block, H_CEDE, SCHEDOP_poll */
	VCPU_PAUSED,		/* the domain is dying or has shut down */
};

/* A guest frame that a hypercall touched lately: core/mm/memory.h. */
struct frame_cache {
	u64 gfn;
	u64 gen;	/* of domain.p2m_gen, which starts at 1 */
	u8 *page;
	bool writable;
};

#define FRAME_CACHE	8

/* Where a guest wants a vcpu's runstate, over one page or two: runstate.c. */
struct runstate_area {
	u8 *part[2];
	u64 mfn[2];	/* kept by a reference; ~0: none */
	size_t split;	/* bytes in the first part, 0: there is no area */
};

struct vcpu {
	struct arch_vcpu arch;	/* first: assembly addresses it from the vcpu */
	struct domain *domain;
	struct vcpu_info *info;	/* what the guest registered, or dummy_info */
	struct pcpu *pcpu;	/* whose run queue it belongs to */
	struct heap_node run;	/* in pcpu.runq, by virtual time */
	struct list_head wait_list;	/* in pcpu.pinned_away or sched_domain.parked */
	unsigned int id;
	enum vcpu_state state;	/* pcpu.lock */
	bool initialised;	/* VCPUOP_initialise done (vcpu 0: by the builder); domain.lock */
	bool fresh;		/* and has not been up since; domain.lock */
	bool prodded;		/* H_PROD token, consumed by the next H_CEDE */
	struct timer wake_timer;	/* its decrementer while blocked, poll timeouts */
	struct timer singleshot;	/* VCPUOP_set_singleshot_timer, set_timer_op: its own to arm */
	struct timer periodic;		/* VCPUOP_set_periodic_timer; domain.lock */
	u64 period, beat;		/* ticks, 0: stopped; when it is due next */
	struct vcpu_info dummy_info;
	u32 virq_port[NR_VIRQS];	/* 0: not bound; evtchn_lock */
	u32 *poll_ports;	/* SCHEDOP_poll: what it waits for */
	unsigned int nr_poll;
	/*
	 * Its registers are in the processor of v->pcpu, maybe long after it
	 * stopped running. Set by sched_next() when it picks the vcpu; cleared by
	 * arch, release order, once they are in memory. Only then may another
	 * pCPU take the vcpu.
	 */
	bool resident;
	u64 info_mfn;		/* page that holds *info, ~0 for dummy_info */
	/* What follows is the scheduler's, under pcpu.lock: sched_impl.h */
	u8 queue;		/* enum sched_queue: where it waits */
	bool active;		/* counted in its domain's nr_active */
	bool woken;		/* and has not run for a while since */
	bool yielded;
	bool held;		/* its domain is paused by the tools */
	u64 vt;			/* virtual time */
	u64 since;		/* tb at which it got the pCPU or joined the run queue */
	u64 slice_left;		/* ticks of its slice not yet used */
	u64 chunk;		/* ticks taken from its domain's budget */
	u64 affinity;		/* pCPUs it may use, one bit each */
	u64 wake_tb;		/* blocked: when it wakes without an event */
	int runstate;		/* RUNSTATE_* */
	u64 runstate_since;	/* ns of system time at which it was entered */
	u64 runstate_ns[4];	/* spent in each before */
	struct runstate_area area;
	struct frame_cache frames[FRAME_CACHE];
};

struct domain_config {
	const char *name;
	u64 memory;		/* bytes, a multiple of 4 KiB */
	unsigned int vcpus;
	unsigned int grant_frames;	/* most frames of its grant table, 0: the default */
	unsigned int weight;	/* share of the pCPUs, 0: the default */
	unsigned int cap;	/* percent of one pCPU, 0: none */
	u64 affinity;		/* pCPUs that may run it, a bit each, 0: all */
	const char *cmdline;
	const void *kernel;
	size_t kernel_size;
	const char *kernel_name;
	const void *initrd;
	size_t initrd_size;
	const char *initrd_name;
};

/* The scheduler's part of a domain: sched_vt.c, sched_cap.c. */
struct sched_domain {
	u32 weight;
	u32 nr_active;		/* vcpus that run or want to, atomic */
	u64 rate;		/* virtual time of a tick, fixed point */
	u64 slice_vt;		/* and of a slice */
	u64 vt;			/* of all that its vcpus ran, atomic */
	u32 cap;		/* percent of a pCPU, 0: none */
	spinlock_t lock;	/* what follows */
	s64 budget;		/* ticks it may still run in this period */
	u64 quota;		/* ticks for each period */
	u64 period_end;		/* tb */
	struct list_head parked;	/* vcpus that wait for the next one */
	struct timer refill;
};

/*
 * A domain that has shut down is taken apart by domain_reap(), in steps, and
 * stays a number with a struct, dying, while others have its frames mapped.
 */
enum shutdown_state { DOM_RUNNING, DOM_SHUTDOWN, DOM_DYING };

/* How far a dead domain is taken apart: domain_death.c. */
enum teardown {
	TD_ALIVE,
	TD_QUIET,	/* no vcpu runs any more; hypercalls may still know it */
	TD_MAPPINGS,	/* it has no p2m, ports or console any more */
	TD_MEMORY,
	TD_HELD,	/* what is left is others' to give up */
};

struct domain {
	u16 id;
	bool privileged;	/* dom0 */
	enum shutdown_state state;	/* leaves DOM_RUNNING by compare-and-swap, once */
	unsigned int shutdown_reason;	/* SHUTDOWN_*; read once, any vcpu may write it */
	char name[32];
	struct arch_domain arch;
	struct sched_domain sched;
	spinlock_t lock;	/* params, paused, starting vcpus, where shared_info is */
	spinlock_t evtchn_lock;	/* ports, virq_port, vcpu.info */
	spinlock_t page_lock;	/* p2m, pages */
	struct vcpu *vcpu[MAX_VCPUS];
	unsigned int nr_vcpus;
	u64 tot_pages;		/* 4 KiB frames not freed yet, atomic */
	u64 max_pages;		/* page_lock */
	struct shared_info *shared_info;	/* a frame of the hypervisor's */
	u64 params[HVM_NR_PARAMS];
	struct evtchn_state *ev;
	struct console_ring *cons;
	struct domain_config cfg;	/* to build it again on reboot */
	u64 ext_base, ext_size;		/* grant window and extended regions, bytes */
	struct list_head pages;		/* its frames, page_lock */
	u64 max_gfn;			/* highest frame of RAM ever populated */
	u64 p2m_gen;			/* counts removals from the p2m: p2m_changed() */
	u64 shared_info_gfn;		/* where it is mapped, ~0: nowhere */
	bool shared_info_over_ram;	/* that frame was RAM before */
	bool runstate_update;		/* VMASST_TYPE_runstate_update_flag */
	struct gnttab *gt;
	u32 foreign_maps;	/* its own mappings of others' frames, atomic */
	bool paused;		/* by the tools */
	u8 teardown;		/* enum teardown, the reaper's */
	u64 grace;		/* period that its end waits for, the reaper's */
	struct domain *next_grave;
};

struct pcpu {
	struct vcpu *current;	/* who runs; NULL: none; sched_next() sets it */
	bool work;		/* exit path: leave the short way (timer, resched, reap) */
	bool evict;		/* sched_next(): the loaded vcpu has to go elsewhere */
	bool missed;		/* a vcpu could not be taken just now */
	spinlock_t lock;	/* what follows, and the state of the vcpus that belong here */
	struct heap_node *runq;	/* waiting vcpus by virtual time */
	struct list_head pinned_away;	/* resident here, where they may not run */
	struct vcpu *next, *resume;	/* in runq and to be preferred: sched_next.c */
	struct vcpu *unpublished;	/* its runstate area lags: sched_next.c */
	u64 slice_end;		/* tb at which the running vcpu gives way, ~0: not */
	u64 min_vt;		/* key that those who want to run here have reached */
	u64 balance_tb;		/* when to look at the other pCPUs next */
	/* Read by other pCPUs without the lock: */
	unsigned int waiting;	/* vcpus in runq, if there are other pCPUs */
	u64 head;		/* if any: smallest key in runq */
	u64 steal_threshold;		/* and what its owner must have reached to lose it */
	struct timer_queue timers;
	unsigned int id;
	u64 idle_tb, idle_since;	/* ticks without a vcpu; ~0: not idle now */
	u8 ranks_held[NR_RANKS];	/* debug builds: lib/lock.c */
	struct grace grace;
	struct arch_pcpu arch;
};

extern struct domain *domains[MAX_DOMAINS];
extern unsigned int domains_end;	/* no number from here on was ever used */

/* A domain by its number, valid until the end of the hypercall; NULL if it has shut down. */
static inline struct domain *domain_find(u16 id)
{
	struct domain *d = id < MAX_DOMAINS ? READ_ONCE(domains[id]) : NULL;

	return d && READ_ONCE(d->state) == DOM_RUNNING ? d : NULL;
}

/* domain.c */
struct domain *domain_create(u16 id, const struct domain_config *cfg);
void domain_discard(struct domain *d);	/* at boot */
void domain_publish(struct domain *d);
void domain_start(struct domain *d);	/* vcpu 0 has its registers: let it run */
void domain_shutdown(struct domain *d, unsigned int reason);
void domain_crash(struct domain *d, const char *why, ...) __attribute__((format(printf, 2, 3)));
void domain_tell_dom0(void);
void domain_may_go(void);	/* a dead domain may have lost its last frame */
extern bool reap_wanted;
void reap(void);
/* Goes on with the end of domains that have shut down; no vcpu of theirs is current. */
static inline void domain_reap(void)
{
	if (unlikely(READ_ONCE(reap_wanted)))
		reap();
}

/* wallclock.c */
void wallclock_join(struct domain *d);
int wallclock_set(u64 secs, u32 nsecs, u64 when);

/* Provided by boot/: loads and starts a domain from its configuration. -errno, having said why. */
int domain_build(struct domain *d);

/* init.c */
void core_set_us(const char *name, const char *text, u64 *ns, unsigned long least);
void core_early_init(void);
void core_init(void);
void core_pcpu_init(struct pcpu *p);
int domain_set_magic(struct domain *d, u64 console_gfn, u64 store_gfn);

/* vcpu.c */
struct vcpu *vcpu_create(struct domain *d, unsigned int id);
void vcpu_stop(struct vcpu *v);
void vcpu_free(struct vcpu *v);
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

/* sched.c */
extern struct pcpu pcpus[MAX_PCPUS];
extern unsigned int nr_pcpus;	/* those that run; counted up at boot alone */
void sched_init(struct pcpu *p);
void sched_kick(struct pcpu *p);	/* to sched_next(); the reason is stored */
void sched_wake(struct vcpu *v);	/* idempotent */
bool sched_block(struct vcpu *v);	/* H_CEDE: false if there is a reason to go on */
void sched_yield(struct vcpu *v);
bool sched_yield_to(struct vcpu *v, struct vcpu *target);	/* H_CONFER */
void sched_pause(struct vcpu *v);	/* off the run queue for good */
/*
 * Called by arch on the way out when pcpu.work was set: runs due timers,
 * reaps domains, picks the vcpu to run next (accounting runstates) and arms
 * the slice; NULL: nothing runnable.
 */
struct vcpu *sched_next(struct pcpu *p);

#endif
