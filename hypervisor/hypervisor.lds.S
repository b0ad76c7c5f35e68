/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The image runs at real address 0, where the interrupt vectors have to be. It is
 * one segment, which boot/head.S copies there from wherever firmware loaded it.
 */
OUTPUT_ARCH(powerpc:common64)
ENTRY(_start)

PHDRS
{
	all PT_LOAD;
}

SECTIONS
{
	. = 0;
	.head : { *(.head) } :all
	ASSERT(. <= 0x100, "head.S runs into the vectors")
	. = 0x100;
	.vectors : { *(.vectors) } :all
	. = 0x4100;
	.vectors_ail : { *(.vectors_ail) } :all
	. = 0x6000;
	.text : { *(.text.entry) *(.text .text.*) } :all
	.rodata : { *(.rodata .rodata.*) } :all
	. = ALIGN(256);
	.got : { *(.got .toc) } :all
	.data : { *(.data .data.*) } :all
	. = ALIGN(8);
	__image_end = .;
	.bss : {
		__bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(8);
		__bss_end = .;
	} :all
	. = ALIGN(65536);
	__hv_end = .;
	ASSERT(. <= 0x200000, "the image does not fit in the mapping of partition 0")
	/DISCARD/ : { *(.comment) *(.note*) *(.eh_frame*) *(.gnu*) }
}
