// SPDX-License-Identifier: GPL-2.0
/*
 * Random actions of guests on several pCPUs: all hypercalls that access shared
 * state, with arguments from small ranges, so that they often refer to the same
 * object. Each vcpu keeps its hypercall arguments in pages of its own, so a race
 * that the thread sanitizer reports is one of the hypervisor.
 */
#include "guests.h"

struct tally tally;

static __thread u64 state = 88172645463325252UL;

static void count(unsigned long *what, unsigned long n)
{
	__atomic_add_fetch(what, n, __ATOMIC_RELAXED);
}

/**
 * seed() - seed this thread's random number generator
 * @x: seed, not 0
 */
void seed(u64 x)
{
	state = x * 0x9e3779b97f4a7c15UL;
}

/**
 * rnd() - next random number of this thread
 *
 * Return: a 64-bit number.
 */
u64 rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/**
 * below() - random number below a limit
 * @n: the limit
 *
 * Return: 0 to @n - 1.
 */
u32 below(u32 n)
{
	return (rnd() >> 32) % n;
}

/**
 * guest_build() - give a guest memory and a console ring; implements host_build()
 * @d: new domain
 *
 * The shutdown reason is set to reboot, so the domain is built again whenever it
 * ends, unless dom0's tools destroy it.
 *
 * Return: 0 or -errno.
 */
int guest_build(struct domain *d)
{
	int rc;

	count(&tally.built, 1);
	WRITE_ONCE(d->ext_base, 1UL << 32);
	WRITE_ONCE(d->ext_size, 16UL << 20);
	WRITE_ONCE(d->shutdown_code, SHUTDOWN_reboot);
	rc = memory_populate(d, 0, RAM_PAGES);
	if (!rc && d->id)
		rc = console_ring_set(d, CONSOLE_GFN);
	return rc;
}

static u64 args(const struct vcpu *v)
{
	return ARGS_GFN(v) << PAGE_SHIFT;
}

static s64 call(struct vcpu *v, unsigned int nr, u64 op, const void *what, size_t n, u64 count)
{
	memcpy(guest_ptr(v->domain, args(v)), what, n);
	return hcall(v, nr, op, INLINE(args(v)), count);
}

static s64 event(struct vcpu *v, u64 op, void *what, size_t n)
{
	s64 rc = call(v, __HYPERVISOR_event_channel_op, op, what, n, 0);

	memcpy(what, guest_ptr(v->domain, args(v)), n);
	return rc;
}

static u16 other(void)
{
	return below(DOMS);
}

/* [a][b]: port that domain a allocated for domain b. Real domains exchange it through xenstore. */
static u32 waiting_port[DOMS][DOMS];

static void ports_open(struct vcpu *v)
{
	struct evtchn_alloc_unbound au = { DOMID_SELF, other(), 0 };
	struct evtchn_bind_interdomain bi = { .remote_dom = other() };
	struct evtchn_bind_virq virq = { below(3) ? VIRQ_TIMER : VIRQ_DOM_EXC, below(VCPUS), 0 };
	struct evtchn_bind_ipi ipi = { below(VCPUS), 0 };

	switch (below(5)) {
	case 0:
	case 1:
		if (!event(v, EVTCHNOP_alloc_unbound, &au, sizeof(au)))
			WRITE_ONCE(waiting_port[v->domain->id][au.remote_dom], au.port);
		break;
	case 2:
	case 3:
		bi.remote_port = READ_ONCE(waiting_port[bi.remote_dom][v->domain->id]);
		if (v->domain->privileged && !below(3))
			bi.remote_port = CONSOLE_PORT;
		count(&tally.bound, !event(v, EVTCHNOP_bind_interdomain, &bi, sizeof(bi)));
		break;
	default:
		(void)event(v, EVTCHNOP_bind_virq, &virq, sizeof(virq));
		(void)event(v, EVTCHNOP_bind_ipi, &ipi, sizeof(ipi));
	}
}

