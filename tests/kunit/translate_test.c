// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of translate.c, which includes this file. A stub takes the place of the trap
 * and checks what the hypervisor would be passed, so the tests run on any machine.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <kunit/test.h>

#include <xen/interface/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/interface/tools.h>

/* The number of hypercalls, and what the last one passed to the hypervisor. */
static struct recorded {
	unsigned int calls;
	unsigned int nr;
	u64 handle;
	unsigned long count;
	u8 arg[ARG_MAX_BYTES];
	u64 nested[XEN_PPC_MAX_NESTED];
} recorded;

/* Returns the buffer of an inline handle; the buffers of these tests are contiguous. */
static void *handle_to_virt(u64 handle)
{
	return __va(handle & XENCOMM_ADDR_MASK);
}

static long stub_record(unsigned int nr, const unsigned long *args, unsigned int ptr, u64 handle)
{
	recorded.calls++;
	recorded.nr = nr;
	recorded.handle = handle;
	recorded.count = args[2];
	if (handle & XENCOMM_INLINE_FLAG)
		memcpy(recorded.arg, handle_to_virt(handle), sizeof(recorded.arg));
	return 7;
}

/* Stands in for a hypervisor that serves XEN_SYSCTL_getdomaininfolist and has two domains. */
static long stub_domain_list(unsigned int nr, const unsigned long *args, unsigned int ptr,
			     u64 handle)
{
	struct xen_sysctl *op = handle_to_virt(handle);
	struct xen_domctl_getdomaininfo *info = handle_to_virt(op->u.getdomaininfolist.buffer.q);

	recorded.nested[0] = op->u.getdomaininfolist.buffer.q;
	info[0].domain = 3;
	info[1].domain = 5;
	op->u.getdomaininfolist.num_domains = 2;
	return 0;
}

static unsigned long user_page(struct kunit *test)
{
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_NE_MSG(test, addr, 0, "no user memory");
	KUNIT_ASSERT_LT_MSG(test, addr, TASK_SIZE, "no user memory");
	return addr;
}

static long user_call(unsigned int nr, unsigned long a1, unsigned long a2)
{
	const unsigned long args[XEN_PPC_NR_ARGS] = { a1, a2 };

	return xen_ppc_translated_call(nr, args, true);
}

/* The op of a domctl is in its structure. The structure that the hypervisor gets is a copy. */
static void domctl_is_copied(struct kunit *test)
{
	unsigned long addr = user_page(test);
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_getdomaininfo,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 9,
	};

	kunit_activate_static_stub(test, xlate_hypercall, stub_record);
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)addr, &op, sizeof(op)), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), 7);
	KUNIT_EXPECT_EQ(test, recorded.calls, 1);
	KUNIT_EXPECT_EQ(test, recorded.nr, __HYPERVISOR_domctl);
	KUNIT_EXPECT_EQ(test, recorded.handle & ~XENCOMM_ADDR_MASK, XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_MEMEQ(test, recorded.arg, &op, sizeof(op));
}

static void unknown_command(struct kunit *test)
{
	unsigned long addr = user_page(test);
	u32 cmd = 0xffff;

	kunit_activate_static_stub(test, xlate_hypercall, stub_record);
	KUNIT_ASSERT_EQ(test, put_user(cmd, (u32 __user *)addr), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), -ENOSYS);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, addr, 0), -ENOSYS);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, 0, 0), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, addr + PAGE_SIZE - 8, 0), -EFAULT);
	KUNIT_EXPECT_EQ(test, recorded.calls, 0);
}

