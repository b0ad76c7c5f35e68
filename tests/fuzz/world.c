// SPDX-License-Identifier: GPL-2.0
/*
 * Domains that act as an input of bytes describes, on two pCPUs in turn. Each
 * action takes its arguments from the input: mostly from small ranges, so that
 * actions of several domains refer to the same grants, frames and ports, and now
 * and then any value, to test how errors are handled. At the end of a run all
 * domains are destroyed and all pages and objects must be free again. A violated
 * invariant aborts the program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/arch_ops.h"
#include "core/base/deferred.h"
#include "core/domain/domain.h"
#include "core/domain/domain_destroy.h"
#include "core/evtchn/evtchn.h"
#include "core/exit_work.h"
#include "core/gnttab/gnttab.h"
#include "core/hypercall/hypercall.h"
#include "core/init.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "core/mm/xencomm.h"
#include "host/host.h"
#include "lib/errno.h"
#include "world.h"

#define RAM		96UL	/* frames */
#define WINDOW		(1UL << 20)	/* first frame without RAM */
#define WINDOW_FRAMES	512UL
#define ARG		1UL	/* frame for hypercall structures; ARG + 1: xencomm descriptors, ARG + 2: arrays */
#define MAX_RESTARTS	6
#define MAX_ELEMENTS	12
#define REFS		8	/* few, so that actions of several domains use the same ones */
#define HANDLES		16

void (*world_on_return)(void);

static const u8 *in;	/* unread part of the input */
static size_t left;	/* bytes at in */
static u64 free_before;
static size_t objects_before;

/**
 * world_take() - read a number from the input
 * @bytes: its bytes; what is missing at the end of the input reads as zero
 *
 * Return: the number.
 */
u64 world_take(unsigned int bytes)
{
	u64 x = 0;

	while (bytes-- && left) {
		x = x << 8 | *in++;
		left--;
	}
	return x;
}

/**
 * world_pick() - read a small number from the input, or sometimes any number
 * @n: one more than the largest small number
 *
 * Return: the number.
 */
u64 world_pick(u64 n)
{
	u64 x = world_take(1);

	return x == 255 ? world_take(8) : x % n;
}

static struct domain *new_domain(u16 id)
{
	struct domain_config cfg = { .name = "fuzz", .memory = RAM * PAGE_SIZE, .vcpus = 2 };
	struct domain *d = domain_create(id, &cfg);

	if (!d || memory_populate(d, 0, RAM))
		abort();
	d->ext_base = WINDOW << PAGE_SHIFT;
	d->ext_size = WINDOW_FRAMES << PAGE_SHIFT;
	/* A limit that inputs can reach. */
	(void)gnttab_set_limits(d, 2, 1);
	d->vcpu[0]->initialised = true;
	world_console_new(d);
	domain_publish(d);
	return d;
}

/* Select the acting domain by the input. */
static struct domain *any_domain(void)
{
	struct domain *d = domain_find(world_take(1) % DOMAINS);

	return d ? d : domains[0];
}

static u8 *frame(struct domain *d, u64 gfn)
{
	return frame_ptr(d, gfn, true);
}

/*
 * Make a hypercall and restart it until it is complete, but not endlessly: the input may ask for
 * very long ones.
 */
static s64 call(struct domain *d, unsigned int nr, u64 a0, u64 a1, u64 a2)
{
	u64 arg[5] = { a0, a1, a2, 0, 0 };
	s64 rc = HYPERCALL_RESTART;

	if (!hypercall_table[nr])
		abort();
	for (int i = 0; i < MAX_RESTARTS && rc == HYPERCALL_RESTART; i++)
		rc = hypercall_table[nr](d->vcpu[0], arg);
	if (d->arch.stale)
		abort();
	if (world_on_return)
		world_on_return();
	return rc;
}

/*
 * Make a hypercall with a structure, which is passed by an inline handle or a xencomm descriptor.
 */
static s64 call_with(struct domain *d, unsigned int nr, u64 op, const void *what, size_t n, u64 count)
{
	u8 *p = frame(d, ARG);
	u64 desc[3];

	if (!p)
		return -EFAULT;
	memcpy(p, what, min(n, PAGE_SIZE));
	if (n > PAGE_SIZE || (world_take(1) & 15))
		return call(d, nr, op, XENCOMM_INLINE_FLAG | ARG << PAGE_SHIFT, count);
	/* A descriptor, in which one bit may be wrong. */
	p = frame(d, ARG + 1);
	if (!p)
		return -EFAULT;
	desc[0] = XENCOMM_MAGIC | 1UL << 32;
	desc[1] = ARG << PAGE_SHIFT;
	desc[2] = 0;
	if (!(world_take(1) & 3))
		desc[world_take(1) % 3] ^= 1UL << world_take(1) % 64;
	memcpy(p, desc, sizeof(desc));
	return call(d, nr, op, (ARG + 1) << PAGE_SHIFT, count);
}

