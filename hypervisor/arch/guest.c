// SPDX-License-Identifier: GPL-2.0
/*
 * The register state of a vcpu outside of the world switch: its initial value,
 * the delivery of an interrupt, its LPCR, and a dump.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/**
 * guest_interrupt() - deliver an interrupt to a guest as the hardware would
 * @v: the loaded vcpu, about to be entered
 * @vec: vector, an offset below 0x1000
 * @cause: bits for SRR1[33:36,42:47]
 *
 * ISA v3.0B III 6.4.1, 6.4.3 (SRR0, SRR1, new MSR) and 6.4 (AIL).
 */
void guest_interrupt(struct vcpu *v, u64 vec, u64 cause)
{
	struct arch_vcpu *a = &v->arch;
	u64 msr = MSR_SF | (a->msr & MSR_ME);
	const u64 reloc = MSR_IR | MSR_DR;

	mtspr(SPR_SRR0, a->pc);
	mtspr(SPR_SRR1, (a->msr & ~SRR1_CAUSE) | cause);
	if (a->lpcr & LPCR_ILE)
		msr |= MSR_LE;
	/*
	 * AIL does not apply to a machine check. ME stays 1, other than on hardware: rfid sets it in hypervisor
	 * state alone (III 3.3.1), so the guest could not, and its next machine check would be a checkstop.
	 */
	if (vec != VEC_MCHECK && (a->lpcr & LPCR_AIL_3) == LPCR_AIL_3 && (a->msr & reloc) == reloc) {
		msr |= reloc;
		vec += VEC_AIL_BASE;
	}
	a->pc = vec;
	a->msr = msr;
}

/**
 * guest_load_lpcr() - load a vcpu's LPCR from what its domain chose
 * @v: the vcpu whose world is loaded
 *
 * LPCR[MER], the vcpu's own bit, is kept. Other vcpus of the domain get ILE and
 * AIL when their world is loaded or when they come through work_exit(). The
 * hrfid that enters the guest synchronises (ISA III 11).
 */
void guest_load_lpcr(struct vcpu *v)
{
	v->arch.lpcr = v->domain->arch.lpcr | (v->arch.lpcr & LPCR_MER);
	mtspr(SPR_LPCR, v->arch.lpcr);
}

/**
 * arch_vcpu_create() - initialise the registers of a new vcpu
 * @v: new vcpu, zeroed
 *
 * Return: 0.
 */
int arch_vcpu_create(struct vcpu *v)
{
	v->arch.lpcr = v->domain->arch.lpcr;
#define SPR_INITIAL(reg, field, initial) v->arch.field = initial;
	SPRS_SWITCHED(SPR_INITIAL)
	SPRS_SWITCHED_31(SPR_INITIAL)
	SPRS_PMU(SPR_INITIAL)
	SPRS_PMU_31(SPR_INITIAL)
	SPRS_PMU_CONTROL(SPR_INITIAL)
#undef SPR_INITIAL
	v->arch.dec_tb = ~0UL >> 1;
	return 0;
}

/**
 * arch_vcpu_set_context() - set the registers with which a secondary vcpu starts
 * @v: a vcpu that is down, its world in no processor
 * @c: the registers that its guest gave to VCPUOP_initialise
 *
 * Of the MSR only SF and LE are the caller's to choose; ME is set, HV, PR, EE
 * and relocation are not (Documentation/abi.rst, "Byte order" and "Entry").
 * Registers that @c does not name are as in a new vcpu, so nothing of an earlier
 * kernel's state is left.
 *
 * Return: 0, or -EINVAL for the other byte order or a 32-bit start.
 */
int arch_vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct arch_vcpu *a = &v->arch;
	struct pcpu *last_pcpu = a->last_pcpu;

	if (!(c->msr & MSR_SF))
		return -EINVAL;
	memset(a, 0, sizeof(*a));
	a->last_pcpu = last_pcpu;
	arch_vcpu_create(v);
	memcpy(a->gpr, c->gprs, sizeof(a->gpr));
	a->lr = c->lr;
	a->ctr = c->ctr;
	a->xer = c->xer;
	a->cr = c->cr;
	a->pc = c->pc;
	a->msr = MSR_SF | MSR_ME | (c->msr & MSR_LE);
	return 0;
}

/**
 * arch_vcpu_dump() - print a vcpu's registers
 * @v: a vcpu that is not in guest mode; during a hypercall, r14 to r31 are those
 *     of an earlier exit (entry.S)
 */
void arch_vcpu_dump(const struct vcpu *v)
{
	const struct arch_vcpu *a = &v->arch;
	bool live = local_pcpu->arch.loaded == v;
	int i;

	printk("d%u v%u: pc %016lx msr %016lx lr %016lx ctr %016lx\n",
	       v->domain->id, v->id, a->pc, a->msr, a->lr, a->ctr);
	printk("  cr %08lx xer %08lx lpcr %016lx pid %lx\n", a->cr, a->xer, a->lpcr, live ? mfspr(SPR_PIDR) : a->pidr);
	printk("  srr0 %016lx srr1 %016lx dar %016lx dsisr %08lx\n",
	       live ? mfspr(SPR_SRR0) : a->srr0, live ? mfspr(SPR_SRR1) : a->srr1,
	       live ? mfspr(SPR_DAR) : a->dar, live ? mfspr(SPR_DSISR) : a->dsisr);
	for (i = 0; i < 32; i += 4)
		printk("  r%02d %016lx %016lx %016lx %016lx\n", i,
		       a->gpr[i], a->gpr[i + 1], a->gpr[i + 2], a->gpr[i + 3]);
}
