// SPDX-License-Identifier: GPL-2.0
/*
 * The p2m: guest physical to host real addresses, as one partition-scoped radix
 * tree for each domain (ISA v3.0B III 5.7.6).
 *
 * A tree covers 52 bits with four levels of 13, 9, 9 and 9 bits; leaves are
 * 1 GiB, 2 MiB or 4 KiB.
 *
 * Locking: writers hold the domain's page_lock. Readers (p2m_lookup(), the
 * processor) take no lock: every entry is one doubleword, stored whole, a table
 * is filled before it is linked, and freed after it can be found no more
 * (p2m_table.c).
 *
 * A valid entry is never replaced by another valid one. It is made invalid,
 * translations from it are ended, then the new entry is stored (ISA v3.0B III
 * 5.10.1): otherwise a processor could hold two translations of one address,
 * which is a machine check. An access of the guest in between faults;
 * fault_outside_memory() then waits for page_lock and lets the guest try again.
 * Between p2m_clear() and p2m_flush() page_lock may be dropped, and another pCPU
 * may map something in the same place: it flushes first.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/p2m_table.h"
#include "arch/radix.h"
#include "core/mm/memory.h"
#include "lib/errno.h"

#define DESTROY_STEP	2048U	/* entries that p2m_destroy() looks at in one step, more than three tables have */
#define TABLE_COST	32U	/* entries that freeing a table counts for */

static inline unsigned int level_shift(unsigned int level)
{
	return 39 - 9 * level;
}

static inline u64 level_index(u64 gpa, unsigned int level)
{
	return (gpa >> level_shift(level)) & (level ? 0x1ff : 0x1fff);
}

static be64 *rpde_table(u64 pde)
{
	return arch_ma_to_ptr(pde & RPTE_RPN);
}

static u64 rpte_leaf(u64 ma, enum p2m_type type, bool writable)
{
	return RPTE_VALID | RPTE_LEAF | ma | (u64)type << RPTE_TYPE_SHIFT | RPTE_R | RPTE_C | RPTE_EAA_R | RPTE_EAA_X |
	       (writable ? RPTE_EAA_W : 0);
}

/**
 * p2m_init() - give a new domain an empty tree and a partition id
 * @d: the domain, not published yet
 *
 * Return: 0 or -ENOMEM.
 */
int p2m_init(struct domain *d)
{
	u64 pa = alloc_zeroed_pages(RADIX_ROOT_ORDER);

	if (!pa)
		return -ENOMEM;
	d->arch.root_pa = pa;
	d->arch.destroy_at = 0;
	p2m_table_init(d);
	d->arch.root = arch_ma_to_ptr(pa);
	d->arch.lpid = d->id + 1;
	d->arch.prtb = 0;
	d->arch.unflushed = false;
	d->arch.lpcr = LPCR_UPRT | LPCR_HR | LPCR_GTSE | LPCR_PECEDH | LPCR_PECE1 | LPCR_PECE2 | LPCR_HDICE;
	radix_set_root(d->arch.lpid, pa);
	return 0;
}

/* Frees a table and those below it. *@left: entries to look at. Return: false if they did not suffice. */
static bool p2m_free_table(struct domain *d, be64 *table, unsigned int level, u32 *left)
{
	/* Tables of 4 KiB leaves need a look only if the domain has mapped another's frames. */
	unsigned int n = level < 3 || d->foreign_maps ? 512 : 0;

	for (unsigned int i = 0; i < n; i++) {
		u64 e = rpte_read(&table[i]);

		if (!*left)
			return false;
		--*left;
		if (!(e & RPTE_VALID))
			continue;
		if (!(e & RPTE_LEAF)) {
			if (!p2m_free_table(d, rpde_table(e), level + 1, left))
				return false;
		} else if ((e >> RPTE_TYPE_SHIFT & RPTE_TYPE) == P2M_FOREIGN) {
			memory_foreign_drop(d, (e & RPTE_RPN) >> 12);
		}
		/* The next step does not come here again. */
		rpte_write(&table[i], 0);
	}
	*left -= min(*left, TABLE_COST);
	free_pages(arch_ptr_to_ma(table), 0);
	return true;
}

