/* SPDX-License-Identifier: GPL-2.0 */
/* What sched.c offers beyond core/domain.h. */
#ifndef HV_CORE_SCHED_H
#define HV_CORE_SCHED_H

#include "core/domain.h"

#define SCHED_MAX_POLL	128

extern u64 sched_slice_ns;	/* set at boot, before the first vcpu runs */

int sched_poll(struct vcpu *v, u64 timeout_ns);
void sched_unpause(struct vcpu *v);
void sched_hold(struct vcpu *v, bool hold);
void sched_down(struct vcpu *v);
void sched_dump(void);

/* runstate.c */
void runstate_change(struct vcpu *v, int state, u64 now);
void runstate_snapshot(const struct vcpu *v, struct vcpu_runstate_info *info);
void runstate_publish(struct vcpu *v);

s64 do_sched_op(struct vcpu *v, u64 *arg);

#endif
