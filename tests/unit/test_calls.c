// SPDX-License-Identifier: GPL-2.0
/*
 * The other hypercalls: xen_version, hvm_op, memory_op, vcpu_op, vm_assist,
 * grant_table_op; and all of them with every kind of bad argument.
 */
#include "test.h"

/* Marks a frame of version 2's status array. Xen's memory.h has it, Linux's has not. */
#define XENMAPIDX_grant_table_status	0x80000000UL

static struct domain *d0, *d1;
static struct vcpu *v0, *v1;

static void version(void)
{
	struct xen_feature_info fi = { 0, 0 };
	char *text = guest_ptr(d1, 0x8000);
	bool zero = true;

	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_version, 0, 0), 4 << 16 | 17, "version");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_pagesize, 0, 0), 4096, "page size");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_pagesize, INLINE(0x8000), 0), -EINVAL,
	   "page size with a handle");
	memset(text, 0xff, 2 * PAGE_SIZE);
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_capabilities, INLINE(0x8000), 0), 0, "capabilities");
	ok(!strncmp(text, "xen-3.0-powerpc64", 17), "name the architecture");
	for (int i = strlen(text); i < 1024; i++)
		zero &= !text[i];
	ok(zero && text[1024] == (char)0xff, "and fill their field exactly");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_extraversion, INLINE(0x8000), 0), 0, "extraversion");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_compile_info, INLINE(0x8000), 0), 0, "compile_info");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_changeset, INLINE(0x8000), 0), 0, "changeset");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_platform_parameters, INLINE(0x8000), 0), 0,
	   "platform_parameters");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_guest_handle, INLINE(0x8000), 0), 0, "guest_handle");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_commandline, INLINE(0x8000), 0), 0, "commandline");
	ok(!strcmp(text, "<denied>"), "is not a domU's to see");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_build_id, INLINE(0x8000), 0), -ENODATA, "build_id");
	eq(hcall(v1, __HYPERVISOR_xen_version, 11, INLINE(0x8000), 0), -ENOSYS, "an unknown request");
	eq(hcall_struct(v1, __HYPERVISOR_xen_version, XENVER_get_features, &fi, sizeof(fi)), 0, "features");
	ok((fi.submap & 5) == 5 && !(fi.submap & BIT(XENFEAT_dom0)), "of a domU");
	hcall_struct(v0, __HYPERVISOR_xen_version, XENVER_get_features, &fi, sizeof(fi));
	ok(fi.submap & BIT(XENFEAT_dom0), "of dom0");
	fi.submap_idx = 1;
	eq(hcall_struct(v0, __HYPERVISOR_xen_version, XENVER_get_features, &fi, sizeof(fi)), -EINVAL,
	   "features of a word that does not exist");
}

static s64 param(struct vcpu *v, u64 op, u16 dom, u32 index, u64 *val)
{
	struct xen_hvm_param p = { dom, index, *val };
	s64 rc = hcall_struct(v, __HYPERVISOR_hvm_op, op, &p, sizeof(p));

	*val = p.value;
	return rc;
}

static void params(void)
{
	u64 val = 0;

	d1->params[HVM_PARAM_STORE_PFN] = 77;
	eq(param(v1, HVMOP_get_param, DOMID_SELF, HVM_PARAM_STORE_PFN, &val), 0, "get_param");
	eq(val, 77, "its value");
	eq(param(v1, HVMOP_get_param, 1, HVM_PARAM_STORE_PFN, &val), 0, "get_param by own number");
	eq(param(v1, HVMOP_get_param, 0, HVM_PARAM_STORE_PFN, &val), -EPERM, "get_param of another");
	eq(param(v0, HVMOP_get_param, 1, HVM_PARAM_STORE_PFN, &val), 0, "get_param by dom0");
	eq(param(v0, HVMOP_get_param, 33, HVM_PARAM_STORE_PFN, &val), -ESRCH, "get_param of nobody");
	eq(param(v1, HVMOP_get_param, DOMID_SELF, HVM_NR_PARAMS, &val), -EINVAL, "get_param: no such one");
	eq(param(v1, HVMOP_get_param, DOMID_SELF, ~0U, &val), -EINVAL, "get_param: -1");
	eq(param(v1, HVMOP_set_param, DOMID_SELF, HVM_NR_PARAMS, &val), -EINVAL, "set_param: no such one");
	val = 5;
	eq(param(v1, HVMOP_set_param, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, &val), 0, "set_param: callback");
	eq(d1->params[HVM_PARAM_CALLBACK_IRQ], 5, "is set");
	eq(param(v1, HVMOP_set_param, DOMID_SELF, HVM_PARAM_STORE_PFN, &val), -EPERM,
	   "set_param: where the xenstore is, is not the guest's");
	eq(param(v0, HVMOP_set_param, DOMID_SELF, HVM_PARAM_CONSOLE_EVTCHN, &val), -EPERM,
	   "nor dom0's own");
	eq(param(v0, HVMOP_set_param, 1, HVM_PARAM_STORE_PFN, &val), -EEXIST, "set_param: set already");
	eq(param(v0, HVMOP_set_param, 1, HVM_PARAM_CONSOLE_PFN, &val), 0, "set_param by dom0");
	eq(d1->params[HVM_PARAM_CONSOLE_PFN], 5, "is set");
	eq(param(v0, HVMOP_set_param, 1, HVM_PARAM_CONSOLE_PFN, &val), 0, "set_param: to the same");
	eq(param(v1, 2, DOMID_SELF, 0, &val), -ENOSYS, "hvm_op: unknown op");
	eq(param(v1, ~0UL, DOMID_SELF, 0, &val), -ENOSYS, "hvm_op: op -1");
}

