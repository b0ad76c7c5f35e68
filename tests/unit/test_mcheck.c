// SPDX-License-Identifier: GPL-2.0
/*
 * Machine checks: what the processors report, and who pays for it.
 */
#include "test.h"
#include "arch/cpu.h"
#include "arch/mcheck.h"

#define RUNNING	(MSR_SF | MSR_EE | MSR_ME | MSR_RI)	/* a guest that could go on after an interrupt */
#define DATA	0x00200000UL
#define PC	0x1234UL
#define DAR	0xc000000000abcdefUL

static const char letter[] = {
	[MCHECK_UNKNOWN] = '?', [MCHECK_ACCESS] = 'a', [MCHECK_OPERAND] = 'o', [MCHECK_TRANSLATION] = 't',
	[MCHECK_ASYNC] = 's',
};

/* SRR1[36,43:45] as the number that it is. */
static u64 fetch_srr1(unsigned int n)
{
	return (u64)(n & 8) << 24 | (u64)(n & 7) << 18;
}

/* One letter for the class of each of the 16 causes of a fetch. */
static const char *fetch_classes(bool isa_31)
{
	static char s[17];

	for (unsigned int n = 0; n < 16; n++)
		s[n] = letter[mcheck_decode(PC, RUNNING | fetch_srr1(n), ~0UL, DAR, isa_31).class];
	return s;
}

/* The same for each of the 16 bits of DSISR, from 0x8000 on. */
static const char *data_classes(bool isa_31)
{
	static char s[17];

	for (unsigned int n = 0; n < 16; n++)
		s[n] = letter[mcheck_decode(PC, RUNNING | DATA | fetch_srr1(15), 0x8000 >> n, DAR, isa_31).class];
	return s;
}

static struct mcheck data(u64 dsisr)
{
	return mcheck_decode(PC, RUNNING | DATA, dsisr, DAR, false);
}

static void decoding(void)
{
	struct mcheck m;

	ok(!strcmp(fetch_classes(false), "?attttaaaa?aassa"), "POWER9: the causes in SRR1");
	ok(!strcmp(fetch_classes(true), "?attttaa??oaas?a"), "POWER10: the causes in SRR1");
	ok(!strcmp(data_classes(false), "aaaattottaaaa???"), "POWER9: the causes in DSISR");
	ok(!strcmp(data_classes(true), "aa??ttottaaaa???"), "POWER10: the causes in DSISR");

	m = mcheck_decode(PC, RUNNING | fetch_srr1(5), 0, DAR, false);
	ok(!m.data && m.ea_valid && m.ea == PC, "of a fetch, the address is the instruction's");
	m = mcheck_decode(PC, RUNNING | DATA | fetch_srr1(13), 0x400, DAR, true);
	ok(m.class == MCHECK_ASYNC && !m.ea_valid, "a late store is one, whatever DSISR says, and has no address");
	ok(mcheck_decode(PC, RUNNING | DATA | fetch_srr1(14), 0x400, DAR, false).class == MCHECK_ASYNC,
	   "POWER9: so is one that timed out");
	ok(mcheck_decode(PC, RUNNING | DATA | fetch_srr1(14), 0x400, DAR, true).class == MCHECK_TRANSLATION,
	   "POWER10 has no such time limit");
	m = data(0x400);
	ok(m.data && m.ea_valid && m.ea == DAR, "of an access, the address is in DAR");
	ok(!data(0x8000).ea_valid, "DAR is not valid for a memory error at an access");
	m = data(0x180);
	ok(strstr(m.what, "multiple hit"), "a multiple hit in the SLB comes before its parity");
	ok(data(0x8400).class == MCHECK_ACCESS, "a memory error comes before a multiple hit");
	m = data(0);
	ok(m.class == MCHECK_UNKNOWN && m.what[0] && !m.ea_valid, "no cause at all is an unknown one");
}

static enum mcheck_action action(u64 srr1, u64 dsisr)
{
	struct mcheck m = mcheck_decode(PC, srr1, dsisr, DAR, false);

	return mcheck_action(&m, srr1);
}

static void actions(void)
{
	unsigned int stops = 0, hidden = 0, wrong = 0;

	eq(action(RUNNING | DATA, 0x400), MCHECK_GO_ON, "a guest goes on after a multiple hit in the TLB");
	eq(action(RUNNING | fetch_srr1(4), 0), MCHECK_GO_ON, "a guest goes on after a multiple hit in the ERAT");
	eq(action(RUNNING | DATA, 0x8000), MCHECK_TO_GUEST, "a memory error is the guest's");
	eq(action(RUNNING | DATA | MSR_PR, 0x4000), MCHECK_TO_GUEST, "so is one in a table, for a process");
	eq(action(RUNNING | DATA, 0x200), MCHECK_TO_GUEST, "so is a tlbie that the processor refuses");
	eq(action(RUNNING | DATA, 0), MCHECK_TO_GUEST, "so is an unknown one");
	eq(action((RUNNING & ~MSR_RI) | DATA, 0x8000), MCHECK_END_GUEST, "a guest whose SRR0 and SRR1 are lost ends");
	eq(action((RUNNING & ~MSR_RI) | DATA, 0x400), MCHECK_END_GUEST, "also if the cause can be mended");
	eq(action(RUNNING | MSR_HV | DATA, 0x8000), MCHECK_STOP, "one in the hypervisor stops the machine");
	eq(action(RUNNING | MSR_HV | DATA, 0x400), MCHECK_STOP, "so does one there that could be mended");
	eq(action(RUNNING | fetch_srr1(13), 0), MCHECK_STOP, "a store that failed late stops the machine");
	eq(action(RUNNING | fetch_srr1(14), 0), MCHECK_STOP, "so does one that timed out");

	/* Every cause in a guest: only late stores reach further than that guest; only what is mended is hidden. */
	for (u64 n = 0; n < 32; n++) {
		for (u64 dsisr = 0; dsisr < 0x10000; dsisr++) {
			u64 srr1 = RUNNING | fetch_srr1(n & 15) | (n & 16 ? DATA : 0);
			struct mcheck m = mcheck_decode(PC, srr1, dsisr, DAR, false);

			stops += mcheck_action(&m, srr1) == MCHECK_STOP;
			hidden += mcheck_action(&m, srr1) == MCHECK_GO_ON && m.class != MCHECK_TRANSLATION;
			wrong += mcheck_action(&m, srr1 & ~MSR_RI) == MCHECK_TO_GUEST || !m.what;
		}
	}
	eq(stops, 4 * 0x10000, "two causes of all that a guest can have stop the machine, whatever DSISR says");
	eq(hidden, 0, "a guest is told of what it lost");
	eq(wrong, 0, "no interrupt is given to a guest that cannot take it");
}

int main(void)
{
	decoding();
	actions();
	return test_done();
}
