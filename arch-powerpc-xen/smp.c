// SPDX-License-Identifier: GPL-2.0
/*
 * SMP: starting and stopping vcpus (Documentation/abi.rst, "Vcpus"), and IPIs. One event
 * channel per cpu carries all IPI messages.
 *
 * Every time a vcpu comes up, it starts at generic_secondary_smp_init with a new context. A
 * cpu that goes offline, or that waits while another one starts a new kernel, takes its
 * vcpu down with a hypercall that does not return. Bringing the vcpu up again therefore
 * needs nothing in the memory of the kernel that took it down.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/hardirq.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/jump_label.h>
#include <linux/mmu_context.h>
#include <linux/of.h>
#include <linux/printk.h>
#include <linux/sched/hotplug.h>
#include <linux/smp.h>

#include <asm/hw_irq.h>
#include <asm/paca.h>
#include <asm/paravirt.h>
#include <asm/reg.h>
#include <asm/sections.h>
#include <asm/vdso_datapage.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>

#include <xen/events.h>
#include <xen/interface/vcpu.h>
#include <xen/xen-ops.h>

#include "platform.h"
#include "trap.h"

DEFINE_STATIC_KEY_FALSE(xen_ppc_preempted);

static irqreturn_t xen_ppc_ipi_handler(int irq, void *dev_id)
{
	return smp_ipi_demux();
}

#ifdef CONFIG_PARAVIRT_SPINLOCKS
static bool nopvspin __initdata;

static int __init parse_nopvspin(char *arg)
{
	nopvspin = true;
	return 0;
}
early_param("nopvspin", parse_nopvspin);

/*
 * The hypervisor does not tell whether each vcpu has a pCPU of its own, and that may change
 * at any time. So a cpu that waits for a lock always checks whether the vcpu of the holder
 * is running, and yields to it if it is not.
 */
static void __init xen_ppc_spinlocks_init(void)
{
	if (nopvspin) {
		pr_info("nopvspin: spinlocks do not yield to preempted vcpus\n");
	} else if (num_possible_cpus() > 1) {
		static_branch_enable(&xen_ppc_preempted);
		static_branch_enable(&shared_processor);
	}
}
#else
static inline void xen_ppc_spinlocks_init(void)
{
}
#endif

/* The cpus whose IPI event channel could be bound; only these can be brought up. */
static cpumask_t xen_ppc_ipi_bound;

/*
 * Binds the IPI event channels of all possible cpus. This cannot be left to cpu bring-up,
 * which holds irq_lock_sparse() and so excludes the allocation of an interrupt. The
 * channels stay bound while a cpu is offline; a message that is sent in the meantime is
 * delivered when the cpu is online again.
 */
static void __init xen_ppc_smp_probe(void)
{
	unsigned int cpu;
	int irq;

	for_each_possible_cpu(cpu) {
		irq = bind_ipi_to_irqhandler(XEN_PPC_IPI, cpu, xen_ppc_ipi_handler,
					     IRQF_PERCPU | IRQF_NO_THREAD, "IPI", NULL);
		if (irq >= 0)
			cpumask_set_cpu(cpu, &xen_ppc_ipi_bound);
		else if (cpu == boot_cpuid)
			panic("Xen: cannot bind the boot cpu's IPI: %d\n", irq);
		else
			pr_err("cpu %u: cannot bind the IPI of vcpu %u: %d\n", cpu,
			       xen_vcpu_nr(cpu), irq);
	}
	xen_ppc_steal_init();
	xen_ppc_spinlocks_init();
}

static int xen_ppc_cpu_bootable(unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &xen_ppc_ipi_bound) && smp_generic_cpu_bootable(cpu);
}

static void xen_ppc_cause_ipi(int cpu)
{
	/*
	 * The message must be visible before the event. The trap does not order storage
	 * accesses (Power ISA, Book II, "Storage Ordering").
	 */
	smp_mb();
	xen_send_IPI_one(cpu, XEN_PPC_IPI);
}

/* The context in which a vcpu starts; see Documentation/abi.rst, "Entry". */
static int xen_ppc_vcpu_initialise(unsigned int vcpu)
{
	struct vcpu_guest_context ctx = {
		.gprs[3] = vcpu,
		.pc = __pa(ppc_function_entry(generic_secondary_smp_init)),
		.msr = MSR_64BIT | (IS_ENABLED(CONFIG_CPU_LITTLE_ENDIAN) ? MSR_LE : 0),
	};

	return HYPERVISOR_vcpu_op(VCPUOP_initialise, vcpu, &ctx);
}

static int xen_ppc_kick_cpu(int cpu)
{
	unsigned int vcpu = get_hard_smp_processor_id(cpu);
	int rc = xen_ppc_vcpu_initialise(vcpu);

	/* Let the secondary leave its spin loop at once. */
	paca_ptrs[cpu]->cpu_start = 1;
	/* The secondary must see this store and the ones before; the trap orders nothing. */
	smp_mb();
	if (!rc)
		rc = HYPERVISOR_vcpu_op(VCPUOP_up, vcpu, NULL);
	if (rc)
		pr_err("cpu %d: cannot start vcpu %u: %d\n", cpu, vcpu, rc);
	return rc;
}

/* smp_ops->setup_cpu: called by the cpu that comes up, with interrupts off. */
static void xen_ppc_setup_cpu(int cpu)
{
	int rc;

	/* For the boot cpu xen_ppc_init_IRQ() and xen_ppc_steal_init() have done the following. */
	if (system_state < SYSTEM_RUNNING && cpu == boot_cpuid)
		return;
	rc = xen_ppc_register_vcpu_info(cpu);
	/* Without a vcpu_info the cpu gets no IPI, and the next smp_call_function() hangs. */
	if (rc)
		panic("Xen: cpu %d: cannot register vcpu_info: %d\n", cpu, rc);
	xen_ppc_steal_start(cpu);
}

