// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls without a test program of their own (xen_version, hvm_op, memory_op,
 * vcpu_op, vm_assist, parts of grant_table_op), and all hypercalls with random
 * arguments.
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

	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_version, 0, 0), 4 << 16 | 17,
	   "xen_version: reports version 4.17");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_pagesize, 0, 0), 4096,
	   "xen_version: reports a page size of 4096");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_pagesize, INLINE(0x8000), 0), -EINVAL,
	   "xen_version: pagesize fails with a handle");
	memset(text, 0xff, 2 * PAGE_SIZE);
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_capabilities, INLINE(0x8000), 0), 0,
	   "xen_version: capabilities succeeds");
	ok(!strncmp(text, "xen-3.0-powerpc64", 17),
	   "xen_version: capabilities name the architecture");
	for (int i = strlen(text); i < 1024; i++)
		zero &= !text[i];
	ok(zero && text[1024] == (char)0xff, "xen_version: capabilities fill their field exactly");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_extraversion, INLINE(0x8000), 0), 0,
	   "xen_version: extraversion succeeds");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_compile_info, INLINE(0x8000), 0), 0,
	   "xen_version: compile_info succeeds");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_changeset, INLINE(0x8000), 0), 0,
	   "xen_version: changeset succeeds");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_platform_parameters, INLINE(0x8000), 0), 0,
	   "xen_version: platform_parameters succeeds");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_guest_handle, INLINE(0x8000), 0), 0,
	   "xen_version: guest_handle succeeds");
	ok((text[6] & 0xf0) == 0x40 && ((u8)text[8] & 0xc0) == 0x80,
	   "xen_version: guest_handle returns a random UUID");
	ok(!memcmp(text, v1->domain->cfg.handle, 16) &&
	   memcmp(v1->domain->cfg.handle, v0->domain->cfg.handle, 16),
	   "xen_version: each domain has a handle of its own");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_commandline, INLINE(0x8000), 0), 0,
	   "xen_version: commandline succeeds");
	ok(!strcmp(text, "<denied>"), "xen_version: a domU does not see the command line");
	eq(hcall(v1, __HYPERVISOR_xen_version, XENVER_build_id, INLINE(0x8000), 0), -ENODATA,
	   "xen_version: there is no build_id");
	eq(hcall(v1, __HYPERVISOR_xen_version, 11, INLINE(0x8000), 0), -ENOSYS,
	   "xen_version: fails for an unknown request");
	eq(hcall_struct(v1, __HYPERVISOR_xen_version, XENVER_get_features, &fi, sizeof(fi)), 0,
	   "xen_version: get_features succeeds");
	ok((fi.submap & 5) == 5 && !(fi.submap & BIT(XENFEAT_dom0)),
	   "xen_version: a domU has its features and not that of dom0");
	hcall_struct(v0, __HYPERVISOR_xen_version, XENVER_get_features, &fi, sizeof(fi));
	ok(fi.submap & BIT(XENFEAT_dom0), "xen_version: dom0 has the feature dom0");
	fi.submap_idx = 1;
	eq(hcall_struct(v0, __HYPERVISOR_xen_version, XENVER_get_features, &fi, sizeof(fi)), -EINVAL,
	   "xen_version: get_features fails for a submap that does not exist");
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
	eq(param(v1, HVMOP_get_param, DOMID_SELF, HVM_PARAM_STORE_PFN, &val), 0,
	   "get_param: succeeds");
	eq(val, 77, "get_param: returns the value");
	eq(param(v1, HVMOP_get_param, 1, HVM_PARAM_STORE_PFN, &val), 0,
	   "get_param: accepts the caller's own domid");
	eq(param(v1, HVMOP_get_param, 0, HVM_PARAM_STORE_PFN, &val), -EPERM,
	   "get_param: a domU cannot read another domain's");
	eq(param(v0, HVMOP_get_param, 1, HVM_PARAM_STORE_PFN, &val), 0,
	   "get_param: dom0 can read another domain's");
	eq(param(v0, HVMOP_get_param, 33, HVM_PARAM_STORE_PFN, &val), -ESRCH,
	   "get_param: fails for a domain that does not exist");
	eq(param(v1, HVMOP_get_param, DOMID_SELF, HVM_NR_PARAMS, &val), -EINVAL,
	   "get_param: fails for a parameter out of range");
	eq(param(v1, HVMOP_get_param, DOMID_SELF, ~0U, &val), -EINVAL,
	   "get_param: fails for parameter -1");
	eq(param(v1, HVMOP_set_param, DOMID_SELF, HVM_NR_PARAMS, &val), -EINVAL,
	   "set_param: fails for a parameter out of range");
	val = 5;
	eq(param(v1, HVMOP_set_param, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, &val), 0,
	   "set_param: a domain can set its callback");
	eq(d1->params[HVM_PARAM_CALLBACK_IRQ], 5, "set_param: the callback is set");
	eq(param(v1, HVMOP_set_param, DOMID_SELF, HVM_PARAM_STORE_PFN, &val), -EPERM,
	   "set_param: a domU cannot set its xenstore frame");
	eq(param(v0, HVMOP_set_param, DOMID_SELF, HVM_PARAM_CONSOLE_EVTCHN, &val), -EPERM,
	   "set_param: dom0 cannot set its own console port");
	eq(param(v0, HVMOP_set_param, 1, HVM_PARAM_STORE_PFN, &val), -EEXIST,
	   "set_param: dom0 cannot change a parameter that is set");
	eq(param(v0, HVMOP_set_param, 1, HVM_PARAM_CONSOLE_PFN, &val), 0,
	   "set_param: dom0 can set a domU's console frame");
	eq(d1->params[HVM_PARAM_CONSOLE_PFN], 5, "set_param: the console frame is set");
	eq(param(v0, HVMOP_set_param, 1, HVM_PARAM_CONSOLE_PFN, &val), 0,
	   "set_param: dom0 can set the same value again");
	eq(param(v1, 2, DOMID_SELF, 0, &val), -ENOSYS, "hvm_op: fails for an unknown op");
	eq(param(v1, ~0UL, DOMID_SELF, 0, &val), -ENOSYS, "hvm_op: fails for op -1");
}

