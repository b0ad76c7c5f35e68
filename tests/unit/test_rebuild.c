// SPDX-License-Identifier: GPL-2.0
/*
 * Building a domain again that reboots: in steps of which each is followed by a pause for others, with
 * what the toolstack had set, after a pause if it reboots again and again, and not if it is destroyed
 * meanwhile.
 */
#include "test.h"

#define STEPS		40
#define PARTS_FRAMES	2600UL
#define ALLOCATIONS	12
#define STEP_NS		(500 * 1000UL)	/* that a step takes */
#define MS		NSEC_PER_MSEC

static struct domain *d0;
static struct vcpu *v0;
static unsigned int steps, builds, together, most_together;
static u64 begun_ns;	/* when the last build began */
static bool destroy_it, no_memory;

static s64 domctl(u32 cmd, struct xen_domctl op)
{
	op.cmd = cmd;
	op.domain = 1;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	memcpy(guest_ptr(d0, ARG_GPA), &op, sizeof(op));
	return hcall(v0, __HYPERVISOR_domctl, INLINE(ARG_GPA), 0, 0);
}

static bool shown_dying(void)
{
	struct xen_domctl *op = guest_ptr(d0, ARG_GPA);

	return !domctl(XEN_DOMCTL_getdomaininfo, (struct xen_domctl){ 0 }) && op->domain == 1 &&
	       (op->u.getdomaininfo.flags & XEN_DOMINF_dying);
}

static int step(struct domain *d, struct domain_build **state)
{
	if (!*state) {
		*state = (void *)&steps;
		steps = 0;
		begun_ns = system_time();
	}
	host_advance_ns(STEP_NS);
	most_together = max(most_together, ++together);
	if (++steps == STEPS / 2) {
		ok(shown_dying(), "the toolstack sees a domain that is being built again as dying");
		if (destroy_it)
			eq(domctl(XEN_DOMCTL_destroydomain, (struct xen_domctl){ 0 }), 0,
			   "a domain that is being built again can be destroyed");
	}
	if (steps < STEPS)
		return 1;
	*state = NULL;
	builds++;
	if (no_memory) {
		d->born -= 11 * ns_to_tb(NSEC_PER_SEC);	/* as if the steps had taken that much longer */
		return -ENOMEM;
	}
	return memory_populate(d, 0, GUEST_PAGES);
}

/* dom0 computes all the time. Return: the time until the domain was built @wanted times, ns. */
static u64 wait_builds(unsigned int wanted)
{
	u64 began = system_time();

	for (int i = 0; i < 1000000 && builds < wanted; i++) {
		host_advance_ns(20 * 1000);
		together = 0;
		exit_work(this_pcpu());
	}
	return system_time() - began;
}

static void pass_time(u64 ns)
{
	u64 began = system_time();

	while (system_time() - began < ns) {
		host_advance_ns(20 * 1000);
		exit_work(this_pcpu());
	}
}

static void reboot(void)
{
	domain_shutdown(domains[1], SHUTDOWN_reboot);
}

static void in_steps(void)
{
	u64 ns;

	builds = 0;
	host_advance_ns(11 * NSEC_PER_SEC);
	reboot();
	ns = wait_builds(1);
	ok(domain_find(1), "a domain that reboots is built again");
	eq(most_together, 1, "others may run after each step");
	ok(ns >= (STEPS - 2) * STEP_NS * 5, "the steps take a fifth of the processor at most");
	sched_set_cap(domains[1], 5);
	host_advance_ns(11 * NSEC_PER_SEC);
	reboot();
	ns = wait_builds(2);
	ok(ns >= (STEPS - 2) * STEP_NS * 20, "and no more than the domain's cap");
	sched_set_cap(domains[1], 0);
	eq(domctl(XEN_DOMCTL_getdomaininfo, (struct xen_domctl){ 0 }), 0, "getdomaininfo succeeds");
	ok(((struct xen_domctl *)guest_ptr(d0, ARG_GPA))->u.getdomaininfo.cpu_time >= 2 * STEPS * STEP_NS,
	   "their time is on the domain's account");
}

