// SPDX-License-Identifier: GPL-2.0
/*
 * A model of the processor's translation caches, for arch/p2m.c and arch/radix.c
 * on the build machine. It allows whatever the ISA and POWER9's errata allow:
 *
 *  - Each processor fills its caches at random, at every instruction of the
 *    hypervisor that has to do with translation, for the partition in its LPIDR:
 *    partition table entries, walk caches, partition-scoped, process-scoped and
 *    combined (ERAT) translations, and stores that wait in the store queue.
 *  - A walk may miss stores to tables until ptesync.
 *  - tlbie takes effect in each processor at any time up to the end of tlb_wait()
 *    by the processor that executed it, tlbiel at once in one set (POWER9), and
 *    without the ERAT there. An entry is removed by an exactly matching one only.
 *  - POWER9: stores survive one tlbie, and some ERAT entries all but LPID 0's.
 *
 * mmu_violation() compares all that is cached with the tables. In addition, no frame, be it a table or
 * mapped, may be given back to the allocator while a processor has it in a cache (mmu_freed_early): the
 * program is linked with --wrap for the functions that do so.
 */
#include <stdlib.h>
#include <string.h>
#include "core/base/pcpu.h"
#include "arch/radix.h"
#include "arch/internal.h"
#include "core/arch_ops.h"
#include "host/host.h"
#include "host/mmu.h"

#define ENTRIES		48
#define STORES		64
#define TLBIES		16
#define PTCR_BASE	0x0ffffffffffff000UL
#define ROOT_BASE	0x00ffffffffffff00UL

enum kind { NONE, ROOT, PRTB, WALK, PART, PROC, ERAT, STORE };

struct entry {
	enum kind kind;
	u32 lpid;
	unsigned int level;	/* WALK, PART: level in the tree */
	u64 key;		/* guest address, or the page of a guest's page table */
	u64 gpa;		/* PROC, ERAT: what the guest's page table said */
	u64 val;		/* what the partition scope said */
	bool writable;
	bool sticky;		/* the ERAT erratum */
	unsigned long hit;	/* STORE: number of the ptesync before the tlbie that it survived */
};

struct op {
	u64 rb, lpid;
	unsigned int ric, prs;
	unsigned long syncs;
	bool done[MMU_CPUS];
};

static struct cpu {
	u32 lpid, lpid_next;
	bool pid;		/* PIDR is that of the guest's page table */
	u64 ptcr;
	struct entry e[ENTRIES];
	struct { be64 *p; u64 old; } store[STORES];	/* performed, but walks may not see them yet */
	unsigned int stores, ops;
	struct op op[TLBIES];
	unsigned long syncs;
} cpus[MMU_CPUS];

u64 mmu_pvr;
u64 mmu_guest[MMU_LPIDS][MMU_PAGES];
u64 mmu_ranges[2][2];
bool mmu_spread;
unsigned long mmu_fills, mmu_ended;
const char *mmu_freed_early;
void (*mmu_on_read)(void);
unsigned int mmu_on_read_at;

/**
 * mmu_random() - a random number, the same sequence in every run
 *
 * Return: 31 bits.
 */
u64 mmu_random(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x >> 33;
}

static bool p9(void)
{
	return PVR_VER(mmu_pvr) == PVR_POWER9;
}

static bool stq_bug(void)
{
	return p9() && (mmu_pvr & PVR_REV) < 0x203;
}

/* The entry as a walk sees it: it may miss stores that no ptesync has followed. */
static u64 walk_read(const be64 *p)
{
	for (unsigned int c = 0; c < MMU_CPUS; c++)
		for (unsigned int i = 0; i < cpus[c].stores; i++)
			if (cpus[c].store[i].p == p && mmu_random() & 1)
				return cpus[c].store[i].old;
	return be64_to_cpu(READ_ONCE(*p));
}

static struct entry *new_entry(struct cpu *c, enum kind kind, u32 lpid, u64 key, unsigned int level)
{
	struct entry *e = &c->e[mmu_random() % ENTRIES];

	*e = (struct entry){ .kind = kind, .lpid = lpid, .key = key, .level = level };
	mmu_fills++;
	return e;
}

static const struct entry *cached(const struct cpu *c, enum kind kind, u32 lpid, u64 key, unsigned int level)
{
	for (unsigned int i = mmu_random() & 1 ? 0 : ENTRIES; i < ENTRIES; i++)
		if (c->e[i].kind == kind && c->e[i].lpid == lpid && c->e[i].key == key && c->e[i].level == level)
			return &c->e[i];
	return NULL;
}

static unsigned int shift_of(unsigned int level)
{
	return 39 - 9 * level;
}

