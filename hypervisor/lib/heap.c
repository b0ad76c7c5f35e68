// SPDX-License-Identifier: GPL-2.0
/*
 * The pairing heap of timers and run queues. No node's key is smaller than its
 * parent's, so the root has the smallest; the children of a node form a list.
 *
 * Callers hold the lock that protects the heap.
 */
#include "lib/heap.h"

/* Make the larger of two heaps a child of the smaller; of equal keys @a stays first. Return: the root. */
static inline struct heap_node *heap_meld(struct heap_node *a, struct heap_node *b)
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

/* Meld a list of siblings in pairs, then the pairs from right to left. Return: the root. */
static struct heap_node *heap_meld_siblings(struct heap_node *n)
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
		a = heap_meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		a = pairs;
		pairs = a->next;
		a->next = NULL;
		root = heap_meld(a, root);
	}
	return root;
}

/**
 * heap_take_out() - heap_remove() for any node but a root without children
 * @root: the heap
 * @n: the node to remove
 *
 * O(log n) amortised.
 */
void heap_take_out(struct heap_node **root, struct heap_node *n)
{
	struct heap_node *sub = n->child;

	if (sub && sub->next)
		sub = heap_meld_siblings(sub);
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
		*root = heap_meld(*root, sub);
}

/**
 * heap_walk() - visit the nodes one by one, parents before children
 * @n: the node visited last; the root comes first
 *
 * The heap must not change during the walk, which costs O(n) in all.
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
		/* Go back to the first sibling, whose prev is the parent. */
		while (n->prev && n->prev->child != n)
			n = n->prev;
		n = n->prev;
	}
	return NULL;
}
