// SPDX-License-Identifier: GPL-2.0
/*
 * Starting the secondary processors through OPAL, one thread of each core.
 */
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/opal.h"
#include "core/arch_ops.h"
#include "core/init.h"
#include "lib/page.h"
#include "lib/printf.h"

#define SMP_STACK_ORDER	3	/* 32 KiB, as the boot processor's */
#define SMP_START_SECONDS 2	/* time for a processor to answer */

static bool smp_go;	/* the secondaries may run guests */

/* The C entry of a secondary (secondary.S), on its exit stack. Runs guests once smp_release() is called. */
static void __noreturn secondary_main(void)
{
	radix_cpu_init();
	cpu_init();
	/* Release: to the boot processor this pCPU is set up once it sees NULL. */
	__atomic_store_n(&secondary_args.pcpu, NULL, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&smp_go, __ATOMIC_ACQUIRE))
		asm volatile("or 31,31,31" : : : "memory");	/* very low priority (Book II, 3.1) */
	asm volatile("or 2,2,2");				/* medium */
	work_exit();
}

static bool smp_start(struct pcpu *p, u32 pir)
{
	u64 stack = alloc_zeroed_pages(SMP_STACK_ORDER), until;
	s64 rc;

	if (!stack) {
		printk("processor %u: no memory for its stack\n", pir);
		return false;
	}
	p->arch.pir = pir;
	p->arch.stack = stack + (PAGE_SIZE << SMP_STACK_ORDER) - 128;
	core_pcpu_init(p);
	secondary_args.main = secondary_main;
	__atomic_store_n(&secondary_args.pcpu, p, __ATOMIC_RELEASE);
	sync();
	rc = opal_start_cpu(pir, (u64)secondary_start);
	until = arch_tb() + SMP_START_SECONDS * tb_hz;
	while (!rc && __atomic_load_n(&secondary_args.pcpu, __ATOMIC_ACQUIRE))
		if (arch_tb() > until)
			panic("processor %u was started and does not answer", pir);
	if (rc)
		printk("processor %u: the firmware cannot start it: error %ld\n", pir, rc);
	return !rc;
}

/**
 * smp_init() - start the secondary processors
 * @pir: PIR of the first thread of each core, the boot processor's included
 * @nr: number of cores
 * @most: most pCPUs to use, the boot processor included
 *
 * Boot processor, before there are domains. The secondaries spin until
 * smp_release(). A core that the firmware cannot start is reported and left out.
 * Panics if a processor is started and does not answer.
 */
void smp_init(const u32 *pir, unsigned int nr, unsigned int most)
{
	for (unsigned int i = 0; i < nr && nr_pcpus < most; i++)
		if (pir[i] != local_pcpu->arch.pir && smp_start(&pcpus[nr_pcpus], pir[i]))
			nr_pcpus++;
	printk("processors: %u of %u\n", nr_pcpus, nr);
}

/**
 * smp_release() - let the secondary processors run guests
 *
 * Boot processor, once the domains are built. Release: the secondaries see them.
 */
void smp_release(void)
{
	__atomic_store_n(&smp_go, true, __ATOMIC_RELEASE);
}
