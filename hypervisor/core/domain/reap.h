/* SPDX-License-Identifier: GPL-2.0 */
/* Freeing domains that have shut down, and building them again on reboot: what reap.c offers. */
#ifndef HV_CORE_DOMAIN_REAP_H
#define HV_CORE_DOMAIN_REAP_H

#include "core/base/domain_types.h"

struct domain_build;

/* How boot/ builds domains; core/ calls it when a guest reboots. */
struct domain_builder {
	/*
	 * Do a part, of bounded length, of loading kernel, initrd and device tree into a new domain and
	 * setting the registers of vcpu 0. *@state is NULL at first, and when the domain is complete.
	 * Return: 1: call again; 0: complete; -errno: the builder has printed the reason.
	 */
	int (*step)(struct domain *d, struct domain_build **state);
};

void domain_set_builder(const struct domain_builder *b);
void domain_reap(void);

#endif
