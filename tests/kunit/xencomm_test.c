// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of xencomm.c, which includes this file so that it can test static functions.
 * The tests build descriptors but make no hypercall, so they run on any machine.
 */
#include <linux/mman.h>
#include <linux/sizes.h>

#include <kunit/test.h>

/* Maps pages in descending order, so that no two of them are contiguous. */
static void *map_scattered(struct kunit *test, unsigned int nr)
{
	struct page **pages = kunit_kcalloc(test, nr, sizeof(*pages), GFP_KERNEL);
	struct page *block;
	unsigned int i;
	void *area;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	block = alloc_pages(GFP_KERNEL, get_order(nr * PAGE_SIZE));
	KUNIT_ASSERT_NOT_NULL(test, block);
	for (i = 0; i < nr; i++)
		pages[i] = block + nr - 1 - i;
	area = vmap(pages, nr, VM_MAP, PAGE_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, area);
	return area;
}

static void unmap_scattered(void *area, unsigned int nr)
{
	struct page *block = vmalloc_to_page(area + (nr - 1) * PAGE_SIZE);

	vunmap(area);
	__free_pages(block, get_order(nr * PAGE_SIZE));
}

/* Expects the chunks of a descriptor to be those of the buffer. */
static void expect_chunks(struct kunit *test, const struct xencomm *xc, const void *buf,
			  size_t bytes)
{
	const struct xencomm_desc *desc = xc->desc;
	const void *p = buf;
	size_t chunk;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	KUNIT_EXPECT_EQ(test, xc->handle, __pa(desc));
	KUNIT_EXPECT_EQ(test, xc->handle % 8, 0);
	KUNIT_EXPECT_EQ(test, desc->magic, XENCOMM_MAGIC);
	for (i = 0; i < desc->nr_addrs && bytes; i++) {
		chunk = XENCOMM_CHUNK_SIZE - (desc->address[i] & (XENCOMM_CHUNK_SIZE - 1));
		KUNIT_EXPECT_EQ(test, desc->address[i],
				page_to_phys(vmalloc_to_page(p)) + offset_in_page(p));
		if (i)
			KUNIT_EXPECT_EQ(test, chunk, XENCOMM_CHUNK_SIZE);
		p += chunk;
		bytes -= min(bytes, chunk);
	}
	KUNIT_EXPECT_EQ(test, bytes, 0);
	KUNIT_EXPECT_EQ(test, i, desc->nr_addrs);
}

static void null_handle(struct kunit *test)
{
	struct xencomm xc;
	char c;

	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, NULL, 8), 0);
	KUNIT_EXPECT_EQ(test, xc.handle, 0);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, &c, 0), 0);
	KUNIT_EXPECT_EQ(test, xc.handle, 0);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, xencomm_map_user(&xc, NULL, 8, XEN_PPC_IN), 0);
	KUNIT_EXPECT_EQ(test, xc.handle, 0);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, xencomm_map_user(&xc, (void __user *)1, 0, XEN_PPC_IN), 0);
	KUNIT_EXPECT_EQ(test, xc.handle, 0);
	xencomm_unmap(&xc);
}

static char static_buf[16];

static void linear_is_inline(struct kunit *test)
{
	char *slab = kunit_kmalloc(test, SZ_16K, GFP_KERNEL);
	char stack[8];
	const void *bufs[] = { static_buf, slab, slab + 1, slab + SZ_8K - 1, stack };
	struct xencomm xc;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		KUNIT_EXPECT_TRUE(test, xencomm_is_linear(bufs[i]));
		KUNIT_EXPECT_EQ(test, xencomm_inline(bufs[i]),
				__pa(bufs[i]) | XENCOMM_INLINE_FLAG);
		KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, bufs[i], 4), 0);
		KUNIT_EXPECT_EQ(test, xc.handle, __pa(bufs[i]) | XENCOMM_INLINE_FLAG);
		KUNIT_EXPECT_NULL(test, xc.desc);
		xencomm_unmap(&xc);
	}
}

