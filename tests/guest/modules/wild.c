// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the guest misbehave, once, at load time. The parameter what= selects how:
 *
 *	read, write	access guest physical address space far outside of the domain's memory
 *	jump		execute from there
 *	hrfid		execute an instruction that is reserved for the hypervisor
 *	illegal		execute an illegal instruction: the kernel oopses, and panics on the oops
 *	panic		panic
 *	spin		loop forever with interrupts off
 *
 * The hypervisor may end this domain, but no other domain may be affected or get less time.
 */
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/processor.h>
#include <linux/string.h>

static char *what = "";
module_param(what, charp, 0444);

/*
 * Within the linear map, so that there is a virtual address; far above the memory of any test
 * domain.
 */
#define OUTSIDE BIT_ULL(44)

static int __init wild_init(void)
{
	void __iomem *outside;

	if (!strcmp(what, "panic"))
		panic("wild: asked to");
	if (!strcmp(what, "spin")) {
		local_irq_disable();
		for (;;)
			cpu_relax();
	}
	if (!strcmp(what, "hrfid")) {
		asm volatile("hrfid" ::: "memory");
		return 0;
	}
	if (!strcmp(what, "illegal")) {
		asm volatile(".long 0" ::: "memory");
		return 0;
	}
	outside = ioremap(OUTSIDE, PAGE_SIZE);
	if (!outside)
		return -ENOMEM;
	if (!strcmp(what, "read")) {
		pr_info("wild: read %x\n", readl(outside));
	} else if (!strcmp(what, "write")) {
		writel(1, outside);
		pr_info("wild: written\n");
	} else if (!strcmp(what, "jump")) {
		((void (*)(void))(__force unsigned long)__va(OUTSIDE))();
	} else {
		pr_err("wild: what=%s is unknown\n", what);
	}
	iounmap(outside);
	return 0;
}
module_init(wild_init);

static void __exit wild_exit(void)
{
}
module_exit(wild_exit);

MODULE_DESCRIPTION("Makes the guest misbehave");
MODULE_LICENSE("GPL");
