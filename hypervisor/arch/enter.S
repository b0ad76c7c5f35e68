/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From C into a guest, and back from the test guest that inject.c runs at boot.
 */
#include "arch/enter.inc"

	.section ".text.entry", "ax"

/*
 * enter_guest(v): loads the register set of @v, whose world is in the
 * processor, and leaves the hypervisor. SRR0 and SRR1 hold the guest's values
 * already.
 */
func enter_guest
	enter	0,1,2,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
endfunc enter_guest

/*
 * u64 probe_enter(v): enters @v, and returns the vector of its next exit once
 * trap_exit() calls probe_leave(vec). A setjmp()/longjmp() pair: exits reset the
 * stack, so the stack pointer and the nonvolatile registers are kept here. Boot
 * processor only, before it runs domains (inject.c).
 */
func probe_enter
	mflr	0
	mfcr	4
	std	0, 16(1)
	stw	4, 8(1)
	stdu	1, -304(1)
	.irp	r, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	\r, (\r * 8 + 32)(1)
	.endr
	load_addr 4, probe_stack
	std	1, 0(4)
	std	3, PCPU_CURRENT(13)
	b	enter_guest
endfunc probe_enter

func probe_leave
	load_addr 4, probe_stack
	ld	1, 0(4)
	.irp	r, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	\r, (\r * 8 + 32)(1)
	.endr
	addi	1, 1, 304
	ld	0, 16(1)
	lwz	4, 8(1)
	mtcr	4
	mtlr	0
	blr
endfunc probe_leave

	.section ".bss.probe", "aw", @nobits
	.balign	8
probe_stack:
	.space	8
