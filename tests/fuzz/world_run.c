// SPDX-License-Identifier: GPL-2.0
/*
 * Actions of vcpus that run: the scheduler picks them on the simulated pCPUs, and they act until
 * there is work for the hypervisor. The other actions of a world need no vcpu that runs.
 */
#include "arch/cpu.h"
#include "arch/internal.h"
#include "arch/papr.h"
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/base/pcpu.h"
#include "core/sched/sched.h"
#include "host/host.h"
#include "world.h"

#define CALLS		8	/* of one vcpu in one action */
#define LPCR_GUEST	(LPCR_ILE | LPCR_AIL_3 | LPCR_GTSE)	/* what calls can set */
#define PRTB_LARGEST	24UL

/**
 * world_run_one() - start vcpus that are down, let time pass, and let this pCPU choose
 *
 * Return: the vcpu that runs, or NULL.
 */
struct vcpu *world_run_one(void)
{
	unsigned int up = world_take(1);

	for (u16 id = 0; id < DOMAINS; id++) {
		struct domain *d = domain_find(id);

		for (unsigned int i = 0; d && i < d->nr_vcpus; i++, up >>= 1) {
			d->vcpu[i]->initialised = true;
			if (!(up & 1) && d->state == DOM_RUNNING)
				sched_unpause(d->vcpu[i]);
		}
	}
	host_advance_ns(world_take(1) * 20000);
	return host_next();
}

/* Registers as arguments of a PAPR call: small numbers, addresses, flags, or anything. */
static u64 any_register(void)
{
	u8 how = world_take(1);

	switch (how & 3) {
	case 0:
		return how >> 2 & 7;
	case 1:
		return (u64)world_take(2) << (how >> 2);
	case 2:
		return ~0UL >> (how >> 2);
	default:
		return how & 4 ? world_take(8) : 0;
	}
}

/* A vcpu has the LPCR of its domain, if its pCPU has not been told to look again. */
static void check_lpcr(void)
{
	for (unsigned int i = 0; i < nr_pcpus; i++) {
		const struct vcpu *v = pcpus[i].current;

		if (v && v == pcpus[i].arch.loaded && !pcpus[i].work && !vcpu_stopped(v))
			world_require((v->arch.lpcr & ~LPCR_MER) == v->domain->arch.lpcr,
				      "a vcpu runs with an LPCR that is not its domain's");
	}
	for (u16 id = 0; id < DOMAINS; id++)
		if (domains[id])
			world_require(!(domains[id]->arch.lpcr & ~LPCR_GUEST), "an LPCR bit that is not the guest's");
}

static void check_process_table(u64 prtb)
{
	u64 size = prtb & 0xfff;

	world_require(size <= PRTB_LARGEST && !(prtb >> 60) && !(prtb & ((1UL << (size + 12)) - 1) & ~0xfffUL),
		      "a process table entry that is not valid");
}

static void check_result(s64 rc)
{
	static const s64 results[] = { H_SUCCESS, H_FUNCTION, H_PARAMETER, H_P2, H_P3, H_P4, H_UNSUPPORTED_FLAG };

	for (unsigned int i = 0; i < ARRAY_SIZE(results); i++)
		if (rc == results[i])
			return;
	world_require(false, "a PAPR call with an undefined result");
}

/* What a call must not change: other registers of the vcpu, and anything of other domains. */
static void check_untouched(const struct vcpu *v, u64 token, const u64 *before, u64 msr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(v->arch.gpr); i++)
		if (token != H_GET_CPU_CHARACTERISTICS || (i != 4 && i != 5))
			world_require(v->arch.gpr[i] == before[i], "a PAPR call has changed a register");
	world_require(v->arch.msr == (token == H_CEDE ? msr | MSR_EE : msr), "a PAPR call has changed the MSR");
}

static void papr_call(struct vcpu *v)
{
	static const u16 tokens[] = { H_CEDE, H_CONFER, H_PROD, H_GET_CPU_CHARACTERISTICS, H_SET_MODE, H_SET_MODE,
				      H_REGISTER_PROC_TBL, H_REGISTER_PROC_TBL };
	u64 before[32], lpcr[DOMAINS], prtb[DOMAINS], token, msr;
	u8 how = world_take(1);

	token = how & 0xf0 ? tokens[how & 7] : world_take(2) & ~3UL;
	for (unsigned int i = 4; i <= 7; i++)
		v->arch.gpr[i] = any_register();
	/* Half of the calls with a valid resource and flags: most registers would be refused there. */
	if (token == H_SET_MODE && how & 8)
		v->arch.gpr[5] = how & 16 ? H_SET_MODE_RESOURCE_AIL : H_SET_MODE_RESOURCE_LE;
	if (token == H_REGISTER_PROC_TBL && how & 8)
		v->arch.gpr[4] = how & 16 ? 0x1d : how >> 5 << 2;
	v->arch.msr = MSR_SF | MSR_ME | (how & 32 ? MSR_EE : 0);
	msr = v->arch.msr;
	__builtin_memcpy(before, v->arch.gpr, sizeof(before));
	for (u16 id = 0; id < DOMAINS; id++) {
		lpcr[id] = domains[id] ? domains[id]->arch.lpcr : 0;
		prtb[id] = domains[id] ? domains[id]->arch.prtb : 0;
	}
	check_result(papr_hcall(v, token));
	check_untouched(v, token, before, msr);
	check_process_table(v->domain->arch.prtb);
	for (u16 id = 0; id < DOMAINS; id++)
		if (domains[id] && domains[id] != v->domain)
			world_require(domains[id]->arch.lpcr == lpcr[id] && domains[id]->arch.prtb == prtb[id],
				      "a PAPR call has changed another domain");
	check_lpcr();
}

/**
 * world_act_papr() - a vcpu makes PAPR calls with any registers
 *
 * As on the real machine, it goes on until its pCPU has work, and then the scheduler chooses.
 */
void world_act_papr(void)
{
	struct vcpu *v = world_run_one();
	struct pcpu *p = &pcpus[host_pcpu];

	for (unsigned int i = world_take(1) % CALLS + 1; v && i; i--) {
		papr_call(v);
		if (p->work)
			v = host_next();
	}
	check_lpcr();
}
