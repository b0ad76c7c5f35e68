// SPDX-License-Identifier: GPL-2.0
/*
 * lib/slab.h on the build machine's allocator, so that the sanitizers see
 * every object of core/: overruns, use after free, leaks. Can be told to fail.
 */
#include <stdlib.h>
#include "host/host.h"
#include "lib/slab.h"

static size_t objects;
static long fail_after = -1;

/**
 * host_objects() - how many objects are allocated
 *
 * Return: their number.
 */
size_t host_objects(void)
{
	return __atomic_load_n(&objects, __ATOMIC_RELAXED);
}

/**
 * host_fail_alloc() - make one allocation fail
 * @after: allocations that still succeed; -1: none fails
 */
void host_fail_alloc(long after)
{
	fail_after = after;
}

/**
 * xmalloc() - as in lib/slab.c
 * @n: bytes
 *
 * Return: the object, or NULL.
 */
void *xmalloc(size_t n)
{
	void *p;

	if (fail_after >= 0 && fail_after-- == 0)
		return NULL;
	p = malloc(n);
	if (p)
		__atomic_add_fetch(&objects, 1, __ATOMIC_RELAXED);
	return p;
}

/**
 * xzalloc() - as in lib/slab.c
 * @n: bytes
 *
 * Return: the object, or NULL.
 */
void *xzalloc(size_t n)
{
	void *p;

	if (fail_after >= 0 && fail_after-- == 0)
		return NULL;
	p = calloc(1, n);
	if (p)
		__atomic_add_fetch(&objects, 1, __ATOMIC_RELAXED);
	return p;
}

/**
 * xfree() - as in lib/slab.c
 * @p: the object, or NULL
 */
void xfree(void *p)
{
	if (!p)
		return;
	__atomic_sub_fetch(&objects, 1, __ATOMIC_RELAXED);
	free(p);
}
