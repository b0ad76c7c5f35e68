// SPDX-License-Identifier: GPL-2.0
/*
 * dom0's tools: foreign memory, domctl, sysctl, a console taken over; and
 * domains that die while others have their frames.
 */
#include "grants.h"
#include "core/hypercall/tools.h"

static struct domain *d0, *d1, *d2;
static struct vcpu *v0;
static u64 free_before;

#define LISTS	0x10000UL	/* three arrays, a page each */

static s64 batch(struct vcpu *v, u16 dom, u16 space, u16 foreign, u16 n)
{
	struct xen_add_to_physmap_range b = {
		.domid = dom, .space = space, .size = n, .foreign_domid = foreign,
		.idxs.q = INLINE(LISTS), .gpfns.q = INLINE(LISTS + PAGE_SIZE),
		.errs.q = INLINE(LISTS + 2 * PAGE_SIZE),
	};

	return hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_range, &b, sizeof(b));
}

static u64 *idx(void)
{
	return guest_ptr(d0, LISTS);
}

static u64 *gfn(void)
{
	return guest_ptr(d0, LISTS + PAGE_SIZE);
}

static s32 *err(void)
{
	return guest_ptr(d0, LISTS + 2 * PAGE_SIZE);
}

static s64 take_away(u64 frame)
{
	struct xen_remove_from_physmap r = { DOMID_SELF, frame };

	return hcall_struct(v0, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r));
}

static void foreign(void)
{
	u64 first = window(d0, 0) >> PAGE_SHIFT, total = d0->tot_pages;
	bool good = true;

	for (int i = 0; i < 200; i++) {
		idx()[i] = i % 64;
		gfn()[i] = first + i;
	}
	idx()[70] = GUEST_PAGES;
	gfn()[71] = first + 5000;
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 1, 200), 0, "map 200 foreign frames");
	for (int i = 0; i < 200; i++)
		good &= err()[i] == (i == 70 || i == 71 ? -EINVAL : 0);
	ok(good, "each has its own error");
	ok(guest_ptr(d0, window(d0, 100)) == guest_ptr(d1, 36 * PAGE_SIZE), "they are the very frames");
	eq(d0->tot_pages, total, "and not the mapper's own");
	eq(d0->foreign_maps, 198, "counted");
	idx()[0] = 3;
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 1, 1), 0, "another one in its place");
	ok(err()[0] == 0 && d0->foreign_maps == 198, "counted once");
	for (int i = 0; i < 200; i++)
		good &= take_away(first + i) == (i == 70 || i == 71 ? -ENOENT : 0);
	ok(good && !d0->foreign_maps, "all removed");
	for (u64 i = 0; i < GUEST_PAGES; i++) {
		u64 mfn;
		bool w;

		p2m_lookup(d1, i, &mfn, &w);
		good &= mfn_to_page(mfn)->count == 1;
	}
	ok(good, "no reference is left");
	eq(pages_free(), free_before, "no page is lost");

	eq(batch(d1->vcpu[0], DOMID_SELF, XENMAPSPACE_gmfn_foreign, 0, 1), -EPERM, "of a domU");
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 33, 1), -ESRCH, "of nobody");
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 0, 1), -EINVAL, "of itself");
	eq(batch(v0, 33, XENMAPSPACE_gmfn_foreign, 1, 1), -ESRCH, "into nobody");
	eq(batch(v0, 1, XENMAPSPACE_gmfn_foreign, 1, 1), -EINVAL, "of a domU into itself");
	idx()[0] = 1;
	gfn()[0] = first;
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_grant_table, 0, 1), 0, "another space");
	ok(err()[0] == 0 && what(d0, window(d0, 0)) == P2M_SHARED, "works too");
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_grant_table, 1, 1), -EINVAL, "without a foreign domain");
	eq(batch(v0, DOMID_SELF, 77, 0, 1), 0, "unknown space");
	eq(err()[0], -ENOSYS, "has its error");
	eq(hcall(v0, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_range | 5000 << MEMOP_EXTENT_SHIFT,
		 INLINE(ARG_GPA), 0), -EINVAL, "to go on behind the end");
	take_away(first);
}

static s64 domctl(struct vcpu *v, u32 cmd, u16 dom, struct xen_domctl *op)
{
	struct xen_domctl own;
	s64 rc;

	if (!op)
		op = memset(&own, 0, sizeof(own));
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = dom;
	memcpy(guest_ptr(v->domain, ARG_GPA), op, sizeof(*op));
	rc = hcall(v, __HYPERVISOR_domctl, INLINE(ARG_GPA), 0, 0);
	memcpy(op, guest_ptr(v->domain, ARG_GPA), sizeof(*op));
	return rc;
}

