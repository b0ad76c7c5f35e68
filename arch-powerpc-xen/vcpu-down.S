/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vcpu goes down by itself, or waits for another kernel.
 *
 * It goes down in real mode, because it may be another kernel that brings it up: the crash
 * kernel, which leaves this text where it is but has page tables of its own.
 */
#include <asm/asm-offsets.h>
#include <asm/kexec.h>
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

#ifdef CONFIG_KEXEC_CORE
/*
 * void xen_ppc_await_kernel(void)
 *
 * Interrupts hard-disabled; does not return. Waits in real mode at 0x60, where the next
 * kernel's code for its secondaries arrives, in a branch to itself. In this kernel's text,
 * where kexec_smp_wait() waits, a vcpu that gets no processor in time would find
 * the next kernel's text instead of the word to go.
 *
 * At 0x60 is code for this kernel's own start, of no use any more. All code there runs
 * big-endian.
 */
_GLOBAL(xen_ppc_await_kernel)
	mfmsr	r7
	li	r8, MSR_RI
	andc	r7, r7, r8
	mtmsrd	r7, 1
	bcl	20, 31, 1f
1:	mflr	r6
	addi	r6, r6, 2f - 1b
	li	r8, MSR_IR | MSR_DR
	andc	r7, r7, r8
	mtspr	SPRN_SRR0, r6
	mtspr	SPRN_SRR1, r7
	rfid

2:	li	r4, 0x60
	lis	r5, 0x4800		/* b . */
#ifdef CONFIG_CPU_LITTLE_ENDIAN
	stwbrx	r5, 0, r4
#else
	stw	r5, 0(r4)
#endif
	dcbst	0, r4
	sync
	icbi	0, r4
	sync
	isync
	lhz	r3, PACAHWCPUID(r13)
	li	r5, KEXEC_STATE_REAL_MODE
	stb	r5, PACAKEXECSTATE(r13)
	clrrdi	r7, r7, 1		/* MSR_LE */
	mtspr	SPRN_SRR0, r4
	mtspr	SPRN_SRR1, r7
	rfid
#endif
