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
#define COPY_STEP	65536UL		/* bytes of a file in one step */

enum build_stage {
	BUILD_MEMORY,
	BUILD_PAGES,		/* the magic pages, dom0's persistent memory */
	BUILD_KERNEL,
	BUILD_INITRD,
	BUILD_TREE,		/* device tree */
	BUILD_REGISTERS,
};

struct domain_build {
	enum build_stage stage;
	struct elf_image img;
	struct domain_layout layout;
	u64 fdt_gpa;
	struct populate memory;
	unsigned int seg;	/* of the kernel, the next one to copy */
	u64 copied;		/* bytes of that segment, or of the initrd */
};

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

/* Make the device tree, or bring the one that the domain's predecessor had up to date. */
static int build_device_tree(struct domain *d, const struct domain_layout *l)
{
	void *buf;
	int n;

	if (d->cfg.tree) {
		fdt_renew_domain(d->cfg.tree);
		return 0;
	}
	buf = xmalloc(FDT_ROOM);
	if (!buf)
		return -ENOMEM;
	n = fdt_write_domain(d, l, buf, FDT_ROOM);
	d->cfg.tree = n > 0 ? xmalloc(n) : NULL;
	if (d->cfg.tree)
		memcpy(d->cfg.tree, buf, n);
	d->cfg.tree_size = n;
	xfree(buf);
	if (n <= 0)
		return build_fail(d, "device tree", "does not fit in 64 KiB");
	return d->cfg.tree ? 0 : -ENOMEM;
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

/* Check the configuration and lay the domain out. */
static int build_begin(struct domain *d, struct domain_build *b)
{
	const char *why;
	int rc;

	if (elf_parse(d->cfg.kernel, d->cfg.kernel_size, &b->img, &why))
		return build_fail(d, d->cfg.kernel_name, why);
	rc = build_layout(d, &b->img, &b->layout, &b->fdt_gpa);
	if (rc)
		return rc;
	if (d->cfg.memory >> PAGE_SHIFT > pages_free()) {
		printk("%s: memory = %lu MiB, but only %lu MiB are free\n", d->name,
		       d->cfg.memory >> 20, pages_free() >> (20 - PAGE_SHIFT));
		return -ENOMEM;
	}
	d->ext_base = GRANT_WINDOW_GPA;
	d->ext_size = EXT_REGION_GPA + EXT_REGION_SIZE - GRANT_WINDOW_GPA;
	b->memory.nr = d->cfg.memory >> PAGE_SHIFT;
	return 0;
}

/* Copy the next part of a file. Return: 1 if that was not the last one, 0, or -EFAULT. */
static int build_copy(struct domain *d, struct domain_build *b, u64 gpa, const u8 *data, u64 size)
{
	u64 part = min(size - b->copied, COPY_STEP);
	int rc = gpa_write(d, gpa + b->copied, data + b->copied, part);

	b->copied += part;
	if (rc || b->copied < size)
		return rc ?: 1;
	b->copied = 0;
	return 0;
}

static int build_kernel(struct domain *d, struct domain_build *b)
{
	const struct elf_segment *seg = &b->img.seg[b->seg];
	int rc = build_copy(d, b, seg->paddr, seg->data, seg->filesz);

	if (rc)
		return rc;
	return ++b->seg < b->img.nr;
}

static void build_registers(struct domain *d, const struct domain_build *b)
{
	struct arch_vcpu *a = &d->vcpu[0]->arch;

	icache_sync();
	a->gpr[3] = b->fdt_gpa;
	a->gpr[4] = b->img.seg[0].paddr;
	a->pc = b->img.entry;
	a->msr = MSR_SF | MSR_ME | MSR_GUEST_ORDER;
	printk("%s: d%u, %lu MiB, %u vcpu%s, kernel %s, entry %lx\n", d->name, d->id, d->cfg.memory >> 20,
	       d->nr_vcpus, d->nr_vcpus > 1 ? "s" : "", d->cfg.kernel_name, b->img.entry);
}

/* Return: 1 if the stage is not complete, 0, or -errno. */
static int build_stage_step(struct domain *d, struct domain_build *b)
{
	int rc;

	switch (b->stage) {
	case BUILD_MEMORY:
		rc = memory_populate_step(d, &b->memory);
		break;
	case BUILD_PAGES:
		rc = build_magic_pages(d);
		if (!rc && d->privileged)
			rc = build_pmem(d, &b->layout);
		break;
	case BUILD_KERNEL:
		return build_kernel(d, b);
	case BUILD_INITRD:
		return d->cfg.initrd ? build_copy(d, b, b->layout.initrd_start, d->cfg.initrd, d->cfg.initrd_size) : 0;
	case BUILD_TREE:
		rc = b->copied ? 0 : build_device_tree(d, &b->layout);
		return rc ?: build_copy(d, b, b->fdt_gpa, d->cfg.tree, d->cfg.tree_size);
	default:
		build_registers(d, b);
		return 0;
	}
	if (rc < 0)
		printk("%s: no memory for %lu MiB (error %d)\n", d->name, d->cfg.memory >> 20, -rc);
	return rc;
}

/**
 * domain_build_step() - do a part of loading a domain
 * @d: a new domain with vcpus and without memory; d->cfg describes it
 * @state: NULL at the first call; belongs to this function
 *
 * A part is 1 MiB of memory cleared or 64 KiB of a file copied. The device tree is made at once, but
 * only for the first start of a domain, at boot: its successors inherit it. The caller goes on until
 * the result is not 1. Errors are printed with the domain's name, the file and the reason. Context:
 * no lock held.
 *
 * Return: 1 if there is more to do; 0 if the domain is ready for domain_start(); -errno: the caller
 * then destroys the domain.
 */
int domain_build_step(struct domain *d, struct domain_build **state)
{
	struct domain_build *b = *state;
	int rc;

	if (!b) {
		b = xzalloc(sizeof(*b));
		if (!b)
			return -ENOMEM;
		*state = b;
		rc = build_begin(d, b);
		if (!rc)
			return 1;
	} else {
		rc = build_stage_step(d, b);
		if (rc > 0 || (!rc && b->stage++ != BUILD_REGISTERS))
			return 1;
	}
	*state = NULL;
	xfree(b);
	return rc;
}

/**
 * domain_build() - load a domain, ready for domain_start()
 * @d: a new domain with vcpus and without memory; d->cfg describes it
 *
 * At boot. A timer of the firmware keeps the BMC's watchdog from resetting the machine, which it does
 * after a minute, and firmware timers run only in OPAL_POLL_EVENTS. Until the domains run nothing else
 * calls that, and on a slow or busy (emulated) machine building the domains takes longer than a minute.
 *
 * Return: 0, or -errno; the caller then destroys the domain.
 */
int domain_build(struct domain *d)
{
	struct domain_build *state = NULL;
	int rc;

	do {
		rc = domain_build_step(d, &state);
		opal_poll();
	} while (rc > 0);
	return rc;
}
