// SPDX-License-Identifier: GPL-2.0
/*
 * Creation and end of domains: no page or object is leaked when a domain ends, in
 * whatever way, or when its creation fails.
 */
#include "test.h"

static struct domain *d0;
static u64 free_before;
static size_t objects_before;

static void check_leaks(const char *name)
{
	char text[120];

	snprintf(text, sizeof(text), "%s: no page is leaked", name);
	eq(pages_free(), free_before, text);
	snprintf(text, sizeof(text), "%s: no object is leaked", name);
	eq(host_objects(), objects_before, text);
}

/*
 * Create a domain that uses FIFO events, rings, a poll, vcpu_info, shared_info, grant frames and a
 * timer.
 */
static struct domain *busy_domain(u16 id)
{
	struct domain *d = guest_new(id, 3);
	struct evtchn_init_control ic = { .control_gfn = 20 };
	struct evtchn_expand_array ea = { 21 };
	struct evtchn_alloc_unbound au = { DOMID_SELF, 0, 0 };
	struct evtchn_bind_interdomain bi = { .remote_dom = id };
	struct vcpu_register_vcpu_info ri = { .mfn = 22, .offset = 64 };
	struct xen_add_to_physmap ap = { .domid = DOMID_SELF, .gpfn = 23 };
	struct sched_poll sp = { .timeout = 1 };
	struct vcpu *v = d->vcpu[0];

	memset(guest_ptr(d, 30 * PAGE_SIZE), 0, 2 * PAGE_SIZE);
	domain_set_magic_pages(d, 30, 31);
	evtchn_call(v, EVTCHNOP_init_control, &ic, sizeof(ic));
	evtchn_call(v, EVTCHNOP_expand_array, &ea, sizeof(ea));
	evtchn_call(v, EVTCHNOP_alloc_unbound, &au, sizeof(au));
	bi.remote_port = au.port;
	evtchn_call(d0->vcpu[0], EVTCHNOP_bind_interdomain, &bi, sizeof(bi));
	hcall_struct(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &sp, sizeof(sp));
	memcpy(guest_ptr(d, ARG_GPA), &ri, sizeof(ri));
	hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 0, INLINE(ARG_GPA));
	hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &ap, sizeof(ap));
	ap.space = XENMAPSPACE_grant_table;
	ap.idx = 5;
	ap.gpfn = d->ext_base >> PAGE_SHIFT;
	hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &ap, sizeof(ap));
	hcall(v, __HYPERVISOR_set_timer_op, system_time() + 1000000, 0, 0);
	return d;
}

static void close_dom0_ports(void)
{
	for (u32 p = 1; p < d0->ev->nr_ports; p++)
		(void)evtchn_close(d0, p, false);
}

static void discarding(void)
{
	struct domain *d;

	d = busy_domain(1);
	ok(d->ev->fifo && d->shared_info_gfn == 23 && d->gt->nr_frames == 6 &&
	   d->vcpu[0]->info != &d->vcpu[0]->dummy_info,
	   "a domain uses FIFO, shared_info, grant frames and vcpu_info");
	eq(d->tot_pages, GUEST_PAGES - 1, "shared_info replaces a page of RAM");
	domain_discard(d);
	close_dom0_ports();
	check_leaks("discarding");
	for (int i = 0; i < 50; i++) {
		d = busy_domain(1 + i % 7);
		domain_discard(d);
		close_dom0_ports();
	}
	check_leaks("discarding fifty times");
}

static void shutting_down(unsigned int reason, const char *text)
{
	struct domain *d = busy_domain(1);
	struct vcpu *v;
	char want[80];

	host_console_clear();
	guest_run(d->vcpu[1]);
	domain_shutdown(d, reason);
	snprintf(want, sizeof(want), "(XEN) d1: shutdown, reason %s\r\n", text);
	ok(strstr(host_console, want), want);
	ok(domains[1] == d, "a domain that shuts down exists until its vcpu is unloaded");
	ok(!domain_find(1), "domain_find() does not find a domain that has shut down");
	domain_shutdown(d, SHUTDOWN_crash);
	ok(this_pcpu()->work, "a shutdown requests work from the exit path");
	v = exit_work(this_pcpu());
	ok(!v || v->domain == d0, "a vcpu of a domain that has shut down does not run");
	reap_all();
	ok(!domains[1], "a domain is freed after its shutdown");
	close_dom0_ports();
	check_leaks(text);
}

