// SPDX-License-Identifier: GPL-2.0
/*
 * Interprocessor interrupts from everywhere to everywhere: a thread on each processor calls a function on all others,
 * "rounds" times, and waits for it each time. Says in the kernel's log how often the function ran and should have.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/smp.h>

static int rounds = 1000;
module_param(rounds, int, 0444);

static atomic_long_t ran;
static atomic_t running;
static DECLARE_COMPLETION(all_done);

static void count(void *data)
{
	atomic_long_inc(&ran);
}

static int storm(void *data)
{
	int i;

	for (i = 0; i < rounds; i++) {
		smp_call_function(count, NULL, true);
		cond_resched();
	}
	if (atomic_dec_and_test(&running))
		complete(&all_done);
	return 0;
}

static int __init ipistorm_init(void)
{
	struct task_struct *thread;
	unsigned int cpu, cpus;
	long expected;

	/* Their number must stay what it is. */
	cpus_read_lock();
	cpus = num_online_cpus();
	expected = (long)rounds * cpus * (cpus - 1);
	atomic_set(&running, cpus);
	for_each_online_cpu(cpu) {
		thread = kthread_create_on_cpu(storm, NULL, cpu, "ipistorm/%u");
		if (!IS_ERR(thread))
			wake_up_process(thread);
		else if (atomic_dec_and_test(&running))
			complete(&all_done);
	}
	wait_for_completion(&all_done);
	cpus_read_unlock();
	pr_info("ipistorm: %sok - calls on other processors: %ld of %ld\n",
		atomic_long_read(&ran) == expected ? "" : "not ", atomic_long_read(&ran), expected);
	return 0;
}
module_init(ipistorm_init);

static void __exit ipistorm_exit(void)
{
}
module_exit(ipistorm_exit);

MODULE_DESCRIPTION("Interprocessor interrupts from everywhere to everywhere");
MODULE_LICENSE("GPL");
