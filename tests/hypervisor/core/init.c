// SPDX-License-Identifier: GPL-2.0
/*
 * The start of core/, and the pages by which a guest finds its console and
 * its xenstore.
 */
#include "core/arch.h"
#include "core/console.h"
#include "core/evtchn.h"
#include "core/gnttab.h"
#include "core/memory.h"
#include "core/sched.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define SLICE_MIN_US	200UL
#define SLICE_MAX_US	1000000UL

struct pcpu pcpus[MAX_PCPUS];
unsigned int nr_pcpus = 1;

static void set_slice(const char *text)
{
	unsigned long us;
	char *end;

	us = strtoul(text, &end, 10);
	if (end == text || *end || us < SLICE_MIN_US || us > SLICE_MAX_US)
		printk("slice=%s: not a number of us from %lu to %lu, using %lu\n", text,
		       SLICE_MIN_US, SLICE_MAX_US, sched_slice_ns / 1000);
	else
		sched_slice_ns = us * 1000;
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
 * @slice: length of a time slice in us as boot was told, NULL for the default
 *
 * tb_hz is known, this_pcpu() works and the page allocator has memory.
 */
void core_init(const char *slice)
{
	struct pcpu *p = this_pcpu();

	if (slice)
		set_slice(slice);
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
