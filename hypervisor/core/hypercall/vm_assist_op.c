// SPDX-License-Identifier: GPL-2.0
/* The vm_assist hypercall: r4 = enable or disable, r5 = type, of which one exists. */
#include "core/hypercall/hypercall.h"
#include "lib/errno.h"

/**
 * do_vm_assist() - hypercall 21
 * @v: calling vcpu
 * @arg: enable or disable, type
 *
 * Return: 0; -EINVAL for a type that is not offered, -ENOSYS for another
 * request.
 */
s64 do_vm_assist(struct vcpu *v, u64 *arg)
{
	if (arg[0] != VMASST_CMD_enable && arg[0] != VMASST_CMD_disable)
		return -ENOSYS;
	if (arg[1] != VMASST_TYPE_runstate_update_flag)
		return -EINVAL;
	WRITE_ONCE(v->domain->runstate_update, arg[0] == VMASST_CMD_enable);
	return 0;
}