/**
 * p2m_destroy() - one step of freeing a domain's tree
 * @d: a domain none of whose vcpus will run again, and whose p2m no hypercall uses any more
 *
 * Drops the references to other domains' frames that the tree maps. Freeing the
 * domain's own frames is left to the caller.
 *
 * Return: true if the tree is gone, false if another call is needed.
 */
bool p2m_destroy(struct domain *d)
{
	struct arch_domain *a = &d->arch;
	u32 left = DESTROY_STEP;

	if (!a->root)
		return true;
	if (!a->destroy_at)
		radix_set_root(a->lpid, 0);
	for (; a->destroy_at < ROOT_ENTRIES; a->destroy_at++) {
		u64 e = rpte_read(&a->root[a->destroy_at]);

		if (!left)
			return false;
		left--;
		if ((e & RPTE_VALID) && !p2m_free_table(d, rpde_table(e), 1, &left))
			return false;
	}
	free_pages(arch_ptr_to_ma(a->root), RADIX_ROOT_ORDER);
	a->root = NULL;
	a->leaf_table = NULL;
	return true;
}

/*
 * Make the valid entry in @slot invalid, with no translation from it left. What it
 * says stays readable for p2m_lookup(), whose callers hold no lock.
 */
static void p2m_break(struct domain *d, be64 *slot)
{
	rpte_write(slot, rpte_read(slot) & ~RPTE_VALID);
	radix_flush(d->arch.lpid);
}

/* Replace a large leaf by a table of leaves one level down. */
static be64 *p2m_split(struct domain *d, be64 *slot, unsigned int level)
{
	u64 e = rpte_read(slot);
	u64 step = 1UL << level_shift(level + 1);
	be64 *table = p2m_table_new(d, slot);
	unsigned int i;

	if (!table)
		return NULL;
	for (i = 0; i < 512; i++)
		rpte_write(&table[i], e + i * step);
	p2m_page(table)->count = 512;
	p2m_break(d, slot);
	radix_table_link(slot, table);
	return table;
}

/*
 * Store @pte for @gpa at @leaf_level, making the tables above it. If @pte is 0,
 * translations of what was there may be cached afterwards, otherwise none is.
 */
static int p2m_set_leaf(struct domain *d, u64 gpa, unsigned int leaf_level, u64 pte)
{
	be64 *table = d->arch.root, *leaf;
	unsigned int level;
	u64 e;

	for (level = 0; level < leaf_level; level++) {
		be64 *slot = &table[level_index(gpa, level)];

		e = rpte_read(slot);
		if (!(e & RPTE_VALID)) {
			table = p2m_table_add(d, slot);
			if (!table)
				return -ENOMEM;
		} else if (e & RPTE_LEAF) {
			table = p2m_split(d, slot, level);
			if (!table)
				return -ENOMEM;
		} else {
			table = rpde_table(e);
		}
	}
	leaf = &table[level_index(gpa, level)];
	e = rpte_read(leaf);
	/* No caller maps a large leaf where a table of smaller ones is. */
	if ((e & RPTE_VALID) && !(e & RPTE_LEAF) && level < 3)
		return -EEXIST;
	if ((e & RPTE_VALID) && pte)
		p2m_break(d, leaf);
	rpte_write(leaf, pte);
	if (!e && pte)
		p2m_entry_used(d, leaf);
	else if (e && !pte)
		p2m_entry_unused(d, leaf);
	return 0;
}

/*
 * p2m_set_leaf(), tried again without the tables that are empty: they may be what the domain lacks, or in
 * the way of a large leaf.
 */
static int p2m_set(struct domain *d, u64 gpa, unsigned int leaf_level, u64 pte)
{
	int rc = p2m_set_leaf(d, gpa, leaf_level, pte);

	if (unlikely(rc) && p2m_free_empty(d))
		rc = p2m_set_leaf(d, gpa, leaf_level, pte);
	return rc;
}

/* Remember the table in which the entry of a 4 KiB frame is. */
static void p2m_leaf_remember(struct domain *d, u64 gfn, be64 *table)
{
	struct arch_domain *a = &d->arch;

	a->leaf_table = table;
	a->leaf_page = p2m_page(table);
	a->leaf_base = gfn >> 9;
}

