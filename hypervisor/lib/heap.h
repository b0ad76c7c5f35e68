/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pairing heap, whose links live in the objects: it needs no memory of its
 * own. Putting in is O(1), taking out O(log n) amortised, wherever in the heap.
 *
 * Keys are times, real or virtual, and may wrap: of two, the one from which the
 * other is reached in less than 2^63 is the smaller.
 */
#ifndef HV_LIB_HEAP_H
#define HV_LIB_HEAP_H

#include "lib/types.h"

struct heap_node {
	struct heap_node *child, *next, *prev;	/* prev: left sibling or parent */
	u64 key;
};

static inline bool key_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* @n, the root of a heap whose keys are not smaller, becomes a child of @parent. */
static inline __force_inline void heap_adopt(struct heap_node *parent, struct heap_node *n)
{
	n->next = parent->child;
	if (n->next)
		n->next->prev = n;
	n->prev = parent;
	parent->child = n;
}

void heap_take_out(struct heap_node **root, struct heap_node *n);

/* Puts a node that is in no heap, its key set, into one; it comes behind its equals. */
static inline __force_inline void heap_insert(struct heap_node **root, struct heap_node *n)
{
	struct heap_node *r = *root;

	n->child = NULL;
	if (r && !key_before(n->key, r->key)) {
		heap_adopt(r, n);
		return;
	}
	n->next = NULL;
	n->prev = NULL;
	if (r)
		heap_adopt(n, r);
	*root = n;
}

/* Takes a node out of its heap; its key may not have changed since it was put in. */
static inline __force_inline void heap_remove(struct heap_node **root, struct heap_node *n)
{
	if (n == *root && !n->child)
		*root = NULL;
	else
		heap_take_out(root, n);
}

struct heap_node *heap_walk(const struct heap_node *n);

#endif
