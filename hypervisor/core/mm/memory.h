/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A domain's memory: who owns a frame, who else holds it, and how the
 * hypervisor gets at it.
 *
 * A frame of a domain carries one reference for its owner and one for each
 * place that keeps its machine address: a registered vcpu_info, a FIFO page,
 * a console ring, a mapping by another domain. It counts as its domain's until
 * the last one is dropped. It goes back to the allocator a grace period later
 * (grace.h), so that what a hypercall found in a p2m without a lock or a
 * reference is no other's frame before that hypercall has ended.
 */
#ifndef HV_CORE_MM_MEMORY_H
#define HV_CORE_MM_MEMORY_H

#include "core/arch_ops.h"
#include "core/base/domain_types.h"
#include "lib/bitops.h"
#include "lib/page.h"

#define GFN_NONE	(~0UL)
#define MFN_NONE	(~0UL)

void page_gone(u64 mfn);

/*
 * Takes a reference on a frame that is in use; false if the frame is being
 * freed, or has so many references that one more could make the count wrap.
 */
static inline bool page_get(struct page *pg)
{
	u32 count = READ_ONCE(pg->count);

	do {
		if (unlikely(count == 0 || count >= 1U << 31))
			return false;
	} while (unlikely(!try_cmpxchg(&pg->count, &count, count + 1)));
	return true;
}

/*
 * Drops a reference on a frame of a domain; the last one frees it. Until then
 * it counts as its domain's, given up or not: nobody gets more memory by having
 * others hold on to what it gave back. A dead domain goes with the last of its
 * frames.
 */
static inline void page_put(u64 mfn)
{
	if (unlikely(__atomic_sub_fetch(&mfn_to_page(mfn)->count, 1, __ATOMIC_ACQ_REL) == 0))
		page_gone(mfn);
}

/*
 * Drops the reference of a foreign mapping: @d had frame @mfn of another domain in its p2m, and no
 * pCPU translates to it any more.
 */
static inline void memory_foreign_drop(struct domain *d, u64 mfn)
{
	__atomic_sub_fetch(&d->foreign_maps, 1, __ATOMIC_RELAXED);
	page_put(mfn);
}

/* Frames that it has, its own or given up and still held by others. */
static inline u64 domain_pages(const struct domain *d)
{
	return __atomic_load_n(&d->tot_pages, __ATOMIC_ACQUIRE);
}

static inline u64 ram_frames(const struct domain *d)
{
	return d->cfg.memory >> PAGE_SHIFT;
}

/*
 * May a domain have something mapped at a frame? Only where its builder put
 * RAM, and in the windows that its device tree names: this bounds what its
 * p2m can cost.
 */
static inline bool memory_gfn_valid(const struct domain *d, u64 gfn)
{
	u64 first = d->ext_base >> PAGE_SHIFT;

	return gfn - first < d->ext_size >> PAGE_SHIFT || gfn < ram_frames(d);
}

int memory_populate(struct domain *d, u64 gfn, u64 nr);
int memory_populate_extent(struct domain *d, u64 gfn, u64 nr);
int memory_remove(struct domain *d, u64 gfn);
int memory_remove_extent(struct domain *d, u64 gfn, u64 nr, struct list_head *gone);
void memory_remove_end(struct domain *d, struct list_head *gone);
int memory_map_frame(struct domain *d, u64 gfn, u64 mfn, enum p2m_type type, bool writable);
bool memory_release(struct domain *d, u32 budget);

int frame_get(struct domain *d, u64 gfn, u64 *mfn);
void *frame_ptr(struct domain *d, u64 gfn, bool write);
int gpa_write(struct domain *d, u64 gpa, const void *src, u64 n);
int gpa_read(struct domain *d, u64 gpa, void *dst, u64 n);

void *frame_ptr_slow(struct domain *d, struct frame_cache *c, u64 gfn, bool write);

/* Counts a change of the p2m, whose entry has been written. page_lock held. */
static inline void p2m_changed(struct domain *d)
{
	/* Release: who reads the new count looks the entry up anew, and finds it. */
	__atomic_store_n(&d->p2m_gen, d->p2m_gen + 1, __ATOMIC_RELEASE);
}

/* What a cache knows of a frame, as frame_cached(); NULL if it has no answer, too. */
static inline void *frame_hit(const struct domain *d, const struct frame_cache *c, u64 gfn,
			      bool write)
{
	if (likely(c->gfn == gfn && c->gen == READ_ONCE(d->p2m_gen) && c->writable >= write))
		return c->page;
	return NULL;
}

/*
 * The frame of a domain's RAM at @gfn, for this hypercall only; NULL if there is
 * none, or @write and it is read-only. @c, which its user does not share with
 * another pCPU, makes the common case a few instructions; whatever takes a
 * frame out of a p2m counts up p2m_gen, which empties it. A frame taken out
 * just behind our look at p2m_gen is not reused before this hypercall's end.
 */
static inline void *frame_cached(struct domain *d, struct frame_cache *c, u64 gfn, bool write)
{
	void *page = frame_hit(d, c, gfn, write);

	return likely(page) ? page : frame_ptr_slow(d, c, gfn, write);
}

/* The same for the caller of a hypercall: @v is the vcpu that runs here. */
static inline void *vcpu_frame(struct vcpu *v, u64 gfn, bool write)
{
	return frame_cached(v->domain, &v->frames[gfn % FRAME_CACHE], gfn, write);
}

static inline void *vcpu_frame_hit(const struct vcpu *v, u64 gfn, bool write)
{
	return frame_hit(v->domain, &v->frames[gfn % FRAME_CACHE], gfn, write);
}

#endif
