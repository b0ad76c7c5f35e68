// SPDX-License-Identifier: GPL-2.0
/*
 * xencomm: describes a buffer to the hypervisor by guest physical addresses. See
 * Documentation/abi.rst, "Pointers: xencomm", for the format.
 *
 * A buffer in the linear map, the normal case, gets its handle from xencomm_inline(), one
 * instruction at the call site. This file is for memory whose pages may be scattered:
 * vmalloc memory, modules, per-cpu chunks and the memory of a process. A buffer that is
 * physically contiguous nevertheless, as every buffer within one page is, gets an inline
 * handle. Any other buffer gets a descriptor.
 *
 * Each cpu has a cache of descriptors in two parts. The first part is for buffers of the
 * kernel, whose callers may be in any context and cannot allocate. They disable preemption
 * while they hold a slot. So at most one task, one softirq, one hard interrupt and one
 * NMI (NR_CONTEXTS) use the slots of a cpu at a time, each for at most one hypercall, and
 * the cache has slots for all of them. The second part is for buffers of processes. These
 * callers may sleep and use kmalloc() if all slots are taken or a slot is too small.
 */
#define pr_fmt(fmt) "xen: xencomm: " fmt

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <kunit/static_stub.h>

#include "platform.h"

/*
 * With 31 addresses a slot is 256 bytes and describes at least 120 KiB, however the buffer is
 * scattered and aligned. A hypercall needs a descriptor for its argument and one for each
 * nested buffer.
 */
#define SLOT_ADDRS	31
#define NR_CONTEXTS	4
#define KERNEL_SLOTS	(NR_CONTEXTS * (1 + XEN_PPC_MAX_NESTED))
#define USER_SLOTS	8
#define NR_SLOTS	(KERNEL_SLOTS + USER_SLOTS)

/* Aligned to its size, a power of two, so that a descriptor never crosses a page. */
struct xencomm_slot {
	u32 magic;
	u32 nr_addrs;
	u64 address[SLOT_ADDRS];
} __aligned(256);

struct xencomm_cache {
	struct xencomm_slot slot[NR_SLOTS];
	unsigned long busy;
};

static_assert(sizeof(struct xencomm_slot) == 256);
static_assert(offsetof(struct xencomm_slot, address) == offsetof(struct xencomm_desc, address));
static_assert(NR_SLOTS <= BITS_PER_LONG);

static DEFINE_PER_CPU(struct xencomm_cache *, xencomm_caches);

/*
 * Returns the physical address of page @i of a buffer. User memory has pinned pages, and
 * @first is not used; kernel memory starts with the page at the address @first.
 */
static phys_addr_t xencomm_page_phys(const struct xencomm *xc, unsigned long first, unsigned int i)
{
	const void *addr = (const void *)(first + ((unsigned long)i << PAGE_SHIFT));

	if (xc->nr_pages)
		return page_to_phys(xc->pages[i]);
	if (is_vmalloc_or_module_addr(addr))
		return page_to_phys(vmalloc_to_page(addr));
	return __pa(addr);
}

static bool xencomm_is_contiguous(const struct xencomm *xc, unsigned long first,
				  unsigned int nr_pages)
{
	phys_addr_t start = xencomm_page_phys(xc, first, 0);
	unsigned int i;

	for (i = 1; i < nr_pages; i++)
		if (xencomm_page_phys(xc, first, i) != start + ((phys_addr_t)i << PAGE_SHIFT))
			return false;
	return true;
}

static void xencomm_fill_desc(struct xencomm *xc, unsigned long addr, unsigned int nr_addrs)
{
	unsigned long first = addr & PAGE_MASK;
	struct xencomm_desc *desc = xc->desc;
	phys_addr_t page = 0;
	unsigned int i;

	desc->magic = XENCOMM_MAGIC;
	desc->nr_addrs = nr_addrs;
	for (i = 0; i < nr_addrs; i++) {
		/* xencomm_page_phys() may walk the page tables: once per page, not per chunk. */
		if (!i || !offset_in_page(addr))
			page = xencomm_page_phys(xc, first, (addr - first) >> PAGE_SHIFT);
		desc->address[i] = page + offset_in_page(addr);
		addr = ALIGN_DOWN(addr, XENCOMM_CHUNK_SIZE) + XENCOMM_CHUNK_SIZE;
	}
}

static bool xencomm_take_slot(struct xencomm *xc, unsigned int from, unsigned int to)
{
	struct xencomm_cache *cache = this_cpu_read(xencomm_caches);
	unsigned int i;

	if (!cache)
		return false;
	for (i = from; i < to; i++) {
		if (test_bit(i, &cache->busy) || test_and_set_bit_lock(i, &cache->busy))
			continue;
		xc->cache = cache;
		xc->slot = i;
		xc->desc = (struct xencomm_desc *)&cache->slot[i];
		return true;
	}
	return false;
}

