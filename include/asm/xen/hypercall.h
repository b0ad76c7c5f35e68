/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hypercalls as drivers/xen makes them, with kernel pointers that may point anywhere in
 * the kernel's address space.
 *
 * Unless a function says otherwise, it may be called in any context, even before the MMU is
 * on, and it neither sleeps nor allocates memory. It returns what the hypervisor returns (0
 * or a positive result, or a negative errno), or
 *
 *   -EFAULT	a pointer is neither linear, vmalloc nor module memory
 *   -E2BIG	memory outside the linear map is too large or too scattered
 *   -ENOSYS	such memory was passed to an op whose arguments the kernel does not know
 */
#ifndef _ASM_POWERPC_XEN_HYPERCALL_H
#define _ASM_POWERPC_XEN_HYPERCALL_H

#include <linux/types.h>

#include <xen/interface/xen.h>
#include <xen/interface/platform.h>

struct xen_dm_op_buf;

/**
 * HYPERVISOR_xen_version - query the hypervisor's version and features
 * @cmd: XENVER_*
 * @arg: structure of that op, or NULL
 *
 * Return: 0 or the value asked for; a negative errno.
 */
int HYPERVISOR_xen_version(int cmd, void *arg);

/**
 * HYPERVISOR_console_io - write to and read from the hypervisor's console
 * @cmd: CONSOLEIO_write or CONSOLEIO_read
 * @count: bytes at @str
 * @str: the text, or room for it
 *
 * Return: the number of bytes read for CONSOLEIO_read, else 0; a negative errno.
 */
int HYPERVISOR_console_io(int cmd, int count, char *str);

/**
 * HYPERVISOR_grant_table_op - map, copy and manage grants
 * @cmd: GNTTABOP_*
 * @uop: array of @count structures of that op; outside the linear map it is passed to the
 *	hypervisor in pieces
 * @count: number of structures
 *
 * Return: 0 or a negative errno; each structure has a status of its own.
 */
int HYPERVISOR_grant_table_op(unsigned int cmd, void *uop, unsigned int count);

/**
 * HYPERVISOR_sched_op - yield, block, poll for events, shut down
 * @cmd: SCHEDOP_*
 * @arg: structure of that op, or NULL
 *
 * Any context in which the caller may lose the processor.
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_sched_op(int cmd, void *arg);

/**
 * HYPERVISOR_event_channel_op - bind, send and unmask event channels
 * @cmd: EVTCHNOP_*
 * @arg: structure of that op
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_event_channel_op(int cmd, void *arg);

/**
 * HYPERVISOR_hvm_op - read and set the parameters of a domain
 * @cmd: HVMOP_*
 * @arg: structure of that op
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_hvm_op(int cmd, void *arg);

/**
 * HYPERVISOR_memory_op - change or query the guest physical address space
 * @cmd: XENMEM_*
 * @arg: structure of that op
 *
 * Return: 0 or the value asked for; a negative errno.
 */
int HYPERVISOR_memory_op(unsigned int cmd, void *arg);

/**
 * HYPERVISOR_physdev_op - physical interrupts and PCI devices of a driver domain
 * @cmd: PHYSDEVOP_*
 * @arg: structure of that op
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_physdev_op(int cmd, void *arg);

/**
 * HYPERVISOR_vcpu_op - start and stop a vcpu, register its areas of shared memory
 * @cmd: VCPUOP_*
 * @vcpuid: the hypervisor's number of the vcpu, see xen_vcpu_nr()
 * @extra_args: structure of that op, or NULL
 *
 * Return: 0 or the value asked for; a negative errno.
 */
int HYPERVISOR_vcpu_op(int cmd, int vcpuid, void *extra_args);

/**
 * HYPERVISOR_vm_assist - switch an optional behaviour of the hypervisor
 * @cmd: VMASST_CMD_enable or VMASST_CMD_disable
 * @type: VMASST_TYPE_*
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_vm_assist(unsigned int cmd, unsigned int type);

/**
 * HYPERVISOR_platform_op_raw - control of the machine by dom0
 * @arg: struct xen_platform_op without handles, its interface version set
 *
 * Return: 0 or a negative errno.
 */
int HYPERVISOR_platform_op_raw(void *arg);

int HYPERVISOR_dm_op(domid_t domid, unsigned int nr_bufs, struct xen_dm_op_buf *bufs);
int HYPERVISOR_suspend(unsigned long start_info_gfn);

long privcmd_call(unsigned int call, unsigned long a1, unsigned long a2,
		  unsigned long a3, unsigned long a4, unsigned long a5);

static inline int HYPERVISOR_platform_op(struct xen_platform_op *op)
{
	op->interface_version = XENPF_INTERFACE_VERSION;
	return HYPERVISOR_platform_op_raw(op);
}

#endif /* _ASM_POWERPC_XEN_HYPERCALL_H */
