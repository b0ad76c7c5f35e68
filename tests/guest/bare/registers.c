// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel without an operating system, which is dom0 and a domU at once on one pCPU, one with
 * DOMAIN=0, one with DOMAIN=1. It writes values of its own into every register of
 * hypervisor/arch/sprs.h, lets the other run, and looks for values that are not its own. The domU
 * restarts after that and must find the registers of a new vcpu. Both read all numbers, to find
 * registers that the table does not know. tests/boot/registers reads what is printed.
 */
#include "arch/cpu.h"
#include "arch/sprs.h"
#include "bare.h"

#define ROUNDS		20	/* times that the other domain runs in between */
#define NR_SPRS		1024
#define SCHED_OP	29
#define SCHEDOP_YIELD	0
#define SCHEDOP_SHUTDOWN 2

enum kind { UNKNOWN, SWITCHED, CONSTANT, HOST, EXIT, ALIAS, TRAPPED, HARMLESS };

struct known {
	u16 number;
	u8 kind;
	const char *name;
	u64 value;	/* in a new vcpu, or the constant */
	u64 own;	/* what was read back after the write */
};

static struct known known[] = {
#define ROW_SWITCHED(reg, field, initial)	{ SPR_##reg, SWITCHED, #reg, initial, 0 },
#define ROW_CONSTANT(reg, value)		{ SPR_##reg, CONSTANT, #reg, value, 0 },
#define ROW_HOST(reg, value)			{ SPR_##reg, HOST, #reg, 0, 0 },
#define ROW_EXIT(reg)				{ SPR_##reg, EXIT, #reg, 0, 0 },
#define ROW_ALIAS(number, reg)			{ number, ALIAS, #reg, 0, 0 },
#define ROW_TRAPPED(number, name)		{ number, TRAPPED, #name, 0, 0 },
#define ROW_HARMLESS(number, name)		{ number, HARMLESS, #name, 0, 0 },
	SPRS_SWITCHED(ROW_SWITCHED) SPRS_PMU(ROW_SWITCHED) SPRS_PMU_CONTROL(ROW_SWITCHED)
	SPRS_SWITCHED_31(ROW_SWITCHED) SPRS_PMU_31(ROW_SWITCHED) SPRS_CONSTANT(ROW_CONSTANT)
	SPRS_HOST(ROW_HOST) SPRS_HOST_31(ROW_HOST) SPRS_EXIT(ROW_EXIT) SPRS_ALIAS(ROW_ALIAS)
	SPRS_TRAPPED(ROW_TRAPPED) SPRS_HARMLESS(ROW_HARMLESS)
};

#define NR_KNOWN (sizeof(known) / sizeof(known[0]))

static bool bad;

/*
 * Entry; the interrupt handler, which skips the instruction and sets r12; and one mfspr and one mtspr
 * for each number.
 */
asm(BARE_ENTRY
    "skip:	mfsrr0	11; addi 11, 11, 4; mtsrr0 11; li 12, 1; rfid\n"
    "skip_end:\n"
    "read_spr: .set n, 0; .rept 1024\n"
    "	.long	0x7c6002a6 | (n & 31) << 16 | (n >> 5) << 11; blr\n"
    "	.set	n, n + 1; .endr\n"
    "write_spr: .set n, 0; .rept 1024\n"
    "	.long	0x7c6003a6 | (n & 31) << 16 | (n >> 5) << 11; blr\n"
    "	.set	n, n + 1; .endr\n"
    BARE_STACK);

extern char skip[], skip_end[], read_spr[], write_spr[], stack_top[];

static void yield(void)
{
	hypercall(SCHED_OP, SCHEDOP_YIELD, 0, 0);
}

static void say(const char *s)
{
	text("registers: ");
	text(s);
	end_line();
}

static void wrong(const struct known *k, const char *what, u64 is, u64 wanted)
{
	bad = true;
	text("registers: wrong: ");
	text(k->name);
	text(" (");
	number(k->number, 10);
	text(") ");
	text(what);
	text(" is ");
	number(is, 16);
	text(", not ");
	number(wanted, 16);
	end_line();
}

/* Call an instruction of read_spr[] or write_spr[] with r3. Return: r3; *trapped: it was refused. */
static u64 access_spr(const char *table, u32 spr, u64 val, bool *trapped)
{
	register u64 r3 asm("r3") = val;
	register u64 r12 asm("r12") = 0;

	asm volatile("mtctr %2; bctrl" : "+r"(r3), "+r"(r12) : "r"(table + spr * 8)
		     : "r11", "lr", "ctr", "xer", "cr0", "memory");
	*trapped = r12;
	return r3;
}

/* A number that is no register leaves the target of mfspr alone. */
static bool readable(u32 spr, u64 *val)
{
	bool trapped;
	u64 again;

	*val = access_spr(read_spr, spr, 0x5a5a5a5a5a5a5a5aUL, &trapped);
	again = access_spr(read_spr, spr, 0xa5a5a5a5a5a5a5a5UL, &trapped);
	return !trapped && !(*val == 0x5a5a5a5a5a5a5a5aUL && again == 0xa5a5a5a5a5a5a5a5UL);
}

