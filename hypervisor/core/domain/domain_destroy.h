/* SPDX-License-Identifier: GPL-2.0 */
/* Taking a domain apart: what domain_destroy.c offers. */
#ifndef HV_CORE_DOMAIN_DOMAIN_DESTROY_H
#define HV_CORE_DOMAIN_DOMAIN_DESTROY_H

#include "core/base/domain_types.h"

bool domain_teardown(struct domain *d, u32 budget);
bool domain_free(struct domain *d, u32 budget);
void domain_discard(struct domain *d);

#endif