static s64 mem_type(struct vcpu *v, u16 dom, u64 pfn, int *type)
{
	struct xen_hvm_get_mem_type t = { .domid = dom, .mem_type = 0xffff, .pfn = pfn };
	s64 rc = hcall_struct(v, __HYPERVISOR_hvm_op, HVMOP_get_mem_type, &t, sizeof(t));

	*type = t.mem_type;
	return rc;
}

static void mem_types(void)
{
	int type;

	eq(mem_type(v1, DOMID_SELF, 0, &type), 0, "get_mem_type: succeeds");
	eq(type, HVMMEM_ram_rw, "get_mem_type: RAM");
	eq(mem_type(v1, DOMID_SELF, 1UL << 30, &type), 0, "get_mem_type: succeeds for a frame without memory");
	eq(type, HVMMEM_mmio_dm, "get_mem_type: and says that there is none");
	eq(mem_type(v1, DOMID_SELF, ~0UL, &type), 0, "get_mem_type: succeeds for frame -1");
	eq(type, HVMMEM_mmio_dm, "get_mem_type: and says that there is no memory");
	eq(mem_type(v1, 0, 0, &type), -EPERM, "get_mem_type: a domU cannot ask about another domain");
	eq(mem_type(v0, 1, 0, &type), 0, "get_mem_type: dom0 can");
	eq(mem_type(v0, 33, 0, &type), -ESRCH, "get_mem_type: fails for a domain that does not exist");
}

static s64 add(struct vcpu *v, u16 dom, u32 space, u64 idx, u64 gfn)
{
	struct xen_add_to_physmap a = { .domid = dom, .space = space, .idx = idx, .gpfn = gfn };

	return hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &a, sizeof(a));
}

/* Maps a frame of the grant table by a list of one element. Return: the element's error. */
static s64 add_listed(struct vcpu *v, u64 idx, u64 gfn)
{
	s32 err = 1;
	struct xen_add_to_physmap_range b = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .size = 1,
		.idxs.q = INLINE(0x10000), .gpfns.q = INLINE(0x10008), .errs.q = INLINE(0x10010),
	};

	*(u64 *)guest_ptr(v->domain, 0x10000) = idx;
	*(u64 *)guest_ptr(v->domain, 0x10008) = gfn;
	memcpy(guest_ptr(v->domain, 0x10010), &err, sizeof(err));
	if (hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_add_to_physmap_range, &b, sizeof(b)))
		return -1;
	memcpy(&err, guest_ptr(v->domain, 0x10010), sizeof(err));
	return err;
}

