/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine of several pCPUs for the real scheduler: each has its timer and is
 * interrupted by kicks, time goes from event to event, and the vcpus are
 * programs of two numbers: how long to compute, how long to sleep.
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
	struct vcpu_runstate_info area;	/* as its guest reads it */
	u64 burst, nap;		/* ns of computing before each sleep of nap ns; burst 0: for ever */
	u64 nap_jitter;		/* ns, added at random */
	struct actor *wakes;	/* is woken when this one goes to sleep */
	bool until_woken;	/* sleeps until another wakes it */
	/* What came of it: */
	u64 left;		/* ticks of the burst not yet run */
	u64 born;		/* ns */
	u64 ran;		/* ticks */
	u64 woken;		/* tb of the wake-up that it has not run since, 0: none */
	u64 waits_since;	/* tb since when it wants to run and does not, 0: it does */
	u64 worst_wait, worst_wake, wakes_seen;
};

extern struct actor actors[SIM_ACTORS];
extern unsigned int nr_actors;
extern u64 sim_idle_while_waiting;	/* ticks: a pCPU slept that could have run somebody */
extern unsigned long sim_off_limits;	/* times that affinity was violated */
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
