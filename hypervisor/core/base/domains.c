// SPDX-License-Identifier: GPL-2.0
/*
 * The table of domains by number, and the word of deferred work.
 */
#include "core/base/deferred.h"
#include "core/base/domains.h"

struct domain *domains[MAX_DOMAINS];
unsigned int domains_end;
u32 deferred_work;

/**
 * domains_insert() - make a domain visible to domain_find()
 * @d: the domain, complete; its number is free
 *
 * Boot code or domain_reap() only.
 */
void domains_insert(struct domain *d)
{
	WRITE_ONCE(domains_end, max(domains_end, d->id + 1U));
	/* Release: a reader that finds the pointer finds the struct initialised. */
	__atomic_store_n(&domains[d->id], d, __ATOMIC_RELEASE);
}

/**
 * domains_remove() - make a domain's number available to another domain
 * @d: the domain; nothing happens if it is not in the table
 *
 * Boot code or domain_reap() only. Other pCPUs may still use @d until a grace period is over.
 */
void domains_remove(const struct domain *d)
{
	if (domains[d->id] == d)
		WRITE_ONCE(domains[d->id], NULL);
}
