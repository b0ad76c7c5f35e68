// SPDX-License-Identifier: GPL-2.0
/*
 * Copying of guest data through vector-scalar registers, for grant copies.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "lib/string.h"

#define COPY_BLOCK	128UL
#define COPY_MIN_VSX	384UL	/* below, saving the registers costs more than it gains */

/**
 * arch_copy() - memcpy() for up to a page of guest data
 * @dst: destination
 * @src: source; the two do not overlap
 * @n: bytes
 *
 * Guests may write @src meanwhile: check what was copied, not the source.
 */
void arch_copy(void *dst, const void *src, size_t n)
{
	size_t done = 0;

	if (n >= COPY_MIN_VSX) {
		copy_blocks(dst, src, n / COPY_BLOCK);
		done = n & ~(COPY_BLOCK - 1);
	}
	memcpy((u8 *)dst + done, (const u8 *)src + done, n - done);
}
