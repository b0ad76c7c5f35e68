/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of arch/ call of each other, and what boot/ calls of them,
 * under the file that defines it. core/ sees core/arch_ops.h alone.
 *
 * A file calls only files on lines below its own:
 *
 *	entry.S		vectors and exits: from a guest into C
 *	smp.c		starting the secondary processors
 *	trap.c		every exit, sorted by its cause
 *	ras.c		errors of the hardware, and the hypervisor's own
 *	switch.c	world switch and idling: work_exit()
 *	inject.c papr.c emulate.c hmi.c
 *			events, PAPR calls, instructions emulated for a guest,
 *			hypervisor maintenance interrupts
 *	p2m.c		a domain's translation
 *	guest.c doorbell.c radix.c opal.c copy.c mcheck.c hmi_event.c
 *			registers of a vcpu, doorbells, translation in the
 *			processor, firmware, copying, causes of errors
 *	enter.S secondary.S opal_entry.S copy_blocks.S time.c
 *			entering a guest, a processor, OPAL; timebase
 */
#ifndef HV_ARCH_INTERNAL_H
#define HV_ARCH_INTERNAL_H

#include "core/base/domain_types.h"
#include "lib/bitops.h"

#ifdef HV_HOST
#include "core/arch_ops.h"
#define local_pcpu	this_pcpu()
#else
/* A branch-free read of r13, which head.S, secondary.S and entry.S set. */
register struct pcpu *local_pcpu asm("r13");
#endif

/* enter.S */
void __noreturn enter_guest(struct vcpu *v);
u64 probe_enter(struct vcpu *v);
void __noreturn probe_leave(u64 vec);

/* secondary.S: read by the secondary that is being started; it sets pcpu to NULL when set up. */
struct secondary_args {
	struct pcpu *pcpu;
	void (*main)(void);
};

extern struct secondary_args secondary_args;
extern char secondary_start[];

/* opal_entry.S: args[0] is the token, args[1] to args[8] the arguments. */
s64 opal_entry_call(u64 *args);

/* copy_blocks.S */
void copy_blocks(void *dst, const void *src, size_t n);

/* guest.c */
void guest_interrupt(struct vcpu *v, u64 vec, u64 cause);
void guest_load_lpcr(struct vcpu *v);

/* doorbell.c */
void doorbell_ack(void);

/* opal.c */
void opal_poll(void);
s64 opal_start_cpu(u32 pir, u64 entry);
s64 opal_handle_hmi(u64 *flags);
bool opal_get_msg(void *msg, size_t size);

/* radix.c */
void radix_init(void);
void radix_cpu_init(void);
void radix_flush_cpu(void);
void radix_flush(u32 lpid);
void radix_set_root(u32 lpid, u64 root);
void radix_activate(struct domain *d);
void radix_leave(void);
void radix_vcpu_moved(struct vcpu *v);
void radix_set_process_table(struct domain *d, u64 prtb);

/* hmi.c */
void hmi_exit(void);

/* emulate.c */
bool emulate_instruction(struct vcpu *v);

/* papr.c */
s64 papr_hcall(struct vcpu *v, u64 token);

/* inject.c */
void inject_init(const char *how);
bool inject_events(struct vcpu *v);
void inject_close(struct vcpu *v);
bool inject_probing(const struct vcpu *v);

/*
 * The end of an exit that returns to the vcpu that exited, @v, unless there is
 * work. inject_events() returns false after it closed an EE window: that may
 * have consumed the doorbell of another pCPU, so work and events are looked at
 * again. Return: false if the caller has to call work_exit() instead.
 */
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

/* switch.c */
void __noreturn work_exit(void);
void __noreturn idle_leave(void);
void cpu_init(void);

/* trap.c */
struct vcpu *hcall_exit(struct vcpu *v);
struct vcpu *trap_exit(struct vcpu *v, u64 vec);

/* ras.c */
void mcheck_exit(struct vcpu *v, u64 cause);
void sreset_exit(struct vcpu *v);
void __noreturn host_exit(u64 vec, u64 pc, u64 msr, u64 lr);

/* smp.c */
void smp_init(const u32 *pir, unsigned int nr, unsigned int most);
void smp_release(void);

#endif
