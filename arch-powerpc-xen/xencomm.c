// SPDX-License-Identifier: GPL-2.0
/*
 * xencomm: names a buffer to the hypervisor by guest physical addresses.
 *
 * Linear memory, the normal case, never comes here: xencomm_inline() is one
 * instruction at the call site. What is left is memory whose pages may be
 * scattered: vmalloc, modules, per-cpu chunks, and the memory of a process.
 * If it turns out to be contiguous after all, as a buffer within one page
 * always is, it gets an inline handle too; otherwise a descriptor.
 *
 * Descriptors come from a cache that each cpu has. One part of it is for
 * buffers of the kernel, whose callers may be in any context. Such a caller
 * holds its slots with preemption disabled, so that at most one task, one
 * softirq, one interrupt and one NMI use a cpu's slots at a time, each for at
 * most one call; there are slots for all of that and no allocation is needed.
 * The other part is for buffers of processes, which may sleep and so may fall
 * back to kmalloc() when the slots are taken or too small.
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

/* A slot is 256 bytes: enough for 124 KiB however it is scattered and aligned. */
#define SLOT_ADDRS	31
#define NR_CONTEXTS	4
#define KERNEL_SLOTS	(NR_CONTEXTS * (1 + XEN_PPC_MAX_NESTED))
#define USER_SLOTS	8
#define NR_SLOTS	(KERNEL_SLOTS + USER_SLOTS)

/* The size is a power of two, so that a descriptor never crosses a page. */
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
 * Physical address of the page @i of a buffer: of page @i of the pinned ones
 * for user memory, and of the page at @first + @i for kernel memory.
 */
static phys_addr_t page_phys(const struct xencomm *xc, unsigned long first, unsigned int i)
{
	const void *addr = (const void *)(first + ((unsigned long)i << PAGE_SHIFT));

	if (xc->nr_pages)
		return page_to_phys(xc->pages[i]);
	if (is_vmalloc_or_module_addr(addr))
		return page_to_phys(vmalloc_to_page(addr));
	return __pa(addr);
}

static bool is_contiguous(const struct xencomm *xc, unsigned long first, unsigned int nr_pages)
{
	phys_addr_t start = page_phys(xc, first, 0);
	unsigned int i;

	for (i = 1; i < nr_pages; i++)
		if (page_phys(xc, first, i) != start + ((phys_addr_t)i << PAGE_SHIFT))
			return false;
	return true;
}

static void fill(struct xencomm *xc, unsigned long addr, unsigned int nr_addrs)
{
	unsigned long first = addr & PAGE_MASK;
	struct xencomm_desc *desc = xc->desc;
	phys_addr_t page = 0;
	unsigned int i;

	desc->magic = XENCOMM_MAGIC;
	desc->nr_addrs = nr_addrs;
	for (i = 0; i < nr_addrs; i++) {
		/* Finding a page may be a walk of the page tables: once for all its chunks. */
		if (!i || !offset_in_page(addr))
			page = page_phys(xc, first, (addr - first) >> PAGE_SHIFT);
		desc->address[i] = page + offset_in_page(addr);
		addr = ALIGN_DOWN(addr, XENCOMM_CHUNK_SIZE) + XENCOMM_CHUNK_SIZE;
	}
}

static bool take_slot(struct xencomm *xc, unsigned int from, unsigned int to)
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

/* Preemption stays disabled while a slot is held; see the top of the file. */
static int get_kernel_desc(struct xencomm *xc, unsigned int nr_addrs)
{
	if (nr_addrs > SLOT_ADDRS)
		return -E2BIG;
	preempt_disable();
	if (take_slot(xc, 0, KERNEL_SLOTS))
		return 0;
	preempt_enable();
	return -ENOMEM;
}

/* The one place that allocates; the seam at which the tests run out of memory. */
static void *xencomm_alloc(size_t bytes)
{
	KUNIT_STATIC_STUB_REDIRECT(xencomm_alloc, bytes);
	return kmalloc(bytes, GFP_KERNEL | __GFP_NOWARN);
}

static int get_user_desc(struct xencomm *xc, unsigned int nr_addrs)
{
	bool taken = false;

	if (nr_addrs <= SLOT_ADDRS) {
		preempt_disable();
		taken = take_slot(xc, KERNEL_SLOTS, NR_SLOTS);
		preempt_enable();
	}
	if (taken)
		return 0;
	xc->desc = xencomm_alloc(struct_size(xc->desc, address, nr_addrs));
	return xc->desc ? 0 : -ENOMEM;
}

static void put_desc(struct xencomm *xc)
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

static unsigned int count_chunks(unsigned long addr, size_t bytes)
{
	return ((addr + bytes - 1) >> XENCOMM_CHUNK_SHIFT) - (addr >> XENCOMM_CHUNK_SHIFT) + 1;
}

