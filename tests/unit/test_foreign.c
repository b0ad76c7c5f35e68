// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls of dom0's tools: mapping foreign memory, domctl, sysctl, and binding a
 * domU's console port.
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

static s64 remove_frame(u64 frame)
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
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 1, 200), 0,
	   "foreign: a batch of 200 frames succeeds");
	for (int i = 0; i < 200; i++)
		good &= err()[i] == (i == 70 || i == 71 ? -EINVAL : 0);
	ok(good, "foreign: each frame of a batch has its own error");
	ok(guest_ptr(d0, window(d0, 100)) == guest_ptr(d1, 36 * PAGE_SIZE),
	   "foreign: the mappings show the frames of the other domain");
	eq(d0->tot_pages, total, "foreign: mapped frames do not count as the mapper's RAM");
	eq(d0->foreign_maps, 198, "foreign: the mappings are counted");
	idx()[0] = 3;
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 1, 1), 0,
	   "foreign: a mapping can be replaced by another frame");
	ok(err()[0] == 0 && d0->foreign_maps == 198, "foreign: a replaced mapping counts once");
	for (int i = 0; i < 200; i++)
		good &= remove_frame(first + i) == (i == 70 || i == 71 ? -ENOENT : 0);
	ok(good && !d0->foreign_maps, "foreign: all mappings can be removed");
	for (u64 i = 0; i < GUEST_PAGES; i++) {
		u64 mfn;
		bool w;

		p2m_lookup(d1, i, &mfn, &w);
		good &= mfn_to_page(mfn)->count == 1;
	}
	ok(good, "foreign: no reference on the frames is left");
	eq(pages_free(), free_before, "foreign: no page is leaked");

	eq(batch(d1->vcpu[0], DOMID_SELF, XENMAPSPACE_gmfn_foreign, 0, 1), -EPERM,
	   "foreign: a domU cannot map foreign frames");
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 33, 1), -ESRCH,
	   "foreign: fails for frames of a domain that does not exist");
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 0, 1), -EINVAL,
	   "foreign: fails for own frames");
	eq(batch(v0, 33, XENMAPSPACE_gmfn_foreign, 1, 1), -ESRCH,
	   "foreign: fails for a mapper that does not exist");
	eq(batch(v0, 1, XENMAPSPACE_gmfn_foreign, 1, 1), -EINVAL,
	   "foreign: fails for frames of a domU in that domU");
	idx()[0] = 1;
	gfn()[0] = first;
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_grant_table, 0, 1), 0,
	   "batch: grant table frames can be mapped");
	ok(err()[0] == 0 && what(d0, window(d0, 0)) == P2M_SHARED,
	   "batch: the grant table frame is mapped");
	eq(batch(v0, DOMID_SELF, XENMAPSPACE_grant_table, 1, 1), -EINVAL,
	   "batch: fails for grant table frames with a foreign domain");
	eq(batch(v0, DOMID_SELF, 77, 0, 1), 0, "batch: an unknown space is no error of the call");
	eq(err()[0], -ENOSYS, "batch: an unknown space is an error of the frame");
	eq(hcall(v0, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_range | 5000 << MEMOP_EXTENT_SHIFT,
		 INLINE(ARG_GPA), 0), -EINVAL, "batch: fails for a start beyond the last frame");
	remove_frame(first);
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

	eq(domctl(v0, XEN_DOMCTL_getdomaininfo, 1, &op), 0, "getdomaininfo: succeeds");
	ok(op.domain == 1 && op.u.getdomaininfo.domain == 1 && op.u.getdomaininfo.tot_pages == GUEST_PAGES &&
	   op.u.getdomaininfo.max_vcpu_id == 0 && op.u.getdomaininfo.nr_online_vcpus == 1,
	   "getdomaininfo: reports the domain");
	eq(domctl(v0, XEN_DOMCTL_getdomaininfo, 3, &op), -ESRCH,
	   "getdomaininfo: fails beyond the last domain");
	eq(domctl(v0, XEN_DOMCTL_getdomaininfo, 0x7ff0, &op), -EINVAL,
	   "getdomaininfo: fails for a reserved domid");
	domain_discard(guest_new(7, 1));
	guest_new(9, 2);
	eq(domctl(v0, XEN_DOMCTL_getdomaininfo, 3, &op), 0,
	   "getdomaininfo: succeeds for an unused domid below a used one");
	ok(op.domain == 9 && op.u.getdomaininfo.max_vcpu_id == 1,
	   "getdomaininfo: reports the next domain for an unused domid");
	domain_discard(domains[9]);
	eq(domctl(d1->vcpu[0], XEN_DOMCTL_getdomaininfo, 1, &op), -EPERM,
	   "domctl: fails for a domU");
	op.interface_version = 0x14;
	op.cmd = XEN_DOMCTL_getdomaininfo;
	eq(hcall_struct(v0, __HYPERVISOR_domctl, 0, &op, sizeof(op)), -EFAULT,
	   "domctl: fails for a null handle");
	memcpy(guest_ptr(d0, ARG_GPA), &op, sizeof(op));
	eq(hcall(v0, __HYPERVISOR_domctl, INLINE(ARG_GPA), 0, 0), -EACCES,
	   "domctl: fails for another interface version");
	eq(domctl(v0, 1, 1, &op), -ENOSYS, "domctl: fails for an op that is not supported");
	eq(domctl(v0, ~0U, 1, &op), -ENOSYS, "domctl: fails for op -1");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 33, NULL), -ESRCH,
	   "pausedomain: fails for a domain that does not exist");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 0, NULL), -EINVAL, "pausedomain: fails for dom0");
	eq(domctl(v0, XEN_DOMCTL_destroydomain, 0, NULL), -EINVAL, "destroydomain: fails for dom0");
	eq(domctl(v0, XEN_DOMCTL_unpausedomain, 1, NULL), -EINVAL,
	   "unpausedomain: fails for a domain that is not paused");

	memset(&op, 0, sizeof(op));
	op.u.max_mem.max_memkb = GUEST_PAGES * 4 - 4;
	eq(domctl(v0, XEN_DOMCTL_max_mem, 1, &op), 0,
	   "max_mem: a limit below the current memory is accepted");
	eq(d1->tot_pages, GUEST_PAGES, "max_mem: a low limit takes no memory away");
	*list = 40;
	hcall_struct(d1->vcpu[0], __HYPERVISOR_memory_op, XENMEM_decrease_reservation, &m, sizeof(m));
	eq(hcall_struct(d1->vcpu[0], __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 0,
	   "max_mem: populate_physmap fails beyond a low limit");
	op.u.max_mem.max_memkb = GUEST_PAGES * 4 + 16;
	eq(domctl(v0, XEN_DOMCTL_max_mem, 1, &op), 0, "max_mem: the limit can be raised");
	eq(hcall_struct(d1->vcpu[0], __HYPERVISOR_memory_op, XENMEM_populate_physmap, &m, sizeof(m)), 1,
	   "max_mem: populate_physmap succeeds below the raised limit");
	op.u.max_mem.max_memkb = ~0UL;
	eq(domctl(v0, XEN_DOMCTL_max_mem, 1, &op), -EINVAL,
	   "max_mem: fails for a limit that overflows");
	op.u.set_gnttab_limits.grant_frames = 70;
	op.u.set_gnttab_limits.maptrack_frames = 10;
	eq(domctl(v0, XEN_DOMCTL_set_gnttab_limits, 1, &op), 0, "set_gnttab_limits: succeeds");
	ok(d1->gt->max_frames == 70 && d1->gt->track.max_frames == 10,
	   "set_gnttab_limits: the limits are set");
	op.u.set_gnttab_limits.grant_frames = 0;
	eq(domctl(v0, XEN_DOMCTL_set_gnttab_limits, 1, &op), -EINVAL,
	   "set_gnttab_limits: fails for 0 grant frames");
}

