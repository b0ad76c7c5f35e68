// SPDX-License-Identifier: GPL-2.0
/*
 * The wall clock: one for all domains, shown in each domain's shared_info, set by dom0 through
 * platform_op.
 *
 * The hypervisor keeps the wall-clock time at system time 0, so the clock needs no updates,
 * and arch.boot_timebase, the timebase to which the time in shared_info belongs, is 0.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/base/timer.h"
#include "core/domain/wallclock.h"
#include "lib/bitops.h"
#include "lib/errno.h"

/* Serialises updates, so that all domains end up with the same time. */
static spinlock_t wall_lock = SPINLOCK_INIT(RANK_WALL);
static u64 wall_at_0;		/* ns since 1970 at system time 0; 0: not known */
static u32 wall_version;	/* even; counts by two */

/* The real time clock is read once: it is slow and may be busy, and all domains have to agree. */
static void wallclock_read_rtc(void)
{
	u64 now = arch_wallclock_ns(), up = system_time();

	if (now <= up)
		return;
	wall_at_0 = now - up;
	wall_version += 2;
}

/* A seqlock whose readers are guests: wc_version is odd during the update. wall_lock held. */
static void wallclock_publish(struct shared_info *s)
{
	WRITE_ONCE(s->wc.version, wall_version - 1);
	smp_wmb();	/* the odd version before the time */
	WRITE_ONCE(s->wc.sec, wall_at_0 / NSEC_PER_SEC);
	WRITE_ONCE(s->wc_sec_hi, wall_at_0 / NSEC_PER_SEC >> 32);
	WRITE_ONCE(s->wc.nsec, wall_at_0 % NSEC_PER_SEC);
	WRITE_ONCE(s->arch.boot_timebase, 0);
	__atomic_store_n(&s->wc.version, wall_version, __ATOMIC_RELEASE);
}

/**
 * wallclock_join() - show the time of day to a new domain
 * @d: the domain; it is in domains[] already, so that no later change of the time misses it
 */
void wallclock_join(struct domain *d)
{
	spin_lock(&wall_lock);
	if (!wall_at_0)
		wallclock_read_rtc();
	if (wall_at_0)
		wallclock_publish(d->shared_info);
	spin_unlock(&wall_lock);
}

/**
 * wallclock_set() - set the time of day of all domains, which see it at once
 * @secs: seconds since 1970
 * @nsecs: and nanoseconds
 * @when: system time in ns at which it was that time
 *
 * Return: 0; -EINVAL for a time before 1970 at system time 0, beyond 64 bits of
 * ns, or with a second or more in @nsecs.
 */
int wallclock_set(u64 secs, u32 nsecs, u64 when)
{
	struct domain *d;
	u64 ns;

	if (nsecs >= NSEC_PER_SEC || __builtin_mul_overflow(secs, NSEC_PER_SEC, &ns) ||
	    __builtin_add_overflow(ns, nsecs, &ns) || ns <= when)
		return -EINVAL;
	spin_lock(&wall_lock);
	wall_at_0 = ns - when;
	wall_version += 2;
	/* Dying domains too: their structs stay valid to the end of this hypercall. */
	for (unsigned int id = 0; id < MAX_DOMAINS; id++) {
		d = READ_ONCE(domains[id]);
		if (d)
			wallclock_publish(d->shared_info);
	}
	spin_unlock(&wall_lock);
	return 0;
}
