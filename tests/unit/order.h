/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interface of order.c, the model of a weakly ordered machine. It is separate from
 * test.h because order.c includes headers of the C library, whose names collide
 * with those of core/.
 */
#ifndef UNIT_ORDER_H
#define UNIT_ORDER_H

#include <stdbool.h>
#include <stddef.h>

/* What orders accesses: smp_mb(), smp_wmb() or smp_rmb(), and acquire, release and atomic operations. */
enum order_kind { ORDER_SYNC, ORDER_LWSYNC, ORDER_ACQUIRE, ORDER_RELEASE, ORDER_ATOMIC };

void order_watch(const volatile void *at, size_t size);
void order_run(unsigned int seed, void (*side0)(void), void (*side1)(void));
void order_disable(const void *site);
const void *order_site(unsigned int i, enum order_kind *kind);
void order_forget(void);

#endif