static int builds;

static int build_again(struct domain *d)
{
	int rc = memory_populate(d, 0, GUEST_PAGES);

	ok(!rc && !domain_find(d->id) && domains[d->id]->state == DOM_DYING,
	   "the toolstack sees a domain that is being built again as dying");
	builds++;
	return builds == 2 ? -ENOMEM : builds == 4 ? -EINVAL : rc;
}

static void rebooting(void)
{
	struct domain *d = busy_domain(1);
	u32 port;

	host_build = build_again;
	guest_run(d->vcpu[0]);
	eq(evtchn_alloc_unbound(d, 0, &port), 0, "the domain has an open port before it reboots");
	domain_shutdown(d, SHUTDOWN_reboot);
	reap_all();
	d = domain_find(1);
	ok(d && builds == 1, "a domain that reboots is built again with its domid");
	ok(d->ev->nr_used == 0 && !d->ev->fifo,
	   "a rebuilt domain has no event channels of the old one");
	eq(d->tot_pages, GUEST_PAGES, "a rebuilt domain has its memory");
	ok(d->vcpu[0]->initialised && d->vcpu[0]->state == VCPU_RUNNABLE,
	   "vcpu 0 of a rebuilt domain is runnable");
	guest_run(d->vcpu[0]);
	domain_shutdown(d, SHUTDOWN_reboot);
	reap_all();
	reap_all();
	d = domain_find(1);
	ok(d && builds == 3 && strstr(host_console, "could not be built again, another attempt follows"),
	   "a domain for which there was no memory is built again later");
	guest_run(d->vcpu[0]);
	domain_shutdown(d, SHUTDOWN_reboot);
	for (int i = 0; i < 10; i++)
		reap_all();
	ok(!domains[1] && builds == 4 && strstr(host_console, "could not be built again\r\n"),
	   "a domain that cannot be built again is removed");
	close_dom0_ports();
	check_leaks("rebooting");
}

static void crashing(void)
{
	struct domain *d = busy_domain(1);
	unsigned int dumps = d->vcpu[2]->arch.dumps;

	host_console_clear();
	guest_run(d->vcpu[2]);
	domain_crash(d, "touched %x", 0x123);
	ok(strstr(host_console, "(XEN) d1: crashed: touched 123\r\n"), "a crash prints its reason");
	ok(strstr(host_console, "shutdown, reason crash"),
	   "a crash is a shutdown with reason crash");
	eq(d->vcpu[2]->arch.dumps, dumps + 1, "a crash dumps the registers of the current vcpu");
	domain_crash(d, "again");
	ok(!strstr(host_console, "again"), "a second crash of a domain is ignored");
	reap_all();
	ok(!domains[1] && domain_find(0), "a crash ends no other domain");
	close_dom0_ports();
	check_leaks("crashing");
}

static bool ends_with(enum host_end how, unsigned int reason)
{
	enum host_end end;

	d0->state = DOM_RUNNING;
	d0->shutdown_reason = ~0U;
	end = host_catch();
	if (end == HOST_RUNS) {
		domain_shutdown(d0, reason);
		host_end_armed = false;
	}
	return end == how;
}

