// SPDX-License-Identifier: GPL-2.0
/*
 * One spin lock that all processors want, between marks for the instruction counter (tests/bench/count.c): a thread
 * on each takes it "rounds" times and holds it for a while. Where vcpus outnumber processors, who holds it is
 * sometimes not running, and all that the others then do in vain is in the sample, too.
 *
 * Says in the kernel's log how often the lock was taken.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#define HELD_LOOPS 1000
#define FREE_LOOPS 500

/* A no-op that the counter takes note of. */
static __always_inline void mark(const int n)
{
	asm volatile("ori %0,%0,0" : : "i" (n) : "memory");
}

static int rounds = 300;
module_param(rounds, int, 0444);

static DEFINE_SPINLOCK(wanted);
static unsigned long taken;
static atomic_t running;
static DECLARE_COMPLETION(all_done);

static void compute(int loops)
{
	while (loops--)
		barrier();
}

static int storm(void *data)
{
	int i;

	for (i = 0; i < rounds; i++) {
		spin_lock(&wanted);
		taken++;
		compute(HELD_LOOPS);
		spin_unlock(&wanted);
		compute(FREE_LOOPS);
		cond_resched();
	}
	if (atomic_dec_and_test(&running)) {
		mark(21);
		complete(&all_done);
	}
	return 0;
}

static int __init spinstorm_init(void)
{
	struct task_struct *thread;
	unsigned int cpu, cpus;

	cpus_read_lock();
	cpus = num_online_cpus();
	atomic_set(&running, cpus);
	mark(20);
	for_each_online_cpu(cpu) {
		thread = kthread_create_on_cpu(storm, NULL, cpu, "spinstorm/%u");
		if (!IS_ERR(thread))
			wake_up_process(thread);
		else if (atomic_dec_and_test(&running))
			complete(&all_done);
	}
	wait_for_completion(&all_done);
	cpus_read_unlock();
	pr_info("spinstorm: %sok - taken: %lu of %lu\n", taken == (unsigned long)cpus * rounds ? "" : "not ", taken,
		(unsigned long)cpus * rounds);
	return 0;
}
module_init(spinstorm_init);

static void __exit spinstorm_exit(void)
{
}
module_exit(spinstorm_exit);

MODULE_DESCRIPTION("A spin lock that all processors want");
MODULE_LICENSE("GPL");
