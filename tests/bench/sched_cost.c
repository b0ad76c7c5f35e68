// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the hypervisor's scheduler on the build machine, with VCPUS runnable vcpus on one pCPU, until it has made
 * SWITCHES decisions. scheduler.py runs it under valgrind, which counts the instructions of exit_work(), timers and
 * grace periods included, by way of its only measured caller, measured().
 *
 * usage: sched_cost VCPUS SWITCHES
 *
 * Prints how many of the decisions picked another vcpu than the one before.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/exit_work.h"
#include "host/host.h"
#include "test.h"

#define VCPUS_A_DOMAIN 20
#define SLICE_NS 50000
#define WEIGHT 128
#define WEIGHT_STEP 61
/* Slices for each vcpu before the measurement, after which the queue is ordered by virtual time. */
#define WARM_UP_ROUNDS 3

static noinline struct vcpu *measured(struct pcpu *p)
{
	return exit_work(p);
}

int main(int argc, char **argv)
{
	int vcpus = argc == 3 ? atoi(argv[1]) : 0, switches = argc == 3 ? atoi(argv[2]) : 0, changed = 0;
	int warm_up = WARM_UP_ROUNDS * vcpus;
	struct vcpu *v, *last = NULL;
	struct pcpu *p;

	if (vcpus < 1 || switches < 1) {
		fprintf(stderr, "usage: sched_cost VCPUS SWITCHES\n");
		return 2;
	}
	/* Short slices, so that the console poll, which exit_work() does every 20 ms, falls into few of them. */
	sched_slice_ns = SLICE_NS;
	sched_min_run_ns = 0;
	host_init(256 << 20);
	p = this_pcpu();
	for (u16 id = 0; vcpus > 0; id++, vcpus -= VCPUS_A_DOMAIN)
		/* Different weights, so that a preempted vcpu is queued at varying positions. */
		sched_set_weight(guest_new(id, min(vcpus, VCPUS_A_DOMAIN)), WEIGHT + WEIGHT_STEP * id);
	for (int i = -warm_up; i < switches; i++) {
		host_advance_ns(sched_slice_ns);
		p->work = true;
		if (i < 0) {
			exit_work(p);
			continue;
		}
		v = measured(p);
		changed += v != last;
		last = v;
	}
	printf("%d\n", changed);
	return 0;
}
