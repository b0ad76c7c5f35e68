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

/* For the lists of sprs.h; @a is the struct arch_vcpu. */
#define SPR_SAVE(reg, field, initial)	a->field = mfspr(SPR_##reg);
#define SPR_LOAD(reg, field, initial)	mtspr(SPR_##reg, a->field);
#define SPR_SET(reg, value)		mtspr(SPR_##reg, value);

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
	SPRS_PMU(SPR_SAVE)
}

static inline void pmu_save_isa_31(struct arch_vcpu *a)
{
	SPRS_PMU_31(SPR_SAVE)
}

static inline void pmu_load_isa_31(const struct arch_vcpu *a)
{
	SPRS_PMU_31(SPR_LOAD)
}

/* The counters are frozen. They count again from the write of MMCR0, the last, if the guest has them count. */
static inline void pmu_load(const struct arch_vcpu *a)
{
	SPRS_PMU(SPR_LOAD)
	isync();
	mtspr(SPR_MMCR0, a->mmcr0);
}

#endif
