// SPDX-License-Identifier: GPL-2.0
/*
 * Random timers, compared with an array of their deadlines, and the conversion
 * between nanoseconds and timebase ticks.
 */
#include "test.h"

#define N 500

static struct timer timers[N];
static u64 want[N];		/* deadline of each timer; ~0: not armed */
static u64 last_fired;
static bool order_bad, early, fired_unarmed;
static struct timer_queue q;
static unsigned int fired;

static void fire(void *arg)
{
	struct timer *t = arg;
	size_t i = t - timers;

	if (want[i] == ~0UL)
		fired_unarmed = true;
	if (want[i] > host_tb)
		early = true;
	if (want[i] < last_fired)
		order_bad = true;
	last_fired = want[i];
	want[i] = ~0UL;
	fired++;
}

static void run(void)
{
	timers_run(&q, host_tb);
	timers_arm(&q, host_tb, TIMER_NEVER, true);
}

static u64 rnd(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static bool nothing_due_left(void)
{
	for (size_t i = 0; i < N; i++)
		if (want[i] <= host_tb)
			return false;
	return true;
}

static void random_timers(void)
{
	bool left = false, wrong_head = false;
	u64 first;

	timer_queue_init(&q);
	for (size_t i = 0; i < N; i++) {
		timer_init(&timers[i], fire, &timers[i]);
		want[i] = ~0UL;
	}
	for (int step = 0; step < 20000; step++) {
		size_t i = rnd() % N;

		switch (rnd() % 8) {
		case 0:
			timer_cancel(&timers[i]);
			want[i] = ~0UL;
			break;
		case 1:
			host_tb += rnd() % 200;
			last_fired = 0;
			run();
			left |= !nothing_due_left();
			first = ~0UL;
			for (size_t n = 0; n < N; n++)
				first = min(first, want[n]);
			wrong_head |= host_timer != min(first, host_tb + TIMER_REACH);
			break;
		default:
			want[i] = host_tb + rnd() % 2000;
			timer_set(&q, &timers[i], want[i]);
			wrong_head |= host_timer > max(q.first, host_tb + 1);
		}
	}
	ok(fired > 1000, "random timers: many expire");
	ok(!order_bad, "random timers: they expire in order");
	ok(!early, "random timers: none expires early");
	ok(!fired_unarmed, "random timers: none expires after it was cancelled");
	ok(!left, "random timers: none that is due is missed");
	ok(!wrong_head, "random timers: the hardware timer is set for the earliest");
	host_tb += 10000;
	last_fired = 0;
	run();
	ok(!q.root && nothing_due_left(), "random timers: all have expired in the end");
	eq(host_timer, host_tb + TIMER_REACH,
	   "no timer: the hardware timer is set as late as possible");
	timer_set(&q, &timers[0], TIMER_NEVER);
	ok(!timer_armed(&timers[0]), "a timer set to TIMER_NEVER is not armed");
	want[0] = 5;
	timer_set(&q, &timers[0], 5);
	ok(timer_armed(&timers[0]), "a timer in the past is armed");
	last_fired = 0;
	run();
	eq(want[0], -1, "a timer in the past expires at once");
}

static void set_tb_hz(u64 hz)
{
	tb_hz = hz;
	tb_scale.whole = 0;	/* not computed yet, as at boot */
}

static void conversion(u64 hz)
{
	char name[96];
	bool exact = true, not_early = true, tight = true;
	u64 tb, ns;

	set_tb_hz(hz);
	for (int i = 0; i < 20000; i++) {
		unsigned __int128 prod;

		tb = rnd() >> (rnd() % 64);
		prod = (unsigned __int128)tb * 1000000000;
		if (prod / hz <= ~0UL)
			exact &= tb_to_ns(tb) == (u64)(prod / hz);
		ns = rnd() >> (rnd() % 64);
		prod = ((unsigned __int128)ns * hz + 999999999) / 1000000000;
		if (prod < ~0UL)
			exact &= ns_to_tb(ns) == (u64)prod;
		else
			exact &= ns_to_tb(ns) == TIMER_NEVER;
		ns >>= 8;
		not_early &= tb_to_ns(ns_to_tb(ns)) >= ns;
		if (ns_to_tb(ns))
			tight &= tb_to_ns(ns_to_tb(ns) - 1) < ns || hz > 1000000000;
	}
	snprintf(name, sizeof(name), "%lu Hz: conversions are exact", (unsigned long)hz);
	ok(exact, name);
	snprintf(name, sizeof(name), "%lu Hz: a conversion to ticks and back is never early",
		 (unsigned long)hz);
	ok(not_early, name);
	snprintf(name, sizeof(name), "%lu Hz: a conversion to ticks is at most one tick late",
		 (unsigned long)hz);
	ok(tight, name);
	set_tb_hz(HOST_TB_HZ);
}

int main(void)
{
	host_init(4 << 20);
	random_timers();
	conversion(512000000);
	conversion(33333333);
	conversion(1000000000);
	conversion(14318000);
	conversion(2000000001);
	return test_done();
}
