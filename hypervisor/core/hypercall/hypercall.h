/* SPDX-License-Identifier: GPL-2.0 */
/* The handlers that core/hypercall/table.c's table names, by family. */
#ifndef HV_CORE_HYPERCALL_HYPERCALL_H
#define HV_CORE_HYPERCALL_HYPERCALL_H

#include "core/domain/domain.h"

s64 do_memory_op(struct vcpu *v, u64 *arg);		/* memory_op.c */
s64 do_set_timer_op(struct vcpu *v, u64 *arg);		/* sched_op.c */
s64 do_xen_version(struct vcpu *v, u64 *arg);		/* version.c */
s64 do_console_io(struct vcpu *v, u64 *arg);		/* console_io.c */
s64 do_platform_op(struct vcpu *v, u64 *arg);		/* wallclock.c */
s64 do_domctl(struct vcpu *v, u64 *arg);			/* domctl.c */
s64 do_sysctl(struct vcpu *v, u64 *arg);			/* sysctl.c */
s64 do_grant_table_op(struct vcpu *v, u64 *arg);	/* gnttab.c */
s64 do_vm_assist(struct vcpu *v, u64 *arg);		/* version.c */
s64 do_vcpu_op(struct vcpu *v, u64 *arg);		/* vcpu_op.c */
s64 do_sched_op(struct vcpu *v, u64 *arg);		/* sched_op.c */
s64 do_event_channel_op(struct vcpu *v, u64 *arg);	/* evtchn_op.c */
s64 do_hvm_op(struct vcpu *v, u64 *arg);		/* hvm_param.c */

#endif