static void ports_change(struct vcpu *v)
{
	struct evtchn_bind_vcpu bv = { below(PORTS), below(VCPUS) };
	struct evtchn_set_priority prio = { below(PORTS), below(EVTCHN_FIFO_MAX_QUEUES) };
	struct evtchn_status st = { .dom = DOMID_SELF, .port = below(PORTS) };
	struct evtchn_send port = { below(PORTS) };
	struct evtchn_init_control ic = { .control_gfn = FIFO_GFN };
	struct evtchn_expand_array ea = { FIFO_GFN + 1 };
	struct evtchn_reset reset = { DOMID_SELF };

	switch (below(16)) {
	case 0:
	case 1:
	case 2:
		(void)event(v, EVTCHNOP_close, &port, sizeof(port));
		break;
	case 3:
	case 4:
		(void)event(v, EVTCHNOP_unmask, &port, sizeof(port));
		break;
	case 5:
		(void)event(v, EVTCHNOP_status, &st, sizeof(st));
		break;
	case 6:
		(void)event(v, EVTCHNOP_set_priority, &prio, sizeof(prio));
		break;
	case 7:
	case 8:
		for (ic.vcpu = 0; ic.vcpu < VCPUS; ic.vcpu++) {
			ic.offset = ic.vcpu * 256;
			(void)event(v, EVTCHNOP_init_control, &ic, sizeof(ic));
		}
		break;
	case 9:
	case 10:
		(void)event(v, EVTCHNOP_expand_array, &ea, sizeof(ea));
		break;
	case 11:
		if (!below(16))
			(void)event(v, EVTCHNOP_reset, &reset, sizeof(reset));
		break;
	default:
		(void)event(v, EVTCHNOP_bind_vcpu, &bv, sizeof(bv));
	}
}

static void send(struct vcpu *v)
{
	struct evtchn_send port = { below(PORTS) };

	for (int i = 0; i < 4; i++)
		count(&tally.sent, !event(v, EVTCHNOP_send, &port, sizeof(port)));
}