static u32 flags(u16 dom)
{
	struct xen_domctl op = { 0 };

	return domctl(v0, XEN_DOMCTL_getdomaininfo, dom, &op) || op.domain != dom ? 0 : op.u.getdomaininfo.flags;
}

static void controlling(void)
{
	struct xen_domctl op = { 0 };
	u64 *list = guest_ptr(d1, LIST_GPA);
	struct xen_memory_reservation m = {
		.extent_start.q = INLINE(LIST_GPA), .nr_extents = 1, .domid = DOMID_SELF,
	};

	eq(domctl(v0, XEN_DOMCTL_getdomaininfo, 1, &op), 0, "getdomaininfo");
	ok(op.domain == 1 && op.u.getdomaininfo.domain == 1 && op.u.getdomaininfo.tot_pages == GUEST_PAGES &&
	   op.u.getdomaininfo.max_vcpu_id == 0 && op.u.getdomaininfo.nr_online_vcpus == 1, "tells of the domain");
	eq(domctl(v0, XEN_DOMCTL_getdomaininfo, 3, &op), -ESRCH, "of one that does not exist");
	eq(domctl(v0, XEN_DOMCTL_getdomaininfo, 0x7ff0, &op), -EINVAL, "of a reserved number");
	domain_discard(guest_new(7, 1));
	guest_new(9, 2);
	eq(domctl(v0, XEN_DOMCTL_getdomaininfo, 3, &op), 0, "of the next one");
	ok(op.domain == 9 && op.u.getdomaininfo.max_vcpu_id == 1, "by its number");
	domain_discard(domains[9]);
	eq(domctl(d1->vcpu[0], XEN_DOMCTL_getdomaininfo, 1, &op), -EPERM, "by a domU");
	op.interface_version = 0x14;
	op.cmd = XEN_DOMCTL_getdomaininfo;
	eq(hcall_struct(v0, __HYPERVISOR_domctl, 0, &op, sizeof(op)), -EFAULT, "null handle");
	memcpy(guest_ptr(d0, ARG_GPA), &op, sizeof(op));
	eq(hcall(v0, __HYPERVISOR_domctl, INLINE(ARG_GPA), 0, 0), -EACCES, "another version");
	eq(domctl(v0, 1, 1, &op), -ENOSYS, "an op that does not exist here");
	eq(domctl(v0, ~0U, 1, &op), -ENOSYS, "op -1");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 33, NULL), -ESRCH, "pause nobody");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 0, NULL), -EINVAL, "pause dom0");
	eq(domctl(v0, XEN_DOMCTL_destroydomain, 0, NULL), -EINVAL, "destroy dom0");
	eq(domctl(v0, XEN_DOMCTL_unpausedomain, 1, NULL), -EINVAL, "unpause what is not paused");

	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = GUEST_PAGES * 4 - 4;
	eq(domctl(v0, XEN_DOMCTL_max_mem, 1, &op), 0, "less memory than it has");
	eq(d1->tot_pages, GUEST_PAGES, "takes nothing away");
	*list = 40;
	hcall_struct(d1->vcpu[0], __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m));
	eq(hcall_struct(d1->vcpu[0], __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 0,
	   "but does not give back what was given up");
	op.u.max_mem.max_memkb = GUEST_PAGES * 4 + 16;
	eq(domctl(v0, XEN_DOMCTL_max_mem, 1, &op), 0, "more again");
	eq(hcall_struct(d1->vcpu[0], __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 1,
	   "and it has it back");
	op.u.max_mem.max_memkb = ~0UL;
	eq(domctl(v0, XEN_DOMCTL_max_mem, 1, &op), -EINVAL, "more than there can be");
	op.u.set_gnttab_limits.grant_frames = 70;
	op.u.set_gnttab_limits.maptrack_frames = 10;
	eq(domctl(v0, XEN_DOMCTL_set_gnttab_limits, 1, &op), 0, "limits of grants");
	ok(d1->gt->max_frames == 70 && d1->gt->track.max_frames == 10, "are set");
	op.u.set_gnttab_limits.grant_frames = 0;
	eq(domctl(v0, XEN_DOMCTL_set_gnttab_limits, 1, &op), -EINVAL, "none at all");
}

static void destroying(void)
{
	u64 free = pages_free();
	struct domain *d = guest_new(5, 2);
	char buf[6000];

	memset(buf, 7, sizeof(buf));
	eq(gpa_write(d, 0x5ffe, buf, sizeof(buf)), 0, "memory of a domain is written");
	memset(buf, 0, sizeof(buf));
	eq(gpa_read(d, 0x5ffe, buf, sizeof(buf)), 0, "and read");
	ok(buf[0] == 7 && buf[5999] == 7, "across pages");
	eq(gpa_write(d, 0x5ffe, NULL, 100), 0, "zeroes are written");
	eq(gpa_read(d, 0x5ffe, buf, 101), 0, "and read");
	ok(!buf[0] && !buf[99] && buf[100] == 7, "just these");
	eq(gpa_write(d, GUEST_PAGES * PAGE_SIZE - 4, buf, 8), -EFAULT, "not beyond its end");
	eq(gpa_read(d, GUEST_PAGES * PAGE_SIZE - 4, buf, 8), -EFAULT, "neither");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 5, NULL), 0, "a paused domain");
	eq(domctl(v0, XEN_DOMCTL_destroydomain, 5, NULL), 0, "is destroyed");
	eq(domctl(v0, XEN_DOMCTL_destroydomain, 5, NULL), -ESRCH, "once");
	ok(flags(5) & XEN_DOMINF_shutdown, "it has shut down");
	exit_work(this_pcpu());
	ok(!domains[5], "and is gone");
	eq(pages_free(), free, "no page is lost");
	guest_run(v0);
}

