// SPDX-License-Identifier: GPL-2.0
/*
 * Implements lib/slab.h by malloc(), so that the sanitizers find overruns, uses
 * after free and leaks of the objects that core/ allocates. Tests can make an
 * allocation fail.
 */
#include <stdlib.h>
#include "host/host.h"
#include "lib/slab.h"

bool host_no_objects;

static size_t objects;
static long fail_after = -1;

/**
 * host_objects() - number of allocated objects
 *
 * Return: the number; a test that frees everything ends with the number it started with.
 */
size_t host_objects(void)
{
	return __atomic_load_n(&objects, __ATOMIC_RELAXED);
}

/**
 * host_fail_alloc() - make one allocation fail
 * @after: number of allocations that succeed before that; -1: none fails
 */
void host_fail_alloc(long after)
{
	fail_after = after;
}

static bool alloc_fails(void)
{
	return host_no_objects || (fail_after >= 0 && fail_after-- == 0);
}

/**
 * xmalloc() - allocate an object, like the function in lib/slab.c
 * @n: bytes
 *
 * Return: the object, or NULL.
 */
void *xmalloc(size_t n)
{
	void *p;

	if (alloc_fails())
		return NULL;
	p = malloc(n);
	if (p)
		__atomic_add_fetch(&objects, 1, __ATOMIC_RELAXED);
	return p;
}

/**
 * xzalloc() - allocate a cleared object, like the function in lib/slab.c
 * @n: bytes
 *
 * Return: the object, or NULL.
 */
void *xzalloc(size_t n)
{
	void *p;

	if (alloc_fails())
		return NULL;
	p = calloc(1, n);
	if (p)
		__atomic_add_fetch(&objects, 1, __ATOMIC_RELAXED);
	return p;
}

/**
 * xfree() - free an object, like the function in lib/slab.c
 * @p: the object, or NULL
 */
void xfree(void *p)
{
	if (!p)
		return;
	__atomic_sub_fetch(&objects, 1, __ATOMIC_RELAXED);
	free(p);
}
