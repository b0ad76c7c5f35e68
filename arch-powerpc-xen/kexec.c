// SPDX-License-Identifier: GPL-2.0
/*
 * Leaving the domain to another kernel: the hypervisor must know of nothing that is
 * in this kernel's memory when the next one uses that memory.
 *
 * The event channels are closed, but for xenstore's and the console's, which the next
 * kernel finds where this one found them. With them the hypervisor forgets the FIFO
 * pages, and nothing is left that it would write to a vcpu_info for; each cpu of
 * the next kernel registers its own. The grant frames are outside of RAM.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/kexec.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/printk.h>

#include <asm/machdep.h>
#include <asm/paca.h>
#include <asm/xen/hypercall.h>

#include <xen/interface/event_channel.h>
#include <xen/interface/memory.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/page.h>
#include <xen/xen-ops.h>

#include "platform.h"

/* A frame that is never RAM, for shared_info to be in between two kernels. */
static xen_pfn_t shared_info_refuge __ro_after_init;

static int __init find_refuge(void)
{
	struct device_node *np = xen_ppc_of_node();
	struct resource window;
	int rc = of_address_to_resource(np, 0, &window);

	of_node_put(np);
	if (!rc)
		shared_info_refuge = window.end >> XEN_PAGE_SHIFT;
	return rc;
}
machine_early_initcall(xen, find_refuge);

static void forget_runstates(void)
{
	struct vcpu_register_runstate_memory_area none = {};
	unsigned int cpu;
	int rc;

	for_each_possible_cpu(cpu) {
		rc = HYPERVISOR_vcpu_op(VCPUOP_register_runstate_memory_area,
					xen_vcpu_nr(cpu), &none);
		if (rc)
			pr_emerg("vcpu %u keeps its runstate area: %d\n", xen_vcpu_nr(cpu), rc);
	}
}

static void close_events(void)
{
	struct evtchn_reset op = { .dom = DOMID_SELF };
	int rc = HYPERVISOR_event_channel_op(EVTCHNOP_reset, &op);

	if (rc)
		pr_emerg("cannot reset the event channels: %d\n", rc);
}

/*
 * The next kernel is copied to where it belongs, and that may be where shared_info
 * is. Where that leaves, the hypervisor puts RAM.
 */
static void move_shared_info(void)
{
	struct xen_add_to_physmap op = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = shared_info_refuge,
	};
	int rc = HYPERVISOR_memory_op(XENMEM_add_to_physmap, &op);

	if (rc)
		pr_emerg("shared_info stays in RAM: %d\n", rc);
}

/*
 * The others have said that they go down, but what they do it with, text and stack, is
 * theirs until they have.
 */
static void await_others(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		if (cpu == raw_smp_processor_id())
			continue;
		while (HYPERVISOR_vcpu_op(VCPUOP_is_up, xen_vcpu_nr(cpu), NULL) > 0)
			HYPERVISOR_sched_op(SCHEDOP_yield, NULL);
	}
}

/**
 * xen_ppc_kexec_cpu_down - a cpu stops for another kernel
 * @crash_shutdown: this kernel has crashed, and the next one is the crash kernel
 * @secondary: another cpu starts the next kernel
 *
 * Interrupts hard-disabled. The cpu that starts it comes here last, unless others
 * failed to react. Those go down, for the next kernel to bring up: to the one that
 * starts it they are where it waits for them. A crashed kernel's memory is left alone,
 * so there it does not matter when they do.
 */
void xen_ppc_kexec_cpu_down(int crash_shutdown, int secondary)
{
	if (secondary) {
		get_paca()->kexec_state = KEXEC_STATE_REAL_MODE;
		xen_ppc_vcpu_down();
	}
	if (!crash_shutdown)
		await_others();
	forget_runstates();
	close_events();
	if (!crash_shutdown)
		move_shared_info();
}
