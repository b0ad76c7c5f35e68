// SPDX-License-Identifier: GPL-2.0
/*
 * Guest physical space without memory in it, into which pages of other domains
 * are mapped: the entries of the `reg` of /hypervisor from the second on.
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

/* These exist for domains that start with less memory than they own. */
unsigned long xen_released_pages;
struct xen_memory_region xen_extra_mem[XEN_EXTRA_MEM_MAX_REGIONS] __initdata;

static int __init set_up_xencomm(void)
{
	int rc = xencomm_init();

	if (rc)
		panic("Xen: no memory for hypercall descriptors\n");
	return rc;
}
machine_early_initcall(xen, set_up_xencomm);

/**
 * xen_unmap_domain_gfn_range - undo a mapping of another domain's frames
 * @vma: where a process mapped them
 * @nr: number of frames of 4 KiB
 * @pages: the pages that stand for them
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

/**
 * set_foreign_p2m_mapping - note which frames of another domain were mapped
 * @map_ops: the finished map operations
 * @kmap_ops: the same for a kernel mapping, or NULL
 * @pages: the pages they are mapped at
 * @count: number of operations
 *
 * Return: 0. The hypervisor translates; there is no table to keep.
 */
int set_foreign_p2m_mapping(struct gnttab_map_grant_ref *map_ops,
			    struct gnttab_map_grant_ref *kmap_ops,
			    struct page **pages, unsigned int count)
{
	return 0;
}

/**
 * clear_foreign_p2m_mapping - forget what set_foreign_p2m_mapping() noted
 * @unmap_ops: the finished unmap operations
 * @kunmap_ops: the same for a kernel mapping, or NULL
 * @pages: the pages they were mapped at
 * @count: number of operations
 *
 * Return: 0.
 */
int clear_foreign_p2m_mapping(struct gnttab_unmap_grant_ref *unmap_ops,
			      struct gnttab_unmap_grant_ref *kunmap_ops,
			      struct page **pages, unsigned int count)
{
	return 0;
}

#ifdef CONFIG_XEN_UNPOPULATED_ALLOC
static struct resource unpopulated = {
	.name = "Xen unpopulated space",
	.flags = IORESOURCE_MEM,
};

static int __init by_start(const void *a, const void *b)
{
	const struct resource *ra = a, *rb = b;

	return ra->start < rb->start ? -1 : ra->start > rb->start;
}

static int __init read_regions(struct device_node *np, struct resource *regions, unsigned int nr)
{
	unsigned int i;
	int rc;

	for (i = 0; i < nr; i++) {
		rc = of_address_to_resource(np, i + 1, &regions[i]);
		if (rc)
			return rc;
	}
	sort(regions, nr, sizeof(*regions), by_start, NULL);
	return 0;
}

/* What lies between two regions is taken, so that nobody else takes it. */
static int __init close_gap(const struct resource *below, const struct resource *above)
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
	rc = insert_resource(&unpopulated, gap);
	if (rc)
		kfree(gap);
	return rc;
}

static int __init gather_regions(struct device_node *np)
{
	struct resource *regions;
	unsigned int i, nr = 0;
	int rc;

	while (of_get_address(np, nr + 1, NULL, NULL))
		nr++;
	if (!nr) {
		pr_err("/hypervisor has no extended region in its reg\n");
		return -ENODEV;
	}
	regions = kcalloc(nr, sizeof(*regions), GFP_KERNEL);
	if (!regions)
		return -ENOMEM;
	rc = read_regions(np, regions, nr);
	unpopulated.start = regions[0].start;
	unpopulated.end = regions[nr - 1].end;
	for (i = 1; !rc && i < nr; i++)
		rc = close_gap(&regions[i - 1], &regions[i]);
	kfree(regions);
	return rc;
}

/**
 * arch_xen_unpopulated_init - tell the page allocator of unpopulated space
 * @res: set to the resource to allocate from
 *
 * Process context, once. Without this the allocator would take holes of
 * iomem_resource, which on this architecture may be windows of devices.
 *
 * Return: 0; -ENODEV if there is none; -EINVAL if the device tree is at odds with
 * itself; -ENOMEM.
 */
int __init arch_xen_unpopulated_init(struct resource **res)
{
	struct device_node *np;
	int rc;

	if (!xen_domain())
		return -ENODEV;
	np = xen_ppc_of_node();
	rc = gather_regions(np);
	of_node_put(np);
	if (!rc)
		*res = &unpopulated;
	return rc;
}
#endif
