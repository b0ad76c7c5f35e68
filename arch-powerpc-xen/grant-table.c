// SPDX-License-Identifier: GPL-2.0
/*
 * Where this domain's grant frames appear: the first entry of the `reg` of
 * /hypervisor is a window of guest physical addresses that holds nothing else.
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

/**
 * arch_gnttab_init - called by gnttab_init() before it asks for frames
 * @nr_shared: most frames of grant entries
 * @nr_status: most frames of version 2 status words
 *
 * Return: 0. Nothing to set aside: the window is mapped by
 * gnttab_setup_auto_xlat_frames().
 */
int arch_gnttab_init(unsigned long nr_shared, unsigned long nr_status)
{
	return 0;
}

/**
 * arch_gnttab_map_shared - map grant frames that the hypervisor placed
 * @frames: the frames
 * @nr_gframes: how many there are
 * @max_nr_gframes: how many there may be
 * @__shared: set to where they are mapped
 *
 * Return: -ENOSYS; the guest places its frames itself.
 */
int arch_gnttab_map_shared(xen_pfn_t *frames, unsigned long nr_gframes,
			   unsigned long max_nr_gframes, void **__shared)
{
	return -ENOSYS;
}

/**
 * arch_gnttab_map_status - map status frames that the hypervisor placed
 * @frames: the frames
 * @nr_gframes: how many there are
 * @max_nr_gframes: how many there may be
 * @__shared: set to where they are mapped
 *
 * Return: -ENOSYS; grants are version 1, which has no status frames.
 */
int arch_gnttab_map_status(u64 *frames, unsigned long nr_gframes,
			   unsigned long max_nr_gframes, grant_status_t **__shared)
{
	return -ENOSYS;
}

/**
 * arch_gnttab_unmap - undo arch_gnttab_map_shared() or _status()
 * @shared: what they mapped; they never do
 * @nr_gframes: how many frames
 */
void arch_gnttab_unmap(void *shared, unsigned long nr_gframes)
{
}

static int __init find_window(struct resource *window)
{
	struct device_node *np = xen_ppc_of_node();
	int rc = of_address_to_resource(np, 0, window);

	of_node_put(np);
	if (rc) {
		pr_err("/hypervisor has no reg: no room for grant frames\n");
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
 * drivers/xen leaves this to the platform in an HVM-type domain, where on other
 * architectures the window belongs to a PCI device.
 */
static int __init set_up_grants(void)
{
	struct resource window;
	int rc;

	rc = find_window(&window);
	if (!rc)
		rc = gnttab_setup_auto_xlat_frames(window.start);
	if (!rc)
		rc = gnttab_init();
	if (rc)
		pr_err("grant tables are not available: %d\n", rc);
	return rc;
}
machine_early_initcall(xen, set_up_grants);
