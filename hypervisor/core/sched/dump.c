// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler's part of the hypervisor console: dump the run queues.
 */
#include "core/sched/private.h"
#include "lib/printf.h"

#define MAX_LINES	32

static void dump_vcpu(const char *what, const struct vcpu *v, u64 now)
{
	printk("  %s d%uv%u for %lu us%s, weight %u\n", what, v->domain->id, v->id,
	       tb_to_ns(now - v->since) / 1000, v->woken ? ", woken" : "",
	       v->domain->sched.weight);
}

static void dump_pcpu(struct pcpu *p, u64 now)
{
	unsigned int lines = 0, waiting = 0;
	u64 idle = p->idle_tb;
	struct heap_node *n;

	if (p->idle_since != TIMER_NEVER)
		idle += now - p->idle_since;
	for (n = p->runq; n; n = heap_walk(n))
		waiting++;
	printk("pcpu%u: up %lu ms, idle %lu ms, %u waiting\n", p->id,
	       tb_to_ns(now) / NSEC_PER_MSEC, tb_to_ns(idle) / NSEC_PER_MSEC, waiting);
	if (p->current)
		dump_vcpu("running", p->current, now);
	for (n = p->runq; n && lines++ < MAX_LINES; n = heap_walk(n))
		dump_vcpu("waiting", container_of(n, struct vcpu, run), now);
}

/**
 * sched_dump() - print the run queues of all pCPUs
 *
 * Skips a pCPU whose lock is taken: the caller may hold locks already, and debug
 * output must not be able to deadlock.
 */
void sched_dump(void)
{
	u64 now = arch_tb();

	printk("slice %lu us, minimum run %lu us\n", sched_slice_ns / 1000, sched_min_run_ns / 1000);
	for (unsigned int i = 0; i < nr_pcpus; i++) {
		if (!spin_trylock(&pcpus[i].lock)) {
			printk("pcpu%u: busy\n", i);
			continue;
		}
		dump_pcpu(&pcpus[i], now);
		spin_unlock(&pcpus[i].lock);
	}
}