static void destroying(void)
{
	u64 free = pages_free();
	struct domain *d = guest_new(5, 2);
	char buf[6000];

	memset(buf, 7, sizeof(buf));
	eq(gpa_write(d, 0x5ffe, buf, sizeof(buf)), 0, "gpa_write: succeeds across pages");
	memset(buf, 0, sizeof(buf));
	eq(gpa_read(d, 0x5ffe, buf, sizeof(buf)), 0, "gpa_read: succeeds across pages");
	ok(buf[0] == 7 && buf[5999] == 7, "gpa_read: returns what was written across pages");
	eq(gpa_write(d, 0x5ffe, NULL, 100), 0, "gpa_write: clears memory for a null buffer");
	eq(gpa_read(d, 0x5ffe, buf, 101), 0, "gpa_read: succeeds after the memory was cleared");
	ok(!buf[0] && !buf[99] && buf[100] == 7, "gpa_write: clears no more than asked for");
	eq(gpa_write(d, GUEST_PAGES * PAGE_SIZE - 4, buf, 8), -EFAULT,
	   "gpa_write: fails across the end of RAM");
	eq(gpa_read(d, GUEST_PAGES * PAGE_SIZE - 4, buf, 8), -EFAULT,
	   "gpa_read: fails across the end of RAM");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 5, NULL), 0,
	   "destroydomain: the domain is paused before");
	eq(domctl(v0, XEN_DOMCTL_destroydomain, 5, NULL), 0,
	   "destroydomain: succeeds for a paused domain");
	eq(domctl(v0, XEN_DOMCTL_destroydomain, 5, NULL), 0,
	   "destroydomain: succeeds for a domain that is dying");
	ok(flags(5) & XEN_DOMINF_shutdown, "destroydomain: the domain has shut down");
	reap_all();
	ok(!domains[5], "destroydomain: the domain is freed");
	eq(domctl(v0, XEN_DOMCTL_destroydomain, 5, NULL), -ESRCH,
	   "destroydomain: fails for a domain that is gone");
	eq(pages_free(), free, "destroydomain: no page is leaked");
	guest_run(v0);
}

