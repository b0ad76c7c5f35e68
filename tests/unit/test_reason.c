// SPDX-License-Identifier: GPL-2.0
/*
 * Why a domain ends is decided once: what a guest says by SCHEDOP_shutdown_code counts only before
 * that, a domain that the toolstack has destroyed or that has crashed does not come back, and a
 * destroydomain that succeeds holds at whatever point of a reboot it comes.
 */
#include "guests.h"

#define GUEST_PCPU	1

static struct domain *d0, *d1;
static struct vcpu *v0, *v1;
static int builds;

static int build_again(struct domain *d)
{
	builds++;
	d->ext_base = 1UL << 32;
	d->ext_size = 16UL << 20;
	return memory_populate(d, 0, RAM_PAGES);
}

/* A pCPU passes through the hypervisor's exit path. */
static void pass(unsigned int pcpu)
{
	unsigned int me = host_pcpu;

	host_pcpu = pcpu;
	host_advance_ns(NSEC_PER_MSEC);
	(void)host_next();
	host_pcpu = me;
}

static void pass_all(int times)
{
	while (times--) {
		pass(1);
		pass(0);
	}
}

/* dom0 runs on pCPU 0, a domU on pCPU 1. */
static struct domain *born(u16 id)
{
	struct domain_config cfg = {
		.name = "g", .memory = RAM_PAGES << PAGE_SHIFT, .vcpus = 1, .affinity = 1UL << id,
	};
	struct domain *d = domain_create(id, &cfg);

	if (!d || build_again(d))
		exit(1);
	domain_start(d);
	return d;
}

/* A running guest as d1, a new one if the last is gone, of which nothing was built again yet. */
static void reborn(void)
{
	if (!domains[1])
		born(1);
	pass_all(4);
	d1 = domain_find(1);
	v1 = d1->vcpu[0];
	builds = 0;
	if (pcpus[GUEST_PCPU].current != v1)
		ok(false, "the guest runs on its pCPU");
}

static s64 arg_call(struct vcpu *v, unsigned int nr, const void *what, size_t n, u64 op)
{
	u64 args = INLINE(ARGS_GFN(v) << PAGE_SHIFT);

	memcpy(guest_ptr(v->domain, ARGS_GFN(v) << PAGE_SHIFT), what, n);
	return nr == __HYPERVISOR_domctl ? hcall(v, nr, args, 0, 0) : hcall(v, nr, op, args, 0);
}

/* The guest, in a loop of hypercalls, has not taken the kick that ends it. */
static s64 guest_says(u64 op, u32 reason)
{
	struct sched_shutdown s = { reason };
	unsigned int me = host_pcpu;
	s64 rc;

	host_pcpu = GUEST_PCPU;
	rc = arg_call(v1, __HYPERVISOR_sched_op, &s, sizeof(s), op);
	host_pcpu = me;
	return rc;
}

static s64 destroy(void)
{
	struct xen_domctl op = {
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 1,
		.cmd = XEN_DOMCTL_destroydomain,
	};

	return arg_call(v0, __HYPERVISOR_domctl, &op, sizeof(op), 0);
}

static u32 reason_shown(void)
{
	struct xen_domctl op = {
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 1,
		.cmd = XEN_DOMCTL_getdomaininfo,
	};

	(void)arg_call(v0, __HYPERVISOR_domctl, &op, sizeof(op), 0);
	memcpy(&op, guest_ptr(d0, ARGS_GFN(v0) << PAGE_SHIFT), sizeof(op));
	return op.u.getdomaininfo.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
}

static void stays_away(const char *what)
{
	pass_all(300);
	ok(!builds && !domains[1], what);
}

