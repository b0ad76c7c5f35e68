// SPDX-License-Identifier: GPL-2.0
/*
 * Errors of the hardware, and interrupts that the hypervisor itself causes.
 */
#include "core/arch_ops.h"
#include "core/domain/domain.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/mcheck.h"
#include "lib/printf.h"

static bool isa_31(void)
{
	return PVR_VER(mfspr(SPR_PVR)) != PVR_POWER9;
}

/* A guest can cause some as often as it likes: the 1st, 2nd, 4th, 8th, ... is reported. */
static bool report_now(u32 n)
{
	return !(n & (n - 1));
}

/* No entry of the SLB is used with radix. `slbia` leaves entry 0 (III 5.9.3.2). */
static void slb_flush(void)
{
	asm volatile("slbmte %0,%0; slbia; isync" : : "r"(0UL) : "memory");
}

/*
 * What is known of the address. A guest's effective address is not translated: the tables for that
 * are in the guest's memory, where the hypervisor might find the error itself, and stop. Without
 * relocation it is the guest's physical address, and the p2m has the machine's.
 */
static const char *mcheck_where(const struct vcpu *v, const struct mcheck *m, char *buf, size_t n)
{
	u64 relocates = m->data ? MSR_DR : MSR_IR, mfn;
	bool writable;

	if (!m->ea_valid)
		snprintf(buf, n, "address unknown");
	else if (v && !(v->arch.msr & relocates) &&
		 p2m_lookup(v->domain, (m->ea & ASDR_GPA) >> PAGE_SHIFT, &mfn, &writable) != P2M_NONE)
		snprintf(buf, n, "address %lx, machine %lx", m->ea, mfn << PAGE_SHIFT | (m->ea & PAGE_MASK));
	else
		snprintf(buf, n, "address %lx", m->ea);
	return buf;
}

/**
 * mcheck_exit() - handle a machine check that interrupted a guest
 * @v: its vcpu, whose registers are stored; MSR without the bits of @cause
 * @cause: SRR1[36,42:45]
 *
 * Panics if the error may be another domain's or the hypervisor's (mcheck_action()).
 */
void mcheck_exit(struct vcpu *v, u64 cause)
{
	u64 dsisr = mfspr(SPR_DSISR), srr1 = v->arch.msr | cause;
	struct mcheck m = mcheck_decode(v->arch.pc, srr1, dsisr, mfspr(SPR_DAR), isa_31());
	enum mcheck_action action = mcheck_action(&m, srr1);
	u32 count = ++v->domain->arch.mchecks;
	char where[64];

	/* The interrupt has cleared it, and not every way from here leads into a guest at once. */
	mcheck_enable();
	mcheck_where(v, &m, where, sizeof(where));
	if (report_now(count) || action == MCHECK_END_GUEST || action == MCHECK_STOP)
		printk("d%u v%u: machine check %u: %s, %s, pc %lx srr1 %lx dsisr %lx\n",
		       v->domain->id, v->id, count, m.what, where, v->arch.pc, srr1, dsisr);
	switch (action) {
	case MCHECK_GO_ON:
		slb_flush();
		radix_flush_cpu();
		break;
	case MCHECK_TO_GUEST:
		/* DAR and DSISR are the guest's, and hold the cause. */
		guest_interrupt(v, VEC_MCHECK, cause);
		break;
	case MCHECK_END_GUEST:
		domain_crash(v->domain, "v%u: machine check with MSR[RI]=0", v->id);
		break;
	case MCHECK_STOP:
		panic("processor %u: machine check: %s", local_pcpu->arch.pir, m.what);
	}
}

/**
 * sreset_exit() - handle a system reset that interrupted a guest
 * @v: its vcpu, whose registers are stored
 *
 * The administrator sends it, through the service processor, to see what a machine does that does
 * not answer: to all processors, each of which prints what it was doing and goes on.
 */
void sreset_exit(struct vcpu *v)
{
	printk("processor %u: system reset in d%u v%u\n", local_pcpu->arch.pir, v->domain->id, v->id);
	arch_vcpu_dump(v);
	/* The guest was about to use SRR0 and SRR1, which the interrupt has overwritten. */
	if (!(v->arch.msr & MSR_RI))
		domain_crash(v->domain, "v%u: system reset with MSR[RI]=0", v->id);
}

/* Nothing is lost but SRR0 and SRR1 of the loaded vcpu. */
static void __noreturn sreset_idle(struct pcpu *p)
{
	printk("processor %u: system reset, idle\n", p->arch.pir);
	mtspr(SPR_SRR0, p->arch.idle.srr0);
	mtspr(SPR_SRR1, p->arch.idle.srr1);
	idle_leave();
}

/**
 * host_exit() - handle an interrupt of the hypervisor itself
 * @vec: the interrupt vector
 * @pc: SRR0
 * @msr: SRR1
 * @lr: LR
 *
 * Called by entry.S, on a fresh stack: what the hypervisor was doing is lost. Panics, except for a
 * system reset of a pCPU that was idle. A system reset at another place shows where the hypervisor
 * hangs, if it does.
 */
void __noreturn host_exit(u64 vec, u64 pc, u64 msr, u64 lr)
{
	u64 dar = mfspr(SPR_DAR), dsisr = mfspr(SPR_DSISR);
	char where[64];

	if (vec == VEC_SRESET && READ_ONCE(local_pcpu->arch.idle.on))
		sreset_idle(local_pcpu);
	if (vec == VEC_MCHECK) {
		struct mcheck m = mcheck_decode(pc, msr, dsisr, dar, isa_31());

		panic("processor %u: machine check in the hypervisor: %s, %s, pc %lx lr %lx srr1 %lx dsisr %lx",
		      local_pcpu->arch.pir, m.what, mcheck_where(NULL, &m, where, sizeof(where)), pc, lr, msr, dsisr);
	}
	panic("vector %lx in the hypervisor: pc %lx msr %lx lr %lx dar %lx dsisr %lx", vec, pc, msr, lr, dar, dsisr);
}
