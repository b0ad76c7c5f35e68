// SPDX-License-Identifier: GPL-2.0
/*
 * Partition-scoped radix trees: guest physical to host real addresses
 * (ISA v3.0B III 5.7.6), and the partition table.
 *
 * A tree covers 52 bits with four levels of 13, 9, 9 and 9 bits; leaves are
 * 1 GiB, 2 MiB or 4 KiB. Entries are big-endian whatever the hypervisor is.
 *
 * Locking: writers hold the domain's page_lock. Readers (p2m_lookup(), the
 * processor) take none: every entry is one doubleword, stored whole, and a
 * table below it is filled before it is linked.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "core/mm/memory_foreign.h"
#include "lib/page.h"
#include "lib/byteorder.h"
#include "lib/errno.h"
#include "lib/printf.h"

#define RPTE_VALID	0x8000000000000000UL
#define RPTE_LEAF	0x4000000000000000UL
#define RPTE_RPN	0x01fffffffffff000UL
#define RPTE_R		0x100UL
#define RPTE_C		0x80UL
#define RPTE_TYPE_SHIFT	9	/* enum p2m_type, in bits that are software's */
#define RPTE_TYPE	7UL
#define RPTE_EAA_R	4UL
#define RPTE_EAA_W	2UL
#define RPTE_EAA_X	1UL

/* Partition table entry: HR, radix tree size 52 bits (split field), root bits */
#define PATE0_HR	0x8000000000000000UL
#define PATE0_RTS_52	((2UL << 61) | (5UL << 5))
#define PATE0_ROOT_BITS	13UL
#define PRTB_RTS_52	PATE0_RTS_52

#define ROOT_ORDER	4	/* 2^13 entries: 64 KiB */
#define PATS_64K	4UL

static be64 (*partition_table)[2];

static inline unsigned int level_shift(unsigned int level)
{
	return 39 - 9 * level;
}

static inline u64 level_index(u64 gpa, unsigned int level)
{
	return (gpa >> level_shift(level)) & (level ? 0x1ff : 0x1fff);
}

static be64 *pde_table(u64 pde)
{
	return arch_ma_to_ptr(pde & RPTE_RPN);
}

static u64 leaf(u64 ma, enum p2m_type type, bool writable)
{
	return RPTE_VALID | RPTE_LEAF | ma | (u64)type << RPTE_TYPE_SHIFT | RPTE_R | RPTE_C | RPTE_EAA_R | RPTE_EAA_X |
	       (writable ? RPTE_EAA_W : 0);
}

/*
 * Entries are read and written whole, and turned on the way: a volatile access
 * and a swap would be a dozen instructions.
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

static be64 *table_new(void)
{
	u64 pa = alloc_zeroed_pages(0);

	return pa ? arch_ma_to_ptr(pa) : NULL;
}

static void link_table(be64 *slot, const be64 *table)
{
	/* NLS = 9; its contents before its address */
	asm volatile("lwsync" : : : "memory");
	rpte_write(slot, RPTE_VALID | (u64)table | 9);
}

/* All of one partition's translations in this processor and all others */
static void flush_lpid(u32 lpid)
{
	ptesync();
	/* RB: IS=2, RS: LPID, RIC=2, PRS=0, R=1 (ISA III 5.9.3.3) */
	asm volatile(".machine push; .machine power9; tlbie %0,%1,2,0,1; .machine pop"
		     : : "r"(0x800UL), "r"((u64)lpid) : "memory");
	asm volatile("eieio; tlbsync; ptesync" : : : "memory");
}

/**
 * p2m_init() - an empty tree and a partition id for a new domain
 * @d: the domain; nobody else knows it yet
 *
 * Return: 0 or -ENOMEM.
 */
int p2m_init(struct domain *d)
{
	u64 pa = alloc_zeroed_pages(ROOT_ORDER);

	if (!pa)
		return -ENOMEM;
	d->arch.root_pa = pa;
	d->arch.root = arch_ma_to_ptr(pa);
	d->arch.lpid = d->id + 1;
	d->arch.prtb = 0;
	d->arch.leaf_table = NULL;
	d->arch.lpcr = LPCR_UPRT | LPCR_HR | LPCR_GTSE | LPCR_PECEDH | LPCR_PECE1 | LPCR_PECE2 | LPCR_HDICE;
	partition_table[d->arch.lpid][1] = 0;
	partition_table[d->arch.lpid][0] = cpu_to_be64(PATE0_HR | PATE0_RTS_52 | pa | PATE0_ROOT_BITS);
	flush_lpid(d->arch.lpid);
	return 0;
}

