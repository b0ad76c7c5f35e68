/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers of Power ISA v3.0B and v3.1: special purpose registers and their bits,
 * interrupt vectors; and wrappers of privileged instructions for C. The numbers
 * are usable from assembly.
 */
#ifndef HV_ARCH_CPU_H
#define HV_ARCH_CPU_H

#ifdef __ASSEMBLER__
#define BITVAL(x)	(x)
#else
#define BITVAL(x)	(x##UL)
#endif

/* Book III, 4.4.3 and appendix: special purpose registers */
#define SPR_XER		1
#define SPR_LR		8
#define SPR_CTR		9
#define SPR_DSCR	17
#define SPR_DSISR	18
#define SPR_DAR		19
#define SPR_DEC		22
#define SPR_SRR0	26
#define SPR_SRR1	27
#define SPR_CFAR		28
#define SPR_AMR		29
#define SPR_ACOP		31
#define SPR_PIDR	48
#define SPR_IAMR	61
#define SPR_TIDR		144
#define SPR_CTRLT		152
#define SPR_FSCR	153
#define SPR_UAMOR	157
#define SPR_PSPB	159
#define SPR_CIABR		187
#define SPR_DAWRX0		188
#define SPR_DAWRX1		189
#define SPR_HFSCR	190
#define SPR_VRSAVE	256
#define SPR_TB		268
#define SPR_SPRG0	272
#define SPR_SPRG1	273
#define SPR_SPRG2	274
#define SPR_SPRG3	275
#define SPR_EAR		282
#define SPR_PVR		287
#define SPR_HSPRG0	304
#define SPR_HSPRG1	305
#define SPR_HDSISR	306
#define SPR_HDAR	307
#define SPR_HDEC	310
#define SPR_HRMOR	313
#define SPR_HSRR0	314
#define SPR_HSRR1	315
#define SPR_LPCR	318
#define SPR_LPIDR	319
#define SPR_HMER	336
#define SPR_HMEER	337
#define SPR_PCR		338
#define SPR_HEIR	339
#define SPR_AMOR	349
#define SPR_PTCR	464
#define SPR_HASHKEYR	468
#define SPR_HASHPKEYR	469
#define SPR_HDEXCR		471
#define SPR_SIER2	752
#define SPR_SIER3	753
#define SPR_MMCR3	754
#define SPR_SIER	784
#define SPR_MMCR2	785
#define SPR_MMCRA	786
#define SPR_PMC1	787
#define SPR_PMC2	788
#define SPR_PMC3	789
#define SPR_PMC4	790
#define SPR_PMC5	791
#define SPR_PMC6	792
#define SPR_MMCR0	795
#define SPR_SIAR	796
#define SPR_SDAR	797
#define SPR_MMCR1	798
#define SPR_TAR		815
#define SPR_ASDR	816
#define SPR_DEXCR		828
#define SPR_IC		848
#define SPR_VTB		849
#define SPR_PSSCR	855
#define SPR_TACR		888
#define SPR_TCSCR		889
#define SPR_CSIGR		890
#define SPR_SPMC1		892
#define SPR_SPMC2		893
#define SPR_MMCRS		894
#define SPR_WORT		895
#define SPR_PPR		896
#define SPR_PIR		1023

#define MSR_SF		BITVAL(0x8000000000000000)
#define MSR_HV		BITVAL(0x1000000000000000)
#define MSR_VEC		BITVAL(0x0000000002000000)
#define MSR_VSX		BITVAL(0x0000000000800000)
#define MSR_EE		BITVAL(0x0000000000008000)
#define MSR_PR		BITVAL(0x0000000000004000)
#define MSR_FP		BITVAL(0x0000000000002000)
#define MSR_ME		BITVAL(0x0000000000001000)
#define MSR_IR		BITVAL(0x0000000000000020)
#define MSR_DR		BITVAL(0x0000000000000010)
#define MSR_RI		BITVAL(0x0000000000000002)
#define MSR_LE		BITVAL(0x0000000000000001)
/* Guests start in the hypervisor's byte order. */
#ifdef __LITTLE_ENDIAN__
#define MSR_GUEST_ORDER	MSR_LE
#else
#define MSR_GUEST_ORDER	BITVAL(0)
#endif

