/* SPDX-License-Identifier: GPL-2.0 */
/*
 * copy_blocks(dst, src, n): copies n blocks of 128 bytes, n not 0, through
 * vector-scalar registers. These hold a guest's values, so eight are saved on the
 * stack and restored. Both addresses may have any alignment. lxvd2x and stxvd2x
 * together preserve the order of bytes in either byte order.
 */
#include "arch/asm.inc"

/* Execute \insn for VSR 0 to 7 and the 128 bytes at \base. */
.macro	eight insn, base
	\insn	0, 0, \base
	\insn	1, \base, 6
	\insn	2, \base, 7
	\insn	3, \base, 8
	\insn	4, \base, 9
	\insn	5, \base, 10
	\insn	6, \base, 12
	\insn	7, \base, 0
.endm

	.text
func copy_blocks
	mfmsr	11
	oris	12, 11, MSR_VSX@h
	mtmsrd	12
	isync
	mtctr	5
	li	6, 16
	li	7, 32
	li	8, 48
	li	9, 64
	li	10, 80
	li	12, 96
	li	0, 112
	stdu	1, -192(1)
	addi	5, 1, 48
	eight	stxvd2x, 5
1:	eight	lxvd2x, 4
	addi	4, 4, 128
	eight	stxvd2x, 3
	addi	3, 3, 128
	bdnz	1b
	eight	lxvd2x, 5
	addi	1, 1, 192
	mtmsrd	11
	isync
	blr
endfunc copy_blocks
