// SPDX-License-Identifier: GPL-2.0
/*
 * A single grant: pinning it for a use, and letting it go.
 *
 * The granter may change its entry at any time, in good faith or not. Flags
 * and domid are read as one word and replaced as one word, so that the use is
 * recorded in the very grant that was checked: with the flags alone, a grant
 * revoked and given to somebody else in between would be taken for the old
 * one. An honest granter clears its flags with a compare-and-exchange that
 * fails once GTF_reading or GTF_writing is there; one that writes without end
 * only makes its own grant fail.
 */
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "lib/bitops.h"
#include "lib/byteorder.h"

#define ATTEMPTS	8

/* Flags and domid as the word that they are. */
#define FLAGS(f)	((u32)(f) << (HV_LITTLE_ENDIAN ? 0 : 16))
#define DOMID(id)	((u32)(id) << (HV_LITTLE_ENDIAN ? 16 : 0))

/* Records in the granter's own entry that @user has it. */
static inline s16 mark_used(struct grant_entry_v1 *e, u16 user, bool readonly)
{
	const u32 used = FLAGS(readonly ? GTF_reading : GTF_reading | GTF_writing);
	u32 *word = (u32 *)&e->flags, old = READ_ONCE(*word);

	for (int i = 0; i < ATTEMPTS; i++) {
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

static void mark_unused(struct grant_entry_v1 *e, u16 flags)
{
	__atomic_fetch_and(&e->flags, (u16)~flags, __ATOMIC_SEQ_CST);
}

/**
 * grant_pin() - begin to use a grant
 * @rd: the granter, gt->lock held
 * @ref: its number, as the user gave it
 * @user: domid of the user
 * @readonly: the use only reads
 * @mfn: where to store the machine frame; it stays until grant_unpin()
 *
 * Return: GNTST_okay; GNTST_bad_gntref for a number out of range, an entry
 * that grants nothing or grants it to another; GNTST_permission_denied for
 * writing what may be read; GNTST_bad_page for a frame that is not the
 * granter's RAM; GNTST_general_error if the granter keeps changing it.
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
	/* What somebody has mapped of an earlier grant is not this user's. */
	if (!fresh && act->user != user)
		return GNTST_bad_gntref;
	if (fresh || (!readonly && !act->writers)) {
		st = mark_used(e, user, readonly);
		if (st)
			return st;
	}
	if (fresh) {
		/* Valid since GTF_reading is there: an honest granter waits now. */
		if (frame_get(rd, READ_ONCE(e->frame), &frame)) {
			mark_unused(e, GTF_reading | GTF_writing);
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
 * grant_unpin() - end a use
 * @rd: the granter, dead or alive, gt->lock held
 * @ref: a pinned grant
 * @readonly: as it was pinned
 *
 * The last use gives up the page, and a dead granter goes with its last page,
 * but not before the caller has come to sched_next().
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
		mark_unused(grant_entry(rd->gt, ref), clear);
}
