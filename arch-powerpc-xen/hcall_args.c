// SPDX-License-Identifier: GPL-2.0
/*
 * A table of what the pointer argument of each hypercall points to: the size of the
 * structure, the direction in which it is copied, and where it holds handles of further
 * buffers. translate.c uses the table for kernel and user callers alike.
 *
 * An op that is missing here cannot be called through privcmd, nor with kernel memory
 * outside the linear map.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>

#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/memory.h>
#include <xen/interface/physdev.h>
#include <xen/interface/platform.h>
#include <xen/interface/sched.h>
#include <xen/interface/tools.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/version.h>

#include "platform.h"

/* The sizes of Xen 4.17, with which the user space tools are compiled. */
static_assert(sizeof(struct xen_domctl) == 144);
static_assert(sizeof(struct xen_sysctl) == 136);
static_assert(sizeof(struct xen_domctl_getdomaininfo) == 104);
static_assert(sizeof(struct xen_domctl_vcpuaffinity) == 40);

/* One entry of a memory map, packed: 64-bit address and length, 32-bit type. */
#define MEMORY_MAP_ENTRY	20

/* @cmd takes no structure. */
#define NONE(_cmd)	{ .cmd = (_cmd) }

/* @cmd takes a structure without handles. */
#define FLAT(_cmd, type, _dir)	{ .cmd = (_cmd), .size = sizeof(type), .dir = (_dir) }

/* A handle of an array; field _count of the same structure has the number of elements. */
#define LIST(type, _handle, _count, _dir)				\
	{ .offset = offsetof(type, _handle),				\
	  .elem = sizeof(*((type *)NULL)->_handle.p),			\
	  .count = offsetof(type, _count),				\
	  .count_size = sizeof_field(type, _count),			\
	  .dir = (_dir) }

/* A struct xenctl_bitmap, whose length is in bits. */
#define BITMAP(type, _map, _dir)					\
	{ .offset = offsetof(type, _map.bitmap),			\
	  .count = offsetof(type, _map.nr_bits),			\
	  .count_size = sizeof_field(type, _map.nr_bits),		\
	  .dir = (_dir) }

#define RESERVATION(_cmd, _dir)						\
	{ .cmd = (_cmd), .size = sizeof(struct xen_memory_reservation),	\
	  .dir = XEN_PPC_IN, .nr_nested = 1,				\
	  .nested = { LIST(struct xen_memory_reservation, extent_start, nr_extents, _dir) } }

static const struct xen_ppc_hcall_op xen_version_ops[] = {
	NONE(XENVER_version),
	FLAT(XENVER_extraversion, struct xen_extraversion, XEN_PPC_OUT),
	FLAT(XENVER_compile_info, struct xen_compile_info, XEN_PPC_OUT),
	FLAT(XENVER_capabilities, struct xen_capabilities_info, XEN_PPC_OUT),
	FLAT(XENVER_changeset, struct xen_changeset_info, XEN_PPC_OUT),
	FLAT(XENVER_platform_parameters, struct xen_platform_parameters, XEN_PPC_OUT),
	FLAT(XENVER_get_features, struct xen_feature_info, XEN_PPC_INOUT),
	NONE(XENVER_pagesize),
	FLAT(XENVER_guest_handle, xen_domain_handle_t, XEN_PPC_OUT),
	FLAT(XENVER_commandline, struct xen_commandline, XEN_PPC_OUT),
	{ .cmd = XENVER_build_id, .size = sizeof(struct xen_build_id),
	  .dir = XEN_PPC_INOUT, .trailing = true },
};

static const struct xen_ppc_hcall_op event_channel_ops[] = {
	FLAT(EVTCHNOP_bind_interdomain, struct evtchn_bind_interdomain, XEN_PPC_INOUT),
	FLAT(EVTCHNOP_bind_virq, struct evtchn_bind_virq, XEN_PPC_INOUT),
	FLAT(EVTCHNOP_bind_pirq, struct evtchn_bind_pirq, XEN_PPC_INOUT),
	FLAT(EVTCHNOP_close, struct evtchn_close, XEN_PPC_IN),
	FLAT(EVTCHNOP_send, struct evtchn_send, XEN_PPC_IN),
	FLAT(EVTCHNOP_status, struct evtchn_status, XEN_PPC_INOUT),
	FLAT(EVTCHNOP_alloc_unbound, struct evtchn_alloc_unbound, XEN_PPC_INOUT),
	FLAT(EVTCHNOP_bind_ipi, struct evtchn_bind_ipi, XEN_PPC_INOUT),
	FLAT(EVTCHNOP_bind_vcpu, struct evtchn_bind_vcpu, XEN_PPC_IN),
	FLAT(EVTCHNOP_unmask, struct evtchn_unmask, XEN_PPC_IN),
	FLAT(EVTCHNOP_reset, struct evtchn_reset, XEN_PPC_IN),
	FLAT(EVTCHNOP_init_control, struct evtchn_init_control, XEN_PPC_INOUT),
	FLAT(EVTCHNOP_expand_array, struct evtchn_expand_array, XEN_PPC_IN),
	FLAT(EVTCHNOP_set_priority, struct evtchn_set_priority, XEN_PPC_IN),
};

