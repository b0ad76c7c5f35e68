// SPDX-License-Identifier: GPL-2.0
/*
 * World switches: what stays in the processor while one vcpu goes in and out
 * and moves only when another takes its place. Everything else is in entry.S.
 *
 * The timebase is never touched. A vcpu's decrementer counts in the register
 * while its world is loaded and the processor is awake, and is kept as the
 * absolute timebase of its expiry otherwise, so that no tick is lost or
 * stretched by what happens in between.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "lib/printf.h"

#define DEC_IDLE	0x7fffffffUL

/*
 * Marker no-ops for the counting plugin (tests/bench): from each on,
 * instructions belong to the hypervisor's idle loop, dom0, domU 1 or another.
 */
static void mark_idle(void)
{
	asm volatile("ori 16,16,0");
}

static void mark_domain(const struct domain *d)
{
	if (d->id == 0)
		asm volatile("ori 17,17,0");
	else if (d->id == 1)
		asm volatile("ori 18,18,0");
	else
		asm volatile("ori 19,19,0");
}

/**
 * this_pcpu() - the processor that runs this
 *
 * Return: what head.S and entry.S keep in r13.
 */
struct pcpu *this_pcpu(void)
{
	return local_pcpu;
}

/**
 * arch_vcpu_dec_deadline() - when a vcpu's decrementer expires
 * @v: a vcpu that is not in guest mode
 *
 * Return: absolute timebase.
 */
u64 arch_vcpu_dec_deadline(const struct vcpu *v)
{
	/* LPCR[LD] is 0 for every guest: 32 bits, signed */
	if (v->arch.dec_live)
		return mftb() + (s64)(s32)mfspr(SPR_DEC);
	return v->arch.dec_tb;
}

/* The register is for the next vcpu, or for DEC_IDLE. */
static void dec_save(struct vcpu *v)
{
	if (!v->arch.dec_live)
		return;
	v->arch.dec_tb = arch_vcpu_dec_deadline(v);
	v->arch.dec_live = false;
}

static void dec_load(struct vcpu *v)
{
	s64 left = v->arch.dec_tb - mftb();

	/* Expired, or too far away for the register. */
	if (unlikely(left >> 31))
		left = left < 0 ? -1 : (s64)DEC_IDLE;
	mtspr(SPR_DEC, left);
	v->arch.dec_live = true;
}

/*
 * Until the next exit, which turns them off (ISA III 6.4.3): nothing here uses
 * them but to move a guest's.
 */
static inline void vsx_on(void)
{
	u64 msr;

	asm volatile("mfmsr %0" : "=r"(msr));
	asm volatile("mtmsrd %0" : : "r"(msr | MSR_FP | MSR_VEC | MSR_VSX) : "memory");
	isync();
}

/*
 * All VSX registers, FPSCR and VSCR. HFSCR could tell whether a guest uses them at
 * all, but QEMU 7.2 does not look at it.
 */
#define VSX_ALL(insn)						\
	".machine push; .machine power9\n"			\
	".set	vsr, 0\n"					\
	".rept	64\n"						\
	insn "	vsr, (16 * vsr)(%0)\n"				\
	".set	vsr, vsr + 1\n"				\
	".endr\n"						\
	".machine pop\n"

static inline void vsx_save(struct arch_vcpu *a)
{
	asm volatile(VSX_ALL("stxv") "mffs 0; stfd 0,0(%1); mfvscr 0; stvx 0,0,%2"
		     : : "b"(a->vsx), "b"(&a->fpscr), "r"(a->vscr) : "memory");
}

static inline void vsx_load(const struct arch_vcpu *a)
{
	asm volatile("lfd 0,0(%1); mtfsf 0xff,0,1,0; lvx 0,0,%2; mtvscr 0\n" VSX_ALL("lxv")
		     : : "b"(a->vsx), "b"(&a->fpscr), "r"(a->vscr) : "memory");
}