static be64 *slot_of(u64 table, u64 gpa, unsigned int level)
{
	return (be64 *)table + (gpa >> shift_of(level) & (level ? 0x1ff : 0x1fff));
}

static u64 pate(const struct cpu *c, u32 lpid, unsigned int dw)
{
	return walk_read((be64 *)(c->ptcr & PTCR_BASE) + 2 * lpid + dw);
}

/* The partition-scoped walk, from wherever the caches let it begin. Return: the leaf, 0: none. */
static u64 walk(struct cpu *c, u32 lpid, u64 gpa, unsigned int *level)
{
	const struct entry *hit;
	u64 table = 0, e;
	unsigned int l;

	for (l = 3; l > 0; l--) {
		hit = cached(c, WALK, lpid, gpa >> shift_of(l - 1), l);
		if (hit) {
			table = hit->val;
			break;
		}
	}
	if (!table) {
		hit = cached(c, ROOT, lpid, 0, 0);
		e = hit ? hit->val : pate(c, lpid, 0);
		if (!e)
			return 0;
		if (!hit)
			new_entry(c, ROOT, lpid, 0, 0)->val = e;
		table = e & ROOT_BASE;
	}
	for (;; l++) {
		e = walk_read(slot_of(table, gpa, l));
		if (!(e & RPTE_VALID))
			return 0;
		if (e & RPTE_LEAF)
			break;
		table = e & RPTE_RPN;
		new_entry(c, WALK, lpid, gpa >> shift_of(l), l + 1)->val = table;
	}
	*level = l;
	return e;
}

static u64 frame_of(u64 leaf, u64 gpa, unsigned int level)
{
	return (leaf & RPTE_RPN) | (gpa & ((1UL << shift_of(level)) - 1) & ~0xfffUL);
}

static void fill(struct cpu *c)
{
	u32 lpid = c->lpid;
	const u64 *range = mmu_ranges[mmu_random() & 1];
	u64 page = mmu_random() % MMU_PAGES, gpa, leaf;
	const struct entry *hit;
	struct entry *e;
	unsigned int level;

	if (!lpid || lpid >= MMU_LPIDS || !c->ptcr)
		return;
	if (!(mmu_random() & 7)) {
		leaf = pate(c, lpid, 1);
		new_entry(c, PRTB, lpid, 0, 0)->val = leaf;
	}
	if (c->pid && mmu_random() & 1) {
		hit = cached(c, PROC, lpid, page, 0);
		gpa = hit ? hit->gpa : mmu_guest[lpid][page] << 12;
		if (!hit)
			new_entry(c, PROC, lpid, page, 0)->gpa = gpa;
	} else {
		page = MMU_PAGES;	/* real mode */
		gpa = (range[0] + (range[1] ? mmu_random() % range[1] : 0)) << 12;
		if (mmu_spread && mmu_random() & 1)
			gpa = mmu_spread_gfn(mmu_random() % MMU_SPREAD) << 12;
	}
	hit = cached(c, PART, lpid, gpa >> 12, 3);
	if (hit) {
		leaf = hit->val;
		level = 3;
	} else {
		leaf = walk(c, lpid, gpa, &level);
		if (!leaf)
			return;
		new_entry(c, PART, lpid, gpa >> shift_of(level), level)->val = leaf;
	}
	e = new_entry(c, leaf & RPTE_EAA_W && !(mmu_random() & 3) ? STORE : ERAT, lpid, page, 0);
	e->gpa = gpa;
	e->val = frame_of(leaf, gpa, level);
	e->writable = leaf & RPTE_EAA_W;
	e->sticky = p9() && e->kind == ERAT && !(mmu_random() & 3);
}

/* Whether @op ends the cached @e of @c. */
static bool ends(const struct op *op, struct entry *e)
{
	bool all = op->rb & TLB_LPID, every = (op->rb & TLB_EVERYTHING) == TLB_EVERYTHING;
	bool tlb = op->ric != 1, caches = op->ric != 0;

	if (e->kind == NONE)
		return false;
	if (op->lpid == 0 && all && tlb && op->prs == PRS_PARTITION && e->kind == ERAT && p9())
		return true;
	if (op->lpid != e->lpid && !every)
		return false;
	/* The second tlbie of the STQ erratum may be for any page. */
	if (e->kind == STORE && stq_bug() && e->hit && op->syncs > e->hit)
		return true;
	if (!all)
		return false;	/* of a page: that of tlbie_errata() is in use nowhere */
	switch (e->kind) {
	case ROOT:
	case WALK:
		return caches && op->prs == PRS_PARTITION && (e->kind == WALK || op->ric == RIC_ALL);
	case PRTB:
		return op->ric == RIC_ALL && op->prs == PRS_PROCESS;
	case PART:
		return tlb && op->prs == PRS_PARTITION;
	case PROC:
		return tlb && op->prs == PRS_PROCESS;
	case ERAT:
		/* A guest's sequence has a tlbie for PID 0 as well. */
		return tlb && (!e->sticky || op->prs == PRS_PROCESS);
	default:
		if (!tlb || op->prs != PRS_PARTITION)
			return false;
		if (stq_bug())
			e->hit = op->syncs;
		return !stq_bug();
	}
}