/* A buffer within one page is contiguous, wherever the page is. */
static void one_page_is_inline(struct kunit *test)
{
	char *area = map_scattered(test, 3);
	struct xencomm xc;

	KUNIT_EXPECT_FALSE(test, xencomm_is_linear(area));
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, area + PAGE_SIZE + 5, PAGE_SIZE - 5), 0);
	KUNIT_EXPECT_EQ(test, xc.handle & ~XENCOMM_ADDR_MASK, XENCOMM_INLINE_FLAG);
	KUNIT_EXPECT_EQ(test, xc.handle & XENCOMM_ADDR_MASK,
			page_to_phys(vmalloc_to_page(area + PAGE_SIZE)) + 5);
	KUNIT_EXPECT_NULL(test, xc.desc);
	xencomm_unmap(&xc);
	unmap_scattered(area, 3);
}

static void scattered_case(struct kunit *test, const char *buf, size_t bytes)
{
	struct xencomm xc;

	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, buf, bytes), 0);
	expect_chunks(test, &xc, buf, bytes);
	xencomm_unmap(&xc);
}

static void page_crossing(struct kunit *test)
{
	char *area = map_scattered(test, 3);

	scattered_case(test, area + PAGE_SIZE - 1, 2);
	scattered_case(test, area + PAGE_SIZE - 8, 16);
	scattered_case(test, area + PAGE_SIZE - 1, min(PAGE_SIZE + 2, SZ_32K));
	unmap_scattered(area, 3);
}

static void misaligned(struct kunit *test)
{
	char *area = map_scattered(test, 3);
	unsigned int shift;

	for (shift = 1; shift < XENCOMM_CHUNK_SIZE; shift += 511)
		scattered_case(test, area + PAGE_SIZE - XENCOMM_CHUNK_SIZE + shift,
			       2 * XENCOMM_CHUNK_SIZE);
	unmap_scattered(area, 3);
}

/* The maximum length for a cached descriptor, and one byte more at either end. */
static void kernel_limit(struct kunit *test)
{
	size_t most = SLOT_ADDRS * (size_t)XENCOMM_CHUNK_SIZE;
	unsigned int nr = most / PAGE_SIZE + 2;
	char *area = map_scattered(test, nr);
	struct xencomm xc;

	KUNIT_EXPECT_EQ(test, xencomm_kernel_max(area), most);
	KUNIT_EXPECT_EQ(test, xencomm_kernel_max(area + 1), most - 1);
	scattered_case(test, area, most);
	scattered_case(test, area + 1, most - 1);
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, area, most + 1), -E2BIG);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, area + 1, most), -E2BIG);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, area,
						 XENCOMM_MAX_ADDRS * (size_t)XENCOMM_CHUNK_SIZE + 1),
			-E2BIG);
	xencomm_unmap(&xc);
	unmap_scattered(area, nr);
}

static void unmapped_kernel(struct kunit *test)
{
	char *area = map_scattered(test, 2);
	struct xencomm xc;

	/* The guard page behind the area. */
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, area + PAGE_SIZE, PAGE_SIZE + 1), -EFAULT);
	KUNIT_EXPECT_EQ(test, xc.handle, 0);
	xencomm_unmap(&xc);
	/* A user address, the end of the address space, and beyond it. */
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, (void *)0x10000, 8), -EFAULT);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, (void *)-8UL, 8), -EFAULT);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc, (void *)-8UL, 9), -EFAULT);
	xencomm_unmap(&xc);
	unmap_scattered(area, 2);
}

