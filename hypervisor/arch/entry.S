/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exits: the interrupt vectors, and the path from a guest into C.
 *
 * Every vector enters here with HV=1, EE=0 and the byte order of the hypervisor
 * (HID0[HILE]): in real mode at 0x100.., from real-mode guests and always on
 * POWER10 (LPCR[HAIL]=0); with relocation on at 0xc000000000004100.., from a
 * POWER9 radix guest with LPCR[AIL]=3 (ISA v3.0B III 6.4: AIL applies to
 * hypervisor interrupts as well). The stubs of the second kind switch to real
 * mode first: in hypervisor real mode EA bits 0:3 are ignored, so execution
 * continues at the same place. lpid0_init() maps that page.
 *
 * HSPRG0 holds this pCPU's struct pcpu, HSPRG1 is scratch. An exit stores the
 * guest's registers in pcpu.current (struct arch_vcpu lists them), then calls C
 * with (vcpu, vector); C returns the vcpu to enter.
 *
 * A hypercall stores fewer registers:
 *  - r0, r9 to r12, CTR and XER are volatile in the ABI and carry no argument.
 *    They are not stored; the guest gets back their values of an earlier exit.
 *  - r14 to r31 are preserved by C. They are stored only if the exit goes on to
 *    work_exit(), which may enter another vcpu.
 *
 * Interrupts of the hypervisor itself that use SRR0 and SRR1 store nothing in pcpu.current: its
 * registers, and a NULL pointer, stay what they were, to be looked at.
 *
 * MSR[RI] stays 0: a machine check in the hypervisor is fatal anyway.
 */
#include "arch/enter.inc"

/* A vector has room for eight instructions, 0x20 bytes. */
.macro	vector vec, exit=exit_hsrr
	.org	\vec - VEC_SRESET
	mtspr	SPR_HSPRG1, 13
	mfspr	13, SPR_HSPRG0
	std	12, PCPU_R12(13)
	li	12, \vec
	b	\exit
.endm

/* A hypercall: r11 and r12 are volatile in the ABI and need not be saved. */
.macro	vector_hcall vec
	.org	\vec - VEC_SRESET
	mtspr	SPR_HSPRG1, 13
	mfspr	13, SPR_HSPRG0
	ld	11, PCPU_CURRENT(13)
	b	exit_hcall
.endm

.macro	vector_hcall_ail vec
	.org	\vec - VEC_SRESET
	mtspr	SPR_HSPRG1, 13
	mfmsr	13
	xori	13, 13, MSR_IR | MSR_DR
	mtmsrd	13
	mfspr	13, SPR_HSPRG0
	ld	11, PCPU_CURRENT(13)
	b	exit_hcall
.endm

.macro	vector_ail vec
	.org	\vec - VEC_SRESET
	mtspr	SPR_HSPRG1, 13
	mfmsr	13
	xori	13, 13, MSR_IR | MSR_DR		/* AIL applies only if both are 1 */
	mtmsrd	13
	mfspr	13, SPR_HSPRG0
	std	12, PCPU_R12(13)
	li	12, \vec
	b	exit_hsrr
.endm

	.section ".vectors", "ax"
	vector	VEC_SRESET, exit_srr
	vector	VEC_MCHECK, exit_srr
	vector	0x300, exit_srr
	vector	0x380, exit_srr
	vector	0x400, exit_srr
	vector	0x480, exit_srr
	vector	VEC_EXT
	vector	0x600, exit_srr
	vector	VEC_PROGRAM, exit_srr
	vector	0x800, exit_srr
	vector	0x900, exit_srr
	vector	VEC_HDEC
	vector	0xa00, exit_srr
	vector_hcall VEC_SYSCALL
	vector	0xd00, exit_srr
	vector	VEC_HDSI
	vector	VEC_HISI
	vector	VEC_HEA
	vector	VEC_HMI
	vector	VEC_HDBELL
	vector	VEC_HVIRT
	vector	0xf00, exit_srr
	vector	0xf20, exit_srr
	vector	0xf40, exit_srr
	vector	0xf60, exit_srr
	vector	VEC_HFAC
	vector	0x1500

	.section ".vectors_ail", "ax"
	vector_ail VEC_EXT
	vector_ail VEC_HDEC
	vector_hcall_ail VEC_SYSCALL
	vector_ail VEC_HDSI
	vector_ail VEC_HISI
	vector_ail VEC_HEA
	vector_ail VEC_HDBELL
	vector_ail VEC_HVIRT
	vector_ail VEC_HFAC
	vector_ail 0x1500

	.section ".text.entry", "ax"

