// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercall table: a handler for each family of calls. arch/ finds it by
 * the number in r3, returns -EPERM to problem state and -ENOSYS for an empty
 * slot, and calls the handler with r4..r8 in arg[]. A handler that has done part
 * of its work rewrites arg[] and returns HYPERCALL_RESTART: arch/ then lets the
 * guest execute its sc again.
 *
 * Handlers compare all 64 bits of r4: an op with an unexpected upper bit is an unknown op.
 */
#include "core/hypercall/hypercall.h"

const hypercall_fn hypercall_table[NR_HYPERCALLS] = {
	[__HYPERVISOR_platform_op] = do_platform_op,
	[__HYPERVISOR_memory_op] = do_memory_op,
	[__HYPERVISOR_set_timer_op] = do_set_timer_op,
	[__HYPERVISOR_xen_version] = do_xen_version,
	[__HYPERVISOR_console_io] = do_console_io,
	[__HYPERVISOR_grant_table_op] = do_grant_table_op,
	[__HYPERVISOR_vm_assist] = do_vm_assist,
	[__HYPERVISOR_vcpu_op] = do_vcpu_op,
	[__HYPERVISOR_sched_op] = do_sched_op,
	[__HYPERVISOR_event_channel_op] = do_event_channel_op,
	[__HYPERVISOR_hvm_op] = do_hvm_op,
	[__HYPERVISOR_sysctl] = do_sysctl,
	[__HYPERVISOR_domctl] = do_domctl,
};
