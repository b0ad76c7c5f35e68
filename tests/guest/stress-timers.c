// SPDX-License-Identifier: GPL-2.0
/*
 * Start thousands of timers: each must expire, not before its time, and periodic timers must lose no period. Prints TAP.
 *
 * usage: stress-timers TIMERS ROUNDS
 *
 * First TIMERS one-shot timers with expiry times in irregular order; then TIMERS periodic ones, until each has expired
 * ROUNDS times.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "lib/cpus.h"
#include "lib/slowdown.h"
#include "lib/tap.h"

#define NSEC 1000000000ll
#define MSEC 1000000ll
#define AT_ONCE 64
/* A timer of at most a second that has not expired after this long is lost; multiplied with the slowdown. */
#define TIMEOUT_MS 60000
#define FIRST_AFTER (200 * MSEC)
#define SPREAD 500
#define LEAST_PERIOD 100
#define PERIODS 200

struct timer {
	int fd;
	int64_t first, period;
	uint64_t fired;
};

static int timeout_ms;
static struct timer *timers;
static int n_timers, queue;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NSEC + t.tv_nsec;
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NSEC, .tv_nsec = ns % NSEC };
}

static void set(struct timer *timer, int64_t first, int64_t period)
{
	struct itimerspec times = { .it_value = timespec_of(first), .it_interval = timespec_of(period) };

	timer->first = first;
	timer->period = period;
	timer->fired = 0;
	if (timerfd_settime(timer->fd, TFD_TIMER_ABSTIME, &times, NULL))
		die("timerfd_settime");
}

/* Wait for timers and call took() for each that has expired. Returns their number, -1 if none expired in time. */
static int take(void (*took)(struct timer *timer, uint64_t times))
{
	struct epoll_event events[AT_ONCE];
	int n = epoll_wait(queue, events, AT_ONCE, timeout_ms);

	if (n <= 0)
		return -1;
	for (int i = 0; i < n; i++) {
		struct timer *timer = events[i].data.ptr;
		uint64_t times;

		if (read(timer->fd, &times, sizeof(times)) == sizeof(times))
			took(timer, times);
	}
	return n;
}

static long early, done, wrong;
static uint64_t rounds;

static void took_once(struct timer *timer, uint64_t times)
{
	early += now() < timer->first;
	wrong += times != 1 || timer->fired;
	timer->fired++;
	done++;
}

static void once(void)
{
	int64_t base = now() + FIRST_AFTER;

	for (int i = 0; i < n_timers; i++)
		set(&timers[i], base + (i * 7919ll % SPREAD) * MSEC + i, 0);
	while (done < n_timers && take(took_once) >= 0)
		;
	equal("timers that went off once", n_timers, done);
	equal("before their time", 0, early);
	equal("more than once", 0, wrong);
}

/* read() of a timer returns the number of periods since the last read(). */
static void took_again(struct timer *timer, uint64_t times)
{
	int64_t due;

	done += timer->fired < rounds && timer->fired + times >= rounds;
	timer->fired += times;
	due = timer->first + (timer->fired - 1) * timer->period;
	early += now() < due;
}

static void over_and_over(void)
{
	int64_t base = now() + FIRST_AFTER;

	done = early = 0;
	for (int i = 0; i < n_timers; i++)
		set(&timers[i], base + i % SPREAD * MSEC, (LEAST_PERIOD + i % PERIODS) * MSEC);
	while (done < n_timers && take(took_again) >= 0)
		;
	equal("timers that went off over and over", n_timers, done);
	equal("before their time", 0, early);
	/* All periods that ended before this time must have been counted. */
	wrong = 0;
	for (int i = 0; i < n_timers; i++) {
		int64_t before = now();
		uint64_t times = 0;

		if (read(timers[i].fd, &times, sizeof(times)) == sizeof(times))
			timers[i].fired += times;
		if (before >= timers[i].first)
			wrong += timers[i].fired < (uint64_t)((before - timers[i].first) / timers[i].period);
	}
	equal("with a period lost", 0, wrong);
}

int main(int argc, char **argv)
{
	struct rlimit files;

	n_timers = argc == 3 ? atoi(argv[1]) : 0;
	rounds = argc == 3 ? atoi(argv[2]) : 0;
	if (n_timers < 1 || rounds < 1) {
		fprintf(stderr, "usage: stress-timers TIMERS ROUNDS\n");
		return 2;
	}
	files.rlim_cur = files.rlim_max = n_timers + 16;
	if (setrlimit(RLIMIT_NOFILE, &files))
		die("setrlimit");
	timeout_ms = TIMEOUT_MS * slowdown();
	timers = calloc(n_timers, sizeof(*timers));
	queue = epoll_create1(0);
	for (int i = 0; i < n_timers; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &timers[i] };

		timers[i].fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
		if (timers[i].fd < 0 || epoll_ctl(queue, EPOLL_CTL_ADD, timers[i].fd, &event))
			die("timerfd_create");
	}
	once();
	over_and_over();
	return failures != 0;
}
