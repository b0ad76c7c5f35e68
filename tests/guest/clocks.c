// SPDX-License-Identifier: GPL-2.0
/*
 * Check the clocks of a machine.
 *
 * usage: clocks forward READS
 *	Read each clock READS times, in turns on all processors: no reading may be less than an earlier one on any processor.
 *	Prints TAP.
 * usage: clocks sleep
 *	Sleep for a second, five times, and measure by the timebase. Prints TAP.
 * usage: clocks offset
 *	Print the nanoseconds that CLOCK_REALTIME is ahead of the timebase, which is the same in all domains.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/cpus.h"
#include "lib/tap.h"

#define NSEC 1000000000ull
#define TURN 100
#define SLEEPS 5
#define TRIES 200

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * NSEC + t.tv_nsec;
}

static uint64_t monotonic(void)
{
	return nanoseconds(CLOCK_MONOTONIC);
}

static uint64_t realtime(void)
{
	return nanoseconds(CLOCK_REALTIME);
}

static const struct {
	const char *name;
	uint64_t (*read)(void);
} clocks[] = {
	{ "CLOCK_MONOTONIC", monotonic }, { "CLOCK_REALTIME", realtime }, { "the timebase", timebase },
};

static int cpus[CPUS_MAX], n_cpus;
static long reads_each;
static uint64_t (*clock_read)(void);
static atomic_ullong latest;
static atomic_long reads, back, crossed;
static atomic_int last_reader;
static struct gate gate;

static void *read_on(void *arg)
{
	int me = (int)(long)arg, next = 0;

	cpu_pin(cpus[me]);
	gate_pass(&gate, &next, n_cpus);
	for (long i = 0; i < reads_each; i++) {
		unsigned long long before = atomic_load(&latest), found = clock_read();

		if (found < before)
			atomic_fetch_add(&back, 1);
		while (before < found && !atomic_compare_exchange_weak(&latest, &before, found))
			;
		if (atomic_exchange(&last_reader, me) != me)
			atomic_fetch_add(&crossed, 1);
		/* With more vcpus than cores, let the other vcpus run. */
		if (i % TURN == 0)
			sched_yield();
	}
	atomic_fetch_add(&reads, reads_each);
	return NULL;
}

static int forward(long wanted)
{
	pthread_t threads[CPUS_MAX];
	char what[100];

	reads_each = (wanted + n_cpus - 1) / n_cpus;
	for (unsigned int c = 0; c < sizeof(clocks) / sizeof(clocks[0]); c++) {
		clock_read = clocks[c].read;
		latest = 0;
		reads = back = crossed = 0;
		atomic_store(&gate.open, 0);
		for (long i = 0; i < n_cpus; i++) {
			errno = pthread_create(&threads[i], NULL, read_on, (void *)i);
			if (errno)
				die("pthread_create");
		}
		for (int i = 0; i < n_cpus; i++)
			pthread_join(threads[i], NULL);
		snprintf(what, sizeof(what), "%s: steps back in %ld reads", clocks[c].name, (long)reads);
		equal(what, 0, back);
		snprintf(what, sizeof(what), "%s: read by %d processors in turns", clocks[c].name, n_cpus);
		errno = 0;
		verdict(n_cpus == 1 || crossed >= n_cpus, what);
		printf("# %ld turns\n", (long)crossed);
	}
	return failures != 0;
}

static uint64_t timebase_hz(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];
	uint64_t hz = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "timebase", 8) && strchr(line, ':'))
			hz = strtoull(strchr(line, ':') + 1, NULL, 10);
	}
	if (!hz) {
		fprintf(stderr, "clocks: /proc/cpuinfo does not give the timebase's frequency\n");
		exit(1);
	}
	fclose(file);
	return hz;
}

static uint64_t timebase_ns(uint64_t hz)
{
	return (unsigned __int128)timebase() * NSEC / hz;
}

/* A task that waits for a processor sleeps longer, so only the shortest of the sleeps is compared. */
static int sleep_right(void)
{
	struct timespec second = { .tv_sec = 1 };
	uint64_t hz = timebase_hz(), best = UINT64_MAX;
	long early = 0;

	for (int i = 0; i < SLEEPS; i++) {
		uint64_t begin = timebase_ns(hz), took;

		clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
		took = timebase_ns(hz) - begin;
		early += took < NSEC;
		if (took < best)
			best = took;
	}
	equal("a second's sleep: too short", 0, early);
	errno = 0;
	verdict(best < NSEC + NSEC / 50, "a second's sleep: right to 2 percent");
	printf("# %" PRIu64 " ns\n", best);
	return failures != 0;
}

/* Read the clock between two readings of the timebase, many times; use the pair with the smallest gap, and its middle. */
static int print_offset(void)
{
	uint64_t hz = timebase_hz(), gap = UINT64_MAX;
	int64_t offset = 0;

	for (int i = 0; i < TRIES; i++) {
		uint64_t before = timebase_ns(hz), time = realtime(), after = timebase_ns(hz);

		if (after - before < gap) {
			gap = after - before;
			offset = time - (before + gap / 2);
		}
	}
	printf("%" PRId64 "\n", offset);
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	n_cpus = cpus_online(cpus, CPUS_MAX);
	if (argc == 3 && !strcmp(argv[1], "forward") && atol(argv[2]) > 0)
		return forward(atol(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "sleep"))
		return sleep_right();
	if (argc == 2 && !strcmp(argv[1], "offset"))
		return print_offset();
	fprintf(stderr, "usage: clocks forward READS | sleep | offset\n");
	return 2;
}
