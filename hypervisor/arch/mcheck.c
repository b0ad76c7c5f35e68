// SPDX-License-Identifier: GPL-2.0
/*
 * Machine checks: the causes that POWER9 and POWER10 report, and the consequences.
 *
 * The ISA leaves SRR1[36,42:45], DSISR and DAR of a machine check to the implementation (v3.0B III
 * 6.5.2). Their meaning here is from the processors' user manuals, as Linux's mce_power.c has it.
 */
#include "arch/mcheck.h"
#include "arch/cpu.h"
#include "lib/bitops.h"

#define P9	1U
#define P10	2U
#define BOTH	(P9 | P10)

struct cause {
	u64 value;		/* of SRR1's field; of DSISR, one bit */
	unsigned int cpus;
	bool address;		/* pc (SRR1), DAR (DSISR) is the effective address */
	enum mcheck_class class;
	const char *what;
};

/* SRR1[42]: the cause is in DSISR. Otherwise SRR1[36,43:45] is one number; of late stores it is in spite of [42]. */
#define SRR1_MC_DATA	0x00200000UL
#define SRR1_MC_FETCH	0x081c0000UL
#define SRR1_MC_BAD_STORE	0x08140000UL
#define SRR1_MC_LATE_STORE	0x08180000UL	/* POWER9 */

static const struct cause fetch_causes[] = {
	{ 0x00040000, BOTH, true, MCHECK_ACCESS, "memory error at a fetch" },
	{ 0x00080000, BOTH, true, MCHECK_TRANSLATION, "SLB parity at a fetch" },
	{ 0x000c0000, BOTH, true, MCHECK_TRANSLATION, "SLB multiple hit at a fetch" },
	{ 0x00100000, BOTH, true, MCHECK_TRANSLATION, "ERAT multiple hit at a fetch" },
	{ 0x00140000, BOTH, true, MCHECK_TRANSLATION, "TLB multiple hit at a fetch" },
	{ 0x00180000, BOTH, true, MCHECK_ACCESS, "memory error in a table for a fetch" },
	{ 0x001c0000, BOTH, true, MCHECK_ACCESS, "fetch from a foreign link" },
	{ 0x08000000, P9, true, MCHECK_ACCESS, "fetch timed out" },
	{ 0x08040000, P9, true, MCHECK_ACCESS, "table access for a fetch timed out" },
	{ 0x08080000, P10, true, MCHECK_OPERAND, "scv refused" },
	{ 0x080c0000, BOTH, true, MCHECK_ACCESS, "fetch from a bad real address" },
	{ 0x08100000, BOTH, true, MCHECK_ACCESS, "table at a bad real address for a fetch" },
	{ SRR1_MC_BAD_STORE, BOTH, false, MCHECK_ASYNC, "store to a bad real address" },
	{ SRR1_MC_LATE_STORE, P9, false, MCHECK_ASYNC, "store timed out" },
	{ 0x081c0000, BOTH, true, MCHECK_ACCESS, "table behind a foreign link for a fetch" },
};

/* In the order in which they count if several bits are set: a multiple hit in the SLB sets its parity bit as well. */
static const struct cause data_causes[] = {
	{ 0x8000, BOTH, false, MCHECK_ACCESS, "memory error at an access" },
	{ 0x4000, BOTH, true, MCHECK_ACCESS, "memory error in a table for an access" },
	{ 0x2000, P9, true, MCHECK_ACCESS, "access timed out" },
	{ 0x1000, P9, true, MCHECK_ACCESS, "table access for an access timed out" },
	{ 0x0800, BOTH, true, MCHECK_TRANSLATION, "ERAT multiple hit at an access" },
	{ 0x0400, BOTH, true, MCHECK_TRANSLATION, "TLB multiple hit at an access" },
	{ 0x0200, BOTH, false, MCHECK_OPERAND, "tlbie refused" },
	{ 0x0080, BOTH, true, MCHECK_TRANSLATION, "SLB multiple hit at an access" },
	{ 0x0100, BOTH, true, MCHECK_TRANSLATION, "SLB parity at an access" },
	{ 0x0040, BOTH, true, MCHECK_ACCESS, "access to a bad real address" },
	{ 0x0020, BOTH, false, MCHECK_ACCESS, "table at a bad real address for an access" },
	{ 0x0010, BOTH, false, MCHECK_ACCESS, "table behind a foreign link for an access" },
	{ 0x0008, BOTH, false, MCHECK_ACCESS, "access to a foreign link" },
};

static bool cause_in_dsisr(u64 srr1, bool isa_31)
{
	u64 fetch = srr1 & SRR1_MC_FETCH;

	return (srr1 & SRR1_MC_DATA) && fetch != SRR1_MC_BAD_STORE && (isa_31 || fetch != SRR1_MC_LATE_STORE);
}

/**
 * mcheck_decode() - find the cause of a machine check
 * @pc: SRR0
 * @srr1: SRR1
 * @dsisr: DSISR
 * @dar: DAR
 * @isa_31: the processor is a POWER10 or later
 *
 * Return: the cause; MCHECK_UNKNOWN if no table has it.
 */
struct mcheck mcheck_decode(u64 pc, u64 srr1, u64 dsisr, u64 dar, bool isa_31)
{
	struct mcheck m = { .class = MCHECK_UNKNOWN, .what = "unknown cause", .data = cause_in_dsisr(srr1, isa_31) };
	const struct cause *c = m.data ? data_causes : fetch_causes;
	const struct cause *end = c + (m.data ? ARRAY_SIZE(data_causes) : ARRAY_SIZE(fetch_causes));
	unsigned int cpu = isa_31 ? P10 : P9;

	for (; c < end; c++) {
		if (!(c->cpus & cpu) || (m.data ? !(dsisr & c->value) : (srr1 & SRR1_MC_FETCH) != c->value))
			continue;
		m.class = c->class;
		m.what = c->what;
		m.ea_valid = c->address;
		m.ea = m.data ? dar : pc;
		break;
	}
	return m;
}

/**
 * mcheck_action() - decide what a machine check leads to
 * @m: its cause
 * @srr1: SRR1, in which HV and RI are those of the interrupted context
 *
 * The hypervisor's own state: its registers are lost, and what it was changing is in an unknown
 * state. A store that failed late may be anybody's: an earlier guest's, or the hypervisor's.
 *
 * All else is the guest's that ran, as long as it can be told: with MSR[RI]=0 its SRR0 and SRR1 had
 * values that it needed. A cause that is not in the tables is treated like a lost access, by which
 * KVM goes, too.
 *
 * Return: what to do.
 */
enum mcheck_action mcheck_action(const struct mcheck *m, u64 srr1)
{
	if ((srr1 & MSR_HV) || m->class == MCHECK_ASYNC)
		return MCHECK_STOP;
	if (!(srr1 & MSR_RI))
		return MCHECK_END_GUEST;
	return m->class == MCHECK_TRANSLATION ? MCHECK_GO_ON : MCHECK_TO_GUEST;
}
