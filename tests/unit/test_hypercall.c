// SPDX-License-Identifier: GPL-2.0
/*
 * Code that the hypercall families share: sub-operations with one structure as
 * argument, and the check which domain the caller may name.
 */
#include "test.h"

struct add {
	u32 a, b, sum;
};

static struct domain *d0, *d1;
static struct vcpu *v0, *v1;
static unsigned int undone;

static s64 add(struct vcpu *v, void *arg)
{
	struct add *op = arg;

	op->sum = op->a + op->b;
	return op->a;
}

static s64 add_fails(struct vcpu *v, void *arg)
{
	add(v, arg);
	return -EEXIST;
}

/* Remove the page of the structure, as another vcpu of the domain could do meanwhile. */
static s64 add_loses_page(struct vcpu *v, void *arg)
{
	add(v, arg);
	eq(memory_remove(v->domain, ARG_GPA >> PAGE_SHIFT), 0,
	   "op: the page of the structure is removed during the call");
	return 0;
}

static void add_undo(struct vcpu *v, void *arg)
{
	const struct add *op = arg;

	undone += op->sum;
}

static const struct hypercall_op ops[] = {
	[1] = HYPERCALL_OP_UNDO(add, struct add, add_undo),
	[2] = HYPERCALL_OP(add, struct add),
	[3] = HYPERCALL_OP_UNDO(add_fails, struct add, add_undo),
	[4] = HYPERCALL_OP_UNDO(add_loses_page, struct add, add_undo),
	[5] = HYPERCALL_OP_REPLY(add_loses_page, struct add),
};

static s64 call(struct vcpu *v, u64 op)
{
	return hypercall_op_call(v, ops, ARRAY_SIZE(ops), op, INLINE(ARG_GPA));
}

static void one_structure(void)
{
	struct add *arg = guest_ptr(d1, ARG_GPA);

	*arg = (struct add){ 2, 3, 99 };
	eq(call(v1, 0), -ENOSYS, "op: fails for an empty place of the table");
	eq(call(v1, ARRAY_SIZE(ops)), -ENOSYS, "op: fails beyond the table");
	eq(call(v1, BIT(32) | 1), -ENOSYS, "op: the upper half of the number is not ignored");
	eq(hypercall_op_call(v1, ops, ARRAY_SIZE(ops), 1, 0), -EFAULT,
	   "op: fails for a null handle");
	eq(arg->sum, 99, "op: these failures do not run the handler");

	eq(call(v1, 2), 2, "op without reply: returns the handler's result");
	eq(arg->sum, 99, "op without reply: does not write the structure back");
	eq(call(v1, 3), -EEXIST, "op that fails: returns the handler's error");
	eq(arg->sum, 99, "op that fails: does not write the structure back");
	eq(call(v1, 1), 2, "op with reply: returns the handler's result");
	eq(arg->sum, 5, "op with reply: writes the structure back");
	eq(undone, 0, "op with reply: success does not call the undo function");

	eq(call(v1, 4), -EFAULT, "op with reply: fails if the structure cannot be written back");
	eq(undone, 5,
	   "op with reply: the undo function is called if the structure cannot be written back");
	eq(memory_populate_extent(d1, ARG_GPA >> PAGE_SHIFT, 1), 0,
	   "op: the page of the structure is populated again");
	*(struct add *)guest_ptr(d1, ARG_GPA) = (struct add){ 2, 3, 0 };
	eq(call(v1, 5), -EFAULT, "op without undo: fails if the structure cannot be written back");
}

static void targets(void)
{
	struct domain *d;

	eq(hypercall_target(v1, DOMID_SELF, &d), 0, "target: a domU can name itself by DOMID_SELF");
	ok(d == d1, "target: DOMID_SELF is the caller's domain");
	eq(hypercall_target(v1, 1, &d), 0, "target: a domU can name itself by its domid");
	ok(d == d1, "target: the own domid is the caller's domain");
	eq(hypercall_target(v1, 0, &d), -EPERM, "target: a domU cannot name another domain");
	eq(hypercall_target(v1, 40, &d), -EPERM,
	   "target: a domU gets the same error for a domain that does not exist");
	eq(hypercall_target(v0, 1, &d), 0, "target: dom0 can name another domain");
	ok(d == d1, "target: dom0 gets the domain with the domid");
	eq(hypercall_target(v0, 40, &d), -ESRCH, "target: fails for a domain that does not exist");
	eq(hypercall_target(v0, DOMID_INVALID, &d), -ESRCH, "target: fails for a reserved domid");
	domain_shutdown(d1, SHUTDOWN_poweroff);
	eq(hypercall_target(v0, 1, &d), -ESRCH, "target: fails for a dying domain");
}

int main(void)
{
	host_init(16 << 20);
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	one_structure();
	targets();
	return test_done();
}
