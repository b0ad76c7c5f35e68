// SPDX-License-Identifier: GPL-2.0
/*
 * What the families of hypercalls share: ops on one structure, and the domain
 * that a caller may name.
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

/* As if another vcpu of the domain gave up the page meanwhile. */
static s64 add_loses_page(struct vcpu *v, void *arg)
{
	add(v, arg);
	eq(memory_remove(v->domain, ARG_GPA >> PAGE_SHIFT), 0, "the page of the structure goes");
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
	eq(call(v1, 0), -ENOSYS, "no op in this place of the table");
	eq(call(v1, ARRAY_SIZE(ops)), -ENOSYS, "no op beyond the table");
	eq(call(v1, BIT(32) | 1), -ENOSYS, "the upper half of the op's number counts");
	eq(hypercall_op_call(v1, ops, ARRAY_SIZE(ops), 1, 0), -EFAULT, "no structure");
	eq(arg->sum, 99, "none of these does anything");

	eq(call(v1, 2), 2, "an op without an answer returns a number");
	eq(arg->sum, 99, "and leaves the structure as it is");
	eq(call(v1, 3), -EEXIST, "an op that fails");
	eq(arg->sum, 99, "does not copy its structure back");
	eq(call(v1, 1), 2, "an op with an answer");
	eq(arg->sum, 5, "copies it back");
	eq(undone, 0, "nothing had to be undone");

	eq(call(v1, 4), -EFAULT, "an answer that cannot be copied back");
	eq(undone, 5, "the op is undone");
	eq(memory_populate_extent(d1, ARG_GPA >> PAGE_SHIFT, 1), 0, "the page comes again");
	*(struct add *)guest_ptr(d1, ARG_GPA) = (struct add){ 2, 3, 0 };
	eq(call(v1, 5), -EFAULT, "the same for an op that has no undo");
}

static void targets(void)
{
	struct domain *d;

	eq(hypercall_target(v1, DOMID_SELF, &d), 0, "a domU names itself: DOMID_SELF");
	ok(d == d1, "is the caller's domain");
	eq(hypercall_target(v1, 1, &d), 0, "a domU names itself by its number");
	ok(d == d1, "is the caller's domain");
	eq(hypercall_target(v1, 0, &d), -EPERM, "a domU may not name another domain");
	eq(hypercall_target(v1, 40, &d), -EPERM, "nor ask whether it exists");
	eq(hypercall_target(v0, 1, &d), 0, "dom0 may");
	ok(d == d1, "it is the domain of that number");
	eq(hypercall_target(v0, 40, &d), -ESRCH, "no domain of that number");
	eq(hypercall_target(v0, DOMID_INVALID, &d), -ESRCH, "nor of a reserved number");
	domain_shutdown(d1, SHUTDOWN_poweroff);
	eq(hypercall_target(v0, 1, &d), -ESRCH, "a domain that is dying");
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
