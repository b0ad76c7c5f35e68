// SPDX-License-Identifier: GPL-2.0
/*
 * More than one cpu: starting and stopping vcpus, and the interrupts they send
 * each other. One event channel per cpu carries all messages.
 *
 * A vcpu starts at generic_secondary_smp_init, each time anew. One that is taken offline
 * goes down in a hypercall that does not come back, and so does one that waits for another
 * kernel to be started: nothing in memory is needed to bring it up again.
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

static irqreturn_t ipi(int irq, void *dev_id)
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
 * Nobody says whether there is a processor for each vcpu, and that may change. So
 * waiting for a lock always looks at whether its holder runs.
 */
static void __init spinlocks_init(void)
{
	if (nopvspin) {
		pr_info("spinlocks do not yield, by nopvspin\n");
	} else if (num_possible_cpus() > 1) {
		static_branch_enable(&xen_ppc_preempted);
		static_branch_enable(&shared_processor);
	}
}
#else
static inline void spinlocks_init(void)
{
}
#endif

static cpumask_t reachable;

/*
 * The channels of all cpus are made here: none may be while a cpu is brought up,
 * because interrupt numbers are not handed out then (irq_lock_sparse()). They stay
 * when a cpu goes; what it is sent in between it finds when it comes back.
 */
static void __init probe(void)
{
	unsigned int cpu;
	int irq;

	for_each_possible_cpu(cpu) {
		irq = bind_ipi_to_irqhandler(XEN_PPC_IPI, cpu, ipi,
					     IRQF_PERCPU | IRQF_NO_THREAD, "IPI", NULL);
		if (irq >= 0)
			cpumask_set_cpu(cpu, &reachable);
		else if (cpu == boot_cpuid)
			panic("Xen: cannot bind the boot cpu's IPI: %d\n", irq);
		else
			pr_err("cpu %u: cannot bind the IPI of vcpu %u: %d\n", cpu,
			       xen_vcpu_nr(cpu), irq);
	}
	xen_ppc_steal_init();
	spinlocks_init();
}

static int cpu_bootable(unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &reachable) && smp_generic_cpu_bootable(cpu);
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

/* Of the registers only these matter at the entry; see Documentation, "Entry". */
static int initialise_vcpu(unsigned int vcpu)
{
	struct vcpu_guest_context ctx = {
		.gprs[3] = vcpu,
		.pc = __pa(ppc_function_entry(generic_secondary_smp_init)),
		.msr = MSR_64BIT | (IS_ENABLED(CONFIG_CPU_LITTLE_ENDIAN) ? MSR_LE : 0),
	};

	return HYPERVISOR_vcpu_op(VCPUOP_initialise, vcpu, &ctx);
}

static int kick_cpu(int cpu)
{
	unsigned int vcpu = get_hard_smp_processor_id(cpu);
	int rc = initialise_vcpu(vcpu);

	/* It is not to wait for another word. */
	paca_ptrs[cpu]->cpu_start = 1;
	/* What was prepared for it must be there when it starts; the trap does not order. */
	smp_mb();
	if (!rc)
		rc = HYPERVISOR_vcpu_op(VCPUOP_up, vcpu, NULL);
	if (rc)
		pr_err("cpu %d: cannot start vcpu %u: %d\n", cpu, vcpu, rc);
	return rc;
}

/* The cpu itself, as it comes up, interrupts off. */
static void setup_cpu(int cpu)
{
	int rc;

	/* boot_cpuid has done both in xen_ppc_init_IRQ() and xen_ppc_steal_init(). */
	if (system_state < SYSTEM_RUNNING && cpu == boot_cpuid)
		return;
	rc = xen_ppc_register_vcpu_info(cpu);
	/* It would never see an interrupt again, and everybody would wait for it. */
	if (rc)
		panic("Xen: cpu %d: cannot register vcpu_info: %d\n", cpu, rc);
	xen_ppc_steal_start(cpu);
}

/**
 * xen_ppc_vcpu_down - take the calling vcpu down
 *
 * Interrupts hard-disabled; RCU need not watch. Whoever brings the vcpu up, this kernel or
 * the next one, says where it starts.
 */