static void pausing(void)
{
	struct vcpu *v = d1->vcpu[0], *next;
	bool ran = false;

	guest_run(v);
	ok(flags(1) & XEN_DOMINF_running, "pausedomain: the domain runs before");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 1, NULL), 0, "pausedomain: succeeds");
	eq(domctl(v0, XEN_DOMCTL_pausedomain, 1, NULL), 0,
	   "pausedomain: succeeds for a paused domain");
	ok(flags(1) & XEN_DOMINF_paused, "getdomaininfo: reports a paused domain");
	for (int i = 0; i < 20; i++) {
		next = exit_work(this_pcpu());
		ran |= next == v;
		host_advance_ns(20 * NSEC_PER_MSEC);
	}
	ok(!ran, "a paused domain does not run");
	sched_wake(v);
	next = exit_work(this_pcpu());
	ok(next != v, "a paused domain does not run when its vcpu is woken");
	eq(domctl(v0, XEN_DOMCTL_unpausedomain, 1, NULL), 0,
	   "unpausedomain: one call undoes two of pausedomain");
	ok(!(flags(1) & XEN_DOMINF_paused),
	   "getdomaininfo: does not report an unpaused domain as paused");
	guest_run(v);
	ok(true, "an unpaused domain runs");

	/* A vcpu that is blocked when its domain is paused, and woken before the unpause. */
	ok(sched_block(v), "a vcpu blocks");
	exit_work(this_pcpu());
	ok(flags(1) & XEN_DOMINF_blocked, "getdomaininfo: reports a blocked domain");
	domctl(v0, XEN_DOMCTL_pausedomain, 1, NULL);
	sched_wake(v);
	next = exit_work(this_pcpu());
	ok(next != v && v->state == VCPU_RUNNABLE,
	   "a vcpu woken while its domain is paused is runnable and does not run");
	domctl(v0, XEN_DOMCTL_unpausedomain, 1, NULL);
	guest_run(v);
	ok(true, "a vcpu woken while its domain is paused runs after the unpause");
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

	eq(sysctl(v0, XEN_SYSCTL_physinfo, &op), 0, "physinfo: succeeds");
	ok(op.u.physinfo.free_pages == pages_free() && op.u.physinfo.total_pages == pages_total() &&
	   op.u.physinfo.nr_cpus == 1, "physinfo: reports free memory, total memory and pCPUs");
	eq(sysctl(d1->vcpu[0], XEN_SYSCTL_physinfo, &op), -EPERM, "sysctl: fails for a domU");
	eq(sysctl(v0, 99, &op), -ENOSYS, "sysctl: fails for an unknown op");
	op.u.getdomaininfolist = (struct xen_sysctl_getdomaininfolist){ .max_domains = 10, .buffer.q = INLINE(LIST_GPA) };
	eq(sysctl(v0, XEN_SYSCTL_getdomaininfolist, &op), 0, "getdomaininfolist: succeeds");
	ok(op.u.getdomaininfolist.num_domains == 3 && info[0].domain == 0 && info[1].domain == 1 && info[2].domain == 2,
	   "getdomaininfolist: lists all domains");
	op.u.getdomaininfolist = (struct xen_sysctl_getdomaininfolist){
		.first_domain = 1, .max_domains = 1, .buffer.q = INLINE(LIST_GPA),
	};
	eq(sysctl(v0, XEN_SYSCTL_getdomaininfolist, &op), 0,
	   "getdomaininfolist: succeeds for part of the domains");
	ok(op.u.getdomaininfolist.num_domains == 1 && info[0].domain == 1,
	   "getdomaininfolist: lists domains from the first domid on");
	op.u.getdomaininfolist = (struct xen_sysctl_getdomaininfolist){ .max_domains = 1 };
	eq(sysctl(v0, XEN_SYSCTL_getdomaininfolist, &op), -EFAULT,
	   "getdomaininfolist: fails for a null buffer");
	strcpy(guest_ptr(d0, LIST_GPA), "qreh");
	op.u.debug_keys = (struct xen_sysctl_debug_keys){ .keys.q = INLINE(LIST_GPA), .nr_keys = 4 };
	host_console_clear();
	eq(sysctl(v0, XEN_SYSCTL_debug_keys, &op), 0, "debug_keys: succeeds");
	ok(strstr(host_console, "d1: grants ") && strstr(host_console, "maptrack "),
	   "debug_keys: the keys have their effect");
	strcpy(guest_ptr(d0, LIST_GPA), "R");
	op.u.debug_keys.nr_keys = 1;
	eq(sysctl(v0, XEN_SYSCTL_debug_keys, &op), -EPERM,
	   "debug_keys: fails for the key that reboots the machine");
	op.u.debug_keys = (struct xen_sysctl_debug_keys){ .keys.q = INLINE(LIST_GPA), .nr_keys = ~0U };
	memset(guest_ptr(d0, LIST_GPA), 'r', 64);
	eq(sysctl(v0, XEN_SYSCTL_debug_keys, &op), -E2BIG, "debug_keys: fails for too many keys");
}

