/* SPDX-License-Identifier: GPL-2.0 */
/* What vcpu.c offers beyond core/domain/domain.h. */
#ifndef HV_CORE_DOMAIN_VCPU_H
#define HV_CORE_DOMAIN_VCPU_H

#include "core/domain/domain.h"

void vcpu_set_period(struct vcpu *v, u64 ticks);
int vcpu_register_info(struct vcpu *v, u64 gfn, u32 offset);

#endif
