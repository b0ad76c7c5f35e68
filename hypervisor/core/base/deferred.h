/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deferred work: a request from any depth of the call chain, with any lock held, that exit_work()
 * serves later, with no lock held and no hypercall under way on that pCPU. So low-level code
 * such as page_put() can start something that only higher-level code knows how to do.
 */
#ifndef HV_CORE_BASE_DEFERRED_H
#define HV_CORE_BASE_DEFERRED_H

#include "core/arch_ops.h"
#include "core/base/pcpu.h"
#include "lib/bitops.h"

enum deferred_work {
	DEFERRED_REAP = 1 << 0,	/* a domain shut down, or a dead domain lost its last frame */
};

extern u32 deferred_work;	/* requests not yet taken up, enum deferred_work; atomic */

/*
 * Ask exit_work() to do something. This pCPU does it on its way out of the hypervisor, unless
 * another pCPU comes first. Any lock may be held.
 */
static inline void deferred_request(enum deferred_work what)
{
	/* Release: exit_work() on another pCPU that sees the request sees its reason. */
	__atomic_fetch_or(&deferred_work, what, __ATOMIC_RELEASE);
	/*
	 * Make the request before this pCPU tries the lock of the code that serves it. If another
	 * pCPU holds that lock, it looks for requests once more after it has released the lock.
	 */
	smp_mb();
	WRITE_ONCE(this_pcpu()->work, true);
}

static inline bool deferred_pending(enum deferred_work what)
{
	return READ_ONCE(deferred_work) & what;
}

/*
 * Clear a request before serving it: a new one that comes after the caller has looked for what
 * there is to do sets the flag again, which causes another round.
 */
static inline void deferred_take(enum deferred_work what)
{
	__atomic_fetch_and(&deferred_work, ~what, __ATOMIC_RELAXED);
	smp_mb();	/* the request is cleared before the caller looks for what there is to do */
}

#endif