static void console(void)
{
	struct evtchn_bind_interdomain b = { .remote_dom = 4 };
	struct xencons_interface *ring;
	struct domain *d = guest_new(4, 1);
	struct evtchn_send p;
	u32 h;

	memset(guest_ptr(d, 30 * PAGE_SIZE), 0, 2 * PAGE_SIZE);
	eq(domain_set_magic_pages(d, 30, 31), 0, "console: a domU gets console and xenstore rings");
	ring = guest_ptr(d, 30 * PAGE_SIZE);
	eq(map(v0, 4, GNTTAB_RESERVED_XENSTORE, GNTMAP_host_map, window(d0, 1), &h), 0,
	   "console: dom0 can map the xenstore ring by its reserved grant");
	ok(guest_ptr(d0, window(d0, 1)) == guest_ptr(d, 31 * PAGE_SIZE),
	   "console: the mapping shows the xenstore ring");
	unmap(v0, window(d0, 1), h);
	eq(map(v0, 4, GNTTAB_RESERVED_CONSOLE, GNTMAP_host_map, window(d0, 0), &h), 0,
	   "console: dom0 can map the console ring by its reserved grant");
	b.remote_port = d->params[HVM_PARAM_CONSOLE_EVTCHN];
	eq(evtchn_call(d1->vcpu[0], EVTCHNOP_bind_interdomain, &b, sizeof(b)), -EINVAL,
	   "console: a domU cannot bind the console port");
	eq(evtchn_call(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b)), 0,
	   "console: dom0 can bind the console port");
	host_console_clear();
	memcpy(ring->out, "to dom0\n", 8);
	ring->out_prod = 8;
	p.port = b.remote_port;
	eq(evtchn_call(d->vcpu[0], EVTCHNOP_send, &p, sizeof(p)), 0,
	   "console: the guest sends an event for its output");
	console_poll();
	pump(d);
	ok(ring->out_cons == 0 && !strstr(host_console, "to dom0"),
	   "console: the hypervisor does not consume output while dom0 has the port");
	ok(evtchn_is_pending(d0, b.local_port), "console: dom0 receives the event");
	eq(evtchn_call(d->vcpu[0], EVTCHNOP_close, &p, sizeof(p)), -EINVAL,
	   "console: the guest cannot close its console port");
	eq(evtchn_call(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b)), -EINVAL,
	   "console: the console port cannot be bound twice");
	ring->out_cons = 8;
	p.port = b.local_port;
	eq(evtchn_call(v0, EVTCHNOP_close, &p, sizeof(p)), 0, "console: dom0 closes its port");
	memcpy(ring->out + 8, "to xen\n", 7);
	ring->out_prod = 15;
	p.port = b.remote_port;
	evtchn_call(d->vcpu[0], EVTCHNOP_send, &p, sizeof(p));
	pump(d);
	ok(strstr(host_console, "to xen") && !strstr(host_console, "to dom0"),
	   "console: the hypervisor prints again after dom0 closed its port");
	eq(ring->out_cons, 15, "console: the hypervisor continues at dom0's consumer index");
	eq(evtchn_call(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b)), 0,
	   "console: dom0 can bind the console port again");
	unmap(v0, window(d0, 0), h);
	domain_discard(d);
	p.port = b.local_port;
	eq(evtchn_call(v0, EVTCHNOP_close, &p, sizeof(p)), 0,
	   "console: dom0 can close the port of a domain that has died");
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
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
