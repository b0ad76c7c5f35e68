// SPDX-License-Identifier: GPL-2.0
/*
 * Foreign memory: dom0 maps frames of other domains by (domid, gfn), for its
 * tools. Each mapping holds a reference on its page, so the page, and with it
 * the number and struct of its owner, outlives what its owner does. The
 * hypercall is XENMEM_add_to_physmap_range, in core/hypercall/memory_op.c.
 */
#include "core/arch_ops.h"
#include "core/mm/memory_foreign.h"
#include "core/mm/memory.h"

/**
 * foreign_map() - map a frame of another domain
 * @d: who gets it
 * @gfn: where; memory_gfn_valid() holds
 * @from: its owner
 * @from_gfn: which, writable RAM of @from
 *
 * Return: 0, -EINVAL if there is no such frame, -EBUSY where a grant is
 * mapped, -ENOMEM.
 */
int foreign_map(struct domain *d, u64 gfn, struct domain *from, u64 from_gfn)
{
	u64 mfn;
	int rc;

	rc = frame_get(from, from_gfn, &mfn);
	if (rc)
		return rc;
	__atomic_add_fetch(&d->foreign_maps, 1, __ATOMIC_RELAXED);
	rc = memory_map_frame(d, gfn, mfn, P2M_FOREIGN, true);
	if (rc)
		foreign_drop(d, mfn);
	return rc;
}

/**
 * foreign_drop() - a mapping is gone
 * @d: who had it; no processor translates to it any more
 * @mfn: the frame, whose reference goes with it
 */
void foreign_drop(struct domain *d, u64 mfn)
{
	__atomic_sub_fetch(&d->foreign_maps, 1, __ATOMIC_RELAXED);
	page_put(mfn);
}
