/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What arch/arch_vcpu.h is on the real machine: a vcpu without a CPU, for the
 * unit tests. Tests read and write these fields.
 */
#ifndef HV_HOST_ARCH_VCPU_H
#define HV_HOST_ARCH_VCPU_H

#include "lib/types.h"

struct arch_vcpu {
	u64 dec_tb;	/* absolute timebase of the decrementer, ~0: never */
	u64 pc, msr;
	unsigned int kicks, dumps;
};

struct host_p2m_entry {
	u64 key;	/* guest frame + 1; 0: unused, and then the end of a search */
	u64 val;	/* machine frame, rights and type; 0: nothing */
};

struct host_p2m {
	struct host_p2m *older;		/* what it replaced, until the domain ends */
	size_t size, used;		/* size a power of two */
	struct host_p2m_entry e[];	/* open addressing */
};

struct host_p2m_found {
	u64 gfn, mfn;
	u8 type;	/* enum p2m_type */
};

struct arch_domain {
	struct host_p2m *p2m;
	bool stale;	/* something was cleared and not flushed yet */
};

struct arch_pcpu {
	unsigned int kicks;
	struct vcpu *loaded;	/* host_next(): whose registers it has */
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
