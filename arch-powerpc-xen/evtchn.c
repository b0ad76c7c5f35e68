// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels as the interrupt controller of the Xen machine. See
 * Documentation/abi.rst, "Events".
 *
 * The hypervisor raises the external interrupt (0x500) of a vcpu while the byte
 * evtchn_upcall_pending in its vcpu_info is set and MSR[EE] is 1. drivers/xen/events
 * allocates a Linux interrupt for each port. Its upcall handler clears the byte with a
 * plain store and then scans for pending ports; no hypercall is needed.
 *
 * Linux masks external interrupts lazily: if one arrives while interrupts are only
 * soft-disabled, Linux records it in irq_happened, leaves MSR[EE] at 0 and replays the
 * interrupt when they are enabled. Nothing has to be masked in the hypervisor, so
 * evtchn_upcall_mask is not used.
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

/* Cache line aligned: a vcpu_info may not cross a page, and no two cpus should share a line. */
static DEFINE_PER_CPU_SHARED_ALIGNED(struct vcpu_info, xen_ppc_vcpu_info);

/*
 * ppc_md.get_irq: handles all pending events itself and returns 0.
 *
 * Other interrupt controllers return a Linux interrupt number here, whose flow handler then
 * runs. For the upcall that costs a lookup of the descriptor by its number, which takes
 * more instructions than the rest of the Xen code on this path.
 *
 * __do_irq() takes 0 for a spurious interrupt and increments irq_stat.spurious_irqs.
 * Decrementing the counter here cancels that for interrupts that did have events. What
 * remains counted are interrupts that find evtchn_upcall_pending clear, for instance a
 * replay whose events an earlier upcall has handled already.
 *
 * Interrupts stay hard-disabled throughout, so performance monitor interrupts wait until the
 * event handlers are done.
 */
static unsigned int xen_ppc_get_irq(void)
{
	if (unlikely(!__this_cpu_read(xen_vcpu)->evtchn_upcall_pending))
		return 0;
	xen_evtchn_do_upcall();
	__this_cpu_dec(irq_stat.spurious_irqs);
	return 0;
}

/**
 * xen_ppc_register_vcpu_info - register a cpu's vcpu_info with the hypervisor
 * @cpu: the calling cpu, or one that is down
 *
 * Interrupts off. May be repeated, also by a kernel that kexec started: the hypervisor
 * carries events that are pending in the old vcpu_info over to the new one.
 *
 * Return: 0 or a negative errno.
 */
int xen_ppc_register_vcpu_info(unsigned int cpu)
{
	struct vcpu_info *info = per_cpu_ptr(&xen_ppc_vcpu_info, cpu);
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
 * xen_ppc_init_IRQ - start using event channels
 *
 * Boot cpu, early boot with a working slab, interrupts off. Each secondary cpu registers its
 * own vcpu_info when it comes up, because one cpu cannot do it for another whose vcpu
 * is up, and the kernel that kexec replaced may have left vcpus up.
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
	ppc_md.get_irq = xen_ppc_get_irq;
}
