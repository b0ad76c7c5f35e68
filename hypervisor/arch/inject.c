// SPDX-License-Identifier: GPL-2.0
/*
 * Delivery of events as external interrupts (abi.md row 11): level, while
 * evtchn_upcall_pending is set and MSR[EE]=1, looked at on every entry.
 *
 * With EE=1 the interrupt is delivered in software on the way in. With EE=0
 * the processor has to say when the guest sets EE: the "EE window". Opening it
 * is all that differs between machines:
 *
 *   mer       LPCR[MER], a mediated external exception (ISA v3.0B III 6.5.7.2):
 *             with LPES=0 it exits through 0x500 once EE=1.
 *   doorbell  a hypervisor doorbell to ourselves. QEMU 7.2 ignores MER but
 *             delivers the doorbell (0xe80) only while EE=1.
 *   tick      neither: a guest with events pending and EE=0 is looked at again
 *             by the hypervisor timer, at most 1 ms later.
 *
 * inject_init() finds out by running a few guest instructions.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "lib/page.h"
#include "lib/printf.h"
#include "lib/string.h"

struct inject_ops {
	const char *name;
	u64 vec;	/* where the exit comes through, 0: no exit of its own */
	void (*open)(struct vcpu *v);
	void (*close)(struct vcpu *v);
};

static void mer_open(struct vcpu *v)
{
	v->arch.lpcr |= LPCR_MER;
	mtspr(SPR_LPCR, v->arch.lpcr);
}

static void mer_close(struct vcpu *v)
{
	v->arch.lpcr &= ~LPCR_MER;
	mtspr(SPR_LPCR, v->arch.lpcr);
}

static void doorbell_open(struct vcpu *v)
{
	(void)v;
	msgsnd(DOORBELL_HV | local_pcpu->arch.pir);
}

static void doorbell_close(struct vcpu *v)
{
	(void)v;
	msgclr(DOORBELL_HV);
	sync();
}

/* Not a state but one look ahead: every exit until then asks for it anew. */
static void tick_open(struct vcpu *v)
{
	v->arch.window = false;
	if ((s64)mfspr(SPR_HDEC) > (s64)(tb_hz / 1000))
		arch_set_timer(tb_hz / 1000);
}

static void tick_close(struct vcpu *v)
{
	(void)v;
}

/* The better ones first; the last always works. */
static const struct inject_ops inject_ways[] = {
	{ "mer", VEC_EXT, mer_open, mer_close },
	{ "doorbell", VEC_HDBELL, doorbell_open, doorbell_close },
	{ "tick", 0, tick_open, tick_close },
};

static const struct inject_ops *inject;

/**
 * inject_close() - the EE window is not wanted any more
 * @v: the vcpu whose world is loaded
 *
 * Where the window is a doorbell, another pCPU's may go with it: whoever closes
 * one looks at pcpu.work and at the events once more before entering a guest.
 */
void inject_close(struct vcpu *v)
{
	if (!v->arch.window)
		return;
	inject->close(v);
	v->arch.window = false;
}

/**
 * inject_events() - on the way into a guest: deliver, or arrange to be told
 * @v: the vcpu about to be entered, its world loaded
 *
 * upcall_pending is read here and nowhere remembered: a guest that cleared it
 * meanwhile gets no stale interrupt. One who sets the byte later kicks this
 * processor out again.
 *
 * Return: false if a kick may have been lost meanwhile, so that the exit path
 * has to look once more at all it looks at.
 */
bool inject_events(struct vcpu *v)
{
	bool closes = v->arch.window;

	if (!vcpu_event_pending(v)) {
		inject_close(v);
		return !closes;
	}
	if (v->arch.msr & MSR_EE) {
		inject_close(v);
		guest_interrupt(v, VEC_EXT, 0);
		/* The kick was for the events just delivered, or there is work. */
		return !closes || !READ_ONCE(local_pcpu->work);
	}
	if (!v->arch.window) {
		v->arch.window = true;
		inject->open(v);
	}
	return true;
}

static const struct inject_ops *inject_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(inject_ways); i++) {
		if (!strcmp(inject_ways[i].name, name))
			return &inject_ways[i];
	}
	return NULL;
}

/*
 * The probe: a guest of a few instructions that sets r3 = 1, then MSR[EE], and
 * then reads what it does not have. A way works if the exit it causes comes
 * after EE was set and before that read.
 */
static const u32 probe_code[] = {
	0x38600000,	/* li     r3,0 */
	0x38800000,	/* li     r4,0 */
	0x60848000,	/* ori    r4,r4,MSR_EE */
	0x3ca01000,	/* lis    r5,0x1000 */
	0x38600001,	/* li     r3,1 */
	0x7c810164,	/* mtmsrd r4,1 */
	0x60000000,	/* nop */
	0x60000000,	/* nop */
	0xe8c50000,	/* ld     r6,0(r5) */
	0x4bfffffc,	/* b      .-4 */
};

static struct domain probe_domain;
static struct vcpu probe_vcpu;

/**
 * inject_probing() - is this the probe's exit?
 * @v: the vcpu that exited
 *
 * Return: whether trap_exit() is to hand it to probe_leave().
 */
bool inject_probing(const struct vcpu *v)
{
	return v == &probe_vcpu;
}

static bool probe(const struct inject_ops *ops)
{
	struct vcpu *v = &probe_vcpu;
	u64 vec;

	v->arch.pc = 0;
	v->arch.gpr[3] = 0;
	v->arch.msr = MSR_SF | MSR_ME | MSR_GUEST_ORDER;
	guest_load_lpcr(v);
	ops->open(v);
	vec = probe_enter(v);
	ops->close(v);
	return vec == ops->vec && v->arch.gpr[3] == 1;
}

static const struct inject_ops *inject_find_way(void)
{
	const struct inject_ops *ops = inject_ways;
	struct domain *d = &probe_domain;
	u64 page = alloc_zeroed_pages(0);

	d->id = MAX_DOMAINS;
	probe_vcpu.domain = d;
	probe_vcpu.info = &probe_vcpu.dummy_info;
	if (!page || p2m_init(d))
		panic("no memory to probe interrupt delivery");
	memcpy(arch_ma_to_ptr(page), probe_code, sizeof(probe_code));
	if (p2m_map(d, 0, page >> PAGE_SHIFT, 0, P2M_SHARED, false))
		panic("no memory to probe interrupt delivery");
	asm volatile("dcbst 0,%0; sync; icbi 0,%0; isync" : : "r"(page) : "memory");
	radix_activate(d);
	arch_set_timer(TIMER_REACH);
	while (ops->vec && !probe(ops))
		ops++;
	p2m_destroy(d);
	free_pages(page, 0);
	local_pcpu->current = NULL;
	return ops;
}

/**
 * inject_init() - choose how the EE window is opened
 * @how: what the command line said, NULL: find out
 */
void inject_init(const char *how)
{
	const struct inject_ops *ops = how ? inject_find(how) : NULL;

	if (how && !ops)
		printk("inject=%s: not one of mer, doorbell, tick; ignored\n", how);
	inject = ops ? ops : inject_find_way();
	printk("external interrupts: EE window by %s\n", inject->name);
}
