/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Domains: the struct. core/base/domains.h finds a domain by its number, core/domain/ creates and
 * destroys domains; each subsystem owns the members that name it.
 *
 * lib/lock.h has the order of the locks.
 */
#ifndef HV_CORE_BASE_DOMAIN_TYPES_H
#define HV_CORE_BASE_DOMAIN_TYPES_H

#include "core/base/vcpu_types.h"

struct evtchn_state;	/* core/evtchn/evtchn.h */
struct console_ring;	/* core/console/console.h */
struct gnttab;		/* core/gnttab/gnttab.h */

/* What boot/ builds a domain from; kept to build it again when the guest reboots. */
struct domain_config {
	const char *name;
	u64 memory;		/* bytes, a multiple of 4 KiB */
	unsigned int vcpus;
	unsigned int grant_frames;	/* limit of its grant table, 0: the default */
	unsigned int weight;	/* share of the pCPUs, 0: the default */
	unsigned int cap;	/* percent of one pCPU, 0: no limit */
	u64 affinity;		/* pCPUs that may run it, one bit each, 0: all */
	const char *cmdline;
	const void *kernel;
	size_t kernel_size;
	const char *kernel_name;
	const void *initrd;
	size_t initrd_size;
	const char *initrd_name;
	void *tree;		/* device tree, made at the first start; freed with the domain, NULL: none yet */
	size_t tree_size;
	xen_domain_handle_t handle;	/* UUID, all zeros: make one; domain.lock */
};

/* The scheduler's part of a domain: core/sched/vtime.c, core/sched/cap.c. */
struct sched_domain {
	u32 weight;
	u32 nr_active;		/* vcpus that run or wait for a pCPU, atomic */
	u64 rate;		/* virtual time of one tick, fixed point */
	u64 slice_vt;		/* virtual time of one slice */
	u64 vt;			/* virtual time of all that its vcpus ran, atomic */
	u32 cap;		/* percent of one pCPU, 0: no limit */
	spinlock_t lock;	/* covers what follows */
	s64 budget;		/* ticks left in this period */
	u64 quota;		/* ticks for each period */
	u64 period_end;		/* timebase */
	struct list_head parked;	/* vcpus that wait for the next period */
	struct timer refill;
};

enum shutdown_state {
	DOM_RUNNING,
	DOM_SHUTDOWN,		/* its vcpus stop */
	DOM_DYING,		/* domain_reap() takes it apart */
};

#define REASON_NONE	(~0U)	/* no SHUTDOWN_* */

/* Whether a domain that rebooted is built again: the toolstack and domain_reap() race for it. */
enum rebuild {
	REBUILD_OPEN,
	REBUILD_NEVER,		/* the toolstack has destroyed the domain */
	REBUILD_BEGUN,		/* by domain_reap(): its number belongs to its heir */
};

/* How far domain_teardown() has come. */
enum teardown {
	TD_ALIVE,
	TD_QUIET,	/* all vcpus have left their pCPUs; other pCPUs' hypercalls may still use the domain */
	TD_TABLES,	/* ports and console are gone; next: its p2m */
	TD_MAPPINGS,	/* next: its mappings of other domains' frames */
	TD_MEMORY,	/* next: its own frames */
	TD_HELD,	/* only frames that other domains have mapped are left */
};

struct domain {
	u16 id;
	bool privileged;	/* dom0 */
	enum shutdown_state state;	/* leaves DOM_RUNNING once, after shutdown_reason is set */
	unsigned int shutdown_code;	/* SHUTDOWN_* by SCHEDOP_shutdown_code; any vcpu may write it */
	unsigned int shutdown_reason;	/* SHUTDOWN_*, set once by compare-and-swap; or REASON_NONE */
	u8 rebuild;		/* enum rebuild, changes once by compare-and-swap */
	char name[32];
	struct arch_domain arch;
	struct sched_domain sched;
	spinlock_t lock;	/* params, paused, starting vcpus, shared_info_gfn */
	spinlock_t evtchn_lock;	/* ports, virq_port, vcpu.info */
	spinlock_t page_lock;	/* p2m, pages */
	struct vcpu *vcpu[MAX_VCPUS];
	unsigned int nr_vcpus;
	u64 tot_pages;		/* 4 KiB frames not freed yet, atomic */
	u64 max_pages;		/* page_lock */
	struct shared_info *shared_info;	/* in a frame of the hypervisor */
	u64 params[HVM_NR_PARAMS];
	struct evtchn_state *ev;
	struct evtchn_state *ev_closed;	/* after its last port was closed, until it is freed */
	struct console_ring *cons;
	struct domain_config cfg;
	u64 ext_base, ext_size;	/* guest physical range for grants and foreign frames, bytes */
	struct list_head pages;	/* its frames, page_lock */
	u64 max_gfn;		/* highest frame of RAM populated so far */
	u64 p2m_gen;		/* incremented by each removal from the p2m: p2m_changed() */
	u64 shared_info_gfn;	/* where the guest has mapped shared_info, ~0: nowhere */
	bool shared_info_over_ram;	/* the mapping replaced a frame of RAM */
	bool runstate_update;	/* VMASST_TYPE_runstate_update_flag */
	struct gnttab *gt;
	u32 foreign_maps;	/* frames of other domains that it has mapped, atomic */
	bool paused;		/* by the toolstack */
	bool console_work;	/* text waits for the terminal: exit_work() does a step of it */
	u8 teardown;		/* enum teardown; written by domain_reap() only */
	u64 grace;		/* grace period that its teardown waits for */
	struct domain *next_dead;	/* without a number, waiting for the grace period */
	u64 born;		/* timebase */
	u64 reap_tb;		/* domain_reap() only: no step before that, because of the cap */
	/* domain_reap() only, of a domain that has rebooted: */
	struct domain *heir;	/* the domain that takes its place, until it is complete */
	struct domain_build *build;	/* how far that is: the builder's */
	u64 rebuild_tb;		/* when that begins, 0: not decided yet */
	u64 back_off;		/* ticks that its own building was delayed for */
	u64 reap_ticks;		/* time that taking apart and building took, predecessors' included */
};

#endif
