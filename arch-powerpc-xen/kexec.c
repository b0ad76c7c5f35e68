// SPDX-License-Identifier: GPL-2.0
/*
 * Preparing the domain for the kernel that kexec starts. Once that kernel uses the memory
 * of this one, the hypervisor must not write to it any more, so everything that this
 * kernel registered by address is taken back:
 *
 *  - the runstate areas are unregistered;
 *  - EVTCHNOP_reset closes the event channels and releases the FIFO pages. It keeps the
 *    channels of xenstore and the console, which the next kernel finds where this one did.
 *    Without events the hypervisor does not write to a vcpu_info, and each cpu of the next
 *    kernel registers its own;
 *  - shared_info moves to a frame outside of RAM.
 *
 * The grant frames are outside of RAM and stay. Secondaries take their vcpu down; the
 * next kernel brings them up again with VCPUOP_up.
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

/*
 * shared_info is parked here between two kernels: the last frame of the grant-frame window,
 * which is never RAM. Grant frames fill the window from its start.
 */
static xen_pfn_t shared_info_parking_gfn __ro_after_init;

static int __init xen_kexec_init(void)
{
	struct device_node *np = xen_ppc_of_node();
	struct resource window;
	int rc = of_address_to_resource(np, 0, &window);

	of_node_put(np);
	if (!rc)
		shared_info_parking_gfn = window.end >> XEN_PAGE_SHIFT;
	return rc;
}
machine_early_initcall(xen, xen_kexec_init);

static void xen_kexec_unregister_runstates(void)
{
	struct vcpu_register_runstate_memory_area none = {};
	unsigned int cpu;
	int rc;

	for_each_possible_cpu(cpu) {
		rc = HYPERVISOR_vcpu_op(VCPUOP_register_runstate_memory_area,
					xen_vcpu_nr(cpu), &none);
		if (rc)
			pr_emerg("cannot unregister the runstate area of vcpu %u: %d\n",
				 xen_vcpu_nr(cpu), rc);
	}
}

static void xen_kexec_reset_evtchns(void)
{
	struct evtchn_reset op = { .dom = DOMID_SELF };
	int rc = HYPERVISOR_event_channel_op(EVTCHNOP_reset, &op);

	if (rc)
		pr_emerg("cannot reset the event channels: %d\n", rc);
}

/*
 * The copy of the next kernel to its final place may overwrite the page that shared_info
 * is mapped over. Xen backs the vacated frame with RAM again.
 */
static void xen_kexec_park_shared_info(void)
{
	struct xen_add_to_physmap op = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = shared_info_parking_gfn,
	};
	int rc = HYPERVISOR_memory_op(XENMEM_add_to_physmap, &op);

	if (rc)
		pr_emerg("cannot move shared_info out of RAM: %d\n", rc);
}

/*
 * A secondary that has set KEXEC_STATE_REAL_MODE still runs this kernel's text on its own
 * stack until its VCPUOP_down takes effect. Neither may be overwritten before.
 */
static void xen_kexec_wait_for_secondaries(void)
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
 * xen_ppc_kexec_cpu_down - ppc_md.kexec_cpu_down: stop a cpu for the next kernel
 * @crash_shutdown: 1 if this kernel has crashed and the next one is the crash kernel
 * @secondary: 1 if another cpu starts the next kernel
 *
 * Interrupts hard-disabled. A secondary does not return. The cpu that starts the next
 * kernel is the last to call this, unless a secondary failed to respond.
 *
 * A crash kernel has memory of its own and leaves that of the crashed kernel alone.
 * Therefore a crash does not wait for the secondaries and leaves shared_info in place.
 */
void xen_ppc_kexec_cpu_down(int crash_shutdown, int secondary)
{
	if (secondary) {
		/* The primary waits for this state, which otherwise kexec_smp_wait() sets. */
		get_paca()->kexec_state = KEXEC_STATE_REAL_MODE;
		xen_ppc_vcpu_down();
	}
	if (!crash_shutdown)
		xen_kexec_wait_for_secondaries();
	xen_kexec_unregister_runstates();
	xen_kexec_reset_evtchns();
	if (!crash_shutdown)
		xen_kexec_park_shared_info();
}