static void pausing(void)
{
	struct vcpu *v = d1->vcpu[0], *next;
	bool ran = false;

	guest_run(v);
	ok(flags(1) & XEN_DOMINF_running, "a domain runs");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 1, NULL), 0, "pause it");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 1, NULL), 0, "twice is once");
	ok(flags(1) & XEN_DOMINF_paused, "it says so");
	for (int i = 0; i < 20; i++) {
		next = exit_work(this_pcpu());
		ran |= next == v;
		host_advance_ns(20 * NSEC_PER_MSEC);
	}
	ok(!ran, "it does not run");
	sched_wake(v);
	next = exit_work(this_pcpu());
	ok(next != v, "not when it wakes either");
	eq(domctl(v0, XEN_DOMCTL_unpausedomain, 1, NULL), 0, "unpause it");
	ok(!(flags(1) & XEN_DOMINF_paused), "it says so");
	guest_run(v);
	ok(true, "it runs");

	/* Blocked when it is paused, woken while it is. */
	ok(sched_block(v), "it sleeps");
	exit_work(this_pcpu());
	ok(flags(1) & XEN_DOMINF_blocked, "which is seen");
	domctl(v0, XEN_DOMCTL_pausedomain, 1, NULL);
	sched_wake(v);
	next = exit_work(this_pcpu());
	ok(next != v && v->state == VCPU_RUNNABLE, "woken, but not run");
	domctl(v0, XEN_DOMCTL_unpausedomain, 1, NULL);
	guest_run(v);
	ok(true, "until it may");
	guest_run(v0);
}

static s64 sysctl(struct vcpu *v, u32 cmd, struct xen_sysctl *op)
{
	s64 rc;

	op->cmd = cmd;
	op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	memcpy(guest_ptr(v->domain, ARG_GPA), op, sizeof(*op));
	rc = hcall(v, __HYPERVISOR_sysctl, INLINE(ARG_GPA), 0, 0);
	memcpy(op, guest_ptr(v->domain, ARG_GPA), sizeof(*op));
	return rc;
}

static void machine(void)
{
	struct xen_sysctl op = { 0 };
	struct xen_domctl_getdomaininfo *info = guest_ptr(d0, LIST_GPA);

	eq(sysctl(v0, XEN_SYSCTL_physinfo, &op), 0, "physinfo");
	ok(op.u.physinfo.free_pages == pages_free() && op.u.physinfo.total_pages == pages_total() &&
	   op.u.physinfo.nr_cpus == 1, "tells what is true");
	eq(sysctl(d1->vcpu[0], XEN_SYSCTL_physinfo, &op), -EPERM, "by a domU");
	eq(sysctl(v0, 99, &op), -ENOSYS, "an unknown op");
	op.u.getdomaininfolist = (struct xen_sysctl_getdomaininfolist){ .max_domains = 10, .buffer.q = INLINE(LIST_GPA) };
	eq(sysctl(v0, XEN_SYSCTL_getdomaininfolist, &op), 0, "list of domains");
	ok(op.u.getdomaininfolist.num_domains == 3 && info[0].domain == 0 && info[1].domain == 1 && info[2].domain == 2,
	   "all of them");
	op.u.getdomaininfolist = (struct xen_sysctl_getdomaininfolist){
		.first_domain = 1, .max_domains = 1, .buffer.q = INLINE(LIST_GPA),
	};
	eq(sysctl(v0, XEN_SYSCTL_getdomaininfolist, &op), 0, "some of them");
	ok(op.u.getdomaininfolist.num_domains == 1 && info[0].domain == 1, "from a number on");
	op.u.getdomaininfolist = (struct xen_sysctl_getdomaininfolist){ .max_domains = 1 };
	eq(sysctl(v0, XEN_SYSCTL_getdomaininfolist, &op), -EFAULT, "null buffer");
	strcpy(guest_ptr(d0, LIST_GPA), "qreh");
	op.u.debug_keys = (struct xen_sysctl_debug_keys){ .keys.q = INLINE(LIST_GPA), .nr_keys = 4 };
	host_console_clear();
	eq(sysctl(v0, XEN_SYSCTL_debug_keys, &op), 0, "keys");
	ok(strstr(host_console, "d1: grants ") && strstr(host_console, "maptrack "), "what domains use");
	strcpy(guest_ptr(d0, LIST_GPA), "R");
	op.u.debug_keys.nr_keys = 1;
	eq(sysctl(v0, XEN_SYSCTL_debug_keys, &op), -EPERM, "not the key that ends the machine");
	op.u.debug_keys = (struct xen_sysctl_debug_keys){ .keys.q = INLINE(LIST_GPA), .nr_keys = ~0U };
	memset(guest_ptr(d0, LIST_GPA), 'r', 64);
	eq(sysctl(v0, XEN_SYSCTL_debug_keys, &op), -E2BIG, "not too many");
}