static void act_grant(void)
{
	struct domain *d = any_domain();
	u32 ref = world_take(1) % REFS;
	struct grant_entry_v1 *e = grant_entry(d->gt, ref);
	u8 how;

	e->frame = world_pick(RAM);
	e->domid = world_take(1) % DOMAINS;
	how = world_take(1);
	e->flags = how < 240 ? GTF_permit_access | (how & GTF_readonly) : world_take(2);
}

static void act_revoke(void)
{
	struct domain *d = any_domain();

	grant_entry(d->gt, world_take(1) % REFS)->flags = 0;
}

/* A guest frame number: in the window without RAM, in RAM, or any. */
static u64 any_gfn(const struct domain *d)
{
	u64 x = world_take(1);

	if (x < 200)
		return (d->ext_base >> PAGE_SHIFT) + x % 24;
	return x < 240 ? world_pick(RAM) : world_pick(WINDOW + WINDOW_FRAMES);
}

static void act_map(void)
{
	static const u32 flag[16] = { 2, 2, 2, 2, 2, 2, 6, 6, 6, 6, 6, 6, 3, 7, 0, 10 };
	struct gnttab_map_grant_ref op[MAX_ELEMENTS];
	struct domain *d = any_domain();
	u64 n = 1 + world_take(1) % MAX_ELEMENTS;

	for (u64 i = 0; i < n; i++)
		op[i] = (struct gnttab_map_grant_ref){
			.host_addr = any_gfn(d) << PAGE_SHIFT, .flags = flag[world_take(1) % 16],
			.ref = world_pick(REFS), .dom = world_pick(DOMAINS),
		};
	(void)call_with(d, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, op, n * sizeof(op[0]),
			world_take(1) ? n : world_pick(600));
}

static void act_unmap(void)
{
	struct gnttab_unmap_grant_ref op[MAX_ELEMENTS];
	const struct maptrack_entry *e;
	struct domain *d = any_domain();
	u64 n = 1 + world_take(1) % MAX_ELEMENTS;

	for (u64 i = 0; i < n; i++) {
		op[i].handle = world_pick(HANDLES);
		e = maptrack_get(&d->gt->track, op[i].handle);
		op[i].host_addr = e && world_take(1) < 240 ? e->gfn << PAGE_SHIFT : any_gfn(d) << PAGE_SHIFT;
		op[i].dev_bus_addr = 0;
	}
	(void)call_with(d, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, op, n * sizeof(op[0]), n);
}

static void act_copy(void)
{
	struct gnttab_copy op[MAX_ELEMENTS];
	struct domain *d = any_domain();
	u64 n = 1 + world_take(1) % MAX_ELEMENTS;

	for (u64 i = 0; i < n; i++) {
		op[i].flags = world_take(1) % 5;
		op[i].source.u.gmfn = op[i].flags & GNTCOPY_source_gref ? world_pick(REFS) : world_pick(RAM);
		op[i].source.domid = op[i].flags & GNTCOPY_source_gref ? world_pick(DOMAINS) : DOMID_SELF;
		op[i].source.offset = world_take(2) % 4200;
		op[i].dest.u.gmfn = op[i].flags & GNTCOPY_dest_gref ? world_pick(REFS) : world_pick(RAM);
		op[i].dest.domid = op[i].flags & GNTCOPY_dest_gref ? world_pick(DOMAINS) : DOMID_SELF;
		op[i].dest.offset = world_take(2) % 4200;
		op[i].len = world_take(2) % 4200;
	}
	(void)call_with(d, __HYPERVISOR_grant_table_op, GNTTABOP_copy, op, n * sizeof(op[0]),
			world_take(1) ? n : world_pick(600));
}

static void act_table(void)
{
	struct gnttab_swap_grant_ref swap = { world_pick(REFS), world_pick(REFS), 0 };
	struct xen_add_to_physmap add = { .domid = world_pick(DOMAINS), .space = world_take(1) % 3 };
	struct domain *d = any_domain();

	switch (world_take(1) % 3) {
	case 0:
		(void)call_with(d, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, &swap,
				sizeof(swap), 1);
		break;
	case 1:
		add.idx = world_pick(4);
		add.gpfn = any_gfn(d);
		(void)call_with(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add, sizeof(add), 0);
		break;
	default:
		(void)gnttab_set_limits(d, 1 + world_take(1) % 4, world_take(1) % 3);
	}
}