/* Consume events like the interrupt handler of a guest, on the vcpu itself. */
static void handle(struct vcpu *v)
{
	u32 *words = guest_ptr(v->domain, (FIFO_GFN + 1) << PAGE_SHIFT);
	struct shared_info *s = v->domain->shared_info;
	struct vcpu_info *info = READ_ONCE(v->info);

	__atomic_store_n(&info->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
	(void)__atomic_exchange_n(&info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	(void)__atomic_exchange_n(&s->evtchn_pending[0], 0, __ATOMIC_SEQ_CST);
	for (u32 p = 0; words && p < PORTS; p++)
		(void)__atomic_exchange_n(&words[p], below(8) ? 0 : 1U << EVTCHN_FIFO_MASKED,
					  __ATOMIC_SEQ_CST);
}

static void grants_change(struct vcpu *v)
{
	struct gnttab_swap_grant_ref swap = { below(REFS), below(REFS), 0 };
	struct grant_entry_v1 e = {
		.flags = below(8) ? GTF_permit_access | (below(4) ? 0 : GTF_readonly) : 0,
		.domid = other(), .frame = GRANT_GFN + below(24),
	};
	u64 word;

	if (!below(8)) {
		(void)call(v, __HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, &swap,
			   sizeof(swap), 1);
		return;
	}
	memcpy(&word, &e, sizeof(word));
	/* The first frame of a grant table never moves, so no lock is needed. */
	__atomic_store_n((u64 *)(void *)grant_entry(v->domain->gt, below(REFS)), word,
			 __ATOMIC_RELAXED);
}

static u64 place(const struct domain *d)
{
	return (d->ext_base >> PAGE_SHIFT) + below(24);
}

static void grants_map(struct vcpu *v)
{
	struct gnttab_map_grant_ref op[8];
	u32 n = 1 + below(8);

	for (u32 i = 0; i < n; i++)
		op[i] = (struct gnttab_map_grant_ref){
			.host_addr = place(v->domain) << PAGE_SHIFT, .dom = other(), .ref = below(REFS),
			.flags = GNTMAP_host_map | (below(2) ? GNTMAP_readonly : 0),
		};
	(void)call(v, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, op, n * sizeof(op[0]), n);
	memcpy(op, guest_ptr(v->domain, args(v)), n * sizeof(op[0]));
	for (u32 i = 0; i < n; i++)
		count(&tally.mapped, op[i].status == GNTST_okay);
}

static void grants_unmap(struct vcpu *v)
{
	struct gnttab_unmap_grant_ref op[24];

	/* The handle is random, and its address is unknown: try all addresses with it. */
	for (u32 i = 0, handle = below(24); i < 24; i++)
		op[i] = (struct gnttab_unmap_grant_ref){
			.host_addr = ((v->domain->ext_base >> PAGE_SHIFT) + i) << PAGE_SHIFT,
			.handle = handle,
		};
	(void)call(v, __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, op, sizeof(op), 24);
}

static void grants_copy(struct vcpu *v)
{
	struct gnttab_copy op[6];
	u32 n = 1 + below(6);

	for (u32 i = 0; i < n; i++) {
		op[i] = (struct gnttab_copy){ .len = 1 + below(64), .flags = below(4) };
		op[i].source.domid = op[i].flags & GNTCOPY_source_gref ? other() : DOMID_SELF;
		op[i].source.u.gmfn = op[i].flags & GNTCOPY_source_gref ? below(REFS / 2) :
									   COPY_GFN + below(8);
		op[i].dest.domid = op[i].flags & GNTCOPY_dest_gref ? other() : DOMID_SELF;
		op[i].dest.u.gmfn = op[i].flags & GNTCOPY_dest_gref ? REFS / 2 + below(REFS / 2) :
								       COPY_GFN + 8 + below(8);
		op[i].source.offset = below(4000);
		op[i].dest.offset = below(4000);
	}
	(void)call(v, __HYPERVISOR_grant_table_op, GNTTABOP_copy, op, n * sizeof(op[0]), n);
	memcpy(op, guest_ptr(v->domain, args(v)), n * sizeof(op[0]));
	for (u32 i = 0; i < n; i++)
		count(&tally.copied, op[i].status == GNTST_okay);
}

static void balloon(struct vcpu *v)
{
	u64 *list = guest_ptr(v->domain, args(v) + PAGE_SIZE);
	struct xen_memory_reservation r = {
		.extent_start.q = INLINE(args(v) + PAGE_SIZE), .nr_extents = 1 + below(6),
		.extent_order = below(3), .domid = DOMID_SELF,
	};

	for (u32 i = 0; i < r.nr_extents; i++) {
		list[i] = (below(6) ? BALLOON_GFN : GRANT_GFN) + below(24);
		list[i] &= ~0UL << r.extent_order;
	}
	count(&tally.populated,
	      call(v, __HYPERVISOR_memory_op,
		   below(2) ? XENMEM_populate_physmap : XENMEM_decrease_reservation, &r, sizeof(r), 0));
}

static void physmap(struct vcpu *v)
{
	struct xen_add_to_physmap add = {
		.domid = DOMID_SELF, .space = below(2), .idx = below(2), .gpfn = SHARED_GFN + below(3),
	};
	struct xen_remove_from_physmap r = { DOMID_SELF, below(4) ? place(v->domain) : SHARED_GFN + below(3) };
	struct xen_add_to_physmap_range b = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_gmfn_foreign, .size = 1 + below(4),
		.foreign_domid = 1 + below(DOMS - 1), .idxs.q = INLINE(args(v) + PAGE_SIZE),
		.gpfns.q = INLINE(args(v) + PAGE_SIZE + 256), .errs.q = INLINE(args(v) + PAGE_SIZE + 512),
	};
	u64 *list = guest_ptr(v->domain, args(v) + PAGE_SIZE);

	if (below(2))
		(void)call(v, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r), 0);
	else if (!v->domain->privileged)
		(void)call(v, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &add, sizeof(add), 0);
	for (u32 i = 0; v->domain->privileged && i < b.size; i++) {
		list[i] = (below(2) ? GRANT_GFN : BALLOON_GFN) + below(24);
		list[32 + i] = place(v->domain);
	}
	if (v->domain->privileged)
		(void)call(v, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_range, &b, sizeof(b), 0);
}

