// SPDX-License-Identifier: GPL-2.0
/*
 * Suspend of the whole domain, on request of its toolstack. There is nothing yet
 * that could save a domain, so a request is refused and the domain runs on.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/printk.h>

#include <asm/xen/hypercall.h>

#include <xen/xen-ops.h>

/**
 * HYPERVISOR_suspend - ask to be suspended
 * @start_info_gfn: not used by this type of domain
 *
 * Called with interrupts off and the other cpus stopped.
 *
 * Return: -EOPNOTSUPP, which drivers/xen/manage.c takes as a cancelled suspend.
 */
int HYPERVISOR_suspend(unsigned long start_info_gfn)
{
	pr_warn("suspend is not supported, the request is ignored\n");
	return -EOPNOTSUPP;
}

/** xen_arch_pre_suspend - nothing is taken down before a suspend that is refused */
void xen_arch_pre_suspend(void)
{
}

/**
 * xen_arch_post_suspend - nothing has to be put back after it
 * @suspend_cancelled: always true
 */
void xen_arch_post_suspend(int suspend_cancelled)
{
}

/** xen_arch_suspend - as xen_arch_pre_suspend(), on every cpu */
void xen_arch_suspend(void)
{
}

/** xen_arch_resume - as xen_arch_post_suspend(), on every cpu */
void xen_arch_resume(void)
{
}

/** xen_timer_resume - the decrementer is the vcpu's own and went on */
void xen_timer_resume(void)
{
}
