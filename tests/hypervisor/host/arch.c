// SPDX-License-Identifier: GPL-2.0
/*
 * core/arch.h for the build machine. The p2m is a hash table of 4 KiB
 * entries, time stands still unless a test moves it, and the console is a
 * buffer that tests compare with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "core/arch.h"
#include "core/foreign.h"
#include "core/memory.h"
#include "host/host.h"
#include "lib/errno.h"

u64 tb_hz = HOST_TB_HZ;
unsigned int host_pcpu;
u64 host_tb = 1000000;
u64 host_timer = ~0UL;
u64 host_wallclock;
char host_console[1 << 16];
size_t host_console_len;
int (*host_build)(struct domain *d);
void (*host_on_look)(void);
bool host_no_large;
bool host_fail_insert;
unsigned long host_flushes;
jmp_buf host_end_jmp;
bool host_end_armed;

static char typed[4096];
static size_t typed_at, typed_len;

/**
 * host_init() - map the arena and start core/
 * @arena_bytes: machine memory
 */
void host_init(size_t arena_bytes)
{
	void *p = mmap((void *)HOST_ARENA, arena_bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != (void *)HOST_ARENA) {
		perror("arena");
		exit(1);
	}
	/* Memory that was not cleared must show. */
	memset(p, 0xa5, arena_bytes);
	pages_add_range(HOST_ARENA, HOST_ARENA + arena_bytes);
	core_init();
}

/**
 * host_console_clear() - forget what was written
 */
void host_console_clear(void)
{
	host_console_len = 0;
	host_console[0] = '\0';
}

/**
 * host_type() - put characters on the console's input
 * @s: what is typed
 */
void host_type(const char *s)
{
	if (typed_at == typed_len) {
		typed_at = 0;
		typed_len = 0;
	}
	while (*s && typed_len < sizeof(typed))
		typed[typed_len++] = *s++;
}

/**
 * host_advance_ns() - let time pass
 * @ns: how much; timers run only when sched_next() is called
 */
void host_advance_ns(u64 ns)
{
	host_tb += ns * (tb_hz / 1000000) / 1000;
}

/**
 * arch_tb() - the simulated clock
 *
 * Return: ticks of tb_hz.
 */
u64 arch_tb(void)
{
	return host_tb;
}

/**
 * arch_set_timer() - remember what the hardware was told
 * @tb: absolute timebase
 */
void arch_set_timer(u64 tb)
{
	host_timer = tb;
}

/**
 * this_pcpu() - the pCPU that a test plays
 *
 * Return: pcpus[host_pcpu].
 */
struct pcpu *this_pcpu(void)
{
	return &pcpus[host_pcpu];
}

/**
 * arch_pcpu_kick() - count it
 * @p: whom
 */
void arch_pcpu_kick(struct pcpu *p)
{
	p->arch.kicks++;
}

static struct host_p2m_entry *slot(const struct domain *d, u64 gfn)
{
	size_t i = (gfn * 0x9e3779b97f4a7c15UL) >> 20;
	struct host_p2m_entry *e;

	for (;; i++) {
		e = &d->arch.p2m[i & (d->arch.p2m_size - 1)];
		if (!e->used || e->gfn == gfn)
			return e;
	}
}

static void grow(struct domain *d)
{
	struct host_p2m_entry *old = d->arch.p2m;
	size_t n = d->arch.p2m_size;

	d->arch.p2m_size = n ? 2 * n : 256;
	d->arch.p2m = calloc(d->arch.p2m_size, sizeof(*old));
	d->arch.p2m_used = 0;
	for (size_t i = 0; i < n; i++) {
		if (!old[i].used || old[i].mfn == MFN_NONE)
			continue;
		*slot(d, old[i].gfn) = old[i];
		d->arch.p2m_used++;
	}
	free(old);
}

/**
 * p2m_init() - an empty p2m
 * @d: new domain
 *
 * Return: 0.
 */
int p2m_init(struct domain *d)
{
	grow(d);
	return 0;
}

/**
 * p2m_destroy() - free a p2m
 * @d: dead domain
 */
void p2m_destroy(struct domain *d)
{
	for (size_t i = 0; d->arch.p2m && i < d->arch.p2m_size; i++)
		if (d->arch.p2m[i].used && d->arch.p2m[i].mfn != MFN_NONE &&
		    d->arch.p2m[i].type == P2M_FOREIGN)
			foreign_drop(d, d->arch.p2m[i].mfn);
	free(d->arch.p2m);
	d->arch.p2m = NULL;
}

/**
 * p2m_map() - map frames one by one
 * @d: domain
 * @gfn: first guest frame
 * @mfn: first machine frame
 * @order: 2^@order frames
 * @type: what they are
 * @writable: may the guest write them?
 *
 * Return: 0, or -EEXIST for a large block while host_no_large is set.
 */
int p2m_map(struct domain *d, u64 gfn, u64 mfn, unsigned int order, enum p2m_type type,
	    bool writable)
{
	struct host_p2m_entry *e;

	if (host_no_large && order >= 9)
		return -EEXIST;
	for (u64 i = 0; i < 1UL << order; i++) {
		if (2 * d->arch.p2m_used >= d->arch.p2m_size)
			grow(d);
		e = slot(d, gfn + i);
		if (!e->used)
			d->arch.p2m_used++;
		e->used = true;
		e->gfn = gfn + i;
		e->mfn = mfn + i;
		e->type = type;
		e->writable = writable;
	}
	return 0;
}