static inline void world_save(struct vcpu *v)
{
	struct arch_vcpu *a = &v->arch;

	inject_close(v);
	dec_save(v);
	a->srr0 = mfspr(SPR_SRR0);
	a->srr1 = mfspr(SPR_SRR1);
	a->sprg[0] = mfspr(SPR_SPRG0);
	a->sprg[1] = mfspr(SPR_SPRG1);
	a->sprg[2] = mfspr(SPR_SPRG2);
	a->sprg[3] = mfspr(SPR_SPRG3);
	a->dar = mfspr(SPR_DAR);
	a->dsisr = mfspr(SPR_DSISR);
	a->pidr = mfspr(SPR_PIDR);
	a->amr = mfspr(SPR_AMR);
	a->iamr = mfspr(SPR_IAMR);
	a->uamor = mfspr(SPR_UAMOR);
	a->fscr = mfspr(SPR_FSCR);
	a->dscr = mfspr(SPR_DSCR);
	a->tar = mfspr(SPR_TAR);
	a->vrsave = mfspr(SPR_VRSAVE);
	a->pspb = mfspr(SPR_PSPB);
	a->ppr = mfspr(SPR_PPR);
	vsx_save(a);
}

/* Release: the registers of the vcpu that was loaded are in memory for whoever loads them next. */
static inline void world_gone(struct pcpu *p, struct vcpu *old, struct vcpu *v)
{
	p->evict = false;
	p->arch.loaded = v;
	__atomic_store_n(&old->resident, false, __ATOMIC_RELEASE);
}

/* The loaded world leaves the processor: into memory, or for good. */
static noinline void world_evict(struct pcpu *p, struct vcpu *v)
{
	if (READ_ONCE(v->state) != VCPU_PAUSED) {
		vsx_on();
		world_save(v);
	} else {
		inject_close(v);
		v->arch.dec_live = false;
	}
	mtspr(SPR_DEC, DEC_IDLE);
	world_gone(p, v, NULL);
}

/*
 * Bring a vcpu's world into the processor; the one loaded before is saved. LPIDR
 * is written last but for the registers of the guest itself: nothing is
 * translated before entry, since the hypervisor runs in real mode.
 */
static inline void world_load(struct pcpu *p, struct vcpu *v)
{
	struct vcpu *old = p->arch.loaded;
	const struct arch_vcpu *a = &v->arch;

	vsx_on();
	if (old) {
		world_save(old);
		world_gone(p, old, v);
	} else {
		p->arch.loaded = v;
	}
	mtspr(SPR_SRR0, a->srr0);
	mtspr(SPR_SRR1, a->srr1);
	mtspr(SPR_SPRG0, a->sprg[0]);
	mtspr(SPR_SPRG1, a->sprg[1]);
	mtspr(SPR_SPRG2, a->sprg[2]);
	mtspr(SPR_SPRG3, a->sprg[3]);
	mtspr(SPR_DAR, a->dar);
	mtspr(SPR_DSISR, a->dsisr);
	mtspr(SPR_PIDR, a->pidr);
	mtspr(SPR_UAMOR, a->uamor);
	mtspr(SPR_AMR, a->amr);
	mtspr(SPR_IAMR, a->iamr);
	mtspr(SPR_FSCR, a->fscr);
	mtspr(SPR_DSCR, a->dscr);
	mtspr(SPR_TAR, a->tar);
	mtspr(SPR_VRSAVE, a->vrsave);
	mtspr(SPR_PSPB, a->pspb);
	mtspr(SPR_PPR, a->ppr);
	vsx_load(a);
	radix_activate(v->domain);
	if (nr_pcpus > 1)
		radix_vcpu_moved(v);
	/* Its window is closed, so that it does not want LPCR[MER]. */
	v->arch.lpcr = v->domain->arch.lpcr;
	mtspr(SPR_LPCR, v->arch.lpcr);
	dec_load(v);
}