/* p2m_leaf_slot() where another table was used last. */
static noinline be64 *p2m_leaf_walk(struct domain *d, u64 gpa)
{
	be64 *table = d->arch.root;
	unsigned int level;
	u64 e;

	for (level = 0; level < 3; level++) {
		be64 *slot = &table[level_index(gpa, level)];

		e = rpte_read(slot);
		if (e & RPTE_LEAF)
			return slot;
		table = e & RPTE_VALID ? rpde_table(e) : p2m_table_add(d, slot);
		if (!table)
			return NULL;
	}
	p2m_leaf_remember(d, gpa >> 12, table);
	return &table[level_index(gpa, 3)];
}

/*
 * The entry for a 4 KiB frame, or that of a large leaf which covers it; NULL
 * without memory for the tables above. The last table used is cached until it is
 * freed: grant mappings come in batches of neighbours.
 */
static inline __force_inline be64 *p2m_leaf_slot(struct domain *d, u64 gpa)
{
	struct arch_domain *a = &d->arch;
	be64 *slot;

	if (likely(a->leaf_table && gpa >> 21 == a->leaf_base))
		return &a->leaf_table[level_index(gpa, 3)];
	slot = p2m_leaf_walk(d, gpa);
	if (unlikely(!slot) && p2m_free_empty(d))
		slot = p2m_leaf_walk(d, gpa);
	return slot;
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
 * Uses the largest leaves that the alignment of @gfn, @mfn and the order allows.
 * Earlier mappings are replaced, and no processor uses them any more on return.
 *
 * Return: 0, -EINVAL beyond 52 bits, -ENOMEM (the frames mapped so far stay).
 */
int p2m_map(struct domain *d, u64 gfn, u64 mfn, unsigned int order, enum p2m_type type,
	    bool writable)
{
	u64 n = 1UL << order, done = 0;
	int rc = 0;

	if (order > 40 || gfn + n > 1UL << 40 || gfn + n < gfn)
		return -EINVAL;
	p2m_flush(d);
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
		rc = p2m_set(d, (gfn + done) << 12, level, rpte_leaf((mfn + done) << 12, type, writable));
		if (rc)
			break;
		done += 1UL << frames_log;
	}
	ptesync();
	return rc;
}

/**
 * p2m_insert() - map one frame where none is mapped
 * @d: domain; page_lock held
 * @gfn: guest frame
 * @mfn: machine frame
 * @type: what it is
 * @writable: false: read and execute only
 *
 * No translation can be cached for an entry that was invalid, so none is ended but those that
 * a p2m_clear() has left.
 * Call p2m_sync() after a batch: only then is the guest sure to use the mapping.
 *
 * Return: 0, -EEXIST if something is mapped, -EINVAL beyond 52 bits, -ENOMEM.
 */
int p2m_insert(struct domain *d, u64 gfn, u64 mfn, enum p2m_type type, bool writable)
{
	be64 *slot;

	if (gfn >> 40)
		return -EINVAL;
	/* Before the table is looked for, since this may free it. */
	if (unlikely(d->arch.unflushed))
		p2m_flush(d);
	slot = p2m_leaf_slot(d, gfn << 12);
	if (unlikely(!slot))
		return -ENOMEM;
	if (rpte_read(slot) & RPTE_VALID)
		return -EEXIST;
	/* Not a large leaf, so it is in leaf_table. */
	d->arch.leaf_page->count++;
	rpte_write(slot, rpte_leaf(mfn << 12, type, writable));
	return 0;
}

/**
 * p2m_sync() - order earlier p2m_insert() calls before every later guest access
 *
 * No barrier weaker than ptesync orders a store to a table before a walk of that
 * table (ISA III 5.10).
 */
void p2m_sync(void)
{
	ptesync();
}

/* p2m_clear() where another table was used last. */
static noinline int p2m_clear_walk(struct domain *d, u64 gfn)
{
	be64 *table = d->arch.root;
	unsigned int level;
	u64 e;

	if (gfn >> 40 || !table)
		return 0;
	for (level = 0; level < 3; level++) {
		e = rpte_read(&table[level_index(gfn << 12, level)]);
		if (!(e & RPTE_VALID))
			return 0;
		if (e & RPTE_LEAF) {
			d->arch.unflushed = true;
			return p2m_set(d, gfn << 12, 3, 0);
		}
		table = rpde_table(e);
	}
	p2m_leaf_remember(d, gfn, table);
	return p2m_clear(d, gfn);
}