static s64 add(struct vcpu *v, u16 dom, u32 space, u64 idx, u64 gfn)
{
	struct xen_add_to_physmap a = { .domid = dom, .space = space, .idx = idx, .gpfn = gfn };

	return hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &a, sizeof(a));
}

static void physmap(void)
{
	struct xen_remove_from_physmap r = { DOMID_SELF, 0 };
	u64 window = d1->ext_base >> PAGE_SHIFT, total = d1->tot_pages, free = pages_free();

	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, 30), 0, "shared_info over RAM");
	ok(guest_ptr(d1, 30 * PAGE_SIZE) == d1->shared_info, "is there");
	eq(d1->tot_pages, total - 1, "the page under it is gone");
	eq(pages_free(), free + 1, "and free");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, 30), 0, "again, in the same place");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, 31), 0, "in another place");
	ok(guest_ptr(d1, 31 * PAGE_SIZE) == d1->shared_info, "it is there");
	ok(frame_ptr(d1, 30, true) && d1->tot_pages == total - 1, "and the old place is RAM again");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, window + 100), 0, "in a window");
	ok(frame_ptr(d1, 31, true) && d1->tot_pages == total, "all RAM is back");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 1, 30), -EINVAL, "there is one shared_info");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, GUEST_PAGES), -EINVAL, "outside RAM and windows");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, ~0UL), -EINVAL, "at frame -1");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, window + (d1->ext_size >> PAGE_SHIFT)), -EINVAL,
	   "behind the windows");
	eq(add(v1, 0, XENMAPSPACE_shared_info, 0, 30), -EPERM, "of another domain");
	eq(add(v0, 33, XENMAPSPACE_shared_info, 0, 30), -ESRCH, "of nobody");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, 0, window), 0, "grant frame 0");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, 7, window + 7), 0, "grant frame 7");
	eq(d1->gt->nr_frames, 8, "the table has grown");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, 64, window + 64), -EINVAL, "grant frame 64");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, ~0UL, window + 64), -EINVAL, "grant frame -1");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, XENMAPIDX_grant_table_status, window + 64), -EINVAL,
	   "grant status frame");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 0, window), -ENOSYS, "foreign frame");
	eq(add(v1, DOMID_SELF, ~0U, 0, window), -ENOSYS, "unknown space");
	r.gpfn = window + 7;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r)), 0, "remove");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r)), -ENOENT,
	   "remove what is not there");
	r.gpfn = ~0UL;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r)), -ENOENT,
	   "remove frame -1");
}

static s64 reserve(struct vcpu *v, u64 op, u16 dom, u64 handle, u64 nr, u32 order)
{
	struct xen_memory_reservation r = {
		.extent_start.q = handle, .nr_extents = nr, .extent_order = order, .domid = dom,
	};

	return hcall_struct(v, __HYPERVISOR_memory_op, op, &r, sizeof(r));
}