static void act_foreign(void)
{
	struct xen_add_to_physmap_range b = {
		.domid = DOMID_SELF, .space = world_take(1) & 7 ? XENMAPSPACE_gmfn_foreign : world_take(1) % 6,
		.size = world_take(1) % 30, .foreign_domid = world_pick(DOMAINS),
	};
	struct domain *d = world_take(1) & 7 ? domains[0] : any_domain();
	u64 *list = (u64 *)frame(d, ARG + 2);
	u64 lists = XENCOMM_INLINE_FLAG | (ARG + 2) << PAGE_SHIFT;

	b.idxs.q = lists;
	b.gpfns.q = lists + 1024;
	b.errs.q = lists + 2048;
	for (u64 i = 0; list && i < b.size; i++) {
		list[i] = world_pick(RAM);
		list[128 + i] = any_gfn(d);
	}
	(void)call_with(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_range, &b, sizeof(b), 0);
}

static void act_remove(void)
{
	struct xen_remove_from_physmap r = { .domid = world_take(1) & 3 ? DOMID_SELF : world_pick(DOMAINS) };
	struct domain *d = any_domain();

	r.gpfn = any_gfn(d);
	/* Keep the frames for arguments: without them every further call fails. */
	if (r.gpfn > ARG + 2)
		(void)call_with(d, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r), 0);
}

static void act_reservation(void)
{
	static const u8 ops[] = { XENMEM_populate_physmap, XENMEM_decrease_reservation,
				  XENMEM_increase_reservation };
	struct xen_memory_reservation r = {
		.extent_start.q = XENCOMM_INLINE_FLAG | (ARG + 2) << PAGE_SHIFT,
		.nr_extents = world_take(1) % 40, .extent_order = world_pick(5),
		.domid = world_take(1) & 15 ? DOMID_SELF : world_pick(DOMAINS),
	};
	struct domain *d = any_domain();
	u64 *list = (u64 *)frame(d, ARG + 2);

	for (u64 i = 0; list && i < r.nr_extents; i++) {
		list[i] = world_take(1) & 7 ? 4 + world_take(1) % (RAM - 4) : any_gfn(d);
		if (list[i] <= ARG + 2)
			list[i] = 10;
		if (r.extent_order < 5)
			list[i] &= ~0UL << r.extent_order;
		if (list[i] <= ARG + 2)
			list[i] = 16;
	}
	(void)call_with(d, __HYPERVISOR_memory_op, ops[world_take(1) % 3], &r, sizeof(r), 0);
}

static void act_event(void)
{
	u8 op[32] = { 0 };
	u32 *w = (u32 *)op;
	struct domain *d = any_domain();
	unsigned int nr = world_take(1) % 14;

	switch (nr) {
	case EVTCHNOP_bind_interdomain:
		((u16 *)op)[0] = world_pick(DOMAINS);
		w[1] = world_pick(64);
		break;
	case EVTCHNOP_alloc_unbound:
		((u16 *)op)[0] = world_take(1) & 7 ? DOMID_SELF : world_pick(DOMAINS);
		((u16 *)op)[1] = world_pick(DOMAINS);
		break;
	case EVTCHNOP_init_control:
		*(u64 *)op = world_pick(RAM);
		w[2] = world_pick(64) * 8;
		w[3] = world_pick(3);
		break;
	case EVTCHNOP_expand_array:
		*(u64 *)op = world_pick(RAM);
		break;
	case EVTCHNOP_reset:
		((u16 *)op)[0] = world_take(1) & 1 ? DOMID_SELF : world_pick(DOMAINS);
		break;
	case EVTCHNOP_status:
		((u16 *)op)[0] = DOMID_SELF;
		w[1] = world_pick(64);
		break;
	default:
		w[0] = world_pick(64);
		w[1] = world_pick(8);
	}
	(void)call_with(d, __HYPERVISOR_event_channel_op, nr, op, sizeof(op), 0);
}

/* The guest overwrites its RAM, which may hold shared structures, or its shared info page. */
static void act_scribble(void)
{
	struct domain *d = any_domain();
	u32 *p = (u32 *)frame(d, world_pick(RAM));
	u64 *s = (u64 *)d->shared_info;

	if (p && world_take(1) & 1)
		p[world_take(2) % 1024] = world_take(4);
	else
		s[world_take(1) % 140] = world_take(8);
}

static void act_time(void)
{
	host_advance_ns(world_take(1) * 20000);
	(void)host_next();
}

