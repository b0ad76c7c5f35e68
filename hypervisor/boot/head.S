/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first instructions of the image. skiboot enters the ELF payload at the
 * address where it loaded it, in real mode and big-endian, on one thread, with r3
 * = flattened device tree, r8 = OPAL base, r9 = OPAL entry. The image copies
 * itself to real address 0, where its vectors belong, clears .bss and calls
 * hv_main(fdt, opal_base, opal_entry) on the boot stack.
 */
#include "arch/asm.inc"
#include "asm_offsets.h"

	.section ".head", "ax"
func _start
	le_from_be
	bcl	20,31,1f
1:	mflr	14
	addi	14, 14, _start - 1b		/* where the image is now */
	load_addr 15, _start
	subf	14, 15, 14			/* its distance from where it is linked */
	cmpdi	14, 0
	beq	3f
	li	15, 0
	load_addr 16, __image_end
2:	ldx	17, 14, 15
	std	17, 0(15)
	dcbst	0, 15
	sync
	icbi	0, 15
	addi	15, 15, 8
	cmpld	15, 16
	blt	2b
	sync
	isync
3:	load_addr 15, 4f
	mtctr	15
	bctr
4:	load_addr 15, __bss_start
	load_addr 16, __bss_end
	li	17, 0
5:	cmpld	15, 16
	bge	6f
	std	17, 0(15)
	addi	15, 15, 8
	b	5b
6:	load_toc
	load_addr 1, boot_stack_top
	li	17, 0
	stdu	17, -96(1)
	load_addr 13, pcpus
	mtspr	SPR_HSPRG0, 13
	mr	4, 8
	mr	5, 9
	bl	hv_main
	b	.
endfunc _start

	.section ".bss.stack", "aw", @nobits
	.balign	16
	.space	16384
boot_stack_top:
