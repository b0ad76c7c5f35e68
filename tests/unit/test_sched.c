// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler on one pCPU: fairness, blocking without lost wake-ups, preemption
 * on wake-up, polling, runstates, timers of vcpus.
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

/* Discard a domain after its vcpus have left the pCPU. */
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
	ok(ms[0] == 100 && ms[1] == 100 && ms[2] == 100,
	   "three busy vcpus of equal weight run for the same time");
	v = next();
	run_for(5 * MS);
	ok(next() == v, "the current vcpu stays within its slice");
	eq(host_timer, host_tb + ns_to_tb(5 * MS), "the timer is armed for the rest of the slice");
	run_for(5 * MS);
	ok(next() != v, "another vcpu runs after the slice");
	v = next();
	sched_yield(v);
	ok(p->work, "yield requests work from the scheduler");
	ok(next() != v, "another vcpu runs after a yield");
}

static void blocking(void)
{
	all_blocked();
	ok(!next(), "the pCPU idles when all vcpus are blocked");
	sched_wake(a);
	ok(p->work, "a wake-up requests work from the scheduler");
	ok(next() == a, "a woken vcpu runs on an idle pCPU");
	sched_wake(a);
	sched_wake(a);
	ok(next() == a && !p->runq, "waking a running vcpu does not queue it");

	a->info->evtchn_upcall_pending = 1;
	ok(!sched_block(a), "block returns at once with an event pending");
	ok(a->state == VCPU_RUNNABLE, "block with an event pending leaves the vcpu runnable");
	a->info->evtchn_upcall_pending = 0;
	a->prodded = true;
	ok(!sched_block(a), "block returns at once after VCPUOP_prod");
	ok(!a->prodded, "block consumes the prod");
	a->arch.dec_tb = host_tb;
	ok(!sched_block(a), "block returns at once with an expired decrementer");
	a->arch.dec_tb = host_tb - 1000;
	ok(!sched_block(a), "block returns at once with a decrementer that expired long ago");

	a->arch.dec_tb = host_tb + ns_to_tb(3 * MS);
	ok(sched_block(a), "block with a decrementer in the future blocks");
	ok(!next(), "the blocked vcpu does not run");
	eq(host_timer, min(a->arch.dec_tb, host_timer),
	   "the timer is armed for the decrementer of a blocked vcpu");
	run_for(2 * MS);
	ok(!next(), "a blocked vcpu does not run before its decrementer expires");
	run_for(1 * MS);
	ok(next() == a, "the decrementer wakes a blocked vcpu");
	a->arch.dec_tb = ~0UL >> 1;

	ok(sched_block(a), "block succeeds without a decrementer");
	next();
	vcpu_mark_events_pending(a);
	ok(next() == a, "an event wakes a blocked vcpu");
	a->info->evtchn_upcall_pending = 0;

	/* An event that arrives after sched_block() and before the vcpu has left the pCPU. */
	ok(sched_block(a), "block succeeds before an event arrives in the hypercall");
	vcpu_mark_events_pending(a);
	ok(a->state == VCPU_RUNNABLE,
	   "an event before the vcpu has left its pCPU makes it runnable");
	ok(next() == a && !p->runq,
	   "a vcpu woken before it has left its pCPU continues and is not queued");
	a->info->evtchn_upcall_pending = 0;
}

static void event_of_another_cpu(void)
{
	host_on_block = NULL;
	a->info->evtchn_upcall_pending = 1;
}

/*
 * Another pCPU sends an event after sched_block() has checked for events and before it sets the new
 * state.
 */
static void race(void)
{
	guest_run(a);
	a->info->evtchn_upcall_pending = 0;
	a->arch.dec_tb = host_tb + 1000;
	host_on_block = event_of_another_cpu;
	ok(!sched_block(a), "an event set while a vcpu blocks is not lost");
	ok(!host_on_block && a->state == VCPU_RUNNABLE,
	   "a vcpu that gets an event while it blocks stays runnable");
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
	ok(p->work, "a woken vcpu preempts one that computes");
	ok(next() == a, "the woken vcpu runs at once");
	run_for(MS / 10);
	p->work = false;
	sched_wake(c);
	ok(!p->work, "a woken vcpu does not preempt one that has just started");
	eq(p->slice_end, a->since + ns_to_tb(MS), "a vcpu that has just started runs for 1 ms");
	run_for(9 * MS / 10);
	ok(next() == c, "the woken vcpu runs after that time");
	ok(sched_block(c), "the second woken vcpu blocks");
	ok(next() == a, "the vcpu woken first runs before the one that computes");
	ok(sched_block(a), "the first woken vcpu blocks");
	ok(next() == b, "the computing vcpu runs when both woken ones have blocked");

	/* Two vcpus that wake each other all the time, and a third that computes. */
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
	ok(ran > 100, "two vcpus that wake each other do not starve a third");
}