static void ballooning(void)
{
	u64 *list = guest_ptr(d1, 0x9000), total = d1->tot_pages, free = pages_free();
	u16 self = DOMID_SELF;

	for (int i = 0; i < 16; i++)
		list[i] = 32 + i;
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 16, 0), 16, "give 16 pages");
	ok(d1->tot_pages == total - 16 && pages_free() == free + 16, "they are free");
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 16, 0), 0, "not twice");
	list[16] = 48;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 17, 0), 16,
	   "take them back; one that is there ends it");
	ok(d1->tot_pages == total && pages_free() == free, "all there");
	list[0] = 32;
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 1, 4), 1, "one extent of 16");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 4), 1, "and back");
	list[0] = 40;
	reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 1, 0);
	list[0] = 32;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 4), 0,
	   "an extent of which a page is there");
	list[0] = 40;
	reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 0);
	list[0] = 33;
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 1, 4), 0, "not aligned");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 10), -EPERM, "order 10");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, ~0U), -EPERM, "order -1");
	list[0] = GUEST_PAGES + 100;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 0), 0, "outside RAM");
	list[0] = ~0UL;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 0), 0, "frame -1");
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 1, 0), 0, "give frame -1");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), ~0UL, 0), -EINVAL, "-1 extents");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, 0, 1, 0), -EFAULT, "null list");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, 0, 0, 0), 0, "no extents");
	eq(reserve(v1, XENMEM_populate_physmap, 0, INLINE(0x9000), 1, 0), -EPERM, "of another domain");
	eq(d1->tot_pages, total, "nothing happened");

	/* More extents than are done at once: the call goes on by itself. */
	for (int i = 0; i < 40; i++)
		list[i] = 20 + i;
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 40, 0), 40, "40 pages");
	for (int i = 0; i < 80; i++)
		list[i] = (d1->ext_base >> PAGE_SHIFT) + 200 + i;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 80, 0), 44,
	   "in a window, until the limit is reached");
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 80, 0), 44, "and back");
	for (int i = 0; i < 40; i++)
		list[i] = 20 + i;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 40, 0), 40, "RAM again");
	eq(hcall(v1, __HYPERVISOR_memory_op, XENMEM_populate_physmap | 1000 << MEMOP_EXTENT_SHIFT,
		 INLINE(ARG_GPA), 0), -EINVAL, "to go on behind the end");

	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_current_reservation, &self, 2), total, "current");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_maximum_reservation, &self, 2), GUEST_PAGES + 4,
	   "maximum");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_maximum_gpfn, &self, 2), GUEST_PAGES - 1,
	   "highest frame");
	self = 0;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_current_reservation, &self, 2), -EPERM,
	   "current of another");
	ok(hcall(v1, __HYPERVISOR_memory_op, XENMEM_maximum_ram_page, 0, 0) > 0, "highest machine frame");
	eq(hcall(v1, __HYPERVISOR_memory_op, XENMEM_exchange, INLINE(ARG_GPA), 0), -ENOSYS, "exchange");
	eq(hcall(v1, __HYPERVISOR_memory_op, 63, INLINE(ARG_GPA), 0), -ENOSYS, "unknown op");
	eq(hcall(v1, __HYPERVISOR_memory_op, ~0UL, INLINE(ARG_GPA), 0), -ENOSYS, "op -1");
}

static s64 vcpu_call(struct vcpu *v, u64 op, u64 id, const void *arg, size_t n)
{
	memcpy(guest_ptr(v->domain, ARG_GPA), arg, n);
	return hcall(v, __HYPERVISOR_vcpu_op, op, id, INLINE(ARG_GPA));
}

