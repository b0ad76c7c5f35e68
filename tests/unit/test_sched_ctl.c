// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls of dom0's tools for the scheduler: weights, caps, affinity, and
 * information about vcpus and pCPUs.
 */
#include "test.h"

#define MAP_GPA		(ARG_GPA + 0x400)
#define LIST_GPA	(ARG_GPA + 0x800)

static struct domain *d0, *d1;
static struct xen_domctl op;

static s64 domctl(struct vcpu *v, u32 cmd, u16 dom)
{
	s64 rc;

	op.cmd = cmd;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op.domain = dom;
	memcpy(guest_ptr(v->domain, ARG_GPA), &op, sizeof(op));
	rc = hcall(v, __HYPERVISOR_domctl, INLINE(ARG_GPA), 0, 0);
	memcpy(&op, guest_ptr(v->domain, ARG_GPA), sizeof(op));
	return rc;
}

static s64 credit(u32 cmd, u16 dom, u16 weight, u16 cap)
{
	memset(&op, 0, sizeof(op));
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT;
	op.u.scheduler_op.cmd = cmd;
	op.u.scheduler_op.u.credit.weight = weight;
	op.u.scheduler_op.u.credit.cap = cap;
	return domctl(d0->vcpu[0], XEN_DOMCTL_scheduler_op, dom);
}

static void parameters(void)
{
	eq(credit(XEN_DOMCTL_SCHEDOP_getinfo, 1, 0, 0), 0, "getinfo: succeeds");
	ok(op.u.scheduler_op.u.credit.weight == 256 && op.u.scheduler_op.u.credit.cap == 0,
	   "getinfo: the default is weight 256 and no cap");
	eq(credit(XEN_DOMCTL_SCHEDOP_putinfo, 1, 1000, 0xffff), 0, "putinfo: a weight is accepted");
	eq(d1->sched.weight, 1000, "putinfo: the weight is set");
	eq(credit(XEN_DOMCTL_SCHEDOP_putinfo, 1, 0, 40), 0, "putinfo: a cap is accepted");
	eq(credit(XEN_DOMCTL_SCHEDOP_getinfo, 1, 0, 0), 0, "getinfo: succeeds after putinfo");
	ok(op.u.scheduler_op.u.credit.weight == 1000 && op.u.scheduler_op.u.credit.cap == 40,
	   "getinfo: reports the weight and cap that were set");
	eq(credit(XEN_DOMCTL_SCHEDOP_putinfo, 1, 0, 6401), -EINVAL,
	   "putinfo: fails for a cap out of range");
	eq(credit(XEN_DOMCTL_SCHEDOP_putinfo, 7, 1, 0), -ESRCH,
	   "putinfo: fails for a domain that does not exist");
	eq(credit(2, 1, 0, 0), -EINVAL, "scheduler_op: fails for parameters of single vcpus");
	eq(credit(XEN_DOMCTL_SCHEDOP_putinfo, 1, 65535, 0), 0,
	   "putinfo: the largest weight and no cap are accepted");
	eq(d1->sched.cap, 0, "putinfo: the cap is removed");
	op.u.scheduler_op.sched_id = 6;
	eq(domctl(d0->vcpu[0], XEN_DOMCTL_scheduler_op, 1), -EINVAL,
	   "scheduler_op: fails for another scheduler");
	op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT;
	eq(domctl(d1->vcpu[0], XEN_DOMCTL_scheduler_op, 1), -EPERM,
	   "scheduler_op: fails for a domU");
}

static s64 affinity(u32 cmd, u32 vcpu, u32 flags, u32 bits)
{
	memset(&op, 0, sizeof(op));
	op.u.vcpuaffinity.vcpu = vcpu;
	op.u.vcpuaffinity.flags = flags;
	op.u.vcpuaffinity.cpumap_hard.bitmap.q = INLINE(MAP_GPA);
	op.u.vcpuaffinity.cpumap_hard.nr_bits = bits;
	op.u.vcpuaffinity.cpumap_soft.bitmap.q = INLINE(MAP_GPA + 64);
	op.u.vcpuaffinity.cpumap_soft.nr_bits = bits;
	return domctl(d0->vcpu[0], cmd, 1);
}

