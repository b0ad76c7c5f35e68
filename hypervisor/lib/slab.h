/* SPDX-License-Identifier: GPL-2.0 */
/* Objects of any size, named as Xen names them. Any lock but the allocators' may be held. */
#ifndef HV_LIB_SLAB_H
#define HV_LIB_SLAB_H

#include "lib/types.h"

void *xmalloc(size_t n);
void *xzalloc(size_t n);
void xfree(void *p);

#endif
