// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend of the whole domain at the request of its toolstack. Saving a domain is not
 * supported, so a request is refused and the domain keeps running.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/printk.h>

#include <asm/xen/hypercall.h>

#include <xen/xen-ops.h>

/**
 * HYPERVISOR_suspend - ask the hypervisor to suspend the domain
 * @start_info_gfn: not used by this type of domain
 *
 * Interrupts off, the other cpus stopped.
 *
 * Return: -EOPNOTSUPP, which drivers/xen/manage.c takes for a cancelled suspend.
 */
int HYPERVISOR_suspend(unsigned long start_info_gfn)
{
	pr_warn("suspend is not supported, the request is ignored\n");
	return -EOPNOTSUPP;
}

/* drivers/xen calls these around a suspend. As none takes place, they have nothing to do. */
void xen_arch_pre_suspend(void)
{
}

void xen_arch_post_suspend(int suspend_cancelled)
{
}

void xen_arch_suspend(void)
{
}

void xen_arch_resume(void)
{
}

void xen_timer_resume(void)
{
}
