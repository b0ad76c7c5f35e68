/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The processor's part of a vcpu, a domain and a physical processor.
 */
#ifndef HV_ARCH_ARCH_VCPU_H
#define HV_ARCH_ARCH_VCPU_H

#include "arch/sprs.h"
#include "lib/byteorder.h"
#include "lib/types.h"

struct page;
struct pcpu;

struct arch_vcpu {
	/* entry.S stores these on every exit (a hypercall, some of them), enter.inc loads them. */
	u64 gpr[32];
	u64 pc, msr;
	u64 lr, ctr, xer, cr;

	/* The world: in the processor while loaded, here otherwise (switch.c). */
#define SPR_FIELD(reg, field, initial) u64 field;
	SPRS_SWITCHED(SPR_FIELD)
	SPRS_SWITCHED_31(SPR_FIELD)
	SPRS_PMU(SPR_FIELD)
	SPRS_PMU_31(SPR_FIELD)
	SPRS_PMU_CONTROL(SPR_FIELD)
#undef SPR_FIELD
	u64 lpcr;
	u64 dec_tb;		/* timebase at which the decrementer expires, if !dec_live */
	bool dec_live;		/* DEC counts for this vcpu */
	bool window;		/* the EE window is open (inject.c) */
	struct pcpu *last_pcpu;	/* pCPU on which it was loaded last */

	u64 vsx[64][2] __attribute__((aligned(16)));
	u64 vscr[2] __attribute__((aligned(16)));
	u64 fpscr;
};

struct arch_domain {
	be64 *root;		/* partition-scoped radix tree, ISA III 5.7.6 */
	u64 root_pa;
	u64 prtb;		/* second doubleword of the partition table entry */
	u64 lpcr;		/* of all vcpus, as set by H_SET_MODE and H_REGISTER_PROC_TBL */
	u32 lpid;
	u8 last_vcpu[MAX_PCPUS];	/* id + 1 of the vcpu loaded last on each pCPU, which alone writes it */
	be64 *leaf_table;	/* cache: the last table of 4 KiB leaves used, NULL: none */
	struct page *leaf_page;	/* the frame of leaf_table */
	struct page *empty;	/* tables that became empty, some of which are in use again: p2m_table.c; page_lock */
	u32 nr_empty;
	u32 tables;		/* of its p2m, but the root; page_lock */
	unsigned int destroy_at;	/* p2m_destroy(): next entry of the root */
	u64 leaf_base;		/* gpa >> 21 of its range */
	u32 mchecks;		/* machine checks of its vcpus, about: pCPUs count without a lock */
	bool unflushed;		/* p2m_clear() since the last p2m_flush(); page_lock */
};

/* What idle_leave() needs after a `stop`, however it ended. */
struct arch_idle {
	bool on;		/* between the two; nothing else happens there */
	u64 lpcr;
	u64 srr0, srr1;		/* of the loaded vcpu, which a system reset overwrites */
};

struct arch_pcpu {
	u64 save_r11, save_r12;	/* scratch of the first instructions of an exit */
	u64 stack;		/* top of the exit stack */
	struct vcpu *loaded;	/* the vcpu whose world is in the processor */
	u32 pir;		/* processor identification register, the target of doorbells */
	struct arch_idle idle;
	u32 hmis;		/* hypervisor maintenance interrupts so far */
	u64 save_cr;		/* scratch, as save_r11 */
};

/* The hypervisor runs in real mode with HRMOR = 0: an address is its pointer. */
static inline void *arch_ma_to_ptr(u64 ma)
{
	return (void *)ma;
}

static inline u64 arch_ptr_to_ma(const void *p)
{
	return (u64)p;
}

#endif