static unsigned int count_pages(unsigned long addr, size_t bytes)
{
	return ((addr + bytes - 1) >> PAGE_SHIFT) - (addr >> PAGE_SHIFT) + 1;
}

static bool is_mapped(const void *page, unsigned int nr_pages)
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
 * xencomm_one_page - the handle of a buffer that lies within one page of vmalloc space
 * @buf: the buffer
 * @bytes: its length
 *
 * Any context. The short way for arrays that are handed over often.
 *
 * Return: an inline handle; 0 if @buf is not of that kind or not mapped.
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
 * xencomm_map_kernel - name a buffer of the kernel
 * @xc: filled in; give it to xencomm_unmap() after the call, also on error
 * @buf: the buffer: any mapped kernel address, or NULL
 * @bytes: its length; 0 gives the null handle, as NULL does
 *
 * Any context. On success with scattered pages preemption is disabled until
 * xencomm_unmap(). Format: xen/interface/arch-powerpc.h.
 *
 * Return: 0; -EFAULT if an address is not mapped or the buffer wraps; -E2BIG
 * if it needs more entries than a cached descriptor has; -ENOMEM if there
 * is no cache yet.
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
	nr_pages = count_pages(addr, bytes);
	if (!is_mapped((const void *)first, nr_pages))
		return -EFAULT;
	if (is_contiguous(xc, first, nr_pages)) {
		xc->handle = (page_phys(xc, first, 0) + offset_in_page(addr)) | XENCOMM_INLINE_FLAG;
		return 0;
	}
	nr_addrs = count_chunks(addr, bytes);
	rc = get_kernel_desc(xc, nr_addrs);
	if (rc)
		return rc;
	fill(xc, addr, nr_addrs);
	xc->handle = __pa(xc->desc);
	return 0;
}

/**
 * xencomm_kernel_max - how much of a long buffer xencomm_map_kernel() can take
 * @buf: start of the buffer
 *
 * For callers that can split their work.
 *
 * Return: a number of bytes that never gives -E2BIG, at least 120 KiB.
 */
size_t xencomm_kernel_max(const void *buf)
{
	return SLOT_ADDRS * XENCOMM_CHUNK_SIZE - ((unsigned long)buf & (XENCOMM_CHUNK_SIZE - 1));
}

static int pin_pages(struct xencomm *xc, unsigned long addr, unsigned int nr_pages,
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
 * xencomm_map_user - name a buffer of the calling process
 * @xc: filled in; give it to xencomm_unmap() after the call, also on error
 * @buf: the buffer, or NULL
 * @bytes: its length; 0 gives the null handle, as NULL does
 * @dir: XEN_PPC_IN, XEN_PPC_OUT or both: what the hypervisor does with it
 *
 * Process context; sleeps. The pages are pinned until xencomm_unmap(), so that
 * neither reclaim nor migration nor munmap() can give them to somebody else
 * while the hypervisor uses them. Format: xen/interface/arch-powerpc.h.
 *
 * Return: 0; -EFAULT if part of it is not accessible to the process in that
 * way; -E2BIG if it needs more than XENCOMM_MAX_ADDRS entries; -ENOMEM.
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
	nr_addrs = count_chunks(addr, bytes);
	if (nr_addrs > XENCOMM_MAX_ADDRS)
		return -E2BIG;
	nr_pages = count_pages(addr, bytes);
	rc = pin_pages(xc, addr, nr_pages, dir);
	if (rc)
		return rc;
	if (is_contiguous(xc, 0, nr_pages)) {
		xc->handle = (page_phys(xc, 0, 0) + offset_in_page(addr)) | XENCOMM_INLINE_FLAG;
		return 0;
	}
	rc = get_user_desc(xc, nr_addrs);
	if (rc)
		return rc;
	fill(xc, addr, nr_addrs);
	xc->handle = __pa(xc->desc);
	return 0;
}

/**
 * xencomm_unmap - end a mapping and let go of everything it holds
 * @xc: what xencomm_map_kernel() or xencomm_map_user() left, also on error
 *
 * In the context of the mapping.
 */
void xencomm_unmap(struct xencomm *xc)
{
	put_desc(xc);
	if (xc->nr_pages)
		unpin_user_pages_dirty_lock(xc->pages, xc->nr_pages, xc->dirty);
	if (xc->pages != xc->few)
		kfree(xc->pages);
	*xc = (struct xencomm) { };
}

/**
 * xencomm_init - give every possible cpu its descriptors
 *
 * Process context, or early boot with a working slab; may be called again.
 * Memory of the linear map, because that is where their addresses come from.
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
