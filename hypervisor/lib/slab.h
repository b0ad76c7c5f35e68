/* SPDX-License-Identifier: GPL-2.0 */
/* Objects of any size: xmalloc() and friends. */
#ifndef HV_LIB_SLAB_H
#define HV_LIB_SLAB_H

#include "lib/types.h"

void *xmalloc(size_t n);
void *xzalloc(size_t n);
void xfree(void *p);

#endif
