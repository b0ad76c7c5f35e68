// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of domains: frames come from the page allocator, belong to one
 * domain each, and appear in its p2m. The hypercall on top is memory_op.c.
 */
#include "core/arch.h"
#include "core/foreign.h"
#include "core/memory.h"
#include "lib/bitops.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define LARGE_ORDER	9	/* smallest leaf above 4 KiB: 2 MiB */

/**
 * page_gone() - the end of page_put()
 * @mfn: a frame whose last reference was dropped
 */
void page_gone(u64 mfn)
{
	struct domain *d = domains[mfn_to_page(mfn)->owner];

	free_pages(mfn << PAGE_SHIFT, 0);
	if (__atomic_sub_fetch(&d->tot_pages, 1, __ATOMIC_ACQ_REL) == 0)
		domain_may_go();
}

/* A block from the allocator becomes frames of @d, each on its own. */
static void assign_block(struct domain *d, u64 mfn, unsigned int order)
{
	struct page *pg = mfn_to_page(mfn);

	for (u64 i = 0; i < BIT(order); i++, pg++) {
		pg->state = PG_USED;
		pg->order = 0;
		pg->count = 1;
		pg->owner = d->id;
		list_add_tail(&pg->list, &d->pages);
	}
	__atomic_add_fetch(&d->tot_pages, BIT(order), __ATOMIC_RELAXED);
}

/* page_lock held. The owner's reference goes; others may keep the frame alive. */
static void disown(u64 mfn)
{
	list_del_init(&mfn_to_page(mfn)->list);
	page_put(mfn);
}

static u64 page_to_mfn(const struct page *pg)
{
	const struct page_range *r = page_ranges;

	while (pg < r->map || pg >= r->map + (r->end - r->start))
		r++;
	return r->start + (pg - r->map);
}

/**
 * memory_populate() - give a domain zeroed memory
 * @d: the domain
 * @gfn: first guest frame; the caller knows that nothing is mapped there
 * @nr: frames
 *
 * Takes blocks as large as alignment and the allocator allow, so that the p2m
 * gets large leaves. Takes page_lock.
 *
 * Return: 0; -ENOMEM if memory is short or the domain's limit reached (what
 * was populated until then stays); -EEXIST if a frame is mapped already.
 */
int memory_populate(struct domain *d, u64 gfn, u64 nr)
{
	unsigned int order, most = MAX_ORDER;
	int rc = 0;
	u64 ma, old;
	bool w;

	spin_lock(&d->page_lock);
	if (d->tot_pages + nr > d->max_pages)
		rc = -ENOMEM;
	while (nr && !rc) {
		order = min_t(unsigned int, most, ilog2(nr));
		if (gfn)
			order = min(order, ffs64(gfn));
		for (ma = alloc_zeroed_pages(order); !ma && order; ma = alloc_zeroed_pages(order))
			order--;
		if (!ma) {
			rc = -ENOMEM;
			break;
		}
		if (p2m_lookup(d, gfn, &old, &w)) {
			free_pages(ma, order);
			rc = -EEXIST;
			break;
		}
		rc = p2m_map(d, gfn, ma >> PAGE_SHIFT, order, P2M_RAM, true);
		if (rc) {
			free_pages(ma, order);
			if (rc != -EEXIST || order < LARGE_ORDER)
				break;
			/* No large leaf fits where small ones have been before. */
			most = LARGE_ORDER - 1;
			rc = 0;
			continue;
		}
		assign_block(d, ma >> PAGE_SHIFT, order);
		gfn += BIT(order);
		nr -= BIT(order);
		if (gfn <= ram_frames(d))
			d->max_gfn = max(d->max_gfn, gfn - 1);
	}
	spin_unlock(&d->page_lock);
	return rc;
}

static int remove_locked(struct domain *d, u64 gfn)
{
	enum p2m_type type;
	u64 mfn;
	bool w;
	int rc;

	type = p2m_lookup(d, gfn, &mfn, &w);
	if (type == P2M_NONE)
		return -ENOENT;
	/* Its grant is still in use: it goes with the unmapping of that. */
	if (type == P2M_GRANT)
		return -EBUSY;
	rc = p2m_unmap(d, gfn);
	if (rc)
		return rc;
	d->p2m_gen++;
	if (type == P2M_RAM)
		disown(mfn);
	else if (type == P2M_FOREIGN)
		foreign_drop(d, mfn);
	if (gfn == d->shared_info_gfn)
		d->shared_info_gfn = GFN_NONE;
	return 0;
}

