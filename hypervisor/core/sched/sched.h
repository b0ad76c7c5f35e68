/* SPDX-License-Identifier: GPL-2.0 */
/* The scheduler, as the other rooms of the core see it. */
#ifndef HV_CORE_SCHED_SCHED_H
#define HV_CORE_SCHED_SCHED_H

#include "core/domain/domain.h"

/* Set at boot, before the first vcpu runs. */
extern u64 sched_slice_ns;
extern u64 sched_min_run_ns;	/* how long a vcpu runs before a woken one may preempt it */

void sched_block_until(struct vcpu *v, u64 deadline);
void sched_unpause(struct vcpu *v);
void sched_hold(struct vcpu *v, bool hold);
void sched_down(struct vcpu *v);
void sched_dump(void);
void sched_set_weight(struct domain *d, u32 weight);
void sched_set_cap(struct domain *d, u32 percent);
void sched_set_affinity(struct vcpu *v, u64 mask);
void sched_domain_init(struct domain *d);
void sched_domain_end(struct domain *d);
void sched_vcpu_init(struct vcpu *v);

/* runstate.c */
void runstate_snapshot(const struct vcpu *v, struct vcpu_runstate_info *info);
int runstate_set_area(struct vcpu *v, u64 gpa);
void runstate_init(struct vcpu *v);
void runstate_publish_in_parts(const struct vcpu *v);

s64 do_sched_op(struct vcpu *v, u64 *arg);

#endif
