/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hypercalls: the table of the handlers, one file for each family of calls, and what the families
 * share. In core/ only this directory decodes hypercalls; the rest of core/ does not call into it.
 */
#ifndef HV_CORE_HYPERCALL_HYPERCALL_H
#define HV_CORE_HYPERCALL_HYPERCALL_H

#include "core/base/domain_types.h"

/* arg[0] to arg[4] are r4 to r8; a handler rewrites them before it returns HYPERCALL_RESTART. */
typedef s64 (*hypercall_fn)(struct vcpu *v, u64 *arg);

/* A handler returns this to be continued: arch/ lets the guest execute its sc again. */
#define HYPERCALL_RESTART	(-512)

#define NR_HYPERCALLS		64

/* table.c */
extern const hypercall_fn hypercall_table[NR_HYPERCALLS];

/* console_op.c */
s64 do_console_io(struct vcpu *v, u64 *arg);
/* domctl_op.c */
s64 do_domctl(struct vcpu *v, u64 *arg);
/* evtchn_op.c */
s64 do_event_channel_op(struct vcpu *v, u64 *arg);
/* grant_table_op.c */
s64 do_grant_table_op(struct vcpu *v, u64 *arg);
/* hvm_op.c */
s64 do_hvm_op(struct vcpu *v, u64 *arg);
/* memory_op.c */
s64 do_memory_op(struct vcpu *v, u64 *arg);
/* platform_op.c */
s64 do_platform_op(struct vcpu *v, u64 *arg);
/* sched_op.c */
s64 do_sched_op(struct vcpu *v, u64 *arg);
/* sysctl_op.c */
s64 do_sysctl(struct vcpu *v, u64 *arg);
/* timer_op.c */
s64 do_set_timer_op(struct vcpu *v, u64 *arg);
/* vcpu_op.c */
s64 do_vcpu_op(struct vcpu *v, u64 *arg);
/* version_op.c */
s64 do_xen_version(struct vcpu *v, u64 *arg);
/* vm_assist_op.c */
s64 do_vm_assist(struct vcpu *v, u64 *arg);

/*
 * memory_op: r4 is the op and, above it, the number of extents done. The names
 * are those of Xen's own code; its public headers do not have them.
 */
#define MEMOP_EXTENT_SHIFT	6
#define MEMOP_CMD_MASK		((1UL << MEMOP_EXTENT_SHIFT) - 1)

/* grant_table_op: in the same way, above the op, the number of elements done. */
#define GNTTAB_DONE_SHIFT	32

/* event_channel_op: likewise, the port to go on with. */
#define EVTCHN_DONE_SHIFT	32

#define HYPERCALL_OP_SIZE	32	/* of the largest structure of a struct hypercall_op */

/**
 * struct hypercall_op - an op whose only argument is a handle of a structure
 * @fn: does the op, on a copy of the structure; NULL: there is no such op
 * @undo: undoes what @fn did if the structure cannot be copied back, because the guest does not
 *        learn of it then; NULL: nothing to undo
 * @size: bytes of the structure
 * @copy_back: copy the structure back to the guest unless @fn fails
 */
struct hypercall_op {
	s64 (*fn)(struct vcpu *v, void *arg);
	void (*undo)(struct vcpu *v, void *arg);
	u16 size;
	bool copy_back;
};

#define HYPERCALL_OP_BYTES(type) \
	(sizeof(type) + 0 * sizeof(char[sizeof(type) <= HYPERCALL_OP_SIZE ? 1 : -1]))

/* An op that only reads its structure, of a type. */
#define HYPERCALL_OP(function, type) \
	{ .fn = function, .size = HYPERCALL_OP_BYTES(type) }
/* An op that answers in its structure. */
#define HYPERCALL_OP_REPLY(function, type) \
	{ .fn = function, .size = HYPERCALL_OP_BYTES(type), .copy_back = true }
/* An op that answers in its structure, and is undone if the answer is lost. */
#define HYPERCALL_OP_UNDO(function, type, undo_function) \
	{ .fn = function, .size = HYPERCALL_OP_BYTES(type), .copy_back = true, .undo = undo_function }

s64 hypercall_op_call(struct vcpu *v, const struct hypercall_op *ops, u64 nr_ops, u64 op, u64 handle);
int hypercall_target(struct vcpu *v, domid_t id, struct domain **d);

#endif
