// SPDX-License-Identifier: GPL-2.0
/*
 * Radix translation as the processor sees it: the partition table, which tree
 * is in force (LPIDR), the hypervisor's own partition 0, and the end of cached
 * translations. The trees of the domains are in p2m.c.
 */
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "arch/radix.h"
#include "lib/printf.h"

/* Partition table entry: HR, radix tree size 52 bits (split field), root bits */
#define PATE0_HR	0x8000000000000000UL
#define PATE0_RTS_52	((2UL << 61) | (5UL << 5))
#define PATE0_ROOT_BITS	13UL
#define PRTB_RTS_52	PATE0_RTS_52

#define PATS_64K	4UL

static be64 (*partition_table)[2];

/* The same on all processors, set by radix_init(). */
static bool tlbie_stq_bug, tlbie_erat_bug, tlbiel_by_set;

/*
 * POWER9's errata. ERAT: while threads of a core write LPIDR or PIDR, a tlbie may
 * leave entries in its ERAT; one for LPID 0 is not filtered and ends them. All of
 * them. STQ: a tlbie may complete before stores that were translated earlier, not
 * so a second one. Nimbus below DD2.3, Cumulus below DD1.3. The second may be of
 * any page, so it is of one that is not used.
 */
static void tlbie_errata_init(void)
{
	u64 p = pvr();
	u64 fixed = (p & PVR_P9_CHIP) == 0 ? 0x203 : 0x103;
	bool known = !(p & PVR_P9_CHIP & ~0x2000UL);

	tlbie_erat_bug = PVR_VER(p) == PVR_POWER9;
	tlbie_stq_bug = tlbie_erat_bug && (!known || (p & PVR_REV) < fixed);
	tlbiel_by_set = tlbie_erat_bug;
}

#define UNUSED_PAGE	0xffffffffff000UL	/* the last below 2^52 */

static inline void tlbie_errata(u32 lpid)
{
	if (tlbie_erat_bug) {
		ptesync();
		tlbie(TLB_LPID, 0, RIC_TLB, PRS_PARTITION);
	}
	if (tlbie_stq_bug) {
		ptesync();
		tlbie(UNUSED_PAGE | TLB_AP_64K, lpid, RIC_TLB, PRS_PARTITION);
	}
}

/**
 * radix_flush() - end all translations through one partition's tree, in every processor
 * @lpid: the partition
 *
 * Earlier stores to the tree are visible to every walk afterwards. Ends as well what is cached of
 * effective to host real addresses, since that depends on the tree (ISA v3.0B III 5.9.3.3).
 */
void radix_flush(u32 lpid)
{
	ptesync();
	tlbie(TLB_LPID, lpid, RIC_ALL, PRS_PARTITION);
	tlbie_errata(lpid);
	tlb_wait();
}

/* The same after a change of the partition's entry, of which the process table is a part. */
static void radix_flush_partition(u32 lpid)
{
	radix_flush(lpid);
	tlbie(TLB_LPID, lpid, RIC_ALL, PRS_PROCESS);
	tlbie_errata(lpid);
	tlb_wait();
}

/**
 * radix_set_root() - give a partition its tree
 * @lpid: the partition
 * @root: real address of the tree's root; 0: the partition ends
 *
 * Afterwards the partition has no process table, and no translation from an earlier tree is cached.
 */
void radix_set_root(u32 lpid, u64 root)
{
	rpte_write(&partition_table[lpid][1], 0);
	rpte_write(&partition_table[lpid][0], root ? PATE0_HR | PATE0_RTS_52 | root | PATE0_ROOT_BITS : 0);
	radix_flush_partition(lpid);
}

/**
 * radix_set_process_table() - set where a guest's process table is
 * @d: domain
 * @prtb: second doubleword of its partition table entry: base | size, 0: none
 *
 * Nothing is flushed if the table stays where it is: entries of the table that a guest changes it
 * flushes itself. (A guest that alternates between two places causes one tlbie a call, as it can
 * by itself: LPCR[GTSE].)
 */
void radix_set_process_table(struct domain *d, u64 prtb)
{
	if (d->arch.prtb == prtb)
		return;
	d->arch.prtb = prtb;
	rpte_write(&partition_table[d->arch.lpid][1], prtb);
	radix_flush_partition(d->arch.lpid);
}

/**
 * radix_leave() - complete what the loaded guest began, before its vcpu may run elsewhere
 *
 * The guest may have been interrupted between tlbie and tlbsync, and tlbsync waits for the
 * invalidations of the processor that executes it alone. ptesync drains the guest's stores as well,
 * before LPIDR changes: a processor need not heed a tlbie for a partition that is not its own.
 */
void radix_leave(void)
{
	tlb_wait();
}

/**
 * radix_activate() - translate for a domain from the next guest entry on
 * @d: domain; radix_leave() was called since the last guest ran here
 *
 * LPIDR is written before LPCR and PIDR. Guest entry is context synchronising. A caller that uses
 * the new LPIDR before then (tlbiel) needs an isync first.
 */
