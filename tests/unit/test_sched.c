// SPDX-License-Identifier: GPL-2.0
/*
 * Scheduling: fairness, blocking without lost wake-ups, polling, runstates.
 */
#include "test.h"

#define MS	NSEC_PER_MSEC

static struct domain *d0, *d1, *d2;
static struct vcpu *a, *b, *c;
static struct pcpu *p;

static struct vcpu *next(void)
{
	return exit_work(p);
}

static void run_for(u64 ns)
{
	host_advance_ns(ns);
}

static void all_blocked(void)
{
	struct vcpu *v[] = { a, b, c };

	for (unsigned int i = 0; i < 3; i++) {
		sched_wake(v[i]);
		guest_run(v[i]);
		v[i]->info->evtchn_upcall_pending = 0;
		v[i]->prodded = false;
		sched_block(v[i]);
	}
	next();
}

/* Its vcpus leave the pCPU first. */
static void end(struct domain *d)
{
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		sched_pause(d->vcpu[i]);
	next();
	domain_discard(d);
}

static void round_robin(void)
{
	u64 ms[3] = { 0 };
	struct vcpu *v;

	for (int i = 0; i < 300; i++) {
		v = next();
		ms[v == a ? 0 : v == b ? 1 : 2]++;
		run_for(10 * MS);
	}
	ok(ms[0] == 100 && ms[1] == 100 && ms[2] == 100, "three busy vcpus get the same time");
	v = next();
	run_for(5 * MS);
	ok(next() == v, "called within a slice, it stays");
	eq(host_timer, host_tb + ns_to_tb(5 * MS), "and the rest of its slice is armed");
	run_for(5 * MS);
	ok(next() != v, "but not beyond it");
	v = next();
	sched_yield(v);
	ok(p->work, "yield asks for the scheduler");
	ok(next() != v, "and another vcpu runs");
}

static void blocking(void)
{
	all_blocked();
	ok(!next(), "nobody to run");
	sched_wake(a);
	ok(p->work, "a wake-up asks for the scheduler");
	ok(next() == a, "the woken vcpu runs");
	sched_wake(a);
	sched_wake(a);
	ok(next() == a && !p->runq, "waking who runs changes nothing");

	a->info->evtchn_upcall_pending = 1;
	ok(!sched_block(a), "block with an event pending does not");
	ok(a->state == VCPU_RUNNABLE, "and leaves the vcpu runnable");
	a->info->evtchn_upcall_pending = 0;
	a->prodded = true;
	ok(!sched_block(a), "block after a prod does not");
	ok(!a->prodded, "and uses the prod up");
	a->arch.dec_tb = host_tb;
	ok(!sched_block(a), "block with an expired decrementer does not");
	a->arch.dec_tb = host_tb - 1000;
	ok(!sched_block(a), "nor with one that expired long ago");

	a->arch.dec_tb = host_tb + ns_to_tb(3 * MS);
	ok(sched_block(a), "block with a decrementer ahead does");
	ok(!next(), "the vcpu sleeps");
	eq(host_timer, min(a->arch.dec_tb, host_timer), "the decrementer is armed");
	run_for(2 * MS);
	ok(!next(), "and sleeps on before its time");
	run_for(1 * MS);
	ok(next() == a, "the decrementer wakes it");
	a->arch.dec_tb = ~0UL >> 1;

	ok(sched_block(a), "block");
	next();
	vcpu_mark_events_pending(a);
	ok(next() == a, "an event wakes it");
	a->info->evtchn_upcall_pending = 0;

	/* The event that comes while the hypercall that blocks is still under way. */
	ok(sched_block(a), "block");
	vcpu_mark_events_pending(a);
	ok(a->state == VCPU_RUNNABLE, "an event before the vcpu has left wakes it");
	ok(next() == a && !p->runq, "and it goes on, queued once");
	a->info->evtchn_upcall_pending = 0;
}

static void event_of_another_cpu(void)
{
	host_on_block = NULL;
	a->info->evtchn_upcall_pending = 1;
}