static void act_raw(void)
{
	static const u8 calls[] = {
		__HYPERVISOR_memory_op, __HYPERVISOR_grant_table_op, __HYPERVISOR_event_channel_op,
		__HYPERVISOR_hvm_op, __HYPERVISOR_xen_version, __HYPERVISOR_vcpu_op,
		__HYPERVISOR_set_timer_op, __HYPERVISOR_vm_assist, __HYPERVISOR_platform_op,
	};
	unsigned int nr = calls[world_take(1) % sizeof(calls)];
	struct domain *d = any_domain();
	u8 *p = frame(d, ARG);
	u64 op = world_take(1) & 15 ? world_take(1) % 26 : world_take(8), handle;

	/* The call may remove the frames for arguments: other inputs still have them. */
	for (int i = 0; p && i < 64; i++)
		p[i] = world_take(1);
	handle = world_take(1) & 7 ? XENCOMM_INLINE_FLAG | ARG << PAGE_SHIFT : world_take(8);
	if (nr != __HYPERVISOR_vcpu_op)
		(void)call(d, nr, op, handle, world_pick(40));
	else if (op != VCPUOP_down)
		(void)call(d, nr, op, world_pick(3), handle);
}

static void act_tools(void)
{
	struct xen_domctl op = {
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = world_pick(DOMAINS),
	};

	op.cmd = world_take(1) % 12;
	/* Only act_die() destroys domains, as it also creates new ones in their place. */
	if (op.cmd == XEN_DOMCTL_destroydomain)
		op.cmd = XEN_DOMCTL_set_gnttab_limits;
	op.u.set_gnttab_limits.grant_frames = world_take(1) % 5;
	op.u.set_gnttab_limits.maptrack_frames = world_take(1) % 5;
	if (op.cmd == XEN_DOMCTL_max_mem)
		op.u.max_mem.max_memkb = 4 * (RAM - 40 + world_pick(80));
	(void)call_with(world_take(1) & 15 ? domains[0] : any_domain(), __HYPERVISOR_domctl,
			XENCOMM_INLINE_FLAG | ARG << PAGE_SHIFT, &op, sizeof(op), 0);
}

/* Any domctl or sysctl, with any structure, of dom0 and now and then of a domU. */
static void act_control(void)
{
	static const u8 domctls[] = {
		XEN_DOMCTL_pausedomain, XEN_DOMCTL_unpausedomain, XEN_DOMCTL_getdomaininfo, XEN_DOMCTL_max_mem,
		XEN_DOMCTL_setdomainhandle, XEN_DOMCTL_set_gnttab_limits, XEN_DOMCTL_scheduler_op,
		XEN_DOMCTL_setvcpuaffinity, XEN_DOMCTL_getvcpuaffinity, XEN_DOMCTL_getvcpuinfo,
	};
	static const u8 sysctls[] = {
		XEN_SYSCTL_physinfo, XEN_SYSCTL_getdomaininfolist, XEN_SYSCTL_getcpuinfo, XEN_SYSCTL_sched_id,
	};
	union {
		struct xen_domctl domctl;
		struct xen_sysctl sysctl;
		u64 words[12];
	} op = { 0 };
	bool domctl = world_take(1) & 1;

	/* Small numbers, addresses in the domain's memory, and anything. */
	for (unsigned int i = 1; i < ARRAY_SIZE(op.words); i++) {
		u8 how = world_take(1);

		if (how & 1)
			op.words[i] = world_take(4);
		else
			op.words[i] = how & 2 ? XENCOMM_INLINE_FLAG | (ARG + 2) << PAGE_SHIFT | world_take(1) :
					   world_take(8);
	}
	if (domctl) {
		op.domctl.cmd = world_take(1) & 15 ? domctls[world_take(1) % sizeof(domctls)] : 128 + world_take(1);
		op.domctl.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
		op.domctl.domain = world_pick(DOMAINS + 1);
		/* A table with room for more than this is allocated in one go, which takes long under sanitizers. */
		if (op.domctl.cmd == XEN_DOMCTL_set_gnttab_limits)
			op.domctl.u.set_gnttab_limits.grant_frames &= 63;
	} else {
		op.sysctl.cmd = world_take(1) & 15 ? sysctls[world_take(1) % sizeof(sysctls)] : 128 + world_take(1);
		op.sysctl.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	}
	(void)call_with(world_take(1) & 15 ? domains[0] : any_domain(),
			domctl ? __HYPERVISOR_domctl : __HYPERVISOR_sysctl,
			XENCOMM_INLINE_FLAG | ARG << PAGE_SHIFT, &op, sizeof(op), 0);
}

/*
 * Let all pCPUs pass through the scheduler until domains that are dead and unreferenced have been
 * freed.
 */
