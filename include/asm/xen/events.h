/* SPDX-License-Identifier: GPL-2.0 */
/* Architecture definitions for drivers/xen/events. */
#ifndef _ASM_POWERPC_XEN_EVENTS_H
#define _ASM_POWERPC_XEN_EVENTS_H

#include <asm/cmpxchg.h>
#include <asm/hw_irq.h>
#include <asm/irq.h>
#include <asm/ptrace.h>

/* One port per vcpu carries all IPI messages; smp_ipi_demux() tells them apart. */
enum ipi_vector {
	XEN_PPC_IPI,

	XEN_NR_IPIS,
};

static inline int xen_irqs_disabled(struct pt_regs *regs)
{
	return arch_irq_disabled_regs(regs);
}

#define xchg_xen_ulong(ptr, val)	xchg((ptr), (val))

/* Linux interrupt numbers below this are not allocated to event channels. */
static inline int nr_legacy_irqs(void)
{
	return NR_IRQS_LEGACY;
}

static inline bool xen_support_evtchn_rebind(void)
{
	return true;
}

#endif /* _ASM_POWERPC_XEN_EVENTS_H */
