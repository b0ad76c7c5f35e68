/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The performance monitor's registers (ISA III 9.4) in a world switch. Each vcpu has all of them to
 * itself: its counters stand still while another vcpu's world is in the processor, and nothing that
 * another domain counted can be read.
 *
 * They are always switched. Doing so only for vcpus that use the monitor needs HFSCR[PM] to trap the
 * first use, and QEMU 7.2 ignores HFSCR.
 */
#ifndef HV_ARCH_PMU_H
#define HV_ARCH_PMU_H

#include "arch/arch_vcpu.h"
#include "arch/cpu.h"

/* Stop all counters, and with them performance monitor interrupts. Other bits of MMCR0 are lost. */
static inline void pmu_freeze(void)
{
	mtspr(SPR_MMCR0, MMCR0_FC);
	isync();
}

static inline void pmu_save(struct arch_vcpu *a)
{
	a->mmcr0 = mfspr(SPR_MMCR0);
	pmu_freeze();
	a->mmcr1 = mfspr(SPR_MMCR1);
	a->mmcr2 = mfspr(SPR_MMCR2);
	a->mmcra = mfspr(SPR_MMCRA);
	a->pmc[0] = mfspr(SPR_PMC1);
	a->pmc[1] = mfspr(SPR_PMC2);
	a->pmc[2] = mfspr(SPR_PMC3);
	a->pmc[3] = mfspr(SPR_PMC4);
	a->pmc[4] = mfspr(SPR_PMC5);
	a->pmc[5] = mfspr(SPR_PMC6);
	a->siar = mfspr(SPR_SIAR);
	a->sdar = mfspr(SPR_SDAR);
	a->sier = mfspr(SPR_SIER);
}

static inline void pmu_save_isa_31(struct arch_vcpu *a)
{
	a->mmcr3 = mfspr(SPR_MMCR3);
	a->sier2 = mfspr(SPR_SIER2);
	a->sier3 = mfspr(SPR_SIER3);
}

static inline void pmu_load_isa_31(const struct arch_vcpu *a)
{
	mtspr(SPR_MMCR3, a->mmcr3);
	mtspr(SPR_SIER2, a->sier2);
	mtspr(SPR_SIER3, a->sier3);
}

/* The counters are frozen. They count again from the write of MMCR0, the last, if the guest has them count. */
static inline void pmu_load(const struct arch_vcpu *a)
{
	mtspr(SPR_PMC1, a->pmc[0]);
	mtspr(SPR_PMC2, a->pmc[1]);
	mtspr(SPR_PMC3, a->pmc[2]);
	mtspr(SPR_PMC4, a->pmc[3]);
	mtspr(SPR_PMC5, a->pmc[4]);
	mtspr(SPR_PMC6, a->pmc[5]);
	mtspr(SPR_MMCR1, a->mmcr1);
	mtspr(SPR_MMCR2, a->mmcr2);
	mtspr(SPR_MMCRA, a->mmcra);
	mtspr(SPR_SIAR, a->siar);
	mtspr(SPR_SDAR, a->sdar);
	mtspr(SPR_SIER, a->sier);
	isync();
	mtspr(SPR_MMCR0, a->mmcr0);
}

#endif
