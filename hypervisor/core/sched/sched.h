/* SPDX-License-Identifier: GPL-2.0 */
/* The scheduler, as the other rooms of the core see it. */
#ifndef HV_CORE_SCHED_SCHED_H
#define HV_CORE_SCHED_SCHED_H

#include "core/base/domain_types.h"

/* Set at boot, before the first vcpu runs. */
extern u64 sched_slice_ns;
extern u64 sched_min_run_ns;	/* how long a vcpu runs before a woken one may preempt it */

/* runq.c */
void sched_init(struct pcpu *p);

/* sched.c */
void sched_vcpu_init(struct vcpu *v);
void sched_wake(struct vcpu *v);
bool sched_block(struct vcpu *v);
void sched_block_until(struct vcpu *v, u64 deadline);
void sched_yield(struct vcpu *v);
bool sched_yield_to(struct vcpu *v, struct vcpu *target);
void sched_kick_siblings(const struct vcpu *v);
void sched_pause(struct vcpu *v);
void sched_unpause(struct vcpu *v);
void sched_down(struct vcpu *v);
void sched_hold(struct vcpu *v, bool hold);

/* pick.c */
void sched_drop_stopped(struct pcpu *p);
struct vcpu *sched_next(struct pcpu *p);

/* affinity.c */
void sched_set_affinity(struct vcpu *v, u64 mask);

/* vtime.c */
void sched_set_weight(struct domain *d, u32 weight);

/* cap.c */
void sched_set_cap(struct domain *d, u32 percent);
void sched_domain_init(struct domain *d);
void sched_domain_end(struct domain *d);

/* dump.c */
void sched_dump(void);

/* runstate.c */
void runstate_snapshot(const struct vcpu *v, struct vcpu_runstate_info *info);
int runstate_set_area(struct vcpu *v, u64 gpa);

#endif