static void physmap(void)
{
	struct xen_remove_from_physmap r = { DOMID_SELF, 0 };
	u64 window = d1->ext_base >> PAGE_SHIFT, total = d1->tot_pages, free = pages_free();

	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, 30), 0,
	   "add_to_physmap: shared_info can be mapped over RAM");
	ok(guest_ptr(d1, 30 * PAGE_SIZE) == d1->shared_info,
	   "add_to_physmap: the frame shows shared_info");
	eq(d1->tot_pages, total - 1, "add_to_physmap: the domain loses the page of RAM below");
	eq(pages_free(), free + 1, "add_to_physmap: the page of RAM below is free");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, 30), 0,
	   "add_to_physmap: shared_info can be mapped at its frame again");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, 31), 0,
	   "add_to_physmap: shared_info can be moved to another frame");
	ok(guest_ptr(d1, 31 * PAGE_SIZE) == d1->shared_info,
	   "add_to_physmap: the new frame shows shared_info");
	ok(frame_ptr(d1, 30, true) && d1->tot_pages == total - 1,
	   "add_to_physmap: the old frame is RAM again");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, window + 100), 0,
	   "add_to_physmap: shared_info can be moved into the window");
	ok(frame_ptr(d1, 31, true) && d1->tot_pages == total,
	   "add_to_physmap: all RAM is back when shared_info is in the window");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 1, 30), -EINVAL,
	   "add_to_physmap: fails for a shared_info index other than 0");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, GUEST_PAGES), -EINVAL,
	   "add_to_physmap: fails outside RAM and window");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, ~0UL), -EINVAL,
	   "add_to_physmap: fails for frame -1");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_shared_info, 0, window + (d1->ext_size >> PAGE_SHIFT)), -EINVAL,
	   "add_to_physmap: fails behind the window");
	eq(add(v1, 0, XENMAPSPACE_shared_info, 0, 30), -EPERM,
	   "add_to_physmap: a domU cannot change another domain's");
	eq(add(v0, 33, XENMAPSPACE_shared_info, 0, 30), -ESRCH,
	   "add_to_physmap: fails for a domain that does not exist");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, 0, window), 0,
	   "add_to_physmap: grant table frame 0 can be mapped");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, 7, window + 7), 0,
	   "add_to_physmap: grant table frame 7 can be mapped");
	eq(d1->gt->nr_frames, 8, "add_to_physmap: the grant table grows to the mapped frame");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, 40, window + 40), 0,
	   "add_to_physmap: a grant table frame far behind the last can be mapped");
	eq(add_listed(v1, 63, window + 63), 0, "add_to_physmap_range: the last grant table frame can be mapped");
	eq(d1->gt->nr_frames, 64, "add_to_physmap_range: the grant table grows to it");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, 64, window + 64), -EINVAL,
	   "add_to_physmap: fails for a grant table frame at the limit");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, ~0UL, window + 64), -EINVAL,
	   "add_to_physmap: fails for grant table frame -1");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_grant_table, XENMAPIDX_grant_table_status, window + 64), -EINVAL,
	   "add_to_physmap: fails for a grant status frame");
	eq(add(v1, DOMID_SELF, XENMAPSPACE_gmfn_foreign, 0, window), -ENOSYS,
	   "add_to_physmap: foreign frames are not supported");
	eq(add(v1, DOMID_SELF, ~0U, 0, window), -ENOSYS,
	   "add_to_physmap: fails for an unknown space");
	r.gpfn = window + 7;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r)), 0,
	   "remove_from_physmap: succeeds");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r)), -ENOENT,
	   "remove_from_physmap: fails for a frame that is not mapped");
	r.gpfn = ~0UL;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &r, sizeof(r)), -ENOENT,
	   "remove_from_physmap: fails for frame -1");
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
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 16, 0), 16,
	   "decrease_reservation: gives up 16 pages");
	ok(d1->tot_pages == total - 16 && pages_free() == free + 16,
	   "decrease_reservation: the pages are free");
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 16, 0), 0,
	   "decrease_reservation: does not give up the same pages twice");
	list[16] = 48;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 17, 0), 16,
	   "populate_physmap: stops at a frame that is populated");
	ok(d1->tot_pages == total && pages_free() == free,
	   "populate_physmap: the domain has all its pages again");
	list[0] = 32;
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 1, 4), 1,
	   "decrease_reservation: gives up an extent of order 4");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 4), 1,
	   "populate_physmap: populates an extent of order 4");
	list[0] = 40;
	reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 1, 0);
	list[0] = 32;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 4), 0,
	   "populate_physmap: fails for an extent that is partly populated");
	list[0] = 40;
	reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 0);
	list[0] = 33;
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 1, 4), 0,
	   "decrease_reservation: fails for an extent that is not aligned");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 10), -EPERM,
	   "populate_physmap: fails for order 10");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, ~0U), -EPERM,
	   "populate_physmap: fails for order -1");
	list[0] = GUEST_PAGES + 100;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 0), 0,
	   "populate_physmap: fails outside RAM");
	list[0] = ~0UL;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 1, 0), 0,
	   "populate_physmap: fails for frame -1");
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 1, 0), 0,
	   "decrease_reservation: fails for frame -1");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), ~0UL, 0), -EINVAL,
	   "populate_physmap: fails for -1 extents");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, 0, 1, 0), -EFAULT,
	   "populate_physmap: fails for a null list");
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, 0, 0, 0), 0,
	   "populate_physmap: succeeds for no extents");
	eq(reserve(v1, XENMEM_populate_physmap, 0, INLINE(0x9000), 1, 0), -EPERM,
	   "populate_physmap: a domU cannot change another domain's memory");
	eq(d1->tot_pages, total, "failed memory ops do not change the number of pages");

	/* More extents than the hypervisor processes at once: hcall() restarts the call. */
	for (int i = 0; i < 40; i++)
		list[i] = 20 + i;
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 40, 0), 40,
	   "decrease_reservation: 40 extents, with restarts");
	for (int i = 0; i < 80; i++)
		list[i] = (d1->ext_base >> PAGE_SHIFT) + 200 + i;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 80, 0), 44,
	   "populate_physmap: stops in the window at the domain's limit");
	eq(reserve(v1, XENMEM_decrease_reservation, DOMID_SELF, INLINE(0x9000), 80, 0), 44,
	   "decrease_reservation: gives up the pages in the window");
	for (int i = 0; i < 40; i++)
		list[i] = 20 + i;
	eq(reserve(v1, XENMEM_populate_physmap, DOMID_SELF, INLINE(0x9000), 40, 0), 40,
	   "populate_physmap: 40 extents, with restarts");
	eq(hcall(v1, __HYPERVISOR_memory_op, XENMEM_populate_physmap | 1000 << MEMOP_EXTENT_SHIFT,
		 INLINE(ARG_GPA), 0), -EINVAL,
		 "populate_physmap: fails for a start beyond the last extent");

	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_current_reservation, &self, 2), total,
	   "current_reservation: reports the domain's pages");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_maximum_reservation, &self, 2), GUEST_PAGES + 4,
	   "maximum_reservation: reports the domain's limit");
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_maximum_gpfn, &self, 2), GUEST_PAGES - 1,
	   "maximum_gpfn: reports the highest frame");
	self = 0;
	eq(hcall_struct(v1, __HYPERVISOR_memory_op, XENMEM_current_reservation, &self, 2), -EPERM,
	   "current_reservation: a domU cannot query another domain");
	ok(hcall(v1, __HYPERVISOR_memory_op, XENMEM_maximum_ram_page, 0, 0) > 0,
	   "maximum_ram_page: reports the highest machine frame");
	eq(hcall(v1, __HYPERVISOR_memory_op, XENMEM_exchange, INLINE(ARG_GPA), 0), -ENOSYS,
	   "memory_op: exchange is not supported");
	eq(hcall(v1, __HYPERVISOR_memory_op, 63, INLINE(ARG_GPA), 0), -ENOSYS,
	   "memory_op: fails for an unknown op");
	eq(hcall(v1, __HYPERVISOR_memory_op, ~0UL, INLINE(ARG_GPA), 0), -ENOSYS,
	   "memory_op: fails for op -1");
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
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 0,
	   "is_up: a secondary vcpu of a new domain is down");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), -EINVAL,
	   "up: fails for a vcpu that is not initialised");
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EINVAL,
	   "initialise: fails for a context of a 32-bit vcpu");
	ctx.msr = 1UL << 63;
	ctx.pc = 0x60;
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), 0, "initialise: succeeds");
	eq(w->arch.pc, 0x60, "initialise: the vcpu has its registers");
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EEXIST,
	   "initialise: fails for an initialised vcpu");
	eq(vcpu_call(v, VCPUOP_initialise, 0, &ctx, sizeof(ctx)), -EEXIST,
	   "initialise: fails for the calling vcpu");
	eq(vcpu_call(v, VCPUOP_initialise, 2, &ctx, sizeof(ctx)), -ENOENT,
	   "initialise: fails for a vcpu that does not exist");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_initialise, 1, 0), -EFAULT,
	   "initialise: fails for a null handle");

	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 1, &ri, sizeof(ri)), 0,
	   "register_vcpu_info: succeeds for another vcpu that is down");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), 0, "up: succeeds");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), 0,
	   "up: succeeds for a vcpu that is up");
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 1, &ri, sizeof(ri)), -EINVAL,
	   "register_vcpu_info: fails for another vcpu that is up");

	v->dummy_info.evtchn_pending_sel = 0x10;
	ri.mfn = 41;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), 0,
	   "register_vcpu_info: succeeds for the calling vcpu");
	info = guest_ptr(d, 41 * PAGE_SIZE + 128);
	ok(v->info == info, "register_vcpu_info: the structure is at the given address");
	ok(info->evtchn_upcall_pending && info->evtchn_pending_sel & 0x10,
	   "register_vcpu_info: pending events are kept and raised");
	ok(info->time.version == 2 && info->time.tsc_to_system_mul,
	   "register_vcpu_info: the time scale is filled in");
	eq((((u64)1000000 << info->time.tsc_shift) * info->time.tsc_to_system_mul) >> 32,
	   tb_to_ns(1000000), "register_vcpu_info: the time scale is right");
	p2m_lookup(d, 41, &mfn, &wr);
	eq(mfn_to_page(mfn)->count, 2, "register_vcpu_info: takes a reference on the page");
	ri.mfn = 42;
	ri.offset = 0;
	info->evtchn_upcall_pending = 0;
	info->evtchn_pending_sel = 0x20;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), 0,
	   "register_vcpu_info: succeeds again with another page");
	eq(mfn_to_page(mfn)->count, 1, "register_vcpu_info: drops the reference on the old page");
	ok(v->info->evtchn_upcall_pending && (v->info->evtchn_pending_sel & 0x20),
	   "register_vcpu_info: moves the contents to the new page");
	ri.offset = 4096 - 48;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), 0,
	   "register_vcpu_info: succeeds at the end of a page");
	ri.offset = 4096 - 40;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL,
	   "register_vcpu_info: fails across a page boundary");
	ri.offset = 4;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL,
	   "register_vcpu_info: fails for an offset that is not aligned");
	ri.offset = ~7U;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL,
	   "register_vcpu_info: fails for offset -8");
	ri.offset = 0;
	ri.mfn = GUEST_PAGES;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL,
	   "register_vcpu_info: fails outside RAM");
	ri.mfn = ~0UL;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL,
	   "register_vcpu_info: fails for frame -1");
	ri.mfn = 42;

	/*
	 * The page is removed from the domain while it is in use: it must not be allocated again.
	 */
	p2m_lookup(d, 42, &mfn, &wr);
	memory_remove(d, 42);
	eq(mfn_to_page(mfn)->count, 1,
	   "register_vcpu_info: a page removed from the domain stays allocated");
	vcpu_mark_events_pending(v);
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), -EINVAL,
	   "register_vcpu_info: fails for a page that was removed");
	ri.mfn = 43;
	eq(vcpu_call(v, VCPUOP_register_vcpu_info, 0, &ri, sizeof(ri)), 0,
	   "register_vcpu_info: succeeds with a third page");
	eq(mfn_to_page(mfn)->count, 0,
	   "register_vcpu_info: the removed page is free after the move");
	domain_discard(d);
}