/**
 * p2m_clear() - unmap one 4 KiB guest frame, for p2m_flush() to complete
 * @d: domain; page_lock held
 * @gfn: guest frame
 *
 * Processors may use the old translation until p2m_flush().
 *
 * Return: 0, or -ENOMEM if there was no memory to split a large leaf.
 */
int p2m_clear(struct domain *d, u64 gfn)
{
	struct arch_domain *a = &d->arch;
	be64 *slot;

	if (unlikely(!a->leaf_table || gfn >> 9 != a->leaf_base))
		return p2m_clear_walk(d, gfn);
	slot = &a->leaf_table[gfn & 0x1ff];
	if (unlikely(!rpte_read(slot)))
		return 0;
	a->unflushed = true;
	rpte_write(slot, 0);
	if (unlikely(!--a->leaf_page->count))
		p2m_table_emptied(d, a->leaf_page);
	return 0;
}

/**
 * p2m_flush() - end the translations of the frames that p2m_clear() unmapped
 * @d: domain; page_lock held
 *
 * The flush serves tables that became empty as well, once there are some of them.
 *
 * Nothing is done if there are none, or another pCPU has ended them: before it released page_lock, so
 * none is left when the caller has the lock. Its ptesync orders the stores of p2m_clear() as well, which
 * the lock let it see (cumulativity, ISA v3.0B II 1.7.1).
 *
 * Ends all translations of the partition, however few frames were unmapped: one
 * tlbie is enough for a batch, and QEMU treats an invalidation by guest physical
 * address as one by effective address.
 */
void p2m_flush(struct domain *d)
{
	struct page *tables = NULL;

	if (!d->arch.unflushed)
		return;
	if (unlikely(d->arch.nr_empty > KEEP_EMPTY))
		tables = p2m_unlink_empty(d);
	radix_flush(d->arch.lpid);
	d->arch.unflushed = false;
	p2m_free_unlinked(tables);
}

/**
 * p2m_unmap() - unmap one 4 KiB guest frame
 * @d: domain; page_lock held
 * @gfn: guest frame
 *
 * No processor uses the old translation any more on return.
 *
 * Return: 0, or -ENOMEM if there was no memory to split a large leaf.
 */
int p2m_unmap(struct domain *d, u64 gfn)
{
	int rc = p2m_clear(d, gfn);

	if (!rc)
		p2m_flush(d);
	return rc;
}

/**
 * p2m_lookup() - look up a guest frame
 * @d: domain
 * @gfn: guest frame, any value
 * @mfn: out: machine frame
 * @writable: out: whether the guest may write it
 *
 * Takes no lock: a frame that another pCPU unmaps meanwhile may still be found.
 * Neither it nor a table is freed before the end of this hypercall (grace periods).
 *
 * Return: its type; P2M_NONE, with nothing stored, if no frame is mapped.
 */
enum p2m_type p2m_lookup(const struct domain *d, u64 gfn, u64 *mfn, bool *writable)
{
	const be64 *table = d->arch.root;
	u64 gpa = gfn << 12, within, e;

	if (unlikely(gfn >> 40 || !table))
		return P2M_NONE;
	/* Unrolled, so that the shifts are constants: every copy from a guest comes here. */
#pragma GCC unroll 4
	for (unsigned int level = 0; level < 4; level++) {
		e = rpte_read(&table[level_index(gpa, level)]);
		if (!e)		/* one that is being replaced counts */
			return P2M_NONE;
		if (e & RPTE_LEAF) {
			within = (1UL << level_shift(level)) - 1;
			*mfn = ((e & RPTE_RPN) | (gpa & within)) >> 12;
			*writable = e & RPTE_EAA_W;
			return e >> RPTE_TYPE_SHIFT & RPTE_TYPE;
		}
		table = rpde_table(e);
	}
	return P2M_NONE;
}

