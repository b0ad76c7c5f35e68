// SPDX-License-Identifier: GPL-2.0
/*
 * The trap into the hypervisor with its tracepoints, xen_ppc_hcall_entry and
 * xen_ppc_hcall_exit.
 *
 * This is the lowest layer of the hypercall code. translate.c, which replaces pointers by
 * xencomm handles, calls it, and hypercall.c, which has the HYPERVISOR_*() functions,
 * calls both.
 *
 * xen_ppc_hypercall() works from the first C line on: in real mode, before the MMU, the
 * static keys and the per-cpu areas are set up.
 */
#include <linux/irqflags.h>
#include <linux/jump_label.h>
#include <linux/percpu.h>

#include "platform.h"
#include "trap.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

DEFINE_STATIC_KEY_FALSE(xen_ppc_trace_key);
static DEFINE_PER_CPU(unsigned int, xen_ppc_trace_depth);

/**
 * xen_ppc_trace_reg - one of the tracepoints was enabled
 *
 * Process context, under the tracepoints' mutex.
 *
 * Return: 0.
 */
int xen_ppc_trace_reg(void)
{
	static_branch_inc(&xen_ppc_trace_key);
	return 0;
}

/**
 * xen_ppc_trace_unreg - one of the tracepoints was disabled
 *
 * Process context, under the tracepoints' mutex.
 */
void xen_ppc_trace_unreg(void)
{
	static_branch_dec(&xen_ppc_trace_key);
}

/**
 * xen_ppc_traced_hypercall - make a hypercall between the two tracepoints
 * @nr: number of the hypercall
 * @a1: first argument
 * @a2: second argument
 * @a3: third argument
 * @a4: fourth argument
 * @a5: fifth argument
 *
 * Any context, once per-cpu areas are set up; called only while xen_ppc_trace_key is
 * enabled. A probe may itself make a hypercall, for instance because it wakes a reader on
 * another cpu. The depth counter leaves that hypercall untraced, which ends the recursion.
 *
 * Return: the result of the hypercall.
 */
long xen_ppc_traced_hypercall(unsigned int nr, unsigned long a1, unsigned long a2,
			      unsigned long a3, unsigned long a4, unsigned long a5)
{
	unsigned long flags;
	long result;

	local_irq_save(flags);
	if (__this_cpu_inc_return(xen_ppc_trace_depth) == 1)
		trace_xen_ppc_hcall_entry(nr, a1, a2, a3, a4, a5);
	__this_cpu_dec(xen_ppc_trace_depth);
	local_irq_restore(flags);

	result = xen_ppc_sc5(nr, a1, a2, a3, a4, a5);

	local_irq_save(flags);
	if (__this_cpu_inc_return(xen_ppc_trace_depth) == 1)
		trace_xen_ppc_hcall_exit(nr, result);
	__this_cpu_dec(xen_ppc_trace_depth);
	local_irq_restore(flags);
	return result;
}

/**
 * xen_ppc_hypercall - make a hypercall whose pointers are xencomm handles already
 * @nr: number of the hypercall
 * @a1: first argument
 * @a2: second argument
 * @a3: third argument
 * @a4: fourth argument
 * @a5: fifth argument
 *
 * Any context in which RCU is watching.
 *
 * Return: the result of the hypercall.
 */
long xen_ppc_hypercall(unsigned int nr, unsigned long a1, unsigned long a2,
		       unsigned long a3, unsigned long a4, unsigned long a5)
{
	if (static_branch_unlikely(&xen_ppc_trace_key))
		return xen_ppc_traced_hypercall(nr, a1, a2, a3, a4, a5);
	return xen_ppc_sc5(nr, a1, a2, a3, a4, a5);
}
