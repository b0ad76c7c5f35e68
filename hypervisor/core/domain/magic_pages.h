/* SPDX-License-Identifier: GPL-2.0 */
/* The pages by which a domU finds its console and its xenstore: what magic_pages.c offers. */
#ifndef HV_CORE_DOMAIN_MAGIC_PAGES_H
#define HV_CORE_DOMAIN_MAGIC_PAGES_H

#include "core/base/domain_types.h"

int domain_set_magic_pages(struct domain *d, u64 console_gfn, u64 store_gfn);

#endif
