// SPDX-License-Identifier: GPL-2.0
/*
 * The hvm_op hypercall (r4 = op, r5 = handle), of which the parameters exist:
 * where a guest finds its console and its xenstore.
 */
#include "core/hypercall/hypercall.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

/* Of its own parameters a guest may set the one that concerns itself alone. */
static bool may_set(const struct vcpu *v, const struct domain *d, u32 index)
{
	if (index == HVM_PARAM_CALLBACK_IRQ)
		return true;
	return v->domain->privileged && d != v->domain;
}

static s64 set_param(struct vcpu *v, struct domain *d, const struct xen_hvm_param *p)
{
	s64 rc = 0;

	if (!may_set(v, d, p->index))
		return -EPERM;
	spin_lock(&d->lock);
	switch (p->index) {
	case HVM_PARAM_STORE_PFN:
	case HVM_PARAM_STORE_EVTCHN:
	case HVM_PARAM_CONSOLE_PFN:
	case HVM_PARAM_CONSOLE_EVTCHN:
		/* The guest may be using it: it is set once. */
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

/**
 * do_hvm_op() - hypercall 34
 * @v: calling vcpu
 * @arg: op, handle of struct xen_hvm_param
 *
 * Return: 0; -ENOSYS for an unknown op, -EFAULT for a bad handle, -EINVAL for
 * an unknown parameter, -EPERM for what is not the caller's, -ESRCH for a
 * domain that does not exist, -EEXIST for a parameter set already.
 */
s64 do_hvm_op(struct vcpu *v, u64 *arg)
{
	struct domain *d = v->domain;
	struct xen_hvm_param p;

	if (arg[0] != HVMOP_set_param && arg[0] != HVMOP_get_param)
		return -ENOSYS;
	if (copy_from_guest(v, arg[1], 0, &p, sizeof(p)))
		return -EFAULT;
	if (p.index >= HVM_NR_PARAMS)
		return -EINVAL;
	if (p.domid != DOMID_SELF && p.domid != d->id) {
		if (!d->privileged)
			return -EPERM;
		d = domain_find(p.domid);
		if (!d)
			return -ESRCH;
	}
	if (arg[0] == HVMOP_set_param)
		return set_param(v, d, &p);
	spin_lock(&d->lock);
	p.value = d->params[p.index];
	spin_unlock(&d->lock);
	return copy_to_guest(v, arg[1], 0, &p, sizeof(p));
}
