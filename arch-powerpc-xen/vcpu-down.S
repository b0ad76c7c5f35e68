/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vcpu goes down by itself.
 *
 * It does so in real mode, because it may be another kernel that brings it up: the crash
 * kernel, which leaves this text where it is but has page tables of its own.
 */
#include <asm/asm-offsets.h>
#include <asm/ppc_asm.h>
#include <asm/ptrace.h>
#include <asm/reg.h>

#define FRAME		(STACK_FRAME_MIN_SIZE + 16)
#define SAVED(n)	(STACK_FRAME_MIN_SIZE + 8 * (n))

/*
 * long xen_ppc_real_mode_down(unsigned long call, unsigned long op, unsigned long vcpu,
 *			       const int *gone)
 *
 * Interrupts hard-disabled; @vcpu is the caller's. The first three are the arguments of
 * the hypercall. Returns what the hypervisor returned, once the vcpu has been brought up
 * again. If *@gone is not 0 then, this kernel is no more, and the vcpu joins the ones that
 * wait for the next one's word where to go.
 */
_GLOBAL(xen_ppc_real_mode_down)
	mflr	r0
	std	r0, LRSAVE(r1)
	stdu	r1, -FRAME(r1)
	std	r29, SAVED(0)(r1)
	std	r31, SAVED(1)(r1)
	mr	r31, r6

	mfmsr	r29
	li	r7, MSR_RI
	andc	r7, r29, r7
	mtmsrd	r7, 1
	bcl	20, 31, 1f
1:	mflr	r6
	addi	r6, r6, 2f - 1b
	li	r8, MSR_IR | MSR_DR
	andc	r7, r7, r8
	mtspr	SPRN_SRR0, r6
	mtspr	SPRN_SRR1, r7
	rfid

2:	li	r6, 0
	sc	1
	lwz	r4, 0(r31)
	cmpwi	r4, 0
	bne	4f

	bcl	20, 31, 3f
3:	mflr	r6
	addi	r6, r6, 5f - 3b
	mtspr	SPRN_SRR0, r6
	mtspr	SPRN_SRR1, r29
	rfid

4:
#ifdef CONFIG_KEXEC_CORE
	b	DOTSYM(kexec_smp_wait)
#else
	b	.
#endif

5:	ld	r29, SAVED(0)(r1)
	ld	r31, SAVED(1)(r1)
	addi	r1, r1, FRAME
	ld	r0, LRSAVE(r1)
	mtlr	r0
	blr