/* The hypervisor finds a handle in the sysctl, the caller its own pointer. */
static void sysctl_list(struct kunit *test)
{
	unsigned long addr = user_page(test);
	struct xen_sysctl __user *there = (void __user *)addr;
	struct xen_domctl_getdomaininfo __user *list = (void __user *)(addr + 512);
	struct xen_sysctl op = {
		.cmd = XEN_SYSCTL_getdomaininfolist,
		.u.getdomaininfolist.max_domains = 4,
		.u.getdomaininfolist.buffer.q = addr + 512,
	};
	domid_t domain = 0;
	u64 buffer = 0;
	u32 nr = 0;

	kunit_activate_static_stub(test, xlate_hypercall, stub_domain_list);
	KUNIT_ASSERT_EQ(test, copy_to_user(there, &op, sizeof(op)), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, addr, 0), 0);
	KUNIT_EXPECT_EQ(test, recorded.nested[0] & ~XENCOMM_ADDR_MASK, XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_EQ(test, get_user(nr, &there->u.getdomaininfolist.num_domains), 0);
	KUNIT_EXPECT_EQ(test, nr, 2);
	KUNIT_EXPECT_EQ(test, get_user(buffer, &there->u.getdomaininfolist.buffer.q), 0);
	KUNIT_EXPECT_EQ(test, buffer, addr + 512);
	KUNIT_EXPECT_EQ(test, get_user(domain, &list[1].domain), 0);
	KUNIT_EXPECT_EQ(test, domain, 5);

	/* A list that is longer than the memory at the pointer. */
	KUNIT_ASSERT_EQ(test, put_user(PAGE_SIZE, &there->u.getdomaininfolist.max_domains), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, addr, 0), -EFAULT);
	KUNIT_ASSERT_EQ(test, put_user(U32_MAX, &there->u.getdomaininfolist.max_domains), 0);
	KUNIT_EXPECT_LT(test, user_call(__HYPERVISOR_sysctl, addr, 0), 0);
}

/* Stands in for XEN_DOMCTL_setvcpuaffinity, which returns the effective map to the caller. */
static long stub_affinity(unsigned int nr, const unsigned long *args, unsigned int ptr, u64 handle)
{
	struct xen_domctl *op = handle_to_virt(handle);
	u8 *map = handle_to_virt(op->u.vcpuaffinity.cpumap_hard.bitmap.q);

	recorded.calls++;
	recorded.nested[0] = op->u.vcpuaffinity.cpumap_hard.bitmap.q;
	recorded.nested[1] = op->u.vcpuaffinity.cpumap_soft.bitmap.q;
	memcpy(recorded.arg, map, 2);
	map[1] = 1;
	return 0;
}

/* The length of a bitmap is in bits and is rounded up to bytes. */
static void affinity_bitmap(struct kunit *test)
{
	unsigned long addr = user_page(test);
	struct xen_domctl __user *there = (void __user *)addr;
	/* Nine bits, in the last two bytes of a page without another one behind it. */
	u8 __user *map = (void __user *)(addr + PAGE_SIZE - 2);
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_setvcpuaffinity,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 2,
		.u.vcpuaffinity.vcpu = 1,
		.u.vcpuaffinity.flags = 1,
		.u.vcpuaffinity.cpumap_hard.bitmap.q = (unsigned long)map,
		.u.vcpuaffinity.cpumap_hard.nr_bits = 9,
		/* libxc passes a map that it does not use in this form. */
		.u.vcpuaffinity.cpumap_soft.nr_bits = 9,
	};
	u64 pointer = 0;
	u8 byte = 0;

	kunit_activate_static_stub(test, xlate_hypercall, stub_affinity);
	KUNIT_ASSERT_EQ(test, copy_to_user(there, &op, sizeof(op)), 0);
	KUNIT_ASSERT_EQ(test, put_user(0xa5, map), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), 0);
	KUNIT_EXPECT_EQ(test, recorded.nested[0] & ~XENCOMM_ADDR_MASK, XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_EQ(test, recorded.nested[1], 0);
	KUNIT_EXPECT_EQ(test, recorded.arg[0], 0xa5);
	KUNIT_EXPECT_EQ(test, get_user(byte, map + 1), 0);
	KUNIT_EXPECT_EQ(test, byte, 1);
	KUNIT_EXPECT_EQ(test, get_user(pointer, &there->u.vcpuaffinity.cpumap_hard.bitmap.q), 0);
	KUNIT_EXPECT_EQ(test, pointer, (unsigned long)map);

	/* One byte beyond the page, and more than XENCOMM_MAX_ADDRS entries can describe. */
	KUNIT_ASSERT_EQ(test, put_user(17, &there->u.vcpuaffinity.cpumap_hard.nr_bits), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), -EFAULT);
	KUNIT_ASSERT_EQ(test, put_user(8 * SZ_16M, &there->u.vcpuaffinity.cpumap_hard.nr_bits), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), -E2BIG);
	KUNIT_EXPECT_EQ(test, recorded.calls, 1);
}

