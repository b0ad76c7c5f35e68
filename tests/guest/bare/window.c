// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel without an operating system that has events pending while MSR[EE]=0, sets EE after a while,
 * and says when the external interrupt came. tests/boot/window watches.
 */
#include "arch/cpu.h"

#define VCPU_OP		24
#define CONSOLE_IO	18
#define EVTCHN_OP	32
#define VCPUOP_REGISTER_INFO	10
#define EVTCHNOP_SEND	4
#define EVTCHNOP_BIND_IPI	7
#define H_SET_MODE	0x31c
#define A_WHILE		102400000UL	/* a fifth of a second of the timebase */
#define INLINE(p)	(1UL << 63 | (u64)(p))

static char line[64];
static u32 used;

/* Entry; and the handler of the external interrupt, which acknowledges it and returns with EE=0. */
asm(".globl _start\n"
    "_start:	lis	2, .TOC.@h; ori 2, 2, .TOC.@l\n"
    "	lis	1, stack_top@h; ori 1, 1, stack_top@l\n"
    "	li	0, 0; stdu 0, -128(1); bl main\n"
    "1:	b	1b\n"
    "taken:	mtsprg0	11; mtsprg1 12\n"
    "	lis	11, events@h; ori 11, 11, events@l\n"
    "	li	12, 0; stb 12, 0(11)\n"
    "	lis	11, interrupts@h; ori 11, 11, interrupts@l\n"
    "	ld	12, 0(11); addi 12, 12, 1; std 12, 0(11)\n"
    "	mfsrr1	12; rldicl 12, 12, 48, 1; rotldi 12, 12, 16; mtsrr1 12\n"
    "	mfsprg0	11; mfsprg1 12; rfid\n"
    "taken_end:\n"
    ".section .bss; .balign 16; .space 8192; stack_top: .previous");

extern char taken[], taken_end[];

/* struct vcpu_info: the first byte is evtchn_upcall_pending, the second doubleword evtchn_pending_sel. */
u64 events[8] __aligned(64);
u64 interrupts;

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

static void say(const char *s, u64 n)
{
	while (*s)
		line[used++] = *s++;
	line[used++] = '0' + n % 10;
	line[used++] = '\n';
	hypercall(CONSOLE_IO, 0, used, INLINE(line));
	used = 0;
}

static void install(void)
{
	for (u32 j = 0; j < taken_end - taken; j += 4) {
		u32 *to = (u32 *)(0x500UL + j);

		*to = *(u32 *)(taken + j);
		asm volatile("dcbst 0,%0; sync; icbi 0,%0; isync" : : "r"(to) : "memory");
	}
}

static void wait(u64 ticks)
{
	u64 start = mftb();

	while (mftb() - start < ticks && !READ_ONCE(interrupts))
		;
}

void main(void);
void main(void)
{
	static struct { u64 mfn; u32 offset, reserved; } info;
	static struct { u32 vcpu, port; } ipi;
	static u32 port;

	call(H_SET_MODE, 1, 4, 0);
	install();
	info.mfn = (u64)events >> 12;
	info.offset = (u64)events & 0xfff;
	if (hypercall(VCPU_OP, VCPUOP_REGISTER_INFO, 0, INLINE(&info)) ||
	    hypercall(EVTCHN_OP, EVTCHNOP_BIND_IPI, INLINE(&ipi), 0))
		say("window: refused ", 0);
	/* Registering it made all ports worth a look. */
	WRITE_ONCE(events[1], 0);
	WRITE_ONCE(events[0], 0);
	port = ipi.port;
	say("window: closed ", READ_ONCE(interrupts));
	wait(A_WHILE);
	hypercall(EVTCHN_OP, EVTCHNOP_SEND, INLINE(&port), 0);
	say("window: pending ", READ_ONCE(interrupts));
	wait(A_WHILE);
	asm volatile("mtmsrd %0,1" : : "r"(MSR_EE | MSR_RI) : "memory");
	wait(~0UL);
	say("window: taken ", READ_ONCE(interrupts));
	for (;;)
		;
}