/* Bits 33:36 and 42:47 of SRR1 and HSRR1 are the cause of the interrupt, the others the old MSR. */
#define SRR1_CAUSE	BITVAL(0x783f0000)
/* After a machine check bits 36, 42:45 say which (POWER9 and POWER10, as their Linux decodes them). */
#define SRR1_MC_CAUSE	BITVAL(0x083c0000)
#define SRR1_PROG_ILL	BITVAL(0x00080000)	/* illegal instruction */
#define DSISR_PROTFAULT	BITVAL(0x08000000)	/* access that the translation does not allow */
#define DSISR_BADACCESS	BITVAL(0x04000000)	/* access that the kind of memory does not allow */
#define DSISR_STORE	BITVAL(0x02000000)
/*
 * What HDSISR holds while no HDSI is being handled. POWER9 DD2.0 and 2.1 may take
 * an HDSI for a prefetch, which leaves HDSISR, HDAR and ASDR as they were.
 */
#define HDSISR_CANARY	BITVAL(0x7fff)
#define ASDR_GPA	BITVAL(0x0ffffffffffff000)

/* Book III, 2.2: logical partitioning control register */
#define LPCR_ILE	BITVAL(0x0000000002000000)
#define LPCR_AIL_3	BITVAL(0x0000000001800000)
#define LPCR_UPRT	BITVAL(0x0000000000400000)
#define LPCR_HR		BITVAL(0x0000000000100000)
#define LPCR_PECEDH	BITVAL(0x0000000000008000)
#define LPCR_PECE1	BITVAL(0x0000000000002000)
#define LPCR_PECE2	BITVAL(0x0000000000001000)
#define LPCR_MER	BITVAL(0x0000000000000800)
#define LPCR_GTSE	BITVAL(0x0000000000000400)
#define LPCR_HDICE	BITVAL(0x0000000000000001)

/* Book III, 9.4.4: freeze all performance monitor counters */
#define MMCR0_FC	BITVAL(0x0000000080000000)

#define PPR_MEDIUM	BITVAL(0x0010000000000000)	/* Book II, 3.1 */
#define CTRL_RUN	BITVAL(0x1)
#define PSSCR_EC	BITVAL(0x00100000)	/* Book III, 3.2.2 */

/*
 * Book III, 2.5: a processor compatibility register that takes nothing from problem state. Bits that
 * have no meaning yet are 1: in a later processor they take what software of today cannot know.
 */
#define PCR_RESERVED	BITVAL(0x0fffffffffffffe1)

#define HFSCR_PREFIX	BITVAL(0x2000)
#define HFSCR_TAR	BITVAL(0x0100)
#define HFSCR_EBB	BITVAL(0x0080)
#define HFSCR_PM	BITVAL(0x0008)
#define HFSCR_BHRB	BITVAL(0x0010)
#define HFSCR_DSCR	BITVAL(0x0004)
#define HFSCR_VECVSX	BITVAL(0x0002)
#define HFSCR_FP	BITVAL(0x0001)

/* Book III, 6.5: interrupt vectors */
#define VEC_SRESET	0x100
#define VEC_MCHECK	0x200
#define VEC_DSI		0x300
#define VEC_EXT		0x500
#define VEC_PROGRAM	0x700
#define VEC_HDEC	0x980
#define VEC_SYSCALL	0xc00
#define VEC_HDSI	0xe00
#define VEC_HISI	0xe20
#define VEC_HEA		0xe40
#define VEC_HMI		0xe60
#define VEC_HDBELL	0xe80
#define VEC_HVIRT	0xea0
#define VEC_HFAC	0xf80
#define VEC_SOFTPATCH	0x1500
#define VEC_AIL_BASE	BITVAL(0xc000000000004000)

