// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that misbehaves, once, at load time: what=
 *
 *	read, write	guest physical memory far outside of the domain
 *	jump		to an address there
 *	hrfid		an instruction of hypervisors
 *	illegal		an instruction that does not exist: an oops of the kernel, which panics on one
 *	panic		the kernel gives up
 *	spin		it computes for ever, with interrupts off
 *
 * The hypervisor must end at most this domain, and leave the others their time.
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

/* Below the linear map's end, so that it has a kernel address; far above what any test gives a domain. */
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
		pr_err("wild: what=%s is not a way to misbehave\n", what);
	}
	iounmap(outside);
	return 0;
}
module_init(wild_init);

static void __exit wild_exit(void)
{
}
module_exit(wild_exit);

MODULE_DESCRIPTION("A guest that leaves its bounds");
MODULE_LICENSE("GPL");
