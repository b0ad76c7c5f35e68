/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of a p2m: made, counted, freed when they are empty (p2m_table.c). For p2m.c; page_lock is
 * held, or nobody else finds the domain.
 *
 * The struct page of a table counts its entries that are not 0. The root is neither counted nor freed.
 */
#ifndef HV_ARCH_P2M_TABLE_H
#define HV_ARCH_P2M_TABLE_H

#include "core/base/domain_types.h"
#include "lib/page.h"

#define ROOT_ENTRIES	8192U

/* p2m_flush() frees empty tables if there are more: one that is used again and again stays. */
#define KEEP_EMPTY	16U

void p2m_table_init(struct domain *d);
be64 *p2m_table_new(struct domain *d, be64 *slot);
be64 *p2m_table_add(struct domain *d, be64 *slot);
void p2m_table_emptied(struct domain *d, struct page *pg);
struct page *p2m_unlink_empty(struct domain *d);
void p2m_free_unlinked(struct page *pg);
bool p2m_free_empty(struct domain *d);

/* The struct page of the table that has @entry. */
static inline struct page *p2m_page(const be64 *entry)
{
	return mfn_to_page((u64)(uintptr_t)entry >> PAGE_SHIFT);
}

static inline bool p2m_in_root(const struct domain *d, const be64 *entry)
{
	return (u64)(uintptr_t)entry - (u64)(uintptr_t)d->arch.root < ROOT_ENTRIES * sizeof(*entry);
}

/* An entry that was 0 is not 0 any more. */
static inline void p2m_entry_used(struct domain *d, const be64 *entry)
{
	if (!p2m_in_root(d, entry))
		p2m_page(entry)->count++;
}

/* An entry that was not 0 is 0. */
static inline void p2m_entry_unused(struct domain *d, const be64 *entry)
{
	if (!p2m_in_root(d, entry) && !--p2m_page(entry)->count)
		p2m_table_emptied(d, p2m_page(entry));
}

#endif
