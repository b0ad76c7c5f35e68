// SPDX-License-Identifier: GPL-2.0
/*
 * A model of a weakly ordered machine, for the code that works without a common lock.
 *
 * The hypervisor is compiled for the thread sanitizer, and this file is linked in place
 * of the sanitizer's library. The compiler announces each access to memory, and calls
 * functions here for atomic operations and fences. Two sides of a pair run as
 * coroutines on two pCPUs; at each access to a watched location, and at each fence, a
 * random number decides whether the other one continues.
 *
 * A watched location has a history of values, in the order in which they become visible.
 * Each side has a view: for each location, the oldest value that it may still read. The
 * model stores the value chosen for a read in memory just before the access. It takes
 * the value of a store from there afterwards.
 *
 *   plain access, READ_ONCE, WRITE_ONCE   order nothing but the location itself
 *   smp_wmb, smp_rmb (lwsync)    stores after it carry the view before it, and the view
 *                                takes what the values read before it carry
 *   smp_mb (sync)                the same, and all views at a sync are ordered
 *   release, acquire             carry the view with one store; take it with one load
 *   atomic operation             reads the newest value; sync before and acquire after
 *                                it if it is sequentially consistent
 *   address dependency           a load from the page to which a pointer that this side
 *                                has read points takes what the pointer carries
 *
 * So stores, loads, and a store and a later load of different locations are reordered.
 * Coherence for each location, cumulativity and causality are kept.
 *
 * What POWER allows and this does not: a load that is performed after a later store, and
 * stores of both sides to two locations in opposite order. A store becomes the newest
 * value at once. Locations that are not watched, such as locks, behave as in program
 * order; an acquire there takes the views of the releases before.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include "host/smp.h"
#include "order.h"

#define LOCATIONS	16
#define VALUES		64
#define LOCKS		64
#define SITES		256
#define DEPS		8
#define STEPS		100000	/* of both sides; more is a hang */
#define STACK		(256 << 10)

struct view {
	unsigned char oldest[LOCATIONS];
};

static struct location {
	char *at;
	size_t size;
	unsigned int nr;
	struct {
		uint64_t value;
		struct view carries;
	} history[VALUES];
} loc[LOCATIONS];

static struct side {
	ucontext_t context;
	void (*fn)(void);
	bool done;
	struct location *stores;	/* announced, not yet taken from memory */
	struct view view, taken, carried;
	struct {
		uint64_t pointer;
		struct view carries;
	} dep[DEPS];
	unsigned int nr_deps;
	char stack[STACK] __attribute__((aligned(16)));
} side[2];

static struct {
	const void *at;
	struct view carries;
} lock[LOCKS];

static struct {
	const void *at;
	enum order_kind kind;
} site[SITES];

static unsigned int nr_locs, nr_sites, steps;
static unsigned int run_length;	/* mean number of steps before the other side continues */
static const void *disabled;
static struct side *self;	/* NULL: no side runs */
static struct view at_sync;
static ucontext_t main_context;
static uint64_t rng;

static unsigned int order_random(unsigned int n)
{
	rng = rng * 6364136223846793005ULL + 1442695040888963407ULL;
	return (rng >> 33) % n;
}

static void join(struct view *to, const struct view *from)
{
	for (unsigned int i = 0; i < nr_locs; i++)
		if (to->oldest[i] < from->oldest[i])
			to->oldest[i] = from->oldest[i];
}

static struct location *find(const volatile void *at, size_t size)
{
	if (!self)
		return NULL;
	for (struct location *l = loc; l < loc + nr_locs; l++)
		if ((char *)at < l->at + l->size && (char *)at + size > l->at) {
			if ((char *)at < l->at || (char *)at + size > l->at + l->size)
				abort();
			return l;
		}
	return NULL;
}

/* Is this acquire, release or fence in force? Notes its place in the code. */
static bool ordered(const void *at, enum order_kind kind)
{
	unsigned int i;

	for (i = 0; i < nr_sites && site[i].at != at; i++)
		;
	if (i == nr_sites && nr_sites < SITES) {
		site[i].at = at;
		site[i].kind = kind;
		nr_sites++;
	}
	return at != disabled;
}

/* Append a value to the history of a location. @carries: what it carries, or NULL. */
static void append(struct location *l, uint64_t value, const struct view *carries)
{
	unsigned int n = l->nr++;

	if (n >= VALUES)
		abort();
	l->history[n].value = value;
	l->history[n].carries = self->carried;
	if (carries)
		join(&l->history[n].carries, carries);
	l->history[n].carries.oldest[l - loc] = n;
	self->view.oldest[l - loc] = n;
}

/* The store that was announced last has been executed. */
static void take_store(void)
{
	struct location *l = self->stores;
	uint64_t value = 0;

	if (!l)
		return;
	self->stores = NULL;
	memcpy(&value, l->at, l->size);
	append(l, value, NULL);
}

static void switch_side(void)
{
	struct side *from = self, *to = &side[self == side];

	if (to->done)
		return;
	self = to;
	host_pcpu = to - side;
	swapcontext(&from->context, &to->context);
}