static void free_tables(struct domain *d, be64 *table, unsigned int level)
{
	unsigned int n = level ? 512 : 8192, i;

	/* Leaves are of interest as long as one may hold another domain's frame. */
	for (i = 0; i < n && (level < 3 || d->foreign_maps); i++) {
		u64 e = rpte_read(&table[i]);

		if (!(e & RPTE_VALID))
			continue;
		if (!(e & RPTE_LEAF))
			free_tables(d, pde_table(e), level + 1);
		else if ((e >> RPTE_TYPE_SHIFT & RPTE_TYPE) == P2M_FOREIGN)
			foreign_drop(d, (e & RPTE_RPN) >> 12);
	}
	free_pages(arch_ptr_to_ma(table), level ? 0 : ROOT_ORDER);
}

/**
 * p2m_destroy() - free a domain's tree and give up the foreign frames in it;
 * the other pages it mapped are the caller's
 * @d: a domain none of whose vcpus will run again
 */
void p2m_destroy(struct domain *d)
{
	if (!d->arch.root)
		return;
	partition_table[d->arch.lpid][0] = 0;
	partition_table[d->arch.lpid][1] = 0;
	flush_lpid(d->arch.lpid);
	free_tables(d, d->arch.root, 0);
	d->arch.root = NULL;
	d->arch.leaf_table = NULL;
}

/* Replace a large leaf by a table of leaves one level down. */
static be64 *split(be64 *slot, unsigned int level)
{
	u64 e = rpte_read(slot);
	u64 step = 1UL << level_shift(level + 1);
	be64 *table = table_new();
	unsigned int i;

	if (!table)
		return NULL;
	for (i = 0; i < 512; i++)
		rpte_write(&table[i], e + i * step);
	link_table(slot, table);
	return table;
}

static int set_leaf(struct domain *d, u64 gpa, unsigned int leaf_level, u64 pte, bool *stale)
{
	be64 *table = d->arch.root;
	unsigned int level;
	u64 e;

	for (level = 0; level < leaf_level; level++) {
		be64 *slot = &table[level_index(gpa, level)];

		e = rpte_read(slot);
		if (!(e & RPTE_VALID)) {
			table = table_new();
			if (!table)
				return -ENOMEM;
			link_table(slot, table);
		} else if (e & RPTE_LEAF) {
			table = split(slot, level);
			if (!table)
				return -ENOMEM;
			*stale = true;
		} else {
			table = pde_table(e);
		}
	}
	e = rpte_read(&table[level_index(gpa, level)]);
	/* a table where a large leaf is to go: callers map small over large only */
	if ((e & RPTE_VALID) && !(e & RPTE_LEAF) && level < 3)
		return -EEXIST;
	if (e & RPTE_VALID)
		*stale = true;
	rpte_write(&table[level_index(gpa, level)], pte);
	return 0;
}

/*
 * The entry for a 4 KiB frame, its tables made; or that of a large leaf over it.
 * A table stays as long as the domain, so the one used last is remembered:
 * mappings by grant come in groups.
 */
static be64 *leaf_slot(struct domain *d, u64 gpa)
{
	struct arch_domain *a = &d->arch;
	be64 *table = a->root;
	unsigned int level;
	u64 e;

	if (likely(a->leaf_table && gpa >> 21 == a->leaf_base))
		return &a->leaf_table[level_index(gpa, 3)];
	for (level = 0; level < 3; level++) {
		be64 *slot = &table[level_index(gpa, level)];

		e = rpte_read(slot);
		if (e & RPTE_LEAF)
			return slot;
		if (e & RPTE_VALID) {
			table = pde_table(e);
			continue;
		}
		table = table_new();
		if (!table)
			return NULL;
		link_table(slot, table);
	}
	a->leaf_table = table;
	a->leaf_base = gpa >> 21;
	return &table[level_index(gpa, 3)];
}

