/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interface of host/smp.c. It is separate from host.h because that includes core/
 * headers, whose names collide with those of the C library that smp.c includes.
 */
#ifndef HV_HOST_SMP_H
#define HV_HOST_SMP_H

extern __thread unsigned int host_pcpu;	/* index in pcpus[] of the pCPU that this thread simulates */

void cpu_relax(void);
void host_threads(unsigned int n, void (*fn)(void));
void host_jitter(void);

#endif
