/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The build machine's counterpart of arch/arch_vcpu.h: per-vcpu, per-domain and
 * per-pCPU state of the simulated machine. Tests read and write these fields.
 */
#ifndef HV_HOST_ARCH_VCPU_H
#define HV_HOST_ARCH_VCPU_H

#include "core/base/limits.h"
#include "lib/byteorder.h"
#include "lib/types.h"

struct page;
struct pcpu;

struct arch_vcpu {
	u64 dec_tb;	/* absolute timebase of the decrementer, ~0: never */
	u64 pc, msr;
	u64 gpr[32], lpcr;	/* of arch/papr.c, as the real ones */
	unsigned int kicks, dumps;
	struct pcpu *last_pcpu;		/* of arch/radix.c, as the real one's; see host/mmu.c */
	bool window;
};

struct host_p2m_entry {
	u64 key;	/* guest frame + 1; 0: unused, which ends a search */
	u64 val;	/* machine frame, rights and type; 0: not mapped */
};

struct host_p2m {
	struct host_p2m *older;		/* smaller table that this one replaced, freed with the domain */
	size_t size, used;		/* entries; size is a power of two */
	struct host_p2m_entry e[];	/* hash table with open addressing */
};

struct host_p2m_found {
	u64 gfn, mfn;
	u8 type;	/* enum p2m_type */
};

struct arch_domain {
	struct host_p2m *p2m;
	bool stale;	/* entries were cleared since the last flush */
	/* Of arch/p2m.c and arch/radix.c, as the real ones; see host/mmu.c. */
	be64 *root, *leaf_table;
	u64 root_pa, prtb, lpcr, leaf_base;
	bool unflushed;
	unsigned int destroy_at;
	struct page *leaf_page, *empty;
	u32 nr_empty, tables;
	u32 lpid;
	u8 last_vcpu[MAX_PCPUS];
};

struct arch_pcpu {
	unsigned int kicks;
	struct vcpu *loaded;	/* vcpu whose registers the pCPU holds, see host_next() */
};

static inline void *arch_ma_to_ptr(u64 ma)
{
	return (void *)(uintptr_t)ma;
}

static inline u64 arch_ptr_to_ma(const void *p)
{
	return (uintptr_t)p;
}

#endif
