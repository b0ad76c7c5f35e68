// SPDX-License-Identifier: GPL-2.0
/*
 * The p2m of the simulated machine: a hash table of 4 KiB entries. Like the real
 * one it is changed under page_lock and read without a lock. That is safe because
 * the key of an entry never changes once it is set, and because a table that has
 * been replaced by a larger one is kept for concurrent readers.
 */
#include <stdlib.h>
#include "arch/internal.h"
#include "core/arch_ops.h"
#include "core/mm/memory.h"
#include "host/host.h"
#include "lib/errno.h"

#define INITIAL_SIZE	256
#define VAL_WRITABLE	8UL
#define VAL_TYPE	7UL
#define VAL_SHIFT	4

void (*host_on_lookup)(void);
void (*host_on_map)(void);
bool host_no_large;
bool host_fail_insert;
unsigned long host_flushes;

static struct host_p2m *host_p2m_table(const struct domain *d)
{
	return __atomic_load_n(&d->arch.p2m, __ATOMIC_ACQUIRE);
}

static struct host_p2m_entry *host_p2m_slot(struct host_p2m *t, u64 gfn)
{
	size_t i = (gfn * 0x9e3779b97f4a7c15UL) >> 20;
	struct host_p2m_entry *e;
	u64 key;

	for (;; i++) {
		e = &t->e[i & (t->size - 1)];
		key = __atomic_load_n(&e->key, __ATOMIC_ACQUIRE);
		if (!key || key == gfn + 1)
			return e;
	}
}

/* Call a test's hook once: it does what another pCPU could do at this point. */
static void host_run_hook(void (**hook)(void))
{
	void (*fn)(void) = *hook;

	if (!fn)
		return;
	*hook = NULL;
	fn();
}

static void host_p2m_put(struct host_p2m *t, u64 gfn, u64 val)
{
	struct host_p2m_entry *e = host_p2m_slot(t, gfn);

	__atomic_store_n(&e->val, val, __ATOMIC_RELEASE);
	if (e->key)
		return;
	t->used++;
	__atomic_store_n(&e->key, gfn + 1, __ATOMIC_RELEASE);
}

static struct host_p2m *host_p2m_grow(struct domain *d)
{
	struct host_p2m *old = d->arch.p2m, *t;
	size_t size = old ? 2 * old->size : INITIAL_SIZE;

	t = calloc(1, sizeof(*t) + size * sizeof(t->e[0]));
	if (!t)
		abort();
	t->size = size;
	t->older = old;
	for (size_t i = 0; old && i < old->size; i++)
		if (old->e[i].key && old->e[i].val)
			host_p2m_put(t, old->e[i].key - 1, old->e[i].val);
	__atomic_store_n(&d->arch.p2m, t, __ATOMIC_RELEASE);
	return t;
}

/**
 * host_p2m_init() - does nothing: there is no state outside of the domains
 */
void host_p2m_init(void)
{
}

/**
 * host_p2m_walk() - iterate over a domain's mappings
 * @d: domain
 * @pos: position of the iteration, 0 at first
 * @e: out: the next mapping
 *
 * Return: false at the end.
 */
bool host_p2m_walk(const struct domain *d, size_t *pos, struct host_p2m_found *e)
{
	const struct host_p2m *t = d->arch.p2m;

	while (t && *pos < t->size) {
		const struct host_p2m_entry *s = &t->e[(*pos)++];

		if (!s->key || !s->val)
			continue;
		e->gfn = s->key - 1;
		e->mfn = s->val >> VAL_SHIFT;
		e->type = s->val & VAL_TYPE;
		return true;
	}
	return false;
}

/**
 * p2m_init() - create an empty p2m
 * @d: new domain
 *
 * Return: 0.
 */
int p2m_init(struct domain *d)
{
	(void)host_p2m_grow(d);
	return 0;
}

/**
 * p2m_destroy() - free a p2m and drop the references of its foreign mappings
 * @d: dead domain
 *
 * Return: true, since it is one step.
 */
bool p2m_destroy(struct domain *d)
{
	struct host_p2m *t = d->arch.p2m, *older;
	struct host_p2m_found e;
	size_t pos = 0;

	while (host_p2m_walk(d, &pos, &e))
		if (e.type == P2M_FOREIGN)
			memory_foreign_drop(d, e.mfn);
	for (d->arch.p2m = NULL; t; t = older) {
		older = t->older;
		free(t);
	}
	return true;
}

