/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The model of the processor's translation (tests/unit/mmu.c) in place of the
 * instructions of arch/mmu.h, for arch/p2m.c and arch/radix.c on the build machine.
 */
#ifndef HV_HOST_MMU_H
#define HV_HOST_MMU_H

u64 rpte_read(const be64 *p);
void rpte_write(be64 *p, u64 e);
void table_barrier(void);
void ptesync(void);
void tlbie(u64 rb, u64 rs, unsigned int ric, unsigned int prs);
void tlbiel(u64 rb, unsigned int ric, unsigned int prs);
void tlb_wait(void);
void erat_flush_guests(void);
void erat_flush_all(void);
void lpidr_set(u32 lpid);
void ptcr_set(u64 ptcr);
void mmu_isync(void);
u64 pvr(void);

/* For tests. A model guest is a page table of MMU_PAGES pages, under one PID. */
#define MMU_CPUS	3
#define MMU_PAGES	8
#define MMU_LPIDS	8

extern u64 mmu_pvr;
extern u64 mmu_guest[MMU_LPIDS][MMU_PAGES];	/* guest frame of each page */
extern u64 mmu_ranges[2][2];			/* guest frames that guests touch: first, number */
extern bool mmu_spread;				/* and those of mmu_spread_gfn() */
extern unsigned long mmu_fills, mmu_ended;
extern const char *mmu_freed_early;		/* a frame was freed that a processor had cached */
extern void (*mmu_on_read)(void);		/* called once, after mmu_on_read_at more calls of rpte_read() */
extern unsigned int mmu_on_read_at;

#define MMU_SPREAD	128

/* Two frames in each of 64 tables of leaves, which are in 16 tables; far from all others. */
static inline u64 mmu_spread_gfn(u64 i)
{
	return (1UL << 30) + (i & 1) + ((i >> 1 & 3) << 9) + ((i >> 3) << 18);
}

u64 mmu_random(void);
void mmu_speculate(void);
const char *mmu_violation(void);
const char *mmu_process_violation(u32 lpid);
void mmu_guest_pid(bool uses);
void mmu_guest_new_pid(u32 lpid);
void mmu_guest_tlbiel(u64 page);

/* Of the linker's --wrap. */
struct page;
void __real_free_pages(u64 ma, unsigned int order);
void __wrap_free_pages(u64 ma, unsigned int order);
void __real_grace_free_frame(struct page *pg);
void __wrap_grace_free_frame(struct page *pg);

#endif
