// SPDX-License-Identifier: GPL-2.0
/*
 * Guests on four pCPUs, each of which is a thread. They perform random actions
 * (guests.c), domains die and are rebuilt meanwhile, and in the end all frames and
 * objects must be free. The program runs under the thread sanitizer and under the
 * address sanitizer. It ends after a number of actions; the runner ends it if it
 * hangs.
 */
#include "guests.h"

#define ACTS	400000
#define PINGS	3000
#define ROUNDS	2000	/* limit of scheduler passes until all domains have been freed */

static u64 free_before;
static size_t objects_before;

static struct domain *new_domain(u16 id, unsigned int vcpus)
{
	struct domain_config cfg = {
		.name = "guest", .memory = RAM_PAGES << PAGE_SHIFT, .vcpus = vcpus,
	};
	struct domain *d = domain_create(id, &cfg);

	if (!d || guest_build(d)) {
		printf("Bail out! no domain\n%s", host_console);
		exit(1);
	}
	return d;
}

/* The vcpu that this pCPU runs next: the same, unless a timer or a kick interrupts the guest. */
static struct vcpu *next_vcpu(void)
{
	struct pcpu *p = this_pcpu();

	if (p->current && !READ_ONCE(p->work) && arch_tb() < host_timer)
		return p->current;
	return host_next();
}

static void for_each_pcpu(void (*fn)(void))
{
	for (host_pcpu = 0; host_pcpu < PCPUS; host_pcpu++)
		fn();
	host_pcpu = 0;
}

static void pass_scheduler(void)
{
	(void)host_next();
}

/*
 * Actions of all pCPUs. They stop together, since a pCPU that has stopped runs no timers and ends
 * no grace period.
 */
static unsigned int acts_done;

static void random_actions(void)
{
	struct vcpu *v;

	seed(host_pcpu + 1);
	while (__atomic_load_n(&acts_done, __ATOMIC_RELAXED) < ACTS) {
		v = next_vcpu();
		if (!v) {
			host_advance_ns(2000);
			cpu_relax();
			continue;
		}
		act(v);
		host_advance_ns(200);
		__atomic_add_fetch(&acts_done, 1, __ATOMIC_RELAXED);
	}
}

static bool anybody_left(void)
{
	for (u16 id = 1; id < MAX_DOMAINS; id++)
		if (domains[id])
			return true;
	return false;
}

/*
 * Shut all domUs down, and run the scheduler until all grace periods are over and all frames and
 * structures are freed.
 */
static void end_all(void)
{
	int n = 0;

	for (u16 id = 1; id < MAX_DOMAINS; id++) {
		if (!domains[id])
			continue;
		ok(domain_destroy(domains[id]), "a domU is destroyed for good");
	}
	/* Remove all of dom0's mappings of their frames. */
	for (int h = 0; h < 64; h++)
		for (u64 g = 0; g < 24; g++) {
			struct gnttab_unmap_grant_ref u = {
				.host_addr = domains[0]->ext_base + g * PAGE_SIZE, .handle = h,
			};
			struct xen_remove_from_physmap r = {
				DOMID_SELF, (domains[0]->ext_base >> PAGE_SHIFT) + g,
			};

			hcall_struct(domains[0]->vcpu[0], __HYPERVISOR_grant_table_op,
				     GNTTABOP_unmap_grant_ref, &u, sizeof(u));
			hcall_struct(domains[0]->vcpu[0], __HYPERVISOR_memory_op,
				     XENMEM_remove_from_physmap, &r, sizeof(r));
		}
	while (anybody_left() && n++ < ROUNDS) {
		host_advance_ns(NSEC_PER_MSEC);
		for_each_pcpu(pass_scheduler);
	}
	for (n = 0; n < 16; n++) {
		host_advance_ns(NSEC_PER_MSEC);
		for_each_pcpu(pass_scheduler);
	}
	ok(!anybody_left(), "every domU is freed");
}

