// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of translate.c, which includes this file: what a call would hand to
 * the hypervisor is looked at in the place of the trap, so they run on any machine.
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

/* What the last call handed over, and how many there were. */
static struct seen {
	unsigned int calls;
	unsigned int nr;
	u64 handle;
	unsigned long count;
	u8 arg[ARG_MAX_BYTES];
	u64 nested[XEN_PPC_MAX_NESTED];
} seen;

/* A handle as the tests see it: contiguous buffers only, which theirs are. */
static void *behind(u64 handle)
{
	return __va(handle & XENCOMM_ADDR_MASK);
}

static long look(unsigned int nr, const unsigned long *args, unsigned int ptr, u64 handle)
{
	seen.calls++;
	seen.nr = nr;
	seen.handle = handle;
	seen.count = args[2];
	if (handle & XENCOMM_INLINE_FLAG)
		memcpy(seen.arg, behind(handle), sizeof(seen.arg));
	return 7;
}

/* A hypervisor that serves XEN_SYSCTL_getdomaininfolist: two domains. */
static long two_domains(unsigned int nr, const unsigned long *args, unsigned int ptr, u64 handle)
{
	struct xen_sysctl *op = behind(handle);
	struct xen_domctl_getdomaininfo *info = behind(op->u.getdomaininfolist.buffer.q);

	seen.nested[0] = op->u.getdomaininfolist.buffer.q;
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

/* The op of a domctl is in its structure; what it says comes back into the caller's. */
static void domctl_is_copied(struct kunit *test)
{
	unsigned long addr = user_page(test);
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_getdomaininfo,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 9,
	};

	kunit_activate_static_stub(test, issue, look);
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)addr, &op, sizeof(op)), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), 7);
	KUNIT_EXPECT_EQ(test, seen.calls, 1);
	KUNIT_EXPECT_EQ(test, seen.nr, __HYPERVISOR_domctl);
	KUNIT_EXPECT_EQ(test, seen.handle & ~XENCOMM_ADDR_MASK, XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_MEMEQ(test, seen.arg, &op, sizeof(op));
}

static void unknown_command(struct kunit *test)
{
	unsigned long addr = user_page(test);
	u32 cmd = 0xffff;

	kunit_activate_static_stub(test, issue, look);
	KUNIT_ASSERT_EQ(test, put_user(cmd, (u32 __user *)addr), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), -ENOSYS);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, addr, 0), -ENOSYS);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, 0, 0), -EFAULT);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, addr + PAGE_SIZE - 8, 0), -EFAULT);
	KUNIT_EXPECT_EQ(test, seen.calls, 0);
}

/* The list inside a sysctl is a handle for the hypervisor and a pointer for the caller. */
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

	kunit_activate_static_stub(test, issue, two_domains);
	KUNIT_ASSERT_EQ(test, copy_to_user(there, &op, sizeof(op)), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, addr, 0), 0);
	KUNIT_EXPECT_EQ(test, seen.nested[0] & ~XENCOMM_ADDR_MASK, XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_EQ(test, get_user(nr, &there->u.getdomaininfolist.num_domains), 0);
	KUNIT_EXPECT_EQ(test, nr, 2);
	KUNIT_EXPECT_EQ(test, get_user(buffer, &there->u.getdomaininfolist.buffer.q), 0);
	KUNIT_EXPECT_EQ(test, buffer, addr + 512);
	KUNIT_EXPECT_EQ(test, get_user(domain, &list[1].domain), 0);
	KUNIT_EXPECT_EQ(test, domain, 5);

	/* More domains than there is memory for at the pointer. */
	KUNIT_ASSERT_EQ(test, put_user(PAGE_SIZE, &there->u.getdomaininfolist.max_domains), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_sysctl, addr, 0), -EFAULT);
	KUNIT_ASSERT_EQ(test, put_user(U32_MAX, &there->u.getdomaininfolist.max_domains), 0);
	KUNIT_EXPECT_LT(test, user_call(__HYPERVISOR_sysctl, addr, 0), 0);
}

/* The bytes of an affinity: what the caller asks for, and what the hypervisor made of it. */
static long one_processor(unsigned int nr, const unsigned long *args, unsigned int ptr, u64 handle)
{
	struct xen_domctl *op = behind(handle);
	u8 *map = behind(op->u.vcpuaffinity.cpumap_hard.bitmap.q);

	seen.calls++;
	seen.nested[0] = op->u.vcpuaffinity.cpumap_hard.bitmap.q;
	seen.nested[1] = op->u.vcpuaffinity.cpumap_soft.bitmap.q;
	memcpy(seen.arg, map, 2);
	map[1] = 1;
	return 0;
}

