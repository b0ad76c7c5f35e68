// SPDX-License-Identifier: GPL-2.0
/*
 * The scan of xenppcd: compares the hypervisor's list of domains with those that
 * are introduced to xenstored, introduces new ones and removes the nodes of those
 * that have ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"

#define MAX_DOMAINS	1024

enum {
	DOMAIN_UNKNOWN,		/* not seen yet */
	DOMAIN_SERVED,		/* introduced to xenstored */
	DOMAIN_FAILED,		/* could not be introduced, not tried again */
};

static unsigned char domain_status[MAX_DOMAINS];	/* by domid */
static xc_domaininfo_t infos[MAX_DOMAINS];

/* Check that xenstored still answers. If not, xenppcd has to end: libxenstore cannot reconnect. */
static bool scan_store_alive(struct xs_handle *xs)
{
	store_exists(xs, XBT_NULL, "/local/domain/0/domid");
	return !store_failed();
}

/*
 * Remove the nodes of domains that have ended. xenstored drops a domain when it dies, so a served
 * domain that is no longer introduced has died, even if the hypervisor has a new domain with the
 * same domid by now.
 */
static void scan_remove_dead(struct xs_handle *xs)
{
	for (unsigned int domid = 1; domid < MAX_DOMAINS; domid++) {
		if (domain_status[domid] != DOMAIN_SERVED || store_is_introduced(xs, domid) || store_failed())
			continue;
		log_info("domain %u has ended", domid);
		domain_remove_nodes(xs, domid);
		domain_status[domid] = DOMAIN_UNKNOWN;
	}
}

/* Remove the nodes of domains that ended while no xenppcd was running. */
static void scan_remove_stale(struct xs_handle *xs)
{
	unsigned int count;
	unsigned long domid;
	char **ids = store_list(xs, &count, "/local/domain");

	for (unsigned int i = 0; i < count; i++)
		if (parse_number(ids[i], MAX_DOMAINS - 1, &domid) && domid && !store_is_introduced(xs, domid) &&
		    !store_failed())
			domain_remove_nodes(xs, domid);
	free(ids);
}

/* Introduce a live domain that is neither introduced nor known to fail. */
static void scan_domain(struct xs_handle *xs, struct xc_interface_core *xc, const xc_domaininfo_t *info)
{
	unsigned int domid = info->domain;

	if (!domid || domid >= MAX_DOMAINS || domain_status[domid] == DOMAIN_SERVED)
		return;
	if (info->flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown))
		return;
	if (store_is_introduced(xs, domid)) {
		domain_status[domid] = DOMAIN_SERVED;
	} else if (domain_status[domid] == DOMAIN_UNKNOWN) {
		domain_status[domid] = domain_introduce(xs, xc, info) ? DOMAIN_FAILED : DOMAIN_SERVED;
		if (domain_status[domid] == DOMAIN_SERVED)
			log_info("introduced domain %u to xenstored", domid);
	}
}

/*
 * Once a domain that could not be introduced has ended, a new domain with its domid may be tried.
 * @count: used infos[].
 */
static void scan_retry_failed(int count)
{
	for (unsigned int domid = 1; domid < MAX_DOMAINS; domid++) {
		bool there = false;

		if (domain_status[domid] != DOMAIN_FAILED)
			continue;
		for (int i = 0; i < count && !there; i++)
			there = infos[i].domain == domid && !(infos[i].flags & XEN_DOMINF_dying);
		if (!there)
			domain_status[domid] = DOMAIN_UNKNOWN;
	}
}

/**
 * domains_scan() - introduce new domains and remove the nodes of ended ones
 * @xs: connection to xenstored
 * @xc: connection to the hypervisor
 *
 * Return: 0, or -1 after a message if xenstored or the hypervisor cannot be reached
 */
int domains_scan(struct xs_handle *xs, struct xc_interface_core *xc)
{
	static bool first_scan_done;
	int count;

	if (!scan_store_alive(xs))
		return -1;
	if (!first_scan_done)
		scan_remove_stale(xs);
	first_scan_done = true;
	scan_remove_dead(xs);
	count = xc_domain_getinfolist(xc, 0, MAX_DOMAINS, infos);
	if (count < 0)
		return log_error("cannot read the list of domains from the hypervisor: %s", strerror(errno));
	scan_retry_failed(count);
	for (int i = 0; i < count; i++)
		scan_domain(xs, xc, &infos[i]);
	return 0;
}
