// SPDX-License-Identifier: GPL-2.0
/*
 * Periodic timers of vcpus, and the time of day, which dom0 sets for all domains.
 */
#include "test.h"

#define MS	NSEC_PER_MSEC

static struct domain *d0, *d1;
static struct vcpu *v0, *v1;

static s64 vcpu_call(struct vcpu *v, u64 op, u64 who, void *arg, size_t n)
{
	memcpy(guest_ptr(v->domain, ARG_GPA), arg, n);
	return hcall(v, __HYPERVISOR_vcpu_op, op, who, INLINE(ARG_GPA));
}

static s64 start(u64 who, u64 ns)
{
	struct vcpu_set_periodic_timer t = { ns };

	return vcpu_call(v1, VCPUOP_set_periodic_timer, who, &t, sizeof(t));
}

/* Consume VIRQ_TIMER. Returns true if it was pending. */
static bool ticked(const struct vcpu *v)
{
	u32 port = v->virq_port[VIRQ_TIMER];
	u64 *word = &d1->shared_info->evtchn_pending[port / 64];
	bool was = test_bit(port, word - port / 64);

	*word &= ~BIT(port % 64);
	return was;
}

static unsigned int ticks_in(const struct vcpu *v, u64 ns)
{
	unsigned int n = 0;

	for (u64 at = 0; at < ns; at += MS / 4) {
		host_advance_ns(MS / 4);
		exit_work(this_pcpu());
		n += ticked(v);
	}
	return n;
}

/* The ticks of a vcpu that does not run: @v, whose timer has a period of 10 ms. @other: all else that could run. */
static void ticks_without_running(struct vcpu *v, struct vcpu *other)
{
	sched_down(v);
	ok(ticks_in(v, 100 * MS) <= 1, "periodic: a vcpu that is down has one more tick at most");
	ok(!timer_armed(&v->periodic), "periodic: and no timer");
	sched_unpause(v);
	sched_hold(other, true);
	guest_run(v);
	eq(ticks_in(v, 100 * MS), 10, "periodic: the ticks go on when it is up again");
	sched_hold(v, true);
	exit_work(this_pcpu());
	ok(ticks_in(v, 100 * MS) <= 1, "periodic: a vcpu of a paused domain has one more tick at most");
	ok(!timer_armed(&v->periodic), "periodic: and no timer, either");
	sched_hold(v, false);
	guest_run(v);
	eq(ticks_in(v, 100 * MS), 10, "periodic: the ticks go on when the domain is unpaused");
	for (unsigned int i = 0; i < 3; i++) {
		(void)ticked(v);
		v->info->evtchn_upcall_pending = 0;
		v->info->evtchn_pending_sel = 0;
		sched_block_until(v, TIMER_FAR_AWAY - 1);
		exit_work(this_pcpu());
		ok(this_pcpu()->current != v, i ? "periodic: the vcpu blocks again" : "periodic: the vcpu blocks");
		host_advance_ns(10 * MS);
		exit_work(this_pcpu());
		ok(this_pcpu()->current == v, i ? "periodic: and is woken again" : "periodic: a tick wakes it");
	}
	sched_hold(other, false);
}

