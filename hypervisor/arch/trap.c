// SPDX-License-Identifier: GPL-2.0
/*
 * Exits from a guest, sorted by vector. Whatever a guest did, the worst that
 * follows is the end of that guest.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/papr.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/* All but a Xen call of a guest's kernel. Return: its r3. */
static noinline s64 hcall_other(struct vcpu *v, u64 nr)
{
	struct arch_vcpu *a = &v->arch;

	if (likely(!(a->msr & MSR_PR)))
		return papr_hcall(v, nr);
	/*
	 * From problem state nothing is served, and the registers that entry.S does
	 * not store for a hypercall would show the guest's kernel as it last was.
	 */
	a->gpr[0] = 0;
	memset(&a->gpr[9], 0, 4 * sizeof(a->gpr[0]));
	a->ctr = 0;
	a->xer = 0;
	return (s64)nr >> 16 == -1 ? -EPERM : H_PRIVILEGE;
}

/**
 * hcall_exit() - sc with LEV=1
 * @v: the vcpu that executed it; r3 number, r4..r8 arguments
 *
 * abi.md rows 1 and 3: Xen calls are marked by 48 one bits, all else is PAPR.
 *
 * Return: @v if it is to be entered at once, NULL for work_exit().
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
 * A guest whose pages are larger than ours gives a process pages of which a
 * grant or a foreign frame fills only the first 4 KiB. What the process, or
 * its kernel in its name, does beside it is their mistake and not the end of
 * the domain: the guest is told of an access that cannot be, by the bit that
 * stands for one to memory of the wrong kind (ISA v3.0B III 6.5.3).
 */
static bool process_fault(struct vcpu *v, u64 ea, u64 cause)
{
	if (!(v->arch.msr & MSR_DR) || ea >> 62)
		return false;
	mtspr(SPR_DAR, ea);
	mtspr(SPR_DSISR, DSISR_BADACCESS | (cause & DSISR_STORE));
	guest_interrupt(v, VEC_DSI, 0);
	return true;
}

static void storage_fault(struct vcpu *v, u64 vec, u64 cause)
{
	u64 asdr = mfspr(SPR_ASDR);
	bool data = vec == VEC_HDSI;
	u64 ea = data ? mfspr(SPR_HDAR) : v->arch.pc;

	if (data) {
		cause = mfspr(SPR_HDSISR);
		if (process_fault(v, ea, cause))
			return;
	}
	domain_crash(v->domain, "v%u: %s outside its memory: guest physical %lx, address %lx, cause %lx",
		     v->id, data ? "access" : "fetch", asdr & ~0xfffUL, ea, cause);
}

/**
 * trap_exit() - every exit but a hypercall
 * @v: the vcpu that was running
 * @vec: the vector it came through
 *
 * Return: @v, if it is to be entered at once; else it does not.
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
	/* HSRR1 is the guest's MSR but for these bits */
	cause = v->arch.msr & SRR1_CAUSE;
	v->arch.msr &= ~SRR1_CAUSE;
	switch (vec) {
	case VEC_HDEC:
		local_pcpu->work = true;
		break;
	case VEC_HDBELL:
		doorbell_ack();
		inject_close(v);
		break;
	case VEC_EXT:		/* mediated: the EE window opened */
		inject_close(v);
		break;
	case VEC_HVIRT:		/* no host interrupt source is enabled */
		break;
	case VEC_HDSI:
	case VEC_HISI:
		storage_fault(v, vec, cause);
		break;
	case VEC_HEA:
		if (emulate_instruction(v))
			break;
		fallthrough;
	case VEC_HFAC:
		/* what this machine or HFSCR does not offer does not exist for the guest */
		guest_interrupt(v, VEC_PROGRAM, SRR1_PROG_ILL);
		break;
	case VEC_SRESET:
	case VEC_MCHECK:
		panic("vector %lx: cause %lx pc %lx dar %lx dsisr %lx", vec, cause, v->arch.pc,
		      mfspr(SPR_DAR), mfspr(SPR_DSISR));
	default:
		domain_crash(v->domain, "v%u: unexpected exit through vector %lx", v->id, vec);
	}
	if (unlikely(!exit_short(v)))
		work_exit();
	return v;
}
