/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The environment of libfdt: types and byte order. Replaces the header of the same
 * name in its sources, which needs a C library.
 */
#ifndef LIBFDT_ENV_H
#define LIBFDT_ENV_H

#include <stdbool.h>

#include "lib/byteorder.h"
#include "lib/string.h"

#define INT_MAX		__INT_MAX__
#define UINT_MAX	(__INT_MAX__ * 2U + 1)

typedef u16 HV_BITWISE fdt16_t;
typedef be32 fdt32_t;
typedef be64 fdt64_t;

static inline u32 fdt32_to_cpu(fdt32_t v)
{
	return be32_to_cpu(v);
}

static inline fdt32_t cpu_to_fdt32(u32 v)
{
	return cpu_to_be32(v);
}

static inline u64 fdt64_to_cpu(fdt64_t v)
{
	return be64_to_cpu(v);
}

static inline fdt64_t cpu_to_fdt64(u64 v)
{
	return cpu_to_be64(v);
}

#endif
