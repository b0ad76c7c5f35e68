// SPDX-License-Identifier: GPL-2.0
/*
 * Implements core/arch_ops.h on the build machine, except the p2m (see p2m.c). Time
 * advances only when a test asks for it, console output goes to a buffer, and
 * each thread acts as the pCPU in its thread-local variable host_pcpu.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "arch/cpu.h"
#include "arch/internal.h"
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
bool host_no_random;
char host_console[1 << 16];
size_t host_console_len;
size_t host_console_room = ~0UL;
size_t host_console_longest;
u64 host_console_ns;
int (*host_build)(struct domain *d);
int (*host_build_step)(struct domain *d, struct domain_build **state);
void (*host_on_block)(void);
void (*host_on_load)(struct vcpu *v);
void (*host_on_leave)(void);
jmp_buf host_end_jmp;
bool host_end_armed;

static char typed[4096];
static size_t typed_at, typed_len;

static int host_domain_build(struct domain *d, struct domain_build **state)
{
	if (host_build_step)
		return host_build_step(d, state);
	return host_build ? host_build(d) : -ENOENT;
}

static const struct domain_builder host_builder = { .step = host_domain_build };

/**
 * host_init() - set up the simulated machine and initialise core/
 * @arena_bytes: size of the machine memory, which is mapped at HOST_ARENA
 *
 * Ends the program if the memory cannot be mapped.
 */
void host_init(size_t arena_bytes)
{
	void *p = mmap((void *)HOST_ARENA, arena_bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != (void *)HOST_ARENA) {
		perror("arena");
		exit(1);
	}
	/*
	 * Poison the memory, so that tests notice when the hypervisor hands out a page without
	 * clearing it.
	 */
	memset(p, 0xa5, arena_bytes);
	core_early_init();
	pages_add_range(HOST_ARENA, HOST_ARENA + arena_bytes);
	core_init();
	host_p2m_init();
	domain_set_builder(&host_builder);
}

/**
 * host_console_clear() - empty host_console[]
 */
void host_console_clear(void)
{
	host_console_len = 0;
	host_console[0] = '\0';
}

/**
 * host_type() - append characters to the console input, which arch_console_getc() returns
 * @s: string; characters that do not fit are dropped
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
 * host_advance_ns() - advance the simulated timebase
 * @ns: nanoseconds
 *
 * Timers that become due run in the next call of exit_work().
 */
void host_advance_ns(u64 ns)
{
	__atomic_add_fetch(&host_tb, ns * (tb_hz / 1000000) / 1000, __ATOMIC_RELAXED);
}

/**
 * arch_tb() - read the simulated timebase
 *
 * Return: ticks at tb_hz.
 */
u64 arch_tb(void)
{
	host_jitter();
	return __atomic_load_n(&host_tb, __ATOMIC_RELAXED);
}

/**
 * arch_set_timer() - record the deadline of the pCPU's timer in host_timers[]
 * @ticks: timebase ticks from now
 */
void arch_set_timer(u64 ticks)
{
	host_timer = arch_tb() + ticks;
}

/**
 * this_pcpu() - the pCPU that this thread simulates
 *
 * Return: pcpus[host_pcpu].
 */
struct pcpu *this_pcpu(void)
{
	return &pcpus[host_pcpu];
}

/**
 * arch_pcpu_kick() - count kicks
 * @p: the pCPU
 */
void arch_pcpu_kick(struct pcpu *p)
{
	__atomic_add_fetch(&p->arch.kicks, 1, __ATOMIC_SEQ_CST);
}

/**
 * host_next() - call exit_work() and do what the real exit path does with the result
 *
 * Marks the vcpu whose registers this pCPU holds as no longer resident if another
 * vcpu is picked, if the scheduler evicts it, or if it has stopped.
 *
 * Return: the vcpu that runs from now on, NULL if the pCPU is idle.
 */
struct vcpu *host_next(void)
{
	struct pcpu *p = this_pcpu();
	struct vcpu *v = exit_work(p), *old = p->arch.loaded;

	if (old && old != v && (v || p->evict || vcpu_stopped(old))) {
		p->arch.loaded = NULL;
		if (host_on_leave)
			host_on_leave();
		__atomic_store_n(&old->resident, false, __ATOMIC_RELEASE);
	}
	p->evict = false;
	if (v && v != p->arch.loaded && host_on_load)
		host_on_load(v);
	if (v) {
		p->arch.loaded = v;
		guest_load_lpcr(v);
	}
	return v;
}

