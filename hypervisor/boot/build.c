// SPDX-License-Identifier: GPL-2.0
/*
 * Building a domain from its configuration: memory, kernel, initrd, device
 * tree, first vcpu (Documentation/abi.rst, "Entry"). Runs at boot, and again
 * when a domU reboots.
 */
#include "boot/boot.h"
#include "boot/elf.h"
#include "boot/fdt.h"
#include "core/arch_ops.h"
#include "core/domain/magic_pages.h"
#include "core/mm/memory.h"
#include "arch/cpu.h"
#include "arch/internal.h"
#include "lib/bitops.h"
#include "lib/errno.h"
#include "lib/page.h"
#include "lib/printf.h"
#include "lib/slab.h"
#include "lib/string.h"
#include <xen/interface/io/xs_wire.h>

#define FDT_ROOM	65536UL		/* bytes for the device tree */
#define PMEM_ORDER	9		/* 2 MiB: pmem is mapped by leaves of that size */
#define GUEST_ALIGN	65536UL		/* the largest page size of a guest kernel */
#define POPULATE_STEP	BIT(MAX_ORDER)	/* frames: the largest leaf, 1 GiB */

static u64 build_align(u64 gpa)
{
	return (gpa + GUEST_ALIGN - 1) & ~(GUEST_ALIGN - 1);
}

/* Print what is wrong with a domain. Return: -EINVAL. */
static int build_fail(const struct domain *d, const char *file, const char *why)
{
	printk("%s: %s %s\n", d->name, file, why);
	return -EINVAL;
}

/* Lay out kernel, initrd and device tree, in this order, in the domain's memory. */
static int build_layout(const struct domain *d, const struct elf_image *img, struct domain_layout *l, u64 *fdt_gpa)
{
	u64 next = build_align(img->end);

	l->memory = d->cfg.memory;
	if (img->end > l->memory)
		return build_fail(d, d->cfg.kernel_name, "does not fit in the domain's memory");
	if (d->cfg.initrd) {
		l->initrd_start = next;
		l->initrd_end = next + d->cfg.initrd_size;
		next = build_align(l->initrd_end);
		if (l->initrd_end > l->memory)
			return build_fail(d, d->cfg.initrd_name,
					  "does not fit in the domain's memory behind the kernel");
	}
	*fdt_gpa = next;
	if (next + FDT_ROOM > l->memory)
		return build_fail(d, d->cfg.kernel_name, "leaves no room for the device tree in the domain's memory");
	return 0;
}

static int build_device_tree(struct domain *d, const struct domain_layout *l, u64 gpa)
{
	void *buf = xmalloc(FDT_ROOM);
	int n, rc;

	if (!buf)
		return -ENOMEM;
	n = fdt_write_domain(d, l, buf, FDT_ROOM);
	if (n > 0)
		rc = gpa_write(d, gpa, buf, n);
	else
		rc = build_fail(d, "device tree", "does not fit in 64 KiB");
	xfree(buf);
	return rc;
}

/*
 * Give a domU its console and xenstore pages. The xenstore page says that no server
 * is connected until xenstored in dom0 takes the domain up; meanwhile Linux boots
 * on and waits in the background.
 */
static int build_magic_pages(struct domain *d)
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
		rc = domain_set_magic_pages(d, MAGIC_CONSOLE_GPA >> PAGE_SHIFT, MAGIC_STORE_GPA >> PAGE_SHIFT);
	return rc;
}

/* Map the persistent memory as P2M_SHARED, so that its frames can be neither granted nor named in a hypercall. */
static int build_pmem(struct domain *d, struct domain_layout *l)
{
	u64 done, nr = host_info.pmem_size >> PAGE_SHIFT;
	int rc = 0;

	spin_lock(&d->page_lock);
	for (done = 0; done < nr && !rc; done += BIT(PMEM_ORDER))
		rc = p2m_map(d, (PMEM_GPA >> PAGE_SHIFT) + done, (host_info.pmem_start >> PAGE_SHIFT) + done,
			     PMEM_ORDER, P2M_SHARED, true);
	spin_unlock(&d->page_lock);
	l->pmem = host_info.pmem_size;
	return rc;
}

/*
 * Populates the memory of a new domain in steps. A timer of the firmware keeps the BMC's watchdog
 * from resetting the machine, which it does after a minute, and firmware timers run only in
 * OPAL_POLL_EVENTS. Until the domains run nothing else calls that, and on a slow or busy
 * (emulated) machine building the domains takes longer than a minute.
 */
static int build_memory(struct domain *d)
{
	u64 nr = d->cfg.memory >> PAGE_SHIFT, done, step;
	int rc = 0;

	for (done = 0; done < nr && !rc; done += step) {
		step = min(nr - done, POPULATE_STEP);
		rc = memory_populate(d, done, step);
		opal_poll();
	}
	return rc;
}

/**
 * domain_build() - load a domain, ready for domain_start()
 * @d: a new domain with vcpus and without memory; d->cfg describes it
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
		return build_fail(d, d->cfg.kernel_name, why);
	rc = build_layout(d, &img, &l, &fdt_gpa);
	if (rc)
		return rc;
	if (d->cfg.memory >> PAGE_SHIFT > pages_free()) {
		printk("%s: memory = %lu MiB, but only %lu MiB are free\n", d->name,
		       d->cfg.memory >> 20, pages_free() >> (20 - PAGE_SHIFT));
		return -ENOMEM;
	}
	d->ext_base = GRANT_WINDOW_GPA;
	d->ext_size = EXT_REGION_GPA + EXT_REGION_SIZE - GRANT_WINDOW_GPA;
	rc = build_memory(d);
	if (!rc)
		rc = build_magic_pages(d);
	if (!rc && d->privileged)
		rc = build_pmem(d, &l);
	if (rc) {
		printk("%s: no memory for %lu MiB (error %d)\n", d->name, d->cfg.memory >> 20, rc);
		return rc;
	}
	for (i = 0; i < img.nr && !rc; i++) {
		rc = gpa_write(d, img.seg[i].paddr, img.seg[i].data, img.seg[i].filesz);
		opal_poll();
	}
	if (d->cfg.initrd && !rc) {
		rc = gpa_write(d, l.initrd_start, d->cfg.initrd, d->cfg.initrd_size);
		opal_poll();
	}
	if (!rc)
		rc = build_device_tree(d, &l, fdt_gpa);
	if (rc)
		return rc;
	icache_sync();
	a->gpr[3] = fdt_gpa;
	a->gpr[4] = img.seg[0].paddr;
	a->pc = img.entry;
	a->msr = MSR_SF | MSR_ME | MSR_GUEST_ORDER;
	printk("%s: d%u, %lu MiB, %u vcpu%s, kernel %s, entry %lx\n", d->name, d->id, d->cfg.memory >> 20,
	       d->nr_vcpus, d->nr_vcpus > 1 ? "s" : "", d->cfg.kernel_name, img.entry);
	return 0;
}