/* Let each allocation of domain_create() fail in turn; and limits of domains. */
static void failing(void)
{
	struct domain_config cfg = { .name = "x", .memory = 1 << 20, .vcpus = 2 };
	struct domain *d = NULL;
	long after;

	for (after = 0; after < 100; after++) {
		host_fail_alloc(after);
		d = domain_create(1, &cfg);
		host_fail_alloc(-1);
		if (d)
			break;
		if (host_objects() != objects_before || pages_free() != free_before)
			break;
	}
	ok(d && after > 5, "domain_create: a failure at any allocation leaks nothing");
	ok(!domains[1], "domain_create: the domain is not published");
	domain_publish(d);
	ok(!domain_create(1, &cfg), "domain_create: fails for a domid in use");
	ok(!domain_create(MAX_DOMAINS, &cfg), "domain_create: fails for a domid out of range");
	domain_discard(d);
	cfg.vcpus = 0;
	ok(!domain_create(1, &cfg), "domain_create: fails without vcpus");
	cfg.vcpus = MAX_VCPUS + 1;
	ok(!domain_create(1, &cfg), "domain_create: fails with more than MAX_VCPUS vcpus");
	check_leaks("failed creation");
	cfg.vcpus = MAX_VCPUS;
	d = domain_create(1, &cfg);
	ok(d, "domain_create: succeeds with MAX_VCPUS vcpus");
	eq(memory_populate(d, 0, (1 << 20 >> PAGE_SHIFT) + 5), -ENOMEM,
	   "memory_populate: fails beyond the domain's limit");
	eq(memory_populate(d, 0, 4), 0, "memory_populate: succeeds within the limit");
	eq(memory_populate_extent(d, 2, 4), -EEXIST,
	   "memory_populate_extent: fails over existing RAM");
	domain_discard(d);
	check_leaks("many vcpus");
	cfg.memory = 8 << 20;
	d = domain_create(1, &cfg);
	host_no_large = true;
	eq(memory_populate(d, 0, 8 << 20 >> PAGE_SHIFT), 0,
	   "memory_populate: succeeds without large mappings");
	host_no_large = false;
	eq(d->tot_pages, 8 << 20 >> PAGE_SHIFT,
	   "memory_populate: the domain has all its pages without large mappings");
	domain_discard(d);
	check_leaks("no large mappings");
	cfg.memory = 1UL << 40;
	d = domain_create(1, &cfg);
	eq(memory_populate(d, 0, 1UL << 28), -ENOMEM,
	   "memory_populate: fails for more memory than the machine has");
	domain_discard(d);
	check_leaks("domain too large");
}

static void wallclock(void)
{
	struct shared_info *s;
	struct domain *d;

	d = guest_new(1, 1);
	ok(!d->shared_info->wc.version && !d->shared_info->wc.sec,
	   "wall clock: unset if the machine has none");
	domain_discard(d);
	host_wallclock = 0x123456789UL * NSEC_PER_SEC + 5;
	for (int i = 0; i < 2; i++) {
		d = guest_new(1, 1);
		s = d->shared_info;
		eq(s->wc.version, 2, "wall clock: the version is even");
		eq((((u64)s->wc_sec_hi << 32 | s->wc.sec) * NSEC_PER_SEC) + s->wc.nsec + system_time(),
		   0x123456789UL * NSEC_PER_SEC + 5 + i * NSEC_PER_SEC,
		   "wall clock: base plus system time is the time of day");
		domain_discard(d);
		/* The hardware clock is read once: it may fail later. */
		host_wallclock = 0;
		host_advance_ns(NSEC_PER_SEC);
	}
}

static s64 sched_call(struct vcpu *v, u64 op, void *arg, size_t n)
{
	return hcall_struct(v, __HYPERVISOR_sched_op, op, arg, n);
}