/* A bitmap's length is in bits, and the last byte of it counts. */
static void affinity_bitmap(struct kunit *test)
{
	unsigned long addr = user_page(test);
	struct xen_domctl __user *there = (void __user *)addr;
	/* Nine bits in the last two bytes of the process's memory there. */
	u8 __user *map = (void __user *)(addr + PAGE_SIZE - 2);
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_setvcpuaffinity,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = 2,
		.u.vcpuaffinity.vcpu = 1,
		.u.vcpuaffinity.flags = 1,
		.u.vcpuaffinity.cpumap_hard.bitmap.q = (unsigned long)map,
		.u.vcpuaffinity.cpumap_hard.nr_bits = 9,
		/* As Xen's library leaves a map that it does not use. */
		.u.vcpuaffinity.cpumap_soft.nr_bits = 9,
	};
	u64 pointer = 0;
	u8 byte = 0;

	kunit_activate_static_stub(test, issue, one_processor);
	KUNIT_ASSERT_EQ(test, copy_to_user(there, &op, sizeof(op)), 0);
	KUNIT_ASSERT_EQ(test, put_user(0xa5, map), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), 0);
	KUNIT_EXPECT_EQ(test, seen.nested[0] & ~XENCOMM_ADDR_MASK, XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_EQ(test, seen.nested[1], 0);
	KUNIT_EXPECT_EQ(test, seen.arg[0], 0xa5);
	KUNIT_EXPECT_EQ(test, get_user(byte, map + 1), 0);
	KUNIT_EXPECT_EQ(test, byte, 1);
	KUNIT_EXPECT_EQ(test, get_user(pointer, &there->u.vcpuaffinity.cpumap_hard.bitmap.q), 0);
	KUNIT_EXPECT_EQ(test, pointer, (unsigned long)map);

	/* A bit too many is a byte that is not there; and there are more bits than can be named. */
	KUNIT_ASSERT_EQ(test, put_user(17, &there->u.vcpuaffinity.cpumap_hard.nr_bits), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), -EFAULT);
	KUNIT_ASSERT_EQ(test, put_user(8 * SZ_16M, &there->u.vcpuaffinity.cpumap_hard.nr_bits), 0);
	KUNIT_EXPECT_EQ(test, user_call(__HYPERVISOR_domctl, addr, 0), -E2BIG);
	KUNIT_EXPECT_EQ(test, seen.calls, 1);
}

/* All three lists of an op that maps a batch of frames of another domain. */
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
	const struct xen_add_to_physmap_range *there = (const void *)seen.arg;

	set_xen_guest_handle(op.idxs, idxs);
	set_xen_guest_handle(op.gpfns, gpfns);
	set_xen_guest_handle(op.errs, errs);
	kunit_activate_static_stub(test, issue, look);
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

/* An array that crosses pages loses no op and repeats none. */
static u32 next_handle;

static long in_order(unsigned int nr, const unsigned long *args, unsigned int ptr, u64 handle)
{
	const struct gnttab_unmap_grant_ref *op;
	const struct xencomm_desc *desc;
	u64 at;

	seen.calls++;
	next_handle += args[2];
	if (handle & XENCOMM_INLINE_FLAG) {
		op = behind(handle);
	} else {
		desc = __va(handle);
		at = desc->address[0];
		op = __va(at);
	}
	/* The first op of each piece says which one it is. */
	return op->handle == next_handle - args[2] ? 0 : -EINVAL;
}

static void long_array(struct kunit *test)
{
	const unsigned int nr = 4 * PAGE_SIZE / sizeof(struct gnttab_unmap_grant_ref);
	struct gnttab_unmap_grant_ref *ops = vmalloc(5 * PAGE_SIZE);
	unsigned long page;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ops);
	for (i = 0; i < nr; i++)
		ops[i].handle = i;
	kunit_activate_static_stub(test, issue, in_order);
	next_handle = 0;
	KUNIT_EXPECT_EQ(test, xen_ppc_kernel_call(__HYPERVISOR_grant_table_op,
						  GNTTABOP_unmap_grant_ref,
						  (unsigned long)ops, nr), 0);
	KUNIT_EXPECT_EQ(test, next_handle, nr);

	/* Within a page there is no need for any of this. */
	page = page_to_phys(vmalloc_to_page((void *)ops + PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, xencomm_one_page((void *)ops + PAGE_SIZE, PAGE_SIZE),
			page | XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_EQ(test, xencomm_one_page((void *)ops + PAGE_SIZE + 24, PAGE_SIZE - 24),
			(page + 24) | XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_EQ(test, xencomm_one_page((void *)ops + 1, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, xencomm_one_page(&seen, 8), 0);
	vfree(ops);
}

static int start_over(struct kunit *test)
{
	memset(&seen, 0, sizeof(seen));
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
	.init = start_over,
	.test_cases = translate_cases,
};

kunit_test_suite(translate_suite);