/* After kexec, the new kernel initialises the vcpus again that the old kernel took down. */
static void initialise_again(void)
{
	struct domain *d = guest_new(2, 3);
	struct vcpu_guest_context ctx;
	struct vcpu *v = d->vcpu[0], *w = d->vcpu[1];

	memset(&ctx, 0, sizeof(ctx));
	ctx.msr = 1UL << 63;
	ctx.pc = 0x60;
	guest_run(w);
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EEXIST,
	   "initialise again: fails for a running vcpu");
	w->arch.dec_tb = 77;
	eq(hcall(w, __HYPERVISOR_vcpu_op, VCPUOP_down, 1, 0), 0,
	   "initialise again: the vcpu goes down");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 1,
	   "initialise again: the vcpu counts as up until its pCPU has unloaded it");
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EEXIST,
	   "initialise again: fails until its pCPU has unloaded it");
	host_next();
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_is_up, 1, 0), 0,
	   "initialise again: the vcpu is down after its pCPU has unloaded it");
	ctx.msr = 0;
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EINVAL,
	   "initialise again: fails for a context of a 32-bit vcpu");
	ctx.msr = 1UL << 63;
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), 0,
	   "initialise again: succeeds for a vcpu that is down");
	ok(w->arch.pc == 0x60 && w->arch.dec_tb != 77,
	   "initialise again: the vcpu has new registers and no old ones");
	eq(vcpu_call(v, VCPUOP_initialise, 1, &ctx, sizeof(ctx)), -EEXIST,
	   "initialise again: fails for an initialised vcpu");
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), 0,
	   "initialise again: the vcpu comes up");
	guest_run(w);
	eq(hcall(v, __HYPERVISOR_vcpu_op, VCPUOP_down, 0, 0), 0,
	   "initialise again: the boot vcpu goes down");
	host_next();
	eq(vcpu_call(w, VCPUOP_initialise, 0, &ctx, sizeof(ctx)), 0,
	   "initialise again: succeeds for the boot vcpu");
	domain_discard(d);
}

