// SPDX-License-Identifier: GPL-2.0
/*
 * Set up of this domain's grant table. The first entry of "reg" of the device tree node
 * /hypervisor is a window of guest physical addresses without memory, in which the guest
 * places its grant frames. See Documentation/abi.rst, "Discovery" and "Grants".
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/printk.h>

#include <asm/machdep.h>

#include <xen/grant_table.h>
#include <xen/page.h>

#include "platform.h"

/*
 * The arch_gnttab_*() functions serve domains whose grant frames the hypervisor places.
 * Here the guest places them: gnttab_setup_auto_xlat_frames() maps the window.
 */
int arch_gnttab_init(unsigned long nr_shared, unsigned long nr_status)
{
	return 0;
}

int arch_gnttab_map_shared(xen_pfn_t *frames, unsigned long nr_gframes,
			   unsigned long max_nr_gframes, void **__shared)
{
	return -ENOSYS;
}

int arch_gnttab_map_status(u64 *frames, unsigned long nr_gframes,
			   unsigned long max_nr_gframes, grant_status_t **__shared)
{
	return -ENOSYS;
}

void arch_gnttab_unmap(void *shared, unsigned long nr_gframes)
{
}

static int __init xen_ppc_gnttab_find_window(struct resource *window)
{
	struct device_node *np = xen_ppc_of_node();
	int rc = of_address_to_resource(np, 0, window);

	of_node_put(np);
	if (rc) {
		pr_err("/hypervisor has no reg, so there is no place for grant frames\n");
		return rc;
	}
	if (resource_size(window) >> XEN_PAGE_SHIFT < gnttab_max_grant_frames()) {
		pr_err("window %pR is too small for %u grant frames\n",
		       window, gnttab_max_grant_frames());
		return -ENOSPC;
	}
	return 0;
}

/*
 * In an HVM domain drivers/xen leaves this to the platform. On x86 the window belongs to
 * the Xen platform PCI device, whose driver does the same.
 */
static int __init xen_ppc_gnttab_init(void)
{
	struct resource window;
	int rc;

	rc = xen_ppc_gnttab_find_window(&window);
	if (!rc)
		rc = gnttab_setup_auto_xlat_frames(window.start);
	if (!rc)
		rc = gnttab_init();
	if (rc)
		pr_err("grant tables are not available: %d\n", rc);
	return rc;
}
machine_early_initcall(xen, xen_ppc_gnttab_init);
