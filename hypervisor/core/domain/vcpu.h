/* SPDX-License-Identifier: GPL-2.0 */
/* Creating and ending vcpus, their timers and their vcpu_info: what vcpu.c offers. */
#ifndef HV_CORE_DOMAIN_VCPU_H
#define HV_CORE_DOMAIN_VCPU_H

#include "core/base/domain_types.h"

struct vcpu *vcpu_create(struct domain *d, unsigned int id);
void vcpu_stop(struct vcpu *v);
void vcpu_free(struct vcpu *v);
void vcpu_set_period(struct vcpu *v, u64 ticks);
void vcpu_resume_tick(struct vcpu *v);
int vcpu_register_info(struct vcpu *v, u64 gfn, u32 offset);

#endif
