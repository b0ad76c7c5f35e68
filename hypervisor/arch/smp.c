// SPDX-License-Identifier: GPL-2.0
/*
 * The other processors: starting them through the firmware, and the doorbells
 * by which one makes another look up.
 */
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/opal.h"
#include "core/arch_ops.h"
#include "lib/page.h"
#include "lib/printf.h"

#define STACK_ORDER	3	/* 32 KiB, as the boot processor's */
#define START_SECONDS	2

static bool smp_go;	/* the secondaries may run guests */

/**
 * secondary_main() - the C entry of another processor, on its own stack
 *
 * Runs guests as soon as the boot processor has built them.
 */
static void __noreturn secondary_main(void)
{
	radix_cpu_init();
	cpu_init();
	/* The boot processor goes on; what it started before is visible then. */
	__atomic_store_n(&secondary_args.pcpu, NULL, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&smp_go, __ATOMIC_ACQUIRE))
		asm volatile("or 31,31,31" : : : "memory");
	work_exit();
}

static bool start_one(struct pcpu *p, u32 pir)
{
	u64 stack = alloc_zeroed_pages(STACK_ORDER), until;
	s64 rc;

	if (!stack) {
		printk("processor %u: no memory for its stack\n", pir);
		return false;
	}
	p->arch.pir = pir;
	p->arch.stack = stack + (PAGE_SIZE << STACK_ORDER) - 128;
	core_pcpu_init(p);
	secondary_args.main = secondary_main;
	__atomic_store_n(&secondary_args.pcpu, p, __ATOMIC_RELEASE);
	sync();
	rc = opal_start_cpu(pir, (u64)secondary_start);
	until = arch_tb() + START_SECONDS * tb_hz;
	while (!rc && __atomic_load_n(&secondary_args.pcpu, __ATOMIC_ACQUIRE))
		if (arch_tb() > until)
			panic("processor %u was started and does not answer", pir);
	if (rc)
		printk("processor %u: the firmware cannot start it: error %ld\n", pir, rc);
	return !rc;
}

/**
 * smp_init() - start the other processors
 * @pir: the number of each core's first thread, the boot processor's among them
 * @nr: cores
 * @most: how many are to run in all
 *
 * Boot processor, before there are domains. One thread of each core is used.
 * They wait for smp_release().
 */
void smp_init(const u32 *pir, unsigned int nr, unsigned int most)
{
	for (unsigned int i = 0; i < nr && nr_pcpus < most; i++)
		if (pir[i] != local_pcpu->arch.pir && start_one(&pcpus[nr_pcpus], pir[i]))
			nr_pcpus++;
	printk("processors: %u of %u\n", nr_pcpus, nr);
}

/**
 * smp_release() - let the other processors run guests
 */
void smp_release(void)
{
	__atomic_store_n(&smp_go, true, __ATOMIC_RELEASE);
}
