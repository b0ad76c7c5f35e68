// SPDX-License-Identifier: GPL-2.0
/* The set_timer_op hypercall: r4 = when. */
#include "core/arch_ops.h"
#include "core/base/timer.h"
#include "core/hypercall/hypercall.h"

/**
 * do_set_timer_op() - hypercall 15: set or cancel the single-shot timer of the calling vcpu
 * @v: calling vcpu
 * @arg: system time in ns at which to raise VIRQ_TIMER; a past time: at once; 0: cancel
 *
 * The timer is that of VCPUOP_set_singleshot_timer.
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
