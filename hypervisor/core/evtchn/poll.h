/* SPDX-License-Identifier: GPL-2.0 */
/* SCHEDOP_poll: what poll.c offers. */
#ifndef HV_CORE_EVTCHN_POLL_H
#define HV_CORE_EVTCHN_POLL_H

#include "core/base/vcpu_types.h"

#define EVTCHN_MAX_POLL	128	/* ports */

u32 *evtchn_poll_buffer(struct vcpu *v);
int evtchn_poll(struct vcpu *v, unsigned int nr, u64 timeout_ns);
void evtchn_poll_end(struct vcpu *v);

#endif