static void console(void)
{
	struct evtchn_bind_interdomain b = { .remote_dom = 4 };
	struct xencons_interface *ring;
	struct domain *d = guest_new(4, 1);
	struct evtchn_send p;
	u32 h;

	memset(guest_ptr(d, 30 * PAGE_SIZE), 0, 2 * PAGE_SIZE);
	eq(domain_set_magic_pages(d, 30, 31), 0, "a domU's console and xenstore");
	ring = guest_ptr(d, 30 * PAGE_SIZE);
	eq(map(v0, 4, GNTTAB_RESERVED_XENSTORE, GNTMAP_host_map, window(d0, 1), &h), 0,
	   "dom0 maps the xenstore by its grant");
	ok(guest_ptr(d0, window(d0, 1)) == guest_ptr(d, 31 * PAGE_SIZE), "that page");
	unmap(v0, window(d0, 1), h);
	eq(map(v0, 4, GNTTAB_RESERVED_CONSOLE, GNTMAP_host_map, window(d0, 0), &h), 0, "and the console");
	b.remote_port = d->params[HVM_PARAM_CONSOLE_EVTCHN];
	eq(evtchn_call(d1->vcpu[0], EVTCHNOP_bind_interdomain, &b, sizeof(b)), -EINVAL,
	   "a domU cannot take the console");
	eq(evtchn_call(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b)), 0, "dom0 takes the console");
	host_console_clear();
	memcpy(ring->out, "to dom0\n", 8);
	ring->out_prod = 8;
	p.port = b.remote_port;
	eq(evtchn_call(d->vcpu[0], EVTCHNOP_send, &p, sizeof(p)), 0, "the guest prints");
	console_poll();
	ok(ring->out_cons == 0 && !strstr(host_console, "to dom0"), "the hypervisor leaves it alone");
	ok(evtchn_is_pending(d0, b.local_port), "dom0 hears of it");
	eq(evtchn_call(d->vcpu[0], EVTCHNOP_close, &p, sizeof(p)), -EINVAL, "the guest cannot close it");
	eq(evtchn_call(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b)), -EINVAL, "nor can it be taken twice");
	ring->out_cons = 8;
	p.port = b.local_port;
	eq(evtchn_call(v0, EVTCHNOP_close, &p, sizeof(p)), 0, "dom0 gives it back");
	memcpy(ring->out + 8, "to xen\n", 7);
	ring->out_prod = 15;
	p.port = b.remote_port;
	evtchn_call(d->vcpu[0], EVTCHNOP_send, &p, sizeof(p));
	ok(strstr(host_console, "to xen") && !strstr(host_console, "to dom0"), "the hypervisor goes on");
	eq(ring->out_cons, 15, "from where dom0 was");
	eq(evtchn_call(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b)), 0, "dom0 takes it again");
	unmap(v0, window(d0, 0), h);
	domain_discard(d);
	p.port = b.local_port;
	eq(evtchn_call(v0, EVTCHNOP_close, &p, sizeof(p)), 0, "a port whose other end is gone");
}

int main(void)
{
	host_init(16 << 20);
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	d2 = guest_new(2, 1);
	v0 = d0->vcpu[0];
	free_before = pages_free();
	foreign();
	controlling();
	destroying();
	pausing();
	machine();
	console();
	domain_discard(d2);
	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
