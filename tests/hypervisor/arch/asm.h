/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Assembly helpers: constants, functions, and the change of byte order.
 *
 * Firmware enters and leaves in big-endian mode. A little-endian build
 * therefore executes a few instructions in the other order; they stand here
 * as numbers, byte-swapped by BE_INSN.
 */
#ifndef HV_ARCH_ASM_H
#define HV_ARCH_ASM_H

#include "arch/cpu.h"

#define FUNC(name)			\
	.globl	name;			\
	.type	name, @function;	\
	.p2align 4;			\
name:

#define END(name)	.size name, . - name

/* The image is linked at 0 and ends far below 2 GiB. */
.macro	load_addr reg, sym
	lis	\reg, \sym@h
	ori	\reg, \reg, \sym@l
.endm

.macro	load_toc
	load_addr 2, .TOC.
.endm

#ifdef __LITTLE_ENDIAN__
.macro	BE_INSN opcode
	.byte	(\opcode >> 24) & 0xff, (\opcode >> 16) & 0xff
	.byte	(\opcode >> 8) & 0xff, \opcode & 0xff
.endm

/*
 * Entered in big-endian mode with LR = the address of this macro: go on behind
 * it in little-endian mode. Clobbers r10, r11, HSRR0, HSRR1; never SRR0/SRR1.
 */
.macro	le_from_be_lr
	BE_INSN	0x7d4802a6	/* mflr   r10 */
	BE_INSN	0x394a001c	/* addi   r10,r10,28 */
	BE_INSN	0x7d5a4ba6	/* mthsrr0 r10 */
	BE_INSN	0x7d6000a6	/* mfmsr  r11 */
	BE_INSN	0x616b0001	/* ori    r11,r11,MSR_LE */
	BE_INSN	0x7d7b4ba6	/* mthsrr1 r11 */
	BE_INSN	0x4c000224	/* hrfid */
.endm

/* The same where LR is free: sets it first. */
.macro	le_from_be
	BE_INSN	0x429f0005	/* bcl    20,31,.+4 */
	le_from_be_lr
.endm
#define MSR_HVORDER	MSR_LE
#else
.macro	le_from_be_lr
.endm
.macro	le_from_be
.endm
#define MSR_HVORDER	0
#endif

#endif
