/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Discrete-event simulation of several pCPUs under the hypervisor's scheduler, in
 * one thread. Each pCPU has a timer and reacts to kicks, and time advances from
 * event to event. An actor simulates a vcpu, which alternates between computing
 * for a time (burst) and sleeping (nap).
 */
#ifndef UNIT_SIM_H
#define UNIT_SIM_H

#include "test.h"

#define SIM_CPUS	8
#define SIM_ACTORS	128
#define US		1000UL
#define MS		NSEC_PER_MSEC
#define SEC		NSEC_PER_SEC

struct actor {
	struct vcpu *v;
	struct vcpu_runstate_info area;	/* runstate area in the guest's memory */
	u64 burst, nap;		/* ns: computes for burst, then sleeps for nap; burst 0: never sleeps */
	u64 nap_jitter;		/* ns: random addition to nap, below this value */
	struct actor *wakes;	/* actor that it wakes before it goes to sleep */
	bool until_woken;	/* sleeps until another actor wakes it, without a timer */
	/* State and measurements: */
	u64 left;		/* ticks of the burst still to run */
	u64 born;		/* system time of its creation, ns */
	u64 ran;		/* ticks that it has run */
	u64 woken;		/* timebase of a wake-up after which it has not run yet, 0: none */
	u64 waits_since;	/* timebase since when it is runnable without running, 0: not so */
	u64 worst_wait, worst_wake;	/* ticks: longest time runnable, longest from wake-up to running */
	u64 wakes_seen;		/* wake-ups after which it has run */
};

extern struct actor actors[SIM_ACTORS];
extern unsigned int nr_actors;
extern u64 sim_idle_while_waiting;	/* ticks: longest time that a pCPU idled while a vcpu could run on it */
extern unsigned long sim_affinity_violations;	/* times that a pCPU picked a vcpu against its affinity */
extern unsigned long sim_switches;

void sim_start(unsigned int cpus);
struct domain *sim_domain(unsigned int vcpus, u32 weight, u64 burst, u64 nap);
struct actor *actor_of(const struct vcpu *v);
void sim_run(u64 ns);
void sim_clear(void);
void sim_settle(void);
void sim_end(void);
u64 sim_got(const struct domain *d);
bool sim_invariants(void);
u64 sim_random(u64 n);

#endif
