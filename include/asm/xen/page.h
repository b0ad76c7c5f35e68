/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frame numbers on Xen. The hypervisor translates guest physical addresses, so a guest frame
 * number (gfn), a bus frame number (bfn) and a Linux frame number (pfn) in units of 4 KiB
 * are equal.
 */
#ifndef _ASM_POWERPC_XEN_PAGE_H
#define _ASM_POWERPC_XEN_PAGE_H

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/pgtable.h>
#include <linux/types.h>

#include <xen/xen.h>
#include <xen/interface/grant_table.h>

struct xen_ppc_machine_addr {
	phys_addr_t maddr;
};

#define INVALID_P2M_ENTRY	(~0UL)

static inline unsigned long pfn_to_gfn(unsigned long pfn)
{
	return pfn;
}

static inline unsigned long gfn_to_pfn(unsigned long gfn)
{
	return gfn;
}

static inline unsigned long pfn_to_bfn(unsigned long pfn)
{
	return pfn;
}

static inline unsigned long bfn_to_pfn(unsigned long bfn)
{
	return bfn;
}

#define bfn_to_local_pfn(bfn)	bfn_to_pfn(bfn)

/* @v must lie in the linear map. */
#define virt_to_gfn(v)						\
({								\
	WARN_ON_ONCE(!virt_addr_valid(v));			\
	pfn_to_gfn(virt_to_phys(v) >> XEN_PAGE_SHIFT);		\
})
#define gfn_to_virt(gfn)	(__va(gfn_to_pfn(gfn) << XEN_PAGE_SHIFT))

/* Static and dynamic per-cpu memory may lie outside the linear map. */
#define percpu_to_gfn(v)	(pfn_to_gfn(per_cpu_ptr_to_phys(v) >> XEN_PAGE_SHIFT))

/* Only PV domains need the machine address of a page table entry. */
static inline struct xen_ppc_machine_addr arbitrary_virt_to_machine(void *vaddr)
{
	WARN_ON_ONCE(1);
	return (struct xen_ppc_machine_addr) { };
}

int set_foreign_p2m_mapping(struct gnttab_map_grant_ref *map_ops,
			    struct gnttab_map_grant_ref *kmap_ops,
			    struct page **pages, unsigned int count);
int clear_foreign_p2m_mapping(struct gnttab_unmap_grant_ref *unmap_ops,
			      struct gnttab_unmap_grant_ref *kunmap_ops,
			      struct page **pages, unsigned int count);

static inline bool __set_phys_to_machine(unsigned long pfn, unsigned long mfn)
{
	return true;
}

static inline bool set_phys_to_machine(unsigned long pfn, unsigned long mfn)
{
	return true;
}

/*
 * The balloon driver flushes the TLB after it has unmapped pages from the kernel's page
 * tables. On powerpc they stay mapped in the linear map. The hypervisor flushes its own
 * translation when it takes the frames.
 */
#ifndef flush_tlb_all
#define flush_tlb_all()	do { } while (0)
#endif

#endif /* _ASM_POWERPC_XEN_PAGE_H */