/* An op with three lists, which maps frames of another domain. */
static void physmap_batch(struct kunit *test)
{
	xen_ulong_t idxs[3];
	xen_pfn_t gpfns[3];
	int errs[3];
	struct xen_add_to_physmap_range op = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_foreign,
		.size = 3,
	};
	const struct xen_add_to_physmap_range *there = (const void *)recorded.arg;

	set_xen_guest_handle(op.idxs, idxs);
	set_xen_guest_handle(op.gpfns, gpfns);
	set_xen_guest_handle(op.errs, errs);
	kunit_activate_static_stub(test, xlate_hypercall, stub_record);
	KUNIT_EXPECT_EQ(test, xen_ppc_kernel_call(__HYPERVISOR_memory_op,
						  XENMEM_add_to_physmap_range,
						  (unsigned long)&op, 0), 7);
	KUNIT_EXPECT_EQ(test, there->size, 3);
	KUNIT_EXPECT_EQ(test, there->idxs.q, xencomm_inline(idxs));
	KUNIT_EXPECT_EQ(test, there->gpfns.q, xencomm_inline(gpfns));
	KUNIT_EXPECT_EQ(test, there->errs.q, xencomm_inline(errs));
	KUNIT_EXPECT_PTR_EQ(test, op.idxs.p, &idxs[0]);
	KUNIT_EXPECT_PTR_EQ(test, op.errs.p, &errs[0]);
}

/* The number of array elements in all calls so far. */
static u32 next_handle;

/* Expects the elements of an array, numbered by their handle, in order. */
static long stub_array_in_order(unsigned int nr, const unsigned long *args, unsigned int ptr,
				u64 handle)
{
	const struct gnttab_unmap_grant_ref *op;
	const struct xencomm_desc *desc;
	u64 at;

	recorded.calls++;
	next_handle += args[2];
	if (handle & XENCOMM_INLINE_FLAG) {
		op = handle_to_virt(handle);
	} else {
		desc = __va(handle);
		at = desc->address[0];
		op = __va(at);
	}
	/* The first element of this call follows the last one of the previous call. */
	return op->handle == next_handle - args[2] ? 0 : -EINVAL;
}

/* An array that needs several calls: no element is lost, none passed twice. */
static void long_array(struct kunit *test)
{
	const unsigned int nr = 4 * PAGE_SIZE / sizeof(struct gnttab_unmap_grant_ref);
	struct gnttab_unmap_grant_ref *ops = vmalloc(5 * PAGE_SIZE);
	unsigned long page;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ops);
	for (i = 0; i < nr; i++)
		ops[i].handle = i;
	kunit_activate_static_stub(test, xlate_hypercall, stub_array_in_order);
	next_handle = 0;
	KUNIT_EXPECT_EQ(test, xen_ppc_kernel_call(__HYPERVISOR_grant_table_op,
						  GNTTABOP_unmap_grant_ref,
						  (unsigned long)ops, nr), 0);
	KUNIT_EXPECT_EQ(test, next_handle, nr);

	/* An array within one page has an inline handle. */
	page = page_to_phys(vmalloc_to_page((void *)ops + PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, xencomm_one_page((void *)ops + PAGE_SIZE, PAGE_SIZE),
			page | XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_EQ(test, xencomm_one_page((void *)ops + PAGE_SIZE + 24, PAGE_SIZE - 24),
			(page + 24) | XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_EQ(test, xencomm_one_page((void *)ops + 1, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, xencomm_one_page(&recorded, 8), 0);
	vfree(ops);
}

static int translate_test_init(struct kunit *test)
{
	memset(&recorded, 0, sizeof(recorded));
	return xencomm_init();
}

static struct kunit_case translate_cases[] = {
	KUNIT_CASE(domctl_is_copied),
	KUNIT_CASE(unknown_command),
	KUNIT_CASE(sysctl_list),
	KUNIT_CASE(affinity_bitmap),
	KUNIT_CASE(physmap_batch),
	KUNIT_CASE(long_array),
	{ }
};

static struct kunit_suite translate_suite = {
	.name = "xen_ppc_translate",
	.init = translate_test_init,
	.test_cases = translate_cases,
};

kunit_test_suite(translate_suite);
