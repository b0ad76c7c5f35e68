// SPDX-License-Identifier: GPL-2.0
/*
 * World switches. A vcpu's "world" is the register state that stays in the
 * processor across exits of the same vcpu, and is saved and loaded only when
 * another vcpu takes its place: SPRs, VSX, LPIDR and LPCR, the decrementer. The
 * registers that every exit saves are in entry.S.
 *
 * The timebase is never written. A vcpu's decrementer counts in DEC while the
 * vcpu's world is loaded and the processor is awake; otherwise the absolute
 * timebase of its expiry is kept, so that it expires on time however long the
 * vcpu was away.
 */
#include "core/arch_ops.h"
#include "core/exit_work.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/pmu.h"
#include "lib/printf.h"

#define DEC_IDLE	0x7fffffffUL	/* the longest time that DEC can hold: no guest's */

/* The processors have the registers that ISA v3.1 added (POWER10 and later). The same on all. */
static bool cpu_isa_31;

/*
 * Marker no-ops for the instruction-counting plugin of tests/bench: it charges
 * what follows each of them to the hypervisor's idle loop, dom0, domU 1 or
 * another domU.
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
 * this_pcpu() - the pCPU that executes the caller
 *
 * Return: r13, which entry.S sets on every exit.
 */
struct pcpu *this_pcpu(void)
{
	return local_pcpu;
}

/**
 * arch_vcpu_dec_deadline() - get the time at which a vcpu's decrementer expires
 * @v: a vcpu that is not in guest mode
 *
 * Return: absolute timebase.
 */
u64 arch_vcpu_dec_deadline(const struct vcpu *v)
{
	/* LPCR[LD] is 0 for every guest: DEC has 32 bits, signed. */
	if (v->arch.dec_live)
		return mftb() + (s64)(s32)mfspr(SPR_DEC);
	return v->arch.dec_tb;
}

/* Free DEC for the next vcpu, or for DEC_IDLE. */
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

	/* Expired, or farther away than 32 bits reach. */
	if (unlikely(left >> 31))
		left = left < 0 ? -1 : (s64)DEC_IDLE;
	mtspr(SPR_DEC, left);
	v->arch.dec_live = true;
}

/*
 * Enable floating-point and vector instructions until the next interrupt, which
 * clears the MSR bits (ISA III 6.4.3). The hypervisor is compiled without them
 * and executes them only to move a guest's registers.
 */
static inline void vsx_on(void)
{
	u64 msr;

	asm volatile("mfmsr %0" : "=r"(msr));
	asm volatile("mtmsrd %0" : : "r"(msr | MSR_FP | MSR_VEC | MSR_VSX) : "memory");
	isync();
}

/*
 * All VSX registers, FPSCR and VSCR, always. Saving them lazily needs HFSCR to
 * trap a guest's first use, and QEMU 7.2 ignores HFSCR.
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
	SPRS_SWITCHED(SPR_SAVE)
	pmu_save(a);
	if (cpu_isa_31) {
		pmu_save_isa_31(a);
		SPRS_SWITCHED_31(SPR_SAVE)
	}
	vsx_save(a);
}

/*
 * @old's world has been saved; @v's takes its place (NULL: none). Release: a
 * pCPU that sees resident clear and loads @old finds its registers in memory.
 */
static inline void world_replaced(struct pcpu *p, struct vcpu *old, struct vcpu *v)
{
	radix_leave();
	p->evict = false;
	p->arch.loaded = v;
	__atomic_store_n(&old->resident, false, __ATOMIC_RELEASE);
}

/* Unload @v's world: save it, or drop it if @v will not run again. */
static noinline void world_evict(struct pcpu *p, struct vcpu *v)
{
	if (READ_ONCE(v->state) != VCPU_PAUSED) {
		vsx_on();
		world_save(v);
	} else {
		inject_close(v);
		v->arch.dec_live = false;
		pmu_freeze();
	}
	mtspr(SPR_DEC, DEC_IDLE);
	world_replaced(p, v, NULL);
}

/*
 * Save the loaded world, if any, and load @v's. LPIDR comes before LPCR and PIDR:
 * no guest's PID is ever used with the partition of another (radix_activate()).
 */
static inline void world_load(struct pcpu *p, struct vcpu *v)
{
	struct vcpu *old = p->arch.loaded;
	const struct arch_vcpu *a = &v->arch;

	vsx_on();
	if (old) {
		world_save(old);
		world_replaced(p, old, v);
	} else {
		p->arch.loaded = v;
	}
	radix_activate(v->domain);
	SPRS_SWITCHED(SPR_LOAD)
	SPRS_CONSTANT(SPR_SET)
	cpabort();
	if (cpu_isa_31) {
		pmu_load_isa_31(a);
		SPRS_SWITCHED_31(SPR_LOAD)
	}
	pmu_load(a);
	vsx_load(a);
	if (nr_pcpus > 1)
		radix_vcpu_moved(v);
	/* world_save() closed its EE window: LPCR[MER] is clear. */
	v->arch.lpcr = v->domain->arch.lpcr;
	mtspr(SPR_LPCR, v->arch.lpcr);
	dec_load(v);
}

