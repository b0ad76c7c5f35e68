// SPDX-License-Identifier: GPL-2.0
/*
 * The PAPR hypervisor calls (LoPAR 14.5) that a radix guest needs. All others
 * return H_FUNCTION, the code for a call that a hypervisor does not offer.
 */
#include "core/arch_ops.h"
#include "core/sched/sched.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/papr.h"
#include "lib/bitops.h"

struct cpu_characteristics cpu_characteristics;

/*
 * Changes LPCR bits of the whole domain. The caller's vcpu gets them here, the other vcpus in
 * work_exit(): after a kick if they are in guest mode now, else when they are next entered.
 */
static void papr_change_lpcr(struct vcpu *v, u64 mask, u64 bits)
{
	struct domain *d = v->domain;
	u64 lpcr;
	bool same;

	spin_lock(&d->lock);
	lpcr = (d->arch.lpcr & ~mask) | bits;
	same = lpcr == d->arch.lpcr;
	WRITE_ONCE(d->arch.lpcr, lpcr);
	spin_unlock(&d->lock);
	guest_load_lpcr(v);
	if (!same)
		sched_kick_siblings(v);
}

/* LoPAR 14.5.4.1.9 */
static s64 h_set_mode(struct vcpu *v, u64 mflags, u64 resource, u64 value1, u64 value2)
{
	switch (resource) {
	case H_SET_MODE_RESOURCE_AIL:
		if (value1)
			return H_P3;
		if (value2)
			return H_P4;
		if (mflags != 0 && mflags != 3)
			return H_UNSUPPORTED_FLAG;
		papr_change_lpcr(v, LPCR_AIL_3, mflags ? LPCR_AIL_3 : 0);
		return H_SUCCESS;
	case H_SET_MODE_RESOURCE_LE:
		if (value1)
			return H_P3;
		if (value2)
			return H_P4;
		if (mflags > 1)
			return H_UNSUPPORTED_FLAG;
		papr_change_lpcr(v, LPCR_ILE, mflags ? LPCR_ILE : 0);
		return H_SUCCESS;
	default:
		return H_P2;
	}
}

#define PROC_TBL_OP	0x18
#define PROC_TBL_NEW	0x18
#define PROC_TBL_DEREG	0x10
#define PROC_TBL_RADIX	0x04
#define PROC_TBL_GTSE	0x01

/*
 * LoPAR, H_REGISTER_PROC_TBL: flags, base, page size, log2(size) - 12. The
 * processor reads the table through the partition-scoped tree, so that an address
 * outside of the guest's memory only makes the guest itself fault.
 */
static s64 h_register_proc_tbl(struct vcpu *v, u64 flags, u64 base, u64 page_size, u64 size)
{
	if (flags & ~(u64)(PROC_TBL_OP | PROC_TBL_RADIX | PROC_TBL_GTSE))
		return H_PARAMETER;
	if ((flags & PROC_TBL_OP) == PROC_TBL_DEREG) {
		radix_set_process_table(v->domain, 0);
		return H_SUCCESS;
	}
	if ((flags & PROC_TBL_OP) != PROC_TBL_NEW || !(flags & PROC_TBL_RADIX))
		return H_PARAMETER;
	if ((base & 0xfff) || base >> 60)
		return H_P2;
	if (page_size)
		return H_P3;
	if (size > 24)
		return H_P4;
	if (base & ((1UL << (size + 12)) - 1))
		return H_P2;
	radix_set_process_table(v->domain, base | size);
	papr_change_lpcr(v, LPCR_GTSE, flags & PROC_TBL_GTSE ? LPCR_GTSE : 0);
	return H_SUCCESS;
}

static s64 h_prod(struct vcpu *v, u64 id)
{
	struct domain *d = v->domain;

	if (id >= d->nr_vcpus || !d->vcpu[id])
		return H_PARAMETER;
	WRITE_ONCE(d->vcpu[id]->prodded, true);
	/*
	 * Store `prodded` before sched_wake() reads the state of the target, which may be blocking
	 * now: sched_block() stores the state and then reads `prodded`. Pairs with the barrier in
	 * sched_block_until().
	 */
	smp_mb();
	sched_wake(d->vcpu[id]);
	return H_SUCCESS;
}

/* LoPAR, H_CONFER: to one vcpu, or to any (-1). The dispatch count in r5 is ignored. */
static s64 h_confer(struct vcpu *v, u64 id)
{
	struct domain *d = v->domain;

	if (id == ~0UL || id == ~0U) {
		sched_yield(v);
		return H_SUCCESS;
	}
	if (id >= d->nr_vcpus)
		return H_PARAMETER;
	sched_yield_to(v, d->vcpu[id]);
	return H_SUCCESS;
}

/* LoPAR, H_GET_CPU_CHARACTERISTICS: results in r4 and r5, which the way out loads after any call. */
static s64 h_get_cpu_characteristics(struct vcpu *v)
{
	v->arch.gpr[4] = cpu_characteristics.character;
	v->arch.gpr[5] = cpu_characteristics.behaviour;
	return H_SUCCESS;
}

/**
 * papr_hcall() - execute a PAPR call
 * @v: calling vcpu, in privileged state; arguments in r4 to r7
 * @token: r3, H_*
 *
 * No lock held; takes domain.lock and the scheduler's.
 *
 * Return: a PAPR return code. Further results are stored in r4 and r5.
 */
s64 papr_hcall(struct vcpu *v, u64 token)
{
	const u64 *r = v->arch.gpr;

	switch (token) {
	case H_CEDE:
		v->arch.msr |= MSR_EE;
		sched_block(v);
		return H_SUCCESS;
	case H_CONFER:
		return h_confer(v, r[4]);
	case H_PROD:
		return h_prod(v, r[4]);
	case H_GET_CPU_CHARACTERISTICS:
		return h_get_cpu_characteristics(v);
	case H_SET_MODE:
		return h_set_mode(v, r[4], r[5], r[6], r[7]);
	case H_REGISTER_PROC_TBL:
		return h_register_proc_tbl(v, r[4], r[5], r[6], r[7]);
	default:
		return H_FUNCTION;
	}
}