static void grants(void)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_set_version s = { 1 };
	struct gnttab_get_version g = { .dom = DOMID_SELF };

	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q)), 0,
	   "query_size: succeeds");
	ok(q.status == 0 && q.nr_frames >= 1 && q.max_nr_frames == 64,
	   "query_size: reports size and limit of the grant table");
	q.dom = 0;
	hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q));
	eq(q.status, GNTST_permission_denied, "query_size: a domU cannot query another domain");
	q.dom = 33;
	hcall_struct(v0, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q));
	eq(q.status, GNTST_bad_domain, "query_size: fails for a domain that does not exist");
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_set_version, &s, sizeof(s)), 0,
	   "set_version: accepts version 1");
	s.version = 2;
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_set_version, &s, sizeof(s)), -EINVAL,
	   "set_version: fails for version 2");
	eq(hcall_struct(v1, __HYPERVISOR_grant_table_op, GNTTABOP_get_version, &g, sizeof(g)), 0,
	   "get_version: succeeds");
	eq(g.version, 1, "get_version: reports version 1");
	eq(hcall(v1, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, INLINE(ARG_GPA), 2), -EINVAL,
	   "query_size: fails for more than one element");
	eq(hcall(v1, __HYPERVISOR_grant_table_op, GNTTABOP_get_status_frames, INLINE(ARG_GPA), 1), -ENOSYS,
	   "get_status_frames: is not supported");
	eq(hcall(v1, __HYPERVISOR_grant_table_op, ~0UL, INLINE(ARG_GPA), 1), -ENOSYS,
	   "grant_table_op: fails for op -1");
	eq(hcall(v1, __HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag, 0), 0,
	   "vm_assist: runstate_update_flag can be enabled");
	eq(hcall(v1, __HYPERVISOR_vm_assist, VMASST_CMD_enable, 4, 0), -EINVAL,
	   "vm_assist: fails for another type");
	eq(hcall(v1, __HYPERVISOR_vm_assist, 2, 5, 0), -ENOSYS,
	   "vm_assist: fails for another command");
}

