// SPDX-License-Identifier: GPL-2.0
/*
 * A contended spinlock, between marks for the instruction counter (tests/bench/count.c): a thread
 * on each cpu takes the lock "rounds" times and holds it for a while. If there are more vcpus than
 * pCPUs, the holder is sometimes preempted; the instructions that the other vcpus then spend on
 * waiting are part of the sample.
 *
 * Reports in the kernel log how often the lock was taken.
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

/* A no-op that the instruction counter recognises. */
static __always_inline void mark(const int n)
{
	asm volatile("ori %0,%0,0" : : "i" (n) : "memory");
}

static int rounds = 300;
module_param(rounds, int, 0444);

static DEFINE_SPINLOCK(contended);
static unsigned long taken;
static atomic_t running;
static DECLARE_COMPLETION(all_done);

static void compute(int loops)
{
	while (loops--)
		barrier();
}

static int spinstorm_thread(void *data)
{
	int i;

	for (i = 0; i < rounds; i++) {
		spin_lock(&contended);
		taken++;
		compute(HELD_LOOPS);
		spin_unlock(&contended);
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
		thread = kthread_create_on_cpu(spinstorm_thread, NULL, cpu, "spinstorm/%u");
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

MODULE_DESCRIPTION("A contended spinlock");
MODULE_LICENSE("GPL");
