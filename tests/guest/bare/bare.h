/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all kernels without an operating system have in common: entry, stack, calls of the hypervisor.
 * Each is one file of C, linked by tests/lib/bare.py.
 */
#ifndef BARE_H
#define BARE_H

#include "lib/types.h"

#define CONSOLE_IO	18
#define H_SET_MODE	0x31c
#define INLINE(p)	(1UL << 63 | (u64)(p))

/* The first and the last part of the file's asm(): main() is called on a stack of 8 KiB. */
#define BARE_ENTRY \
	".globl _start\n" \
	"_start:	lis	2, .TOC.@h; ori 2, 2, .TOC.@l\n" \
	"	lis	1, stack_top@h; ori 1, 1, stack_top@l\n" \
	"	li	0, 0; stdu 0, -128(1); bl main\n" \
	"1:	b	1b\n"
#define BARE_STACK ".section .bss; .balign 16; .space 8192; stack_top: .previous"

/* A call of PAPR or of Xen. */
static inline s64 call(u64 number, u64 a, u64 b, u64 c)
{
	register u64 r3 asm("r3") = number;
	register u64 r4 asm("r4") = a;
	register u64 r5 asm("r5") = b;
	register u64 r6 asm("r6") = c;
	register u64 r7 asm("r7") = 0;

	asm volatile("sc 1" : "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7)
		     : : "r0", "r8", "r9", "r10", "r11", "r12", "ctr", "xer", "cr0", "cr1", "cr5", "cr6",
		     "cr7", "memory");
	return r3;
}

static inline s64 hypercall(u64 number, u64 a, u64 b, u64 c)
{
	return call(number | ~0xffffUL, a, b, c);
}

static char line[128];
static u32 used;

static inline void text(const char *s)
{
	while (*s && used < sizeof(line))
		line[used++] = *s++;
}

static inline void number(u64 v, u64 base)
{
	char digits[21];
	int i = sizeof(digits) - 1;

	digits[i] = 0;
	do {
		digits[--i] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	text(&digits[i]);
}

static inline void end_line(void)
{
	text("\n");
	hypercall(CONSOLE_IO, 0, used, INLINE(line));
	used = 0;
}

/* Make the code from @code to @end the handler of an interrupt. */
static inline void install(u64 vector, const char *code, const char *end)
{
	for (u32 i = 0; i < end - code; i += 4) {
		u32 *to = (u32 *)(vector + i);

		*to = *(const u32 *)(code + i);
		asm volatile("dcbst 0,%0; sync; icbi 0,%0; isync" : : "r"(to) : "memory");
	}
}

#endif