/* The world that is loaded is wanted again. */
static inline void world_keep(struct vcpu *v)
{
	if (unlikely((v->arch.lpcr & ~LPCR_MER) != v->domain->arch.lpcr))
		guest_load_lpcr(v);
	if (!v->arch.dec_live)
		dec_load(v);
}

/*
 * Start work_exit() afresh, from within it. The stack is empty at the start of
 * every exit, so the frames of the first call are dropped.
 */
static inline void __noreturn work_exit_again(void)
{
	asm volatile("ld 1,%0(13); b work_exit" : : "i"(offsetof(struct pcpu, arch.stack)) : "memory");
	__builtin_unreachable();
}

/*
 * Nobody to run: sleeps until the hypervisor's own timer or a kick, and chooses
 * anew; a guest's decrementer has no say. A doorbell stays pending through all of
 * this, so none is slept through; it is consumed before sched_next() looks at
 * what it came for.
 */
static noinline void __noreturn idle(struct pcpu *p)
{
	struct vcpu *v = p->arch.loaded;
	u64 lpcr;

	mark_idle();
	/* Another pCPU may run it now, or nobody any more. */
	if (v && (p->evict || vcpu_stopped(v))) {
		world_evict(p, v);
	} else if (v) {
		inject_close(v);
		dec_save(v);
	}
	/* Left expired, it would end every sleep on processors that look at no PECE. */
	mtspr(SPR_DEC, DEC_IDLE);
	lpcr = mfspr(SPR_LPCR);
	mtspr(SPR_LPCR, (lpcr & ~LPCR_PECE1) | LPCR_HDICE);
	if (!READ_ONCE(p->work))
		cpu_stop();
	mtspr(SPR_LPCR, lpcr);
	isync();
	msgclr(DOORBELL_HV);
	doorbell_ack();
	work_exit_again();
}

/**
 * work_exit() - the long way out: pick who runs next, load its world and enter it
 *
 * All registers of the vcpu that came are stored. If there is nobody to run, or
 * more to do, it begins anew: a loop would keep its constants in registers that
 * everybody had to save first.
 */
void __noreturn work_exit(void)
{
	struct pcpu *p = local_pcpu;
	struct vcpu *v = sched_next(p);

	if (unlikely(!v))
		idle(p);
	/* A world that another takes the place of is saved, wanted or not. */
	if (p->arch.loaded != v)
		world_load(p, v);
	else
		world_keep(v);
	mark_domain(v->domain);
	if (unlikely(!exit_short(v)))
		work_exit_again();
	enter_guest(v);
}

/**
 * arch_vcpu_destroy() - the end of a vcpu
 * @v: a vcpu that will not run again; its world is in no processor but maybe this
 */
void arch_vcpu_destroy(struct vcpu *v)
{
	if (local_pcpu->arch.loaded == v)
		world_evict(local_pcpu, v);
	if (v->resident)
		panic("d%uv%u: destroyed while in processor %u", v->domain->id, v->id, v->pcpu->id);
}

/*
 * Facilities that guests may use. msgsndp, EBB and transactions stay off: a guest
 * that tries them exits and gets an illegal instruction.
 */
#define GUEST_HFSCR	(HFSCR_PREFIX | HFSCR_TAR | HFSCR_PM | HFSCR_BHRB | HFSCR_DSCR | \
			 HFSCR_VECVSX | HFSCR_FP)

/**
 * cpu_init() - hypervisor state of this processor that never changes
 */
void cpu_init(void)
{
	mtspr(SPR_HFSCR, GUEST_HFSCR);
	mtspr(SPR_AMOR, ~0UL);
	mtspr(SPR_DEC, DEC_IDLE);
	mtspr(SPR_LPCR, LPCR_UPRT | LPCR_HR | LPCR_PECEDH | LPCR_PECE2 | LPCR_HDICE);
	isync();
}