/* All slots that the nested contexts of a cpu can need at once, and one more. */
static void nested_contexts(struct kunit *test)
{
	struct xencomm *xc = kunit_kcalloc(test, KERNEL_SLOTS + 1, sizeof(*xc), GFP_KERNEL);
	char *area = map_scattered(test, 2);
	char *buf = area + PAGE_SIZE - 4;
	int depth = preempt_count();
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, xc);
	for (i = 0; i < KERNEL_SLOTS; i++) {
		KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc[i], buf, 8), 0);
		expect_chunks(test, &xc[i], buf, 8);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, xc[i].handle, xc[j].handle);
	}
	KUNIT_EXPECT_EQ(test, xencomm_map_kernel(&xc[i], buf, 8), -ENOMEM);
	do
		xencomm_unmap(&xc[i]);
	while (i--);
	KUNIT_EXPECT_EQ(test, preempt_count(), depth);
	scattered_case(test, buf, 8);
	unmap_scattered(area, 2);
}

static void descriptor_in_page(struct kunit *test)
{
	struct xencomm_cache *cache = raw_cpu_read(xencomm_caches);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	for (i = 0; i < NR_SLOTS; i++) {
		unsigned long first = (unsigned long)&cache->slot[i];
		unsigned long last = first + sizeof(cache->slot[i]) - 1;

		KUNIT_EXPECT_TRUE(test, xencomm_is_linear((void *)first));
		KUNIT_EXPECT_EQ(test, first >> XENCOMM_CHUNK_SHIFT, last >> XENCOMM_CHUNK_SHIFT);
	}
}

static unsigned long user_area(struct kunit *test, size_t bytes, unsigned long prot)
{
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, bytes, prot,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_NE_MSG(test, addr, 0, "no user memory");
	KUNIT_ASSERT_LT_MSG(test, addr, TASK_SIZE, "no user memory");
	return addr;
}

static int map_user(struct xencomm *xc, unsigned long addr, size_t bytes, unsigned int dir)
{
	return xencomm_map_user(xc, (void __user *)addr, bytes, dir);
}

static u64 chunk_phys(const struct xencomm *xc, unsigned int i)
{
	if (xc->desc)
		return xc->desc->address[i];
	return (xc->handle & XENCOMM_ADDR_MASK) + (u64)i * XENCOMM_CHUNK_SIZE;
}

/* xencomm_unmap() must unpin the pages of the mapping. */
static void unmap_and_expect_unpinned(struct kunit *test, struct xencomm *xc)
{
	struct page *first = xc->pages[0], *last = xc->pages[xc->nr_pages - 1];

	KUNIT_EXPECT_TRUE(test, folio_maybe_dma_pinned(page_folio(first)));
	KUNIT_EXPECT_TRUE(test, folio_maybe_dma_pinned(page_folio(last)));
	xencomm_unmap(xc);
	KUNIT_EXPECT_FALSE(test, folio_maybe_dma_pinned(page_folio(first)));
	KUNIT_EXPECT_FALSE(test, folio_maybe_dma_pinned(page_folio(last)));
}

/* The data of a process is at the physical addresses of the chunks, in both directions. */
static void user_contents(struct kunit *test)
{
	size_t bytes = 8 * max_t(size_t, PAGE_SIZE, XENCOMM_CHUNK_SIZE);
	unsigned long addr = user_area(test, bytes, PROT_READ | PROT_WRITE);
	unsigned int i, nr = bytes / XENCOMM_CHUNK_SIZE;
	struct xencomm xc;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, put_user(i + 1, (u32 __user *)(addr +
				i * (unsigned long)XENCOMM_CHUNK_SIZE)), 0);
	KUNIT_ASSERT_EQ(test, map_user(&xc, addr, bytes, XEN_PPC_INOUT), 0);
	KUNIT_EXPECT_EQ(test, xc.nr_pages, bytes / PAGE_SIZE);
	if (xc.desc)
		KUNIT_EXPECT_EQ(test, xc.desc->nr_addrs, nr);
	for (i = 0; i < nr; i++) {
		u32 *there = __va(chunk_phys(&xc, i));

		KUNIT_EXPECT_EQ(test, *there, i + 1);
		*there = ~i;
	}
	unmap_and_expect_unpinned(test, &xc);
	for (i = 0; i < nr; i++) {
		u32 v = 0;

		KUNIT_EXPECT_EQ(test, get_user(v, (u32 __user *)(addr +
				i * (unsigned long)XENCOMM_CHUNK_SIZE)), 0);
		KUNIT_EXPECT_EQ(test, v, ~i);
	}
}

