/* SPDX-License-Identifier: GPL-2.0 */
/* Freeing domains that have shut down, and building them again on reboot: what reap.c offers. */
#ifndef HV_CORE_DOMAIN_REAP_H
#define HV_CORE_DOMAIN_REAP_H

#include "core/base/domain_types.h"

/* How boot/ builds domains; core/ calls it when a guest reboots. */
struct domain_builder {
	/*
	 * Load kernel, initrd and device tree into a new domain, and set the registers of vcpu 0.
	 * Return: 0 or -errno; the builder prints the reason.
	 */
	int (*build)(struct domain *d);
};

void domain_set_builder(const struct domain_builder *b);
void domain_reap(void);

#endif
