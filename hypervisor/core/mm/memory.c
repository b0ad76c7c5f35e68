// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of domains: frames come from the page allocator, belong to one domain each, and
 * appear in its p2m. core/hypercall/memory_op.c decodes the hypercall.
 */
#include "core/arch_ops.h"
#include "core/base/deferred.h"
#include "core/base/domains.h"
#include "core/mm/memory.h"
#include "lib/bitops.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/**
 * page_gone() - free a frame whose last reference was dropped
 * @mfn: the frame
 *
 * The slow part of page_put(). Any lock may be held but the page allocator's.
 */
void page_gone(u64 mfn)
{
	struct page *pg = mfn_to_page(mfn);
	struct domain *d = domains[pg->owner];

	/* Without a p2m the frame can only have been found through a reference: no need to wait. */
	if (READ_ONCE(d->teardown) > TD_TABLES)
		free_pages(mfn << PAGE_SHIFT, 0);
	else
		grace_free_frame(pg);
	/*
	 * Last, since the domain may be freed once it has no frames. Release: domain_reap() sees all
	 * that was done to the domain before.
	 */
	if (__atomic_sub_fetch(&d->tot_pages, 1, __ATOMIC_ACQ_REL) == 0)
		deferred_request(DEFERRED_REAP);
}

/*
 * Drops the owner's reference. page_lock held, or the frame is on a list that only the caller uses.
 */
static void memory_drop_owner_ref(u64 mfn)
{
	list_del_init(&mfn_to_page(mfn)->list);
	page_put(mfn);
}

static int memory_remove_locked(struct domain *d, u64 gfn)
{
	enum p2m_type type;
	u64 mfn;
	bool w;
	int rc;

	type = p2m_lookup(d, gfn, &mfn, &w);
	if (type == P2M_NONE)
		return -ENOENT;
	/* GNTTABOP_unmap_grant_ref has to remove it. */
	if (type == P2M_GRANT)
		return -EBUSY;
	rc = p2m_unmap(d, gfn);
	if (rc)
		return rc;
	p2m_changed(d);
	if (type == P2M_RAM)
		memory_drop_owner_ref(mfn);
	else if (type == P2M_FOREIGN)
		memory_foreign_drop(d, mfn);
	if (gfn == d->shared_info_gfn)
		WRITE_ONCE(d->shared_info_gfn, GFN_NONE);
	return 0;
}

/**
 * memory_populate_extent() - add zeroed memory to a running domain
 * @d: the domain
 * @gfn: first guest frame
 * @nr: frames, at most a large leaf
 *
 * Populates all of the extent, or nothing. Holds page_lock throughout, since another vcpu may be
 * mapping something there.
 *
 * Return: 0, -EEXIST if a frame is mapped already, -ENOMEM.
 */
int memory_populate_extent(struct domain *d, u64 gfn, u64 nr)
{
	int rc = 0;
	u64 mfn;
	bool w;

	spin_lock(&d->page_lock);
	for (u64 i = 0; i < nr && !rc; i++)
		if (p2m_lookup(d, gfn + i, &mfn, &w))
			rc = -EEXIST;
	if (!rc) {
		rc = memory_populate_locked(d, gfn, nr);
		for (u64 i = 0; rc && i < nr; i++)
			if (memory_remove_locked(d, gfn + i))
				break;
	}
	spin_unlock(&d->page_lock);
	return rc;
}

/**
 * memory_remove() - remove a frame from a domain's p2m
 * @d: the domain
 * @gfn: the guest frame
 *
 * The mapping's reference is dropped: the owner's for RAM, the foreign mapping's for another domain's
 * frame; frames of the hypervisor have none. Takes page_lock. Translations are flushed before the
 * frame can be reused.
 *
 * Return: 0, -ENOENT if nothing is there, -EBUSY for a mapping by grant,
 * -ENOMEM if a large leaf could not be split.
 */
int memory_remove(struct domain *d, u64 gfn)
{
	int rc;

	spin_lock(&d->page_lock);
	rc = memory_remove_locked(d, gfn);
	spin_unlock(&d->page_lock);
	return rc;
}

