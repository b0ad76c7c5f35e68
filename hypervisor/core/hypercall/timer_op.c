// SPDX-License-Identifier: GPL-2.0
/* The set_timer_op hypercall: r4 = when. */
#include "core/arch_ops.h"
#include "core/base/timer.h"
#include "core/hypercall/hypercall.h"

/**
 * do_set_timer_op() - hypercall 15: VIRQ_TIMER at a time
 * @v: calling vcpu
 * @arg: system time in ns, 0 cancels; a time that has passed is due at once
 *
 * It is the timer of VCPUOP_set_singleshot_timer.
 *
 * Return: 0.
 */
s64 do_set_timer_op(struct vcpu *v, u64 *arg)
{
	if (arg[0])
		timer_set(&v->pcpu->timers, &v->singleshot, ns_to_tb(arg[0]));
	else
		timer_cancel(&v->singleshot);
	return 0;
}