static const struct xen_ppc_hcall_op memory_ops[] = {
	RESERVATION(XENMEM_increase_reservation, XEN_PPC_OUT),
	RESERVATION(XENMEM_decrease_reservation, XEN_PPC_IN),
	RESERVATION(XENMEM_populate_physmap, XEN_PPC_INOUT),
	NONE(XENMEM_maximum_ram_page),
	FLAT(XENMEM_current_reservation, domid_t, XEN_PPC_IN),
	FLAT(XENMEM_maximum_reservation, domid_t, XEN_PPC_IN),
	FLAT(XENMEM_maximum_gpfn, domid_t, XEN_PPC_IN),
	FLAT(XENMEM_add_to_physmap, struct xen_add_to_physmap, XEN_PPC_INOUT),
	FLAT(XENMEM_remove_from_physmap, struct xen_remove_from_physmap, XEN_PPC_IN),
	{ .cmd = XENMEM_memory_map, .size = sizeof(struct xen_memory_map),
	  .dir = XEN_PPC_INOUT, .nr_nested = 1,
	  .nested = { {
		.offset = offsetof(struct xen_memory_map, buffer),
		.elem = MEMORY_MAP_ENTRY,
		.count = offsetof(struct xen_memory_map, nr_entries),
		.count_size = sizeof_field(struct xen_memory_map, nr_entries),
		.dir = XEN_PPC_OUT,
	  } } },
	{ .cmd = XENMEM_exchange, .size = sizeof(struct xen_memory_exchange),
	  .dir = XEN_PPC_INOUT, .nr_nested = 2,
	  .nested = {
		LIST(struct xen_memory_exchange, in.extent_start, in.nr_extents, XEN_PPC_IN),
		LIST(struct xen_memory_exchange, out.extent_start, out.nr_extents, XEN_PPC_INOUT),
	  } },
	{ .cmd = XENMEM_add_to_physmap_range, .size = sizeof(struct xen_add_to_physmap_range),
	  .dir = XEN_PPC_INOUT, .nr_nested = 3,
	  .nested = {
		LIST(struct xen_add_to_physmap_range, idxs, size, XEN_PPC_IN),
		LIST(struct xen_add_to_physmap_range, gpfns, size, XEN_PPC_IN),
		LIST(struct xen_add_to_physmap_range, errs, size, XEN_PPC_OUT),
	  } },
	{ .cmd = XENMEM_acquire_resource, .size = sizeof(struct xen_mem_acquire_resource),
	  .dir = XEN_PPC_INOUT, .nr_nested = 1,
	  .nested = {
		LIST(struct xen_mem_acquire_resource, frame_list, nr_frames, XEN_PPC_INOUT),
	  } },
};

static const struct xen_ppc_hcall_op hvm_ops[] = {
	FLAT(HVMOP_set_param, struct xen_hvm_param, XEN_PPC_IN),
	FLAT(HVMOP_get_param, struct xen_hvm_param, XEN_PPC_INOUT),
	FLAT(HVMOP_get_mem_type, struct xen_hvm_get_mem_type, XEN_PPC_INOUT),
};

static const struct xen_ppc_hcall_op sched_ops[] = {
	NONE(SCHEDOP_yield),
	NONE(SCHEDOP_block),
	FLAT(SCHEDOP_shutdown, struct sched_shutdown, XEN_PPC_IN),
	FLAT(SCHEDOP_shutdown_code, struct sched_shutdown, XEN_PPC_IN),
	FLAT(SCHEDOP_remote_shutdown, struct sched_remote_shutdown, XEN_PPC_IN),
	FLAT(SCHEDOP_watchdog, struct sched_watchdog, XEN_PPC_IN),
	FLAT(SCHEDOP_pin_override, struct sched_pin_override, XEN_PPC_IN),
	{ .cmd = SCHEDOP_poll, .size = sizeof(struct sched_poll), .dir = XEN_PPC_IN,
	  .nr_nested = 1,
	  .nested = { LIST(struct sched_poll, ports, nr_ports, XEN_PPC_IN) } },
};