static void shutdown_calls(void)
{
	struct domain *d = guest_new(1, 1), *e = guest_new(2, 1);
	struct sched_shutdown s = { SHUTDOWN_MAX + 1 };
	struct sched_remote_shutdown r = { 2, SHUTDOWN_poweroff };

	eq(sched_call(d->vcpu[0], SCHEDOP_shutdown, &s, sizeof(s)), -EINVAL,
	   "shutdown: fails for an unknown reason");
	s.reason = ~0U;
	eq(sched_call(d->vcpu[0], SCHEDOP_shutdown, &s, sizeof(s)), -EINVAL,
	   "shutdown: fails for reason -1");
	eq(hcall(d->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_shutdown, 0, 0), -EFAULT,
	   "shutdown: fails for a null handle");
	eq(sched_call(d->vcpu[0], SCHEDOP_remote_shutdown, &r, sizeof(r)), -EPERM,
	   "remote_shutdown: fails for a domU");
	r.domain_id = 33;
	eq(sched_call(d0->vcpu[0], SCHEDOP_remote_shutdown, &r, sizeof(r)), -ESRCH,
	   "remote_shutdown: fails for a domain that does not exist");
	r.domain_id = 2;
	eq(sched_call(d0->vcpu[0], SCHEDOP_remote_shutdown, &r, sizeof(r)), 0,
	   "remote_shutdown: succeeds for dom0");
	eq(e->state, DOM_SHUTDOWN, "remote_shutdown: the domain shuts down");
	s.reason = SHUTDOWN_crash;
	eq(sched_call(d->vcpu[0], SCHEDOP_shutdown_code, &s, sizeof(s)), 0,
	   "shutdown_code: succeeds");
	eq(d->state, DOM_RUNNING, "shutdown_code: the domain continues to run");
	s.reason = SHUTDOWN_poweroff;
	eq(sched_call(d->vcpu[0], SCHEDOP_shutdown, &s, sizeof(s)), 0, "shutdown: succeeds");
	eq(d->shutdown_reason, SHUTDOWN_crash,
	   "shutdown: the reason given by shutdown_code counts");
	reap_all();
	ok(!domains[1] && !domains[2], "shutdown: both domains are freed");

	d = guest_new(1, 2);
	guest_run(d->vcpu[0]);
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_down, 1, 0), 0,
	   "VCPUOP_down: succeeds for another vcpu");
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 0,
	   "VCPUOP_is_up: the vcpu is down");
	eq(d->state, DOM_RUNNING, "VCPUOP_down: the domain continues to run");
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), 0,
	   "VCPUOP_up: succeeds for a vcpu that is down");
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 1,
	   "VCPUOP_is_up: the vcpu is up");

	/* A vcpu is taken down while an idle pCPU holds its registers. */
	guest_run(domains[0]->vcpu[0]);
	domains[0]->vcpu[0]->info->evtchn_upcall_pending = 0;
	hcall(domains[0]->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0);
	guest_run(d->vcpu[0]);
	hcall(d->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0);
	guest_run(d->vcpu[1]);
	hcall(d->vcpu[1], __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0);
	ok(!host_next(), "the pCPU idles when all vcpus are blocked");
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_down, 1, 0), 0,
	   "VCPUOP_down: succeeds for a blocked vcpu");
	ok(this_pcpu()->work,
	   "VCPUOP_down: requests work from the pCPU that holds the blocked vcpu");
	host_next();
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 0,
	   "VCPUOP_is_up: the blocked vcpu is down after its pCPU has unloaded it");
	hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_down, 1, 0);
	hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_down, 0, 0);
	eq(d->state, DOM_SHUTDOWN, "VCPUOP_down: the domain shuts down with its last vcpu");
	reap_all();
	ok(!domains[1], "VCPUOP_down: the domain without vcpus is freed");
}

int main(void)
{
	host_init(16 << 20);
	d0 = guest_new(0, 1);
	/* dom0 keeps a bucket of ports once it has opened one: allocate it before counting. */
	close_dom0_ports();
	domain_discard(busy_domain(1));
	close_dom0_ports();
	free_before = pages_free();
	objects_before = host_objects();
	discarding();
	shutting_down(SHUTDOWN_poweroff, "poweroff");
	shutting_down(SHUTDOWN_suspend, "suspend");
	shutting_down(SHUTDOWN_watchdog, "watchdog");
	rebooting();
	crashing();
	failing();
	wallclock();
	shutdown_calls();
	check_leaks("all tests");
	ok(ends_with(HOST_POWEROFF, SHUTDOWN_poweroff),
	   "a power-off of dom0 powers the machine off");
	ok(ends_with(HOST_REBOOT, SHUTDOWN_reboot), "a reboot of dom0 reboots the machine");
	ok(ends_with(HOST_REBOOT, SHUTDOWN_crash), "a crash of dom0 reboots the machine");
	ok(ends_with(HOST_REBOOT, SHUTDOWN_watchdog),
	   "a watchdog shutdown of dom0 reboots the machine");
	domain_discard(d0);
	eq(host_objects(), 0, "no object is left in the end");
	return test_done();
}
