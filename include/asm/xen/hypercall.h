/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hypercalls as drivers/xen makes them: with kernel pointers, which may point
 * anywhere in the kernel's address space. Callable in any context; none
 * of them sleeps or allocates. Results are those of the hypervisor, or
 *
 *   -EFAULT	a pointer is neither linear, vmalloc nor module memory
 *   -E2BIG	memory outside the linear map is too large or too scattered
 *   -ENOSYS	such memory was given to an op whose arguments are not known
 *
 * privcmd_call() takes pointers of the calling process instead; it sleeps.
 */
#ifndef _ASM_POWERPC_XEN_HYPERCALL_H
#define _ASM_POWERPC_XEN_HYPERCALL_H

#include <linux/types.h>

#include <xen/interface/xen.h>
#include <xen/interface/platform.h>

struct xen_dm_op_buf;

int HYPERVISOR_xen_version(int cmd, void *arg);
int HYPERVISOR_console_io(int cmd, int count, char *str);
int HYPERVISOR_grant_table_op(unsigned int cmd, void *uop, unsigned int count);
int HYPERVISOR_sched_op(int cmd, void *arg);
int HYPERVISOR_event_channel_op(int cmd, void *arg);
unsigned long HYPERVISOR_hvm_op(int op, void *arg);
int HYPERVISOR_memory_op(unsigned int cmd, void *arg);
int HYPERVISOR_physdev_op(int cmd, void *arg);
int HYPERVISOR_vcpu_op(int cmd, int vcpuid, void *extra_args);
int HYPERVISOR_vm_assist(unsigned int cmd, unsigned int type);
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