static void end_dom0(const char *name)
{
	char text[80];

	nr_pcpus = 1;
	domain_discard(domains[0]);
	for (int i = 0; i < PCPUS; i++) {
		pcpus[i].current = NULL;
		pcpus[i].arch.loaded = NULL;
	}
	snprintf(text, sizeof(text), "%s: every frame is free", name);
	eq(pages_free(), free_before, text);
	snprintf(text, sizeof(text), "%s: no object is leaked", name);
	eq(host_objects(), objects_before, text);
	for (int i = 0; i < PCPUS; i++)
		for (int r = 0; r < NR_RANKS; r++)
			if (pcpus[i].ranks_held[r])
				ok(false, "no lock is held in the end");
}

static void random_guests(void)
{
	nr_pcpus = PCPUS;
	for (u16 id = 0; id < DOMS; id++)
		domain_start(new_domain(id, VCPUS));
	/* An end of dom0 would end the machine. */
	domains[0]->shutdown_code = REASON_NONE;
	host_threads(PCPUS, random_actions);
	ok(true, "six domains make random hypercalls on four pCPUs");
	printf("# %lu domains built, %lu grants mapped, %lu copied, %lu extents, %lu bound, %lu sent\n",
	       tally.built, tally.mapped, tally.copied, tally.populated, tally.bound, tally.sent);
	ok(tally.built > 2 * DOMS && tally.mapped && tally.copied && tally.populated && tally.bound &&
	   tally.sent, "every kind of action succeeds now and then");
	end_all();
	end_dom0("random actions");
}

/* Event ring: each domain waits for an event, sends one to the next domain, and waits again. */
static u32 ring_port[DOMS];
static unsigned int pings;

static void forward_event(struct vcpu *v)
{
	struct shared_info *s = v->domain->shared_info;
	struct evtchn_send p = { ring_port[v->domain->id] };

	__atomic_store_n(&v->info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	(void)__atomic_exchange_n(&v->info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	if (!__atomic_exchange_n(&s->evtchn_pending[0], 0, __ATOMIC_SEQ_CST)) {
		(void)hcall(v, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0);
		return;
	}
	__atomic_add_fetch(&pings, 1, __ATOMIC_RELAXED);
	memcpy(guest_ptr(v->domain, ARGS_GFN(v) << PAGE_SHIFT), &p, sizeof(p));
	(void)hcall(v, __HYPERVISOR_event_channel_op, EVTCHNOP_send, INLINE(ARGS_GFN(v) << PAGE_SHIFT), 0);
}

static void forward_events(void)
{
	struct vcpu *v;

	while (__atomic_load_n(&pings, __ATOMIC_RELAXED) < PINGS) {
		v = next_vcpu();
		if (v)
			forward_event(v);
		else
			cpu_relax();
	}
}

/* Pass one event around all domains. If a wake-up gets lost, the program hangs. */
static void no_event_lost(void)
{
	u32 far, near;

	nr_pcpus = PCPUS;
	for (u16 id = 0; id < DOMS; id++)
		domain_start(new_domain(id, 1));
	for (u16 id = 0; id < DOMS; id++) {
		struct domain *to = domains[(id + 1) % DOMS];

		evtchn_alloc_unbound(to, id, &far);
		evtchn_bind_interdomain(domains[id], to, far, &near);
		ring_port[id] = near;
	}
	for (u16 id = 0; id < DOMS; id++) {
		domains[id]->shared_info->evtchn_pending[0] = 0;
		domains[id]->vcpu[0]->info->evtchn_upcall_pending = 0;
		domains[id]->vcpu[0]->info->evtchn_pending_sel = 0;
	}
	domains[2]->shared_info->evtchn_pending[0] = 2;
	host_threads(PCPUS, forward_events);
	ok(pings >= PINGS, "an event passed around all domains is never lost");
	end_all();
	end_dom0("event ring");
}

int main(void)
{
	host_init(64 << 20);
	host_build = guest_build;
	for (int i = 1; i < PCPUS; i++)
		core_pcpu_init(&pcpus[i]);
	free_before = pages_free();
	objects_before = host_objects();
	no_event_lost();
	random_guests();
	return test_done();
}
