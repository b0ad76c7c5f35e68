/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drivers/xen/grant-table.c includes this file unconditionally. A domain without devices of
 * its own does no DMA and needs no bounce buffers.
 */
#ifndef _ASM_POWERPC_XEN_SWIOTLB_XEN_H
#define _ASM_POWERPC_XEN_SWIOTLB_XEN_H

static inline int xen_swiotlb_detect(void)
{
	return 0;
}

#endif /* _ASM_POWERPC_XEN_SWIOTLB_XEN_H */