static void apply(struct cpu *c, struct op *op)
{
	op->done[c - cpus] = true;
	for (unsigned int i = 0; i < ENTRIES; i++)
		if (ends(op, &c->e[i])) {
			c->e[i].kind = NONE;
			mmu_ended++;
		}
}

static struct cpu *self(void)
{
	return &cpus[host_pcpu];
}

/**
 * mmu_speculate() - let time pass: processors fill caches, invalidations arrive
 */
void mmu_speculate(void)
{
	for (unsigned int n = mmu_random() % 4; n; n--)
		fill(&cpus[mmu_random() % MMU_CPUS]);
	if (mmu_random() & 3)
		return;
	for (unsigned int c = 0; c < MMU_CPUS; c++)
		for (unsigned int i = 0; i < cpus[c].ops; i++) {
			unsigned int to = mmu_random() % MMU_CPUS;

			/* In the order in which one processor sends them. */
			if (!cpus[c].op[i].done[to] && (!i || cpus[c].op[i - 1].done[to]))
				apply(&cpus[to], &cpus[c].op[i]);
		}
}

/**
 * rpte_read() - read an entry, as software
 * @p: the entry
 *
 * Return: the entry.
 */
u64 rpte_read(const be64 *p)
{
	u64 e = be64_to_cpu(READ_ONCE(*p));
	void (*fn)(void) = mmu_on_read;

	if (fn && !--mmu_on_read_at) {
		mmu_on_read = NULL;
		fn();
	}
	return e;
}

/**
 * rpte_write() - store an entry; walks may miss it until ptesync
 * @p: the entry
 * @e: its new value
 */
void rpte_write(be64 *p, u64 e)
{
	struct cpu *c = self();

	if (c->stores == STORES)	/* the oldest becomes visible */
		memmove(c->store, c->store + 1, --c->stores * sizeof(c->store[0]));
	c->store[c->stores].p = p;
	c->store[c->stores++].old = rpte_read(p);
	WRITE_ONCE(*p, cpu_to_be64(e));
	mmu_speculate();
}

/**
 * table_barrier() - make the stores before visible to walks before later ones: all of them, now
 */
void table_barrier(void)
{
	self()->stores = 0;
}

/**
 * ptesync() - make this processor's stores visible to walks
 */
void ptesync(void)
{
	mmu_speculate();
	self()->stores = 0;
	self()->syncs++;
	mmu_speculate();
}

/**
 * tlbie() - send an invalidation to all processors
 * @rb: IS and page
 * @rs: LPID
 * @ric: which caches
 * @prs: which scope
 */
void tlbie(u64 rb, u64 rs, unsigned int ric, unsigned int prs)
{
	struct cpu *c = self();

	if (c->ops == TLBIES)
		abort();	/* nobody waits for so many */
	c->op[c->ops++] = (struct op){ .rb = rb, .lpid = (u32)rs, .ric = ric, .prs = prs, .syncs = c->syncs + 1 };
	mmu_speculate();
}

/**
 * tlb_wait() - complete the invalidations that this processor sent
 */
void tlb_wait(void)
{
	struct cpu *c = self();

	for (unsigned int i = 0; i < c->ops; i++)
		for (unsigned int to = 0; to < MMU_CPUS; to++)
			if (!c->op[i].done[to])
				apply(&cpus[to], &c->op[i]);
	c->ops = 0;
	ptesync();
}

/**
 * tlbiel() - end entries of this processor
 * @rb: IS and set
 * @ric: which caches
 * @prs: which scope
 */
void tlbiel(u64 rb, unsigned int ric, unsigned int prs)
{
	struct cpu *c = self();
	u64 set = rb >> TLB_SET_SHIFT;
	struct op op = { .rb = rb, .lpid = c->lpid, .ric = ric, .prs = prs };

	for (unsigned int i = 0; i < ENTRIES; i++) {
		struct entry *e = &c->e[i];
		bool whole = e->kind == ROOT || e->kind == PRTB || e->kind == WALK;

		/* Stores are ordered by ptesync, as tlbiel concerns this processor alone. */
		if (e->kind == STORE || (p9() && (e->kind == ERAT || (!whole && (e->key & 127) != set))))
			continue;
		if (ends(&op, e))
			e->kind = NONE;
	}
}