static void affinities(void)
{
	u8 *map = guest_ptr(d0, MAP_GPA);

	memset(map, 0x55, 128);
	eq(affinity(XEN_DOMCTL_getvcpuaffinity, 0, 3, 12), 0, "getvcpuaffinity: succeeds");
	ok(map[0] == 0xff && map[1] == 0x0f && map[2] == 0x55,
	   "getvcpuaffinity: the default is all pCPUs, and no byte beyond the map is written");
	ok(map[64] == 0xff, "getvcpuaffinity: soft affinity is all pCPUs");
	map[0] = 0x0a;
	map[1] = 0xff;
	eq(affinity(XEN_DOMCTL_setvcpuaffinity, 1, XEN_VCPUAFFINITY_HARD, 8), 0,
	   "setvcpuaffinity: succeeds");
	eq(d1->vcpu[1]->affinity, 0x0a, "setvcpuaffinity: the affinity is set");
	eq(map[0], 0x02, "setvcpuaffinity: returns the effective affinity");
	eq(affinity(XEN_DOMCTL_getvcpuaffinity, 1, XEN_VCPUAFFINITY_HARD, 8), 0,
	   "getvcpuaffinity: succeeds after setvcpuaffinity");
	eq(map[0], 0x0a, "getvcpuaffinity: returns the affinity that was set");
	map[0] = 0x0c;
	eq(affinity(XEN_DOMCTL_setvcpuaffinity, 1, XEN_VCPUAFFINITY_HARD, 8), -EINVAL,
	   "setvcpuaffinity: fails without a pCPU of this machine");
	eq(affinity(XEN_DOMCTL_setvcpuaffinity, 1, XEN_VCPUAFFINITY_HARD, 0), -EINVAL,
	   "setvcpuaffinity: fails for an empty map");
	eq(affinity(XEN_DOMCTL_setvcpuaffinity, 1, XEN_VCPUAFFINITY_SOFT, 8), -EINVAL,
	   "setvcpuaffinity: fails for soft affinity");
	eq(affinity(XEN_DOMCTL_setvcpuaffinity, 2, XEN_VCPUAFFINITY_HARD, 8), -EINVAL,
	   "setvcpuaffinity: fails for a vcpu that does not exist");
	eq(affinity(XEN_DOMCTL_getvcpuaffinity, ~0U, XEN_VCPUAFFINITY_HARD, 8), -EINVAL,
	   "getvcpuaffinity: fails for vcpu -1");
	eq(d1->vcpu[1]->affinity, 0x0a, "setvcpuaffinity: failures change nothing");
	map[0] = 1;
	eq(affinity(XEN_DOMCTL_setvcpuaffinity, 0, XEN_VCPUAFFINITY_HARD, ~0U), 0,
	   "setvcpuaffinity: accepts a map longer than the number of pCPUs");
	eq(d1->vcpu[0]->affinity & 3, 1, "setvcpuaffinity: the affinity from a long map is set");
}