static void periodic(void)
{
	struct evtchn_bind_virq virq = { VIRQ_TIMER, 0, 0 };
	struct vcpu *w = d1->vcpu[1];

	sched_hold(v0, true);
	sched_hold(w, true);
	guest_run(v1);

	eq(evtchn_call(v1, EVTCHNOP_bind_virq, &virq, sizeof(virq)), 0,
	   "VIRQ_TIMER of vcpu 0 is bound");
	virq.vcpu = 1;
	eq(evtchn_call(v1, EVTCHNOP_bind_virq, &virq, sizeof(virq)), 0,
	   "VIRQ_TIMER of vcpu 1 is bound");
	eq(start(0, MS - 1), -EINVAL, "periodic: fails for a period below 1 ms");
	eq(start(0, 0), -EINVAL, "periodic: fails for a period of 0");
	eq(start(0, ~0UL), -EINVAL, "periodic: fails for the largest period");
	eq(start(2, MS), -ENOENT, "periodic: fails for a vcpu that does not exist");
	eq(hcall(v1, __HYPERVISOR_vcpu_op, VCPUOP_set_periodic_timer, 0, 0), -EFAULT,
	   "periodic: fails for a null handle");
	eq(start(0, 5 * MS), 0, "periodic: a period of 5 ms is accepted");
	eq(start(1, 10 * MS), 0, "periodic: a period of 10 ms is accepted for another vcpu");
	eq(ticks_in(v1, 100 * MS), 20, "periodic: a period of 5 ms gives 20 ticks in 100 ms");
	ok(ticked(w), "periodic: the other vcpu has ticks as well");
	sched_hold(w, false);
	ticks_without_running(w, v1);
	sched_hold(w, true);
	guest_run(v1);
	(void)ticks_in(v1, 10 * MS);
	host_advance_ns(52 * MS);
	exit_work(this_pcpu());
	ok(ticked(v1), "periodic: a timer that is late ticks");
	host_advance_ns(2 * MS);
	exit_work(this_pcpu());
	ok(!ticked(v1), "periodic: a timer that is late ticks once only");
	host_advance_ns(MS);
	exit_work(this_pcpu());
	ok(ticked(v1), "periodic: the tick after a late one is at a multiple of the period");
	eq(start(0, 2 * MS), 0, "periodic: a running timer can be set to another period");
	eq(ticks_in(v1, 100 * MS), 50, "periodic: the new period is in effect");
	/*
	 * Stop the timer while its callback is about to run: the callback must notice the period of
	 * 0.
	 */
	host_advance_ns(3 * MS);
	eq(hcall(v1, __HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0,
	   "stop_periodic_timer: succeeds for a timer that is due");
	v1->periodic.fn(v1);
	ok(!timer_armed(&v1->periodic),
	   "stop_periodic_timer: a callback that is late does not start the timer again");
	(void)ticked(v1);
	eq(ticks_in(v1, 100 * MS), 0, "stop_periodic_timer: there are no further ticks");
	eq(hcall(v1, __HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0,
	   "stop_periodic_timer: succeeds for a stopped timer");
	eq(hcall(v1, __HYPERVISOR_vcpu_op, VCPUOP_send_nmi, 0, 0), -ENOSYS,
	   "send_nmi: is not supported");
}

static s64 platform(struct vcpu *v, struct xen_platform_op op)
{
	memcpy(guest_ptr(v->domain, ARG_GPA), &op, sizeof(op));
	return hcall(v, __HYPERVISOR_platform_op, INLINE(ARG_GPA), 0, 0);
}

static u64 wall(const struct domain *d)
{
	const struct shared_info *s = d->shared_info;

	return ((u64)s->wc_sec_hi << 32 | s->wc.sec) * NSEC_PER_SEC + s->wc.nsec;
}

static void time_of_day(void)
{
	struct xen_platform_op op = {
		.cmd = XENPF_settime64, .interface_version = XENPF_INTERFACE_VERSION,
		.u.settime64 = { .secs = 1700000000, .nsecs = 999999999, .system_time = 5 },
	};
	struct domain *late;
	u32 version = d1->shared_info->wc.version;

	eq(platform(v1, op), -EPERM, "settime: fails for a domU");
	eq(hcall(v0, __HYPERVISOR_platform_op, 0, 0, 0), -EFAULT,
	   "settime: fails for a null handle");
	op.interface_version++;
	eq(platform(v0, op), -EACCES, "settime: fails for another interface version");
	op.interface_version--;
	eq(platform(v0, op), 0, "settime: succeeds");
	eq(wall(d0), 1700000000999999994UL, "settime: dom0 has the new time");
	eq(wall(d1), wall(d0), "settime: a domU has the new time");
	eq(d1->shared_info->wc.version, version + 2, "settime: the version increases by two");
	d1->shared_info->wc.version = 77;
	op.u.settime64.secs = 1UL << 33;
	eq(platform(v0, op), 0, "settime: succeeds beyond 32 bits of seconds");
	eq(wall(d1), (1UL << 33) * NSEC_PER_SEC + 999999994,
	   "settime: both words of the seconds are set");
	eq(d1->shared_info->wc.version, version + 4,
	   "settime: a version overwritten by a guest is ignored");
	late = guest_new(5, 1);
	eq(wall(late), wall(d0), "settime: a domain created later has the same time");
	domain_discard(late);
	op.u.settime64.mbz = 1;
	eq(platform(v0, op), -EINVAL, "settime: fails for a field that must be zero");
	op.u.settime64.mbz = 0;
	op.u.settime64.nsecs = 1000000000;
	eq(platform(v0, op), -EINVAL, "settime: fails for 10^9 nanoseconds");
	op.u.settime64.nsecs = 0;
	op.u.settime64.secs = 1UL << 60;
	eq(platform(v0, op), -EINVAL, "settime: fails for seconds that overflow");
	op.u.settime64.secs = 3;
	op.u.settime64.system_time = 3 * NSEC_PER_SEC;
	eq(platform(v0, op), -EINVAL, "settime: fails for a boot time that is not after 1970");
	op.cmd = XENPF_settime32;
	op.u.settime32 = (struct xenpf_settime32){ .secs = 1600000000, .nsecs = 7, .system_time = 7 };
	eq(platform(v0, op), 0, "settime32: succeeds");
	eq(wall(d1), 1600000000UL * NSEC_PER_SEC, "settime32: a domU has the new time");
	op.cmd = 1;
	eq(platform(v0, op), -ENOSYS, "platform_op: fails for an unknown op");
}

int main(void)
{
	host_init(16 << 20);
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 2);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	periodic();
	time_of_day();
	start(1, 5 * MS);
	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