/* Between the check for events and the vcpu's new state, as from another pCPU. */
static void race(void)
{
	guest_run(a);
	a->info->evtchn_upcall_pending = 0;
	a->arch.dec_tb = host_tb + 1000;
	host_on_block = event_of_another_cpu;
	ok(!sched_block(a), "an event that comes while blocking is not slept through");
	ok(!host_on_block && a->state == VCPU_RUNNABLE, "the vcpu goes on");
	a->info->evtchn_upcall_pending = 0;
	a->arch.dec_tb = ~0UL >> 1;
}

static void boosting(void)
{
	all_blocked();
	sched_wake(b);
	next();
	run_for(50 * MS);
	next();
	run_for(2 * MS);
	p->work = false;
	sched_wake(a);
	ok(p->work, "a woken vcpu makes one that computes give way");
	ok(next() == a, "at once");
	run_for(MS / 10);
	p->work = false;
	sched_wake(c);
	ok(!p->work, "one that has just come runs for a while first");
	eq(p->slice_end, a->since + ns_to_tb(MS), "which is 1 ms");
	run_for(9 * MS / 10);
	ok(next() == c, "then the next woken one runs");
	ok(sched_block(c), "it blocks");
	ok(next() == a, "woken before computing");
	ok(sched_block(a), "it blocks too");
	ok(next() == b, "and the one that computes goes on");

	/* Two that wake each other all the time do not starve the third. */
	u64 ran = 0;
	struct vcpu *v = b;

	for (int i = 0; i < 5000; i++) {
		if (v == b) {
			ran++;
			sched_wake(i & 1 ? a : c);
		} else {
			sched_wake(v == a ? c : a);
			sched_block(v);
		}
		run_for(MS / 5);
		v = next();
	}
	ok(ran > 100, "two that wake each other do not starve a third");
}

/* Six that compute: a seventh that wakes now and then waits for a slice at most. */
static void many(void)
{
	struct domain *d = guest_new(9, 7);
	struct vcpu *sleeper = d->vcpu[6], *v;
	u64 woken = 0, worst = 0;
	bool asleep = false;

	all_blocked();
	for (int i = 0; i < 3000; i++) {
		if (asleep && !(i % 21)) {
			asleep = false;
			sched_wake(sleeper);
			woken = host_tb;
		}
		run_for(5 * MS);
		v = next();
		if (v == sleeper) {
			if (woken)
				worst = max(worst, host_tb - woken);
			asleep = sched_block(sleeper);
			next();
		}
	}
	ok(woken && worst <= ns_to_tb(15 * MS), "among many that compute a woken one waits a slice at most");
	end(d);
}

static s64 poll(struct vcpu *v, u32 *ports, u32 n, u64 timeout)
{
	struct sched_poll op = { .ports.q = INLINE(ARG_GPA + 64), .nr_ports = n, .timeout = timeout };

	if (n <= EVTCHN_MAX_POLL)
		memcpy(guest_ptr(v->domain, ARG_GPA + 64), ports, n * sizeof(u32));
	return hcall_struct(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &op, sizeof(op));
}

