// SPDX-License-Identifier: GPL-2.0
/*
 * The hvm_op hypercall: r4 = op, r5 = handle. Getting and setting parameters, by which a guest finds
 * its console and its xenstore; and whether there is memory at a frame.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/hypercall/hypercall.h"
#include "lib/errno.h"

/* A guest may set HVM_PARAM_CALLBACK_IRQ only. dom0 may set all parameters of other domains. */
static bool hvmop_may_set(const struct vcpu *v, const struct domain *d, u32 index)
{
	if (index == HVM_PARAM_CALLBACK_IRQ)
		return true;
	return v->domain->privileged && d != v->domain;
}

static s64 hvmop_set_param(struct vcpu *v, void *arg)
{
	const struct xen_hvm_param *p = arg;
	struct domain *d;
	s64 rc;

	if (p->index >= HVM_NR_PARAMS)
		return -EINVAL;
	rc = hypercall_target(v, p->domid, &d);
	if (rc)
		return rc;
	if (!hvmop_may_set(v, d, p->index))
		return -EPERM;
	spin_lock(&d->lock);
	switch (p->index) {
	case HVM_PARAM_STORE_PFN:
	case HVM_PARAM_STORE_EVTCHN:
	case HVM_PARAM_CONSOLE_PFN:
	case HVM_PARAM_CONSOLE_EVTCHN:
		/* The guest may be using the present value: it cannot be changed any more. */
		if (d->params[p->index] && d->params[p->index] != p->value) {
			rc = -EEXIST;
			break;
		}
		fallthrough;
	default:
		d->params[p->index] = p->value;
	}
	spin_unlock(&d->lock);
	return rc;
}

static s64 hvmop_get_param(struct vcpu *v, void *arg)
{
	struct xen_hvm_param *p = arg;
	struct domain *d;
	int rc;

	if (p->index >= HVM_NR_PARAMS)
		return -EINVAL;
	rc = hypercall_target(v, p->domid, &d);
	if (rc)
		return rc;
	spin_lock(&d->lock);
	p->value = d->params[p->index];
	spin_unlock(&d->lock);
	return 0;
}

/* Frames of other domains and of the hypervisor count as RAM: the guest can access them. */
static s64 hvmop_get_mem_type(struct vcpu *v, void *arg)
{
	struct xen_hvm_get_mem_type *t = arg;
	struct domain *d;
	bool writable;
	u64 mfn;
	int rc;

	rc = hypercall_target(v, t->domid, &d);
	if (rc)
		return rc;
	if (p2m_lookup(d, t->pfn, &mfn, &writable) == P2M_NONE)
		t->mem_type = HVMMEM_mmio_dm;
	else
		t->mem_type = writable ? HVMMEM_ram_rw : HVMMEM_ram_ro;
	return 0;
}

static const struct hypercall_op hvm_ops[] = {
	[HVMOP_set_param] = HYPERCALL_OP(hvmop_set_param, struct xen_hvm_param),
	[HVMOP_get_param] = HYPERCALL_OP_REPLY(hvmop_get_param, struct xen_hvm_param),
	[HVMOP_get_mem_type] = HYPERCALL_OP_REPLY(hvmop_get_mem_type, struct xen_hvm_get_mem_type),
};

/**
 * do_hvm_op() - hypercall 34
 * @v: calling vcpu
 * @arg: op, handle of struct xen_hvm_param or struct xen_hvm_get_mem_type
 *
 * Return: 0; -ENOSYS for an unknown op, -EFAULT for a bad handle, -EINVAL for
 * an unknown parameter, -EPERM for what is not the caller's, -ESRCH for a
 * domain that does not exist, -EEXIST for a parameter set already.
 */
s64 do_hvm_op(struct vcpu *v, u64 *arg)
{
	return hypercall_op_call(v, hvm_ops, ARRAY_SIZE(hvm_ops), arg[0], arg[1]);
}
