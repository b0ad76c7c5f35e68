// SPDX-License-Identifier: GPL-2.0
/*
 * The event channels as this machine's interrupt controller.
 *
 * Xen raises the external interrupt (0x500) while evtchn_upcall_pending is set
 * and MSR[EE] is 1. One Linux interrupt stands for it; its flow handler is
 * drivers/xen/events, which has an interrupt of its own for every port. The
 * handler lowers the line by clearing the byte, with a store and no hypercall.
 *
 * Linux delays external interrupts in software: taken while interrupts are only
 * soft-disabled, one is remembered in irq_happened and MSR[EE] stays 0 until the
 * replay. So nothing is masked at the source, and the mask byte next to the
 * pending byte is not used.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/init.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include <asm/machdep.h>
#include <asm/xen/hypercall.h>

#include <xen/events.h>
#include <xen/interface/vcpu.h>
#include <xen/page.h>
#include <xen/xen-ops.h>

#include "platform.h"

DEFINE_PER_CPU(struct vcpu_info *, xen_vcpu);
DEFINE_PER_CPU(u32, xen_vcpu_id);
EXPORT_PER_CPU_SYMBOL(xen_vcpu_id);

/* A cache line each: the structure must not cross a page, nor be shared by two cpus. */
static DEFINE_PER_CPU_SHARED_ALIGNED(struct vcpu_info, vcpu_infos);

static unsigned int upcall_irq __ro_after_init;

/* Chained-style flow handler: the ports are counted, the line itself is not. */
static void upcall(struct irq_desc *desc)
{
	xen_evtchn_do_upcall();
}

/*
 * 0, which counts as spurious, if somebody else has handled the events since
 * the interrupt was raised, as a replay often finds.
 */
static unsigned int get_irq(void)
{
	return likely(__this_cpu_read(xen_vcpu)->evtchn_upcall_pending) ? upcall_irq : 0;
}

/*
 * Repeatable, so that a kernel started by kexec can do it again; the hypervisor
 * carries events over that are pending in the old place.
 */
static int __init register_vcpu_info(unsigned int cpu)
{
	struct vcpu_info *info = per_cpu_ptr(&vcpu_infos, cpu);
	struct vcpu_register_vcpu_info op = {
		.mfn = percpu_to_gfn(info),
		.offset = xen_offset_in_page(per_cpu_ptr_to_phys(info)),
	};
	int rc;

	per_cpu(xen_vcpu_id, cpu) = get_hard_smp_processor_id(cpu);
	rc = HYPERVISOR_vcpu_op(VCPUOP_register_vcpu_info, xen_vcpu_nr(cpu), &op);
	if (!rc)
		per_cpu(xen_vcpu, cpu) = info;
	return rc;
}

/**
 * xen_ppc_init_IRQ - take the event channels into use
 *
 * Boot cpu, early boot with a working slab, interrupts off. Registers the
 * vcpu_info of every possible cpu, so that one that comes up later finds its
 * own in place before it enables interrupts.
 */
void __init xen_ppc_init_IRQ(void)
{
	unsigned int cpu;
	int rc;

	for_each_possible_cpu(cpu) {
		rc = register_vcpu_info(cpu);
		if (rc && cpu == boot_cpuid)
			panic("Xen: cannot register vcpu_info of the boot vcpu: %d\n", rc);
		if (rc)
			pr_err("cpu %u: cannot register vcpu_info of vcpu %u: %d\n",
			       cpu, xen_vcpu_nr(cpu), rc);
	}

	xen_init_IRQ();

	rc = irq_alloc_desc_from(NR_IRQS_LEGACY, NUMA_NO_NODE);
	if (rc < 0)
		panic("Xen: no interrupt number for the event channel upcall: %d\n", rc);
	upcall_irq = rc;
	irq_set_chip(upcall_irq, &dummy_irq_chip);
	irq_set_chained_handler(upcall_irq, upcall);
	ppc_md.get_irq = get_irq;
}
