/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The processors of a machine, and threads on them.
 */
#ifndef CPUS_H
#define CPUS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define CPUS_MAX 64

struct gate {
	atomic_int open;
};

int cpus_online(int *list, int most);
int cpu_pin(int cpu);
void *shared_pages(size_t size);
void gate_pass(struct gate *gate, int *next, int members);
void die(const char *what);

static inline uint64_t timebase(void)
{
#ifdef __powerpc__
	return __builtin_ppc_get_timebase();
#else	/* not available on the build machine */
	return 0;
#endif
}

#endif
