// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercalls that drivers/xen makes.
 *
 * Almost every argument lies in the linear map and holds no pointer itself; such
 * a call is a few instructions around the `sc`. Everything else goes to
 * translate.c, which looks the argument up in optable.c. Wrappers whose ops do
 * hold pointers go there at once.
 *
 * The wrappers work from the first C line on: in real mode, before the MMU, the
 * static keys and the per-cpu areas are set up.
 */
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/jump_label.h>
#include <linux/percpu.h>

#include <asm/xen/hypercall.h>

#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/sched.h>

#include "platform.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static DEFINE_STATIC_KEY_FALSE(trace_key);
static DEFINE_PER_CPU(unsigned int, trace_depth);

/**
 * xen_ppc_trace_reg - one of the tracepoints was enabled
 *
 * Process context, under the tracepoints' mutex.
 *
 * Return: 0.
 */
int xen_ppc_trace_reg(void)
{
	static_branch_inc(&trace_key);
	return 0;
}

/**
 * xen_ppc_trace_unreg - one of the tracepoints was disabled
 *
 * Process context, under the tracepoints' mutex.
 */
void xen_ppc_trace_unreg(void)
{
	static_branch_dec(&trace_key);
}

/*
 * A probe may itself cause a hypercall, for instance by waking a reader on
 * another cpu. That one is not traced, or the two would call each other for ever.
 */
static noinline long traced(unsigned int nr, unsigned long a1, unsigned long a2,
			    unsigned long a3, unsigned long a4, unsigned long a5)
{
	unsigned long flags;
	long result;

	local_irq_save(flags);
	if (__this_cpu_inc_return(trace_depth) == 1)
		trace_xen_ppc_hcall_entry(nr, a1, a2, a3, a4, a5);
	__this_cpu_dec(trace_depth);
	local_irq_restore(flags);

	result = xen_ppc_sc5(nr, a1, a2, a3, a4, a5);

	local_irq_save(flags);
	if (__this_cpu_inc_return(trace_depth) == 1)
		trace_xen_ppc_hcall_exit(nr, result);
	__this_cpu_dec(trace_depth);
	local_irq_restore(flags);
	return result;
}

/*
 * All results of Xen's calls but privcmd's fit an int. With it as the type of the
 * slow ways as well they are tail calls, and the fast way needs no stack frame.
 */
static noinline int traced_int(unsigned int nr, unsigned long a1, unsigned long a2,
			       unsigned long a3)
{
	return traced(nr, a1, a2, a3, 0, 0);
}

static __always_inline int hypercall2(unsigned int nr, unsigned long a1, unsigned long a2)
{
	if (static_branch_unlikely(&trace_key))
		return traced_int(nr, a1, a2, 0);
	return xen_ppc_sc2(nr, a1, a2);
}

static __always_inline int hypercall3(unsigned int nr, unsigned long a1, unsigned long a2,
				      unsigned long a3)
{
	if (static_branch_unlikely(&trace_key))
		return traced_int(nr, a1, a2, a3);
	return xen_ppc_sc3(nr, a1, a2, a3);
}

/**
 * xen_ppc_hypercall - make a hypercall whose pointers are handles already
 * @nr: number of the call
 * @a1: first argument
 * @a2: second argument
 * @a3: third argument
 * @a4: fourth argument
 * @a5: fifth argument
 *
 * Any context. See xen/interface/arch-powerpc.h for the convention.
 *
 * Return: what the hypervisor returned.
 */
long xen_ppc_hypercall(unsigned int nr, unsigned long a1, unsigned long a2,
		       unsigned long a3, unsigned long a4, unsigned long a5)
{
	if (static_branch_unlikely(&trace_key))
		return traced(nr, a1, a2, a3, a4, a5);
	return xen_ppc_sc5(nr, a1, a2, a3, a4, a5);
}

/* An op and one structure without handles in it: the form of most calls. */
static __always_inline int op_call(unsigned int nr, long cmd, void *arg)
{
	if (likely(xencomm_is_linear(arg)))
		return hypercall2(nr, cmd, xencomm_inline(arg));
	if (!arg)
		return hypercall2(nr, cmd, 0);
	return xen_ppc_kernel_call(nr, cmd, (unsigned long)arg, 0);
}

/**
 * HYPERVISOR_xen_version - ask for the hypervisor's version and features
 * @cmd: XENVER_*
 * @arg: structure of that op, or NULL
 *
 * Any context, also before the MMU is on.
 *
 * Return: 0 or the value asked for; a negative errno.
 */
int HYPERVISOR_xen_version(int cmd, void *arg)
{
	return op_call(__HYPERVISOR_xen_version, cmd, arg);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_xen_version);

/**
 * HYPERVISOR_event_channel_op - bind, send and unmask event channels
 * @cmd: EVTCHNOP_*
 * @arg: structure of that op
 *
 * Any context.
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_event_channel_op(int cmd, void *arg)
{
	return op_call(__HYPERVISOR_event_channel_op, cmd, arg);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_event_channel_op);

/**
 * HYPERVISOR_hvm_op - read and set the parameters of a domain
 * @op: HVMOP_*
 * @arg: structure of that op
 *
 * Any context.
 *
 * Return: 0 or a negative errno.
 */
