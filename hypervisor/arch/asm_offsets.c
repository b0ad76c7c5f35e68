// SPDX-License-Identifier: GPL-2.0
/* Structure offsets for assembly. Compiled to text, from which the Makefile makes asm_offsets.h. */
#include "arch/internal.h"
#include "arch/opal.h"

#define DEFINE(sym, val) ({ asm volatile("\n->" #sym " %0" : : "i"(val)); })

static void __attribute__((used)) asm_offsets(void)
{
	DEFINE(VCPU_GPR, offsetof(struct vcpu, arch.gpr));
	DEFINE(VCPU_PC, offsetof(struct vcpu, arch.pc));
	DEFINE(VCPU_MSR, offsetof(struct vcpu, arch.msr));
	DEFINE(VCPU_LR, offsetof(struct vcpu, arch.lr));
	DEFINE(VCPU_CTR, offsetof(struct vcpu, arch.ctr));
	DEFINE(VCPU_XER, offsetof(struct vcpu, arch.xer));
	DEFINE(VCPU_CR, offsetof(struct vcpu, arch.cr));
	DEFINE(PCPU_CURRENT, offsetof(struct pcpu, current));
	DEFINE(PCPU_R11, offsetof(struct pcpu, arch.save_r11));
	DEFINE(PCPU_R12, offsetof(struct pcpu, arch.save_r12));
	DEFINE(PCPU_CR, offsetof(struct pcpu, arch.save_cr));
	DEFINE(PCPU_STACK, offsetof(struct pcpu, arch.stack));
	DEFINE(SECONDARY_PCPU, offsetof(struct secondary_args, pcpu));
	DEFINE(SECONDARY_MAIN, offsetof(struct secondary_args, main));
	DEFINE(SECONDARY_SIZE, sizeof(struct secondary_args));
	DEFINE(OPAL_BASE, offsetof(struct opal, base));
	DEFINE(OPAL_ENTRY, offsetof(struct opal, entry));
	DEFINE(OPAL_SIZE, sizeof(struct opal));
}
