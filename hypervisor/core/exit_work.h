/* SPDX-License-Identifier: GPL-2.0 */
/* The way out of the hypervisor when pcpu.work is set: what exit_work.c offers to arch/. */
#ifndef HV_CORE_EXIT_WORK_H
#define HV_CORE_EXIT_WORK_H

#include "core/base/pcpu.h"

struct vcpu *exit_work(struct pcpu *p);

#endif
