// SPDX-License-Identifier: GPL-2.0
/*
 * The start of core/, and the pages by which a guest finds its console and
 * its xenstore.
 */
#include "core/arch_ops.h"
#include "core/console/console.h"
#include "core/evtchn/evtchn.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define TIME_MAX_US	1000000UL

struct pcpu pcpus[MAX_PCPUS];
unsigned int nr_pcpus = 1;

/**
 * core_set_us() - take a time of the scheduler from the command line
 * @name: the option, for the message
 * @text: its value in us, NULL: leave the default
 * @ns: the time; sched_slice_ns or sched_min_run_ns
 * @least: us
 *
 * Before core_init(). What is no number, or none from @least to a second, is
 * reported and ignored.
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
 * core_pcpu_init() - prepare scheduling on one processor
 * @p: the pCPU; it does not run yet, or is this one
 */
void core_pcpu_init(struct pcpu *p)
{
	p->id = p - pcpus;
	grace_init(p);
	sched_init(p);
}

/**
 * core_init() - prepare scheduling and the console on the boot processor
 *
 * tb_hz is known, this_pcpu() works and the page allocator has memory.
 */
void core_init(void)
{
	struct pcpu *p = this_pcpu();

	core_pcpu_init(p);
	console_init(p);
}

/**
 * domain_set_magic() - give a domU its console and xenstore pages
 * @d: a domU that does not run yet
 * @console_gfn: page of its RAM for the console ring, served by the hypervisor
 * @store_gfn: page of its RAM for the xenstore ring, served by dom0
 *
 * Binds the event channels, sets the HVM parameters that name all four, and
 * grants the pages to dom0 in the reserved entries of the grant table.
 *
 * Return: 0, -EINVAL if a page is not the domain's, -ENOMEM.
 */
int domain_set_magic(struct domain *d, u64 console_gfn, u64 store_gfn)
{
	u32 port;
	int rc;

	rc = console_ring_set(d, console_gfn);
	if (rc)
		return rc;
	if (!frame_ptr(d, store_gfn, true))
		return -EINVAL;
	rc = evtchn_alloc_unbound(d, 0, &port);
	if (rc)
		return rc;
	gnttab_seed(d, GNTTAB_RESERVED_CONSOLE, 0, console_gfn);
	gnttab_seed(d, GNTTAB_RESERVED_XENSTORE, 0, store_gfn);
	/* dom0 may ask for them as soon as the domain has its number. */
	spin_lock(&d->lock);
	d->params[HVM_PARAM_STORE_PFN] = store_gfn;
	d->params[HVM_PARAM_STORE_EVTCHN] = port;
	spin_unlock(&d->lock);
	return 0;
}