/*
 * Six vcpus that compute, and a seventh that sleeps and wakes: it must not wait longer than a
 * slice.
 */
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
	ok(woken && worst <= ns_to_tb(15 * MS),
	   "a woken vcpu among many that compute waits at most a slice");
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
	/* Mask the port: a poll ends without an upcall. */
	d0->shared_info->evtchn_mask[ipi.port / 64] |= BIT(ipi.port % 64);

	eq(poll(a, ports, EVTCHN_MAX_POLL + 1, 0), -EINVAL, "poll: fails for too many ports");
	eq(poll(a, ports, 0, 0), -EINVAL, "poll: fails without ports and time-out");
	ports[0] = 0;
	eq(poll(a, ports, 3, 0), -EINVAL, "poll: fails for port 0");
	ports[0] = 100000;
	eq(poll(a, ports, 3, 0), -EINVAL, "poll: fails for a port out of range");
	ports[0] = ipi.port + 1;
	eq(hcall(a, __HYPERVISOR_sched_op, SCHEDOP_poll, 0, 0), -EFAULT,
	   "poll: fails for a null handle");

	eq(poll(a, ports, 3, 1), 0, "poll: succeeds with a time-out in the past");
	ok(a->state == VCPU_RUNNABLE, "poll: a time-out in the past does not block");
	eq(poll(a, ports, 3, system_time() + 5 * MS), 0,
	   "poll: succeeds with a time-out in the future");
	ok(!next(), "poll: blocks with a time-out in the future");
	run_for(4 * MS);
	ok(!next(), "poll: blocks until the time-out");
	run_for(1 * MS);
	ok(next() == a, "poll: the time-out wakes the vcpu");
	eq(d0->ev->nr_pollers, 0, "poll: no vcpu is polling after the time-out");

	eq(poll(a, ports, 3, 0), 0, "poll: succeeds without a time-out");
	ok(!next(), "poll: blocks without a time-out");
	evtchn_send(a, ipi.port);
	ok(next() == a, "poll: a masked port that becomes pending wakes the vcpu");
	ok(!a->info->evtchn_upcall_pending, "poll: a masked port raises no upcall");
	eq(poll(a, ports, 3, 0), 0, "poll: succeeds with a pending port");
	ok(a->state == VCPU_RUNNABLE, "poll: a pending port does not block");
	d0->shared_info->evtchn_pending[ipi.port / 64] = 0;
	eq(poll(a, ports, 3, 0), 0, "poll: succeeds after the pending bit was cleared");
	next();
	vcpu_mark_events_pending(a);
	ok(next() == a, "poll: an upcall for another event wakes the vcpu");
	a->info->evtchn_upcall_pending = 0;
	eq(d0->ev->nr_pollers, 0, "poll: no vcpu is polling after an upcall");
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
	eq(info.time[RUNSTATE_running] - before.time[RUNSTATE_running], 7 * MS,
	   "runstate: 7 ms running are counted");
	eq(info.time[RUNSTATE_blocked] - before.time[RUNSTATE_blocked], 11 * MS,
	   "runstate: 11 ms blocked are counted");
	eq(info.time[RUNSTATE_runnable] - before.time[RUNSTATE_runnable], MS / 2,
	   "runstate: half a ms runnable is counted");
	eq(info.state, RUNSTATE_runnable, "runstate: the vcpu is runnable");
	guest_run(a);
	memset(&info, 0, sizeof(info));	/* its padding too: the hypercall shows none of the hypervisor's */
	runstate_snapshot(a, &info);
	eq(info.state, RUNSTATE_running, "runstate: the vcpu is running");

	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 0, INLINE(0x8000)), 0,
	   "get_runstate_info: succeeds");
	ok(!memcmp(guest_ptr(d0, 0x8000), &info, sizeof(info)),
	   "get_runstate_info: agrees with the internal state");
	for (int i = 0; i < 4; i++)
		sum += info.time[i];
	ok(sum <= system_time() && sum + 1000 > system_time() - 2 * MS,
	   "runstate: the times add up to the vcpu's age");

	/* An area across a page boundary. */
	memcpy(guest_ptr(d0, ARG_GPA), &reg, sizeof(reg));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, INLINE(ARG_GPA)), 0,
	   "runstate area: can be registered across a page boundary");
	eq(area->state, RUNSTATE_running, "runstate area: is filled in at once");
	since = host_tb;
	run_for(3 * MS);
	sched_block(a);
	next();
	eq(area->state, RUNSTATE_blocked, "runstate area: follows the state");
	eq(area->state_entry_time, tb_to_ns(host_tb),
	   "runstate area: has the entry time of the state");
	ok(*(u64 *)guest_ptr(d0, 0x8ff0 - 8 + 16) >= tb_to_ns(host_tb - since),
	   "runstate area: has the time running");
	run_for(2 * MS);
	sched_wake(a);
	next();
	ok(*(u64 *)guest_ptr(d0, 0x9000) == a->runstate_ns[RUNSTATE_runnable] &&
	   a->runstate_ns[RUNSTATE_runnable],
	   "runstate area: the part in the second page is updated");

	reg.addr.p = 0x8000;
	memcpy(guest_ptr(d0, ARG_GPA), &reg, sizeof(reg));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, INLINE(ARG_GPA)),
	   -EINVAL, "runstate area: fails for a handle that is not inline");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_phys_area, 0, INLINE(ARG_GPA)), 0,
	   "runstate area: register_runstate_phys_area takes a plain address");
	reg.addr.p = INLINE(0x8004);
	memcpy(guest_ptr(d0, ARG_GPA), &reg, sizeof(reg));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, INLINE(ARG_GPA)),
	   -EINVAL, "runstate area: fails for an address that is not aligned");
	reg.addr.p = INLINE(GUEST_PAGES * PAGE_SIZE - 8);
	memcpy(guest_ptr(d0, ARG_GPA), &reg, sizeof(reg));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, INLINE(ARG_GPA)),
	   -EFAULT, "runstate area: fails for an area that ends outside RAM");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, 0), -EFAULT,
	   "runstate area: fails for a null handle");

	/*
	 * The page is removed from the domain: the hypervisor must not write to the area any more.
	 */
	memory_remove(d0, 8);
	sched_block(a);
	next();
	sched_wake(a);
	guest_run(a);
	ok(a->runstate == RUNSTATE_running,
	   "runstate area: the vcpu runs on after its page was removed");
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
	   "set_singleshot_timer: succeeds");
	ok(sched_block(a), "block succeeds with a singleshot timer");
	next();
	run_for(3 * MS);
	ok(!next(), "set_singleshot_timer: the vcpu is blocked until the timer expires");
	run_for(1 * MS);
	ok(next() == a && a->info->evtchn_upcall_pending,
	   "set_singleshot_timer: VIRQ_TIMER wakes the vcpu");
	a->info->evtchn_upcall_pending = 0;
	a->info->evtchn_pending_sel = 0;
	d0->shared_info->evtchn_pending[0] = 0;

	ss.flags = VCPU_SSHOTTMR_future;
	memcpy(guest_ptr(d0, ARG_GPA), &ss, sizeof(ss));
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, INLINE(ARG_GPA)), -ETIME,
	   "set_singleshot_timer: fails for a time in the past with VCPU_SSHOTTMR_future");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 1, INLINE(ARG_GPA)), -ENOENT,
	   "set_singleshot_timer: fails for a vcpu that does not exist");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, 0), -EFAULT,
	   "set_singleshot_timer: fails for a null handle");
	hcall(a, __HYPERVISOR_set_timer_op, system_time() + 2 * MS, 0, 0);
	hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0);
	run_for(3 * MS);
	next();
	ok(!a->info->evtchn_upcall_pending, "stop_singleshot_timer: a stopped timer does not fire");
	hcall(a, __HYPERVISOR_set_timer_op, 1, 0, 0);
	next();
	ok(a->info->evtchn_upcall_pending, "set_timer_op: a time in the past fires at once");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0,
	   "stop_periodic_timer: succeeds without a periodic timer");
	eq(hcall(a, __HYPERVISOR_sched_op, 8, 0, 0), -ENOSYS, "sched_op: fails for an unknown op");
	eq(hcall(a, __HYPERVISOR_sched_op, ~0UL, 0, 0), -ENOSYS, "sched_op: fails for op -1");
	eq(hcall(a, __HYPERVISOR_vcpu_op, 100, 0, 0), -ENOSYS, "vcpu_op: fails for an unknown op");
	eq(hcall(a, __HYPERVISOR_vcpu_op, VCPUOP_is_up, ~0UL, 0), -ENOENT,
	   "vcpu_op: fails for vcpu -1");
	eq(hcall(a, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0), 0, "sched_op: yield succeeds");
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
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
