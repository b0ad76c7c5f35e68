// SPDX-License-Identifier: GPL-2.0
/*
 * Exits from a guest, by interrupt vector. Whatever a guest does, the worst
 * consequence is the end of its own domain.
 */
#include "core/arch_ops.h"
#include "core/domain/domain.h"
#include "core/hypercall/hypercall.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/papr.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/* A call that is not a Xen hypercall from a guest kernel: PAPR, or from problem state. Return: r3. */
static noinline s64 hcall_other(struct vcpu *v, u64 nr)
{
	struct arch_vcpu *a = &v->arch;

	if (likely(!(a->msr & MSR_PR)))
		return papr_hcall(v, nr);
	/*
	 * Problem state may make no calls. entry.S does not save r0, r9 to r12, CTR
	 * and XER for a hypercall, so struct arch_vcpu may hold the guest kernel's
	 * values of an earlier exit: clear them, or the process would see them.
	 */
	a->gpr[0] = 0;
	memset(&a->gpr[9], 0, 4 * sizeof(a->gpr[0]));
	a->ctr = 0;
	a->xer = 0;
	return (s64)nr >> 16 == -1 ? -EPERM : H_PRIVILEGE;
}

/**
 * hcall_exit() - handle sc with LEV=1, a hypercall
 * @v: the vcpu that executed it; r3 is the number, r4 to r8 are the arguments
 *
 * Xen calls are marked by 48 one bits, all others are PAPR's
 * (Documentation/abi.rst, "Calls").
 *
 * Return: @v if it is to be entered at once, NULL to go to work_exit().
 */
struct vcpu *hcall_exit(struct vcpu *v)
{
	u64 nr = v->arch.gpr[3];
	hypercall_fn fn;
	s64 ret;

	if (likely((s64)nr >> 16 == -1 && !(v->arch.msr & MSR_PR))) {
		nr &= 0xffff;
		fn = nr < NR_HYPERCALLS ? hypercall_table[nr] : NULL;
		ret = likely(fn) ? fn(v, &v->arch.gpr[4]) : -ENOSYS;
		if (likely(ret != HYPERCALL_RESTART))
			v->arch.gpr[3] = ret;
		else
			v->arch.pc -= 4;
	} else {
		v->arch.gpr[3] = hcall_other(v, nr);
	}
	return exit_short(v) ? v : NULL;
}

/*
 * In a guest with 64 KiB pages, a page of a process may hold one granted or
 * foreign frame in its first 4 KiB and nothing behind. An access to the rest, by
 * the process or by its kernel on its behalf, is a bug of the process and must
 * not end the domain: deliver a data storage interrupt with the DSISR bit for
 * memory that does not allow the access (ISA v3.0B III 6.5.3).
 */
static bool fault_in_process(struct vcpu *v, u64 ea, u64 cause)
{
	if (!(v->arch.msr & MSR_DR) || ea >> 62)
		return false;
	mtspr(SPR_DAR, ea);
	mtspr(SPR_DSISR, DSISR_BADACCESS | (cause & DSISR_STORE));
	guest_interrupt(v, VEC_DSI, 0);
	return true;
}

/*
 * A fault although the p2m allows the access. The entry was being replaced
 * (p2m_break()): taking page_lock waits until it is. Or the processor found an
 * entry invalid before the store that made it valid was visible to it. The guest
 * executes the access again; should it fault for ever, it spends its own time.
 */
static bool fault_spurious(struct domain *d, u64 gpa, u64 cause)
{
	enum p2m_type type;
	bool writable;
	u64 mfn;

	spin_lock(&d->page_lock);
	type = p2m_lookup(d, gpa >> PAGE_SHIFT, &mfn, &writable);
	spin_unlock(&d->page_lock);
	return type != P2M_NONE && (writable || !(cause & (DSISR_STORE | DSISR_PROTFAULT)));
}

static void fault_outside_memory(struct vcpu *v, u64 vec, u64 cause)
{
	u64 asdr = mfspr(SPR_ASDR);
	bool data = vec == VEC_HDSI;
	u64 ea = data ? mfspr(SPR_HDAR) : v->arch.pc;

	if (data) {
		cause = mfspr(SPR_HDSISR);
		mtspr(SPR_HDSISR, HDSISR_CANARY);
		if (cause == HDSISR_CANARY)
			return;
	}
	if (fault_spurious(v->domain, asdr & ASDR_GPA, cause))
		return;
	if (data && fault_in_process(v, ea, cause))
		return;
	domain_crash(v->domain, "v%u: %s outside its memory: guest physical %lx, address %lx, cause %lx",
		     v->id, data ? "access" : "fetch", asdr & ASDR_GPA, ea, cause);
}

/**
 * trap_exit() - handle every exit other than a hypercall
 * @v: the vcpu that was running, NULL if none was
 * @vec: the interrupt vector
 *
 * Panics on an interrupt of the hypervisor itself.
 *
 * Return: @v, to be entered at once. Does not return if there is work: it then
 * ends in work_exit().
 */
struct vcpu *trap_exit(struct vcpu *v, u64 vec)
{
	u64 cause;

	if (unlikely(!v || (v->arch.msr & MSR_HV)))
		panic("vector %lx in the hypervisor: pc %lx msr %lx lr %lx dar %lx dsisr %lx",
		      vec, v ? v->arch.pc : 0, v ? v->arch.msr : 0, v ? v->arch.lr : 0,
		      mfspr(SPR_DAR), mfspr(SPR_DSISR));
	if (unlikely(inject_probing(v)))
		probe_leave(vec);
	/* (H)SRR1 holds the guest's MSR, except for these bits. */
	cause = v->arch.msr & (vec == VEC_MCHECK ? SRR1_MC_CAUSE : SRR1_CAUSE);
	v->arch.msr &= ~cause;
	switch (vec) {
	case VEC_HDEC:
		local_pcpu->work = true;
		break;
	case VEC_HDBELL:
		doorbell_ack();
		inject_close(v);
		break;
	case VEC_EXT:		/* mediated external exception: the guest has set MSR[EE] */
		inject_close(v);
		break;
	case VEC_HVIRT:		/* spurious: no host interrupt source is enabled */
		break;
	case VEC_HDSI:
	case VEC_HISI:
		fault_outside_memory(v, vec, cause);
		break;
	case VEC_HEA:
	case VEC_HFAC:
		if (emulate_instruction(v))
			break;
		fallthrough;
	case VEC_SOFTPATCH:	/* of POWER9: transactional memory, which guests do not have */
		/* To the guest, a facility that the machine or HFSCR withholds does not exist. */
		guest_interrupt(v, VEC_PROGRAM, SRR1_PROG_ILL);
		break;
	case VEC_HMI:
		hmi_exit();
		break;
	case VEC_MCHECK:
		mcheck_exit(v, cause);
		break;
	case VEC_SRESET:
		sreset_exit(v);
		break;
	default:
		domain_crash(v->domain, "v%u: unexpected exit through vector %lx", v->id, vec);
	}
	if (unlikely(!exit_short(v)))
		work_exit();
	return v;
}