void radix_activate(struct domain *d)
{
	mmu_isync();
	lpidr_set(d->arch.lpid);
}

#define TLB_SETS	128	/* of POWER9; on later processors any set stands for all */

/*
 * End this processor's translations of what @is says, of one scope. On POWER9 this
 * leaves the ERAT: the caller ends that.
 */
static inline __force_inline void tlbiel_sets(u64 is, unsigned int prs)
{
	tlbiel(is, RIC_ALL, prs);
	for (u64 set = 1; tlbiel_by_set && set < TLB_SETS; set++)
		tlbiel(is | set << TLB_SET_SHIFT, RIC_TLB, prs);
}

/* End the process-scoped translations of the partition in LPIDR, in this processor alone. */
static noinline void radix_flush_local(void)
{
	mmu_isync();	/* LPIDR has just been set */
	ptesync();
	tlbiel_sets(TLB_LPID, PRS_PROCESS);
	ptesync();
	erat_flush_guests();
}

/**
 * radix_vcpu_moved() - end stale translations when a vcpu comes to this pCPU
 * @v: the vcpu being loaded; LPIDR is its domain's, and there are several pCPUs
 *
 * With GTSE a guest flushes translations itself. Where it knows that only one of its vcpus used
 * them it executes tlbiel, which affects its own processor only. Stale translations can then stay
 * on a pCPU: those that another vcpu of the domain cached there, and those that @v cached there
 * before it ran on another pCPU. So this flushes the domain's process-scoped translations here,
 * unless @v was the last vcpu of the domain on this pCPU and has run on no other pCPU since. Those
 * of partition scope are the hypervisor's, which ends them in all processors.
 */
void radix_vcpu_moved(struct vcpu *v)
{
	struct pcpu *p = local_pcpu;
	u8 *last = &v->domain->arch.last_vcpu[p->id];

	if (*last == v->id + 1 && v->arch.last_pcpu == p)
		return;
	*last = v->id + 1;
	v->arch.last_pcpu = p;
	radix_flush_local();
}

/*
 * Partition 0 is the hypervisor's: a process table whose process 0 maps the
 * first 2 MiB at 0xc000000000000000, so that interrupts which arrive with
 * relocation on find their vectors (entry.S). The process table is itself
 * found through the partition scope (ISA III 5.7.6.1). One tree serves as both,
 * since the image, and the table in it, is within these 2 MiB.
 */
static be64 lpid0_process[512] __aligned(4096);

static bool lpid0_init(void)
{
	u64 root_pa = alloc_zeroed_pages(RADIX_ROOT_ORDER);
	be64 *l1 = radix_table_new(), *l2 = radix_table_new();
	be64 *root = arch_ma_to_ptr(root_pa);

	if (!root_pa || !l1 || !l2)
		return false;
	l2[0] = cpu_to_be64(RPTE_VALID | RPTE_LEAF | RPTE_R | RPTE_C | RPTE_EAA_PRIV | RPTE_EAA_R | RPTE_EAA_X);
	radix_table_link(&l1[0], l2);
	radix_table_link(&root[0], l1);
	lpid0_process[0] = cpu_to_be64(PRTB_RTS_52 | root_pa | PATE0_ROOT_BITS);
	partition_table[0][0] = cpu_to_be64(PATE0_HR | PATE0_RTS_52 | root_pa | PATE0_ROOT_BITS);
	partition_table[0][1] = cpu_to_be64(arch_ptr_to_ma(lpid0_process));
	return true;
}

/**
 * radix_flush_cpu() - end all translations that this processor has cached, of all partitions
 */
void radix_flush_cpu(void)
{
	ptesync();
	tlbiel_sets(TLB_EVERYTHING, PRS_PARTITION);
	tlbiel_sets(TLB_EVERYTHING, PRS_PROCESS);
	ptesync();
	erat_flush_all();
}

/**
 * radix_cpu_init() - point this pCPU at the partition table
 *
 * Once on each pCPU, before it enters a guest; radix_init() does it for the
 * boot processor. Nothing that firmware or an earlier kernel cached survives.
 */
void radix_cpu_init(void)
{
	ptesync();
	lpidr_set(0);
	ptcr_set(arch_ptr_to_ma(partition_table) | PATS_64K);
	mmu_isync();
	radix_flush_cpu();
}

/**
 * radix_init() - make the partition table and the hypervisor's partition
 *
 * Boot processor, once the page allocator has memory. Panics without memory.
 */
void radix_init(void)
{
	u64 pa = alloc_zeroed_pages(PATS_64K);

	partition_table = arch_ma_to_ptr(pa);
	tlbie_errata_init();
	if (!pa)
		panic("no memory for the partition table");
	if (!lpid0_init())
		panic("no memory for the hypervisor's own translation");
	radix_cpu_init();
}
