/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A domain without devices of its own makes no DMA, so nothing has to be bounced
 * into machine memory. drivers/xen/grant-table.c includes this in any case.
 */
#ifndef _ASM_POWERPC_XEN_SWIOTLB_XEN_H
#define _ASM_POWERPC_XEN_SWIOTLB_XEN_H

static inline int xen_swiotlb_detect(void)
{
	return 0;
}

#endif /* _ASM_POWERPC_XEN_SWIOTLB_XEN_H */
