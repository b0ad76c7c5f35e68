/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypercall instruction, `sc` with LEV=1, as inline functions xen_ppc_sc2(),
 * xen_ppc_sc3() and xen_ppc_sc5() for two, three and five arguments. The calling
 * convention is described in Documentation/abi.rst, "Calls", and in
 * xen/interface/arch-powerpc.h.
 *
 * These functions run no tracepoint. They are meant for trap.c, which adds the tracepoints,
 * and for code in which RCU is not watching and no tracepoint may run: the idle loop and
 * a vcpu that goes down.
 */
#ifndef _PLATFORMS_XEN_TRAP_H
#define _PLATFORMS_XEN_TRAP_H

#include <linux/compiler.h>
#include <linux/jump_label.h>

#include <asm/interrupt.h>

#include <xen/interface/xen.h>

/* Enabled while at least one of the hypercall tracepoints is; trap.c owns it. */
DECLARE_STATIC_KEY_FALSE(xen_ppc_trace_key);

/*
 * For N arguments: the parameters, the registers that hold them, those registers as
 * operands, and the volatile registers that are not operands.
 *
 * The argument registers are read-write operands ("+r") because they are volatile and
 * because the hypervisor rewrites them when it continues a long call. LR is preserved.
 */
#define XEN_PPC_PARAMS_2	unsigned long a1, unsigned long a2
#define XEN_PPC_PARAMS_3	XEN_PPC_PARAMS_2, unsigned long a3
#define XEN_PPC_PARAMS_5	XEN_PPC_PARAMS_3, unsigned long a4, unsigned long a5

#define XEN_PPC_REGS_2							\
	register unsigned long r4 asm("r4") = a1;			\
	register unsigned long r5 asm("r5") = a2
#define XEN_PPC_REGS_3							\
	XEN_PPC_REGS_2;							\
	register unsigned long r6 asm("r6") = a3
#define XEN_PPC_REGS_5							\
	XEN_PPC_REGS_3;							\
	register unsigned long r7 asm("r7") = a4;			\
	register unsigned long r8 asm("r8") = a5

#define XEN_PPC_OPERANDS_2	"+r" (r4), "+r" (r5)
#define XEN_PPC_OPERANDS_3	"+r" (r6), XEN_PPC_OPERANDS_2
#define XEN_PPC_OPERANDS_5	"+r" (r8), "+r" (r7), XEN_PPC_OPERANDS_3

#define XEN_PPC_CLOBBERS_5						\
	"r0", "r9", "r10", "r11", "r12", "ctr", "xer",			\
	"cr0", "cr1", "cr5", "cr6", "cr7", "memory"
#define XEN_PPC_CLOBBERS_3	"r7", "r8", XEN_PPC_CLOBBERS_5
#define XEN_PPC_CLOBBERS_2	"r6", XEN_PPC_CLOBBERS_3

/*
 * Linux does not reload SRR0 and SRR1 on return from an interrupt if it has recorded that they hold
 * the right values already. `sc` overwrites both (Power ISA, Book III, "System Call Interrupt"), so
 * srr_regs_clobbered() clears that record.
 */
#define XEN_PPC_DEFINE_SC(n)						\
static __always_inline long xen_ppc_sc##n(unsigned int nr, XEN_PPC_PARAMS_##n)	\
{									\
	register unsigned long r3 asm("r3") = XEN_MARK(nr);		\
	XEN_PPC_REGS_##n;						\
									\
	asm volatile("sc 1"						\
		     : "+r" (r3), XEN_PPC_OPERANDS_##n			\
		     :: XEN_PPC_CLOBBERS_##n);				\
	srr_regs_clobbered();						\
	return r3;							\
}

XEN_PPC_DEFINE_SC(2)
XEN_PPC_DEFINE_SC(3)
XEN_PPC_DEFINE_SC(5)

#endif /* _PLATFORMS_XEN_TRAP_H */
