// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls that a process makes through /dev/xen/privcmd, with pointers of the process.
 *
 * The table in hcall_args.c lists the hypercalls and ops that a process may make, and says
 * which of their words are pointers.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include <asm/xen/hypercall.h>

#include <xen/interface/hvm/dm_op.h>

#include "platform.h"

/**
 * privcmd_call - make a hypercall on behalf of a process
 * @call: number of the hypercall
 * @a1: first argument, in most hypercalls the op
 * @a2: second argument
 * @a3: third argument
 * @a4: fourth argument
 * @a5: fifth argument
 *
 * Process context; sleeps. Pointers, also those inside structures, are addresses of the
 * calling process. The permissions of /dev/xen/privcmd decide who may call.
 *
 * Return: the result of the hypercall; -ENOSYS for a hypercall or op that a process may not
 * make; -EFAULT for a buffer that the process cannot access; -E2BIG for a buffer that
 * needs more than XENCOMM_MAX_ADDRS entries; -ENOMEM.
 */
long privcmd_call(unsigned int call, unsigned long a1, unsigned long a2,
		  unsigned long a3, unsigned long a4, unsigned long a5)
{
	const unsigned long args[XEN_PPC_NR_ARGS] = { a1, a2, a3, a4, a5 };

	return xen_ppc_translated_call(call, args, true);
}
EXPORT_SYMBOL_GPL(privcmd_call);

static long dm_op_map_and_call(domid_t domid, unsigned int nr_bufs,
			       struct xen_dm_op_buf *handles, struct xencomm *xc)
{
	unsigned int i, mapped = 0;
	long rc = 0;

	for (i = 0; !rc && i < nr_bufs; i++, mapped++) {
		rc = xencomm_map_user(&xc[i], (void __user *)handles[i].h.p, handles[i].size,
				      XEN_PPC_INOUT);
		handles[i].h.q = xc[i].handle;
	}
	if (!rc)
		rc = xen_ppc_hypercall(__HYPERVISOR_dm_op, domid, nr_bufs,
				       xencomm_inline(handles), 0, 0);
	while (mapped--)
		xencomm_unmap(&xc[mapped]);
	return rc;
}

/**
 * HYPERVISOR_dm_op - make an op of a device model on the domain that it serves
 * @domid: the domain
 * @nr_bufs: number of buffers
 * @bufs: array of buffers in the kernel, with pointers of the process
 *
 * Process context; sleeps. @bufs is not modified.
 *
 * Return: the result of the hypercall; -EFAULT, -E2BIG or -ENOMEM as privcmd_call().
 */
int HYPERVISOR_dm_op(domid_t domid, unsigned int nr_bufs, struct xen_dm_op_buf *bufs)
{
	struct xen_dm_op_buf *handles;
	struct xencomm *xc;
	int rc = -ENOMEM;

	handles = kmemdup_array(bufs, nr_bufs, sizeof(*bufs), GFP_KERNEL);
	xc = kcalloc(nr_bufs, sizeof(*xc), GFP_KERNEL);
	if (handles && xc)
		rc = dm_op_map_and_call(domid, nr_bufs, handles, xc);
	kfree(xc);
	kfree(handles);
	return rc;
}
EXPORT_SYMBOL_GPL(HYPERVISOR_dm_op);
