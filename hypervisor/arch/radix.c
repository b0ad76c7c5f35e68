// SPDX-License-Identifier: GPL-2.0
/*
 * Radix translation as the processor sees it: the partition table, which tree
 * is in force (LPIDR), the hypervisor's own partition 0, and the end of cached
 * translations. The trees of the domains are in p2m.c.
 */
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/radix.h"
#include "lib/printf.h"

/* Partition table entry: HR, radix tree size 52 bits (split field), root bits */
#define PATE0_HR	0x8000000000000000UL
#define PATE0_RTS_52	((2UL << 61) | (5UL << 5))
#define PATE0_ROOT_BITS	13UL
#define PRTB_RTS_52	PATE0_RTS_52

#define PATS_64K	4UL

static be64 (*partition_table)[2];

/**
 * radix_flush() - end all translations of one partition, in every processor
 * @lpid: the partition
 */
void radix_flush(u32 lpid)
{
	ptesync();
	/* RB: IS=2, RS: LPID, RIC=2, PRS=0, R=1 (ISA III 5.9.3.3) */
	asm volatile(".machine push; .machine power9; tlbie %0,%1,2,0,1; .machine pop"
		     : : "r"(0x800UL), "r"((u64)lpid) : "memory");
	asm volatile("eieio; tlbsync; ptesync" : : : "memory");
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
	partition_table[lpid][1] = 0;
	partition_table[lpid][0] = root ? cpu_to_be64(PATE0_HR | PATE0_RTS_52 | root | PATE0_ROOT_BITS) : 0;
	radix_flush(lpid);
}

/**
 * radix_set_process_table() - set where a guest's process table is
 * @d: domain
 * @prtb: second doubleword of its partition table entry: base | size, 0: none
 */
void radix_set_process_table(struct domain *d, u64 prtb)
{
	d->arch.prtb = prtb;
	partition_table[d->arch.lpid][1] = cpu_to_be64(prtb);
	radix_flush(d->arch.lpid);
	radix_activate(d);
}

/**
 * radix_activate() - translate for a domain from the next guest entry on
 * @d: domain
 *
 * Guest entry is context synchronising. A caller that uses the new LPIDR before
 * then (tlbiel) needs an isync first.
 */
void radix_activate(struct domain *d)
{
	mtspr(SPR_LPIDR, d->arch.lpid);
}

#define TLB_SETS	128	/* of POWER9; more than enough for POWER10 */

/* End all translations of the current partition, in this processor alone. */
static noinline void radix_flush_local(void)
{
	isync();	/* LPIDR may just have been set */
	ptesync();
	/* RB: IS=2 and the set; RIC=2 in the first for the walk caches, PRS=0, R=1 (ISA III 5.9.3.3) */
	asm volatile(".machine push; .machine power9; tlbiel %0,%1,2,0,1; .machine pop"
		     : : "r"(0x800UL), "r"(0UL) : "memory");
	for (u64 set = 1; set < TLB_SETS; set++)
		asm volatile(".machine push; .machine power9; tlbiel %0,%1,0,0,1; .machine pop"
			     : : "r"(0x800UL | set << 12), "r"(0UL) : "memory");
	ptesync();
}

/**
 * radix_vcpu_moved() - end stale translations when a vcpu comes to this pCPU
 * @v: the vcpu being loaded; LPIDR is its domain's, and there are several pCPUs
 *
 * With GTSE a guest flushes translations itself. Where it knows that only one of its vcpus used
 * them it executes tlbiel, which affects its own processor only. Stale translations can then stay
 * on a pCPU: those that another vcpu of the domain cached there, and those that @v cached there
 * before it ran on another pCPU. So this flushes all of the domain's translations here, unless @v
 * was the last vcpu of the domain on this pCPU and has run on no other pCPU since.
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
 * radix_cpu_init() - point this pCPU at the partition table
 *
 * Once on each pCPU, before it enters a guest; radix_init() does it for the
 * boot processor.
 */
void radix_cpu_init(void)
{
	mtspr(SPR_PTCR, arch_ptr_to_ma(partition_table) | PATS_64K);
	mtspr(SPR_LPIDR, 0);
	isync();
	radix_flush(0);
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
	if (!pa)
		panic("no memory for the partition table");
	if (!lpid0_init())
		panic("no memory for the hypervisor's own translation");
	ptesync();
	radix_cpu_init();
}
