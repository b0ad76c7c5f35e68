// SPDX-License-Identifier: GPL-2.0
/*
 * The start of core/ on the boot processor and on each other one.
 */
#include "core/arch_ops.h"
#include "core/console/console.h"
#include "core/init.h"
#include "core/sched/sched.h"
#include "lib/printf.h"
#include "lib/string.h"

#define TIME_MAX_US	1000000UL

/**
 * core_set_us() - set a scheduler time from the command line
 * @name: the option, for the message
 * @text: its value in us, NULL: keep the default
 * @ns: sched_slice_ns or sched_min_run_ns
 * @least: smallest value allowed, us; the largest is one second
 *
 * Called before core_init(). An invalid value is reported and ignored.
 */
void core_set_us(const char *name, const char *text, u64 *ns, unsigned long least)
{
	unsigned long us;
	char *end;

	if (!text)
		return;
	us = strtoul(text, &end, 10);
	if (end == text || *end || us < least || us > TIME_MAX_US)
		printk("%s=%s: not a number of us from %lu to %lu, using %lu\n", name, text,
		       least, TIME_MAX_US, *ns / 1000);
	else
		*ns = us * 1000;
}

static u8 *pcpu_ranks_held(void)
{
	return this_pcpu()->ranks_held;
}

/**
 * core_early_init() - connect printk(), panic() and the lock checks
 *
 * Boot processor: before the first message and the first lock. this_pcpu() works.
 */
void core_early_init(void)
{
	term_init();
	lock_check_register(pcpu_ranks_held);
}

/**
 * core_pcpu_init() - initialise a struct pcpu
 * @p: this pCPU, or one that is not running yet
 */
void core_pcpu_init(struct pcpu *p)
{
	p->id = p - pcpus;
	timer_queue_init(&p->timers);
	grace_init(p);
	sched_init(p);
}

/**
 * core_init() - start core/ on the boot processor
 *
 * tb_hz is set, this_pcpu() works and the page allocator has memory.
 */
void core_init(void)
{
	struct pcpu *p = this_pcpu();

	core_pcpu_init(p);
	console_init(p);
}
