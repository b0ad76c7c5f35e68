// SPDX-License-Identifier: GPL-2.0
/*
 * The life of domains: nothing is lost when one ends, however it ends, nor
 * when one cannot be made.
 */
#include "test.h"

static struct domain *d0;
static u64 free_before;
static size_t objects_before;

static void nothing_lost(const char *name)
{
	char text[120];

	snprintf(text, sizeof(text), "%s: no page lost", name);
	eq(pages_free(), free_before, text);
	snprintf(text, sizeof(text), "%s: no object lost", name);
	eq(host_objects(), objects_before, text);
}

/* A domain that has used a bit of everything. */
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
	   d->vcpu[0]->info != &d->vcpu[0]->dummy_info, "a domain that uses a bit of everything");
	eq(d->tot_pages, GUEST_PAGES - 1, "shared_info took the place of a page");
	domain_discard(d);
	close_dom0_ports();
	nothing_lost("discarded");
	for (int i = 0; i < 50; i++) {
		d = busy_domain(1 + i % 7);
		domain_discard(d);
		close_dom0_ports();
	}
	nothing_lost("fifty times");
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
	ok(domains[1] == d, "the domain is still there until its vcpu has left");
	ok(!domain_find(1), "but nobody finds it any more");
	domain_shutdown(d, SHUTDOWN_crash);
	ok(this_pcpu()->work, "the exit path is asked to come by");
	v = exit_work(this_pcpu());
	ok(!v || v->domain == d0, "it does not run again");
	ok(!domains[1], "it is freed");
	close_dom0_ports();
	nothing_lost(text);
}

static int builds;

static int build_again(struct domain *d)
{
	int rc = memory_populate(d, 0, GUEST_PAGES);

	ok(!rc && !domains[d->id], "nobody finds a domain that is being built");
	return ++builds == 2 ? -ENOMEM : rc;
}

static void rebooting(void)
{
	struct domain *d = busy_domain(1);
	u32 port;

	host_build = build_again;
	guest_run(d->vcpu[0]);
	eq(evtchn_alloc_unbound(d, 0, &port), 0, "a port of the first life");
	domain_shutdown(d, SHUTDOWN_reboot);
	exit_work(this_pcpu());
	d = domain_find(1);
	ok(d && builds == 1, "a domain that reboots is built again under its number");
	ok(d->ev->nr_used == 0 && !d->ev->fifo, "with nothing of its first life");
	eq(d->tot_pages, GUEST_PAGES, "and with its memory");
	ok(d->vcpu[0]->initialised && d->vcpu[0]->state == VCPU_RUNNABLE, "and runs");
	guest_run(d->vcpu[0]);
	domain_shutdown(d, SHUTDOWN_reboot);
	exit_work(this_pcpu());
	ok(!domain_find(1) && strstr(host_console, "could not be built again"),
	   "one that cannot be built again is given up");
	close_dom0_ports();
	nothing_lost("rebooted");
}

static void crashing(void)
{
	struct domain *d = busy_domain(1);
	unsigned int dumps = d->vcpu[2]->arch.dumps;

	host_console_clear();
	guest_run(d->vcpu[2]);
	domain_crash(d, "touched %x", 0x123);
	ok(strstr(host_console, "(XEN) d1: crashed: touched 123\r\n"), "a crash says why");
	ok(strstr(host_console, "shutdown, reason crash"), "and is a shutdown");
	eq(d->vcpu[2]->arch.dumps, dumps + 1, "with the registers of who did it");
	domain_crash(d, "again");
	ok(!strstr(host_console, "again"), "a domain crashes once");
	exit_work(this_pcpu());
	ok(!domains[1] && domain_find(0), "it alone is gone");
	close_dom0_ports();
	nothing_lost("crashed");
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

/* Allocations fail one after the other: whatever is missing, nothing is left over. */
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
	ok(d && after > 5, "a domain that cannot be made leaves nothing over");
	ok(!domains[1], "nobody finds it before it is built");
	domain_publish(d);
	ok(!domain_create(1, &cfg), "a number that is taken");
	ok(!domain_create(MAX_DOMAINS, &cfg), "a number too high");
	domain_discard(d);
	cfg.vcpus = 0;
	ok(!domain_create(1, &cfg), "no vcpus");
	cfg.vcpus = MAX_VCPUS + 1;
	ok(!domain_create(1, &cfg), "too many vcpus");
	nothing_lost("failed");
	cfg.vcpus = MAX_VCPUS;
	d = domain_create(1, &cfg);
	ok(d, "as many vcpus as there may be");
	eq(memory_populate(d, 0, (1 << 20 >> PAGE_SHIFT) + 5), -ENOMEM, "more memory than it may have");
	eq(memory_populate(d, 0, 4), 0, "some memory");
	eq(memory_populate_extent(d, 2, 4), -EEXIST, "not twice in a place");
	domain_discard(d);
	nothing_lost("with many vcpus");
	cfg.memory = 8 << 20;
	d = domain_create(1, &cfg);
	host_no_large = true;
	eq(memory_populate(d, 0, 8 << 20 >> PAGE_SHIFT), 0, "memory where no large leaf fits");
	host_no_large = false;
	eq(d->tot_pages, 8 << 20 >> PAGE_SHIFT, "is all there");
	domain_discard(d);
	nothing_lost("without large leaves");
	cfg.memory = 1UL << 40;
	d = domain_create(1, &cfg);
	eq(memory_populate(d, 0, 1UL << 28), -ENOMEM, "more memory than there is");
	domain_discard(d);
	nothing_lost("too large");
}