static u64 rnd(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* A random number, often a value at a limit or a handle. */
static u64 strange(void)
{
	static const u64 val[] = {
		0, 1, 2, 8, ARG_GPA, INLINE(ARG_GPA), INLINE(0), INLINE(GUEST_PAGES * PAGE_SIZE - 4),
		INLINE(0x2ffc), 0x5000, ~0UL, ~0UL >> 1, 1UL << 63, 1UL << 60, 0xffffffff, 0x7ff0, 4096,
	};

	return rnd() & 1 ? val[rnd() % ARRAY_SIZE(val)] : rnd() >> rnd() % 64;
}

/*
 * All hypercalls with random arguments and structures. Any result is correct, as long as the
 * hypervisor survives and leaks nothing.
 */
static void nonsense(void)
{
	u64 *arg, a[5];
	struct domain *d;
	unsigned int nr, lives = 0;

	for (int i = 0; i < 200000; i++) {
		d = domain_find(3);
		if (!d) {
			reap_all();
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
	ok(lives > 1, "the hypervisor survives 200000 calls with random arguments");
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
	mem_types();
	physmap();
	ballooning();
	vcpu_ops();
	initialise_again();
	grants();
	nonsense();
	ok(domain_find(0) && domain_find(1),
	   "the other domains survive a domain that makes random calls");
	domain_discard(d0);
	domain_discard(d1);
	eq(pages_free(), free, "no page is leaked");
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