static void erat_flush(u32 least)
{
	for (unsigned int i = 0; i < ENTRIES; i++)
		if (self()->e[i].kind == ERAT && self()->e[i].lpid >= least)
			self()->e[i].kind = NONE;
}

/**
 * erat_flush_guests() - end ERAT entries of guests in this processor
 */
void erat_flush_guests(void)
{
	erat_flush(1);
}

/**
 * erat_flush_all() - end all ERAT entries in this processor
 */
void erat_flush_all(void)
{
	erat_flush(0);
}

/**
 * lpidr_set() - set LPIDR, in force from mmu_isync() on
 * @lpid: the partition
 */
void lpidr_set(u32 lpid)
{
	self()->lpid_next = lpid;
	mmu_speculate();
}

/**
 * ptcr_set() - set where the partition table is
 * @ptcr: base and size
 */
void ptcr_set(u64 ptcr)
{
	self()->ptcr = ptcr;
}

/**
 * mmu_isync() - context synchronisation
 */
void mmu_isync(void)
{
	self()->lpid = self()->lpid_next;
	mmu_speculate();
}

/**
 * pvr() - the version of the processor, which the test has set
 *
 * Return: PVR.
 */
u64 pvr(void)
{
	return mmu_pvr;
}

/**
 * mmu_guest_pid() - the guest on this processor writes PIDR
 * @uses: to the PID of its page table in mmu_guest[]; otherwise to another
 */
void mmu_guest_pid(bool uses)
{
	self()->pid = uses;
}

/**
 * mmu_guest_new_pid() - a guest gives its page table in mmu_guest[] a PID that it never used
 * @lpid: its partition
 */
void mmu_guest_new_pid(u32 lpid)
{
	for (unsigned int c = 0; c < MMU_CPUS; c++) {
		if (cpus[c].lpid == lpid)
			cpus[c].pid = false;
		/* What is cached for the old PID is never looked at again. */
		for (unsigned int i = 0; i < ENTRIES; i++)
			if (cpus[c].e[i].lpid == lpid && cpus[c].e[i].key < MMU_PAGES &&
			    (cpus[c].e[i].kind == PROC || cpus[c].e[i].kind == ERAT))
				cpus[c].e[i].kind = NONE;
	}
}

/**
 * mmu_guest_tlbiel() - what a guest executes to end its own translation of one page
 * @page: page of its page table
 *
 * The processor's own ERAT and TLB, by the page: RIC=0, PRS=1, IS=0.
 */
void mmu_guest_tlbiel(u64 page)
{
	struct cpu *c = self();

	for (unsigned int i = 0; i < ENTRIES; i++) {
		struct entry *e = &c->e[i];

		if (e->lpid == c->lpid && e->key == page && (e->kind == PROC || e->kind == ERAT || e->kind == STORE))
			e->kind = NONE;
	}
}

/* The leaf and the table that the tree really has for @gpa, at most down to @level. */
static u64 truth(const struct cpu *c, u32 lpid, u64 gpa, unsigned int level, unsigned int *at)
{
	u64 e = rpte_read((be64 *)(c->ptcr & PTCR_BASE) + 2 * lpid), table = e & ROOT_BASE;

	*at = 0;
	if (!e)
		return 0;
	for (unsigned int l = 0; l < 4; l++) {
		e = rpte_read(slot_of(table, gpa, l));
		*at = l;
		if (!(e & RPTE_VALID))
			return 0;
		if (e & RPTE_LEAF || l == level)
			return e;
		table = e & RPTE_RPN;
	}
	return 0;
}

static const char *check(const struct cpu *c, const struct entry *e)
{
	const be64 *table = (be64 *)(c->ptcr & PTCR_BASE) + 2 * e->lpid;
	unsigned int at;
	u64 t;

	switch (e->kind) {
	case ROOT:
		return e->val == rpte_read(&table[0]) ? NULL : "a stale tree in a partition table cache";
	case PRTB:
		return e->val == rpte_read(&table[1]) ? NULL : "a stale process table in a cache";
	case WALK:
		t = truth(c, e->lpid, e->key << shift_of(e->level - 1), e->level - 1, &at);
		return at == e->level - 1 && !(t & RPTE_LEAF) && (t & RPTE_RPN) == e->val && t ? NULL :
			"a table in a walk cache that is not in the tree";
	case PART:
		t = truth(c, e->lpid, e->key << shift_of(e->level), 3, &at);
		return t == e->val && at == e->level ? NULL : "a stale partition-scoped translation";
	case ERAT:
	case STORE:
		t = truth(c, e->lpid, e->gpa, 3, &at);
		return t && frame_of(t, e->gpa, at) == e->val && (!e->writable || t & RPTE_EAA_W) ? NULL :
			e->kind == ERAT ? "a stale ERAT entry" : "a store on its way to a frame that is gone";
	default:
		return NULL;
	}
}

