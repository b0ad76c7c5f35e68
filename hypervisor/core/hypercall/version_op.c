// SPDX-License-Identifier: GPL-2.0
/*
 * The xen_version hypercall (r4 = what, r5 = handle), which says what the
 * hypervisor is.
 *
 * XENVER_version is the shortest hypercall there is. Whatever needs a stack
 * frame is therefore kept out of do_xen_version().
 */
#include "core/domain/domain.h"
#include "core/hypercall/hypercall.h"
#include "core/hypercall/version.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"
#include "lib/printf.h"

char hv_commandline[1024];

static s64 xenver_reply(struct vcpu *v, u64 handle, const void *what, size_t n)
{
	return copy_to_guest(v, handle, 0, what, n);
}

/* Zeroes fill the field to its full size: no byte of the stack gets to the guest. */
static noinline s64 xenver_reply_string(struct vcpu *v, u64 handle, const char *s, size_t field)
{
	char buf[1024] = "";

	snprintf(buf, min(field, sizeof(buf)), "%s", s);
	return xenver_reply(v, handle, buf, field);
}

static noinline s64 xenver_compile_info(struct vcpu *v, u64 handle)
{
	struct xen_compile_info info;

	memset(&info, 0, sizeof(info));
	snprintf(info.compiler, sizeof(info.compiler), "%s", __VERSION__);
	return xenver_reply(v, handle, &info, sizeof(info));
}

/* The features that Linux requires of an auto-translated guest, and XENFEAT_dom0 for dom0. */
static noinline s64 xenver_get_features(struct vcpu *v, u64 handle)
{
	struct xen_feature_info fi;

	if (copy_from_guest(v, handle, 0, &fi, sizeof(fi)))
		return -EFAULT;
	if (fi.submap_idx != 0)
		return -EINVAL;
	fi.submap = BIT(XENFEAT_writable_page_tables) | BIT(XENFEAT_auto_translated_physmap) |
		    BIT(XENFEAT_not_direct_mapped) | BIT(XENFEAT_runstate_phys_area);
	if (v->domain->privileged)
		fi.submap |= BIT(XENFEAT_dom0);
	return xenver_reply(v, handle, &fi, sizeof(fi));
}

static noinline s64 xenver_guest_handle(struct vcpu *v, u64 handle)
{
	xen_domain_handle_t uuid;

	domain_get_handle(v->domain, uuid);
	return xenver_reply(v, handle, uuid, sizeof(uuid));
}

static s64 xenver_other(struct vcpu *v, u64 what, u64 handle)
{
	static const u64 virt_start;

	switch (what) {
	case XENVER_extraversion:
		return xenver_reply_string(v, handle, HV_EXTRAVERSION, 16);
	case XENVER_compile_info:
		return xenver_compile_info(v, handle);
	case XENVER_capabilities:
		return xenver_reply_string(v, handle, HV_CAPABILITIES, 1024);
	case XENVER_changeset:
		return xenver_reply_string(v, handle, "unavailable", 64);
	case XENVER_platform_parameters:
		return xenver_reply(v, handle, &virt_start, sizeof(virt_start));
	case XENVER_get_features:
		return xenver_get_features(v, handle);
	case XENVER_pagesize:
		return handle ? -EINVAL : (s64)PAGE_SIZE;
	case XENVER_guest_handle:
		return xenver_guest_handle(v, handle);
	case XENVER_commandline:
		return xenver_reply_string(v, handle, v->domain->privileged ? hv_commandline : "<denied>",
				   1024);
	case XENVER_build_id:
		return -ENODATA;
	default:
		return -ENOSYS;
	}
}

/**
 * do_xen_version() - hypercall 17
 * @v: calling vcpu
 * @arg: what, handle
 *
 * The version is the cheapest call there is, and kept apart from the others.
 *
 * Return: the value itself for the version and the page size, else 0;
 * -EFAULT for a bad handle, -EINVAL for a feature word that does not exist,
 * -ENODATA for the build id, -ENOSYS for an unknown request.
 */
s64 do_xen_version(struct vcpu *v, u64 *arg)
{
	if (likely(arg[0] == XENVER_version))
		return HV_XEN_MAJOR << 16 | HV_XEN_MINOR;
	return xenver_other(v, arg[0], arg[1]);
}
