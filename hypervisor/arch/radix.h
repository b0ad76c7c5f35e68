/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of radix trees, as the partition scope has them (ISA v3.0B III
 * 5.7.6), and access to them. Entries are big-endian whatever the hypervisor is.
 */
#ifndef HV_ARCH_RADIX_H
#define HV_ARCH_RADIX_H

#include "core/base/domain_types.h"
#include "lib/byteorder.h"
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
	asm volatile("lwsync" : : : "memory");
	rpte_write(slot, RPTE_VALID | (u64)table | RPDE_NLS_9);
}

#endif