/**
 * memory_remove_extent() - remove RAM from a domain's p2m, first of two steps
 * @d: the domain
 * @gfn: first guest frame, aligned to @nr
 * @nr: frames, a power of two, at most a large leaf
 * @gone: list to which the frames are added, for memory_remove_end()
 *
 * Several extents can share one flush in memory_remove_end(). Takes page_lock, and drops it before that
 * flush: the frames keep their owner's reference until then, so nobody else gets them, and if another
 * vcpu populates or maps something in their place, p2m_map() and p2m_insert() flush first.
 *
 * Return: 0, -EINVAL if a frame is not RAM, -ENOMEM if a large leaf could not be split; after an
 * error all frames are still mapped.
 */
int memory_remove_extent(struct domain *d, u64 gfn, u64 nr, struct list_head *gone)
{
	struct page *pg;
	int rc = 0;
	u64 mfn;
	bool w;

	spin_lock(&d->page_lock);
	for (u64 i = 0; i < nr && !rc; i++)
		if (p2m_lookup(d, gfn + i, &mfn, &w) != P2M_RAM)
			rc = -EINVAL;
	for (u64 i = 0; i < nr && !rc; i++) {
		(void)p2m_lookup(d, gfn + i, &mfn, &w);
		/* Can fail for the first frame of a large leaf only, which it splits. */
		rc = p2m_clear(d, gfn + i);
		if (rc)
			break;
		pg = mfn_to_page(mfn);
		list_del_init(&pg->list);
		list_add(&pg->list, gone);
	}
	p2m_changed(d);
	spin_unlock(&d->page_lock);
	return rc;
}

/**
 * memory_remove_end() - flush the translations of removed frames and free the frames
 * @d: the domain
 * @gone: list of memory_remove_extent(); only the caller uses it
 *
 * Takes page_lock for the flush.
 */
void memory_remove_end(struct domain *d, struct list_head *gone)
{
	if (list_empty(gone))
		return;
	spin_lock(&d->page_lock);
	p2m_flush(d);
	spin_unlock(&d->page_lock);
	while (!list_empty(gone))
		memory_drop_owner_ref(page_to_mfn(list_first_entry(gone, struct page, list)));
}

/**
 * memory_map_frame() - map a frame of the hypervisor or of another domain
 * @d: the domain
 * @gfn: guest frame; RAM that is mapped there is freed
 * @mfn: the frame; its owner does not change
 * @type: P2M_SHARED; or P2M_FOREIGN, whose reference the caller has taken and passes on
 * @writable: may the guest write it?
 *
 * Takes page_lock.
 *
 * Return: 0, -EBUSY where a grant is mapped, or the error of p2m_map().
 */
int memory_map_frame(struct domain *d, u64 gfn, u64 mfn, enum p2m_type type, bool writable)
{
	int rc;

	spin_lock(&d->page_lock);
	rc = memory_remove_locked(d, gfn);
	if (rc == 0 || rc == -ENOENT)
		rc = p2m_map(d, gfn, mfn, 0, type, writable);
	spin_unlock(&d->page_lock);
	return rc;
}

/**
 * memory_release() - free a dead domain's frames
 * @d: a domain none of whose vcpus will run again, its p2m destroyed
 * @budget: frames to free at most
 *
 * Return: whether all frames are freed.
 */
bool memory_release(struct domain *d, u32 budget)
{
	bool all;

	spin_lock(&d->page_lock);
	for (; budget && !list_empty(&d->pages); budget--)
		memory_drop_owner_ref(page_to_mfn(list_first_entry(&d->pages, struct page, list)));
	all = list_empty(&d->pages);
	spin_unlock(&d->page_lock);
	return all;
}

/**
 * frame_get() - take a reference on a frame of a domain's own RAM
 * @d: the domain
 * @gfn: guest frame, must be writable
 * @mfn: where to store the machine frame; page_put() drops the reference
 *
 * Takes no lock: a second lookup tells whether the frame left the p2m between the first lookup and
 * the reference. The frame is not reused meanwhile, since it waits for a grace period.
 *
 * Return: 0, or -EINVAL if it is not such a frame.
 */
