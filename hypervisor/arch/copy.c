// SPDX-License-Identifier: GPL-2.0
/*
 * Copying guests' data.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "lib/string.h"

#define BLOCK		128UL
#define WORTH_IT	384UL	/* below, borrowing registers costs more than it saves */

/**
 * arch_copy() - memcpy() for parts of pages
 * @dst: to
 * @src: from; the two do not overlap
 * @n: bytes
 */
void arch_copy(void *dst, const void *src, size_t n)
{
	size_t done = 0;

	if (n >= WORTH_IT) {
		copy_blocks(dst, src, n / BLOCK);
		done = n & ~(BLOCK - 1);
	}
	memcpy((u8 *)dst + done, (const u8 *)src + done, n - done);
}