static void polling(void)
{
	struct evtchn_bind_ipi ipi = { 0, 0 };
	u32 ports[3] = { 1, 2, 3 };

	all_blocked();
	sched_wake(a);
	guest_run(a);
	evtchn_call(a, EVTCHNOP_bind_ipi, &ipi, sizeof(ipi));
	ports[1] = ipi.port;
	/* Masked: polling works without an interrupt. */
	d0->shared_info->evtchn_mask[ipi.port / 64] |= BIT(ipi.port % 64);

	eq(poll(a, ports, EVTCHN_MAX_POLL + 1, 0), -EINVAL, "poll: too many ports");
	eq(poll(a, ports, 0, 0), -EINVAL, "poll: nothing to wait for");
	ports[0] = 0;
	eq(poll(a, ports, 3, 0), -EINVAL, "poll: port 0");
	ports[0] = 100000;
	eq(poll(a, ports, 3, 0), -EINVAL, "poll: a port out of range");
	ports[0] = ipi.port + 1;
	eq(hcall(a, __HYPERVISOR_sched_op, SCHEDOP_poll, 0, 0), -EFAULT, "poll: null handle");

	eq(poll(a, ports, 3, 1), 0, "poll: a time that has passed");
	ok(a->state == VCPU_RUNNABLE, "returns at once");
	eq(poll(a, ports, 3, system_time() + 5 * MS), 0, "poll with a time-out");
	ok(!next(), "sleeps");
	run_for(4 * MS);
	ok(!next(), "until its time");
	run_for(1 * MS);
	ok(next() == a, "and no longer");
	eq(d0->ev->nr_pollers, 0, "nobody polls any more");

	eq(poll(a, ports, 3, 0), 0, "poll without a time-out");
	ok(!next(), "sleeps");
	evtchn_send(a, ipi.port);
	ok(next() == a, "a masked port that becomes pending wakes it");
	ok(!a->info->evtchn_upcall_pending, "without an interrupt");
	eq(poll(a, ports, 3, 0), 0, "poll with a port pending");
	ok(a->state == VCPU_RUNNABLE, "returns at once");
	d0->shared_info->evtchn_pending[ipi.port / 64] = 0;
	eq(poll(a, ports, 3, 0), 0, "poll");
	next();
	vcpu_mark_events_pending(a);
	ok(next() == a, "an interrupt wakes a poller too");
	a->info->evtchn_upcall_pending = 0;
	eq(d0->ev->nr_pollers, 0, "nobody polls any more");
}

static void runstates(void)
{
	struct vcpu_runstate_info before, info, *area = guest_ptr(d0, 0x8ff0 - 8);
	struct vcpu_register_runstate_memory_area reg = { .addr.p = INLINE(0x8ff0 - 8) };
	u64 sum = 0, since;

	all_blocked();
	sched_wake(a);
	guest_run(a);
	runstate_snapshot(a, &before);
	run_for(7 * MS);
	sched_block(a);
	next();
	run_for(11 * MS);
	sched_wake(b);
	next();
	sched_wake(a);
	run_for(MS / 2);
	runstate_snapshot(a, &info);
	eq(info.time[RUNSTATE_running] - before.time[RUNSTATE_running], 7 * MS, "7 ms running");
	eq(info.time[RUNSTATE_blocked] - before.time[RUNSTATE_blocked], 11 * MS, "11 ms blocked");
	eq(info.time[RUNSTATE_runnable] - before.time[RUNSTATE_runnable], MS / 2,
	   "half a ms waiting");
	eq(info.state, RUNSTATE_runnable, "it is waiting");
	guest_run(a);
	runstate_snapshot(a, &info);
	eq(info.state, RUNSTATE_running, "it runs");

	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 0, INLINE(0x8000)), 0,
	   "get_runstate_info");
	ok(!memcmp(guest_ptr(d0, 0x8000), &info, sizeof(info)), "get_runstate_info: the same");
	for (int i = 0; i < 4; i++)
		sum += info.time[i];
	ok(sum <= system_time() && sum + 1000 > system_time() - 2 * MS, "all states add up");

	/* The area crosses a page. */
	memcpy(guest_ptr(d0, ARG_GPA), &reg, sizeof(reg));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, INLINE(ARG_GPA)), 0,
	   "register a runstate area");
	eq(area->state, RUNSTATE_running, "it is filled at once");
	since = host_tb;
	run_for(3 * MS);
	sched_block(a);
	next();
	eq(area->state, RUNSTATE_blocked, "it follows");
	eq(area->state_entry_time, tb_to_ns(host_tb), "entry time");
	ok(*(u64 *)guest_ptr(d0, 0x8ff0 - 8 + 16) >= tb_to_ns(host_tb - since), "time running");
	run_for(2 * MS);
	sched_wake(a);
	next();
	ok(*(u64 *)guest_ptr(d0, 0x9000) == a->runstate_ns[RUNSTATE_runnable] &&
	   a->runstate_ns[RUNSTATE_runnable], "across its page");

	reg.addr.p = 0x8000;
	memcpy(guest_ptr(d0, ARG_GPA), &reg, sizeof(reg));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, INLINE(ARG_GPA)),
	   -EINVAL, "an area that is not inline");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_phys_area, 0, INLINE(ARG_GPA)), 0,
	   "the phys op takes an address");
	reg.addr.p = INLINE(0x8004);
	memcpy(guest_ptr(d0, ARG_GPA), &reg, sizeof(reg));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, INLINE(ARG_GPA)),
	   -EINVAL, "an area not aligned");
	reg.addr.p = INLINE(GUEST_PAGES * PAGE_SIZE - 8);
	memcpy(guest_ptr(d0, ARG_GPA), &reg, sizeof(reg));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, INLINE(ARG_GPA)),
	   -EFAULT, "an area that ends outside RAM");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, 0), -EFAULT,
	   "null handle");

	/* Its page goes away: the hypervisor leaves it alone. */
	memory_remove(d0, 8);
	sched_block(a);
	next();
	sched_wake(a);
	guest_run(a);
	ok(a->runstate == RUNSTATE_running, "an area whose page is gone is no problem");
}

