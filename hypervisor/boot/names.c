// SPDX-License-Identifier: GPL-2.0
/*
 * The names of the domains that xen.conf describes, by domid: dom0 is 0, the others follow in the
 * order of their sections. A domain that cannot be started leaves a gap. dom0's device tree lists
 * the names for the tools. Boot processor only, before it starts others.
 */
#include "boot/config.h"
#include "boot/names.h"
#include "core/base/limits.h"
#include "lib/errno.h"
#include "lib/string.h"

static char domain_names[MAX_DOMAINS][CONFIG_NAME];

/**
 * names_add() - give a domain its number
 * @name: the name of its section, shorter than CONFIG_NAME
 *
 * Return: its domid, -EEXIST if the name is taken, -ENOSPC beyond MAX_DOMAINS domains.
 */
int names_add(const char *name)
{
	unsigned int domid = 0;

	if (names_find(name) != MAX_DOMAINS)
		return -EEXIST;
	if (strcmp(name, "dom0")) {
		for (domid = 1; domid < MAX_DOMAINS && domain_names[domid][0]; domid++)
			;
	}
	if (domid == MAX_DOMAINS)
		return -ENOSPC;
	memcpy(domain_names[domid], name, strlen(name) + 1);
	return domid;
}

/**
 * names_find() - get the number of a domain
 * @name: the name of its section
 *
 * Return: the domid, MAX_DOMAINS if no domain has the name.
 */
unsigned int names_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < MAX_DOMAINS && strcmp(domain_names[i], name); i++)
		;
	return i;
}

/**
 * names_get() - get the name of a domain
 * @domid: the domain, below MAX_DOMAINS
 *
 * Return: the name, empty beyond the last domain.
 */
const char *names_get(unsigned int domid)
{
	return domain_names[domid];
}
