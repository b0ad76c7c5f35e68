// SPDX-License-Identifier: GPL-2.0
/*
 * Load a kernel with system calls, page faults, fork and exec, and context switches; SAMPLES samples of each, between marks
 * (marks.h).
 *
 * usage: workload SAMPLES
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "marks.h"

#define CALLS 100
#define FAULT_BYTES (2 << 20)
#define ROUND_TRIPS 10

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int system_calls(void)
{
	mark_start();
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	mark_end();
	return 0;
}

static int page_faults(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *area;

	mark_start();
	area = mmap(NULL, FAULT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		return fail("mmap");
	for (long at = 0; at < FAULT_BYTES; at += page)
		((volatile char *)area)[at] = 1;
	munmap(area, FAULT_BYTES);
	mark_end();
	return 0;
}

static int fork_exec(void)
{
	int status;
	pid_t child;

	mark_start();
	child = fork();
	if (child == 0) {
		execl("/proc/self/exe", "workload", "0", (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		return fail("fork and exec");
	mark_end();
	return 0;
}

static int bounce(int in, int out, int times)
{
	char c = 0;

	while (times--) {
		if (read(in, &c, 1) != 1 || write(out, &c, 1) != 1)
			return 1;
	}
	return 0;
}

static int context_switches(void)
{
	int there[2], back[2], status;
	char c = 0;
	pid_t child;

	if (pipe(there) || pipe(back))
		return fail("pipe");
	child = fork();
	if (child == 0)
		_exit(bounce(there[0], back[1], ROUND_TRIPS + 1));
	/* One round trip before the sample: then the child waits in read(). */
	if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
		return fail("first round trip");
	mark_start();
	for (int i = 0; i < ROUND_TRIPS; i++) {
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
			return fail("round trip");
	}
	mark_end();
	waitpid(child, &status, 0);
	close(there[0]);
	close(there[1]);
	close(back[0]);
	close(back[1]);
	return status != 0;
}

int main(int argc, char **argv)
{
	static int (*const loads[])(void) = { system_calls, page_faults, fork_exec, context_switches };
	static const struct sched_param priority = { .sched_priority = 1 };
	int samples = argc == 2 ? atoi(argv[1]) : -1;

	if (samples < 0) {
		fprintf(stderr, "usage: workload SAMPLES\n");
		return 2;
	}
	/* With real-time priority the same one of two runnable tasks runs first in each sample. */
	if (sched_setscheduler(0, SCHED_FIFO, &priority))
		return fail("sched_setscheduler");
	for (unsigned int i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		for (int n = 0; n < samples; n++) {
			if (loads[i]())
				return 1;
		}
	}
	return 0;
}
