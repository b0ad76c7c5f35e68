// SPDX-License-Identifier: GPL-2.0
/*
 * The HYPERVISOR_*() functions that drivers/xen calls. asm/xen/hypercall.h documents them.
 *
 * In most calls the argument is one structure that lies in the linear map and holds no
 * pointer. Such a call takes the fast path: it turns the address into an inline xencomm
 * handle (Documentation/abi.rst, "Pointers: xencomm") with one instruction and traps. All
 * other calls go through xen_ppc_kernel_call() in translate.c, which finds out from
 * hcall_args.c what the argument points to. Hypercalls with ops that do hold pointers always
 * take that way.
 *
 * These functions work from the first C line on: in real mode, before the MMU, the static
 * keys and the per-cpu areas are set up.
 */
#include <linux/export.h>
#include <linux/jump_label.h>

#include <asm/xen/hypercall.h>

#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/sched.h>

#include "platform.h"
#include "trap.h"

/*
 * A local function that returns an int, as its callers do: they reach it by a tail call
 * and need no stack frame, which keeps the fast path short.
 */
static noinline int hcall_traced(unsigned int nr, unsigned long a1, unsigned long a2,
				 unsigned long a3)
{
	return xen_ppc_traced_hypercall(nr, a1, a2, a3, 0, 0);
}

static __always_inline int hcall2(unsigned int nr, unsigned long a1, unsigned long a2)
{
	if (static_branch_unlikely(&xen_ppc_trace_key))
		return hcall_traced(nr, a1, a2, 0);
	return xen_ppc_sc2(nr, a1, a2);
}

static __always_inline int hcall3(unsigned int nr, unsigned long a1, unsigned long a2,
				  unsigned long a3)
{
	if (static_branch_unlikely(&xen_ppc_trace_key))
		return hcall_traced(nr, a1, a2, a3);
	return xen_ppc_sc3(nr, a1, a2, a3);
}

/* A hypercall with an op and a structure that holds no handle. */
static __always_inline int hcall_flat(unsigned int nr, long cmd, void *arg)
{
	if (likely(xencomm_is_linear(arg)))
		return hcall2(nr, cmd, xencomm_inline(arg));
	if (!arg)
		return hcall2(nr, cmd, 0);
	return xen_ppc_kernel_call(nr, cmd, (unsigned long)arg, 0);
}

#define DEFINE_FLAT_HYPERCALL(name)					\
int HYPERVISOR_##name(int cmd, void *arg)				\
{									\
	return hcall_flat(__HYPERVISOR_##name, cmd, arg);		\
}									\
EXPORT_SYMBOL_GPL(HYPERVISOR_##name)

DEFINE_FLAT_HYPERCALL(xen_version);
DEFINE_FLAT_HYPERCALL(event_channel_op);
DEFINE_FLAT_HYPERCALL(hvm_op);
DEFINE_FLAT_HYPERCALL(physdev_op);

int HYPERVISOR_sched_op(int cmd, void *arg)
{
	if (cmd == SCHEDOP_poll)
		return xen_ppc_kernel_call(__HYPERVISOR_sched_op, cmd, (unsigned long)arg, 0);
	return hcall_flat(__HYPERVISOR_sched_op, cmd, arg);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_sched_op);

int HYPERVISOR_memory_op(unsigned int cmd, void *arg)
{
	return xen_ppc_kernel_call(__HYPERVISOR_memory_op, cmd, (unsigned long)arg, 0);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_memory_op);

int HYPERVISOR_vcpu_op(int cmd, int vcpuid, void *extra_args)
{
	return xen_ppc_kernel_call(__HYPERVISOR_vcpu_op, cmd, vcpuid, (unsigned long)extra_args);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_vcpu_op);

/*
 * Back ends keep their arrays of grant ops in vmalloc memory and pass one for every batch
 * of a queue. An array that stays within one page still gets an inline handle.
 */
static noinline int grant_table_op_slow(unsigned int cmd, void *uop, unsigned int count)
{
	u64 handle = 0;

	switch (cmd) {
	case GNTTABOP_map_grant_ref:
		handle = xencomm_one_page(uop, count * sizeof(struct gnttab_map_grant_ref));
		break;
	case GNTTABOP_unmap_grant_ref:
		handle = xencomm_one_page(uop, count * sizeof(struct gnttab_unmap_grant_ref));
		break;
	case GNTTABOP_copy:
		handle = xencomm_one_page(uop, count * sizeof(struct gnttab_copy));
		break;
	}
	if (handle)
		return hcall3(__HYPERVISOR_grant_table_op, cmd, handle, count);
	return xen_ppc_kernel_call(__HYPERVISOR_grant_table_op, cmd, (unsigned long)uop, count);
}

int HYPERVISOR_grant_table_op(unsigned int cmd, void *uop, unsigned int count)
{
	if (likely(xencomm_is_linear(uop)) && cmd != GNTTABOP_setup_table &&
	    cmd != GNTTABOP_get_status_frames)
		return hcall3(__HYPERVISOR_grant_table_op, cmd, xencomm_inline(uop), count);
	return grant_table_op_slow(cmd, uop, count);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_grant_table_op);

int HYPERVISOR_console_io(int cmd, int count, char *str)
{
	if (likely(xencomm_is_linear(str)))
		return hcall3(__HYPERVISOR_console_io, cmd, count, xencomm_inline(str));
	return xen_ppc_kernel_call(__HYPERVISOR_console_io, cmd, count, (unsigned long)str);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_console_io);

int HYPERVISOR_vm_assist(unsigned int cmd, unsigned int type)
{
	return hcall2(__HYPERVISOR_vm_assist, cmd, type);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_vm_assist);

int HYPERVISOR_platform_op_raw(void *arg)
{
	if (likely(xencomm_is_linear(arg)))
		return hcall2(__HYPERVISOR_platform_op, xencomm_inline(arg), 0);
	return xen_ppc_kernel_call(__HYPERVISOR_platform_op, (unsigned long)arg, 0, 0);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_platform_op_raw);
