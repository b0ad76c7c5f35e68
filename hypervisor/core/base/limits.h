/* SPDX-License-Identifier: GPL-2.0 */
/* How many of each object there can be at most. */
#ifndef HV_CORE_BASE_LIMITS_H
#define HV_CORE_BASE_LIMITS_H

#define MAX_PCPUS	64
#define MAX_DOMAINS	64
#define MAX_VCPUS	64	/* of one domain */

#endif
