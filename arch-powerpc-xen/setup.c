// SPDX-License-Identifier: GPL-2.0
/*
 * A Linux machine inside Xen: finding out, getting ready, and ending.
 *
 * The hypervisor is announced by the node /hypervisor of the device tree, never
 * found by trying a call. The MMU is the one of every PAPR guest: with
 * FW_FEATURE_LPAR set, the code of the pseries platform drives it.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/console.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/of.h>
#include <linux/of_fdt.h>
#include <linux/of_platform.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/seq_file.h>

#include <asm/firmware.h>
#include <asm/machdep.h>
#include <asm/plpar_wrappers.h>
#include <asm/reg.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>

#include <xen/features.h>
#include <xen/interface/memory.h>
#include <xen/interface/sched.h>
#include <xen/interface/version.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <xen/xen-ops.h>

#include "platform.h"

/* The interface fixes these; in Linux they follow from several headers together. */
static_assert(offsetof(struct shared_info, evtchn_pending) == 48);
static_assert(offsetof(struct shared_info, evtchn_mask) == 560);
static_assert(offsetof(struct shared_info, wc) == 1072);
static_assert(offsetof(struct shared_info, wc_sec_hi) == 1084);
static_assert(offsetof(struct shared_info, arch) == 1088);
static_assert(sizeof(struct vcpu_guest_context) == 360);

enum xen_domain_type xen_domain_type __ro_after_init = XEN_NATIVE;
EXPORT_SYMBOL(xen_domain_type);

u32 xen_start_flags __ro_after_init;
EXPORT_SYMBOL(xen_start_flags);

/* Only domains of the PV type are given one; drivers/xen looks into it for those. */
static struct start_info no_start_info;
struct start_info *xen_start_info = &no_start_info;
EXPORT_SYMBOL(xen_start_info);

struct shared_info *HYPERVISOR_shared_info __ro_after_init;

/* MSR[HV] rules out a kernel that was given the tree of a guest on bare hardware. */
static bool __init in_domain(void)
{
	int node = of_get_flat_dt_subnode_by_name(of_get_flat_dt_root(), "hypervisor");

	return node >= 0 && of_flat_dt_is_compatible(node, "xen,xen") && !(mfmsr() & MSR_HV);
}

/**
 * xen_early_init - find out whether this is a Xen domain
 *
 * Boot cpu, from early_init_devtree(): in real mode, after the static keys are set
 * up and before the MMU is, whose code asks for the firmware features set here.
 */
void __init xen_early_init(void)
{
	int version;

	if (!in_domain())
		return;

	/* HVM for Linux: discovery by HVM parameters, events unmasked by hypercall. */
	xen_domain_type = XEN_HVM_DOMAIN;
	xen_ppc_udbg_init();
	xen_setup_features();
	if (xen_feature(XENFEAT_dom0))
		xen_start_flags |= SIF_INITDOMAIN | SIF_PRIVILEGED;
	powerpc_firmware_features |= FW_FEATURE_LPAR | FW_FEATURE_SET_MODE |
				     FW_FEATURE_BULK_REMOVE;

	version = HYPERVISOR_xen_version(XENVER_version, NULL);
	pr_info("%s on Xen %d.%d\n", xen_initial_domain() ? "dom0" : "domU",
		version >> 16, version & 0xffff);
}

static int __init probe(void)
{
	return xen_domain();
}

/*
 * The frame named here is exchanged for the shared page, so it is one of ours that
 * is never freed. A kernel started by kexec does it again with its own.
 */
static void __init map_shared_info(void)
{
	struct shared_info *page = memblock_alloc(XEN_PAGE_SIZE, XEN_PAGE_SIZE);
	struct xen_add_to_physmap op = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
	};
	int rc;

	if (!page)
		panic("Xen: no memory for shared_info\n");
	op.gpfn = __pa(page) >> XEN_PAGE_SHIFT;
	rc = HYPERVISOR_memory_op(XENMEM_add_to_physmap, &op);
	if (rc)
		panic("Xen: cannot map shared_info at frame 0x%llx: %d\n", op.gpfn, rc);
	HYPERVISOR_shared_info = page;
}

/**
 * xen_ppc_shutdown - end the domain
 * @reason: SHUTDOWN_*: what the toolstack, or for dom0 the hypervisor, is to do next
 *
 * Any context. Does not return.
 */
void __noreturn xen_ppc_shutdown(unsigned int reason)
{
	struct sched_shutdown op = { .reason = reason };
	int rc = HYPERVISOR_sched_op(SCHEDOP_shutdown, &op);

	pr_emerg("the hypervisor refused to shut down for reason %u: %d\n", reason, rc);
	for (;;)
		cpu_relax();
}

static void __noreturn restart(char *cmd)
{
	xen_ppc_shutdown(SHUTDOWN_reboot);
}

static void __noreturn halt(void)
{
	xen_ppc_shutdown(SHUTDOWN_poweroff);
}

static void power_off(void)
{
	xen_ppc_shutdown(SHUTDOWN_poweroff);
}

/*
 * Last of the panic notifiers; a crash kernel, if there is one, has been started by
 * now. What follows a crash is the toolstack's policy, so panic= does not apply.
 */
static void panic_event(char *msg)
{
	xen_ppc_shutdown(SHUTDOWN_crash);
}

/* DAWR and DAWRX are the hypervisor's registers (Power ISA, Book III, "Debug Facility"). */
static int set_watchpoint(int nr, unsigned long dawr, unsigned long dawrx)
{
	dawrx &= ~DAWRX_HYP;
	if (nr)
		return plpar_set_watchpoint1(dawr, dawrx);
	return plpar_set_watchpoint0(dawr, dawrx);
}

static void show_cpuinfo(struct seq_file *m)
{
	seq_printf(m, "machine\t\t: Xen %s\n", xen_initial_domain() ? "dom0" : "domU");
	seq_printf(m, "MMU\t\t: %s\n", radix_enabled() ? "Radix" : "Hash");
}

static void __init setup_arch_xen(void)
{
	if (!xen_feature(XENFEAT_auto_translated_physmap))
		panic("Xen: the hypervisor does not translate guest physical addresses\n");
	map_shared_info();
	xen_ppc_time_init();
	xen_ppc_smp_init();
	pm_power_off = power_off;
	/* A console= on the command line is parsed later and so takes precedence. */
	add_preferred_console("hvc", 0, NULL);
}

/* What the tree has besides CPUs and memory: dom0's persistent memory (pmem-region). */
static int __init add_devices(void)
{
	return of_platform_default_populate(NULL, NULL, NULL);
}
machine_device_initcall(xen, add_devices);

define_machine(xen) {
	.name = "Xen",
	.probe = probe,
	.setup_arch = setup_arch_xen,
	.show_cpuinfo = show_cpuinfo,
	.init_IRQ = xen_ppc_init_IRQ,
	.power_save = xen_ppc_idle,
	.get_rtc_time = xen_ppc_get_rtc_time,
	.set_rtc_time = xen_ppc_set_rtc_time,
	.set_dawr = set_watchpoint,
	.restart = restart,
	.halt = halt,
	.panic = panic_event,
#ifdef CONFIG_KEXEC_CORE
	.kexec_cpu_down = xen_ppc_kexec_cpu_down,
#endif
};