unsigned long HYPERVISOR_hvm_op(int op, void *arg)
{
	return op_call(__HYPERVISOR_hvm_op, op, arg);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_hvm_op);

/**
 * HYPERVISOR_physdev_op - physical interrupts and PCI devices of a driver domain
 * @cmd: PHYSDEVOP_*
 * @arg: structure of that op
 *
 * Any context.
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_physdev_op(int cmd, void *arg)
{
	return op_call(__HYPERVISOR_physdev_op, cmd, arg);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_physdev_op);

/**
 * HYPERVISOR_sched_op - yield, block, poll for events, shut down
 * @cmd: SCHEDOP_*
 * @arg: structure of that op, or NULL
 *
 * Any context in which the caller may lose the processor.
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_sched_op(int cmd, void *arg)
{
	if (cmd == SCHEDOP_poll)
		return xen_ppc_kernel_call(__HYPERVISOR_sched_op, cmd, (unsigned long)arg, 0);
	return op_call(__HYPERVISOR_sched_op, cmd, arg);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_sched_op);

/**
 * HYPERVISOR_memory_op - change or query the guest physical address space
 * @cmd: XENMEM_*
 * @arg: structure of that op
 *
 * Any context.
 *
 * Return: 0 or the value asked for; a negative errno.
 */
int HYPERVISOR_memory_op(unsigned int cmd, void *arg)
{
	return xen_ppc_kernel_call(__HYPERVISOR_memory_op, cmd, (unsigned long)arg, 0);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_memory_op);

/**
 * HYPERVISOR_vcpu_op - register areas of, start and stop a vcpu
 * @cmd: VCPUOP_*
 * @vcpuid: the hypervisor's number of the vcpu, see xen_vcpu_nr()
 * @extra_args: structure of that op, or NULL
 *
 * Any context.
 *
 * Return: 0 or the value asked for; a negative errno.
 */
int HYPERVISOR_vcpu_op(int cmd, int vcpuid, void *extra_args)
{
	return xen_ppc_kernel_call(__HYPERVISOR_vcpu_op, cmd, vcpuid, (unsigned long)extra_args);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_vcpu_op);

/*
 * Back ends keep their arrays of ops in vmalloc space and hand one over for every
 * batch of a queue. Most of the time it does not cross a page.
 */
static noinline int grant_array(unsigned int cmd, void *uop, unsigned int count)
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
		return hypercall3(__HYPERVISOR_grant_table_op, cmd, handle, count);
	return xen_ppc_kernel_call(__HYPERVISOR_grant_table_op, cmd, (unsigned long)uop, count);
}

/**
 * HYPERVISOR_grant_table_op - map, copy and manage grants
 * @cmd: GNTTABOP_*
 * @uop: @count structures of that op
 * @count: number of structures
 *
 * Any context. Structures outside the linear map are handed over in pieces.
 *
 * Return: 0 or a negative errno; each structure has a status of its own.
 */
int HYPERVISOR_grant_table_op(unsigned int cmd, void *uop, unsigned int count)
{
	if (likely(xencomm_is_linear(uop)) && cmd != GNTTABOP_setup_table &&
	    cmd != GNTTABOP_get_status_frames)
		return hypercall3(__HYPERVISOR_grant_table_op, cmd, xencomm_inline(uop), count);
	return grant_array(cmd, uop, count);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_grant_table_op);

/**
 * HYPERVISOR_console_io - write to and read from the hypervisor's console
 * @cmd: CONSOLEIO_write or CONSOLEIO_read
 * @count: bytes at @str
 * @str: the text, or room for it
 *
 * Any context, also before the MMU is on.
 *
 * Return: CONSOLEIO_read: number of bytes read; else 0; or a negative errno.
 */
int HYPERVISOR_console_io(int cmd, int count, char *str)
{
	if (likely(xencomm_is_linear(str)))
		return hypercall3(__HYPERVISOR_console_io, cmd, count, xencomm_inline(str));
	return xen_ppc_kernel_call(__HYPERVISOR_console_io, cmd, count, (unsigned long)str);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_console_io);

/**
 * HYPERVISOR_vm_assist - switch an optional behaviour of the hypervisor
 * @cmd: VMASST_CMD_enable or VMASST_CMD_disable
 * @type: VMASST_TYPE_*
 *
 * Any context.
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_vm_assist(unsigned int cmd, unsigned int type)
{
	return hypercall2(__HYPERVISOR_vm_assist, cmd, type);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_vm_assist);

/**
 * HYPERVISOR_platform_op_raw - control of the machine by dom0
 * @arg: struct xen_platform_op, with its interface version set
 *
 * Any context. Must not contain handles.
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_platform_op_raw(void *arg)
{
	if (likely(xencomm_is_linear(arg)))
		return hypercall2(__HYPERVISOR_platform_op, xencomm_inline(arg), 0);
	return xen_ppc_kernel_call(__HYPERVISOR_platform_op, (unsigned long)arg, 0, 0);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_platform_op_raw);