static void figures(void)
{
	struct xen_sysctl sys = { .cmd = XEN_SYSCTL_getcpuinfo,
				  .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
	struct xen_sysctl_cpuinfo *list = guest_ptr(d0, LIST_GPA);

	memset(&op, 0, sizeof(op));
	op.u.getvcpuinfo.vcpu = 1;
	eq(domctl(d0->vcpu[0], XEN_DOMCTL_getvcpuinfo, 1), 0,
	   "getvcpuinfo: succeeds for a runnable vcpu");
	ok(op.u.getvcpuinfo.online && !op.u.getvcpuinfo.blocked && !op.u.getvcpuinfo.running && op.u.getvcpuinfo.cpu == 0,
	   "getvcpuinfo: reports a runnable vcpu that does not run");
	sched_down(d1->vcpu[1]);
	op.u.getvcpuinfo.vcpu = 1;
	eq(domctl(d0->vcpu[0], XEN_DOMCTL_getvcpuinfo, 1), 0,
	   "getvcpuinfo: succeeds for a vcpu that is down");
	ok(!op.u.getvcpuinfo.online, "getvcpuinfo: reports a vcpu that is down");
	op.u.getvcpuinfo.vcpu = 2;
	eq(domctl(d0->vcpu[0], XEN_DOMCTL_getvcpuinfo, 1), -EINVAL,
	   "getvcpuinfo: fails for a vcpu that does not exist");
	op.u.getvcpuinfo.vcpu = 0;
	eq(domctl(d0->vcpu[0], XEN_DOMCTL_getvcpuinfo, 0), 0,
	   "getvcpuinfo: succeeds for the calling vcpu");
	ok(op.u.getvcpuinfo.running && op.u.getvcpuinfo.cpu_time >= 2 * NSEC_PER_SEC,
	   "getvcpuinfo: reports a running vcpu and its CPU time");

	pcpus[0].idle_tb = ns_to_tb(7777);
	pcpus[1].idle_tb = ns_to_tb(8888);
	sys.u.getcpuinfo.max_cpus = 8;
	sys.u.getcpuinfo.info.q = INLINE(LIST_GPA);
	memset(list, 0, 64);
	eq(hcall_struct(d0->vcpu[0], __HYPERVISOR_sysctl, 0, &sys, sizeof(sys)), -EFAULT,
	   "sysctl: fails for a null handle");
	memcpy(guest_ptr(d0, ARG_GPA), &sys, sizeof(sys));
	eq(hcall(d0->vcpu[0], __HYPERVISOR_sysctl, INLINE(ARG_GPA), 0, 0), 0,
	   "getcpuinfo: succeeds");
	memcpy(&sys, guest_ptr(d0, ARG_GPA), sizeof(sys));
	eq(sys.u.getcpuinfo.nr_cpus, 2, "getcpuinfo: reports two pCPUs");
	ok(list[0].idletime >= 7777 && list[0].idletime < 7780 && list[1].idletime >= 8888,
	   "getcpuinfo: reports the idle times");
	sys.u.getcpuinfo.max_cpus = 1;
	memcpy(guest_ptr(d0, ARG_GPA), &sys, sizeof(sys));
	eq(hcall(d0->vcpu[0], __HYPERVISOR_sysctl, INLINE(ARG_GPA), 0, 0), 0,
	   "getcpuinfo: succeeds for a short buffer");
	memcpy(&sys, guest_ptr(d0, ARG_GPA), sizeof(sys));
	eq(sys.u.getcpuinfo.nr_cpus, 1, "getcpuinfo: reports one pCPU to a buffer for one");
	sys.cmd = XEN_SYSCTL_sched_id;
	memcpy(guest_ptr(d0, ARG_GPA), &sys, sizeof(sys));
	eq(hcall(d0->vcpu[0], __HYPERVISOR_sysctl, INLINE(ARG_GPA), 0, 0), 0, "sched_id: succeeds");
	memcpy(&sys, guest_ptr(d0, ARG_GPA), sizeof(sys));
	eq(sys.u.sched_id.sched_id, XEN_SCHEDULER_CREDIT, "sched_id: reports the credit scheduler");
}

int main(void)
{
	host_init(16 << 20);
	core_pcpu_init(&pcpus[1]);
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 2);
	guest_run(d0->vcpu[0]);
	for (int i = 0; i < 400; i++) {
		host_advance_ns(10 * NSEC_PER_MSEC);
		exit_work(this_pcpu());
	}
	sched_hold(d1->vcpu[0], true);
	sched_hold(d1->vcpu[0], false);
	guest_run(d0->vcpu[0]);
	nr_pcpus = 2;
	parameters();
	affinities();
	figures();
	nr_pcpus = 1;
	for (unsigned int i = 0; i < 2; i++)
		sched_pause(d1->vcpu[i]);
	sched_pause(d0->vcpu[0]);
	exit_work(this_pcpu());
	domain_discard(d0);
	domain_discard(d1);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
