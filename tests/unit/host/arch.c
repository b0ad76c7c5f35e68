// SPDX-License-Identifier: GPL-2.0
/*
 * core/arch_ops.h for the build machine, but for the p2m. Time stands still unless
 * a test moves it, and the console is a buffer that tests compare with. Several
 * threads may each play a pCPU: what is theirs is thread-local.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "core/arch_ops.h"
#include "core/domain/reap.h"
#include "core/exit_work.h"
#include "core/init.h"
#include "core/mm/memory.h"
#include "host/host.h"
#include "lib/errno.h"

u64 tb_hz = HOST_TB_HZ;
__thread unsigned int host_pcpu;
u64 host_tb = 1000000;
u64 host_timers[MAX_PCPUS] = { [0 ... MAX_PCPUS - 1] = ~0UL };
u64 host_wallclock;
char host_console[1 << 16];
size_t host_console_len;
int (*host_build)(struct domain *d);
void (*host_on_look)(void);
jmp_buf host_end_jmp;
bool host_end_armed;

static char typed[4096];
static size_t typed_at, typed_len;

static int host_domain_build(struct domain *d)
{
	return host_build ? host_build(d) : -ENOENT;
}

static const struct domain_builder host_builder = { .build = host_domain_build };

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
	core_early_init();
	pages_add_range(HOST_ARENA, HOST_ARENA + arena_bytes);
	core_init();
	domain_set_builder(&host_builder);
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
 * @ns: how much; timers run only when exit_work() is called
 */
void host_advance_ns(u64 ns)
{
	__atomic_add_fetch(&host_tb, ns * (tb_hz / 1000000) / 1000, __ATOMIC_RELAXED);
}

/**
 * arch_tb() - the simulated clock
 *
 * Return: ticks of tb_hz.
 */
u64 arch_tb(void)
{
	host_jitter();
	return __atomic_load_n(&host_tb, __ATOMIC_RELAXED);
}

/**
 * arch_set_timer() - remember what the hardware was told
 * @ticks: from now
 */
void arch_set_timer(u64 ticks)
{
	host_timer = arch_tb() + ticks;
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
	__atomic_add_fetch(&p->arch.kicks, 1, __ATOMIC_SEQ_CST);
}

/**
 * host_next() - what the exit path of the real machine does with exit_work()
 *
 * The registers of the vcpu that ran here last leave the processor when another
 * comes, when it has to go elsewhere, or when it will not run again.
 *
 * Return: the vcpu that runs, NULL: none.
 */
struct vcpu *host_next(void)
{
	struct pcpu *p = this_pcpu();
	struct vcpu *v = exit_work(p), *old = p->arch.loaded;

	if (old && old != v && (v || p->evict || vcpu_stopped(old))) {
		p->arch.loaded = NULL;
		__atomic_store_n(&old->resident, false, __ATOMIC_RELEASE);
	}
	p->evict = false;
	if (v)
		p->arch.loaded = v;
	return v;
}

/**
 * arch_copy() - copy
 * @dst: to
 * @src: from
 * @n: bytes
 *
 * Guests may copy to one place at the same time: that race is theirs.
 */
__attribute__((no_sanitize("thread")))
void arch_copy(void *dst, const void *src, size_t n)
{
	const u8 *from = src;
	u8 *to = dst;

	while (n--)
		*to++ = *from++;
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
 * arch_vcpu_destroy() - its registers are in no processor any more
 * @v: a vcpu that will not run again
 */
void arch_vcpu_destroy(struct vcpu *v)
{
	struct pcpu *p = this_pcpu();

	if (p->arch.loaded != v)
		return;
	p->arch.loaded = NULL;
	__atomic_store_n(&v->resident, false, __ATOMIC_RELEASE);
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
	if (!(c->msr & 1UL << 63))
		return -EINVAL;
	arch_vcpu_create(v);
	v->arch.pc = c->pc;
	v->arch.msr = c->msr;
	return 0;
}

/**
 * arch_vcpu_kick() - count kicks
 * @v: the vcpu
 */
void arch_vcpu_kick(struct vcpu *v)
{
	host_jitter();
	__atomic_add_fetch(&v->arch.kicks, 1, __ATOMIC_SEQ_CST);
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
	__atomic_add_fetch(&((struct vcpu *)v)->arch.dumps, 1, __ATOMIC_RELAXED);
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
