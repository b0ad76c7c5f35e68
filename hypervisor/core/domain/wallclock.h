/* SPDX-License-Identifier: GPL-2.0 */
/* The wall clock in every domain's shared_info page: what wallclock.c offers. */
#ifndef HV_CORE_DOMAIN_WALLCLOCK_H
#define HV_CORE_DOMAIN_WALLCLOCK_H

#include "core/base/domain_types.h"

void wallclock_join(struct domain *d);
int wallclock_set(u64 secs, u32 nsecs, u64 when);

#endif