static void vcpu_ops(void)
{
	struct domain_config cfg = { .name = "smp", .memory = GUEST_PAGES * PAGE_SIZE, .vcpus = 2 };
	struct vcpu_register_vcpu_info ri = { .mfn = 40, .offset = 128 };
	struct vcpu_guest_context ctx;
	struct domain *d = domain_create(2, &cfg);
	struct vcpu_info *info;
	struct vcpu *v, *w;
	u64 mfn;
	bool wr;

	memory_populate(d, 0, GUEST_PAGES);
	domain_start(d);
	v = d->vcpu[0];
	w = d->vcpu[1];
	memset(&ctx, 0, sizeof(ctx));
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 0, "a secondary is down");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), -EINVAL, "up before initialise");
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EINVAL, "a context that cannot be");
	ctx.msr = 1UL << 63;
	ctx.pc = 0x60;
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), 0, "initialise");
	eq(w->arch.pc, 0x60, "the registers arrive");
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EEXIST, "initialise twice");
	eq(vcpu_call(v, VCPUOP_initialise, 0, &ctx, sizeof(ctx)), -EEXIST, "initialise oneself");
	eq(vcpu_call(v, VCPUOP_initialise, 2, &ctx, sizeof(ctx)), -ENOENT, "initialise nobody");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_initialise, 1, 0), -EFAULT, "initialise: null");

	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 1, &ri, sizeof(ri)), 0,
	   "register_vcpu_info of one that is down");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), 0, "up");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), 0, "up twice");
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 1, &ri, sizeof(ri)), -EINVAL,
	   "register_vcpu_info of one that runs");

	v->dummy_info.evtchn_pending_sel = 0x10;
	ri.mfn = 41;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), 0, "register_vcpu_info");
	info = guest_ptr(d, 41 * PAGE_SIZE + 128);
	ok(v->info == info, "it is where the guest wants it");
	ok(info->evtchn_upcall_pending && info->evtchn_pending_sel & 0x10, "what was pending is");
	ok(info->time.version == 2 && info->time.tsc_to_system_mul, "with the scale of time");
	eq((((u64)1000000 << info->time.tsc_shift) * info->time.tsc_to_system_mul) >> 32,
	   tb_to_ns(1000000), "which is right");
	p2m_lookup(d, 41, &mfn, &wr);
	eq(mfn_to_page(mfn)->count, 2, "its page is held");
	ri.mfn = 42;
	ri.offset = 0;
	info->evtchn_upcall_pending = 0;
	info->evtchn_pending_sel = 0x20;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), 0, "again, elsewhere");
	eq(mfn_to_page(mfn)->count, 1, "the first page is not held any more");
	ok(v->info->evtchn_upcall_pending && (v->info->evtchn_pending_sel & 0x20), "contents move along");
	ri.offset = 4096 - 48;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), 0, "at the end of a page");
	ri.offset = 4096 - 40;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL, "across a page");
	ri.offset = 4;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL, "not aligned");
	ri.offset = ~7U;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL, "at offset -8");
	ri.offset = 0;
	ri.mfn = GUEST_PAGES;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL, "outside RAM");
	ri.mfn = ~0UL;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL, "page -1");
	ri.mfn = 42;

	/* The page goes away under it: nobody else gets it while it is in use. */
	p2m_lookup(d, 42, &mfn, &wr);
	memory_remove(d, 42);
	eq(mfn_to_page(mfn)->count, 1, "a page taken away is still held");
	vcpu_mark_events_pending(v);
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL, "it is not RAM now");
	ri.mfn = 43;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), 0, "to a third page");
	eq(mfn_to_page(mfn)->count, 0, "and then it is free");
	domain_discard(d);
}

/* A kernel that is started by another brings up again what that one took down. */
static void initialise_again(void)
{
	struct domain *d = guest_new(2, 3);
	struct vcpu_guest_context ctx;
	struct vcpu *v = d->vcpu[0], *w = d->vcpu[1];

	memset(&ctx, 0, sizeof(ctx));
	ctx.msr = 1UL << 63;
	ctx.pc = 0x60;
	guest_run(w);
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EEXIST, "initialise one that runs");
	w->arch.dec_tb = 77;
	eq(hcall(w, __HYPERVISOR_vcpu_op, VCPUOP_down, 1, 0), 0, "it goes down");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 1, "it is up until it is out of the pCPU");
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EEXIST, "and not to be initialised");
	host_next();
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 0, "then it is down");
	ctx.msr = 0;
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EINVAL, "to be initialised with what can be");
	ctx.msr = 1UL << 63;
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), 0, "initialised again");
	ok(w->arch.pc == 0x60 && w->arch.dec_tb != 77, "it has what it was given, and nothing of before");
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EEXIST, "twice again");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), 0, "up again");
	guest_run(w);
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_down, 0, 0), 0, "the boot vcpu goes down");
	host_next();
	eq(vcpu_call(w, VCPUOP_initialise, 0, &ctx, sizeof(ctx)), 0, "and is initialised");
	domain_discard(d);
}