/* @v runs again and its world is still loaded: bring LPCR and DEC up to date. */
static inline void world_refresh(struct vcpu *v)
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

/**
 * idle_leave() - go on after a `stop`
 *
 * On an empty stack, or one that is not needed any more. HMER: see hmi.c.
 */
void __noreturn idle_leave(void)
{
	struct pcpu *p = local_pcpu;

	WRITE_ONCE(p->arch.idle.on, false);
	mtspr(SPR_PSSCR, PSSCR_EC);
	mtspr(SPR_LPCR, p->arch.idle.lpcr);
	isync();
	if (unlikely(hmi_pending()))
		hmi_exit();
	msgclr(DOORBELL_HV);
	doorbell_ack();
	work_exit_again();
}

/*
 * No vcpu to run: sleep until the hypervisor timer or a doorbell, then go through
 * work_exit() again. LPCR[PECE1] is off meanwhile, so that a guest's decrementer
 * does not end the sleep: a blocked vcpu has a timer of the hypervisor for that.
 *
 * Race with a pCPU that sets p->work and sends a doorbell: a doorbell that arrives after p->work
 * was tested stays pending and ends the `stop` at once. It is cleared before exit_work() looks for
 * its reason.
 */
static noinline void __noreturn idle_exit(struct pcpu *p)
{
	struct vcpu *v = p->arch.loaded;

	mark_idle();
	/* Unload a vcpu that another pCPU is to run, or that will not run again. */
	if (v && (p->evict || vcpu_stopped(v))) {
		world_evict(p, v);
	} else if (v) {
		inject_close(v);
		dec_save(v);
	}
	/* An expired DEC ends every `stop` at once on a processor that ignores PECE1. */
	mtspr(SPR_DEC, DEC_IDLE);
	p->arch.idle.lpcr = mfspr(SPR_LPCR);
	p->arch.idle.srr0 = mfspr(SPR_SRR0);
	p->arch.idle.srr1 = mfspr(SPR_SRR1);
	WRITE_ONCE(p->arch.idle.on, true);
	mtspr(SPR_LPCR, (p->arch.idle.lpcr & ~LPCR_PECE1) | LPCR_HDICE);
	if (!READ_ONCE(p->work))
		cpu_stop();
	idle_leave();
}

/**
 * work_exit() - leave the hypervisor by way of the scheduler
 *
 * Calls exit_work() to choose the vcpu to run, loads its world and enters it; sleeps if there is
 * none. Context: the end of an exit; all registers of the vcpu that exited are stored; no lock
 * held.
 *
 * Where exit_work() has to be called once more, work_exit_again() restarts the function. A loop
 * would keep constants in nonvolatile registers, at the cost of a longer common path.
 */
void __noreturn work_exit(void)
{
	struct pcpu *p = local_pcpu;
	struct vcpu *v = exit_work(p);

	if (unlikely(!v))
		idle_exit(p);
	if (p->arch.loaded != v)
		world_load(p, v);
	else
		world_refresh(v);
	mark_domain(v->domain);
	if (unlikely(!exit_short(v)))
		work_exit_again();
	enter_guest(v);
}

/**
 * arch_vcpu_destroy() - unload a vcpu before it is freed
 * @v: a vcpu that will not run again; its world is loaded on no other pCPU
 *
 * Panics if the world of @v is loaded on another pCPU.
 */
void arch_vcpu_destroy(struct vcpu *v)
{
	if (local_pcpu->arch.loaded == v)
		world_evict(local_pcpu, v);
	if (v->resident)
		panic("d%uv%u: destroyed while in processor %u", v->domain->id, v->id, v->pcpu->id);
}

/*
 * Facilities that guests may use. msgsndp, event-based branches, transactional
 * memory and a stop with PSSCR[EC] stay off: a guest that tries one of them exits
 * (VEC_HFAC) and gets an illegal instruction interrupt. The branch history buffer
 * stays off, too, since it is the pCPU's and holds addresses of whoever ran:
 * emulate_instruction() gives guests an empty one.
 */
#define GUEST_HFSCR	(HFSCR_PREFIX | HFSCR_TAR | HFSCR_PM | HFSCR_DSCR | HFSCR_VECVSX | HFSCR_FP)

static void host_set_31(void)
{
	SPRS_HOST_31(SPR_SET)
}

/**
 * cpu_init() - set the hypervisor registers of this pCPU that guests share
 *
 * Once on each pCPU, before it enters a guest.
 */
void cpu_init(void)
{
	cpu_isa_31 = PVR_VER(mfspr(SPR_PVR)) != PVR_POWER9;
	/* Firmware leaves ME=0, and a pCPU that never entered a guest would keep it. */
	mcheck_enable();
	pmu_freeze();
	SPRS_HOST(SPR_SET)
	if (cpu_isa_31)
		host_set_31();
	mtspr(SPR_HDSISR, HDSISR_CANARY);
	mtspr(SPR_DEC, DEC_IDLE);
	mtspr(SPR_LPCR, LPCR_UPRT | LPCR_HR | LPCR_PECEDH | LPCR_PECE2 | LPCR_HDICE);
	isync();
}
