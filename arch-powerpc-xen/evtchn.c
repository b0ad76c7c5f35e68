// SPDX-License-Identifier: GPL-2.0
/*
 * The event channels as this machine's interrupt controller.
 *
 * Xen raises the external interrupt (0x500) while evtchn_upcall_pending is set
 * and MSR[EE] is 1. drivers/xen/events, which has a Linux interrupt for every
 * port, finds the ports and lowers the line by clearing the byte, with a store and
 * no hypercall.
 *
 * Linux delays external interrupts in software: taken while interrupts are only
 * soft-disabled, one is remembered in irq_happened and MSR[EE] stays 0 until the
 * replay. So nothing is masked at the source, and the mask byte next to the
 * pending byte is not used.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/hardirq.h>
#include <linux/init.h>
#include <linux/panic.h>
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

/*
 * Handles the events on the spot. Naming a Linux interrupt of the upcall's own, with
 * that as its flow handler, would be the way of other controllers; but the caller
 * would look its descriptor up by number, which costs more instructions than
 * Xen's whole part in an event does.
 *
 * The caller takes 0 for a spurious interrupt and counts it; what is none is taken
 * back. Left counted are those that find nothing pending, as a replay does whose
 * events were seen by an upcall that was under way.
 *
 * Interrupts stay hard-disabled meanwhile, so that a performance monitor
 * interrupt is taken after the handlers.
 */
static unsigned int get_irq(void)
{
	if (unlikely(!__this_cpu_read(xen_vcpu)->evtchn_upcall_pending))
		return 0;
	xen_evtchn_do_upcall();
	__this_cpu_dec(irq_stat.spurious_irqs);
	return 0;
}

/**
 * xen_ppc_register_vcpu_info - tell the hypervisor where a cpu's vcpu_info is
 * @cpu: the calling cpu, or one that is down
 *
 * Interrupts off. May be repeated, also by a kernel that was started by kexec: the
 * hypervisor carries events over that are pending in the old place.
 *
 * Return: 0 or a negative errno.
 */
int xen_ppc_register_vcpu_info(unsigned int cpu)
{
	struct vcpu_info *info = per_cpu_ptr(&vcpu_infos, cpu);
	struct vcpu_register_vcpu_info op = {
		.mfn = percpu_to_gfn(info),
		.offset = xen_offset_in_page(per_cpu_ptr_to_phys(info)),
	};
	int rc;

	rc = HYPERVISOR_vcpu_op(VCPUOP_register_vcpu_info, xen_vcpu_nr(cpu), &op);
	if (!rc)
		per_cpu(xen_vcpu, cpu) = info;
	return rc;
}

/**
 * xen_ppc_init_IRQ - take the event channels into use
 *
 * Boot cpu, early boot with a working slab, interrupts off. The other cpus register
 * their vcpu_info when they come up: a vcpu that an earlier kernel left running
 * cannot have it done by another.
 */
void __init xen_ppc_init_IRQ(void)
{
	unsigned int cpu;
	int rc;

	for_each_possible_cpu(cpu)
		per_cpu(xen_vcpu_id, cpu) = get_hard_smp_processor_id(cpu);

	rc = xen_ppc_register_vcpu_info(boot_cpuid);
	if (rc)
		panic("Xen: cannot register vcpu_info of the boot vcpu: %d\n", rc);

	xen_init_IRQ();
	ppc_md.get_irq = get_irq;
}
