/* SPDX-License-Identifier: GPL-2.0 */
/*
 * s64 opal_entry_call(u64 *args): calls OPAL with token args[0] and r3 to r10 =
 * args[1] to args[8]. OPAL runs in real mode, big-endian, on the caller's stack.
 * It may clobber SRR0 and SRR1, which hold the loaded guest's values: they are
 * preserved here.
 */
#include "arch/asm.inc"
#include "asm_offsets.h"

	.text
func opal_entry_call
	mflr	0
	std	0, 16(1)
	std	2, -8(1)
	std	31, -16(1)
	std	30, -24(1)
	std	29, -32(1)
	std	28, -40(1)
	stdu	1, -256(1)
	mfspr	28, SPR_SRR0
	mfspr	29, SPR_SRR1
	mfcr	30
	mr	31, 13
	mfmsr	11
	li	12, MSR_GUEST_ORDER
	andc	11, 11, 12
	mtspr	SPR_HSRR1, 11
	load_addr 12, opal
	ld	11, OPAL_ENTRY(12)
	mtspr	SPR_HSRR0, 11
	ld	2, OPAL_BASE(12)
	load_addr 12, 1f
	mtlr	12
	mr	12, 3
	ld	0, 0(12)
	ld	3, 8(12)
	ld	4, 16(12)
	ld	5, 24(12)
	ld	6, 32(12)
	ld	7, 40(12)
	ld	8, 48(12)
	ld	9, 56(12)
	ld	10, 64(12)
	hrfid
1:	le_from_be_lr
	mtspr	SPR_SRR0, 28
	mtspr	SPR_SRR1, 29
	mtcr	30
	mr	13, 31
	addi	1, 1, 256
	ld	28, -40(1)
	ld	29, -32(1)
	ld	30, -24(1)
	ld	31, -16(1)
	ld	2, -8(1)
	ld	0, 16(1)
	mtlr	0
	blr
endfunc opal_entry_call

	.section ".bss.opal", "aw", @nobits
	.globl	opal
	.balign	8
opal:
	.space	OPAL_SIZE
