// SPDX-License-Identifier: GPL-2.0
/*
 * The magic pages: two pages of a domU's RAM and two event channels, which its HVM parameters name,
 * connect the guest with its console and its xenstore.
 */
#include "core/console/console.h"
#include "core/domain/magic_pages.h"
#include "core/evtchn/evtchn.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "lib/errno.h"

/**
 * domain_set_magic_pages() - give a domU its console and xenstore pages
 * @d: a domU that does not run yet
 * @console_gfn: page of its RAM for the console ring, served by the hypervisor
 * @store_gfn: page of its RAM for the xenstore ring, served by dom0
 *
 * Binds one event channel for each, stores the four numbers as HVM parameters, and grants the
 * pages to dom0 through the reserved entries of the grant table.
 *
 * Return: 0, -EINVAL if a page is not the domain's, -ENOMEM.
 */
int domain_set_magic_pages(struct domain *d, u64 console_gfn, u64 store_gfn)
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
	/* dom0 may read them as soon as the domain is in the table. */
	spin_lock(&d->lock);
	d->params[HVM_PARAM_STORE_PFN] = store_gfn;
	d->params[HVM_PARAM_STORE_EVTCHN] = port;
	spin_unlock(&d->lock);
	return 0;
}