/**
 * p2m_insert() - map a frame where nothing is
 * @d: domain
 * @gfn: guest frame
 * @mfn: machine frame
 * @type: what it is
 * @writable: may the guest write it?
 *
 * Return: 0, -EEXIST, or -ENOMEM once after host_fail_insert.
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
 * p2m_sync() - nothing has to be waited for
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
 * p2m_clear() - unmap a frame, to be flushed
 * @d: domain
 * @gfn: guest frame
 *
 * Return: 0.
 */
int p2m_clear(struct domain *d, u64 gfn)
{
	struct host_p2m_entry *e = slot(d, gfn);

	/* The slot stays used, so that probing goes on behind it. */
	if (e->used)
		e->mfn = MFN_NONE;
	d->arch.stale = true;
	return 0;
}

/**
 * p2m_flush() - count flushes
 * @d: domain
 */
void p2m_flush(struct domain *d)
{
	d->arch.stale = false;
	host_flushes++;
}

/**
 * p2m_lookup() - what a guest frame is
 * @d: domain
 * @gfn: guest frame
 * @mfn: out: machine frame
 * @writable: out: may the guest write it?
 *
 * Return: what is there, P2M_NONE if nothing is.
 */
enum p2m_type p2m_lookup(const struct domain *d, u64 gfn, u64 *mfn, bool *writable)
{
	const struct host_p2m_entry *e;

	if (!d->arch.p2m)
		return P2M_NONE;
	e = slot(d, gfn);
	if (!e->used || e->mfn == MFN_NONE)
		return P2M_NONE;
	*mfn = e->mfn;
	*writable = e->writable;
	return e->type;
}

/**
 * arch_copy() - copy
 * @dst: to
 * @src: from
 * @n: bytes
 */
void arch_copy(void *dst, const void *src, size_t n)
{
	memcpy(dst, src, n);
}

/**
 * arch_vcpu_create() - a vcpu whose decrementer is far away
 * @v: new vcpu
 *
 * Return: 0.
 */
int arch_vcpu_create(struct vcpu *v)
{
	v->arch.dec_tb = ~0UL >> 1;
	return 0;
}

/**
 * arch_vcpu_destroy() - nothing to forget
 * @v: the vcpu
 */
void arch_vcpu_destroy(struct vcpu *v)
{
	(void)v;
}

/**
 * arch_vcpu_set_context() - take what the tests look at
 * @v: the vcpu
 * @c: its start state
 *
 * Return: 0, or -EINVAL for a 32-bit start, as the real one.
 */
int arch_vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
	if (!(c->user_regs.msr & 1UL << 63))
		return -EINVAL;
	v->arch.pc = c->user_regs.pc;
	v->arch.msr = c->user_regs.msr;
	return 0;
}

/**
 * arch_vcpu_kick() - count kicks
 * @v: the vcpu
 */
void arch_vcpu_kick(struct vcpu *v)
{
	v->arch.kicks++;
}

/**
 * arch_vcpu_dec_deadline() - what the test has set
 * @v: the vcpu
 *
 * Return: absolute timebase.
 */
u64 arch_vcpu_dec_deadline(const struct vcpu *v)
{
	if (host_on_look)
		host_on_look();
	return v->arch.dec_tb;
}

/**
 * arch_vcpu_dump() - count dumps
 * @v: the vcpu
 */
void arch_vcpu_dump(const struct vcpu *v)
{
	((struct vcpu *)v)->arch.dumps++;
}

/**
 * arch_console_write() - append to host_console
 * @s: text
 * @n: bytes
 */
void arch_console_write(const char *s, size_t n)
{
	while (n-- && host_console_len + 1 < sizeof(host_console))
		host_console[host_console_len++] = *s++;
	host_console[host_console_len] = '\0';
}

/**
 * arch_console_getc() - next of what host_type() typed
 *
 * Return: the byte, -1 if there is none.
 */
int arch_console_getc(void)
{
	return typed_at < typed_len ? (u8)typed[typed_at++] : -1;
}

static __noreturn void end(enum host_end how)
{
	if (!host_end_armed) {
		fprintf(stderr, "nobody expects this: %d\n%s", how, host_console);
		abort();
	}
	host_end_armed = false;
	longjmp(host_end_jmp, how);
}

/**
 * arch_poweroff() - end with HOST_POWEROFF
 */
void arch_poweroff(void)
{
	end(HOST_POWEROFF);
}

/**
 * arch_reboot() - end with HOST_REBOOT
 */
void arch_reboot(void)
{
	end(HOST_REBOOT);
}

/**
 * arch_halt() - end with HOST_HALT
 */
void arch_halt(void)
{
	end(HOST_HALT);
}

/**
 * arch_wallclock_ns() - what the test has set
 *
 * Return: ns since 1970.
 */
u64 arch_wallclock_ns(void)
{
	return host_wallclock;
}

/**
 * domain_build() - what the test wants
 * @d: new domain
 *
 * Return: of host_build, -ENOENT without one.
 */
int domain_build(struct domain *d)
{
	return host_build ? host_build(d) : -ENOENT;
}
