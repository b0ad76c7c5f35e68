// SPDX-License-Identifier: GPL-2.0
/*
 * The xen_version hypercall (r4 = what, r5 = handle), which says what the
 * hypervisor is, and vm_assist, of which one type exists.
 *
 * What needs room on the stack is kept out of do_xen_version(), whose shortest
 * case is the shortest hypercall there is.
 */
#include "core/hypercall/hypercall.h"
#include "core/hypercall/version.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"
#include "lib/printf.h"

char hv_commandline[1024];

static s64 give(struct vcpu *v, u64 handle, const void *what, size_t n)
{
	return copy_to_guest(v, handle, 0, what, n);
}

/* Strings have the full size of their field, so no byte of ours goes along. */
static noinline s64 give_string(struct vcpu *v, u64 handle, const char *s, size_t field)
{
	char buf[1024] = "";

	snprintf(buf, min(field, sizeof(buf)), "%s", s);
	return give(v, handle, buf, field);
}

static noinline s64 compile_info(struct vcpu *v, u64 handle)
{
	struct xen_compile_info info;

	memset(&info, 0, sizeof(info));
	snprintf(info.compiler, sizeof(info.compiler), "%s", __VERSION__);
	return give(v, handle, &info, sizeof(info));
}

/* What Linux looks at for an auto-translated guest, and dom0's own bit. */
static noinline s64 features(struct vcpu *v, u64 handle)
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
	return give(v, handle, &fi, sizeof(fi));
}

static s64 tell(struct vcpu *v, u64 what, u64 handle)
{
	static const u8 no_uuid[16];
	static const u64 virt_start;

	switch (what) {
	case XENVER_extraversion:
		return give_string(v, handle, HV_EXTRAVERSION, 16);
	case XENVER_compile_info:
		return compile_info(v, handle);
	case XENVER_capabilities:
		return give_string(v, handle, HV_CAPABILITIES, 1024);
	case XENVER_changeset:
		return give_string(v, handle, "unavailable", 64);
	case XENVER_platform_parameters:
		return give(v, handle, &virt_start, sizeof(virt_start));
	case XENVER_get_features:
		return features(v, handle);
	case XENVER_pagesize:
		return handle ? -EINVAL : (s64)PAGE_SIZE;
	case XENVER_guest_handle:
		return give(v, handle, no_uuid, sizeof(no_uuid));
	case XENVER_commandline:
		return give_string(v, handle, v->domain->privileged ? hv_commandline : "<denied>",
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
	return tell(v, arg[0], arg[1]);
}

/**
 * do_vm_assist() - hypercall 21
 * @v: calling vcpu
 * @arg: enable or disable, type
 *
 * Return: 0; -EINVAL for a type that is not offered, -ENOSYS for another
 * request.
 */
s64 do_vm_assist(struct vcpu *v, u64 *arg)
{
	if (arg[0] != VMASST_CMD_enable && arg[0] != VMASST_CMD_disable)
		return -ENOSYS;
	if (arg[1] != VMASST_TYPE_runstate_update_flag)
		return -EINVAL;
	WRITE_ONCE(v->domain->runstate_update, arg[0] == VMASST_CMD_enable);
	return 0;
}