/* The pause after a step of a domain with a low cap is for that domain: another one is freed in it. */
static void beside_another(void)
{
	struct domain *d;

	builds = 0;
	steps = 0;
	sched_set_cap(domains[1], 1);
	d = guest_new(2, 1);
	d->max_pages += 1024;
	eq(memory_populate(d, GUEST_PAGES, 1024), 0, "another domain is larger");
	host_advance_ns(11 * NSEC_PER_SEC);
	reboot();
	while (steps != 1)
		pass_time(20 * 1000);
	domain_shutdown(d, SHUTDOWN_poweroff);
	for (int i = 0; i < 1000000 && domains[2]; i++)
		pass_time(20 * 1000);
	ok(steps <= 2, "steps of a domain with a low cap do not hold up another domain's");
	wait_builds(1);
	sched_set_cap(domains[1], 0);
}

/* Frames that a guest has left its data in. */
static void dirty_free_pages(unsigned int order)
{
	u64 ma = alloc_pages(order);

	memset(arch_ma_to_ptr(ma), 0xee, PAGE_SIZE << order);
	free_pages(ma, order);
}

static bool frame_clear(struct domain *d, u64 gfn)
{
	const u64 *word = guest_ptr(d, gfn << PAGE_SHIFT);

	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

/* Memory is added in bounded parts, and no frame can be reached before it is cleared. */
static void memory_in_parts(void)
{
	struct domain_config cfg = { .name = "parts", .memory = PARTS_FRAMES * PAGE_SIZE, .vcpus = 1 };
	struct domain *d = domain_create(3, &cfg);
	u64 before, most = 0, calls = 0, mapped = 0;
	struct populate p = { .nr = PARTS_FRAMES };
	bool clear = true;
	int rc;

	dirty_free_pages(12);
	do {
		before = domain_pages(d);
		rc = memory_populate_step(d, &p);
		most = max(most, domain_pages(d) - before);
		calls++;
		for (; mapped < PARTS_FRAMES && guest_ptr(d, mapped << PAGE_SHIFT); mapped++)
			clear = clear && frame_clear(d, mapped);
	} while (rc > 0);
	eq(rc, 0, "memory is populated in parts");
	eq(domain_pages(d), PARTS_FRAMES, "all of it");
	eq(mapped, PARTS_FRAMES, "and mapped");
	ok(clear, "each frame is clear when it is mapped");
	ok(most <= 256, "a part is 256 frames at most");
	ok(calls >= PARTS_FRAMES / 256, "so there are as many parts");
	domain_discard(d);
}

static void settings(void)
{
	struct xen_domctl op = { .u.max_mem.max_memkb = 4096 };
	struct domain *d;

	eq(domctl(XEN_DOMCTL_max_mem, op), 0, "max_mem is set");
	op = (struct xen_domctl){ .u.scheduler_op = { XEN_SCHEDULER_CREDIT, XEN_DOMCTL_SCHEDOP_putinfo,
						      .u.credit = { 77, 33 } } };
	eq(domctl(XEN_DOMCTL_scheduler_op, op), 0, "weight and cap are set");
	op = (struct xen_domctl){ .u.set_gnttab_limits = { 3, 5 } };
	eq(domctl(XEN_DOMCTL_set_gnttab_limits, op), 0, "grant limits are set");
	sched_set_affinity(domains[1]->vcpu[1], 5);
	eq(domctl(XEN_DOMCTL_pausedomain, (struct xen_domctl){ 0 }), 0, "the domain is paused");
	host_advance_ns(11 * NSEC_PER_SEC);
	builds = 0;
	reboot();
	wait_builds(1);
	d = domain_find(1);
	ok(d && d->paused && d->vcpu[0]->held && d->vcpu[1]->held, "a paused domain that reboots is paused");
	eq(d->max_pages, 1024, "a domain that reboots keeps max_mem");
	eq(d->sched.weight, 77, "its weight");
	eq(d->sched.cap, 33, "its cap");
	eq(d->vcpu[1]->affinity, 5, "its affinity");
	eq(d->gt->max_frames, 3, "and its grant limit");
	eq(domctl(XEN_DOMCTL_unpausedomain, (struct xen_domctl){ 0 }), 0, "it can be unpaused");
	guest_run(d->vcpu[0]);
	sched_set_cap(d, 0);
}

/* Reboots without end: the time from one build to the next. */
static void again_and_again(void)
{
	u64 gap, last, first = 0;

	host_advance_ns(11 * NSEC_PER_SEC);
	builds = 0;
	for (unsigned int i = 0; i < 12; i++) {
		last = begun_ns;
		reboot();
		wait_builds(i + 1);
		gap = begun_ns - last;
		if (i == 1)
			first = gap;
	}
	ok(first >= 125 * MS, "a domain that reboots soon after its start waits");
	ok(gap >= 8 * NSEC_PER_SEC, "and longer each time");
	ok(gap < 10 * NSEC_PER_SEC, "up to a limit");
	host_advance_ns(11 * NSEC_PER_SEC);
	last = system_time();
	reboot();
	wait_builds(13);
	ok(begun_ns - last < 10 * MS, "one that ran for a while does not wait");
}

static void no_memory_at_first(void)
{
	builds = 0;
	no_memory = true;
	sched_set_weight(domains[1], 88);
	sched_set_affinity(domains[1]->vcpu[0], 3);
	eq(domctl(XEN_DOMCTL_pausedomain, (struct xen_domctl){ 0 }), 0, "the domain is paused");
	host_advance_ns(11 * NSEC_PER_SEC);
	reboot();
	pass_time(5 * NSEC_PER_SEC);
	ok(builds >= 3, "a domain for which there is no memory is tried again");
	ok(builds <= 7, "with longer and longer pauses");
	ok(!domain_find(1), "it is not there");
	no_memory = false;
	wait_builds(builds + 1);
	ok(domain_find(1), "it is there when there is memory");
	ok(domains[1]->paused && domains[1]->vcpu[0]->held, "and paused as it was");
	eq(domains[1]->sched.weight, 88, "with its weight");
	eq(domains[1]->vcpu[0]->affinity, 3, "and its affinity");
	eq(domctl(XEN_DOMCTL_unpausedomain, (struct xen_domctl){ 0 }), 0, "it can be unpaused");
	guest_run(domains[1]->vcpu[0]);
}

/* Nor for its structs: the attempts are counted by what the hypervisor prints. */
static void no_memory_to_begin(void)
{
	static const char what[] = "d1: no memory for the domain";
	unsigned int attempts = 0;
	const char *at;

	builds = 0;
	host_advance_ns(11 * NSEC_PER_SEC);
	reboot();
	host_console_clear();
	host_no_objects = true;
	pass_time(5 * NSEC_PER_SEC);
	host_no_objects = false;
	for (at = host_console; (at = strstr(at, what)); at++)
		attempts++;
	ok(attempts >= 3, "a domain that cannot be created is tried again");
	ok(attempts <= 7, "with longer and longer pauses");
	wait_builds(1);
	ok(domain_find(1), "until there is memory");
}

/* Each allocation fails once, of those for the domain's structs and settings. */
static void short_of_memory(void)
{
	unsigned int back = 0;

	for (unsigned int i = 0; i < ALLOCATIONS; i++) {
		host_advance_ns(11 * NSEC_PER_SEC);
		builds = 0;
		reboot();
		host_fail_alloc(i);
		wait_builds(1);
		host_fail_alloc(-1);
		back += domain_find(1) && builds == 1;
	}
	eq(back, ALLOCATIONS, "a domain comes back whichever allocation fails");
}

static void destroyed(void)
{
	destroy_it = true;
	host_advance_ns(11 * NSEC_PER_SEC);
	builds = 0;
	reboot();
	wait_builds(1);
	reap_all();
	ok(!domains[1] && builds == 1, "a domain that was destroyed while it was built is not started");
}

int main(void)
{
	size_t objects;
	u64 free;

	host_init(64 << 20);
	host_build_step = step;
	d0 = guest_new(0, 1);
	v0 = d0->vcpu[0];
	free = pages_free();
	objects = host_objects();
	guest_new(1, 2);
	in_steps();
	beside_another();
	memory_in_parts();
	settings();
	again_and_again();
	no_memory_at_first();
	no_memory_to_begin();
	short_of_memory();
	destroyed();
	eq(pages_free(), free, "no page is leaked");
	eq(host_objects(), objects, "no object is leaked");
	domain_discard(d0);
	return test_done();
}
