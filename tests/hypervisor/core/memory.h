/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A domain's memory: who owns a frame, who else holds it, and how the
 * hypervisor gets at it.
 *
 * A frame of a domain carries one reference for its owner and one for each
 * place that keeps its machine address: a registered vcpu_info, a FIFO page,
 * a console ring, a mapping by another domain. It goes back to the allocator
 * when the last one is dropped, so nothing that leaves a p2m can be reused
 * under somebody's hands; and it counts as its domain's until then.
 */
#ifndef HV_CORE_MEMORY_H
#define HV_CORE_MEMORY_H

#include "core/arch.h"
#include "core/domain.h"
#include "lib/page.h"

#define GFN_NONE	(~0UL)
#define MFN_NONE	(~0UL)

bool page_get(struct page *pg);
void page_put(u64 mfn);

int memory_populate(struct domain *d, u64 gfn, u64 nr);
int memory_remove(struct domain *d, u64 gfn);
int memory_remove_extent(struct domain *d, u64 gfn, u64 nr, struct list_head *gone);
void memory_remove_end(struct domain *d, struct list_head *gone);
int memory_map_frame(struct domain *d, u64 gfn, u64 mfn, enum p2m_type type, bool writable);
bool memory_release(struct domain *d, u32 budget);
bool memory_gfn_valid(const struct domain *d, u64 gfn);

int frame_get(struct domain *d, u64 gfn, u64 *mfn);
void *frame_ptr(struct domain *d, u64 gfn, bool write);
int gpa_write(struct domain *d, u64 gpa, const void *src, u64 n);
int gpa_read(struct domain *d, u64 gpa, void *dst, u64 n);

void *frame_ptr_slow(struct vcpu *v, u64 gfn, bool write);

/*
 * The frame of the caller's own RAM at @gfn, for this hypercall only; NULL if
 * there is none, or @write and it is read-only. The cache makes the common
 * case a few instructions; whatever takes a frame out of a p2m counts up
 * p2m_gen, which empties it.
 */
static inline void *vcpu_frame(struct vcpu *v, u64 gfn, bool write)
{
	const struct frame_cache *c = &v->frames[gfn % FRAME_CACHE];

	if (likely(c->gfn == gfn && c->gen == v->domain->p2m_gen && c->writable >= write))
		return c->page;
	return frame_ptr_slow(v, gfn, write);
}

s64 do_memory_op(struct vcpu *v, u64 *arg);

#endif