/**
 * guest_load_lpcr() - give a vcpu the LPCR of its domain, like the function in arch/guest.c
 * @v: the vcpu whose registers this pCPU holds
 */
void guest_load_lpcr(struct vcpu *v)
{
	v->arch.lpcr = READ_ONCE(v->domain->arch.lpcr) | (v->arch.lpcr & LPCR_MER);
}

/**
 * arch_copy() - copy memory
 * @dst: destination
 * @src: source
 * @n: bytes
 *
 * The thread sanitizer does not check it: guests may ask for concurrent copies to
 * the same memory, and such a race is not the hypervisor's.
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
 * arch_vcpu_create() - initialise a vcpu with a decrementer that never expires
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
 * arch_vcpu_destroy() - unload a vcpu that this pCPU holds
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
 * arch_vcpu_set_context() - record a vcpu's initial PC and MSR
 * @v: the vcpu
 * @c: its initial state
 *
 * Return: 0, or -EINVAL if MSR[SF] is clear, like the real function.
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
 * arch_vcpu_dec_deadline() - the decrementer's expiry, which the test has set
 * @v: the vcpu
 *
 * Calls host_on_block, since the scheduler calls this function while it blocks a
 * vcpu.
 *
 * Return: absolute timebase.
 */
u64 arch_vcpu_dec_deadline(const struct vcpu *v)
{
	if (host_on_block)
		host_on_block();
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
 * arch_console_write() - append to host_console[]
 * @s: text
 * @n: bytes; what does not fit is dropped
 */
void arch_console_write(const char *s, size_t n)
{
	while (n-- && host_console_len + 1 < sizeof(host_console))
		host_console[host_console_len++] = *s++;
	host_console[host_console_len] = '\0';
}

/**
 * arch_console_room() - room in the simulated console, which the test has set
 *
 * Return: bytes.
 */
size_t arch_console_room(void)
{
	return host_console_room;
}

/**
 * arch_console_put() - append to host_console[] and take time
 * @s: text
 * @n: bytes
 *
 * Each byte takes host_console_ns of the simulated time.
 *
 * Return: bytes accepted.
 */
size_t arch_console_put(const char *s, size_t n)
{
	n = min(n, host_console_room);
	host_console_room -= n;
	host_console_longest = max(host_console_longest, n);
	arch_console_write(s, n);
	if (host_console_ns)
		host_advance_ns(n * host_console_ns);
	return n;
}

/**
 * arch_console_getc() - read the next character from host_type()
 *
 * Return: the character, -1 if there is none.
 */
int arch_console_getc(void)
{
	return typed_at < typed_len ? (u8)typed[typed_at++] : -1;
}

static __noreturn void host_finish(enum host_end how)
{
	if (!host_end_armed) {
		fprintf(stderr, "unexpected end of the machine: %d\n%s", how, host_console);
		abort();
	}
	host_end_armed = false;
	longjmp(host_end_jmp, how);
}

/**
 * arch_poweroff() - return HOST_POWEROFF from host_catch()
 */
void arch_poweroff(void)
{
	host_finish(HOST_POWEROFF);
}

/**
 * arch_reboot() - return HOST_REBOOT from host_catch()
 */
void arch_reboot(void)
{
	host_finish(HOST_REBOOT);
}

/**
 * arch_halt() - return HOST_HALT from host_catch()
 */
void arch_halt(void)
{
	host_finish(HOST_HALT);
}

/**
 * arch_random() - numbers from a fixed sequence
 * @out: where to store the number
 *
 * Return: false if a test has set host_no_random.
 */
bool arch_random(u64 *out)
{
	static u64 x = 0x9e3779b97f4a7c15UL;

	if (host_no_random)
		return false;
	*out = __atomic_add_fetch(&x, 0x9e3779b97f4a7c15UL, __ATOMIC_RELAXED) * 0xd1342543de82ef95UL;
	return true;
}

/**
 * arch_wallclock_ns() - the time of day, which the test has set
 *
 * Return: ns since 1970.
 */
u64 arch_wallclock_ns(void)
{
	return host_wallclock;
}