/* Make the hypervisor read a page that another vcpu may be ballooning out at the same time. */
static void read_ballooned(struct vcpu *v)
{
	u64 gpa = (BALLOON_GFN + below(24)) << PAGE_SHIFT;

	(void)hcall(v, __HYPERVISOR_event_channel_op, EVTCHNOP_close, INLINE(gpa), 0);
}

static s64 vcpu_op(struct vcpu *v, u64 op, u64 who, const void *what, size_t n)
{
	memcpy(guest_ptr(v->domain, args(v)), what, n);
	return hcall(v, __HYPERVISOR_vcpu_op, op, who, INLINE(args(v)));
}

static void vcpus(struct vcpu *v)
{
	u32 who = below(VCPUS);
	struct vcpu_register_vcpu_info info = { ARGS_GFN(v->domain->vcpu[who]) + 2, 64 * below(4), 0 };
	struct vcpu_register_runstate_memory_area area = {
		.addr.p = ((ARGS_GFN(v->domain->vcpu[who]) + 3) << PAGE_SHIFT) + 64 * below(4),
	};
	struct vcpu_set_singleshot_timer ss = { system_time() + below(1 << 20), 0 };
	struct vcpu_set_periodic_timer period = { NSEC_PER_MSEC + below(1 << 20) };
	struct vcpu_guest_context ctx;

	switch (below(12)) {
	case 0:
	case 1:
		memset(&ctx, 0, sizeof(ctx));
		ctx.msr = 1UL << 63;
		(void)vcpu_op(v, VCPUOP_initialise, who, &ctx, sizeof(ctx));
		break;
	case 2:
	case 3:
	case 4:
		(void)hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_up, who, 0);
		break;
	case 5:
		/* The end of dom0's last vcpu would end the machine. */
		if (!v->domain->privileged || (who && v->id == 0))
			(void)hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_down, who, 0);
		break;
	case 6:
		(void)vcpu_op(v, VCPUOP_register_vcpu_info, who, &info, sizeof(info));
		break;
	case 7:
		(void)vcpu_op(v, VCPUOP_register_runstate_phys_area, who, &area, sizeof(area));
		break;
	case 8:
		(void)vcpu_op(v, VCPUOP_get_runstate_info, who, &area, sizeof(area));
		break;
	case 9:
		(void)vcpu_op(v, VCPUOP_set_periodic_timer, who, &period, sizeof(period));
		break;
	case 10:
		(void)hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, who, 0);
		break;
	default:
		(void)vcpu_op(v, VCPUOP_set_singleshot_timer, v->id, &ss, sizeof(ss));
	}
}

static void sleeping(struct vcpu *v)
{
	struct sched_poll poll = {
		.ports.q = INLINE(args(v) + PAGE_SIZE), .nr_ports = 4, .timeout = system_time() + below(1 << 17),
	};
	u32 *ports = guest_ptr(v->domain, args(v) + PAGE_SIZE);

	v->arch.dec_tb = arch_tb() + below(1 << 16);
	switch (below(4)) {
	case 0:
		(void)hcall(v, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0);
		break;
	case 1:
		for (int i = 0; i < 4; i++)
			ports[i] = 1 + below(PORTS);
		(void)call(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &poll, sizeof(poll), 0);
		break;
	default:
		(void)hcall(v, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0);
	}
}

