// SPDX-License-Identifier: GPL-2.0
/*
 * Foreign memory: dom0 maps frames of other domains by (domid, gfn), for its toolstack. Each
 * mapping holds a reference on its frame; a dead owner keeps its number and struct until the
 * last such reference is dropped. The hypercall is XENMEM_add_to_physmap_range, in
 * core/hypercall/memory_op.c.
 */
#include "core/arch_ops.h"
#include "core/mm/memory_foreign.h"
#include "core/mm/memory.h"

/**
 * memory_foreign_map() - map a frame of another domain
 * @d: the domain that gets the mapping
 * @gfn: guest frame of @d; memory_gfn_valid() holds
 * @from: the owner of the frame
 * @from_gfn: guest frame of @from, writable RAM
 *
 * Return: 0, -EINVAL if there is no such frame, -EBUSY where a grant is
 * mapped, -ENOMEM.
 */
int memory_foreign_map(struct domain *d, u64 gfn, struct domain *from, u64 from_gfn)
{
	u64 mfn;
	int rc;

	rc = frame_get(from, from_gfn, &mfn);
	if (rc)
		return rc;
	__atomic_add_fetch(&d->foreign_maps, 1, __ATOMIC_RELAXED);
	rc = memory_map_frame(d, gfn, mfn, P2M_FOREIGN, true);
	if (rc)
		memory_foreign_drop(d, mfn);
	return rc;
}