static void timers_and_misc(void)
{
	struct vcpu_set_singleshot_timer ss = { .timeout_abs_ns = 0 };
	struct evtchn_bind_virq virq = { VIRQ_TIMER, 0, 0 };

	all_blocked();
	sched_wake(a);
	guest_run(a);
	evtchn_call(a, EVTCHNOP_bind_virq, &virq, sizeof(virq));
	a->info->evtchn_upcall_pending = 0;

	ss.timeout_abs_ns = system_time() + 4 * MS;
	memcpy(guest_ptr(d0, ARG_GPA), &ss, sizeof(ss));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, INLINE(ARG_GPA)), 0,
	   "set_singleshot_timer");
	ok(sched_block(a), "block");
	next();
	run_for(3 * MS);
	ok(!next(), "not yet");
	run_for(1 * MS);
	ok(next() == a && a->info->evtchn_upcall_pending, "VIRQ_TIMER wakes the vcpu");
	a->info->evtchn_upcall_pending = 0;
	a->info->evtchn_pending_sel = 0;
	d0->shared_info->evtchn_pending[0] = 0;

	ss.flags = VCPU_SSHOTTMR_future;
	memcpy(guest_ptr(d0, ARG_GPA), &ss, sizeof(ss));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, INLINE(ARG_GPA)), -ETIME,
	   "a time that has passed, to be refused");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 1, INLINE(ARG_GPA)), -ENOENT,
	   "a vcpu that does not exist");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, 0), -EFAULT, "null handle");
	hcall(a, __HYPERVISOR_set_timer_op, system_time() + 2 * MS, 0, 0);
	hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0);
	run_for(3 * MS);
	next();
	ok(!a->info->evtchn_upcall_pending, "a stopped timer does not fire");
	hcall(a, __HYPERVISOR_set_timer_op, 1, 0, 0);
	next();
	ok(a->info->evtchn_upcall_pending, "set_timer_op in the past fires at once");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0, "no periodic timer to stop");
	eq(hcall(a, __HYPERVISOR_sched_op, 8, 0, 0), -ENOSYS, "sched_op: unknown op");
	eq(hcall(a, __HYPERVISOR_sched_op, ~0UL, 0, 0), -ENOSYS, "sched_op: op -1");
	eq(hcall(a, __HYPERVISOR_vcpu_op, 100, 0, 0), -ENOSYS, "vcpu_op: unknown op");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_is_up, ~0UL, 0), -ENOENT, "vcpu_op: vcpu -1");
	eq(hcall(a, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0), 0, "yield");
}

int main(void)
{
	host_init(16 << 20);
	p = this_pcpu();
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	d2 = guest_new(2, 1);
	a = d0->vcpu[0];
	b = d1->vcpu[0];
	c = d2->vcpu[0];
	round_robin();
	blocking();
	race();
	boosting();
	many();
	polling();
	runstates();
	timers_and_misc();
	end(d0);
	end(d1);
	end(d2);
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