/* A place at which the other side may continue. */
static void point(void)
{
	take_store();
	if (++steps > STEPS) {
		printf("Bail out! the two sides hang\n");
		exit(1);
	}
	if (!order_random(run_length))
		switch_side();
}

static void fence(bool sync)
{
	join(&self->view, &self->taken);
	if (sync) {
		join(&self->view, &at_sync);
		at_sync = self->view;
	}
	self->carried = self->view;
}

static void put(struct location *l, uint64_t value)
{
	memcpy(l->at, &value, l->size);
}

static unsigned int oldest(const struct location *l)
{
	unsigned int i = l - loc, first = self->view.oldest[i];

	for (unsigned int n = 0; n < self->nr_deps && n < DEPS; n++)
		if ((uintptr_t)l->at - self->dep[n].pointer < 4096 && first < self->dep[n].carries.oldest[i])
			first = self->dep[n].carries.oldest[i];
	return first;
}

/* Read value @n of a location: what this side takes with it. */
static void read_value(struct location *l, unsigned int n, bool acquire)
{
	const struct view *carries = &l->history[n].carries;

	self->view.oldest[l - loc] = n;
	join(&self->taken, carries);
	if (acquire)
		join(&self->view, carries);
	if (l->size == 8 && l->history[n].value) {
		self->dep[self->nr_deps % DEPS].pointer = l->history[n].value;
		self->dep[self->nr_deps++ % DEPS].carries = *carries;
	}
	put(l, l->history[n].value);
}

static void read_any(struct location *l, bool acquire)
{
	unsigned int first = oldest(l);

	/* The newest value half of the time. */
	read_value(l, order_random(2) ? l->nr - 1 : first + order_random(l->nr - first), acquire);
}

static void announce_read(const volatile void *at, size_t size)
{
	struct location *l = find(at, size);

	if (l) {
		point();
		read_any(l, false);
	}
}

static void announce_write(const volatile void *at, size_t size)
{
	struct location *l = find(at, size);

	if (!l)
		return;
	point();
	put(l, l->history[l->nr - 1].value);
	self->stores = l;
}

/* An atomic operation on a location that is not watched, such as a lock. */
static void lock_view(const volatile void *at, bool acquire, bool release)
{
	unsigned int i;

	for (i = 0; i < LOCKS - 1 && lock[i].at && lock[i].at != (void *)at; i++)
		;
	lock[i].at = (void *)at;
	if (acquire)
		join(&self->view, &lock[i].carries);
	if (release)
		join(&lock[i].carries, &self->view);
}

static bool acquires(int mo)
{
	return mo != __ATOMIC_RELAXED && mo != __ATOMIC_RELEASE;
}

static bool releases(int mo)
{
	return mo == __ATOMIC_RELEASE || mo == __ATOMIC_ACQ_REL || mo == __ATOMIC_SEQ_CST;
}

enum access { LOAD, STORE, MODIFY };

/*
 * Before an atomic operation: chooses the value that it reads. After it, atomic_end() takes
 * the value that it has stored.
 */
static struct location *atomic_begin(const volatile void *at, size_t size, int *mo, enum access access,
				     const void *from)
{
	static const enum order_kind kinds[] = { ORDER_ACQUIRE, ORDER_RELEASE, ORDER_ATOMIC };
	struct location *l = find(at, size);

	if (!self)
		return NULL;
	point();
	if (!l) {
		lock_view(at, acquires(*mo), releases(*mo));
		return NULL;
	}
	if (*mo != __ATOMIC_RELAXED && !ordered(from, kinds[access]))
		*mo = __ATOMIC_RELAXED;
	if (*mo == __ATOMIC_SEQ_CST)
		fence(true);
	if (access == LOAD)
		read_any(l, acquires(*mo));
	else if (access == MODIFY)
		read_value(l, l->nr - 1, acquires(*mo));
	else
		put(l, l->history[l->nr - 1].value);
	return l;
}

static void atomic_end(struct location *l, int mo, enum access access)
{
	struct view carries = { 0 };
	uint64_t value = 0;

	if (!l || access == LOAD)
		return;
	if (access == MODIFY)
		carries = l->history[l->nr - 1].carries;
	if (releases(mo))
		join(&carries, &self->view);
	memcpy(&value, l->at, l->size);
	append(l, value, &carries);
}

#define FROM	__builtin_return_address(0)

