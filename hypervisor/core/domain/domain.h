/* SPDX-License-Identifier: GPL-2.0 */
/* Domains from their creation to their shutdown: what domain.c offers. */
#ifndef HV_CORE_DOMAIN_DOMAIN_H
#define HV_CORE_DOMAIN_DOMAIN_H

#include "core/base/domains.h"
#include "lib/string.h"

struct domain *domain_create(u16 id, const struct domain_config *cfg);
struct domain *domain_create_heir(struct domain *d);
void domain_publish(struct domain *d);
void domain_start(struct domain *d);
void domain_shutdown(struct domain *d, unsigned int reason);
bool domain_destroy(struct domain *d);
void domain_crash(struct domain *d, const char *why, ...) __attribute__((format(printf, 2, 3)));
void domain_notify_dom0(void);
void domain_get_handle(struct domain *d, xen_domain_handle_t handle);
int domain_set_handle(struct domain *d, const xen_domain_handle_t handle);

/* Zeros stand for no UUID. */
static inline bool domain_handle_valid(const xen_domain_handle_t handle)
{
	static const xen_domain_handle_t none;

	return memcmp(handle, none, sizeof(none));
}

#endif
