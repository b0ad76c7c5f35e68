// SPDX-License-Identifier: GPL-2.0
/*
 * Run the hypervisor's scheduler on the build machine, with VCPUS runnable vcpus on one pCPU and one call of
 * sched_next() at the end of each time slice. valgrind counts the instructions inside of the function measured().
 *
 * usage: sched_cost VCPUS SWITCHES
 *
 * Prints how many of the SWITCHES calls returned another vcpu than the call before.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/host.h"
#include "test.h"

#define VCPUS_A_DOMAIN 20
#define SLICE_NS 50000
#define WEIGHT 128
#define WEIGHT_STEP 61
/* Calls for each vcpu before the measurement, until the queue is ordered by run time. */
#define ROUNDS_BEFORE 3

static noinline struct vcpu *measured(struct pcpu *p)
{
	return sched_next(p);
}

int main(int argc, char **argv)
{
	int vcpus = argc == 3 ? atoi(argv[1]) : 0, switches = argc == 3 ? atoi(argv[2]) : 0, changed = 0;
	int warm_up = ROUNDS_BEFORE * vcpus;
	struct vcpu *v, *last = NULL;
	struct pcpu *p;

	if (vcpus < 1 || switches < 1) {
		fprintf(stderr, "usage: sched_cost VCPUS SWITCHES\n");
		return 2;
	}
	/* Short slices, so that the work of the consoles, every 10 ms, is not part of each call. */
	sched_slice_ns = SLICE_NS;
	sched_min_run_ns = 0;
	host_init(256 << 20);
	p = this_pcpu();
	for (u16 id = 0; vcpus > 0; id++, vcpus -= VCPUS_A_DOMAIN)
		/* Different weights spread the positions where vcpus are queued again. */
		sched_set_weight(guest_new(id, min(vcpus, VCPUS_A_DOMAIN)), WEIGHT + WEIGHT_STEP * id);
	for (int i = -warm_up; i < switches; i++) {
		host_advance_ns(sched_slice_ns);
		p->work = true;
		if (i < 0) {
			sched_next(p);
			continue;
		}
		v = measured(p);
		changed += v != last;
		last = v;
	}
	printf("%d\n", changed);
	return 0;
}
