/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of domains by number.
 *
 * A pointer found here stays valid until the end of the hypercall or timer callback that looked it
 * up: struct domain is freed a grace period after it left the table (core/base/grace.h). Only
 * the boot code and domain_reap() write the table, so writers need no lock.
 */
#ifndef HV_CORE_BASE_DOMAINS_H
#define HV_CORE_BASE_DOMAINS_H

#include "core/base/domain_types.h"

extern struct domain *domains[MAX_DOMAINS];
extern unsigned int domains_end;	/* all domain numbers used so far are below this */

void domains_insert(struct domain *d);
void domains_remove(const struct domain *d);

/* Find a running domain by its number; NULL if there is none or it has shut down. */
static inline struct domain *domain_find(u16 id)
{
	struct domain *d = id < MAX_DOMAINS ? READ_ONCE(domains[id]) : NULL;

	return d && READ_ONCE(d->state) == DOM_RUNNING ? d : NULL;
}

#endif
