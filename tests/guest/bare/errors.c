// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel without an operating system, which is dom0 (DOMAIN=0) and a domU (DOMAIN=1) on one pCPU.
 * dom0 sleeps most of the time, the domU never. Both say that they are alive, and which machine
 * checks they got, and go on. tests/boot/errors causes those and reads what is printed.
 */
#include "arch/cpu.h"

#define CONSOLE_IO	18
#define SCHED_OP	29
#define SCHEDOP_BLOCK	1
#define MILLISECOND	512000UL	/* of the timebase */
#define H_SET_MODE	0x31c
#define INLINE(p)	(1UL << 63 | (u64)(p))

static char line[128];
static u32 used;

/* Entry; and the machine check handler, which counts and returns. */
asm(".globl _start\n"
    "_start:	lis	2, .TOC.@h; ori 2, 2, .TOC.@l\n"
    "	lis	1, stack_top@h; ori 1, 1, stack_top@l\n"
    "	li	0, 0; stdu 0, -128(1); bl main\n"
    "1:	b	1b\n"
    "check:	mtsprg0	11; mtsprg1 12\n"
    "	lis	11, seen@h; ori 11, 11, seen@l\n"
    "	mfsrr1	12; std 12, 8(11)\n"
    "	mfdsisr	12; std 12, 16(11)\n"
    "	mfdar	12; std 12, 24(11)\n"
    "	ld	12, 0(11); addi 12, 12, 1; std 12, 0(11)\n"
    "	mfsprg0	11; mfsprg1 12; rfid\n"
    "check_end:\n"
    ".section .bss; .balign 16; .space 8192; stack_top: .previous");

extern char check[], check_end[];

struct seen {
	u64 count, srr1, dsisr, dar;
};

struct seen seen;

static s64 call(u64 number, u64 a, u64 b, u64 c)
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

static s64 hypercall(u64 number, u64 a, u64 b, u64 c)
{
	return call(number | ~0xffffUL, a, b, c);
}

static void text(const char *s)
{
	while (*s && used < sizeof(line))
		line[used++] = *s++;
}

static void number(const char *name, u64 v)
{
	char digits[17];
	int i = sizeof(digits) - 1;

	digits[i] = 0;
	do {
		digits[--i] = "0123456789abcdef"[v % 16];
		v /= 16;
	} while (v);
	text(name);
	text(&digits[i]);
}

static void end_line(void)
{
	text("\n");
	hypercall(CONSOLE_IO, 0, used, INLINE(line));
	used = 0;
}

static void install(void)
{
	for (u32 j = 0; j < check_end - check; j += 4) {
		u32 *to = (u32 *)(0x200UL + j);

		*to = *(u32 *)(check + j);
		asm volatile("dcbst 0,%0; sync; icbi 0,%0; isync" : : "r"(to) : "memory");
	}
}

/* The domU spins, and is interrupted now and then. dom0 wakes up by its decrementer. */
static void pass_time(void)
{
	u64 start = mftb();

	if (!DOMAIN) {
		mtspr(SPR_DEC, 300 * MILLISECOND);
		hypercall(SCHED_OP, SCHEDOP_BLOCK, 0, 0);
	}
	while (DOMAIN && mftb() - start < 300 * MILLISECOND && !READ_ONCE(seen.count))
		;
}

void main(void);
void main(void)
{
	call(H_SET_MODE, 1, 4, 0);	/* interrupts are little-endian */
	install();
	asm volatile("mtmsrd %0,1" : : "r"(MSR_RI) : "memory");
	mtspr(SPR_DEC, 0x7fffffff);
	for (;;) {
		if (READ_ONCE(seen.count)) {
			number("errors: machine check ", seen.count);
			number(" srr1 ", seen.srr1);
			number(" dsisr ", seen.dsisr);
			number(" dar ", seen.dar);
			end_line();
			WRITE_ONCE(seen.count, 0);
		}
		text("errors: alive");
		end_line();
		pass_time();
	}
}
