// SPDX-License-Identifier: GPL-2.0
/* Idle: give the processor back to the hypervisor until there is something to do. */
#include <asm/hw_irq.h>

#include <xen/interface/sched.h>

#include "platform.h"
#include "trap.h"

/**
 * xen_ppc_idle - block this vcpu until an event or its decrementer
 *
 * The idle task, with interrupts soft-disabled.
 *
 * No wake-up can be lost, in this order:
 *
 *  1. prep_irq_for_idle() sets MSR[EE] to 0. From here on an interrupt is not
 *     taken but stays where it was raised: evtchn_upcall_pending set, or the
 *     decrementer negative.
 *  2. It then looks for an interrupt that was taken before 1. and only remembered
 *     in irq_happened, and refuses to sleep if there is one. Whatever made a task
 *     runnable before 1. was such an interrupt, or this cpu itself before it
 *     came here.
 *  3. SCHEDOP_block returns at once if upcall_pending is set or the decrementer
 *     has expired, whatever MSR[EE] is. The hypervisor decides that and takes the
 *     vcpu off the processor as one step towards whoever raises an event.
 *  4. __hard_irq_enable() lets the pending interrupt in, which is soft-enabled
 *     since 2.
 *
 * The trap is not traced: RCU does not watch the idle task.
 */
void xen_ppc_idle(void)
{
	if (!prep_irq_for_idle())
		return;
	xen_ppc_sc2(__HYPERVISOR_sched_op, SCHEDOP_block, 0);
	__hard_irq_enable();
}
