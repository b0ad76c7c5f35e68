/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every special purpose register that a guest's kernel or processes can read or write on POWER9 or
 * POWER10, and what keeps it from carrying anything from one domain to another. The world switch,
 * struct arch_vcpu and the initial values of a vcpu are made from these lists, and so is
 * tests/guest/bare/registers.c, which fails if a guest can read a register that is in none of them.
 *
 * Numbers are in cpu.h. The lists ending in _31 are of ISA v3.1: POWER10, not POWER9.
 */
#ifndef HV_ARCH_SPRS_H
#define HV_ARCH_SPRS_H

/* Switched: each vcpu has its own. X(register, field of struct arch_vcpu, value in a new vcpu) */
#define SPRS_SWITCHED(X)				\
	X(SRR0, srr0, 0)				\
	X(SRR1, srr1, 0)				\
	X(SPRG0, sprg0, 0)				\
	X(SPRG1, sprg1, 0)				\
	X(SPRG2, sprg2, 0)				\
	X(SPRG3, sprg3, 0)				\
	X(DAR, dar, 0)					\
	X(DSISR, dsisr, 0)				\
	X(PIDR, pidr, 0)				\
	X(UAMOR, uamor, 0)				\
	X(AMR, amr, 0)					\
	X(IAMR, iamr, 0)				\
	X(FSCR, fscr, 0)				\
	X(DSCR, dscr, 0)				\
	X(TAR, tar, 0)					\
	X(VRSAVE, vrsave, 0)				\
	X(PSPB, pspb, 0)				\
	X(PPR, ppr, PPR_MEDIUM)				\
	X(VTB, vtb, 0)

/* DEXCR is a kernel's per process; the keys of hashst and hashchk are secrets of one (III 6.8). */
#define SPRS_SWITCHED_31(X)				\
	X(DEXCR, dexcr, 0)				\
	X(HASHKEYR, hashkeyr, 0)			\
	X(HASHPKEYR, hashpkeyr, 0)

/* The performance monitor without MMCR0, which freezes it: switched in the order of pmu.h. */
#define SPRS_PMU(X)					\
	X(MMCR1, mmcr1, 0)				\
	X(MMCR2, mmcr2, 0)				\
	X(MMCRA, mmcra, 0)				\
	X(PMC1, pmc1, 0)				\
	X(PMC2, pmc2, 0)				\
	X(PMC3, pmc3, 0)				\
	X(PMC4, pmc4, 0)				\
	X(PMC5, pmc5, 0)				\
	X(PMC6, pmc6, 0)				\
	X(SIAR, siar, 0)				\
	X(SDAR, sdar, 0)				\
	X(SIER, sier, 0)
#define SPRS_PMU_31(X)					\
	X(MMCR3, mmcr3, 0)				\
	X(SIER2, sier2, 0)				\
	X(SIER3, sier3, 0)
#define SPRS_PMU_CONTROL(X)				\
	X(MMCR0, mmcr0, MMCR0_FC)

/*
 * Constant: a guest may write them, and what it wrote lasts until another vcpu's world is loaded.
 * X(register, value)
 *
 * CTRLT:	the run latch, which makes PMC5 and PMC6 count
 * PSSCR:	EC makes a guest's stop trap (HFSCR); a guest writes other fields through number 823
 * TIDR:	POWER9; nothing can notify a guest's thread, since no accelerator is given to one
 * IC:		counts instructions, those of the other domains and of the hypervisor included
 * the rest:	of earlier processors; no-ops on these, but QEMU 7.2 still has them
 */
#define SPRS_CONSTANT(X)				\
	X(CTRLT, CTRL_RUN)				\
	X(PSSCR, PSSCR_EC)				\
	X(TIDR, 0)					\
	X(IC, 0)					\
	X(ACOP, 0)					\
	X(WORT, 0)					\
	X(TACR, 0)					\
	X(TCSCR, 0)					\
	X(CSIGR, 0)					\
	X(SPMC1, 0)					\
	X(SPMC2, 0)					\
	X(MMCRS, 0)					\
	X(EAR, 0)

/* Hypervisor's alone, and they act on guests: constant on each pCPU from cpu_init() on. X(register, value) */
#define SPRS_HOST(X)					\
	X(HFSCR, GUEST_HFSCR)				\
	X(AMOR, ~0UL)					\
	X(PCR, PCR_RESERVED)				\
	X(CIABR, 0)					\
	X(DAWRX0, 0)
#define SPRS_HOST_31(X)					\
	X(DAWRX1, 0)					\
	X(HDEXCR, 0)

/* Saved and loaded on every exit (entry.S, enter.inc; DEC: switch.c; CFAR: set to the guest's own pc). X(register) */
#define SPRS_EXIT(X)					\
	X(XER) X(LR) X(CTR) X(DEC) X(CFAR)

/* Another number of a register above, for problem state or to read it: kept apart with that one. X(number, register) */
#define SPRS_ALIAS(X)					\
	X(3, DSCR) X(13, AMR) X(136, CTRLT) X(259, SPRG3) X(823, PSSCR) X(898, PPR)	\
	X(768, SIER) X(769, MMCR2) X(770, MMCRA) X(771, PMC1) X(772, PMC2) X(773, PMC3)	\
	X(774, PMC4) X(775, PMC5) X(776, PMC6) X(779, MMCR0) X(780, SIAR) X(781, SDAR)	\
	X(782, MMCR1) X(736, SIER2) X(737, SIER3) X(738, MMCR3) X(812, DEXCR) X(455, HDEXCR)

/*
 * Trapped: HFSCR withholds them, and a guest that tries one gets an illegal instruction interrupt.
 * QEMU 7.2 looks only at HFSCR[EBB]; there, DPDES and TIR read as 0, and LMRR and LMSER do not exist.
 * X(number, name)
 */
#define SPRS_TRAPPED(X)					\
	X(128, TFHAR) X(129, TFIAR) X(130, TEXASR) X(131, TEXASRU)			\
	X(176, DPDES) X(446, TIR) X(813, LMRR) X(814, LMSER)				\
	X(800, BESCRS) X(801, BESCRSU) X(802, BESCRR) X(803, BESCRRU)			\
	X(804, EBBHR) X(805, EBBRR) X(806, BESCR)

/*
 * Harmless: not a guest's to write, and the same or the time for all. PURR and SPURR advance with
 * the timebase whichever domain runs, since the hypervisor uses one thread of a core. PIR is the
 * number of the pCPU. QEMU 7.2 has 284 and 285, the numbers to write TB, for reading as well.
 * X(number, name)
 */
#define SPRS_HARMLESS(X)				\
	X(268, TB) X(269, TBU) X(284, TB) X(285, TBU) X(287, PVR)			\
	X(308, SPURR) X(309, PURR) X(1023, PIR)

#endif
