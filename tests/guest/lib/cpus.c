// SPDX-License-Identifier: GPL-2.0
/*
 * The processors of a machine, and threads on them.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "cpus.h"

/**
 * die() - print an error and exit with status 1
 * @what: what failed; errno says why
 */
void die(const char *what)
{
	perror(what);
	exit(1);
}

/**
 * cpus_online() - the processors that this program may run on
 * @list: array for their numbers
 * @most: number of elements of @list
 *
 * Return: how many there are, @most at most.
 */
int cpus_online(int *list, int most)
{
	cpu_set_t set;
	int n = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		die("sched_getaffinity");
	for (int cpu = 0; cpu < CPU_SETSIZE && n < most; cpu++) {
		if (CPU_ISSET(cpu, &set))
			list[n++] = cpu;
	}
	return n;
}

/**
 * cpu_pin() - run on one processor from now on
 * @cpu: its number
 *
 * Return: 0, or -1 with errno set.
 */
int cpu_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

/**
 * shared_pages() - memory that children share with their parent
 * @size: in bytes
 *
 * Return: zeroed memory.
 */
void *shared_pages(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

/**
 * gate_pass() - wait until all members have called this function
 * @gate: the gate, initially zero
 * @next: the caller's own state, initially zero
 * @members: number of callers
 */
void gate_pass(struct gate *gate, int *next, int members)
{
	*next += members;
	atomic_fetch_add(&gate->open, 1);
	while (atomic_load(&gate->open) < *next)
		sched_yield();
}
