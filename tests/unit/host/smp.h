/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What host/smp.c needs and gives: apart from host.h, since the C library's
 * headers have names that core/ uses.
 */
#ifndef HV_HOST_SMP_H
#define HV_HOST_SMP_H

extern __thread unsigned int host_pcpu;	/* which of pcpus[] this thread plays */

void cpu_relax(void);
void host_threads(unsigned int n, void (*fn)(void));
void host_jitter(void);

#endif