static void wallclock(void)
{
	struct shared_info *s;
	struct domain *d;

	d = guest_new(1, 1);
	ok(!d->shared_info->wc.version && !d->shared_info->wc.sec, "no wall clock where there is none");
	domain_discard(d);
	host_wallclock = 0x123456789UL * NSEC_PER_SEC + 5;
	for (int i = 0; i < 2; i++) {
		d = guest_new(1, 1);
		s = d->shared_info;
		eq(s->wc.version, 2, "wall clock: complete");
		eq((((u64)s->wc_sec_hi << 32 | s->wc.sec) * NSEC_PER_SEC) + s->wc.nsec + system_time(),
		   0x123456789UL * NSEC_PER_SEC + 5 + i * NSEC_PER_SEC,
		   "wall clock at time 0 plus the time since is now");
		domain_discard(d);
		/* A clock that fails later does no harm. */
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

	eq(sched_call(d->vcpu[0], SCHEDOP_shutdown, &s, sizeof(s)), -EINVAL, "shutdown: no such reason");
	s.reason = ~0U;
	eq(sched_call(d->vcpu[0], SCHEDOP_shutdown, &s, sizeof(s)), -EINVAL, "shutdown: reason -1");
	eq(hcall(d->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_shutdown, 0, 0), -EFAULT, "shutdown: null");
	eq(sched_call(d->vcpu[0], SCHEDOP_remote_shutdown, &r, sizeof(r)), -EPERM,
	   "remote_shutdown by a domU");
	r.domain_id = 33;
	eq(sched_call(d0->vcpu[0], SCHEDOP_remote_shutdown, &r, sizeof(r)), -ESRCH,
	   "remote_shutdown of nobody");
	r.domain_id = 2;
	eq(sched_call(d0->vcpu[0], SCHEDOP_remote_shutdown, &r, sizeof(r)), 0, "remote_shutdown by dom0");
	eq(e->state, DOM_SHUTDOWN, "the domain shuts down");
	s.reason = SHUTDOWN_crash;
	eq(sched_call(d->vcpu[0], SCHEDOP_shutdown_code, &s, sizeof(s)), 0, "shutdown_code");
	eq(d->state, DOM_RUNNING, "it runs on");
	s.reason = SHUTDOWN_poweroff;
	eq(sched_call(d->vcpu[0], SCHEDOP_shutdown, &s, sizeof(s)), 0, "shutdown");
	eq(d->shutdown_reason, SHUTDOWN_crash, "with the code given before");
	exit_work(this_pcpu());
	ok(!domains[1] && !domains[2], "both are freed");

	d = guest_new(1, 2);
	guest_run(d->vcpu[0]);
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_down, 1, 0), 0, "a vcpu goes down");
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 0, "it is down");
	eq(d->state, DOM_RUNNING, "the domain runs");
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), 0, "and up");
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 1, "it is up");

	/* Taken down while its registers are in a pCPU that sleeps. */
	guest_run(domains[0]->vcpu[0]);
	domains[0]->vcpu[0]->info->evtchn_upcall_pending = 0;
	hcall(domains[0]->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0);
	guest_run(d->vcpu[0]);
	hcall(d->vcpu[0], __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0);
	guest_run(d->vcpu[1]);
	hcall(d->vcpu[1], __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0);
	ok(!host_next(), "all sleep");
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_down, 1, 0), 0, "one that sleeps is taken down");
	ok(this_pcpu()->work, "its pCPU is told");
	host_next();
	eq(hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 0, "and lets go of it");
	hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_down, 1, 0);
	hcall(d->vcpu[0], __HYPERVISOR_vcpu_op, VCPUOP_down, 0, 0);
	eq(d->state, DOM_SHUTDOWN, "the last vcpu down ends the domain");
	exit_work(this_pcpu());
	ok(!domains[1], "which is freed");
}

int main(void)
{
	host_init(16 << 20);
	d0 = guest_new(0, 1);
	/* What the first use of a domain leaves for good: a bucket of ports. */
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
	nothing_lost("all of it");
	ok(ends_with(HOST_POWEROFF, SHUTDOWN_poweroff), "dom0's power-off is the machine's");
	ok(ends_with(HOST_REBOOT, SHUTDOWN_reboot), "dom0's reboot is the machine's");
	ok(ends_with(HOST_REBOOT, SHUTDOWN_crash), "dom0's crash reboots the machine");
	ok(ends_with(HOST_REBOOT, SHUTDOWN_watchdog), "and its watchdog too");
	domain_discard(d0);
	eq(host_objects(), 0, "nothing is left");
	return test_done();
}
