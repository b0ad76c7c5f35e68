// SPDX-License-Identifier: GPL-2.0
/*
 * Time that is told: periodic timers of vcpus, and the time of day that dom0
 * sets for all domains.
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

/* Did VIRQ_TIMER come since the last look? */
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

static void periodic(void)
{
	struct evtchn_bind_virq virq = { VIRQ_TIMER, 0, 0 };
	struct vcpu *w = d1->vcpu[1];

	eq(evtchn_call(v1, EVTCHNOP_bind_virq, &virq, sizeof(virq)), 0, "VIRQ_TIMER of vcpu 0");
	virq.vcpu = 1;
	eq(evtchn_call(v1, EVTCHNOP_bind_virq, &virq, sizeof(virq)), 0, "and of vcpu 1");
	eq(start(0, MS - 1), -EINVAL, "a period below 1 ms");
	eq(start(0, 0), -EINVAL, "a period of 0");
	eq(start(0, ~0UL), -EINVAL, "a period without end");
	eq(start(2, MS), -ENOENT, "of a vcpu that does not exist");
	eq(hcall(v1, __HYPERVISOR_vcpu_op, VCPUOP_set_periodic_timer, 0, 0), -EFAULT, "null handle");
	eq(start(0, 5 * MS), 0, "5 ms");
	eq(start(1, 10 * MS), 0, "10 ms for the other vcpu");
	eq(ticks_in(v1, 100 * MS), 20, "twenty ticks in 100 ms");
	ok(ticked(w), "the other ticks as well");
	eq(ticks_in(w, 100 * MS), 10, "half as often");
	(void)ticked(v1);
	host_advance_ns(52 * MS);
	exit_work(this_pcpu());
	ok(ticked(v1), "late: one tick");
	host_advance_ns(2 * MS);
	exit_work(this_pcpu());
	ok(!ticked(v1), "not ten");
	host_advance_ns(MS);
	exit_work(this_pcpu());
	ok(ticked(v1), "and the next one keeps the beat");
	eq(start(0, 2 * MS), 0, "started anew with another period");
	eq(ticks_in(v1, 100 * MS), 50, "it is that");
	/* Stopped while its callback is about to run: period 0 is what it looks at. */
	host_advance_ns(3 * MS);
	eq(hcall(v1, __HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0, "stopped when due");
	v1->periodic.fn(v1);
	ok(!timer_armed(&v1->periodic), "does not start itself again");
	(void)ticked(v1);
	eq(ticks_in(v1, 100 * MS), 0, "it is silent");
	eq(hcall(v1, __HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0, "stopped twice");
	eq(hcall(v1, __HYPERVISOR_vcpu_op, VCPUOP_send_nmi, 0, 0), -ENOSYS, "send_nmi");
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

	eq(platform(v1, op), -EPERM, "settime: not a domU's");
	eq(hcall(v0, __HYPERVISOR_platform_op, 0, 0, 0), -EFAULT, "settime: null handle");
	op.interface_version++;
	eq(platform(v0, op), -EACCES, "settime: another interface version");
	op.interface_version--;
	eq(platform(v0, op), 0, "settime");
	eq(wall(d0), 1700000000999999994UL, "dom0 sees it");
	eq(wall(d1), wall(d0), "a domU as well");
	eq(d1->shared_info->wc.version, version + 2, "its version says so");
	d1->shared_info->wc.version = 77;
	op.u.settime64.secs = 1UL << 33;
	eq(platform(v0, op), 0, "beyond 32 bits of seconds");
	eq(wall(d1), (1UL << 33) * NSEC_PER_SEC + 999999994, "in both words");
	eq(d1->shared_info->wc.version, version + 4, "what a guest writes there is its own affair");
	late = guest_new(5, 1);
	eq(wall(late), wall(d0), "a domain that comes later sees the same");
	domain_discard(late);
	op.u.settime64.mbz = 1;
	eq(platform(v0, op), -EINVAL, "settime: a bit that must be zero");
	op.u.settime64.mbz = 0;
	op.u.settime64.nsecs = 1000000000;
	eq(platform(v0, op), -EINVAL, "settime: a second in nanoseconds");
	op.u.settime64.nsecs = 0;
	op.u.settime64.secs = 1UL << 60;
	eq(platform(v0, op), -EINVAL, "settime: beyond the end of time");
	op.u.settime64.secs = 3;
	op.u.settime64.system_time = 3 * NSEC_PER_SEC;
	eq(platform(v0, op), -EINVAL, "settime: before its beginning");
	op.cmd = XENPF_settime32;
	op.u.settime32 = (struct xenpf_settime32){ .secs = 1600000000, .nsecs = 7, .system_time = 7 };
	eq(platform(v0, op), 0, "settime32");
	eq(wall(d1), 1600000000UL * NSEC_PER_SEC, "is seen");
	op.cmd = 1;
	eq(platform(v0, op), -ENOSYS, "another op");
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
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
