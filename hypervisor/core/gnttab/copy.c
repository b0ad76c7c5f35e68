// SPDX-License-Identifier: GPL-2.0
/*
 * GNTTABOP_copy: copies bytes from one page to another. Each side is a page of
 * the caller, named by frame number, or of any domain, named by grant reference.
 * Nothing is mapped, so no translation has to be flushed.
 *
 * A grant is pinned while it is copied from or to. Back ends copy several pieces
 * of the same page in a row, so each side keeps its grant pinned until another
 * page is needed or the call ends.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "lib/string.h"

static void copy_side_release(struct gnttab_copy_side *s)
{
	if (!s->rd)
		return;
	spin_lock(&s->rd->gt->lock);
	grant_unpin(s->rd, s->ref, !s->write);
	spin_unlock(&s->rd->gt->lock);
	s->rd = NULL;
}

/*
 * A page of the caller, found without a reference. If another vcpu removes it
 * from the p2m now, it is not reused before the end of this hypercall (grace.h).
 */
static s16 copy_own_page(struct vcpu *v, struct gnttab_copy_side *s,
			 const struct gnttab_copy_ptr *p)
{
	if (p->domid != DOMID_SELF && p->domid != v->domain->id)
		return GNTST_permission_denied;
	copy_side_release(s);
	s->page = vcpu_frame(v, p->u.gmfn, s->write);
	return s->page ? GNTST_okay : GNTST_bad_page;
}

/* A page by grant reference, pinned unless it is the one that is pinned already. */
static s16 copy_granted_page(struct vcpu *v, struct gnttab_copy_side *s,
			     const struct gnttab_copy_ptr *p)
{
	struct domain *rd = p->domid == DOMID_SELF ? v->domain : domain_find(p->domid);
	u64 mfn;
	s16 st;

	if (!rd)
		return GNTST_bad_domain;
	if (s->rd == rd && s->ref == p->u.ref)
		return GNTST_okay;
	copy_side_release(s);
	spin_lock(&rd->gt->lock);
	st = grant_pin(rd, p->u.ref, v->domain->id, !s->write, &mfn);
	spin_unlock(&rd->gt->lock);
	if (st)
		return st;
	s->rd = rd;
	s->ref = p->u.ref;
	s->page = arch_ma_to_ptr(mfn << PAGE_SHIFT);
	return GNTST_okay;
}

static s16 gnttab_copy_one(struct vcpu *v, struct gnttab_copy_side *from,
			   struct gnttab_copy_side *to, const struct gnttab_copy *op)
{
	s16 st;

	if ((op->flags & ~(GNTCOPY_source_gref | GNTCOPY_dest_gref)) ||
	    op->source.offset + (u32)op->len > PAGE_SIZE ||
	    op->dest.offset + (u32)op->len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	st = op->flags & GNTCOPY_source_gref ? copy_granted_page(v, from, &op->source) :
					       copy_own_page(v, from, &op->source);
	if (unlikely(st))
		return st;
	st = op->flags & GNTCOPY_dest_gref ? copy_granted_page(v, to, &op->dest) :
					     copy_own_page(v, to, &op->dest);
	if (unlikely(st))
		return st;
	/* Both sides may be the same page, and the ranges may overlap. */
	if (unlikely(to->page == from->page))
		memmove(to->page + op->dest.offset, from->page + op->source.offset, op->len);
	else
		arch_copy(to->page + op->dest.offset, from->page + op->source.offset, op->len);
	return GNTST_okay;
}

/**
 * gnttab_copy() - copy a batch of pieces
 * @v: calling vcpu
 * @sides: the two pages, kept from one batch to the next; GNTTAB_COPY_SIDES at first
 * @op: what to copy; status is filled in
 * @n: number of operations
 *
 * The caller calls gnttab_copy_end() after the last batch.
 *
 * Takes, for each granter, its gt->lock.
 */
void gnttab_copy(struct vcpu *v, struct gnttab_copy_sides *sides, struct gnttab_copy *op,
		 unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		op[i].status = gnttab_copy_one(v, &sides->from, &sides->to, &op[i]);
}

/**
 * gnttab_copy_end() - unpin the grants that gnttab_copy() has kept
 * @sides: the two pages
 *
 * Takes the gt->lock of each granter.
 */
void gnttab_copy_end(struct gnttab_copy_sides *sides)
{
	copy_side_release(&sides->from);
	copy_side_release(&sides->to);
}