/**
 * p2m_map() - map a block of frames, as single entries
 * @d: domain
 * @gfn: first guest frame
 * @mfn: first machine frame
 * @order: log2 of the number of frames
 * @type: type of the mapping
 * @writable: the guest may write to the frames
 *
 * Return: 0, or -EEXIST for a large block while host_no_large is set.
 */
int p2m_map(struct domain *d, u64 gfn, u64 mfn, unsigned int order, enum p2m_type type,
	    bool writable)
{
	struct host_p2m *t = d->arch.p2m;

	host_jitter();
	if (host_no_large && order >= 9)
		return -EEXIST;
	if (d->arch.stale)
		p2m_flush(d);
	for (u64 i = 0; i < 1UL << order; i++) {
		if (2 * t->used >= t->size)
			t = host_p2m_grow(d);
		host_p2m_put(t, gfn + i, (mfn + i) << VAL_SHIFT | type | (writable ? VAL_WRITABLE : 0));
	}
	host_run_hook(&host_on_map);
	return 0;
}

/**
 * p2m_insert() - map a frame unless the guest frame is mapped already
 * @d: domain
 * @gfn: guest frame
 * @mfn: machine frame
 * @type: type of the mapping
 * @writable: the guest may write to the frame
 *
 * Return: 0, -EEXIST if @gfn is mapped, or -ENOMEM once if host_fail_insert is set.
 */
int p2m_insert(struct domain *d, u64 gfn, u64 mfn, enum p2m_type type, bool writable)
{
	u64 old;
	bool w;

	if (host_fail_insert) {
		host_fail_insert = false;
		return -ENOMEM;
	}
	if (p2m_lookup(d, gfn, &old, &w) != P2M_NONE)
		return -EEXIST;
	return p2m_map(d, gfn, mfn, 0, type, writable);
}

/**
 * p2m_sync() - does nothing: the simulated machine has no pending page table updates
 */
void p2m_sync(void)
{
}

/**
 * p2m_unmap() - unmap a frame
 * @d: domain
 * @gfn: guest frame
 *
 * Return: 0.
 */
int p2m_unmap(struct domain *d, u64 gfn)
{
	p2m_clear(d, gfn);
	p2m_flush(d);
	return 0;
}

/**
 * p2m_clear() - unmap a frame; the caller has to flush
 * @d: domain
 * @gfn: guest frame
 *
 * Return: 0.
 */
int p2m_clear(struct domain *d, u64 gfn)
{
	struct host_p2m_entry *e = host_p2m_slot(d->arch.p2m, gfn);

	/* The key stays: other keys may have been stored behind it in the probe sequence. */
	if (e->key)
		__atomic_store_n(&e->val, 0, __ATOMIC_RELEASE);
	host_jitter();
	WRITE_ONCE(d->arch.stale, true);
	return 0;
}

/**
 * p2m_flush() - count flushes
 * @d: domain
 */
void p2m_flush(struct domain *d)
{
	WRITE_ONCE(d->arch.stale, false);
	__atomic_add_fetch(&host_flushes, 1, __ATOMIC_RELAXED);
}

/**
 * p2m_lookup() - look up a guest frame
 * @d: domain
 * @gfn: guest frame
 * @mfn: out: machine frame
 * @writable: out: the guest may write to it
 *
 * Return: type of the mapping, P2M_NONE if there is none.
 */
enum p2m_type p2m_lookup(const struct domain *d, u64 gfn, u64 *mfn, bool *writable)
{
	struct host_p2m *t = host_p2m_table(d);
	struct host_p2m_entry *e;
	u64 val;

	if (!t)
		return P2M_NONE;
	host_jitter();
	e = host_p2m_slot(t, gfn);
	if (!__atomic_load_n(&e->key, __ATOMIC_ACQUIRE))
		return P2M_NONE;
	val = __atomic_load_n(&e->val, __ATOMIC_ACQUIRE);
	if (!val)
		return P2M_NONE;
	*mfn = val >> VAL_SHIFT;
	*writable = val & VAL_WRITABLE;
	host_jitter();
	host_run_hook(&host_on_lookup);
	return val & VAL_TYPE;
}

/**
 * radix_set_process_table() - record where a guest's process table is
 * @d: domain
 * @prtb: base | size, 0: none
 */
void radix_set_process_table(struct domain *d, u64 prtb)
{
	WRITE_ONCE(d->arch.prtb, prtb);
}
