// SPDX-License-Identifier: GPL-2.0
/*
 * Finds a domain by number or name.
 */
#include <stdlib.h>
#include <string.h>

#include "tools.h"

#define DOMID_LAST	0x7fef	/* DOMID_FIRST_RESERVED - 1 */

static bool domain_find_by_name(struct xs_handle *xs, const char *name, unsigned int *domid)
{
	unsigned int count;
	char **ids = store_list(xs, &count, "/local/domain");
	unsigned long number;
	bool found = false;

	for (unsigned int i = 0; i < count && !found; i++) {
		char *its_name = store_read(xs, XBT_NULL, "/local/domain/%s/name", ids[i]);

		if (its_name && !strcmp(its_name, name) && parse_number(ids[i], DOMID_LAST, &number)) {
			*domid = number;
			found = true;
		}
		free(its_name);
	}
	free(ids);
	return found;
}

/**
 * domain_find() - convert a command line argument to a domid
 * @xs: connection to xenstored
 * @name: number or name of the domain
 * @domid: result
 *
 * Return: 0, or -1 after a message if no such domain is introduced to xenstored
 */
int domain_find(struct xs_handle *xs, const char *name, unsigned int *domid)
{
	unsigned long number;

	if (parse_number(name, ~0UL, &number)) {
		if (number > DOMID_LAST)
			return log_error("%s is not the number of a domain", name);
		*domid = number;
	} else if (!domain_find_by_name(xs, name, domid)) {
		return store_failed() ? -1 : log_error("no domain of the name \"%s\"", name);
	}
	if (!store_is_introduced(xs, *domid))
		return store_failed() ? -1 : log_error("no such domain: %s (xenstored does not serve it)", name);
	return 0;
}
