/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of radix trees, as the partition scope has them (ISA v3.0B III
 * 5.7.6). Entries are big-endian whatever the hypervisor is.
 *
 * An entry without RPTE_VALID that is not 0 is being replaced (p2m_break()): the
 * processor does not use it, software reads it as if it were valid.
 */
#ifndef HV_ARCH_RADIX_H
#define HV_ARCH_RADIX_H

#include "arch/mmu.h"
#include "core/base/domain_types.h"
#include "lib/page.h"

#define RPTE_VALID	0x8000000000000000UL
#define RPTE_LEAF	0x4000000000000000UL
#define RPTE_RPN	0x01fffffffffff000UL
#define RPTE_R		0x100UL
#define RPTE_C		0x80UL
#define RPTE_TYPE_SHIFT	9	/* enum p2m_type, in bits that are software's */
#define RPTE_TYPE	7UL
#define RPTE_EAA_PRIV	8UL
#define RPTE_EAA_R	4UL
#define RPTE_EAA_W	2UL
#define RPTE_EAA_X	1UL
#define RPDE_NLS_9	9UL	/* the next level has 2^9 entries */

#define RADIX_ROOT_ORDER 4	/* 2^13 entries: 64 KiB */

/* An empty table of 2^9 entries, NULL without memory. */
static inline be64 *radix_table_new(void)
{
	u64 pa = alloc_zeroed_pages(0);

	return pa ? arch_ma_to_ptr(pa) : NULL;
}

/*
 * Link a table of 2^9 entries. Its contents are stored before the link, against
 * a processor or p2m_lookup() that follows the link meanwhile.
 */
static inline void radix_table_link(be64 *slot, const be64 *table)
{
	table_barrier();
	rpte_write(slot, RPTE_VALID | (u64)table | RPDE_NLS_9);
}

#endif