static void user_fault_in_middle(struct kunit *test)
{
	unsigned long addr = user_area(test, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct xencomm xc;

	KUNIT_ASSERT_EQ(test, clear_user((void __user *)addr, 4 * PAGE_SIZE), 0);
	KUNIT_ASSERT_EQ(test, vm_munmap(addr + 2 * PAGE_SIZE, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, 4 * PAGE_SIZE, XEN_PPC_IN), -EFAULT);
	/* xencomm_unmap() unpins the pages before the hole. */
	KUNIT_ASSERT_EQ(test, xc.nr_pages, 2);
	unmap_and_expect_unpinned(test, &xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr + 2 * PAGE_SIZE, 8, XEN_PPC_IN), -EFAULT);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, 2 * PAGE_SIZE, XEN_PPC_OUT), 0);
	xencomm_unmap(&xc);
}

static void user_read_only(struct kunit *test)
{
	unsigned long addr = user_area(test, PAGE_SIZE, PROT_READ);
	struct xencomm xc;

	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, 16, XEN_PPC_IN), 0);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, 16, XEN_PPC_OUT), -EFAULT);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, 16, XEN_PPC_INOUT), -EFAULT);
	xencomm_unmap(&xc);
}

static void user_bad_address(struct kunit *test)
{
	struct xencomm xc;

	user_area(test, PAGE_SIZE, PROT_READ);
	KUNIT_EXPECT_EQ(test, map_user(&xc, PAGE_OFFSET, 16, XEN_PPC_IN), -EFAULT);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, -8UL, 16, XEN_PPC_IN), -EFAULT);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, TASK_SIZE - 8, 16, XEN_PPC_IN), -EFAULT);
	xencomm_unmap(&xc);
}

static void user_limit(struct kunit *test)
{
	size_t most = XENCOMM_MAX_ADDRS * (size_t)XENCOMM_CHUNK_SIZE;
	unsigned long addr = user_area(test, most + PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct xencomm xc;

	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, most, XEN_PPC_IN), 0);
	if (xc.desc)
		KUNIT_EXPECT_EQ(test, xc.desc->nr_addrs, XENCOMM_MAX_ADDRS);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, most + 1, XEN_PPC_IN), -E2BIG);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr + 1, most, XEN_PPC_IN), -E2BIG);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr + 1, most - 1, XEN_PPC_IN), 0);
	xencomm_unmap(&xc);
}

static void *no_memory(size_t bytes)
{
	return NULL;
}

/* Allocation of the page list or the descriptor fails; a small buffer needs neither. */
static void user_out_of_memory(struct kunit *test)
{
	unsigned long addr = user_area(test, SZ_1M, PROT_READ | PROT_WRITE);
	struct xencomm xc;

	KUNIT_ASSERT_EQ(test, clear_user((void __user *)addr, SZ_1M), 0);
	kunit_activate_static_stub(test, xencomm_alloc, no_memory);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, SZ_1M, XEN_PPC_IN), -ENOMEM);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, 16, XEN_PPC_IN), 0);
	xencomm_unmap(&xc);
	kunit_deactivate_static_stub(test, xencomm_alloc);
	KUNIT_EXPECT_EQ(test, map_user(&xc, addr, SZ_1M, XEN_PPC_IN), 0);
	xencomm_unmap(&xc);
}

static void descriptor_out_of_memory(struct kunit *test)
{
	struct xencomm xc = { };

	kunit_activate_static_stub(test, xencomm_alloc, no_memory);
	KUNIT_EXPECT_EQ(test, xencomm_get_user_desc(&xc, SLOT_ADDRS + 1), -ENOMEM);
	xencomm_unmap(&xc);
	KUNIT_EXPECT_EQ(test, xencomm_get_user_desc(&xc, SLOT_ADDRS), 0);
	xencomm_unmap(&xc);
}

