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

/*
 * Makes the larger of two heaps, none of them empty, a child of the smaller;
 * equal keys keep their order. Return: the root.
 */
static inline __force_inline struct heap_node *heap_link(struct heap_node *a, struct heap_node *b)
{
	if (key_before(b->key, a->key))
		swap(a, b);
	b->next = a->child;
	if (b->next)
		b->next->prev = b;
	b->prev = a;
	a->child = b;
	return a;
}

void heap_take_out(struct heap_node **root, struct heap_node *n);

/* Puts a node that is in no heap, its key set, into one. */
static inline __force_inline void heap_insert(struct heap_node **root, struct heap_node *n)
{
	n->child = NULL;
	n->next = NULL;
	n->prev = NULL;
	*root = *root ? heap_link(*root, n) : n;
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
