// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel without an operating system that has events pending while MSR[EE]=0, sets EE after a while,
 * and says when the external interrupt came. tests/boot/window watches.
 */
#include "arch/cpu.h"
#include "bare.h"

#define VCPU_OP		24
#define EVTCHN_OP	32
#define VCPUOP_REGISTER_INFO	10
#define EVTCHNOP_SEND	4
#define EVTCHNOP_BIND_IPI	7
#define A_WHILE		102400000UL	/* a fifth of a second of the timebase */

/* Entry; and the handler of the external interrupt, which acknowledges it and returns with EE=0. */
asm(BARE_ENTRY
    "taken:	mtsprg0	11; mtsprg1 12\n"
    "	lis	11, events@h; ori 11, 11, events@l\n"
    "	li	12, 0; stb 12, 0(11)\n"
    "	lis	11, interrupts@h; ori 11, 11, interrupts@l\n"
    "	ld	12, 0(11); addi 12, 12, 1; std 12, 0(11)\n"
    "	mfsrr1	12; rldicl 12, 12, 48, 1; rotldi 12, 12, 16; mtsrr1 12\n"
    "	mfsprg0	11; mfsprg1 12; rfid\n"
    "taken_end:\n"
    BARE_STACK);

extern char taken[], taken_end[];

/* struct vcpu_info: the first byte is evtchn_upcall_pending, the second doubleword evtchn_pending_sel. */
u64 events[8] __aligned(64);
u64 interrupts;

static void say(const char *s, u64 n)
{
	text(s);
	number(n % 10, 10);
	end_line();
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
	install(0x500, taken, taken_end);
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
