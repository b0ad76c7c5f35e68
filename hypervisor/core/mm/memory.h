/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory of domains: ownership and references of frames, and the hypervisor's access to them.
 *
 * A frame of a domain has one reference for its owner and one for each place that keeps its
 * machine address: a registered vcpu_info, a FIFO page, a console ring, a mapping by another
 * domain. The frame counts towards its domain's memory until the last reference is dropped. It
 * returns to the allocator a grace period after that (core/base/grace.h): a hypercall that found the
 * frame in a p2m, without a lock or a reference, may use it until the hypercall ends.
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
 * Takes a reference on a frame that is in use. Return: false if the frame is being freed, or if
 * one more reference could make the count wrap.
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
 * Drops a reference on a frame of a domain; the last one frees the frame. A frame that its owner
 * has released still counts towards the owner's memory until then, so that a domain cannot exceed
 * its limit by having other domains keep its frames mapped. The last frame of a dead domain
 * makes domain_reap() free the domain.
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

/* The frames of a domain, including released ones that other domains still have mapped. */
static inline u64 domain_pages(const struct domain *d)
{
	return __atomic_load_n(&d->tot_pages, __ATOMIC_ACQUIRE);
}

static inline u64 ram_frames(const struct domain *d)
{
	return d->cfg.memory >> PAGE_SHIFT;
}

/*
 * May a domain have something mapped at this guest frame? Only where its builder put RAM and in
 * the windows that its device tree names, which bounds the memory that its p2m takes.
 */
static inline bool memory_gfn_valid(const struct domain *d, u64 gfn)
{
	u64 first = d->ext_base >> PAGE_SHIFT;

	return gfn - first < d->ext_size >> PAGE_SHIFT || gfn < ram_frames(d);
}

/* What is left to do of populating a new domain's memory in steps. */
struct populate {
	u64 gfn, nr;		/* frames without a mapping */
	u64 block;		/* address of the block that is being cleared, 0: none */
	unsigned int order;	/* of the block */
	u64 done;		/* frames of it that are cleared, and belong to the domain */
};

/* populate.c */
int memory_populate(struct domain *d, u64 gfn, u64 nr);
int memory_populate_locked(struct domain *d, u64 gfn, u64 nr);
int memory_populate_step(struct domain *d, struct populate *p);

/* memory.c */
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

/* Invalidates all frame caches of @d, after an entry of its p2m was changed. page_lock held. */
static inline void p2m_changed(struct domain *d)
{
	/* Release: a pCPU that reads the new count finds the changed entry in the p2m. */
	__atomic_store_n(&d->p2m_gen, d->p2m_gen + 1, __ATOMIC_RELEASE);
}

/* frame_cached() without the p2m lookup. Return: also NULL if the cache does not have the frame. */
static inline void *frame_hit(const struct domain *d, const struct frame_cache *c, u64 gfn,
			      bool write)
{
	if (likely(c->gfn == gfn && c->gen == READ_ONCE(d->p2m_gen) && c->writable >= write))
		return c->page;
	return NULL;
}

/*
 * A pointer to the frame of a domain's RAM at @gfn, valid for this hypercall; NULL if there is no
 * RAM, or if @write is set and the frame is read-only. The cache @c, used by one pCPU at a time,
 * makes the common case a few instructions. Each removal from a p2m increments p2m_gen, which
 * invalidates the cache. A frame that is removed just after p2m_gen was read here is not
 * reused before this hypercall ends, since the frame waits for a grace period.
 */
static inline void *frame_cached(struct domain *d, struct frame_cache *c, u64 gfn, bool write)
{
	void *page = frame_hit(d, c, gfn, write);

	return likely(page) ? page : frame_ptr_slow(d, c, gfn, write);
}

/* frame_cached() for the caller of a hypercall, with the caches of its vcpu @v. */
static inline void *vcpu_frame(struct vcpu *v, u64 gfn, bool write)
{
	return frame_cached(v->domain, &v->frames[gfn % FRAME_CACHE], gfn, write);
}

static inline void *vcpu_frame_hit(const struct vcpu *v, u64 gfn, bool write)
{
	return frame_hit(v->domain, &v->frames[gfn % FRAME_CACHE], gfn, write);
}

#endif