void __noreturn xen_ppc_vcpu_down(void)
{
	unsigned int cpu = raw_smp_processor_id();
	long rc = xen_ppc_sc3(__HYPERVISOR_vcpu_op, VCPUOP_down, xen_vcpu_nr(cpu), 0);

	panic("Xen: cpu %u: cannot take vcpu %u down: %ld\n", cpu, xen_vcpu_nr(cpu), rc);
}

#ifdef CONFIG_HOTPLUG_CPU
static void take_events(void)
{
	/* Bare: a softirq would let interrupts in, and a timer may start what must not run here any more. */
	__irq_enter_raw();
	xen_evtchn_do_upcall();
	__irq_exit_raw();
}

/*
 * The cpu that goes, under stop_machine, interrupts off.
 *
 * Nobody else runs, so the messages there are now are the last. They are taken
 * while the cpu still counts as online, as smp_call_function() wants it.
 *
 * An event that was sent before its channel was moved away is still in this
 * cpu's queue, where nobody else looks for it. The hypervisor moves a channel
 * between two events, so the queue then has all of them.
 */
static int cpu_disable(void)
{
	unsigned int cpu = smp_processor_id();

	take_events();
	set_cpu_online(cpu, false);
	vdso_data->processorCount--;
	if (cpu == boot_cpuid)
		boot_cpuid = cpumask_any(cpu_online_mask);
	irq_migrate_all_off_this_cpu();
	take_events();
	cleanup_cpu_mmu_context();
	return 0;
}

/* The cpu that goes, in its idle task, interrupts off. */
static void cpu_offline_self(void)
{
	idle_task_exit();
	xen_ppc_steal_stop(smp_processor_id());

	/* What is pending is taken when it comes up again, and does no harm then. */
	hard_irq_disable();
	xen_ppc_vcpu_down();
}

/*
 * Process context on another cpu. What the cpu had, its stack for one, must not be
 * given to others before it is down.
 */
static void cpu_die(unsigned int cpu)
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
		pr_err("cpu %u: cannot ask whether vcpu %u is up: %d\n", cpu, vcpu, rc);
}

/**
 * xen_arch_register_cpu - the toolstack gives this domain a cpu back
 * @cpu: a possible cpu that is not present
 *
 * Process context, from the watch of ``cpu/N/availability``. The device of every
 * possible cpu is there all the time, so that no event about it reaches user space,
 * and the cpu is brought up from here.
 */
void xen_arch_register_cpu(int cpu)
{
	int rc;

	lock_device_hotplug();
	set_cpu_present(cpu, true);
	rc = device_online(get_cpu_device(cpu));
	unlock_device_hotplug();
	if (rc < 0)
		pr_err("cpu %d: cannot be brought up: %d\n", cpu, rc);
}

/**
 * xen_arch_unregister_cpu - the toolstack has taken a cpu away
 * @cpu: the cpu; it is offline
 *
 * Process context.
 */
void xen_arch_unregister_cpu(int cpu)
{
}
#endif

static struct smp_ops_t xen_ppc_smp_ops = {
	.cause_ipi = cause_ipi,
	.probe = probe,
	.kick_cpu = kick_cpu,
	.setup_cpu = setup_cpu,
	.cpu_bootable = cpu_bootable,
#ifdef CONFIG_HOTPLUG_CPU
	.cpu_disable = cpu_disable,
	.cpu_die = cpu_die,
	.cpu_offline_self = cpu_offline_self,
#endif
};

/* The device tree lists every vcpu; those beyond what the kernel holds stay down. */
static void __init report_unused_vcpus(void)
{
	struct device_node *node;
	unsigned int vcpus = 0;

	for_each_of_cpu_node(node)
		vcpus++;
	if (vcpus > num_possible_cpus())
		pr_warn("%u of the domain's %u vcpus are used, this kernel allows no more (nr_cpus=)\n",
			num_possible_cpus(), vcpus);
}

/**
 * xen_ppc_smp_init - make the event channels the way cpus talk to each other
 *
 * Boot cpu, from setup_arch().
 */
void __init xen_ppc_smp_init(void)
{
	report_unused_vcpus();
	smp_ops = &xen_ppc_smp_ops;
}