static const struct xen_ppc_hcall_op vcpu_ops[] = {
	FLAT(VCPUOP_initialise, struct vcpu_guest_context, XEN_PPC_IN),
	NONE(VCPUOP_up),
	NONE(VCPUOP_down),
	NONE(VCPUOP_is_up),
	FLAT(VCPUOP_get_runstate_info, struct vcpu_runstate_info, XEN_PPC_OUT),
	{ .cmd = VCPUOP_register_runstate_memory_area,
	  .size = sizeof(struct vcpu_register_runstate_memory_area),
	  .dir = XEN_PPC_IN, .nr_nested = 1,
	  .nested = { {
		.offset = offsetof(struct vcpu_register_runstate_memory_area, addr),
		.elem = sizeof(struct vcpu_runstate_info),
		.dir = XEN_PPC_INOUT | XEN_PPC_KEPT,
	  } } },
	FLAT(VCPUOP_set_periodic_timer, struct vcpu_set_periodic_timer, XEN_PPC_IN),
	NONE(VCPUOP_stop_periodic_timer),
	FLAT(VCPUOP_set_singleshot_timer, struct vcpu_set_singleshot_timer, XEN_PPC_IN),
	NONE(VCPUOP_stop_singleshot_timer),
	FLAT(VCPUOP_register_vcpu_info, struct vcpu_register_vcpu_info, XEN_PPC_IN),
	NONE(VCPUOP_send_nmi),
	FLAT(VCPUOP_get_physid, struct vcpu_get_physid, XEN_PPC_OUT),
};

static const struct xen_ppc_hcall_op grant_table_ops[] = {
	FLAT(GNTTABOP_map_grant_ref, struct gnttab_map_grant_ref, XEN_PPC_INOUT),
	FLAT(GNTTABOP_unmap_grant_ref, struct gnttab_unmap_grant_ref, XEN_PPC_INOUT),
	{ .cmd = GNTTABOP_setup_table, .size = sizeof(struct gnttab_setup_table),
	  .dir = XEN_PPC_INOUT, .nr_nested = 1,
	  .nested = { LIST(struct gnttab_setup_table, frame_list, nr_frames, XEN_PPC_OUT) } },
	FLAT(GNTTABOP_copy, struct gnttab_copy, XEN_PPC_INOUT),
	FLAT(GNTTABOP_query_size, struct gnttab_query_size, XEN_PPC_INOUT),
	FLAT(GNTTABOP_set_version, struct gnttab_set_version, XEN_PPC_INOUT),
	{ .cmd = GNTTABOP_get_status_frames, .size = sizeof(struct gnttab_get_status_frames),
	  .dir = XEN_PPC_INOUT, .nr_nested = 1,
	  .nested = {
		LIST(struct gnttab_get_status_frames, frame_list, nr_frames, XEN_PPC_OUT),
	  } },
	FLAT(GNTTABOP_get_version, struct gnttab_get_version, XEN_PPC_INOUT),
	FLAT(GNTTABOP_cache_flush, struct gnttab_cache_flush, XEN_PPC_IN),
};

#define DOMCTL(_cmd)	FLAT(_cmd, struct xen_domctl, XEN_PPC_INOUT)
#define SYSCTL(_cmd)	FLAT(_cmd, struct xen_sysctl, XEN_PPC_INOUT)

#define SYSCTL_LIST(_cmd, _handle, _count, _dir)			\
	{ .cmd = (_cmd), .size = sizeof(struct xen_sysctl),		\
	  .dir = XEN_PPC_INOUT, .nr_nested = 1,				\
	  .nested = { LIST(struct xen_sysctl, u._handle, u._count, _dir) } }

#define AFFINITY(_cmd, _dir)						\
	{ .cmd = (_cmd), .size = sizeof(struct xen_domctl),		\
	  .dir = XEN_PPC_INOUT, .nr_nested = 2,				\
	  .nested = {							\
		BITMAP(struct xen_domctl, u.vcpuaffinity.cpumap_hard, _dir),	\
		BITMAP(struct xen_domctl, u.vcpuaffinity.cpumap_soft, _dir),	\
	  } }

static const struct xen_ppc_hcall_op domctl_ops[] = {
	DOMCTL(XEN_DOMCTL_destroydomain),
	DOMCTL(XEN_DOMCTL_pausedomain),
	DOMCTL(XEN_DOMCTL_unpausedomain),
	DOMCTL(XEN_DOMCTL_getdomaininfo),
	AFFINITY(XEN_DOMCTL_setvcpuaffinity, XEN_PPC_INOUT),
	DOMCTL(XEN_DOMCTL_max_mem),
	DOMCTL(XEN_DOMCTL_getvcpuinfo),
	DOMCTL(XEN_DOMCTL_max_vcpus),
	/* The variants for one domain. Those with a list of vcpus do not exist for credit. */
	DOMCTL(XEN_DOMCTL_scheduler_op),
	DOMCTL(XEN_DOMCTL_setdomainhandle),
	AFFINITY(XEN_DOMCTL_getvcpuaffinity, XEN_PPC_OUT),
	DOMCTL(XEN_DOMCTL_resumedomain),
	DOMCTL(XEN_DOMCTL_set_virq_handler),
	DOMCTL(XEN_DOMCTL_set_gnttab_limits),
};

