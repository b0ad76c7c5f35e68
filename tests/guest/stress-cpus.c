// SPDX-License-Identifier: GPL-2.0
/*
 * Operations of a processor that affect others: memory barriers by interprocessor interrupt, invalidation of translations,
 * migration of tasks. Prints TAP.
 *
 * usage: stress-cpus WORK
 *
 * WORK scales the amount of each; there are no time limits.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cpus.h"
#include "lib/tap.h"

#define BARRIERS 200
#define MOVES 100
#define REMAPS 500
#define PAGES 16

static int work, n_cpus;
static int cpus[CPUS_MAX];

static void run_on_all(void *(*function)(void *), int threads)
{
	pthread_t thread[2 * CPUS_MAX];

	for (long i = 0; i < threads; i++) {
		errno = pthread_create(&thread[i], NULL, function, (void *)i);
		if (errno)
			die("pthread_create");
	}
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
}

/*
 * Thread 0 stores, makes all other processors execute a barrier (membarrier), and loads; the other threads store and
 * load with only a compiler barrier in between. Then at least one side must see the other's store.
 */
static struct gate gate;
static volatile int stored[2 * CPUS_MAX][32], seen_by_first[2 * CPUS_MAX], seen_first[2 * CPUS_MAX][32];
static volatile int first;
static long barriers, missed;

static void *store_and_load(void *arg)
{
	long me = (long)arg;
	int next = 0;

	cpu_pin(cpus[me]);
	for (int round = 1; round <= work * BARRIERS; round++) {
		gate_pass(&gate, &next, n_cpus);
		if (me == 0) {
			first = round;
			if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0)
				barriers++;
			for (int i = 1; i < n_cpus; i++)
				seen_by_first[i] = stored[i][0];
		} else {
			stored[me][0] = round;
			asm volatile("" ::: "memory");
			seen_first[me][0] = first;
		}
		gate_pass(&gate, &next, n_cpus);
		for (int i = 1; me == 0 && i < n_cpus; i++)
			missed += seen_by_first[i] != round && seen_first[i][0] != round;
	}
	return NULL;
}

static void load_membarrier(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0)) {
		verdict(0, "membarrier: registered");
		return;
	}
	run_on_all(store_and_load, n_cpus);
	equal("membarrier: barriers", (long)work * BARRIERS, barriers);
	equal("membarrier: stores that both sides missed", 0, missed);
}

static atomic_long moves;

static void *move(void *arg)
{
	long at = (long)arg;

	for (int i = 0; i < work * MOVES; i++) {
		int cpu = cpus[at++ % n_cpus];

		if (cpu_pin(cpu) == 0 && sched_getcpu() == cpu)
			atomic_fetch_add(&moves, 1);
	}
	return NULL;
}

static void load_move(void)
{
	int threads = 2 * n_cpus;

	run_on_all(move, threads);
	equal("move: tasks that came where they were sent", (long)threads * work * MOVES, moves);
}

/*
 * Thread 0 maps one page after the other at the same address, each page with a greater number, and publishes the number
 * afterwards. The other threads must never read a smaller number than the published one: that would be a stale
 * translation of their processor.
 */
static volatile long *window, *numbers;
static long page_size;
static int pages_fd;
static atomic_long mapped;
static atomic_long stale, looked, remapped;

static void remap(void)
{
	for (long i = 1; i <= (long)work * REMAPS; i++) {
		off_t at = i % PAGES * page_size;

		numbers[at / sizeof(long)] = i;
		if (mmap((void *)window, page_size, PROT_READ, MAP_SHARED | MAP_FIXED, pages_fd, at) == MAP_FAILED)
			break;
		atomic_store(&mapped, i);
		remapped++;
	}
	atomic_store(&mapped, -1);
}

static void *look(void *arg)
{
	long me = (long)arg, said;

	cpu_pin(cpus[me % n_cpus]);
	if (me == 0) {
		remap();
		return NULL;
	}
	while ((said = atomic_load(&mapped)) >= 0) {
		if (*window < said)
			atomic_fetch_add(&stale, 1);
		atomic_fetch_add(&looked, 1);
	}
	return NULL;
}

static void load_remap(void)
{
	page_size = sysconf(_SC_PAGESIZE);
	pages_fd = memfd_create("stress-cpus", 0);
	if (pages_fd < 0 || ftruncate(pages_fd, PAGES * page_size))
		die("memfd_create");
	numbers = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE, MAP_SHARED, pages_fd, 0);
	window = mmap(NULL, page_size, PROT_READ, MAP_SHARED, pages_fd, 0);
	if (numbers == MAP_FAILED || window == MAP_FAILED)
		die("mmap");
	run_on_all(look, n_cpus > 1 ? n_cpus : 2);
	equal("remap: pages that took another's place", (long)work * REMAPS, remapped);
	equal("remap: looks at a page that had gone", 0, stale);
	printf("# %ld looks\n", (long)looked);
}

int main(int argc, char **argv)
{
	work = argc == 2 ? atoi(argv[1]) : 0;
	if (work < 1) {
		fprintf(stderr, "usage: stress-cpus WORK\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	n_cpus = cpus_online(cpus, CPUS_MAX);
	load_membarrier();
	load_move();
	load_remap();
	return failures != 0;
}