/**
 * p2m_map() - map guest frames to machine frames
 * @d: domain; page_lock held
 * @gfn: first guest frame, 4 KiB
 * @mfn: first machine frame
 * @order: 2^@order frames
 * @type: what the frames are
 * @writable: false: read and execute only
 *
 * Uses the largest leaves that the alignment of all three allows. What was
 * there before is replaced and its translations are flushed on return.
 *
 * Return: 0, -EINVAL beyond 52 bits, -ENOMEM (what was mapped so far stays).
 */
int p2m_map(struct domain *d, u64 gfn, u64 mfn, unsigned int order, enum p2m_type type,
	    bool writable)
{
	u64 n = 1UL << order, done = 0;
	bool stale = false;
	int rc = 0;

	if (order > 40 || gfn + n > 1UL << 40 || gfn + n < gfn)
		return -EINVAL;
	while (done < n) {
		u64 bits = (gfn + done) | (mfn + done);
		unsigned int level = 3, frames_log = 0;

		if (!(bits & 0x3ffff) && n - done >= 0x40000) {
			level = 1;
			frames_log = 18;
		} else if (!(bits & 0x1ff) && n - done >= 0x200) {
			level = 2;
			frames_log = 9;
		}
		rc = set_leaf(d, (gfn + done) << 12, level, leaf((mfn + done) << 12, type, writable), &stale);
		if (rc)
			break;
		done += 1UL << frames_log;
	}
	if (stale)
		flush_lpid(d->arch.lpid);
	else
		ptesync();
	return rc;
}

/**
 * p2m_insert() - map one frame where nothing is
 * @d: domain; page_lock held
 * @gfn: guest frame
 * @mfn: machine frame
 * @type: what it is
 * @writable: false: read and execute only
 *
 * Nothing was valid before, so nothing is flushed; p2m_sync() makes it seen.
 *
 * Return: 0, -EEXIST if something is there, -EINVAL beyond 52 bits, -ENOMEM.
 */
int p2m_insert(struct domain *d, u64 gfn, u64 mfn, enum p2m_type type, bool writable)
{
	be64 *slot;

	if (gfn >> 40)
		return -EINVAL;
	slot = leaf_slot(d, gfn << 12);
	if (unlikely(!slot))
		return -ENOMEM;
	if (rpte_read(slot) & RPTE_VALID)
		return -EEXIST;
	rpte_write(slot, leaf(mfn << 12, type, writable));
	return 0;
}

/**
 * p2m_sync() - what p2m_insert() has mapped is there for every access that follows
 *
 * The walk of a table is not ordered behind a store to it by less (ISA III 5.10).
 */
void p2m_sync(void)
{
	ptesync();
}

/**
 * p2m_clear() - take one 4 KiB guest frame out, translations left for p2m_flush()
 * @d: domain; page_lock held
 * @gfn: guest frame
 *
 * Return: 0, or -ENOMEM where a large leaf had to be split and could not be.
 */
int p2m_clear(struct domain *d, u64 gfn)
{
	struct arch_domain *a = &d->arch;
	bool stale, writable;
	u64 mfn;

	if (likely(a->leaf_table && gfn >> 9 == a->leaf_base)) {
		rpte_write(&a->leaf_table[gfn & 0x1ff], 0);
		return 0;
	}
	if (p2m_lookup(d, gfn, &mfn, &writable) == P2M_NONE)
		return 0;
	return set_leaf(d, gfn << 12, 3, 0, &stale);
}

/**
 * p2m_flush() - end the translations of what p2m_clear() took out
 * @d: domain
 *
 * All of the partition's go, however few were taken out: one instruction does
 * for a batch, and emulators treat an invalidation by guest physical address as
 * one by effective address.
 */
void p2m_flush(struct domain *d)
{
	flush_lpid(d->arch.lpid);
}

/**
 * p2m_unmap() - take one 4 KiB guest frame out
 * @d: domain; page_lock held
 * @gfn: guest frame
 *
 * No processor translates to the frame any more on return.
 *
 * Return: 0, or -ENOMEM where a large leaf had to be split and could not be.
 */
int p2m_unmap(struct domain *d, u64 gfn)
{
	int rc = p2m_clear(d, gfn);

	if (!rc)
		p2m_flush(d);
	return rc;
}

/**
 * p2m_lookup() - what a guest frame is
 * @d: domain
 * @gfn: guest frame, any value
 * @mfn: out: machine frame
 * @writable: out: the guest may write it
 *
 * Return: what is there; P2M_NONE, and nothing stored, if nothing is.
 */
