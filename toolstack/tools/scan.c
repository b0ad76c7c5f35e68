// SPDX-License-Identifier: GPL-2.0
/*
 * Comparing what the hypervisor has with what xenstored serves.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"

#define MAX_DOMAINS	1024

/* What is known of a domain, by its number. */
enum { UNKNOWN, SERVED, FAILED };

static unsigned char known[MAX_DOMAINS];
static xc_domaininfo_t infos[MAX_DOMAINS];

/* Is xenstored still there? Without it there is nothing to do here, and no way back to it. */
static bool store_alive(struct xs_handle *xs)
{
	unsigned int length;
	char *value = xs_read(xs, XBT_NULL, "/local/domain/0/domid", &length);
	bool alive = value || errno == ENOENT;

	free(value);
	return alive;
}

/* A domain of that number was served and is so no longer: it has died, whatever has its number now. */
static void forget_dead(struct xs_handle *xs)
{
	for (unsigned int domid = 1; domid < MAX_DOMAINS; domid++) {
		if (known[domid] != SERVED || xs_is_domain_introduced(xs, domid))
			continue;
		complain("domain %u has ended", domid);
		domain_forget(xs, domid);
		known[domid] = UNKNOWN;
	}
}

/* Nodes that an earlier life of this daemon was told of, and did not live to remove. */
static void forget_leftovers(struct xs_handle *xs)
{
	unsigned int count;
	unsigned long domid;
	char **ids = store_list(xs, &count, "/local/domain");

	for (unsigned int i = 0; i < count; i++)
		if (parse_number(ids[i], MAX_DOMAINS - 1, &domid) && domid && !xs_is_domain_introduced(xs, domid))
			domain_forget(xs, domid);
	free(ids);
}

static void look_at(struct xs_handle *xs, struct xc_interface_core *xc, const xc_domaininfo_t *info)
{
	unsigned int domid = info->domain;

	if (!domid || domid >= MAX_DOMAINS || known[domid] == SERVED)
		return;
	if (info->flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown))
		return;
	if (xs_is_domain_introduced(xs, domid)) {
		known[domid] = SERVED;
	} else if (known[domid] == UNKNOWN) {
		known[domid] = domain_introduce(xs, xc, info) ? FAILED : SERVED;
		if (known[domid] == SERVED)
			complain("domain %u is served", domid);
	}
}

/* One that cannot be served is tried again only when it is another one. */
static void forget_failed(int count)
{
	for (unsigned int domid = 1; domid < MAX_DOMAINS; domid++) {
		bool there = false;

		if (known[domid] != FAILED)
			continue;
		for (int i = 0; i < count && !there; i++)
			there = infos[i].domain == domid && !(infos[i].flags & XEN_DOMINF_dying);
		if (!there)
			known[domid] = UNKNOWN;
	}
}

/**
 * domains_scan() - introduce new domains, remove what is left of dead ones
 * @xs: connection to xenstored
 * @xc: connection to the hypervisor
 *
 * Return: 0, or -1 after a message if one of the two does not answer
 */
int domains_scan(struct xs_handle *xs, struct xc_interface_core *xc)
{
	static bool before;
	int count;

	if (!store_alive(xs))
		return complain("xenstored has gone: %s", strerror(errno));
	if (!before)
		forget_leftovers(xs);
	before = true;
	forget_dead(xs);
	count = xc_domain_getinfolist(xc, 0, MAX_DOMAINS, infos);
	if (count < 0)
		return complain("the hypervisor does not list its domains: %s", strerror(errno));
	forget_failed(count);
	for (int i = 0; i < count; i++)
		look_at(xs, xc, &infos[i]);
	return 0;
}
