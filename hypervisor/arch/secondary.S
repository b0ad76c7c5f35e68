/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first instructions of a secondary processor, which firmware enters at
 * secondary_start in real mode and big-endian. smp.c starts one at a time and
 * leaves in secondary_args what that one needs: struct secondary_args.
 */
#include "arch/asm.inc"
#include "asm_offsets.h"

	.section ".text.entry", "ax"
func secondary_start
	le_from_be
	load_toc
	load_addr 3, secondary_args
	ld	13, SECONDARY_PCPU(3)
	ld	12, SECONDARY_MAIN(3)
	mtspr	SPR_HSPRG0, 13
	ld	1, PCPU_STACK(13)
	mtctr	12
	bctrl
	b	.
endfunc secondary_start

	.section ".bss.secondary", "aw", @nobits
	.globl	secondary_args
	.balign	8
secondary_args:
	.space	SECONDARY_SIZE
