/* SPDX-License-Identifier: GPL-2.0 */
/* Linux's headers of the Xen interface take their integer types from here. */
#ifndef HV_INCLUDE_LINUX_TYPES_H
#define HV_INCLUDE_LINUX_TYPES_H

#include "lib/types.h"

#define aligned_u64	u64 __aligned(8)

#endif
