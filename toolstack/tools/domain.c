// SPDX-License-Identifier: GPL-2.0
/*
 * Domains by their number or name.
 */
#include <stdlib.h>
#include <string.h>

#include "tools.h"

#define DOMID_LAST	0x7fef

static bool by_name(struct xs_handle *xs, const char *name, unsigned int *domid)
{
	unsigned int count;
	char **ids = store_list(xs, &count, "/local/domain");
	unsigned long number;
	bool found = false;

	for (unsigned int i = 0; i < count && !found; i++) {
		char *its = store_read(xs, XBT_NULL, "/local/domain/%s/name", ids[i]);

		if (its && !strcmp(its, name) && parse_number(ids[i], DOMID_LAST, &number)) {
			*domid = number;
			found = true;
		}
		free(its);
	}
	free(ids);
	return found;
}

/**
 * domain_find() - the domain that a command line names
 * @xs: connection to xenstored
 * @name: its number or its name
 * @domid: where its number goes
 *
 * Return: 0, or -1 after a message if there is none that xenstored serves
 */
int domain_find(struct xs_handle *xs, const char *name, unsigned int *domid)
{
	unsigned long number;

	if (parse_number(name, ~0UL, &number)) {
		if (number > DOMID_LAST)
			return complain("%s is not the number of a domain", name);
		*domid = number;
	} else if (!by_name(xs, name, domid)) {
		return complain("no domain of the name \"%s\"", name);
	}
	if (!xs_is_domain_introduced(xs, *domid))
		return complain("no such domain: %s (xenstored does not serve it)", name);
	return 0;
}
