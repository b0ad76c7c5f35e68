// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the world of the fuzzers (tests/fuzz/world.h) with random inputs from a
 * fixed seed: four domains that grant, map, copy, balloon, send events and die,
 * with all invariants checked.
 */
#include "test.h"
#include "world.h"

#define LIVES	300
#define BYTES	4000

static u64 rnd(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* A violated invariant aborts the program and prints a description. */
static void lives(const char *name, unsigned int kinds)
{
	static u8 bytes[BYTES];

	for (int life = 0; life < LIVES; life++) {
		for (int i = 0; i < BYTES; i++)
			bytes[i] = rnd() >> 32;
		world_run(bytes, BYTES - rnd() % 200, kinds);
	}
	ok(true, name);
}

int main(void)
{
	world_init();
	lives("random worlds: the invariants hold with grants", WORLD_GRANTS);
	lives("random worlds: the invariants hold with grants and memory",
	      WORLD_GRANTS | WORLD_MEMORY);
	lives("random worlds: the invariants hold with grants, memory and death",
	      WORLD_GRANTS | WORLD_MEMORY | WORLD_DEATH);
	lives("random worlds: the invariants hold with events, memory and death",
	      WORLD_EVENTS | WORLD_MEMORY | WORLD_DEATH);
	lives("random worlds: the invariants hold with all actions", ~0U);
	return test_done();
}
