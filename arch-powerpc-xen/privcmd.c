// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls with pointers of a process: /dev/xen/privcmd.
 *
 * What may be called, and which of its words are pointers, is in optable.c.
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
 * @a1: first argument; in all calls served here the op
 * @a2: second argument
 * @a3: third argument
 * @a4: fourth argument
 * @a5: fifth argument
 *
 * Process context; sleeps. Pointers, also those inside structures, are addresses
 * of the calling process. Who may call is decided by the opener of the device.
 *
 * Return: what the hypervisor returned; -ENOSYS for a call or op that is not
 * served; -EFAULT for memory that is not the process's; -E2BIG for a buffer
 * beyond XENCOMM_MAX_ADDRS pages; -ENOMEM.
 */
long privcmd_call(unsigned int call, unsigned long a1, unsigned long a2,
		  unsigned long a3, unsigned long a4, unsigned long a5)
{
	const unsigned long args[XEN_PPC_NR_ARGS] = { a1, a2, a3, a4, a5 };

	return xen_ppc_translated_call(call, args, true);
}
EXPORT_SYMBOL_GPL(privcmd_call);

static long dm_op_with(domid_t domid, unsigned int nr_bufs, struct xen_dm_op_buf *handles,
		       struct xencomm *xc)
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
 * HYPERVISOR_dm_op - a device model acts on the domain it serves
 * @domid: the domain
 * @nr_bufs: number of buffers
 * @bufs: the buffers: an array of the kernel that holds pointers of the process
 *
 * Process context; sleeps. @bufs itself is not changed.
 *
 * Return: what the hypervisor returned; -EFAULT, -E2BIG or -ENOMEM as
 * privcmd_call().
 */
int HYPERVISOR_dm_op(domid_t domid, unsigned int nr_bufs, struct xen_dm_op_buf *bufs)
{
	struct xen_dm_op_buf *handles;
	struct xencomm *xc;
	int rc = -ENOMEM;

	handles = kmemdup_array(bufs, nr_bufs, sizeof(*bufs), GFP_KERNEL);
	xc = kcalloc(nr_bufs, sizeof(*xc), GFP_KERNEL);
	if (handles && xc)
		rc = dm_op_with(domid, nr_bufs, handles, xc);
	kfree(xc);
	kfree(handles);
	return rc;
}
EXPORT_SYMBOL_GPL(HYPERVISOR_dm_op);
