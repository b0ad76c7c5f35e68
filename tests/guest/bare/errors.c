// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel without an operating system, which is dom0 (DOMAIN=0) and a domU (DOMAIN=1) on one pCPU.
 * dom0 sleeps most of the time, the domU never. Both say that they are alive, and which machine
 * checks they got, and go on. tests/boot/errors causes those and reads what is printed.
 */
#include "arch/cpu.h"
#include "bare.h"

#define SCHED_OP	29
#define SCHEDOP_BLOCK	1
#define MILLISECOND	512000UL	/* of the timebase */

/* Entry; and the machine check handler, which counts and returns. */
asm(BARE_ENTRY
    "check:	mtsprg0	11; mtsprg1 12\n"
    "	lis	11, seen@h; ori 11, 11, seen@l\n"
    "	mfsrr1	12; std 12, 8(11)\n"
    "	mfdsisr	12; std 12, 16(11)\n"
    "	mfdar	12; std 12, 24(11)\n"
    "	ld	12, 0(11); addi 12, 12, 1; std 12, 0(11)\n"
    "	mfsprg0	11; mfsprg1 12; rfid\n"
    "check_end:\n"
    BARE_STACK);

extern char check[], check_end[];

struct seen {
	u64 count, srr1, dsisr, dar;
};

struct seen seen;

static void hex(const char *name, u64 v)
{
	text(name);
	number(v, 16);
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
	install(0x200, check, check_end);
	asm volatile("mtmsrd %0,1" : : "r"(MSR_RI) : "memory");
	mtspr(SPR_DEC, 0x7fffffff);
	for (;;) {
		if (READ_ONCE(seen.count)) {
			hex("errors: machine check ", seen.count);
			hex(" srr1 ", seen.srr1);
			hex(" dsisr ", seen.dsisr);
			hex(" dar ", seen.dar);
			end_line();
			WRITE_ONCE(seen.count, 0);
		}
		text("errors: alive");
		end_line();
		pass_time();
	}
}
