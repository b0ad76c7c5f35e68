// SPDX-License-Identifier: GPL-2.0
/*
 * The pairing heap of timers and run queues. The root is the smallest; a
 * node's children are a list, and no node is smaller than its parent.
 *
 * Whoever uses a heap has the lock that protects it.
 */
#include "lib/heap.h"

/* Makes the larger of two heaps a child of the smaller; equal keys keep their order. Return: the root. */
static inline struct heap_node *meld(struct heap_node *a, struct heap_node *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (key_before(b->key, a->key))
		swap(a, b);
	heap_adopt(a, b);
	return a;
}

/* Melds a list of siblings in pairs, then the pairs from right to left. */
static struct heap_node *meld_siblings(struct heap_node *n)
{
	struct heap_node *pairs = NULL, *root = NULL, *a, *b;

	while (n) {
		a = n;
		b = a->next;
		n = b ? b->next : NULL;
		a->next = NULL;
		a->prev = NULL;
		if (b) {
			b->next = NULL;
			b->prev = NULL;
		}
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		a = pairs;
		pairs = a->next;
		a->next = NULL;
		root = meld(a, root);
	}
	return root;
}

/**
 * heap_take_out() - the part of heap_remove() that is not for the last node
 * @root: the heap
 * @n: a node of it
 */
void heap_take_out(struct heap_node **root, struct heap_node *n)
{
	struct heap_node *sub = n->child;

	if (sub && sub->next)
		sub = meld_siblings(sub);
	else if (sub)
		sub->prev = NULL;
	if (n == *root) {
		*root = sub;
		return;
	}
	if (n->prev->child == n)
		n->prev->child = n->next;
	else
		n->prev->next = n->next;
	if (n->next)
		n->next->prev = n->prev;
	if (sub)
		*root = meld(*root, sub);
}

/**
 * heap_walk() - go from node to node, in no order but that parents come first
 * @n: a node; start with the root
 *
 * The heap may not change meanwhile. A whole walk costs O(n).
 *
 * Return: the next node, NULL after the last.
 */
struct heap_node *heap_walk(const struct heap_node *n)
{
	if (n->child)
		return n->child;
	while (n) {
		if (n->next)
			return n->next;
		/* back to the first of its siblings, and from there to the parent */
		while (n->prev && n->prev->child != n)
			n = n->prev;
		n = n->prev;
	}
	return NULL;
}