/* On success preemption stays disabled until xencomm_put_desc(); see the top of the file. */
static int xencomm_get_kernel_desc(struct xencomm *xc, unsigned int nr_addrs)
{
	if (nr_addrs > SLOT_ADDRS)
		return -E2BIG;
	preempt_disable();
	if (xencomm_take_slot(xc, 0, KERNEL_SLOTS))
		return 0;
	preempt_enable();
	return -ENOMEM;
}

/* All allocations of this file. KUnit stubs this function to test allocation failure. */
static void *xencomm_alloc(size_t bytes)
{
	KUNIT_STATIC_STUB_REDIRECT(xencomm_alloc, bytes);
	return kmalloc(bytes, GFP_KERNEL | __GFP_NOWARN);
}

static int xencomm_get_user_desc(struct xencomm *xc, unsigned int nr_addrs)
{
	bool taken = false;

	if (nr_addrs <= SLOT_ADDRS) {
		preempt_disable();
		taken = xencomm_take_slot(xc, KERNEL_SLOTS, NR_SLOTS);
		preempt_enable();
	}
	if (taken)
		return 0;
	xc->desc = xencomm_alloc(struct_size(xc->desc, address, nr_addrs));
	return xc->desc ? 0 : -ENOMEM;
}

static void xencomm_put_desc(struct xencomm *xc)
{
	if (!xc->desc)
		return;
	if (!xc->cache) {
		kfree(xc->desc);
		return;
	}
	clear_bit_unlock(xc->slot, &xc->cache->busy);
	if (xc->slot < KERNEL_SLOTS)
		preempt_enable();
}

static unsigned int xencomm_count_chunks(unsigned long addr, size_t bytes)
{
	return ((addr + bytes - 1) >> XENCOMM_CHUNK_SHIFT) - (addr >> XENCOMM_CHUNK_SHIFT) + 1;
}

static unsigned int xencomm_count_pages(unsigned long addr, size_t bytes)
{
	return ((addr + bytes - 1) >> PAGE_SHIFT) - (addr >> PAGE_SHIFT) + 1;
}

static bool xencomm_is_mapped(const void *page, unsigned int nr_pages)
{
	for (; nr_pages; nr_pages--, page += PAGE_SIZE) {
		if (is_vmalloc_or_module_addr(page)) {
			if (!vmalloc_to_page(page))
				return false;
		} else if (!virt_addr_valid(page)) {
			return false;
		}
	}
	return true;
}

/**
 * xencomm_one_page - compute the inline handle of a buffer within one page of vmalloc memory
 * @buf: the buffer
 * @bytes: its length
 *
 * Any context. A short cut for arrays that are passed often.
 *
 * Return: an inline handle; 0 if @buf is not vmalloc memory, crosses a page or is not
 * mapped.
 */
u64 xencomm_one_page(const void *buf, size_t bytes)
{
	struct page *page;

	if (!is_vmalloc_or_module_addr(buf) || offset_in_page(buf) + bytes > PAGE_SIZE)
		return 0;
	page = vmalloc_to_page(buf);
	return page ? (page_to_phys(page) + offset_in_page(buf)) | XENCOMM_INLINE_FLAG : 0;
}

/**
 * xencomm_map_kernel - make a handle for a buffer of the kernel
 * @xc: filled in; pass it to xencomm_unmap() after the hypercall, also after an error
 * @buf: the buffer, at any mapped kernel address, or NULL
 * @bytes: its length; 0 gives the null handle, as NULL does
 *
 * Any context. If the pages are scattered, success leaves preemption disabled until
 * xencomm_unmap().
 *
 * Return: 0; -EFAULT if an address is not mapped or the buffer wraps around; -E2BIG if it
 * needs more entries than a cached descriptor has; -ENOMEM before xencomm_init().
 */
int xencomm_map_kernel(struct xencomm *xc, const void *buf, size_t bytes)
{
	unsigned long addr = (unsigned long)buf;
	unsigned long first = addr & PAGE_MASK;
	unsigned int nr_addrs, nr_pages;
	int rc;

	*xc = (struct xencomm) { };
	if (!buf || !bytes)
		return 0;
	if (addr + bytes - 1 < addr)
		return -EFAULT;
	if (xencomm_is_linear(buf)) {
		xc->handle = xencomm_inline(buf);
		return 0;
	}
	if (bytes > XENCOMM_MAX_ADDRS * (size_t)XENCOMM_CHUNK_SIZE)
		return -E2BIG;
	nr_pages = xencomm_count_pages(addr, bytes);
	if (!xencomm_is_mapped((const void *)first, nr_pages))
		return -EFAULT;
	if (xencomm_is_contiguous(xc, first, nr_pages)) {
		xc->handle = xencomm_page_phys(xc, first, 0) + offset_in_page(addr);
		xc->handle |= XENCOMM_INLINE_FLAG;
		return 0;
	}
	nr_addrs = xencomm_count_chunks(addr, bytes);
	rc = xencomm_get_kernel_desc(xc, nr_addrs);
	if (rc)
		return rc;
	xencomm_fill_desc(xc, addr, nr_addrs);
	xc->handle = __pa(xc->desc);
	return 0;
}

