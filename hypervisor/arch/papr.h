/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PAPR hypervisor call tokens and return codes (LoPAR 14.5).
 */
#ifndef HV_ARCH_PAPR_H
#define HV_ARCH_PAPR_H

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
#define H_SET_MODE	0x31c
#define H_REGISTER_PROC_TBL 0x37c

#define H_SET_MODE_RESOURCE_AIL	3
#define H_SET_MODE_RESOURCE_LE	4

#endif
