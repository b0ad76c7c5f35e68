// SPDX-License-Identifier: GPL-2.0
/*
 * Guest physical address space for mappings of other domains' memory. The entries of "reg"
 * of the device tree node /hypervisor from the second on are extended regions: guest
 * physical space without RAM. See Documentation/abi.rst, "Discovery" and "Memory".
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include <asm/machdep.h>

#include <xen/page.h>
#include <xen/xen-ops.h>

#include "platform.h"

/* drivers/xen/balloon.c uses these; a PowerPC domain has no memory to report here. */
unsigned long xen_released_pages;
struct xen_memory_region xen_extra_mem[XEN_EXTRA_MEM_MAX_REGIONS] __initdata;

static int __init xen_ppc_xencomm_init(void)
{
	int rc = xencomm_init();

	if (rc)
		panic("Xen: no memory for hypercall descriptors\n");
	return rc;
}
machine_early_initcall(xen, xen_ppc_xencomm_init);

/**
 * xen_unmap_domain_gfn_range - undo a mapping of another domain's frames
 * @vma: the mapping in a process
 * @nr: number of 4 KiB frames
 * @pages: the unpopulated pages that back the mapping
 *
 * Process context.
 *
 * Return: 0.
 */
int xen_unmap_domain_gfn_range(struct vm_area_struct *vma, int nr, struct page **pages)
{
	return xen_xlate_unmap_gfn_range(vma, nr, pages);
}
EXPORT_SYMBOL_GPL(xen_unmap_domain_gfn_range);

/* The hypervisor translates guest frame numbers, so there is no p2m table to update. */
int set_foreign_p2m_mapping(struct gnttab_map_grant_ref *map_ops,
			    struct gnttab_map_grant_ref *kmap_ops,
			    struct page **pages, unsigned int count)
{
	return 0;
}

int clear_foreign_p2m_mapping(struct gnttab_unmap_grant_ref *unmap_ops,
			      struct gnttab_unmap_grant_ref *kunmap_ops,
			      struct page **pages, unsigned int count)
{
	return 0;
}

#ifdef CONFIG_XEN_UNPOPULATED_ALLOC
static struct resource unpopulated_res = {
	.name = "Xen unpopulated space",
	.flags = IORESOURCE_MEM,
};

static int __init unpopulated_cmp_start(const void *a, const void *b)
{
	const struct resource *ra = a, *rb = b;

	return ra->start < rb->start ? -1 : ra->start > rb->start;
}

static int __init unpopulated_read_regions(struct device_node *np, struct resource *regions,
					   unsigned int nr)
{
	unsigned int i;
	int rc;

	for (i = 0; i < nr; i++) {
		rc = of_address_to_resource(np, i + 1, &regions[i]);
		if (rc)
			return rc;
	}
	sort(regions, nr, sizeof(*regions), unpopulated_cmp_start, NULL);
	return 0;
}

/*
 * The allocator is given one resource that spans all regions. A busy resource in each gap
 * between two regions keeps it from allocating there.
 */
static int __init unpopulated_reserve_gap(const struct resource *below,
					  const struct resource *above)
{
	struct resource *gap;
	int rc;

	if (below->end >= above->start) {
		pr_err("regions %pR and %pR overlap\n", below, above);
		return -EINVAL;
	}
	if (below->end + 1 == above->start)
		return 0;
	gap = kzalloc(sizeof(*gap), GFP_KERNEL);
	if (!gap)
		return -ENOMEM;
	gap->name = "Xen: not for use";
	gap->start = below->end + 1;
	gap->end = above->start - 1;
	gap->flags = IORESOURCE_MEM | IORESOURCE_BUSY;
	rc = insert_resource(&unpopulated_res, gap);
	if (rc)
		kfree(gap);
	return rc;
}

static int __init unpopulated_gather_regions(struct device_node *np)
{
	struct resource *regions;
	unsigned int i, nr = 0;
	int rc;

	while (of_get_address(np, nr + 1, NULL, NULL))
		nr++;
	if (!nr) {
		pr_err("reg of /hypervisor has no extended region\n");
		return -ENODEV;
	}
	regions = kcalloc(nr, sizeof(*regions), GFP_KERNEL);
	if (!regions)
		return -ENOMEM;
	rc = unpopulated_read_regions(np, regions, nr);
	unpopulated_res.start = regions[0].start;
	unpopulated_res.end = regions[nr - 1].end;
	for (i = 1; !rc && i < nr; i++)
		rc = unpopulated_reserve_gap(&regions[i - 1], &regions[i]);
	kfree(regions);
	return rc;
}

/**
 * arch_xen_unpopulated_init - hand the extended regions to drivers/xen/unpopulated-alloc.c
 * @res: set to the resource to allocate from
 *
 * Process context, once. By default that allocator uses the holes of iomem_resource, which
 * on this architecture may be windows of devices.
 *
 * Return: 0; -ENODEV if there is no extended region; -EINVAL if two regions overlap;
 * -ENOMEM.
 */
int __init arch_xen_unpopulated_init(struct resource **res)
{
	struct device_node *np;
	int rc;

	if (!xen_domain())
		return -ENODEV;
	np = xen_ppc_of_node();
	rc = unpopulated_gather_regions(np);
	of_node_put(np);
	if (!rc)
		*res = &unpopulated_res;
	return rc;
}
#endif