static void reap_domains(void)
{
	for (int left = 12; left; left--) {
		/* Until only those are left whose frames others have mapped, and some passes more. */
		for (u16 id = 0; id < DOMAINS; id++)
			if (domains[id] && domains[id]->state != DOM_RUNNING && domains[id]->teardown != TD_HELD)
				left = 12;
		host_advance_ns(NSEC_PER_MSEC);
		for (host_pcpu = 0; host_pcpu < nr_pcpus; host_pcpu++)
			(void)host_next();
		host_pcpu = 0;
	}
}

/* Destroy a domain at the end of a run, even if one of its vcpus is loaded on a pCPU. */
static void discard(struct domain *d)
{
	for (unsigned int i = 0; i < nr_pcpus; i++)
		if (pcpus[i].arch.loaded && pcpus[i].arch.loaded->domain == d)
			pcpus[i].arch.loaded = NULL;
	domain_discard(d);
}

/* Shut a domain down, and create new domains for the domids that are free by now. */
static void act_die(void)
{
	u16 id = 1 + world_take(1) % (DOMAINS - 1);

	if (domain_find(id))
		domain_shutdown(domains[id], SHUTDOWN_poweroff);
	if (world_take(1) & 1)
		reap_domains();
	for (id = 1; id < DOMAINS; id++)
		if (!domains[id])
			new_domain(id);
}

static const struct {
	void (*act)(void);
	unsigned int kind;
} acts[] = {
	{ act_grant, WORLD_GRANTS }, { act_revoke, WORLD_GRANTS }, { act_map, WORLD_GRANTS },
	{ act_map, WORLD_GRANTS }, { act_unmap, WORLD_GRANTS }, { act_copy, WORLD_GRANTS },
	{ act_table, WORLD_GRANTS | WORLD_MEMORY }, { act_foreign, WORLD_MEMORY },
	{ act_remove, WORLD_MEMORY }, { act_reservation, WORLD_MEMORY }, { act_event, WORLD_EVENTS },
	{ act_event, WORLD_EVENTS }, { act_scribble, WORLD_EVENTS | WORLD_MEMORY },
	{ act_time, WORLD_EVENTS | WORLD_DEATH }, { act_raw, WORLD_RAW },
	{ act_tools, WORLD_DEATH }, { act_control, WORLD_TOOLS }, { act_die, WORLD_DEATH },
	{ world_act_papr, WORLD_PAPR },
	{ world_act_console, WORLD_CONSOLE },
};

/**
 * world_require() - abort if an invariant is violated
 * @holds: whether it holds
 * @what: describes the violation
 */
void world_require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "world: %s\n%s\n", what, host_console);
	abort();
}

/**
 * world_init() - start the simulated machine, once in a process
 */
void world_init(void)
{
	host_init(64 << 20);
	core_pcpu_init(&pcpus[1]);
	nr_pcpus = 2;
	/*
	 * A run without actions makes the allocations that stay for good, before the free memory is
	 * counted.
	 */
	world_run((const u8 *)"", 0, 0);
	free_before = pages_free();
	objects_before = host_objects();
}

/**
 * world_run() - create the domains, perform the actions of an input, destroy the domains
 * @data: the input
 * @size: bytes of @data
 * @kinds: WORLD_* flags of the actions that are performed; others are skipped
 *
 * Checks all invariants after every 16 actions and at the end. Aborts if one is
 * violated.
 */
void world_run(const u8 *data, size_t size, unsigned int kinds)
{
	unsigned int n = 0;
	const char *violation;

	in = data;
	left = size;
	host_console_clear();
	for (u16 id = 0; id < DOMAINS; id++)
		new_domain(id);
	world_console_reset();
	while (left && kinds) {
		unsigned int i = world_take(1);

		host_pcpu = i & 1;
		i = (i >> 1) % ARRAY_SIZE(acts);
		if (acts[i].kind & kinds)
			acts[i].act();
		if (++n % 16 == 0) {
			violation = world_violation();
			world_require(!violation, violation);
		}
	}
	violation = world_violation();
	world_require(!violation, violation);
	/* The order depends on the size: sometimes a mapper goes first, sometimes its granter. */
	for (u16 id = DOMAINS; id-- > 0; )
		if (domain_find((id + size) % DOMAINS))
			discard(domains[(id + size) % DOMAINS]);
	deferred_request(DEFERRED_REAP);
	reap_domains();
	for (u16 id = 0; id < DOMAINS; id++)
		world_require(!domains[id], "a dead domain is not freed");
	if (!free_before)
		return;
	world_require(pages_free() == free_before, "pages are leaked");
	world_require(host_objects() == objects_before, "slab objects are leaked");
}
