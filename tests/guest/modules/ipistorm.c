// SPDX-License-Identifier: GPL-2.0
/*
 * IPIs from each cpu to each other cpu: a thread on each cpu calls a function on all others,
 * "rounds" times, and waits for its completion each time. Reports in the kernel log how often the
 * function ran and how often it should have.
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

static void ipistorm_count(void *data)
{
	atomic_long_inc(&ran);
}

static int ipistorm_thread(void *data)
{
	int i;

	for (i = 0; i < rounds; i++) {
		smp_call_function(ipistorm_count, NULL, true);
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

	/* No cpu may come up or go down, or the expected number would change. */
	cpus_read_lock();
	cpus = num_online_cpus();
	expected = (long)rounds * cpus * (cpus - 1);
	atomic_set(&running, cpus);
	for_each_online_cpu(cpu) {
		thread = kthread_create_on_cpu(ipistorm_thread, NULL, cpu, "ipistorm/%u");
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

MODULE_DESCRIPTION("IPIs from each cpu to each other cpu");
MODULE_LICENSE("GPL");
