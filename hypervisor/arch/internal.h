/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of arch/ call of each other and what boot/ calls of them,
 * grouped by the file that defines it. core/ sees core/arch_ops.h alone.
 */
#ifndef HV_ARCH_INTERNAL_H
#define HV_ARCH_INTERNAL_H

#include "core/domain/domain.h"
#include "lib/bitops.h"

/* entry.S */
void __noreturn enter_guest(struct vcpu *v);
void __noreturn exit_again(void);
void cpu_stop(void);
u64 probe_enter(struct vcpu *v);
void __noreturn probe_leave(u64 vec);

/* copy_blocks.S */
void copy_blocks(void *dst, const void *src, size_t n);

/* head.S */
extern char exit_stack_top[];
extern char secondary_start[];

/* guest.c */
void guest_interrupt(struct vcpu *v, u64 vec, u64 cause);
void guest_load_lpcr(struct vcpu *v);

/* doorbell.c */
void doorbell_ack(void);

/* smp.c */
extern struct pcpu *smp_starting;
void __noreturn secondary_main(void);
void smp_init(const u32 *pir, unsigned int nr, unsigned int most);
void smp_release(void);

/* switch.c */
void __noreturn work_exit(void);
void cpu_init(void);

/* trap.c */
struct vcpu *hcall_exit(struct vcpu *v);
struct vcpu *trap_exit(struct vcpu *v, u64 vec);

/* emulate.c */
bool emulate_instruction(struct vcpu *v);

/* inject.c */
void inject_init(const char *how);
bool inject_events(struct vcpu *v);
void inject_close(struct vcpu *v);
bool inject_probing(const struct vcpu *v);

/* papr.c */
s64 papr_hcall(struct vcpu *v, u64 token);

/* radix.c */
void radix_init(void);
void radix_cpu_init(void);
void radix_activate(struct domain *d);
void radix_vcpu_moved(struct vcpu *v);
void radix_set_process_table(struct domain *d, u64 prtb);

/* opal_entry.S, opal.c */
s64 opal_entry_call(u64 *args);
void opal_poll(void);
s64 opal_start_cpu(u32 pir, u64 entry);

/* A branch-free read of r13, which head.S and entry.S keep. */
register struct pcpu *local_pcpu asm("r13");

/* The short way out, to the vcpu that came; false: work_exit() has to be called. */
static inline bool exit_short(struct vcpu *v)
{
	do {
		if (unlikely(READ_ONCE(local_pcpu->work)))
			return false;
		if (likely(!vcpu_event_pending(v) && !v->arch.window))
			break;
	} while (!inject_events(v));
	return true;
}

#endif
