// SPDX-License-Identifier: GPL-2.0
/*
 * Kicks that a guest causes by hypercalls in a loop: another domain's pCPU must not leave its guest
 * for each of them. Four pCPUs in one thread: dom0 runs on pCPU 0, the hostile domain on pCPU 1.
 */
#include "guests.h"

#define LOOPS	1000

static struct domain *d0, *d1;
static struct vcpu *v0, *v1;

static int build(struct domain *d)
{
	d->ext_base = 1UL << 32;
	d->ext_size = 16UL << 20;
	return memory_populate(d, 0, RAM_PAGES);
}

static struct domain *born(u16 id, unsigned int vcpus, u64 cpus)
{
	struct domain_config cfg = {
		.name = "g", .memory = RAM_PAGES << PAGE_SHIFT, .vcpus = vcpus, .affinity = cpus,
	};
	struct domain *d = domain_create(id, &cfg);

	if (!d || build(d))
		exit(1);
	domain_start(d);
	return d;
}

/* @ns pass, then the scheduler runs on a pCPU as it does after a kick. */
static void pass(unsigned int pcpu, u64 ns)
{
	unsigned int me = host_pcpu;

	host_pcpu = pcpu;
	host_advance_ns(ns);
	(void)host_next();
	host_pcpu = me;
}

static void pass_kicked(u64 ns)
{
	for (unsigned int p = 0; p < nr_pcpus; p++)
		if (READ_ONCE(pcpus[p].work) || (p == 1 && arch_tb() >= host_timers[1]))
			pass(p, ns);
}

static s64 reservation(struct vcpu *v, u64 op, u64 gfn)
{
	u64 at = ARGS_GFN(v) << PAGE_SHIFT;
	struct xen_memory_reservation r = {
		.extent_start.q = INLINE(at | 2048), .nr_extents = 1, .domid = DOMID_SELF,
	};

	memcpy(guest_ptr(v->domain, at + 2048), &gfn, sizeof(gfn));
	memcpy(guest_ptr(v->domain, at), &r, sizeof(r));
	return hcall(v, __HYPERVISOR_memory_op, op, INLINE(at), 0);
}

/* 1000 pairs in 10 ms: at most one grace period for each ms, and one for each 1024 frames. */
static void balloon_loop(void)
{
	unsigned int dom0 = pcpus[0].arch.kicks, idle = pcpus[2].arch.kicks;
	u64 free = pages_free();
	int done = 0;

	host_pcpu = 1;
	for (int i = 0; i < LOOPS; i++) {
		done += reservation(v1, XENMEM_decrease_reservation, 100);
		done += reservation(v1, XENMEM_populate_physmap, 100);
		host_advance_ns(8000);
		pass_kicked(500);
		pass_kicked(500);
	}
	eq(done, 2 * LOOPS, "ballooning in a loop: works");
	ok(pcpus[0].arch.kicks - dom0 <= 20, "ballooning in a loop: kicks dom0's pCPU once a ms");
	ok(pcpus[2].arch.kicks - idle <= 20, "ballooning in a loop: kicks an idle pCPU once a ms");
	for (int i = 0; i < 40; i++) {
		host_advance_ns(NSEC_PER_MSEC);
		for (int p = 0; p < 4; p++)
			pass(p, 1000);
	}
	eq(pages_free(), free, "ballooning in a loop: all frames are free in the end");
}

static void grace_periods(void)
{
	unsigned int kicks = pcpus[2].arch.kicks;
	u64 seq = 0;

	host_pcpu = 1;
	for (int i = 0; i < 100; i++)
		seq = grace_begin();
	eq(pcpus[2].arch.kicks - kicks, 1,
	   "grace periods: a pCPU is not kicked again while a kick is under way");
	for (int p = 0; p < 4; p++)
		pass(p, 1000);
	ok(grace_over(seq), "grace periods: all of them are over when each pCPU has passed once");
	kicks = pcpus[2].arch.kicks;
	seq = grace_begin();
	eq(pcpus[2].arch.kicks - kicks, 1, "grace periods: the next one kicks again");
	for (int p = 0; p < 4; p++)
		pass(p, 1000);
	ok(grace_over(seq), "grace periods: and is over");
}

/* Vcpu 1 of d1 waits on pCPU 0 behind dom0; vcpu 0, on pCPU 1, confers to it again and again. */
static void confer_loop(void)
{
	struct vcpu *w = d1->vcpu[1];
	unsigned int kicks, lost = 0;

	w->affinity = 1;
	host_pcpu = 0;
	sched_unpause(w);
	for (int i = 0; i < 400 && (pcpus[0].current != v0 || !v0->slice_left); i++)
		pass(0, NSEC_PER_MSEC);
	ok(pcpus[0].current == v0 && w->pcpu == &pcpus[0],
	   "H_CONFER in a loop: the target waits behind dom0");
	kicks = pcpus[0].arch.kicks;
	host_pcpu = 1;
	for (int i = 0; i < LOOPS; i++) {
		sched_yield_to(v1, w);
		pass_kicked(0);
		lost += pcpus[0].current != v0;
	}
	eq(pcpus[0].arch.kicks - kicks, 0, "H_CONFER in a loop: kicks no pCPU of dom0");
	eq(lost, 0, "H_CONFER in a loop: dom0 keeps its pCPU for its slice");
	for (int i = 0; i < 400 && pcpus[0].current != w; i++)
		pass(0, NSEC_PER_MSEC);
	ok(pcpus[0].current == w, "H_CONFER in a loop: the target runs in its turn");
}

/* A change of LPCR: to the vcpus of the domain that run, and to nobody else. */
static void siblings(void)
{
	struct vcpu *w = d1->vcpu[1];
	unsigned int kicks[3];

	for (int i = 0; i < 400 && pcpus[0].current != v0; i++)
		pass(0, NSEC_PER_MSEC);
	for (int p = 0; p < 3; p++)
		kicks[p] = pcpus[p].arch.kicks;
	host_pcpu = 1;
	sched_kick_siblings(v1);
	eq(pcpus[0].arch.kicks - kicks[0], 0, "LPCR: no kick for a vcpu that waits");
	eq(pcpus[1].arch.kicks - kicks[1], 0, "LPCR: no kick for the caller");
	eq(pcpus[2].arch.kicks - kicks[2], 0, "LPCR: no kick of an idle pCPU");
	for (int i = 0; i < 400 && pcpus[0].current != w; i++)
		pass(0, NSEC_PER_MSEC);
	kicks[0] = pcpus[0].arch.kicks;
	sched_kick_siblings(v1);
	eq(pcpus[0].arch.kicks - kicks[0], 1, "LPCR: a kick for a vcpu that runs");
	ok(pcpus[0].work, "LPCR: its pCPU goes through work_exit(), which loads LPCR");
}

int main(void)
{
	host_init(64 << 20);
	host_build = build;
	nr_pcpus = 4;
	for (int i = 1; i < 4; i++)
		core_pcpu_init(&pcpus[i]);
	d0 = born(0, 1, 1);
	d1 = born(1, 2, 2);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	d1->vcpu[1]->initialised = true;
	for (int i = 0; i < 8; i++)
		for (int p = 0; p < 4; p++)
			pass(p, 1000);
	ok(pcpus[0].current == v0 && pcpus[1].current == v1, "each domain runs on its pCPU");
	balloon_loop();
	grace_periods();
	confer_loop();
	siblings();
	return test_done();
}
