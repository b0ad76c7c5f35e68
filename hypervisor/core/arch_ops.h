/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one door from core/ to the processor and the platform.
 *
 * arch/ and boot/ implement these on the real machine, host/ on the build
 * machine for the unit tests and the fuzzers. arch_vcpu.h, found through the
 * include path, gives struct arch_vcpu, struct arch_domain and
 * arch_ma_to_ptr() for whichever of the two is being built.
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

/* What a guest frame is; the second-stage translation remembers it. */
enum p2m_type {
	P2M_NONE,		/* nothing there */
	P2M_RAM,		/* the domain's own memory */
	P2M_SHARED,		/* the hypervisor's: shared_info, grant table, devices */
	P2M_GRANT,		/* mapped by grant: only gnttab_map.c takes it out */
	P2M_FOREIGN,		/* another domain's, held by a page reference: foreign.c */
};

/*
 * Guest physical memory (second-stage translation). Frames are 4 KiB.
 * p2m_map() maps 2^@order frames; it uses large leaves where @gfn, @mfn and
 * the order allow. It and p2m_unmap() flush what they replace before they
 * return. p2m_insert() maps one frame where nothing is, which is certain to be
 * seen from p2m_sync() on, and p2m_clear() takes one out whose translations
 * p2m_flush() ends. Callers hold d->page_lock.
 */
int p2m_init(struct domain *d);
void p2m_destroy(struct domain *d);
int p2m_map(struct domain *d, u64 gfn, u64 mfn, unsigned int order, enum p2m_type type,
	    bool writable);
int p2m_insert(struct domain *d, u64 gfn, u64 mfn, enum p2m_type type, bool writable);
void p2m_sync(void);
int p2m_unmap(struct domain *d, u64 gfn);
int p2m_clear(struct domain *d, u64 gfn);
void p2m_flush(struct domain *d);
/* No lock needed: entries are read once, whole. */
enum p2m_type p2m_lookup(const struct domain *d, u64 gfn, u64 *mfn, bool *writable);

/* memcpy() for parts of pages, by the widest registers there are. */
void arch_copy(void *dst, const void *src, size_t n);

/* Vcpus. */
int arch_vcpu_create(struct vcpu *v);
void arch_vcpu_destroy(struct vcpu *v);
/*
 * Start state of a secondary; MSR is sanitised (HV, PR, IR, DR, EE cleared).
 * -EINVAL for a context that can't be entered.
 */
int arch_vcpu_set_context(struct vcpu *v, const struct vcpu_guest_context *c);
/*
 * The pCPU that runs this; and a way to make another come through its exit path
 * (pcpu.work, events of its vcpu) or wake up from its sleep. What the other is
 * to see is stored before; a full barrier is in here.
 */
struct pcpu *this_pcpu(void);
void arch_pcpu_kick(struct pcpu *p);
/* @v has a new event or state: if it is current on another pCPU, kick that. */
void arch_vcpu_kick(struct vcpu *v);
/* Absolute timebase at which @v's decrementer expires; @v is not running. ~0: never. */
u64 arch_vcpu_dec_deadline(const struct vcpu *v);
/* Print @v's registers. */
void arch_vcpu_dump(const struct vcpu *v);

/* Platform. */
void arch_console_write(const char *s, size_t n);
int arch_console_getc(void);		/* -1: nothing there */
void __noreturn arch_poweroff(void);
void __noreturn arch_reboot(void);
u64 arch_wallclock_ns(void);		/* ns since 1970 now, 0 if unknown */
void __noreturn arch_halt(void);

#endif
