/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations of the processor and the platform on which core/ depends.
 *
 * arch/ implements them on the real machine, tests/unit/host/ on the build machine for the unit
 * tests and the fuzzers. Each of the two has an arch_vcpu.h of its own, which the include path
 * selects: struct arch_vcpu, struct arch_domain, struct arch_pcpu, arch_ma_to_ptr() and
 * arch_ptr_to_ma().
 */
#ifndef HV_CORE_ARCH_OPS_H
#define HV_CORE_ARCH_OPS_H

#include "lib/types.h"

struct domain;
struct vcpu;
struct pcpu;
struct vcpu_guest_context;

/* Time: the timebase in ticks, its frequency in Hz. */
u64 arch_tb(void);
extern u64 tb_hz;
/* Ask for a hypervisor timer exit in @ticks, from 1 to TIMER_REACH. */
#define TIMER_REACH	0x7fffffffUL
void arch_set_timer(u64 ticks);

/* What is mapped at a guest frame; stored in its p2m entry. */
enum p2m_type {
	P2M_NONE,		/* nothing there */
	P2M_RAM,		/* the domain's own memory */
	P2M_SHARED,		/* the hypervisor's: shared_info, grant table, devices */
	P2M_GRANT,		/* mapped by grant: memory_op cannot remove or replace it */
	P2M_FOREIGN,		/* another domain's frame, with a reference (memory_foreign.c) */
};

/*
 * The p2m: a domain's guest physical memory, in frames of 4 KiB. Callers of p2m_map(),
 * p2m_insert(), p2m_unmap(), p2m_clear() and p2m_flush() hold d->page_lock.
 *
 * p2m_map() maps 2^@order frames, by large leaves where @gfn, @mfn and the order allow. Before
 * p2m_map() and p2m_unmap() return they flush the translations of what they replaced or removed.
 *
 * p2m_insert() maps one frame where nothing is mapped; after p2m_sync() the guest is sure to see
 * it. p2m_clear() unmaps one frame; processors may use its old translation until p2m_flush().
 */
int p2m_init(struct domain *d);
bool p2m_destroy(struct domain *d);
int p2m_map(struct domain *d, u64 gfn, u64 mfn, unsigned int order, enum p2m_type type,
	    bool writable);
int p2m_insert(struct domain *d, u64 gfn, u64 mfn, enum p2m_type type, bool writable);
void p2m_sync(void);
int p2m_unmap(struct domain *d, u64 gfn);
int p2m_clear(struct domain *d, u64 gfn);
void p2m_flush(struct domain *d);
/* Takes no lock: each entry is read once, as a whole. */
enum p2m_type p2m_lookup(const struct domain *d, u64 gfn, u64 *mfn, bool *writable);

/* memcpy() for parts of pages, by the widest registers there are. */
void arch_copy(void *dst, const void *src, size_t n);

/* Vcpus. */
int arch_vcpu_create(struct vcpu *v);
void arch_vcpu_destroy(struct vcpu *v);
/*
 * Sets the registers with which a secondary vcpu starts. Of the MSR in @c only SF and LE count.
 * Return: 0, or -EINVAL for a context that cannot be entered.
 */
int arch_vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c);
/* The pCPU that executes the caller. */
struct pcpu *this_pcpu(void);
/*
 * Makes another pCPU leave its guest, or wake from `stop`, and come through its exit path, which
 * checks pcpu.work and the events of its vcpu. Includes a full barrier: the exit path sees
 * whatever the caller stored before.
 */
void arch_pcpu_kick(struct pcpu *p);
/* @v has a new event: kicks the pCPU on which @v is current, unless that is this pCPU. */
void arch_vcpu_kick(struct vcpu *v);
/* Absolute timebase at which @v's decrementer expires; @v is not running. ~0: never. */
u64 arch_vcpu_dec_deadline(const struct vcpu *v);
/* Print @v's registers. */
void arch_vcpu_dump(const struct vcpu *v);

/* Platform. */
void arch_console_write(const char *s, size_t n);		/* waits for room, with a bound */
size_t arch_console_room(void);		/* bytes that arch_console_put() accepts now */
size_t arch_console_put(const char *s, size_t n);	/* does not wait; returns bytes accepted */
int arch_console_getc(void);		/* -1: nothing there */
void __noreturn arch_poweroff(void);
void __noreturn arch_reboot(void);
u64 arch_wallclock_ns(void);		/* ns since 1970 now, 0 if unknown */
void __noreturn arch_halt(void);
bool arch_random(u64 *out);		/* 64 random bits; false: none to be had */

#endif
