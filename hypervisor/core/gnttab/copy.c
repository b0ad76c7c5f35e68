// SPDX-License-Identifier: GPL-2.0
/*
 * GNTTABOP_copy: bytes from a page to a page, each of the caller's own memory
 * or by a grant of any domain. Nothing is mapped, so nothing has to be flushed.
 *
 * A grant is pinned while it is copied. Back ends copy several pieces from or
 * to one page, one after the other, so each side keeps its last page until an
 * operation names another one or the call ends.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "lib/string.h"

static void side_release(struct gnttab_copy_side *s)
{
	if (!s->rd)
		return;
	spin_lock(&s->rd->gt->lock);
	grant_unpin(s->rd, s->ref, !s->write);
	spin_unlock(&s->rd->gt->lock);
	s->rd = NULL;
}

/* A page of the caller's own. If it is removed meanwhile, it is not reused before the hypercall ends. */
static s16 own_page(struct vcpu *v, struct gnttab_copy_side *s, const struct gnttab_copy_ptr *p)
{
	if (p->domid != DOMID_SELF && p->domid != v->domain->id)
		return GNTST_permission_denied;
	side_release(s);
	s->page = vcpu_frame(v, p->u.gmfn, s->write);
	return s->page ? GNTST_okay : GNTST_bad_page;
}

static s16 granted_page(struct vcpu *v, struct gnttab_copy_side *s, const struct gnttab_copy_ptr *p)
{
	struct domain *rd = p->domid == DOMID_SELF ? v->domain : domain_find(p->domid);
	u64 mfn;
	s16 st;

	if (!rd)
		return GNTST_bad_domain;
	if (s->rd == rd && s->ref == p->u.ref)
		return GNTST_okay;
	side_release(s);
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

static s16 copy_one(struct vcpu *v, struct gnttab_copy_side *from,
		    struct gnttab_copy_side *to, const struct gnttab_copy *op)
{
	s16 st;

	if ((op->flags & ~(GNTCOPY_source_gref | GNTCOPY_dest_gref)) ||
	    op->source.offset + (u32)op->len > PAGE_SIZE ||
	    op->dest.offset + (u32)op->len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	st = op->flags & GNTCOPY_source_gref ? granted_page(v, from, &op->source) :
					       own_page(v, from, &op->source);
	if (unlikely(st))
		return st;
	st = op->flags & GNTCOPY_dest_gref ? granted_page(v, to, &op->dest) :
					     own_page(v, to, &op->dest);
	if (unlikely(st))
		return st;
	/* The two may be the same page, by two names. */
	if (unlikely(to->page == from->page))
		memmove(to->page + op->dest.offset, from->page + op->source.offset, op->len);
	else
		arch_copy(to->page + op->dest.offset, from->page + op->source.offset, op->len);
	return GNTST_okay;
}

/**
 * gnttab_copy() - copy a batch of pieces
 * @v: calling vcpu
 * @sides: the pages that are held; GNTTAB_COPY_SIDES at first
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
		op[i].status = copy_one(v, &sides->from, &sides->to, &op[i]);
}

/**
 * gnttab_copy_end() - unpin the pages that are held for the next batch
 * @sides: the pages
 *
 * Takes the gt->lock of the granters.
 */
void gnttab_copy_end(struct gnttab_copy_sides *sides)
{
	side_release(&sides->from);
	side_release(&sides->to);
}