static void install_all(void)
{
	static const u16 vectors[] = { 0x300, 0x380, 0x400, 0x480, 0x600, 0x700, 0x800, 0xf20, 0xf40, 0xf60 };

	for (u32 i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		install(vectors[i], skip, skip_end);
}

/* A hypercall and the handler leave their own values in SRR0 and SRR1; VTB counts. */
static bool moves(const struct known *k)
{
	return k->number == SPR_SRR0 || k->number == SPR_SRR1 || k->number == SPR_VTB;
}

static void check_new(void)
{
	for (u32 i = 0; i < NR_KNOWN; i++) {
		const struct known *k = &known[i];
		u64 val;

		if ((k->kind == SWITCHED || k->kind == CONSTANT) && !moves(k) && readable(k->number, &val) &&
		    val != k->value)
			wrong(k, "of a new vcpu", val, k->value);
	}
}

/* Values that differ between the domains in bits that every implementation keeps. */
static u64 pattern(const struct known *k)
{
	u64 v = (DOMAIN ? 0x3333333333333333UL : 0x5555555555555555UL) ^ (u64)k->number << 16;

	switch (k->number) {
	case SPR_MMCR0:		/* frozen, and no exception */
		return MMCR0_FC | (DOMAIN ? 0x40000000UL : 0x20000000UL);
	case SPR_PPR:
		return (DOMAIN ? 3UL : 2UL) << 50;
	case SPR_CTRLT:
		return DOMAIN;
	default:
		return v;
	}
}

static void write_all(void)
{
	bool trapped;

	for (u32 i = 0; i < NR_KNOWN; i++) {
		struct known *k = &known[i];

		if (k->kind != SWITCHED && k->kind != CONSTANT)
			continue;
		if (!moves(k))
			access_spr(write_spr, k->number, pattern(k), &trapped);
		if (!readable(k->number, &k->own))
			k->own = k->value;
	}
}

static void check_own(void)
{
	for (u32 i = 0; i < NR_KNOWN; i++) {
		struct known *k = &known[i];
		u64 val;

		if ((k->kind != SWITCHED && k->kind != CONSTANT) || moves(k) || !readable(k->number, &val))
			continue;
		if (k->kind == CONSTANT && val == k->value)
			continue;
		if (val != k->own)
			wrong(k, "after the other domain ran", val, k->own);
	}
}

/* Branch addresses: CFAR is this program's, and the branch history buffer is empty. */
static void check_branches(void)
{
	static const struct known cfar = { SPR_CFAR, EXIT, "CFAR", 0, 0 };
	static const struct known bhrb = { 0, TRAPPED, "mfbhrbe", 0, 0 };
	register u64 r3 asm("r3") = SCHED_OP | ~0xffffUL;
	register u64 r4 asm("r4") = SCHEDOP_YIELD;
	u64 val, trapped;

	asm volatile("sc 1; mfspr %0,28" : "=&r"(val), "+r"(r3), "+r"(r4)
		     : : "r0", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "ctr", "xer", "cr0", "cr1",
		     "cr5", "cr6", "cr7", "memory");
	if (val < (u64)skip - 0x1000 || val >= (u64)stack_top)
		wrong(&cfar, "after a hypercall", val, (u64)skip);
	val = 0x5a5a;
	asm volatile("li 12,0; .long 0x7c00035c; .long 0x7c60025c; mr %1,12; mr %0,3"
		     : "=&r"(val), "=&r"(trapped) : : "r3", "r11", "r12", "memory");
	if (val || trapped)
		wrong(&bhrb, "of an empty buffer", trapped ? ~0UL : val, 0);
}

/*
 * SRR0 and SRR1: spin with values in them until this vcpu was preempted, when VTB stands still but TB
 * does not. The order of the reads makes the difference too large at first, too small later.
 */
static void check_preempted(void)
{
	static const struct known srr = { SPR_SRR0, SWITCHED, "SRR0", 0, 0 };
	u64 val = DOMAIN ? 0x3330 : 0x5550, vtb = mfspr(SPR_VTB), away = mftb() - vtb, tb;

	mtspr(SPR_SRR0, val);
	mtspr(SPR_SRR1, val);
	do {
		tb = mftb();
		vtb = mfspr(SPR_VTB);
	} while ((s64)(tb - vtb - away) < 1000);
	if (mfspr(SPR_SRR0) != val || mfspr(SPR_SRR1) != val)
		wrong(&srr, "after a preemption", mfspr(SPR_SRR0), val);
}

static u8 kind_of(u32 spr)
{
	for (u32 i = 0; i < NR_KNOWN; i++)
		if (known[i].number == spr)
			return known[i].kind;
	return UNKNOWN;
}

static void check_unknown(void)
{
	static struct known k = { .name = "unknown register" };

	for (u32 spr = 0; spr < NR_SPRS; spr++) {
		u64 val;

		if (!readable(spr, &val))
			continue;
		k.number = spr;
		if (kind_of(spr) == UNKNOWN)
			wrong(&k, "readable:", val, 0);
	}
}

void main(void);
void main(void)
{
	static u32 reboot = 1;

	call(H_SET_MODE, 1, 4, 0);
	install_all();
	say("starts");
	check_new();
	check_unknown();
	do {
		for (u32 round = 0; round < ROUNDS; round++) {
			write_all();
			yield();
			check_own();
			check_branches();
		}
		check_preempted();
		say(bad ? "failed" : "good");
	} while (!DOMAIN);
	hypercall(SCHED_OP, SCHEDOP_SHUTDOWN, INLINE(&reboot), 0);
}
