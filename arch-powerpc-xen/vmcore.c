// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/vmcore of a crash kernel: which pages of the crashed kernel are RAM.
 *
 * The crashed kernel may have given memory back to the hypervisor, by its balloon driver. The
 * hypervisor ends a domain that reads such a page, so /proc/vmcore asks first, and shows zeros.
 */
#include <linux/crash_dump.h>
#include <linux/init.h>
#include <linux/printk.h>

#include <asm/machdep.h>
#include <asm/xen/hypercall.h>

#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/xen.h>
#include <xen/page.h>
#include <xen/xen.h>

static bool xen_ppc_gfn_is_ram(xen_pfn_t gfn)
{
	struct xen_hvm_get_mem_type type = { .domid = DOMID_SELF, .pfn = gfn };
	int rc = HYPERVISOR_hvm_op(HVMOP_get_mem_type, &type);

	if (rc) {
		pr_warn_once("xen: vmcore: cannot ask for the type of a frame: %d\n", rc);
		return true;
	}
	return type.mem_type != HVMMEM_mmio_dm;
}

/* A page of which one frame is missing cannot be read as a whole. */
static bool xen_ppc_vmcore_pfn_is_ram(struct vmcore_cb *cb, unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < XEN_PFN_PER_PAGE; i++) {
		if (!xen_ppc_gfn_is_ram(pfn * XEN_PFN_PER_PAGE + i))
			return false;
	}
	return true;
}

static struct vmcore_cb xen_ppc_vmcore_cb = {
	.pfn_is_ram = xen_ppc_vmcore_pfn_is_ram,
};

static int __init xen_ppc_vmcore_init(void)
{
	if (is_kdump_kernel())
		register_vmcore_cb(&xen_ppc_vmcore_cb);
	return 0;
}
machine_subsys_initcall(xen, xen_ppc_vmcore_init);