/* msgsnd and msgclr, RB: type 5, a hypervisor doorbell (Book III, 10.2) */
#define DOORBELL_HV	BITVAL(0x28000000)

#define PVR_VER(pvr)	((pvr) >> 16)
#define PVR_POWER9	0x004e
#define PVR_P9_CHIP	0xe000		/* 0: Nimbus, 0x2000: Cumulus; the rest differ in their number of threads */
#define PVR_REV		0x0fff		/* 0x203: DD2.3 */

#ifndef __ASSEMBLER__
#include "lib/types.h"

static inline __force_inline u64 mfspr(unsigned int spr)
{
	u64 val;

	asm volatile("mfspr %0,%1" : "=r"(val) : "i"(spr));
	return val;
}

static inline __force_inline void mtspr(unsigned int spr, u64 val)
{
	asm volatile("mtspr %0,%1" : : "i"(spr), "r"(val) : "memory");
}

/* Bits of HMER that interrupt. */
static inline u64 hmi_pending(void)
{
	return mfspr(SPR_HMER) & mfspr(SPR_HMEER);
}

static inline u64 mftb(void)
{
	return mfspr(SPR_TB);
}

/*
 * A random number of the processor (ISA I 3.3.9, "Deliver A Random Number"), conditioned. Return:
 * whether there is one: it fails for a while if the source is exhausted, and for good if it is broken.
 */
static inline bool cpu_random(u64 *out)
{
	unsigned int tries;

	for (tries = 0; tries < 10; tries++) {
		asm volatile(".machine push; .machine power9; darn %0,1; .machine pop" : "=r"(*out));
		if (*out != ~0UL)
			return true;
	}
	return false;
}

/* Let a machine check interrupt this pCPU: with MSR[ME]=0 it is a checkstop (III 6.5.2). */
static inline void mcheck_enable(void)
{
	u64 msr;

	asm volatile("mfmsr %0" : "=r"(msr));
	asm volatile("mtmsrd %0" : : "r"(msr | MSR_ME) : "memory");
}

static inline void isync(void)
{
	asm volatile("isync" : : : "memory");
}

/*
 * Let instructions be fetched that were stored before, from anywhere. The ISA wants dcbst, sync and
 * icbi for each block (Book II, 1.8); POWER9 and POWER10 keep the instruction cache coherent and need one
 * icbi, of any address, against what was fetched ahead. Other pCPUs enter a guest first (hrfid).
 */
static inline void icache_sync(void)
{
	asm volatile("sync; icbi 0,%0; isync" : : "r"(0UL) : "memory");
}

/*
 * Drop what `copy` has taken and `paste.` has not yet given away (ISA v3.0B II 4.4), lest another
 * domain pastes it. By opcode: the assembler has no name for it on POWER9. QEMU 7.2: a no-op.
 */
static inline void cpabort(void)
{
	asm volatile(".long 0x7c00068c" : : : "memory");
}

static inline void sync(void)
{
	asm volatile("sync" : : : "memory");
}

static inline void msgsnd(u64 msg)
{
	asm volatile("msgsnd %0" : : "r"(msg) : "memory");
}

static inline void msgclr(u64 msg)
{
	asm volatile("msgclr %0" : : "r"(msg) : "memory");
}

/*
 * Sleep until an interrupt that LPCR[PECE] lets through is pending. With
 * MSR[EE]=0 and PSSCR[EC]=[ESL]=0 execution goes on behind `stop` (ISA III
 * 3.3.2).
 */
static inline void cpu_stop(void)
{
	mtspr(SPR_PSSCR, 0);
	asm volatile(".machine push; .machine power9; ptesync; stop; .machine pop" : : : "memory");
}
#endif /* !__ASSEMBLER__ */

#endif
