/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The instructions by which software and the processor's translation agree:
 * access to the tables, their order, and the end of cached translations. radix.c
 * and p2m.c use no others, so that the unit tests can put a model of the
 * processor in their place (tests/unit/host/mmu.h).
 */
#ifndef HV_ARCH_MMU_H
#define HV_ARCH_MMU_H

#include "arch/cpu.h"
#include "lib/byteorder.h"

/* tlbie, tlbiel: RIC says which caches, PRS of which scope (ISA v3.0B III 5.9.3.3). */
#define RIC_TLB		0
#define RIC_ALL		2	/* TLB, walk caches, caches of the partition and the process table */
#define PRS_PARTITION	0
#define PRS_PROCESS	1

/* RB: which entries (IS), for tlbiel of which set; or a page and its size (AP). */
#define TLB_LPID	0x800UL
#define TLB_EVERYTHING	0xc00UL
#define TLB_SET_SHIFT	12
#define TLB_AP_64K	(5UL << 5)

#ifdef HV_HOST
#include "host/mmu.h"
#else

/*
 * One doubleword, read or written whole, byte-reversed on the way: a volatile
 * access and a swap would be a dozen instructions.
 */
static inline u64 rpte_read(const be64 *p)
{
	u64 e;

	if (!HV_LITTLE_ENDIAN)
		return be64_to_cpu(READ_ONCE(*p));
	asm volatile("ldbrx %0,0,%1" : "=r"(e) : "r"(p), "m"(*p));
	return e;
}

static inline void rpte_write(be64 *p, u64 e)
{
	if (HV_LITTLE_ENDIAN)
		asm volatile("stdbrx %1,0,%2" : "=m"(*p) : "r"(e), "r"(p));
	else
		WRITE_ONCE(*p, cpu_to_be64(e));
}

/* Orders earlier stores to tables before later ones, for a walk that follows the later one. */
static inline void table_barrier(void)
{
	asm volatile("lwsync" : : : "memory");
}

/* Orders earlier stores to tables before later walks and before tlbie (ISA v3.0B III 5.10). */
static inline void ptesync(void)
{
	asm volatile("ptesync" : : : "memory");
}

/* In all processors, for the partition in @rs. Complete after tlb_wait(). */
static inline __force_inline void tlbie(u64 rb, u64 rs, unsigned int ric, unsigned int prs)
{
	asm volatile(".machine push; .machine power9; tlbie %0,%1,%2,%3,1; .machine pop"
		     : : "r"(rb), "r"(rs), "i"(ric), "i"(prs) : "memory");
}

/* In this processor, for the partition in LPIDR; complete after ptesync(). */
static inline __force_inline void tlbiel(u64 rb, unsigned int ric, unsigned int prs)
{
	asm volatile(".machine push; .machine power9; tlbiel %0,%1,%2,%3,1; .machine pop"
		     : : "r"(rb), "r"(0UL), "i"(ric), "i"(prs) : "memory");
}

/* Wait until every tlbie of this processor is complete in all others. */
static inline void tlb_wait(void)
{
	asm volatile("eieio; tlbsync; ptesync" : : : "memory");
}

/* IH=6: the ERAT entries of guests, IH=7: all of the ERAT; no SLB entry (ISA v3.0B III 5.9.3.2). */
static inline void erat_flush_guests(void)
{
	asm volatile("slbia 6; isync" : : : "memory");
}

static inline void erat_flush_all(void)
{
	asm volatile("slbia 7; isync" : : : "memory");
}

/* tlbiel and translation use the new LPIDR after the next context synchronisation. */
static inline void lpidr_set(u32 lpid)
{
	mtspr(SPR_LPIDR, lpid);
}

static inline void ptcr_set(u64 ptcr)
{
	mtspr(SPR_PTCR, ptcr);
}

static inline void mmu_isync(void)
{
	isync();
}

static inline u64 pvr(void)
{
	return mfspr(SPR_PVR);
}
#endif /* !HV_HOST */

#endif
