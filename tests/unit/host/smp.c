// SPDX-License-Identifier: GPL-2.0
/*
 * Threads for tests in which several pCPUs run concurrently. This is a file of its
 * own because <pthread.h> and <unistd.h> declare names that core/ defines as well.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "host/smp.h"

#define MAX_THREADS	16

static bool threads_running;	/* several threads exist, so host_jitter() has an effect */

struct host_thread {
	unsigned int pcpu;
	void (*fn)(void);
};

static void *host_thread_main(void *arg)
{
	struct host_thread *s = arg;

	host_pcpu = s->pcpu;
	s->fn();
	return NULL;
}

/**
 * host_threads() - run a function on several pCPUs concurrently, each a thread
 * @n: number of pCPUs, starting with pCPU 0
 * @fn: the function
 *
 * Returns when @fn has returned on all pCPUs.
 */
void host_threads(unsigned int n, void (*fn)(void))
{
	struct host_thread s[MAX_THREADS];
	pthread_t t[MAX_THREADS];

	threads_running = true;
	for (unsigned int i = 0; i < n; i++) {
		s[i].pcpu = i;
		s[i].fn = fn;
		if (n > MAX_THREADS || pthread_create(&t[i], NULL, host_thread_main, &s[i]))
			abort();
	}
	for (unsigned int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	threads_running = false;
}

/**
 * cpu_relax() - yield the host CPU: the thread that holds the lock may be waiting for it
 */
void cpu_relax(void)
{
	syscall(SYS_sched_yield);
}

/**
 * host_jitter() - yield the host CPU at random, so that threads interleave at the caller's position
 */
void host_jitter(void)
{
	static __thread unsigned int x = 1;

	x = x * 1664525 + 1013904223;
	if (threads_running && x >> 25 == host_pcpu)
		syscall(SYS_sched_yield);
}
