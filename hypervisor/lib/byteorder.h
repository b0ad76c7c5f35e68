/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Big-endian numbers, as in the processor's tables, in calls of the firmware and
 * in device trees. sparse reports a missing conversion of be32 and be64.
 */
#ifndef HV_LIB_BYTEORDER_H
#define HV_LIB_BYTEORDER_H

#include "lib/types.h"

#ifdef __CHECKER__
#define HV_BITWISE	__attribute__((bitwise))
#define HV_FORCE	__attribute__((force))
#else
#define HV_BITWISE
#define HV_FORCE
#endif

typedef u32 HV_BITWISE be32;
typedef u64 HV_BITWISE be64;

#define HV_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

static inline u64 swap_be64(u64 v)
{
	return HV_LITTLE_ENDIAN ? __builtin_bswap64(v) : v;
}

static inline u32 swap_be32(u32 v)
{
	return HV_LITTLE_ENDIAN ? __builtin_bswap32(v) : v;
}

static inline be64 cpu_to_be64(u64 v)
{
	return (HV_FORCE be64)swap_be64(v);
}

static inline u64 be64_to_cpu(be64 v)
{
	return swap_be64((HV_FORCE u64)v);
}

static inline be32 cpu_to_be32(u32 v)
{
	return (HV_FORCE be32)swap_be32(v);
}

static inline u32 be32_to_cpu(be32 v)
{
	return swap_be32((HV_FORCE u32)v);
}

#endif