/* r13 = pcpu, r11 = vcpu: store the registers that every exit stores. Clobbers r5 to r8, r10. */
.macro	save_guest srr0, srr1
	.irp	r, 1,2,3,4,5,6,7,8
	std	\r, (VCPU_GPR + \r * 8)(11)
	.endr
	mfspr	5, SPR_HSPRG1
	mfspr	6, \srr0
	mfspr	7, \srr1
	mflr	8
	mfcr	10
	std	5, (VCPU_GPR + 13 * 8)(11)
	std	6, VCPU_PC(11)
	std	7, VCPU_MSR(11)
	std	8, VCPU_LR(11)
	std	10, VCPU_CR(11)
.endm

.macro	save_nonvolatile
	.irp	r, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	\r, (VCPU_GPR + \r * 8)(11)
	.endr
.endm

/*
 * r13 = pcpu, r12 = vector, PCPU_R12 = the guest's r12: r11 = vcpu, and store the
 * registers that a hypercall leaves out. Clobbers r0, r9.
 */
.macro	save_volatile
	std	11, PCPU_R11(13)
	ld	11, PCPU_CURRENT(13)
	.irp	r, 0,9,10
	std	\r, (VCPU_GPR + \r * 8)(11)
	.endr
	ld	0, PCPU_R11(13)
	ld	9, PCPU_R12(13)
	std	0, (VCPU_GPR + 11 * 8)(11)
	std	9, (VCPU_GPR + 12 * 8)(11)
	mfctr	0
	mfxer	9
	std	0, VCPU_CTR(11)
	std	9, VCPU_XER(11)
	save_nonvolatile
.endm

/* r11 = vcpu: the stack and the arguments for C. */
.macro	to_c
	ld	1, PCPU_STACK(13)
	load_toc
	mr	3, 11
.endm

func exit_hcall
	save_guest SPR_SRR0, SPR_SRR1
	to_c
	bl	hcall_exit
	cmpdi	3, 0
	beq	1f
	enter	0,1,2,4,5,6,7,8,9,10,11,12,13
1:	ld	11, PCPU_CURRENT(13)
	save_nonvolatile
	bl	work_exit
endfunc exit_hcall

func exit_hsrr
	save_volatile
	save_guest SPR_HSRR0, SPR_HSRR1
	to_c
	mr	4, 12
	bl	trap_exit
	b	enter_guest
endfunc exit_hsrr

/* Of a guest, a machine check or a system reset; all others are the hypervisor's own. */
func exit_srr
	std	11, PCPU_R11(13)
	mfcr	11
	std	11, PCPU_CR(13)
	mfspr	11, SPR_SRR1
	rldicl.	11, 11, 4, 63		/* MSR[HV] */
	ld	11, PCPU_CR(13)
	bne	1f
	mtcr	11
	ld	11, PCPU_R11(13)
	save_volatile
	save_guest SPR_SRR0, SPR_SRR1
	to_c
	mr	4, 12
	bl	trap_exit
	b	enter_guest
1:	ld	1, PCPU_STACK(13)
	load_toc
	mr	3, 12
	mfspr	4, SPR_SRR0
	mfspr	5, SPR_SRR1
	mflr	6
	bl	host_exit
endfunc exit_srr
