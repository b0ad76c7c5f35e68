/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a machine check says, and what is to be done about it. No register is read or written here.
 */
#ifndef HV_ARCH_MCHECK_H
#define HV_ARCH_MCHECK_H

#include "lib/types.h"

enum mcheck_class {
	MCHECK_UNKNOWN,		/* not in the tables */
	MCHECK_ACCESS,		/* what an instruction needed is lost, or not to be had */
	MCHECK_OPERAND,		/* an instruction that the processor refuses this way */
	MCHECK_TRANSLATION,	/* the processor's caches of translations are damaged or contradict each other */
	MCHECK_ASYNC,		/* a store has failed after its instruction was complete */
};

struct mcheck {
	enum mcheck_class class;
	const char *what;
	bool data;		/* of a data access: the cause is in DSISR, else in SRR1 */
	bool ea_valid;
	u64 ea;			/* effective address, if @ea_valid */
};

enum mcheck_action {
	MCHECK_STOP,		/* the machine */
	MCHECK_END_GUEST,
	MCHECK_TO_GUEST,	/* its own machine check interrupt */
	MCHECK_GO_ON,		/* in the guest, with all cached translations dropped */
};

struct mcheck mcheck_decode(u64 pc, u64 srr1, u64 dsisr, u64 dar, bool isa_31);
enum mcheck_action mcheck_action(const struct mcheck *m, u64 srr1);

#endif