/**
 * mmu_violation() - look for anything cached in a processor that differs from the tables
 *
 * Call it where no operation is under way.
 *
 * Return: NULL, or what is stale.
 */
const char *mmu_violation(void)
{
	const char *what = NULL;

	for (unsigned int c = 0; c < MMU_CPUS && !what; c++)
		for (unsigned int i = 0; i < ENTRIES && !what; i++)
			what = check(&cpus[c], &cpus[c].e[i]);
	return what;
}

/* What a processor has cached of 2^@order frames at @ma. */
static const char *reached(u64 ma, unsigned int order)
{
	for (unsigned int i = 0; i < MMU_CPUS * ENTRIES; i++) {
		const struct entry *e = &cpus[i / ENTRIES].e[i % ENTRIES];
		u64 at = e->kind == ROOT ? e->val & ROOT_BASE : e->val & RPTE_RPN, size = 1UL << 12;

		if (e->kind == NONE || e->kind == PRTB || e->kind == PROC)
			continue;
		if (e->kind == ROOT)
			size <<= RADIX_ROOT_ORDER;
		else if (e->kind == PART)
			size = 1UL << shift_of(e->level);
		if (at < ma + (PAGE_SIZE << order) && ma < at + size)
			return e->kind == ROOT || e->kind == WALK ? "a table is freed that is in a walk cache" :
				"a frame is freed to which a translation is cached";
	}
	return NULL;
}

static void freed(u64 ma, unsigned int order)
{
	mmu_speculate();
	if (!mmu_freed_early)
		mmu_freed_early = reached(ma, order);
}

/**
 * __wrap_free_pages() - free_pages(), of whoever calls it
 * @ma: machine address
 * @order: 2^@order frames
 */
void __wrap_free_pages(u64 ma, unsigned int order)
{
	freed(ma, order);
	__real_free_pages(ma, order);
}

/**
 * __wrap_grace_free_frame() - grace_free_frame(), of whoever calls it
 * @pg: the frame, whose translations have ended when it begins to wait
 */
void __wrap_grace_free_frame(struct page *pg)
{
	freed(page_to_mfn(pg) << PAGE_SHIFT, 0);
	__real_grace_free_frame(pg);
}

/**
 * mmu_process_violation() - look at what the vcpu on this processor has cached of its page table
 * @lpid: its partition
 *
 * Return: NULL, or what is stale.
 */
const char *mmu_process_violation(u32 lpid)
{
	for (unsigned int i = 0; i < ENTRIES; i++) {
		const struct entry *e = &self()->e[i];

		if (e->lpid != lpid || e->key >= MMU_PAGES)
			continue;
		if ((e->kind == PROC || e->kind == ERAT) && e->gpa != mmu_guest[lpid][e->key] << 12)
			return e->kind == PROC ? "a stale process-scoped translation" : "a stale ERAT entry of a process";
	}
	return NULL;
}

/**
 * host_p2m_init() - what arch_init does with translation on the real machine
 */
void host_p2m_init(void)
{
	unsigned int own = host_pcpu;

	for (host_pcpu = 0; host_pcpu < MMU_CPUS; host_pcpu++) {
		if (host_pcpu == 0)
			radix_init();
		else
			radix_cpu_init();
	}
	host_pcpu = own;
}

/**
 * host_p2m_walk() - iterate over a domain's mappings
 * @d: domain
 * @pos: position of the iteration, 0 at first: the guest frame
 * @e: out: the next mapping
 *
 * Looks at the frames of mmu_ranges.
 *
 * Return: false at the end.
 */
bool host_p2m_walk(const struct domain *d, size_t *pos, struct host_p2m_found *e)
{
	u64 n = mmu_ranges[0][1] + mmu_ranges[1][1];
	bool w;

	while (d->arch.root && *pos < n) {
		u64 i = (*pos)++;

		e->gfn = mmu_ranges[0][0] + i;
		if (i >= mmu_ranges[0][1])
			e->gfn = mmu_ranges[1][0] + i - mmu_ranges[0][1];
		e->type = p2m_lookup(d, e->gfn, &e->mfn, &w);
		if (e->type != P2M_NONE)
			return true;
	}
	return false;
}