enum p2m_type p2m_lookup(const struct domain *d, u64 gfn, u64 *mfn, bool *writable)
{
	const be64 *table = d->arch.root;
	u64 gpa = gfn << 12, within, e;

	if (unlikely(gfn >> 40 || !table))
		return P2M_NONE;
	/* Four steps with known shifts each: this is in every path to memory. */
#pragma GCC unroll 4
	for (unsigned int level = 0; level < 4; level++) {
		e = rpte_read(&table[level_index(gpa, level)]);
		if (!(e & RPTE_VALID))
			return P2M_NONE;
		if (e & RPTE_LEAF) {
			within = (1UL << level_shift(level)) - 1;
			*mfn = ((e & RPTE_RPN) | (gpa & within)) >> 12;
			*writable = e & RPTE_EAA_W;
			return e >> RPTE_TYPE_SHIFT & RPTE_TYPE;
		}
		table = pde_table(e);
	}
	return P2M_NONE;
}

/**
 * radix_set_process_table() - where a guest's process table is
 * @d: domain
 * @prtb: second doubleword of its partition table entry: base | size, 0: none
 */
void radix_set_process_table(struct domain *d, u64 prtb)
{
	d->arch.prtb = prtb;
	partition_table[d->arch.lpid][1] = cpu_to_be64(prtb);
	flush_lpid(d->arch.lpid);
	radix_activate(d);
}

/**
 * radix_activate() - translate for this domain from the next guest entry on
 * @d: domain
 *
 * Entering a guest synchronises; what acts on LPIDR before has to do so itself.
 */
void radix_activate(struct domain *d)
{
	mtspr(SPR_LPIDR, d->arch.lpid);
}

#define TLB_SETS	128	/* of POWER9; more than enough for POWER10 */

/* All of the current partition's translations in this processor alone */
static noinline void flush_local(void)
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
 * radix_vcpu_moved() - a vcpu is about to run here, LPIDR is its domain's
 * @v: the vcpu; there is more than one pCPU
 *
 * With GTSE a guest ends translations itself, and on its own processor alone
 * (tlbiel) where it knows that only one of its vcpus had them. What another vcpu
 * of the domain left here is not covered by that, nor what this one left
 * before it ran elsewhere.
 */
void radix_vcpu_moved(struct vcpu *v)
{
	struct pcpu *p = local_pcpu;
	u8 *last = &v->domain->arch.last_vcpu[p->id];

	if (*last == v->id + 1 && v->arch.last_pcpu == p)
		return;
	*last = v->id + 1;
	v->arch.last_pcpu = p;
	flush_local();
}

/*
 * Partition 0 is the hypervisor's: a process table whose process 0 maps the
 * first 2 MiB at 0xc000000000000000, so that interrupts which arrive with
 * relocation on find their vectors (entry.S). The process table is itself
 * found through the partition scope (ISA III 5.7.6.1); one tree does for both,
 * since the image, and the table in it, is within these 2 MiB.
 */
static be64 lpid0_process[512] __aligned(4096);

static bool lpid0_init(void)
{
	u64 root_pa = alloc_zeroed_pages(ROOT_ORDER);
	be64 *l1 = table_new(), *l2 = table_new();
	be64 *root = arch_ma_to_ptr(root_pa);

	if (!root_pa || !l1 || !l2)
		return false;
	/* EAA: privileged, read and execute */
	l2[0] = cpu_to_be64(RPTE_VALID | RPTE_LEAF | RPTE_R | RPTE_C | 8 | RPTE_EAA_R | RPTE_EAA_X);
	link_table(&l1[0], l2);
	link_table(&root[0], l1);
	lpid0_process[0] = cpu_to_be64(PRTB_RTS_52 | root_pa | PATE0_ROOT_BITS);
	partition_table[0][0] = cpu_to_be64(PATE0_HR | PATE0_RTS_52 | root_pa | PATE0_ROOT_BITS);
	partition_table[0][1] = cpu_to_be64(arch_ptr_to_ma(lpid0_process));
	return true;
}

/**
 * radix_cpu_init() - have this processor use the partition table
 */
void radix_cpu_init(void)
{
	mtspr(SPR_PTCR, arch_ptr_to_ma(partition_table) | PATS_64K);
	mtspr(SPR_LPIDR, 0);
	isync();
	flush_lpid(0);
}

/**
 * radix_init() - partition table, boot processor
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
