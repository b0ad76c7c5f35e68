/* SPDX-License-Identifier: GPL-2.0 */
/* Linux's xen/interface/memory.h declares a lock of its balloon driver. */
#ifndef HV_INCLUDE_LINUX_SPINLOCK_H
#define HV_INCLUDE_LINUX_SPINLOCK_H

#include "lib/lock.h"

#endif