/**
 * xen_ppc_vcpu_down - take the calling vcpu down
 *
 * Interrupts hard-disabled; RCU need not be watching. Does not return: the kernel that brings
 * the vcpu up again, this one or the one that kexec starts, gives it a new context.
 */
void __noreturn xen_ppc_vcpu_down(void)
{
	unsigned int cpu = raw_smp_processor_id();
	long rc = xen_ppc_sc3(__HYPERVISOR_vcpu_op, VCPUOP_down, xen_vcpu_nr(cpu), 0);

	panic("Xen: cpu %u: cannot take vcpu %u down: %ld\n", cpu, xen_vcpu_nr(cpu), rc);
}

#ifdef CONFIG_HOTPLUG_CPU
static void xen_ppc_drain_events(void)
{
	/*
	 * Not irq_enter() and irq_exit(): the latter runs softirqs, which enable interrupts
	 * and may queue new work on the cpu that is going offline.
	 */
	__irq_enter_raw();
	xen_evtchn_do_upcall();
	__irq_exit_raw();
}

/*
 * smp_ops->cpu_disable: called by the cpu that goes offline, under stop_machine() with
 * interrupts off.
 *
 * All other cpus are stopped, so the IPI messages that are pending now are the last ones.
 * They are handled while the cpu is still online, as generic smp_call_function code
 * requires.
 *
 * irq_migrate_all_off_this_cpu() then rebinds the other event channels to other vcpus. An
 * event that was sent before stays in the queue of this vcpu, which no other cpu scans.
 * EVTCHNOP_bind_vcpu does not return while an event of that channel can still be added to
 * the old queue, so the second call finds all of them.
 */
static int xen_ppc_cpu_disable(void)
{
	unsigned int cpu = smp_processor_id();

	xen_ppc_drain_events();
	set_cpu_online(cpu, false);
	vdso_data->processorCount--;
	if (cpu == boot_cpuid)
		boot_cpuid = cpumask_any(cpu_online_mask);
	irq_migrate_all_off_this_cpu();
	xen_ppc_drain_events();
	cleanup_cpu_mmu_context();
	return 0;
}

/* Called by the cpu that goes offline, from its idle task with interrupts off. */
static void xen_ppc_cpu_offline_self(void)
{
	idle_task_exit();
	xen_ppc_steal_stop(smp_processor_id());

	/* Events that are pending now are handled when the cpu comes up again. */
	hard_irq_disable();
	xen_ppc_vcpu_down();
}

/*
 * smp_ops->cpu_die: process context on another cpu. Waits until the vcpu is down, because
 * the caller then frees memory that the dying cpu uses, for instance its stack.
 */
static void xen_ppc_cpu_die(unsigned int cpu)
{
	unsigned int vcpu = xen_vcpu_nr(cpu);
	unsigned int polls = 0;
	int rc;

	while ((rc = HYPERVISOR_vcpu_op(VCPUOP_is_up, vcpu, NULL)) > 0) {
		if (++polls % 10000 == 0)
			pr_warn("cpu %u: vcpu %u is still up\n", cpu, vcpu);
		usleep_range(1000, 2000);
	}
	if (rc)
		pr_err("cpu %u: cannot query whether vcpu %u is up: %d\n", cpu, vcpu, rc);
}

/**
 * xen_arch_register_cpu - bring a cpu online that the toolstack has made available
 * @cpu: a possible cpu that is not present
 *
 * Process context, from the xenstore watch on ``cpu/N/availability``. On other
 * architectures the device of the cpu is registered here, and a udev rule brings the cpu
 * online. On powerpc the devices of all possible cpus are always registered, so user space
 * sees no uevent and the kernel has to do it.
 */
void xen_arch_register_cpu(int cpu)
{
	int rc;

	lock_device_hotplug();
	set_cpu_present(cpu, true);
	rc = device_online(get_cpu_device(cpu));
	unlock_device_hotplug();
	if (rc < 0)
		pr_err("cpu %d: cannot be brought online: %d\n", cpu, rc);
}

/* drivers/xen/cpu_hotplug.c has taken the cpu offline; its device stays. */
void xen_arch_unregister_cpu(int cpu)
{
}
#endif

static struct smp_ops_t xen_ppc_smp_ops = {
	.cause_ipi = xen_ppc_cause_ipi,
	.probe = xen_ppc_smp_probe,
	.kick_cpu = xen_ppc_kick_cpu,
	.setup_cpu = xen_ppc_setup_cpu,
	.cpu_bootable = xen_ppc_cpu_bootable,
#ifdef CONFIG_HOTPLUG_CPU
	.cpu_disable = xen_ppc_cpu_disable,
	.cpu_die = xen_ppc_cpu_die,
	.cpu_offline_self = xen_ppc_cpu_offline_self,
#endif
};

/* The device tree lists every vcpu. Those in excess of nr_cpus= stay down. */
static void __init xen_ppc_report_unused_vcpus(void)
{
	struct device_node *node;
	unsigned int vcpus = 0;

	for_each_of_cpu_node(node)
		vcpus++;
	if (vcpus > num_possible_cpus())
		pr_warn("using %u of %u vcpus, limited by nr_cpus= or NR_CPUS\n",
			num_possible_cpus(), vcpus);
}

/**
 * xen_ppc_smp_init - install the SMP operations of the platform
 *
 * Boot cpu, from setup_arch().
 */
void __init xen_ppc_smp_init(void)
{
	xen_ppc_report_unused_vcpus();
	smp_ops = &xen_ppc_smp_ops;
}
