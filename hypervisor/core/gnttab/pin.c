// SPDX-License-Identifier: GPL-2.0
/*
 * Pinning: the beginning and the end of each use of a grant.
 *
 * A granter can change its grant entry at any time, by the rules or against
 * them. grant_pin() reads flags and domid as one 32-bit word, checks them, and
 * sets GTF_reading and GTF_writing by a compare-and-swap of the same word, so
 * that the mark goes into the very grant that was checked. With a
 * compare-and-swap of the flags alone, a granter could revoke the grant and
 * grant the entry to another domain in between, and the caller would use a
 * grant that is not its own.
 *
 * A granter that keeps to the rules revokes a grant by a compare-and-exchange of
 * the flags, and only while neither GTF_reading nor GTF_writing is set. One that
 * changes the entry all the time only makes its own grant fail.
 */
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "lib/bitops.h"
#include "lib/byteorder.h"

#define PIN_TRIES	8	/* of a compare-and-swap that the granter makes fail */

/* Flags and domid at their place in the 32-bit word that has both. */
#define FLAGS(f)	((u32)(f) << (HV_LITTLE_ENDIAN ? 0 : 16))
#define DOMID(id)	((u32)(id) << (HV_LITTLE_ENDIAN ? 16 : 0))

/* Checks the entry, and sets GTF_reading (and GTF_writing) in it. Return: GNTST_*. */
static inline s16 grant_mark_used(struct grant_entry_v1 *e, u16 user, bool readonly)
{
	const u32 used = FLAGS(readonly ? GTF_reading : GTF_reading | GTF_writing);
	u32 *word = (u32 *)&e->flags, old = READ_ONCE(*word);

	for (int i = 0; i < PIN_TRIES; i++) {
		if ((old & (FLAGS(GTF_type_mask) | DOMID(0xffff))) !=
		    (FLAGS(GTF_permit_access) | DOMID(user)))
			return GNTST_bad_gntref;
		if (!readonly && (old & FLAGS(GTF_readonly)))
			return GNTST_permission_denied;
		if (likely(try_cmpxchg(word, &old, old | used)))
			return GNTST_okay;
	}
	return GNTST_general_error;
}

/* The atomic operation orders the accesses of the user before the store that ends the use. */
static void grant_clear_used(struct grant_entry_v1 *e, u16 flags)
{
	__atomic_fetch_and(&e->flags, (u16)~flags, __ATOMIC_SEQ_CST);
}

/**
 * grant_pin() - begin to use a grant
 * @rd: the granter, gt->lock held
 * @ref: the grant reference, unchecked
 * @user: domid of the domain that uses it
 * @readonly: the use only reads
 * @mfn: set to the machine frame, which stays allocated until grant_unpin()
 *
 * Return: GNTST_okay; GNTST_bad_gntref for a reference out of range, an entry
 * that grants nothing or grants it to another domain; GNTST_permission_denied
 * for a use that writes by a read-only grant; GNTST_bad_page for a frame that
 * is not the granter's RAM; GNTST_general_error if the granter changes the
 * entry again and again.
 */
s16 grant_pin(struct domain *rd, u32 ref, u16 user, bool readonly, u64 *mfn)
{
	struct gnttab *gt = rd->gt;
	struct grant_entry_v1 *e;
	struct grant_active *act;
	u64 frame;
	bool fresh;
	s16 st;

	if (ref >= gnttab_entries(gt))
		return GNTST_bad_gntref;
	act = grant_active(gt, ref);
	e = grant_entry(gt, ref);
	fresh = !act->readers && !act->writers;
	/*
	 * Another domain uses act->mfn by an earlier grant. The entry may grant
	 * another frame to @user by now.
	 */
	if (!fresh && act->user != user)
		return GNTST_bad_gntref;
	if (fresh || (!readonly && !act->writers)) {
		st = grant_mark_used(e, user, readonly);
		if (st)
			return st;
	}
	if (fresh) {
		/*
		 * The granter stores the frame, then the flags; this reads the
		 * flags, then the frame, and the compare-and-swap keeps that
		 * order. From GTF_reading on, a granter that keeps to the rules
		 * does not change the frame.
		 */
		if (frame_get(rd, READ_ONCE(e->frame), &frame)) {
			grant_clear_used(e, GTF_reading | GTF_writing);
			return GNTST_bad_page;
		}
		act->mfn = frame;
		act->user = user;
		gt->pinned++;
	}
	if (readonly)
		act->readers++;
	else
		act->writers++;
	*mfn = act->mfn;
	return GNTST_okay;
}

/**
 * grant_unpin() - end a use of a grant
 * @rd: the granter, alive or dying; gt->lock held
 * @ref: a pinned grant
 * @readonly: as given to grant_pin()
 *
 * The end of the last use drops the reference on the frame. A dying granter is
 * freed after its last frame, but not before this pCPU has passed through
 * exit_work() (grace.h), so the caller may still unlock it.
 */
void grant_unpin(struct domain *rd, u32 ref, bool readonly)
{
	struct grant_active *act = grant_active(rd->gt, ref);
	u16 clear = 0;

	if (readonly)
		act->readers--;
	else if (--act->writers == 0)
		clear = GTF_writing;
	if (!act->readers && !act->writers) {
		clear |= GTF_reading;
		rd->gt->pinned--;
		page_put(act->mfn);
	}
	if (clear)
		grant_clear_used(grant_entry(rd->gt, ref), clear);
}