static void after_destroy(void)
{
	reborn();
	eq(destroy(), 0, "destroydomain succeeds");
	eq(guest_says(SCHEDOP_shutdown_code, SHUTDOWN_reboot), 0, "the guest says reboot after it");
	eq(reason_shown(), SHUTDOWN_poweroff, "a reason that is fixed does not change");
	stays_away("a destroyed domain whose guest says reboot later is gone");

	reborn();
	guest_says(SCHEDOP_shutdown_code, SHUTDOWN_reboot);
	eq(destroy(), 0, "destroydomain succeeds after the guest has said reboot");
	guest_says(SCHEDOP_shutdown, SHUTDOWN_reboot);
	stays_away("a destroyed domain whose guest has said reboot before is gone");
}

static void after_crash(void)
{
	reborn();
	guest_says(SCHEDOP_shutdown_code, SHUTDOWN_reboot);
	domain_crash(d1, "test");
	guest_says(SCHEDOP_shutdown_code, SHUTDOWN_reboot);
	guest_says(SCHEDOP_shutdown, SHUTDOWN_reboot);
	eq(reason_shown(), SHUTDOWN_crash, "a crash stays a crash");
	stays_away("a crashed domain whose guest says reboot is gone");
}

static void during_reboot(void)
{
	struct xen_domctl op = {
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 1,
		.cmd = XEN_DOMCTL_setdomainhandle, .u.setdomainhandle.handle = "0123456789abcde",
	};

	/* The guest wins, and dom0 destroys what has shut down. */
	reborn();
	guest_says(SCHEDOP_shutdown, SHUTDOWN_reboot);
	eq(destroy(), 0, "destroydomain succeeds for a domain that reboots");
	eq(reason_shown(), SHUTDOWN_reboot, "its reason stays the first one");
	stays_away("a domain destroyed while it reboots is gone");

	/* dom0 has looked the domain up before it was built again, and comes too late. */
	reborn();
	eq(arg_call(v0, __HYPERVISOR_domctl, &op, sizeof(op), 0), 0, "setdomainhandle succeeds");
	guest_says(SCHEDOP_shutdown, SHUTDOWN_reboot);
	pass(GUEST_PCPU);
	d1->rebuild = REBUILD_BEGUN;
	ok(!domain_destroy(d1), "destroying what is being built again fails");
	d1->rebuild = REBUILD_OPEN;
	pass_all(300);
	ok(builds == 1 && domain_find(1), "a domain that nobody destroys is built again");
	d1 = domain_find(1);
	ok(!memcmp(d1->cfg.handle, "0123456789abcde", 16), "a domain that reboots keeps the UUID that was set");
	eq(destroy(), 0, "destroydomain succeeds for the new domain");
	builds = 0;
	stays_away("the new domain is gone");
}

/* Both sides at once, on threads: whoever wins, a destroydomain that returns 0 holds. */
static int turns;
static s64 destroyed;

static void race(void)
{
	__atomic_add_fetch(&turns, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&turns, __ATOMIC_SEQ_CST) < 2)
		;
	if (host_pcpu == 0) {
		destroyed = destroy();
		return;
	}
	for (int i = 0; i < 20; i++)
		(void)guest_says(SCHEDOP_shutdown_code, SHUTDOWN_reboot);
	(void)guest_says(SCHEDOP_shutdown, SHUTDOWN_poweroff);
	for (int i = 0; i < 20; i++)
		(void)guest_says(SCHEDOP_shutdown_code, SHUTDOWN_reboot);
}

static void racing(void)
{
	int held = 0;

	for (int i = 0; i < 100; i++) {
		reborn();
		turns = 0;
		host_threads(2, race);
		pass_all(50);
		held += destroyed || (!builds && !domains[1]);
	}
	eq(held, 100, "a domain destroyed while its guest shuts down is gone, in each of 100 races");
}

int main(void)
{
	host_init(64 << 20);
	host_build = build_again;
	nr_pcpus = 2;
	core_pcpu_init(&pcpus[1]);
	d0 = born(0);
	v0 = d0->vcpu[0];
	after_destroy();
	after_crash();
	during_reboot();
	racing();
	return test_done();
}
