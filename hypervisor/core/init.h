/* SPDX-License-Identifier: GPL-2.0 */
/* Starting core/: what init.c offers to boot/ and arch/. */
#ifndef HV_CORE_INIT_H
#define HV_CORE_INIT_H

#include "core/base/pcpu.h"

void core_set_us(const char *name, const char *text, u64 *ns, unsigned long least);
void core_early_init(void);
void core_init(void);
void core_pcpu_init(struct pcpu *p);

#endif