/**
 * memory_remove() - take a frame out of a domain's p2m
 * @d: the domain
 * @gfn: the guest frame; RAM is freed (once nobody else holds it), another
 *       domain's loses the reference, one of the hypervisor's only disappears
 *
 * Takes page_lock; translations are flushed before the frame can be reused.
 *
 * Return: 0, -ENOENT if nothing is there, -EBUSY for a mapping by grant,
 * -ENOMEM if a large leaf could not be split.
 */
int memory_remove(struct domain *d, u64 gfn)
{
	int rc;

	spin_lock(&d->page_lock);
	rc = remove_locked(d, gfn);
	spin_unlock(&d->page_lock);
	return rc;
}

/**
 * memory_remove_extent() - take RAM out of a domain's p2m, the first of two steps
 * @d: the domain
 * @gfn: first guest frame, aligned
 * @nr: frames, a power of two, up to a large leaf
 * @gone: list for memory_remove_end(), on which the frames wait
 *
 * Takes page_lock.
 *
 * Return: 0, -EINVAL if one of them is no RAM, -ENOMEM if a large leaf could
 * not be split: all of them are still there then.
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
		/* Only the first of a large leaf can fail. */
		rc = p2m_clear(d, gfn + i);
		if (rc)
			break;
		pg = mfn_to_page(mfn);
		list_del_init(&pg->list);
		list_add(&pg->list, gone);
	}
	d->p2m_gen++;
	spin_unlock(&d->page_lock);
	return rc;
}

/**
 * memory_remove_end() - end the translations, and give the frames up
 * @d: the domain
 * @gone: of memory_remove_extent()
 */
void memory_remove_end(struct domain *d, struct list_head *gone)
{
	if (list_empty(gone))
		return;
	p2m_flush(d);
	while (!list_empty(gone))
		disown(page_to_mfn(list_first_entry(gone, struct page, list)));
}

/**
 * memory_map_frame() - show a frame that is not its own to a domain
 * @d: the domain
 * @gfn: where; RAM that is there is freed
 * @mfn: the frame, which stays its owner's
 * @type: P2M_SHARED, or P2M_FOREIGN with a reference that is handed over
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
	rc = remove_locked(d, gfn);
	if (rc == 0 || rc == -ENOENT)
		rc = p2m_map(d, gfn, mfn, 0, type, writable);
	spin_unlock(&d->page_lock);
	return rc;
}

/**
 * memory_release() - free a dead domain's frames
 * @d: a domain none of whose vcpus will run again, its p2m destroyed
 * @budget: how many frames
 *
 * Return: whether that was all of them.
 */
bool memory_release(struct domain *d, u32 budget)
{
	bool all;

	spin_lock(&d->page_lock);
	for (; budget && !list_empty(&d->pages); budget--)
		disown(page_to_mfn(list_first_entry(&d->pages, struct page, list)));
	all = list_empty(&d->pages);
	spin_unlock(&d->page_lock);
	return all;
}

/**
 * frame_get() - keep a frame of a domain's own RAM
 * @d: the domain
 * @gfn: guest frame, must be writable
 * @mfn: where to store the machine frame; page_put() gives it back
 *
 * Takes no lock: a frame that left the p2m between the look and the reference
 * is noticed by looking again.
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
 * frame_ptr() - where a frame of a domain's own RAM is
 * @d: the domain
 * @gfn: guest frame
 * @write: must it be writable?
 *
 * Return: the frame, valid until something is taken out of the p2m; NULL if
 * there is none.
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
 * frame_ptr_slow() - vcpu_frame() when its cache has no answer
 * @v: calling vcpu
 * @gfn: guest frame
 * @write: must it be writable?
 *
 * Return: as vcpu_frame().
 */
void *frame_ptr_slow(struct vcpu *v, u64 gfn, bool write)
{
	struct frame_cache *c = &v->frames[gfn % FRAME_CACHE];
	struct domain *d = v->domain;
	u64 mfn;
	bool w;

	if (p2m_lookup(d, gfn, &mfn, &w) != P2M_RAM || (write && !w))
		return NULL;
	c->gfn = gfn;
	c->gen = d->p2m_gen;
	c->writable = w;
	c->page = arch_ma_to_ptr(mfn << PAGE_SHIFT);
	return c->page;
}

/**
 * gpa_write() - copy into a domain's memory
 * @d: the domain
 * @gpa: guest physical address
 * @src: from, NULL for zeroes
 * @n: bytes
 *
 * For builders and for the areas that the hypervisor fills at its own time.
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
 * @dst: to
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
