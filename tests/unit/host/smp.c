// SPDX-License-Identifier: GPL-2.0
/*
 * Threads for tests that play several pCPUs at once. Apart from the rest, as
 * the C library's headers have names that core/ uses.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "host/smp.h"

#define MOST	16

static bool many;	/* threads */

struct start {
	unsigned int pcpu;
	void (*fn)(void);
};

static void *begin(void *arg)
{
	struct start *s = arg;

	host_pcpu = s->pcpu;
	s->fn();
	return NULL;
}

/**
 * host_threads() - run a function on several pCPUs at once
 * @n: pCPUs, from 0
 * @fn: what each of them does
 *
 * Returns when all of them have.
 */
void host_threads(unsigned int n, void (*fn)(void))
{
	struct start s[MOST];
	pthread_t t[MOST];

	many = true;
	for (unsigned int i = 0; i < n; i++) {
		s[i].pcpu = i;
		s[i].fn = fn;
		if (n > MOST || pthread_create(&t[i], NULL, begin, &s[i]))
			abort();
	}
	for (unsigned int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	many = false;
}

/**
 * cpu_relax() - somebody else has what we wait for, and may need this processor
 */
void cpu_relax(void)
{
	syscall(SYS_sched_yield);
}

/**
 * host_jitter() - between two steps of something: maybe another thread goes first
 */
void host_jitter(void)
{
	static __thread unsigned int x = 1;

	x = x * 1664525 + 1013904223;
	if (many && x >> 25 == host_pcpu)
		syscall(SYS_sched_yield);
}