/* The functions that the compiler calls. There is no header for them. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

void __tsan_init(void) { }
void __tsan_func_entry(void *pc) { }
void __tsan_func_exit(void) { }
void __tsan_read_range(void *p, size_t n) { }
void __tsan_write_range(void *p, size_t n) { }

void __tsan_atomic_thread_fence(int mo)
{
	bool sync = mo == __ATOMIC_SEQ_CST;

	if (!self)
		return;
	point();
	if (ordered(FROM, sync ? ORDER_SYNC : ORDER_LWSYNC))
		fence(sync);
}

#define PLAIN(n)								\
	void __tsan_read##n(void *p) { announce_read(p, n); }			\
	void __tsan_write##n(void *p) { announce_write(p, n); }			\
	void __tsan_volatile_read##n(void *p) { announce_read(p, n); }		\
	void __tsan_volatile_write##n(void *p) { announce_write(p, n); }

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

#define MODIFY_OP(bits, name, builtin)							\
	uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *p, uint##bits##_t v, int mo)	\
	{									\
		struct location *l = atomic_begin(p, sizeof(*p), &mo, MODIFY, FROM);	\
		uint##bits##_t r = builtin(p, v, __ATOMIC_SEQ_CST);			\
										\
		atomic_end(l, mo, MODIFY);					\
		return r;							\
	}

#define ATOMIC(bits)								\
	MODIFY_OP(bits, exchange, __atomic_exchange_n)				\
	MODIFY_OP(bits, fetch_add, __atomic_fetch_add)				\
	MODIFY_OP(bits, fetch_sub, __atomic_fetch_sub)				\
	MODIFY_OP(bits, fetch_or, __atomic_fetch_or)				\
	MODIFY_OP(bits, fetch_and, __atomic_fetch_and)				\
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *p, int mo)	\
	{									\
		atomic_begin(p, sizeof(*p), &mo, LOAD, FROM);			\
		return *p;							\
	}									\
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *p, uint##bits##_t v, int mo)	\
	{									\
		struct location *l = atomic_begin(p, sizeof(*p), &mo, STORE, FROM);	\
										\
		*p = v;								\
		atomic_end(l, mo, STORE);					\
	}									\
	int __tsan_atomic##bits##_compare_exchange_strong(volatile uint##bits##_t *p, uint##bits##_t *old,	\
							  uint##bits##_t v, int mo, int fail)	\
	{									\
		struct location *l = atomic_begin(p, sizeof(*p), &mo, MODIFY, FROM);	\
										\
		if (*p != *old) {						\
			*old = *p;						\
			return 0;						\
		}								\
		*p = v;								\
		atomic_end(l, mo, MODIFY);					\
		return 1;							\
	}

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

/* In place of host/smp.c: there are coroutines instead of threads. */
void cpu_relax(void)
{
	if (!self)
		abort();
	point();
	switch_side();
}

void host_jitter(void) { }

void host_threads(unsigned int n, void (*fn)(void))
{
	abort();
}

static void side_main(void)
{
	self->fn();
	take_store();
	self->done = true;
	switch_side();
	/* Both have ended. */
	setcontext(&main_context);
}

/**
 * order_watch() - add a location to the model, for the next order_run()
 * @at: its address
 * @size: bytes, at most 8; all accesses must be within it
 *
 * Its value is what memory holds now. Both sides know it.
 */
void order_watch(const volatile void *at, size_t size)
{
	struct location *l = &loc[nr_locs++];

	if (nr_locs > LOCATIONS || size > sizeof(l->history[0].value))
		abort();
	memset(l, 0, sizeof(*l));
	l->at = (char *)at;
	l->size = size;
	l->nr = 1;
	memcpy(&l->history[0].value, l->at, size);
}

/**
 * order_run() - run both sides of a pair once
 * @seed: of the interleaving and of the values that are read
 * @side0: what pCPU 0 does
 * @side1: what pCPU 1 does
 *
 * Afterwards memory holds the newest value of each location, and none is watched.
 */
void order_run(unsigned int seed, void (*side0)(void), void (*side1)(void))
{
	rng = seed * 0x9e3779b97f4a7c15ULL;
	steps = 0;
	run_length = 2U << order_random(4);
	memset(&at_sync, 0, sizeof(at_sync));
	memset(lock, 0, sizeof(lock));
	for (int i = 0; i < 2; i++) {
		struct side *s = &side[i];

		memset(s, 0, offsetof(struct side, stack));
		s->fn = i ? side1 : side0;
		getcontext(&s->context);
		s->context.uc_stack.ss_sp = s->stack;
		s->context.uc_stack.ss_size = STACK;
		makecontext(&s->context, side_main, 0);
	}
	self = &side[order_random(2)];
	host_pcpu = self - side;
	swapcontext(&main_context, &self->context);
	self = NULL;
	host_pcpu = 0;
	for (struct location *l = loc; l < loc + nr_locs; l++)
		put(l, l->history[l->nr - 1].value);
	nr_locs = 0;
}

/**
 * order_disable() - leave out one barrier from now on
 * @at: where it is, from order_site(); NULL: none
 *
 * A fence has no effect, an acquire, release or atomic operation becomes a relaxed one.
 */
void order_disable(const void *at)
{
	disabled = at;
}

/**
 * order_site() - where there are barriers that have been executed
 * @i: number
 * @kind: set to the kind of barrier
 *
 * Return: the address after the barrier, or NULL if there are no more than @i of them.
 */
const void *order_site(unsigned int i, enum order_kind *kind)
{
	if (i >= nr_sites)
		return NULL;
	*kind = site[i].kind;
	return site[i].at;
}

/** order_forget() - forget the barriers that have been executed */
void order_forget(void)
{
	nr_sites = 0;
}
