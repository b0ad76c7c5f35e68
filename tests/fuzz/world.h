/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A world: a few domains on the simulated machine (tests/unit/host) that make the
 * hypercalls which a string of bytes describes, and the invariants that must hold
 * whatever the domains do. The fuzzers run it with bytes from libFuzzer, and the
 * unit test test_world with random ones.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "core/base/domain_types.h"

#define DOMAINS		4

/* Kinds of actions that an input may contain. */
#define WORLD_GRANTS	1U
#define WORLD_MEMORY	2U
#define WORLD_EVENTS	4U
#define WORLD_DEATH	8U
#define WORLD_RAW	16U	/* any hypercall with any structure */
#define WORLD_TOOLS	32U	/* any domctl and sysctl with any structure */
#define WORLD_PAPR	64U	/* PAPR calls of vcpus that run */
#define WORLD_CONSOLE	128U	/* console rings, written text, typed keys */

extern void (*world_on_return)(void);	/* called after each hypercall */

void world_init(void);
void world_run(const u8 *data, size_t size, unsigned int kinds);

/* world.c, for world_run.c: parts of the input, and a check that aborts */
u64 world_take(unsigned int bytes);
u64 world_pick(u64 n);
void world_require(bool holds, const char *what);

/* world_run.c */
struct vcpu *world_run_one(void);
void world_act_papr(void);

/* world_console.c */
void world_console_new(struct domain *d);
void world_console_reset(void);
void world_act_console(void);

/* world_check.c */
const char *world_violation(void);

#endif
