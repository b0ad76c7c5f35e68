/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A few domains on the simulated machine whose every act is read from bytes,
 * and what must hold whatever they do. Used by the fuzzers, and with random
 * bytes by the unit tests.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "core/base/domain_types.h"

#define DOMAINS		4

/* What the bytes may ask for. */
#define WORLD_GRANTS	1U
#define WORLD_MEMORY	2U
#define WORLD_EVENTS	4U
#define WORLD_DEATH	8U
#define WORLD_RAW	16U	/* any hypercall with any structure */

void world_init(void);
void world_run(const u8 *data, size_t size, unsigned int kinds);

/* world_check.c */
const char *world_wrong(void);

#endif
