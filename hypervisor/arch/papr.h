/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PAPR hypervisor call tokens and return codes (LoPAR 14.5).
 */
#ifndef HV_ARCH_PAPR_H
#define HV_ARCH_PAPR_H

#include "lib/types.h"

#define H_SUCCESS	0
#define H_FUNCTION	(-2)
#define H_PRIVILEGE	(-3)
#define H_PARAMETER	(-4)
#define H_P2		(-55)
#define H_P3		(-56)
#define H_P4		(-57)
#define H_UNSUPPORTED_FLAG (-256)

#define H_CEDE		0xe0
#define H_CONFER	0xe4
#define H_PROD		0xe8
#define H_GET_CPU_CHARACTERISTICS 0x1c8
#define H_SET_MODE	0x31c
#define H_REGISTER_PROC_TBL 0x37c

#define H_SET_MODE_RESOURCE_AIL	3
#define H_SET_MODE_RESOURCE_LE	4

/* H_GET_CPU_CHARACTERISTICS: what the processor can do; IBM bit n is BIT(63 - n) */
#define H_CPU_CHAR_SPEC_BAR_ORI31	BIT(63)
#define H_CPU_CHAR_BCCTRL_SERIALISED	BIT(62)
#define H_CPU_CHAR_L1D_FLUSH_ORI30	BIT(61)
#define H_CPU_CHAR_L1D_FLUSH_TRIG2	BIT(60)
#define H_CPU_CHAR_L1D_THREAD_PRIV	BIT(59)
#define H_CPU_CHAR_COUNT_CACHE_DISABLED	BIT(56)
#define H_CPU_CHAR_BCCTR_FLUSH_ASSIST	BIT(54)

/* and what the guest is to do */
#define H_CPU_BEHAV_FAVOUR_SECURITY	BIT(63)
#define H_CPU_BEHAV_L1D_FLUSH_PR	BIT(62)
#define H_CPU_BEHAV_BNDS_CHK_SPEC_BAR	BIT(61)
#define H_CPU_BEHAV_FLUSH_COUNT_CACHE	BIT(58)
#define H_CPU_BEHAV_NO_L1D_FLUSH_ENTRY	BIT(56)
#define H_CPU_BEHAV_NO_L1D_FLUSH_UACCESS BIT(55)
#define H_CPU_BEHAV_NO_STF_BARRIER	BIT(54)

struct cpu_characteristics {
	u64 character;
	u64 behaviour;
};

/* What H_GET_CPU_CHARACTERISTICS returns to every domain; boot/ sets it once, before there are domains. */
extern struct cpu_characteristics cpu_characteristics;

#endif
