// SPDX-License-Identifier: GPL-2.0
/*
 * Building a domain from its configuration: memory, kernel, initrd, device
 * tree, first vcpu (abi.md row 9). Runs at boot, and again when a domU reboots.
 */
#include "boot/boot.h"
#include "boot/elf.h"
#include "boot/fdt.h"
#include "core/arch_ops.h"
#include "core/mm/memory.h"
#include "arch/cpu.h"
#include "lib/bitops.h"
#include "lib/errno.h"
#include "lib/page.h"
#include "lib/printf.h"
#include "lib/slab.h"
#include "lib/string.h"

#define FDT_ROOM	65536UL
#define LARGE_LEAF	9		/* order of 2 MiB; the range is a multiple of that */
#define GUEST_ALIGN	65536UL		/* the largest page a kernel may use */

static u64 align_up(u64 gpa)
{
	return (gpa + GUEST_ALIGN - 1) & ~(GUEST_ALIGN - 1);
}

static int fail(const struct domain *d, const char *file, const char *why)
{
	printk("%s: %s %s\n", d->name, file, why);
	return -EINVAL;
}

static int place(const struct domain *d, const struct elf_image *img, struct domain_layout *l, u64 *fdt_gpa)
{
	u64 next = align_up(img->end);

	l->memory = d->cfg.memory;
	if (img->end > l->memory)
		return fail(d, d->cfg.kernel_name, "does not fit in the domain's memory");
	if (d->cfg.initrd) {
		l->initrd_start = next;
		l->initrd_end = next + d->cfg.initrd_size;
		next = align_up(l->initrd_end);
		if (l->initrd_end > l->memory)
			return fail(d, d->cfg.initrd_name, "does not fit in the domain's memory behind the kernel");
	}
	*fdt_gpa = next;
	if (next + FDT_ROOM > l->memory)
		return fail(d, d->cfg.kernel_name, "leaves no room for the device tree in the domain's memory");
	return 0;
}

static int put_tree(struct domain *d, const struct domain_layout *l, u64 gpa)
{
	void *buf = xmalloc(FDT_ROOM);
	int n, rc;

	if (!buf)
		return -ENOMEM;
	n = fdt_write_domain(d, l, buf, FDT_ROOM);
	if (n > 0)
		rc = gpa_write(d, gpa, buf, n);
	else
		rc = fail(d, "device tree", "does not fit in 64 KiB");
	xfree(buf);
	return rc;
}

/* The store page says "not connected" until somebody in dom0 serves it; Linux then waits in the background. */
static int magic_pages(struct domain *d)
{
	const u32 not_yet = XENSTORE_RECONNECT;
	int rc;

	if (d->privileged)
		return 0;
	rc = memory_populate(d, MAGIC_CONSOLE_GPA >> PAGE_SHIFT, 1);
	if (!rc)
		rc = memory_populate(d, MAGIC_STORE_GPA >> PAGE_SHIFT, 1);
	if (!rc)
		rc = gpa_write(d, MAGIC_STORE_GPA + offsetof(struct xenstore_domain_interface, connection),
			       &not_yet, sizeof(not_yet));
	if (!rc)
		rc = domain_set_magic(d, MAGIC_CONSOLE_GPA >> PAGE_SHIFT, MAGIC_STORE_GPA >> PAGE_SHIFT);
	return rc;
}

/* The frames are nobody's RAM: they can be neither granted nor named in a hypercall. */
static int map_pmem(struct domain *d, struct domain_layout *l)
{
	u64 done, nr = host_info.pmem_size >> PAGE_SHIFT;
	int rc = 0;

	spin_lock(&d->page_lock);
	for (done = 0; done < nr && !rc; done += BIT(LARGE_LEAF))
		rc = p2m_map(d, (PMEM_GPA >> PAGE_SHIFT) + done, (host_info.pmem_start >> PAGE_SHIFT) + done,
			     LARGE_LEAF, P2M_SHARED, true);
	spin_unlock(&d->page_lock);
	l->pmem = host_info.pmem_size;
	return rc;
}

/**
 * domain_build() - load a domain
 * @d: a new domain with vcpus, without memory; cfg says the rest
 *
 * What is left to do then is domain_start().
 *
 * Errors are printed with the domain's name, the file and the reason.
 *
 * Return: 0, or -errno; the caller then destroys the domain.
 */
int domain_build(struct domain *d)
{
	struct domain_layout l = { 0 };
	struct arch_vcpu *a = &d->vcpu[0]->arch;
	struct elf_image img;
	const char *why;
	u64 fdt_gpa = 0;
	unsigned int i;
	int rc;

	if (elf_parse(d->cfg.kernel, d->cfg.kernel_size, &img, &why))
		return fail(d, d->cfg.kernel_name, why);
	rc = place(d, &img, &l, &fdt_gpa);
	if (rc)
		return rc;
	if (d->cfg.memory >> PAGE_SHIFT > pages_free()) {
		printk("%s: memory = %lu MiB, but only %lu MiB are free\n", d->name,
		       d->cfg.memory >> 20, pages_free() >> (20 - PAGE_SHIFT));
		return -ENOMEM;
	}
	d->ext_base = GRANT_WINDOW_GPA;
	d->ext_size = EXT_REGION_GPA + EXT_REGION_SIZE - GRANT_WINDOW_GPA;
	rc = memory_populate(d, 0, d->cfg.memory >> PAGE_SHIFT);
	if (!rc)
		rc = magic_pages(d);
	if (!rc && d->privileged)
		rc = map_pmem(d, &l);
	if (rc) {
		printk("%s: no memory for %lu MiB (error %d)\n", d->name, d->cfg.memory >> 20, rc);
		return rc;
	}
	for (i = 0; i < img.nr && !rc; i++)
		rc = gpa_write(d, img.seg[i].paddr, img.seg[i].data, img.seg[i].filesz);
	if (d->cfg.initrd && !rc)
		rc = gpa_write(d, l.initrd_start, d->cfg.initrd, d->cfg.initrd_size);
	if (!rc)
		rc = put_tree(d, &l, fdt_gpa);
	if (rc)
		return rc;
	a->gpr[3] = fdt_gpa;
	a->gpr[4] = img.seg[0].paddr;
	a->pc = img.entry;
	a->msr = MSR_SF | MSR_ME | MSR_GUEST_ORDER;
	printk("%s: d%u, %lu MiB, %u vcpu%s, kernel %s, entry %lx\n", d->name, d->id, d->cfg.memory >> 20,
	       d->nr_vcpus, d->nr_vcpus > 1 ? "s" : "", d->cfg.kernel_name, img.entry);
	return 0;
}