/**
 * xencomm_kernel_max - compute how much of a buffer xencomm_map_kernel() can map at once
 * @buf: start of the buffer
 *
 * Any context. For callers that can split their work.
 *
 * Return: a length in bytes for which xencomm_map_kernel() does not return -E2BIG; at
 * least 120 KiB.
 */
size_t xencomm_kernel_max(const void *buf)
{
	return SLOT_ADDRS * XENCOMM_CHUNK_SIZE - ((unsigned long)buf & (XENCOMM_CHUNK_SIZE - 1));
}

static int xencomm_pin_pages(struct xencomm *xc, unsigned long addr, unsigned int nr_pages,
			     unsigned int dir)
{
	unsigned int flags = dir & XEN_PPC_OUT ? FOLL_WRITE : 0;
	int pinned;

	xc->pages = xc->few;
	if (nr_pages > XENCOMM_FEW_PAGES)
		xc->pages = xencomm_alloc(array_size(nr_pages, sizeof(*xc->pages)));
	if (!xc->pages)
		return -ENOMEM;
	pinned = pin_user_pages_fast(addr & PAGE_MASK, nr_pages, flags, xc->pages);
	if (pinned > 0)
		xc->nr_pages = pinned;
	xc->dirty = flags;
	if (pinned < 0)
		return pinned;
	return pinned == nr_pages ? 0 : -EFAULT;
}

/**
 * xencomm_map_user - make a handle for a buffer of the calling process
 * @xc: filled in; pass it to xencomm_unmap() after the hypercall, also after an error
 * @buf: the buffer, or NULL
 * @bytes: its length; 0 gives the null handle, as NULL does
 * @dir: XEN_PPC_IN, XEN_PPC_OUT or both
 *
 * Process context; sleeps. The pages stay pinned until xencomm_unmap(), so that reclaim,
 * migration or munmap() cannot free them while the hypervisor uses them.
 *
 * Return: 0; -EFAULT if the process has no access of that direction to part of the buffer;
 * -E2BIG if it needs more than XENCOMM_MAX_ADDRS entries; -ENOMEM.
 */
int xencomm_map_user(struct xencomm *xc, void __user *buf, size_t bytes, unsigned int dir)
{
	unsigned long addr = (unsigned long)buf;
	unsigned int nr_addrs, nr_pages;
	int rc;

	*xc = (struct xencomm) { };
	if (!buf || !bytes)
		return 0;
	if (!access_ok(buf, bytes))
		return -EFAULT;
	if (bytes > XENCOMM_MAX_ADDRS * (size_t)XENCOMM_CHUNK_SIZE)
		return -E2BIG;
	nr_addrs = xencomm_count_chunks(addr, bytes);
	if (nr_addrs > XENCOMM_MAX_ADDRS)
		return -E2BIG;
	nr_pages = xencomm_count_pages(addr, bytes);
	rc = xencomm_pin_pages(xc, addr, nr_pages, dir);
	if (rc)
		return rc;
	if (xencomm_is_contiguous(xc, 0, nr_pages)) {
		xc->handle = xencomm_page_phys(xc, 0, 0) + offset_in_page(addr);
		xc->handle |= XENCOMM_INLINE_FLAG;
		return 0;
	}
	rc = xencomm_get_user_desc(xc, nr_addrs);
	if (rc)
		return rc;
	xencomm_fill_desc(xc, addr, nr_addrs);
	xc->handle = __pa(xc->desc);
	return 0;
}

/**
 * xencomm_unmap - release the descriptor and the pages of a mapping
 * @xc: as xencomm_map_kernel() or xencomm_map_user() filled it in, also after an error
 *
 * In the context of the caller that mapped the buffer.
 */
void xencomm_unmap(struct xencomm *xc)
{
	xencomm_put_desc(xc);
	if (xc->nr_pages)
		unpin_user_pages_dirty_lock(xc->pages, xc->nr_pages, xc->dirty);
	if (xc->pages != xc->few)
		kfree(xc->pages);
	*xc = (struct xencomm) { };
}

/**
 * xencomm_init - allocate the descriptor cache of every possible cpu
 *
 * Process context, or early boot with a working slab. May be called again. The caches are
 * in the linear map, because the handle of a descriptor is computed with __pa().
 *
 * Return: 0 or -ENOMEM.
 */
int xencomm_init(void)
{
	struct xencomm_cache *cache;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (per_cpu(xencomm_caches, cpu))
			continue;
		cache = kzalloc_node(sizeof(*cache), GFP_KERNEL, cpu_to_node(cpu));
		if (!cache)
			return -ENOMEM;
		per_cpu(xencomm_caches, cpu) = cache;
	}
	return 0;
}

#if IS_ENABLED(CONFIG_XEN_PPC_KUNIT_TEST)
#include "xencomm_test.c"
#endif
