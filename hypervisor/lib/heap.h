/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pairing heap with its links in the objects: it allocates nothing. Inserting is
 * O(1); removing any node is O(log n) amortised.
 *
 * Keys are times, real or virtual, and may wrap: of two keys the smaller is the one
 * from which the other is less than 2^63 ahead, modulo 2^64.
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

/* Make @n, the root of a heap without smaller keys than @parent's, a child of @parent. */
static inline __force_inline void heap_adopt(struct heap_node *parent, struct heap_node *n)
{
	n->next = parent->child;
	if (n->next)
		n->next->prev = n;
	n->prev = parent;
	parent->child = n;
}

void heap_take_out(struct heap_node **root, struct heap_node *n);

/* Insert @n, which has its key and is in no heap. Of equal keys the earlier inserted comes first. */
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

/* Remove @n from its heap. Its key must not have changed since heap_insert(). */
static inline __force_inline void heap_remove(struct heap_node **root, struct heap_node *n)
{
	if (n == *root && !n->child)
		*root = NULL;
	else
		heap_take_out(root, n);
}

struct heap_node *heap_walk(const struct heap_node *n);

#endif
