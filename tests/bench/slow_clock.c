// SPDX-License-Identifier: GPL-2.0
/*
 * A library that, preloaded into QEMU, slows the emulated machine's clock down by the factor in the environment
 * variable SLOW_CLOCK.
 *
 * Emulation under the counting plugin executes some ten million instructions a second. Decisions that a kernel makes by
 * the clock (time limit of a softirq, pacing of TCP, the tick) then depend on the load of the host and differ from
 * those on a real processor. With a clock twenty times slower, the emulated machine executes as many instructions in a
 * second of its own time as a processor would.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS 1000000000ll

static int (*real_gettime)(clockid_t clock, struct timespec *t);
static int (*real_ppoll)(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask);
static int64_t begin;
static int64_t factor = 1;

static int64_t nanoseconds(const struct timespec *t)
{
	return t->tv_sec * NS + t->tv_nsec;
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NS, .tv_nsec = ns % NS };
}

static void find_real(void)
{
	if (real_gettime)
		return;
	*(void **)&real_ppoll = dlsym(RTLD_NEXT, "ppoll");
	*(void **)&real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
}

__attribute__((constructor)) static void set_up(void)
{
	const char *text = getenv("SLOW_CLOCK");
	struct timespec now;

	find_real();
	/* The environment is inherited: leave programs that start QEMU or are started by it alone. */
	if (!text || strncmp(program_invocation_short_name, "qemu-system", 11))
		return;
	real_gettime(CLOCK_MONOTONIC, &now);
	begin = nanoseconds(&now);
	factor = atoi(text) > 0 ? atoi(text) : 1;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	int rc;

	find_real();
	rc = real_gettime(clock, t);
	if (!rc && clock == CLOCK_MONOTONIC && factor > 1)
		*t = timespec_of(begin + (nanoseconds(t) - begin) / factor);
	return rc;
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec longer;

	find_real();
	if (!timeout || factor <= 1)
		return real_ppoll(fds, n, timeout, mask);
	longer = timespec_of(nanoseconds(timeout) * factor);
	return real_ppoll(fds, n, &longer, mask);
}
