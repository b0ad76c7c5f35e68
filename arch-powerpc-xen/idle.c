// SPDX-License-Identifier: GPL-2.0
/* The idle loop: gives the pCPU back to the hypervisor until an interrupt is pending. */
#include <asm/hw_irq.h>

#include <xen/interface/sched.h>

#include "platform.h"
#include "trap.h"

/**
 * xen_ppc_idle - block this vcpu until an event arrives or its decrementer expires
 *
 * Called by the idle task with interrupts soft-disabled.
 *
 * No wake-up is lost, because of this order:
 *
 *  1. prep_irq_for_idle() sets MSR[EE] to 0. From then on no interrupt is taken. Its
 *     cause persists: evtchn_upcall_pending stays set, the decrementer stays negative.
 *  2. prep_irq_for_idle() then checks irq_happened for an interrupt that was taken before
 *     step 1 while interrupts were soft-disabled, and refuses to sleep if there is one.
 *     A task that became runnable before step 1 was woken either by such an interrupt or
 *     by this cpu before it entered the idle loop.
 *  3. SCHEDOP_block returns at once if evtchn_upcall_pending is set or the decrementer has
 *     expired, whatever MSR[EE] is. For a cpu that sends an event, this check and the
 *     blocking of the vcpu are one atomic step.
 *  4. __hard_irq_enable() takes the pending interrupt. Interrupts are soft-enabled since
 *     step 2.
 *
 * The bare trap without tracepoints, because RCU is not watching the idle task.
 */
void xen_ppc_idle(void)
{
	if (!prep_irq_for_idle())
		return;
	xen_ppc_sc2(__HYPERVISOR_sched_op, SCHEDOP_block, 0);
	__hard_irq_enable();
}
