// SPDX-License-Identifier: GPL-2.0
/*
 * The sysctl hypercall (r4 = handle): what dom0's tools ask of the machine, in
 * the interface version of Xen 4.17.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/console/console.h"
#include "core/hypercall/hypercall.h"
#include "core/hypercall/tools.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"
#include "lib/string.h"

#define MAX_KEYS	16

static s64 sysctl_physinfo(struct xen_sysctl_physinfo *info)
{
	memset(info, 0, sizeof(*info));
	info->threads_per_core = 1;
	info->cores_per_socket = nr_pcpus;
	info->nr_cpus = nr_pcpus;
	info->max_cpu_id = nr_pcpus - 1;
	info->nr_nodes = 1;
	info->capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap |
			     XEN_SYSCTL_PHYSCAP_gnttab_v1;
	/* The clock of the processor is not known: this is the timebase. */
	info->cpu_khz = tb_hz / 1000;
	info->total_pages = pages_total();
	info->free_pages = pages_free();
	info->max_mfn = pages_max_mfn();
	return 0;
}

static s64 sysctl_getdomaininfolist(struct vcpu *v, struct xen_sysctl_getdomaininfolist *op)
{
	struct xen_domctl_getdomaininfo info;
	unsigned int id;

	op->num_domains = 0;
	for (id = op->first_domain; id < MAX_DOMAINS && op->num_domains < op->max_domains; id++) {
		struct domain *d = READ_ONCE(domains[id]);

		if (!d)
			continue;
		domain_info(d, &info);
		if (copy_to_guest(v, op->buffer.q, op->num_domains * sizeof(info), &info, sizeof(info)))
			return -EFAULT;
		op->num_domains++;
	}
	return 0;
}

static s64 sysctl_debug_keys(struct vcpu *v, const struct xen_sysctl_debug_keys *op)
{
	char c;

	for (u32 i = 0; i < op->nr_keys; i++) {
		if (i == MAX_KEYS)
			return -E2BIG;
		if (copy_from_guest(v, op->keys.q, i, &c, 1))
			return -EFAULT;
		/* R reboots the machine: dom0 has to shut down for that. */
		if (!console_debug_key_harmless(c))
			return -EPERM;
		console_debug_key(c);
	}
	return 0;
}

/**
 * do_sysctl() - hypercall 35
 * @v: calling vcpu
 * @arg: handle of struct xen_sysctl
 *
 * Return: 0; -EPERM to another than dom0, -EACCES for another interface
 * version, -ENOSYS for an unknown op, -EFAULT.
 */
s64 do_sysctl(struct vcpu *v, u64 *arg)
{
	struct xen_sysctl op;
	s64 rc;

	if (!v->domain->privileged)
		return -EPERM;
	if (copy_from_guest(v, arg[0], 0, &op, sizeof(op)))
		return -EFAULT;
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return -EACCES;
	switch (op.cmd) {
	case XEN_SYSCTL_physinfo:
		rc = sysctl_physinfo(&op.u.physinfo);
		break;
	case XEN_SYSCTL_getdomaininfolist:
		rc = sysctl_getdomaininfolist(v, &op.u.getdomaininfolist);
		break;
	case XEN_SYSCTL_debug_keys:
		return sysctl_debug_keys(v, &op.u.debug_keys);
	default:
		rc = sched_sysctl(v, &op);
	}
	/* Each of these ops returns its result in the structure. */
	if (!rc && copy_to_guest(v, arg[0], 0, &op, sizeof(op)))
		return -EFAULT;
	return rc;
}
