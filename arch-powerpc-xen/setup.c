// SPDX-License-Identifier: GPL-2.0
/*
 * The machine description of a Xen domain: detection, set up, shutdown.
 *
 * Linux detects Xen by the node /hypervisor of the device tree and never by trying a
 * hypercall. See Documentation/abi.rst, "Discovery". The MMU interface is that of a PAPR
 * guest ("MMU" there). With FW_FEATURE_LPAR set, Linux uses the MMU code of the pseries
 * platform.
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

#include <asm/cputable.h>
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

#include "../pseries/pseries.h"
#include "platform.h"

/* Offsets of the ABI, which several headers of Linux determine together. */
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

/* Only a PV domain has a start_info, but drivers/xen refers to it in all domains. */
static struct start_info no_start_info;
struct start_info *xen_start_info = &no_start_info;
EXPORT_SYMBOL(xen_start_info);

struct shared_info *HYPERVISOR_shared_info __ro_after_init;

/*
 * A kernel that is kexec'ed from a hypervisor on bare hardware may be passed a device tree with
 * a node /hypervisor in it. MSR[HV] tells that this is not a domain.
 */
static bool __init xen_ppc_in_domain(void)
{
	int node = of_get_flat_dt_subnode_by_name(of_get_flat_dt_root(), "hypervisor");

	return node >= 0 && of_flat_dt_is_compatible(node, "xen,xen") && !(mfmsr() & MSR_HV);
}

/**
 * xen_early_init - detect a Xen domain
 *
 * Boot cpu, from early_init_devtree(), in real mode. The static keys are set up already.
 * The MMU is not; its initialisation depends on the firmware features that are set here.
 */
void __init xen_early_init(void)
{
	int version;

	if (!xen_ppc_in_domain())
		return;

	/* For drivers/xen, HVM means: HVM parameters instead of start_info, unmask by hypercall. */
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

static int __init xen_ppc_probe(void)
{
	return xen_domain();
}

/*
 * The hypervisor replaces the RAM of the given frame by shared_info, so the page comes from
 * memblock and is never freed. A kernel that kexec started repeats this with a page of its
 * own.
 */
static void __init xen_ppc_map_shared_info(void)
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
 * @reason: SHUTDOWN_*, by which the toolstack (or for dom0, the hypervisor) decides what
 *	to do next
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

static void __noreturn xen_ppc_restart(char *cmd)
{
	xen_ppc_shutdown(SHUTDOWN_reboot);
}

static void __noreturn xen_ppc_halt(void)
{
	xen_ppc_shutdown(SHUTDOWN_poweroff);
}

static void xen_ppc_power_off(void)
{
	xen_ppc_shutdown(SHUTDOWN_poweroff);
}

/*
 * ppc_md.panic, called by the last of the panic notifiers. If a crash kernel is loaded,
 * panic() has started it before the notifiers. The toolstack decides whether a crashed
 * domain is restarted, so panic= has no effect.
 */
static void xen_ppc_panic(char *msg)
{
	xen_ppc_shutdown(SHUTDOWN_crash);
}

/* Only the hypervisor can write DAWR and DAWRX (Power ISA, Book III, "Debug Facility"). */
static int xen_ppc_set_dawr(int nr, unsigned long dawr, unsigned long dawrx)
{
	dawrx &= ~DAWRX_HYP;
	if (nr)
		return plpar_set_watchpoint1(dawr, dawrx);
	return plpar_set_watchpoint0(dawr, dawrx);
}

static void xen_ppc_show_cpuinfo(struct seq_file *m)
{
	seq_printf(m, "machine\t\t: Xen %s\n", xen_initial_domain() ? "dom0" : "domU");
	seq_printf(m, "MMU\t\t: %s\n", radix_enabled() ? "Radix" : "Hash");
}

/*
 * ppc_md.get_random_seed: the processor's random numbers (Power ISA v3.0 I 3.3.9). The instruction
 * is not privileged. It returns all ones if it has no number at the moment.
 */
static int xen_ppc_get_random_darn(unsigned long *seed)
{
	unsigned int tries;

	for (tries = 0; tries < 10; tries++) {
		asm volatile(".machine push; .machine power9; darn %0,1; .machine pop" : "=r"(*seed));
		if (*seed != ~0UL)
			return 1;
	}
	return 0;
}

static void __init xen_ppc_setup_arch(void)
{
	if (!xen_feature(XENFEAT_auto_translated_physmap))
		panic("Xen: the hypervisor does not translate guest physical addresses\n");
	/* Flushes and barriers as H_GET_CPU_CHARACTERISTICS asks for them. */
	pseries_setup_security_mitigations();
	if (cpu_has_feature(CPU_FTR_ARCH_300))
		ppc_md.get_random_seed = xen_ppc_get_random_darn;
	xen_ppc_map_shared_info();
	xen_ppc_time_init();
	xen_ppc_smp_init();
	pm_power_off = xen_ppc_power_off;
	/* console= on the command line is parsed later and takes precedence. */
	add_preferred_console("hvc", 0, NULL);
}

/* Devices of the device tree; at present those are the pmem-regions of dom0. */
static int __init xen_ppc_add_devices(void)
{
	return of_platform_default_populate(NULL, NULL, NULL);
}
machine_device_initcall(xen, xen_ppc_add_devices);

define_machine(xen) {
	.name = "Xen",
	.probe = xen_ppc_probe,
	.setup_arch = xen_ppc_setup_arch,
	.show_cpuinfo = xen_ppc_show_cpuinfo,
	.init_IRQ = xen_ppc_init_IRQ,
	.power_save = xen_ppc_idle,
	.get_rtc_time = xen_ppc_get_rtc_time,
	.set_rtc_time = xen_ppc_set_rtc_time,
	.set_dawr = xen_ppc_set_dawr,
	.restart = xen_ppc_restart,
	.halt = xen_ppc_halt,
	.panic = xen_ppc_panic,
#ifdef CONFIG_KEXEC_CORE
	.kexec_cpu_down = xen_ppc_kexec_cpu_down,
#endif
};