/* Change hard affinity, weight or cap of a domain, so that running vcpus have to move or wait. */
static void shares(struct vcpu *v, struct xen_domctl *op)
{
	u8 *mask = guest_ptr(v->domain, args(v) + PAGE_SIZE);

	op->domain = below(DOMS);
	if (below(2)) {
		*mask = 1 + below((1 << PCPUS) - 1);
		op->cmd = XEN_DOMCTL_setvcpuaffinity;
		op->u.vcpuaffinity.vcpu = below(VCPUS);
		op->u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
		op->u.vcpuaffinity.cpumap_hard = (struct xenctl_bitmap){
			.bitmap.q = INLINE(args(v) + PAGE_SIZE), .nr_bits = 8,
		};
		return;
	}
	op->cmd = XEN_DOMCTL_scheduler_op;
	op->u.scheduler_op = (struct xen_domctl_scheduler_op){
		.sched_id = XEN_SCHEDULER_CREDIT, .cmd = XEN_DOMCTL_SCHEDOP_putinfo,
		.u.credit = { 1 + below(1000), below(3) ? 0 : 20 + below(100) },
	};
}

static void toolstack(struct vcpu *v)
{
	struct xen_domctl op = {
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 1 + below(DOMS - 1),
		.cmd = XEN_DOMCTL_getdomaininfo,
	};
	struct sched_remote_shutdown end = { op.domain, SHUTDOWN_reboot };
	struct xen_platform_op clock = {
		.cmd = XENPF_settime64, .interface_version = XENPF_INTERFACE_VERSION,
		.u.settime64 = { .secs = 1700000000 + below(100) },
	};

	switch (below(12)) {
	case 0:
		(void)call(v, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &end, sizeof(end), 0);
		break;
	case 1:
		memcpy(guest_ptr(v->domain, args(v)), &clock, sizeof(clock));
		(void)hcall(v, __HYPERVISOR_platform_op, INLINE(args(v)), 0, 0);
		return;
	case 2:
		op.cmd = XEN_DOMCTL_pausedomain;
		break;
	case 3:
	case 4:
	case 5:
		op.cmd = XEN_DOMCTL_unpausedomain;
		break;
	case 6:
		/* The last two domains get destroyed for good at some time. */
		if (op.domain >= DOMS - 2 && !below(20))
			op.cmd = XEN_DOMCTL_destroydomain;
		break;
	case 7:
	case 8:
	case 9:
		shares(v, &op);
		break;
	default:
		break;
	}
	memcpy(guest_ptr(v->domain, args(v)), &op, sizeof(op));
	(void)hcall(v, __HYPERVISOR_domctl, INLINE(args(v)), 0, 0);
}

static void console(struct vcpu *v)
{
	static const char text[] = "words\n";
	struct evtchn_send port = { CONSOLE_PORT };
	struct xencons_interface *ring;

	if (v->domain->privileged)
		return;
	if (!below(2)) {
		memcpy(guest_ptr(v->domain, args(v)), text, sizeof(text));
		(void)hcall(v, __HYPERVISOR_console_io, CONSOLEIO_write, sizeof(text) - 1,
			    INLINE(args(v)));
		return;
	}
	ring = guest_ptr(v->domain, CONSOLE_GFN << PAGE_SHIFT);
	WRITE_ONCE(ring->out_prod, READ_ONCE(ring->out_prod) + below(64));
	(void)event(v, EVTCHNOP_send, &port, sizeof(port));
}

/**
 * act() - perform a random action as the guest of a vcpu
 * @v: the vcpu that runs on this pCPU
 */
void act(struct vcpu *v)
{
	static void (*const acts[])(struct vcpu *v) = {
		send, send, send, ports_open, ports_change, handle, handle, grants_change,
		grants_change, grants_map, grants_unmap, grants_copy, balloon, physmap,
		read_ballooned, vcpus, vcpus, sleeping, sleeping, console,
	};

	if (v->domain->privileged && !below(12))
		toolstack(v);
	else
		acts[below(ARRAY_SIZE(acts))](v);
}
