// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/grantstat: a snapshot of what this domain grants to others, "grants N mapped N pages N
 * bytes N".
 *
 *	grants	entries of the grant table that are in use
 *	mapped	those of them that another domain has mapped
 *	pages	pages of this kernel that the granted frames belong to, each counted once
 *	bytes	size of those pages, which cannot be used for anything else
 */
#include <linux/bitmap.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include <xen/interface/grant_table.h>
#include <xen/interface/xen.h>
#include <xen/page.h>
#include <xen/xen.h>

#include <asm/xen/hypercall.h>

/* The entries of console and xenstore, which are not counted. */
#define RESERVED_ENTRIES 8

static struct grant_entry_v1 *table;

/* Returns the current number of frames of the table, which grows on demand. */
static unsigned int frames_now(void)
{
	struct gnttab_query_size query = { .dom = DOMID_SELF };

	if (HYPERVISOR_grant_table_op(GNTTABOP_query_size, &query, 1) || query.status != GNTST_okay)
		return 0;
	return query.nr_frames;
}

/* Returns the page frame number of this kernel for the frame of an entry. */
static unsigned long page_of(const struct grant_entry_v1 *entry)
{
	return READ_ONCE(entry->frame) / XEN_PFN_PER_PAGE;
}

static bool in_use(const struct grant_entry_v1 *entry)
{
	return READ_ONCE(entry->flags) & GTF_type_mask;
}

static int grantstat_show(struct seq_file *seq, void *unused)
{
	unsigned int entries = frames_now() * (XEN_PAGE_SIZE / sizeof(*table));
	unsigned int i, used = 0, mapped = 0, pages;
	unsigned long *seen, end = 1;

	for (i = RESERVED_ENTRIES; i < entries; i++)
		if (in_use(&table[i]))
			end = max(end, page_of(&table[i]) + 1);
	seen = bitmap_zalloc(end, GFP_KERNEL);
	if (!seen)
		return -ENOMEM;
	for (i = RESERVED_ENTRIES; i < entries; i++) {
		if (!in_use(&table[i]) || page_of(&table[i]) >= end)
			continue;
		used++;
		mapped += !!(READ_ONCE(table[i].flags) & (GTF_reading | GTF_writing));
		__set_bit(page_of(&table[i]), seen);
	}
	pages = bitmap_weight(seen, end);
	bitmap_free(seen);
	seq_printf(seq, "grants %u mapped %u pages %u bytes %lu\n", used, mapped, pages, pages * PAGE_SIZE);
	return 0;
}

static int __init grantstat_init(void)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "xen,xen");
	struct resource window;
	int err;

	if (!node)
		return -ENODEV;
	err = of_address_to_resource(node, 0, &window);
	of_node_put(node);
	if (err)
		return err;
	table = memremap(window.start, resource_size(&window), MEMREMAP_WB);
	if (!table)
		return -ENOMEM;
	if (!proc_create_single("grantstat", 0400, NULL, grantstat_show)) {
		memunmap(table);
		return -ENOMEM;
	}
	return 0;
}
module_init(grantstat_init);

static void __exit grantstat_exit(void)
{
	remove_proc_entry("grantstat", NULL);
	memunmap(table);
}
module_exit(grantstat_exit);

MODULE_DESCRIPTION("Statistics of the grants of this domain");
MODULE_LICENSE("GPL");
