// SPDX-License-Identifier: GPL-2.0
/*
 * The tables of a p2m (p2m.c): how many a domain may have, and how they are freed
 * while it runs.
 *
 * A table whose last entry is cleared goes onto a list of its domain, linked as it
 * is, and stays there if it is used again meanwhile. When there are more than
 * KEEP_EMPTY on the list, the next p2m_flush() frees those that are empty; so does
 * a call that would fail for want of a table. In between a domain that maps and
 * unmaps one frame in turn uses the same table.
 *
 * Who may still have a pointer to such a table, and what ends that:
 *
 *  - The processors, in walk caches, as the parent's entry said (ISA v3.0B III
 *    5.7.6, 5.10). The entry is cleared, then radix_flush() ends them, with RIC=2
 *    and POWER9's errata.
 *  - p2m_lookup() on another pCPU, which has no lock. The frame waits for a grace
 *    period, like one that was mapped. Until then the table is all zero, and so
 *    nothing is found in it.
 *  - leaf_table of the domain, and a caller that has walked the tree under
 *    page_lock: nothing is freed between a walk and the use of its entry.
 */
#include "arch/p2m_table.h"
#include "arch/internal.h"
#include "arch/radix.h"
#include "core/base/grace.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"

#define SPARE_TABLES	256U	/* 1 MiB, see p2m_most_tables() */

/*
 * How many tables a domain may have. What it maps at neighbouring frames needs one for each 512 of them:
 * its RAM, in leaves of 4 KiB, as much again elsewhere, and as many grants as its maptrack allows.
 * Twice that for the grants, since they are not mapped and unmapped in order, and room for what is mapped
 * alone. A domain that maps a frame in every 2 MiB of its windows reaches the limit, and gets -ENOMEM.
 * dom0 maps what it likes.
 */
static u64 p2m_most_tables(const struct domain *d)
{
	u64 ram = ram_frames(d), grants = d->gt ? (u64)READ_ONCE(d->gt->track.max_frames) * MAPTRACK_PER_FRAME : 0;

	return d->privileged ? ~0UL : 2 * (ram >> 9) + (ram >> 18) + 2 * (grants >> 9) + SPARE_TABLES;
}

/**
 * p2m_table_init() - the domain has no tables
 * @d: a domain with an empty p2m
 */
void p2m_table_init(struct domain *d)
{
	struct arch_domain *a = &d->arch;

	a->leaf_table = NULL;
	a->empty = NULL;
	a->nr_empty = 0;
	a->tables = 0;
}

/**
 * p2m_table_new() - make an empty table
 * @d: domain; page_lock held, or nobody else finds it
 * @slot: the entry of its tree that will link the table
 *
 * Return: the table, NULL without memory, or if the domain has all that it may have.
 */
be64 *p2m_table_new(struct domain *d, be64 *slot)
{
	be64 *table = NULL;
	struct page *pg;

	if (d->arch.tables < p2m_most_tables(d))
		table = radix_table_new();
	if (!table)
		return NULL;
	d->arch.tables++;
	pg = p2m_page(table);
	WRITE_ONCE(pg->state, PG_TABLE);
	pg->count = 0;
	pg->table.slot = slot;
	return table;
}

/**
 * p2m_table_add() - link a new, empty table
 * @d: domain; page_lock held, or nobody else finds it
 * @slot: entry of its tree that is 0
 *
 * The caller stores an entry in the table, or calls this for one of them. If that fails, the table is one
 * of those that are empty.
 *
 * Return: the table, NULL as p2m_table_new().
 */
be64 *p2m_table_add(struct domain *d, be64 *slot)
{
	be64 *table = p2m_table_new(d, slot);

	if (table) {
		radix_table_link(slot, table);
		p2m_entry_used(d, slot);
	} else if (!p2m_in_root(d, slot) && !p2m_page(slot)->count) {
		p2m_table_emptied(d, p2m_page(slot));
	}
	return table;
}

/**
 * p2m_table_emptied() - note that a table has no entries
 * @d: domain; page_lock held, or nobody else finds it
 * @pg: struct page of the table
 */
noinline void p2m_table_emptied(struct domain *d, struct page *pg)
{
	struct arch_domain *a = &d->arch;

	if (pg->state == PG_TABLE_EMPTY)
		return;
	WRITE_ONCE(pg->state, PG_TABLE_EMPTY);
	pg->table.next = a->empty;
	a->empty = pg;
	a->nr_empty++;
}

/**
 * p2m_unlink_empty() - take the empty tables out of the tree
 * @d: domain; page_lock held
 *
 * Each at most once, and those above that become empty by it. The caller calls radix_flush() before it
 * passes them to p2m_free_unlinked().
 *
 * Return: the tables, NULL if all are in use again.
 */
noinline struct page *p2m_unlink_empty(struct domain *d)
{
	struct arch_domain *a = &d->arch;
	struct page *pg, *out = NULL;

	while ((pg = a->empty)) {
		a->empty = pg->table.next;
		a->nr_empty--;
		WRITE_ONCE(pg->state, PG_TABLE);
		if (pg->count)
			continue;
		if (pg == a->leaf_page)
			a->leaf_table = NULL;
		rpte_write(pg->table.slot, 0);
		/* This may put the table above on the list. */
		p2m_entry_unused(d, pg->table.slot);
		pg->table.next = out;
		out = pg;
		a->tables--;
	}
	return out;
}

/**
 * p2m_free_unlinked() - free tables of p2m_unlink_empty()
 * @pg: the tables, which no processor has in a walk cache any more
 *
 * They are reused when a grace period has passed.
 */
void p2m_free_unlinked(struct page *pg)
{
	struct page *next;

	for (; pg; pg = next) {
		next = pg->table.next;
		grace_free_frame(pg);
	}
}

/**
 * p2m_free_empty() - free all empty tables now
 * @d: domain; page_lock held; the caller has no pointer into its tree
 *
 * Return: whether there were any, so that it may have others.
 */
bool p2m_free_empty(struct domain *d)
{
	struct page *tables = p2m_unlink_empty(d);

	if (!tables)
		return false;
	radix_flush(d->arch.lpid);
	p2m_free_unlinked(tables);
	return true;
}
