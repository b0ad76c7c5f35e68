// SPDX-License-Identifier: GPL-2.0
/*
 * Inter-processor interrupts: one event channel per cpu carries all messages.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include <xen/events.h>

#include "platform.h"

static irqreturn_t ipi(int irq, void *dev_id)
{
	return smp_ipi_demux();
}

/* Process context on any cpu, before @cpu is sent its first message. */
static int bind_ipi(int cpu)
{
	int irq = bind_ipi_to_irqhandler(XEN_PPC_IPI, cpu, ipi,
					 IRQF_PERCPU | IRQF_NO_THREAD, "IPI", NULL);

	return min(irq, 0);
}

static void __init probe(void)
{
	int rc = bind_ipi(boot_cpuid);

	if (rc)
		panic("Xen: cannot bind the boot cpu's IPI: %d\n", rc);
}

static void cause_ipi(int cpu)
{
	/*
	 * The message must be visible before the event is. The trap alone does
	 * not order storage (Power ISA, Book II, "Storage Ordering").
	 */
	smp_mb();
	xen_send_IPI_one(cpu, XEN_PPC_IPI);
}

/* Only the boot vcpu is started; the others stay as the hypervisor made them. */
static int cpu_bootable(unsigned int cpu)
{
	return cpu == boot_cpuid;
}

static struct smp_ops_t xen_ppc_smp_ops = {
	.cause_ipi = cause_ipi,
	.probe = probe,
	.prepare_cpu = bind_ipi,
	.cpu_bootable = cpu_bootable,
};

/**
 * xen_ppc_smp_init - make the event channels the way cpus talk to each other
 *
 * Boot cpu, from setup_arch().
 */
void __init xen_ppc_smp_init(void)
{
	smp_ops = &xen_ppc_smp_ops;
}
