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
	u64 gfn, mfn;
	u8 type;	/* enum p2m_type */
	bool used, writable;
};

struct arch_domain {
	struct host_p2m_entry *p2m;	/* open addressing, size a power of two */
	size_t p2m_size, p2m_used;
	bool stale;	/* something was cleared and not flushed yet */
};

struct arch_pcpu {
	unsigned int kicks;
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