static const struct xen_ppc_hcall_op sysctl_ops[] = {
	SYSCTL_LIST(XEN_SYSCTL_readconsole, readconsole.buffer, readconsole.count, XEN_PPC_OUT),
	SYSCTL(XEN_SYSCTL_physinfo),
	SYSCTL(XEN_SYSCTL_sched_id),
	SYSCTL_LIST(XEN_SYSCTL_getdomaininfolist, getdomaininfolist.buffer,
		    getdomaininfolist.max_domains, XEN_PPC_OUT),
	SYSCTL_LIST(XEN_SYSCTL_debug_keys, debug_keys.keys, debug_keys.nr_keys, XEN_PPC_IN),
	SYSCTL_LIST(XEN_SYSCTL_getcpuinfo, getcpuinfo.info, getcpuinfo.max_cpus, XEN_PPC_OUT),
	SYSCTL(XEN_SYSCTL_availheap),
};

static const struct xen_ppc_hcall_op platform_ops[] = {
	FLAT(XENPF_settime64, struct xen_platform_op, XEN_PPC_IN),
};

#define CALL(_name, _ptr, _user)					\
	[__HYPERVISOR_ ## _name ## _op] = {				\
		.ops = _name ## _ops,					\
		.nr_ops = ARRAY_SIZE(_name ## _ops),			\
		.kind = XEN_PPC_ARG_STRUCT,				\
		.ptr = (_ptr),						\
		.user = (_user),					\
	}

static const struct xen_ppc_hcall_args hcall_args[] = {
	[__HYPERVISOR_xen_version] = {
		.ops = xen_version_ops,
		.nr_ops = ARRAY_SIZE(xen_version_ops),
		.kind = XEN_PPC_ARG_STRUCT,
		.ptr = 1,
		.user = true,
	},
	[__HYPERVISOR_console_io] = { .kind = XEN_PPC_ARG_BUFFER, .ptr = 2, .user = true },
	[__HYPERVISOR_grant_table_op] = {
		.ops = grant_table_ops,
		.nr_ops = ARRAY_SIZE(grant_table_ops),
		.kind = XEN_PPC_ARG_ARRAY,
		.ptr = 1,
	},
	CALL(event_channel, 1, true),
	CALL(memory, 1, true),
	CALL(hvm, 1, true),
	CALL(sched, 1, true),
	CALL(vcpu, 2, false),
	[__HYPERVISOR_platform_op] = {
		.ops = platform_ops,
		.nr_ops = ARRAY_SIZE(platform_ops),
		.kind = XEN_PPC_ARG_COMMAND,
		.ptr = 0,
		.user = true,
	},
	[__HYPERVISOR_domctl] = {
		.ops = domctl_ops,
		.nr_ops = ARRAY_SIZE(domctl_ops),
		.kind = XEN_PPC_ARG_COMMAND,
		.ptr = 0,
		.user = true,
	},
	[__HYPERVISOR_sysctl] = {
		.ops = sysctl_ops,
		.nr_ops = ARRAY_SIZE(sysctl_ops),
		.kind = XEN_PPC_ARG_COMMAND,
		.ptr = 0,
		.user = true,
	},
};

/**
 * xen_ppc_find_hcall_args - look up the pointer argument of a hypercall
 * @nr: number of the hypercall
 *
 * Return: the entry, or NULL if the hypercall is not in the table.
 */
const struct xen_ppc_hcall_args *xen_ppc_find_hcall_args(unsigned int nr)
{
	if (nr >= ARRAY_SIZE(hcall_args) || !hcall_args[nr].kind)
		return NULL;
	return &hcall_args[nr];
}

/**
 * xen_ppc_find_hcall_op - look up one op of a hypercall
 * @args: the entry of the hypercall
 * @cmd: the op
 *
 * Return: the entry, or NULL if the op is not in the table.
 */
const struct xen_ppc_hcall_op *xen_ppc_find_hcall_op(const struct xen_ppc_hcall_args *args,
						     unsigned long cmd)
{
	const struct xen_ppc_hcall_op *op;

	for (op = args->ops; op < args->ops + args->nr_ops; op++)
		if (op->cmd == cmd)
			return op;
	return NULL;
}
