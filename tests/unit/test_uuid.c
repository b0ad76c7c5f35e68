// SPDX-License-Identifier: GPL-2.0
/*
 * The UUID of a domain: from its configuration or random, set by dom0, seen by the domain itself and
 * by dom0's tools. test_boot reads it from xen.conf, test_reason keeps it over a reboot.
 */
#include "test.h"

#define UUID_GPA	0x8000UL
#define CONFIGURED	"the config's one"
#define SET		"the one dom0 set"

static struct domain *d0, *d1;

static s64 domctl(struct domain *from, struct xen_domctl *op, u32 cmd, u16 dom)
{
	s64 rc;

	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->cmd = cmd;
	op->domain = dom;
	memcpy(guest_ptr(from, ARG_GPA), op, sizeof(*op));
	rc = hcall(from->vcpu[0], __HYPERVISOR_domctl, INLINE(ARG_GPA), 0, 0);
	memcpy(op, guest_ptr(from, ARG_GPA), sizeof(*op));
	return rc;
}

static s64 set(struct domain *from, const char *uuid, u16 dom)
{
	struct xen_domctl op = { 0 };

	memcpy(op.u.setdomainhandle.handle, uuid, sizeof(xen_domain_handle_t));
	return domctl(from, &op, XEN_DOMCTL_setdomainhandle, dom);
}

/* What @d sees itself and what dom0's tools see in both calls. */
static bool has(struct domain *d, const char *uuid)
{
	static struct xen_sysctl list;
	struct xen_domctl op = { 0 };
	const struct xen_domctl_getdomaininfo *info = guest_ptr(d0, 0x5000);

	if (hcall(d->vcpu[0], __HYPERVISOR_xen_version, XENVER_guest_handle, INLINE(UUID_GPA), 0) ||
	    memcmp(guest_ptr(d, UUID_GPA), uuid, 16))
		return false;
	if (domctl(d0, &op, XEN_DOMCTL_getdomaininfo, d->id) ||
	    memcmp(op.u.getdomaininfo.handle, uuid, 16))
		return false;
	list = (struct xen_sysctl){
		.cmd = XEN_SYSCTL_getdomaininfolist, .interface_version = XEN_SYSCTL_INTERFACE_VERSION,
		.u.getdomaininfolist = { .first_domain = d->id, .max_domains = 1, .buffer.q = INLINE(0x5000) },
	};
	memcpy(guest_ptr(d0, ARG_GPA), &list, sizeof(list));
	return !hcall(d0->vcpu[0], __HYPERVISOR_sysctl, INLINE(ARG_GPA), 0, 0) && !memcmp(info->handle, uuid, 16);
}

int main(void)
{
	struct domain_config cfg = {
		.name = "u", .memory = GUEST_PAGES * PAGE_SIZE, .vcpus = 1, .handle = CONFIGURED,
	};
	static const char none[16];
	char before[16];

	host_init(16 << 20);
	d0 = guest_new(0, 1);
	d1 = domain_create(1, &cfg);
	memory_populate(d1, 0, GUEST_PAGES);
	domain_publish(d1);
	d1->vcpu[0]->initialised = true;
	ok(has(d1, CONFIGURED), "a domain has the UUID of its configuration");

	eq(set(d0, SET, 1), 0, "setdomainhandle: succeeds");
	ok(has(d1, SET), "setdomainhandle: the domain and the tools see the new UUID");
	memcpy(before, d0->cfg.handle, 16);
	ok(has(d0, before), "setdomainhandle: another domain has its own still");
	eq(set(d0, CONFIGURED, DOMID_SELF), 0, "setdomainhandle: succeeds for dom0 itself");
	ok(has(d0, CONFIGURED), "setdomainhandle: dom0 has the new UUID");
	eq(set(d0, none, 1), -EINVAL, "setdomainhandle: zeros are refused");
	eq(set(d1, CONFIGURED, DOMID_SELF), -EPERM, "setdomainhandle: a domU cannot call it");
	eq(set(d0, CONFIGURED, 7), -ESRCH, "setdomainhandle: fails for a domain that does not exist");
	ok(has(d1, SET), "setdomainhandle: what fails changes nothing");

	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
