// SPDX-License-Identifier: GPL-2.0
/*
 * The time of day: one for all domains, told in each one's shared_info, set by
 * dom0 through platform_op.
 *
 * It is kept as what it was at system time 0, so it goes on by itself, and
 * arch.boot_timebase, the timebase to which shared_info's figure belongs, is 0.
 */
#include "core/arch_ops.h"
#include "core/domain/domain.h"
#include "core/base/timer.h"
#include "lib/bitops.h"
#include "lib/errno.h"

/* Of dom0's calls one comes after the other, in each domain as here. */
static spinlock_t wall_lock = SPINLOCK_INIT(RANK_WALL);
static u64 wall_at_0;		/* ns since 1970 at system time 0; 0: not known */
static u32 wall_version;	/* even; counts by two */

/* Read once: a real time clock is slow and may be busy, and all domains are to agree. */
static void read_clock(void)
{
	u64 now = arch_wallclock_ns(), up = system_time();

	if (now <= up)
		return;
	wall_at_0 = now - up;
	wall_version += 2;
}

/* A seqlock whose readers are guests: odd, the figures, even. wall_lock held. */
static void tell(struct shared_info *s)
{
	WRITE_ONCE(s->wc.version, wall_version - 1);
	smp_wmb();	/* odd before any figure */
	WRITE_ONCE(s->wc.sec, wall_at_0 / NSEC_PER_SEC);
	WRITE_ONCE(s->wc_sec_hi, wall_at_0 / NSEC_PER_SEC >> 32);
	WRITE_ONCE(s->wc.nsec, wall_at_0 % NSEC_PER_SEC);
	WRITE_ONCE(s->arch.boot_timebase, 0);
	__atomic_store_n(&s->wc.version, wall_version, __ATOMIC_RELEASE);
}

/**
 * wallclock_join() - tell a new domain the time of day
 * @d: the domain, in domains[] already: whoever sets the time from now on
 *     finds it there
 */
void wallclock_join(struct domain *d)
{
	spin_lock(&wall_lock);
	if (!wall_at_0)
		read_clock();
	if (wall_at_0)
		tell(d->shared_info);
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
	/* The dying, too: their structs stay to the end of this call. */
	for (unsigned int id = 0; id < MAX_DOMAINS; id++) {
		d = READ_ONCE(domains[id]);
		if (d)
			tell(d->shared_info);
	}
	spin_unlock(&wall_lock);
	return 0;
}
