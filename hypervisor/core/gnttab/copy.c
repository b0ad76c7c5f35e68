// SPDX-License-Identifier: GPL-2.0
/*
 * GNTTABOP_copy: bytes from a page to a page, each of the caller's own memory
 * or by a grant of anybody's. Nothing is mapped, so nothing has to be flushed.
 *
 * A grant is pinned while it is copied. Back ends copy several pieces from or
 * to one page, one after the other, so each side keeps its last page until
 * another one is wanted or the call ends.
 */
#include "core/arch_ops.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"
#include "lib/string.h"

#define CHUNK		24	/* elements on the stack: a KiB */
#define BEFORE_PAUSE	72	/* elements before the guest may take interrupts */

struct side {
	struct domain *rd;	/* the granter of the page that is held; NULL: none */
	u8 *page;
	u32 ref;
	bool write;
};

static void side_release(struct side *s)
{
	if (!s->rd)
		return;
	spin_lock(&s->rd->gt->lock);
	grant_unpin(s->rd, s->ref, !s->write);
	spin_unlock(&s->rd->gt->lock);
	s->rd = NULL;
}

/* A page of the caller's own: whoever takes it away, it is no other's before the end of the hypercall. */
static s16 own_page(struct vcpu *v, struct side *s, const struct gnttab_copy_ptr *p)
{
	if (p->domid != DOMID_SELF && p->domid != v->domain->id)
		return GNTST_permission_denied;
	side_release(s);
	s->page = vcpu_frame(v, p->u.gmfn, s->write);
	return s->page ? GNTST_okay : GNTST_bad_page;
}

static s16 granted_page(struct vcpu *v, struct side *s, const struct gnttab_copy_ptr *p)
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

static s16 copy_one(struct vcpu *v, struct side *from, struct side *to,
		    const struct gnttab_copy *op)
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
 * gnttab_copy() - GNTTABOP_copy
 * @v: calling vcpu
 * @handle: array of struct gnttab_copy
 * @done: elements done before
 * @count: elements of the array
 *
 * Return: elements done, or -EFAULT.
 */
s64 gnttab_copy(struct vcpu *v, u64 handle, u64 done, u64 count)
{
	struct side from = { .write = false }, to = { .write = true };
	u64 stop = min(count, done + BEFORE_PAUSE), n;
	struct gnttab_copy op[CHUNK];
	s64 rc = 0;

	while (done < stop && !rc) {
		n = min(stop - done, (u64)CHUNK);
		rc = copy_from_guest(v, handle, done * sizeof(op[0]), op, n * sizeof(op[0]));
		if (rc)
			break;
		for (u64 i = 0; i < n; i++)
			op[i].status = copy_one(v, &from, &to, &op[i]);
		rc = copy_to_guest(v, handle, done * sizeof(op[0]), op, n * sizeof(op[0]));
		done += n;
	}
	side_release(&from);
	side_release(&to);
	return rc ? rc : (s64)done;
}