int frame_get(struct domain *d, u64 gfn, u64 *mfn)
{
	struct page *pg;
	u64 again;
	bool w;

	if (p2m_lookup(d, gfn, mfn, &w) != P2M_RAM || !w)
		return -EINVAL;
	pg = mfn_to_page(*mfn);
	if (!pg || !page_get(pg))
		return -EINVAL;
	if (nr_pcpus == 1 || (p2m_lookup(d, gfn, &again, &w) == P2M_RAM && again == *mfn))
		return 0;
	page_put(*mfn);
	return -EINVAL;
}

/**
 * frame_ptr() - find a frame of a domain's own RAM
 * @d: the domain
 * @gfn: guest frame
 * @write: must it be writable?
 *
 * Return: a pointer to the frame, valid until this pCPU's next quiescent state; NULL if there is none.
 */
void *frame_ptr(struct domain *d, u64 gfn, bool write)
{
	u64 mfn;
	bool w;

	if (p2m_lookup(d, gfn, &mfn, &w) != P2M_RAM || (write && !w))
		return NULL;
	return arch_ma_to_ptr(mfn << PAGE_SHIFT);
}

/**
 * frame_ptr_slow() - frame_cached() when the cache does not have the frame
 * @d: the domain
 * @c: the cache
 * @gfn: guest frame
 * @write: must it be writable?
 *
 * Return: as frame_cached().
 */
noinline void *frame_ptr_slow(struct domain *d, struct frame_cache *c, u64 gfn, bool write)
{
	/*
	 * Acquire: p2m_gen is read before the entry. Otherwise an entry found before a removal
	 * could be cached with the count after it.
	 */
	u64 mfn, gen = __atomic_load_n(&d->p2m_gen, __ATOMIC_ACQUIRE);
	bool w;

	if (p2m_lookup(d, gfn, &mfn, &w) != P2M_RAM || (write && !w))
		return NULL;
	c->gfn = gfn;
	c->gen = gen;
	c->writable = w;
	c->page = arch_ma_to_ptr(mfn << PAGE_SHIFT);
	return c->page;
}

/**
 * gpa_write() - copy into a domain's memory
 * @d: the domain
 * @gpa: guest physical address
 * @src: source, NULL for zeroes
 * @n: bytes
 *
 * For builders. Hypercalls use copy_to_guest() (xencomm.h), which is faster.
 *
 * Return: 0, or -EFAULT if a page is not writable RAM of the domain.
 */
int gpa_write(struct domain *d, u64 gpa, const void *src, u64 n)
{
	const u8 *s = src;
	u64 part;
	u8 *p;

	for (; n; n -= part, gpa += part) {
		part = min(n, PAGE_SIZE - (gpa & PAGE_MASK));
		p = frame_ptr(d, gpa >> PAGE_SHIFT, true);
		if (!p)
			return -EFAULT;
		if (s) {
			memcpy(p + (gpa & PAGE_MASK), s, part);
			s += part;
		} else {
			memset(p + (gpa & PAGE_MASK), 0, part);
		}
	}
	return 0;
}

/**
 * gpa_read() - copy out of a domain's memory
 * @d: the domain
 * @gpa: guest physical address
 * @dst: destination
 * @n: bytes
 *
 * Return: 0, or -EFAULT if a page is not RAM of the domain.
 */
int gpa_read(struct domain *d, u64 gpa, void *dst, u64 n)
{
	u8 *t = dst;
	u64 part;
	u8 *p;

	for (; n; n -= part, gpa += part, t += part) {
		part = min(n, PAGE_SIZE - (gpa & PAGE_MASK));
		p = frame_ptr(d, gpa >> PAGE_SHIFT, false);
		if (!p)
			return -EFAULT;
		memcpy(t, p + (gpa & PAGE_MASK), part);
	}
	return 0;
}
