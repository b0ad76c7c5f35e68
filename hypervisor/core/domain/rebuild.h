/* SPDX-License-Identifier: GPL-2.0 */
/* Building a domain again that rebooted: what rebuild.c offers to reap.c. */
#ifndef HV_CORE_DOMAIN_REBUILD_H
#define HV_CORE_DOMAIN_REBUILD_H

#include "core/base/domain_types.h"

enum rebuild_result {
	REBUILD_NONE,		/* it is not to be built again */
	REBUILD_STEP,		/* a step was done, there is more */
	REBUILD_LATER,		/* at d->rebuild_tb */
	REBUILD_DONE,		/* another domain has its number */
};

enum rebuild_result domain_rebuild(struct domain *d);

#endif