/* If all slots are taken, the descriptor of a user buffer is allocated. */
static void user_slots_exhausted(struct kunit *test)
{
	struct xencomm xc[USER_SLOTS + 2] = { };
	unsigned int i;

	migrate_disable();
	for (i = 0; i < USER_SLOTS; i++)
		KUNIT_EXPECT_TRUE(test, xencomm_take_slot(&xc[i], KERNEL_SLOTS, NR_SLOTS));
	KUNIT_EXPECT_FALSE(test, xencomm_take_slot(&xc[i], KERNEL_SLOTS, NR_SLOTS));
	KUNIT_EXPECT_EQ(test, xencomm_get_user_desc(&xc[i], 2), 0);
	KUNIT_EXPECT_NOT_NULL(test, xc[i].desc);
	migrate_enable();
	for (i = 0; i < ARRAY_SIZE(xc); i++)
		xencomm_unmap(&xc[i]);
}

/* hcall_args.c: each handle is aligned and lies within its structure, as does its count. */
static void hcall_args_table(struct kunit *test)
{
	const struct xen_ppc_hcall_args *args;
	const struct xen_ppc_hcall_op *op;
	unsigned int nr, i, seen = 0;

	for (nr = 0; nr < 64; nr++) {
		args = xen_ppc_find_hcall_args(nr);
		for (i = 0; args && i < args->nr_ops; i++) {
			op = &args->ops[i];
			KUNIT_EXPECT_PTR_EQ_MSG(test, xen_ppc_find_hcall_op(args, op->cmd), op,
						"call %u lists op %u twice", nr, op->cmd);
			KUNIT_EXPECT_LE(test, op->nr_nested, XEN_PPC_MAX_NESTED);
			if (op->trailing)
				KUNIT_EXPECT_GE(test, op->size, sizeof(u32));
			for (const struct xen_ppc_nested *n = op->nested;
			     n < op->nested + op->nr_nested; n++) {
				KUNIT_EXPECT_EQ(test, n->offset % 8, 0);
				KUNIT_EXPECT_LE(test, n->offset + 8, op->size);
				/* Elements of one bit (elem 0) need a count. */
				KUNIT_EXPECT_TRUE(test, n->elem || n->count_size);
				KUNIT_EXPECT_LE(test, n->count + n->count_size, op->size);
				seen++;
			}
		}
	}
	KUNIT_EXPECT_GT(test, seen, 10);
	KUNIT_EXPECT_NULL(test, xen_ppc_find_hcall_args(63));
	KUNIT_EXPECT_NULL(test, xen_ppc_find_hcall_args(-1U));
}

static int init_caches(struct kunit_suite *suite)
{
	return xencomm_init();
}

static struct kunit_case xencomm_cases[] = {
	KUNIT_CASE(null_handle),
	KUNIT_CASE(linear_is_inline),
	KUNIT_CASE(one_page_is_inline),
	KUNIT_CASE(page_crossing),
	KUNIT_CASE(misaligned),
	KUNIT_CASE(kernel_limit),
	KUNIT_CASE(unmapped_kernel),
	KUNIT_CASE(nested_contexts),
	KUNIT_CASE(descriptor_in_page),
	KUNIT_CASE(user_contents),
	KUNIT_CASE(user_fault_in_middle),
	KUNIT_CASE(user_read_only),
	KUNIT_CASE(user_bad_address),
	KUNIT_CASE(user_limit),
	KUNIT_CASE(user_out_of_memory),
	KUNIT_CASE(descriptor_out_of_memory),
	KUNIT_CASE(user_slots_exhausted),
	KUNIT_CASE(hcall_args_table),
	{ }
};

static struct kunit_suite xencomm_suite = {
	.name = "xen_ppc_xencomm",
	.suite_init = init_caches,
	.test_cases = xencomm_cases,
};

kunit_test_suite(xencomm_suite);