static void grants(void)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_set_version s = { 1 };
	struct gnttab_get_version g = { .dom = DOMID_SELF };

	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q)), 0, "query_size");
	ok(q.status == 0 && q.nr_frames >= 1 && q.max_nr_frames == 64, "query_size: result");
	q.dom = 0;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q));
	eq(q.status, GNTST_permission_denied, "query_size: another domain's");
	q.dom = 33;
	hcall_struct(v0, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q));
	eq(q.status, GNTST_bad_domain, "query_size: nobody's");
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_set_version, &s, sizeof(s)), 0, "version 1");
	s.version = 2;
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_set_version, &s, sizeof(s)), -EINVAL,
	   "version 2");
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_get_version, &g, sizeof(g)), 0, "get_version");
	eq(g.version, 1, "is 1");
	eq(hcall(v1, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, INLINE(ARG_GPA), 2), -EINVAL, "count 2");
	eq(hcall(v1, __HYPERVISOR_grant_table_op, GNTTABOP_get_status_frames, INLINE(ARG_GPA), 1), -ENOSYS,
	   "status frames, of version 2");
	eq(hcall(v1, __HYPERVISOR_grant_table_op, ~0UL, INLINE(ARG_GPA), 1), -ENOSYS, "op -1");
	eq(hcall(v1, __HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag, 0), 0,
	   "vm_assist");
	eq(hcall(v1, __HYPERVISOR_vm_assist, VMASST_CMD_enable, 4, 0), -EINVAL, "vm_assist: another type");
	eq(hcall(v1, __HYPERVISOR_vm_assist, 2, 5, 0), -ENOSYS, "vm_assist: another command");
}

static u64 rnd(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static u64 strange(void)
{
	static const u64 val[] = {
		0, 1, 2, 8, ARG_GPA, INLINE(ARG_GPA), INLINE(0), INLINE(GUEST_PAGES * PAGE_SIZE - 4),
		INLINE(0x2ffc), 0x5000, ~0UL, ~0UL >> 1, 1UL << 63, 1UL << 60, 0xffffffff, 0x7ff0, 4096,
	};

	return rnd() & 1 ? val[rnd() % ARRAY_SIZE(val)] : rnd() >> rnd() % 64;
}

/*
 * Every call, every op, with arguments and structures made of nonsense. Any
 * answer will do, as long as the hypervisor lives and loses nothing.
 */
static void nonsense(void)
{
	u64 *arg, a[5];
	struct domain *d;
	unsigned int nr, lives = 0;

	for (int i = 0; i < 200000; i++) {
		d = domain_find(3);
		if (!d) {
			exit_work(this_pcpu());
			d = guest_new(3, 2);
			memset(guest_ptr(d, 10 * PAGE_SIZE), 0, PAGE_SIZE);
			domain_set_magic_pages(d, 10, 11);
			lives++;
		}
		sched_wake(d->vcpu[0]);
		if (d->vcpu[0]->state != VCPU_RUNNABLE) {
			domain_shutdown(d, SHUTDOWN_poweroff);
			continue;
		}
		guest_run(d->vcpu[0]);
		for (int n = 0; n < 8; n++) {
			arg = guest_ptr(d, (ARG_GPA & ~PAGE_MASK) + rnd() % 512 * 8);
			if (arg && (u8 *)arg != (u8 *)d->shared_info)
				*arg = strange();
			arg = guest_ptr(d, ARG_GPA + n * 8);
			if (arg)
				*arg = strange();
		}
		nr = rnd() % NR_HYPERCALLS;
		if (!hypercall_table[nr])
			continue;
		for (int n = 0; n < 5; n++)
			a[n] = strange();
		a[0] = rnd() & 7 ? rnd() % 30 : a[0];
		if (rnd() & 1)
			a[1] = INLINE(ARG_GPA);
		else if (rnd() & 1)
			a[2] = INLINE(ARG_GPA);
		if (nr == __HYPERVISOR_vcpu_op && (rnd() & 1))
			a[1] = rnd() % 3;
		for (int n = 0; hypercall_table[nr](d->vcpu[0], a) == HYPERCALL_RESTART && n < 1000; n++)
			;
		if (!(rnd() % 64)) {
			host_advance_ns(rnd() % (30 * NSEC_PER_MSEC));
			exit_work(this_pcpu());
			sched_wake(v0);
		}
		if (d->tot_pages < GUEST_PAGES / 2 && domain_find(3)) {
			domain_shutdown(d, SHUTDOWN_poweroff);
			exit_work(this_pcpu());
		}
		host_console_clear();
	}
	ok(lives > 1, "200000 calls of nonsense");
	if (domains[3])
		domain_discard(domains[3]);
}

int main(void)
{
	u64 free;

	host_init(16 << 20);
	free = pages_free();
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	version();
	params();
	physmap();
	ballooning();
	vcpu_ops();
	initialise_again();
	grants();
	nonsense();
	ok(domain_find(0) && domain_find(1), "the others live");
	domain_discard(d0);
	domain_discard(d1);
	eq(pages_free(), free, "no page lost");
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
