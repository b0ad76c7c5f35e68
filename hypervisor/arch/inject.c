// SPDX-License-Identifier: GPL-2.0
/*
 * Delivery of events as a level-triggered external interrupt (Documentation/abi.rst, "Events"): it
 * is delivered while evtchn_upcall_pending is set and MSR[EE]=1, which is checked on every entry.
 *
 * With MSR[EE]=1 the interrupt is delivered in software before the guest is
 * entered. With EE=0 the hypervisor needs an exit as soon as the guest sets EE:
 * it opens an "EE window". The machines differ in how:
 *
 *   mer       LPCR[MER], a mediated external exception (ISA v3.0B III 6.5.7.2):
 *             with LPES=0 it exits through 0x500 once EE=1.
 *   doorbell  a hypervisor doorbell to the own thread. QEMU 7.2 ignores MER but
 *             delivers the doorbell (0xe80) only while EE=1.
 *   tick      neither works: the hypervisor timer interrupts a guest with events
 *             pending and EE=0 after at most 1 ms, to look again.
 *
 * inject_init() runs a few guest instructions to choose one.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "lib/page.h"
#include "lib/printf.h"
#include "lib/string.h"

struct inject_ops {
	const char *name;
	u64 vec;	/* vector of the exit when the guest sets EE; 0: none, polled */
	void (*open)(struct vcpu *v);
	void (*close)(struct vcpu *v);
};

static void inject_mer_open(struct vcpu *v)
{
	v->arch.lpcr |= LPCR_MER;
	mtspr(SPR_LPCR, v->arch.lpcr);
}

static void inject_mer_close(struct vcpu *v)
{
	v->arch.lpcr &= ~LPCR_MER;
	mtspr(SPR_LPCR, v->arch.lpcr);
}

static void inject_doorbell_open(struct vcpu *v)
{
	(void)v;
	msgsnd(DOORBELL_HV | local_pcpu->arch.pir);
}

static void inject_doorbell_close(struct vcpu *v)
{
	(void)v;
	msgclr(DOORBELL_HV);
	sync();
}

/* Leaves no window open: the timer exit, and any earlier exit, comes here again if still needed. */
static void inject_tick_open(struct vcpu *v)
{
	v->arch.window = false;
	if ((s64)mfspr(SPR_HDEC) > (s64)(tb_hz / 1000))
		arch_set_timer(tb_hz / 1000);
}

static void inject_tick_close(struct vcpu *v)
{
	(void)v;
}

/* In order of preference; the last always works. */
static const struct inject_ops inject_all[] = {
	{ "mer", VEC_EXT, inject_mer_open, inject_mer_close },
	{ "doorbell", VEC_HDBELL, inject_doorbell_open, inject_doorbell_close },
	{ "tick", 0, inject_tick_open, inject_tick_close },
};

static const struct inject_ops *inject;

/**
 * inject_close() - close the EE window, if it is open
 * @v: the vcpu whose world is loaded
 *
 * Where the window is a doorbell, closing it also clears a doorbell that another
 * pCPU has sent meanwhile. The caller therefore looks at pcpu.work and at the
 * vcpu's events again before it enters a guest.
 */
void inject_close(struct vcpu *v)
{
	if (!v->arch.window)
		return;
	inject->close(v);
	v->arch.window = false;
}

/**
 * inject_events() - deliver pending events, or open the EE window for them
 * @v: the vcpu about to be entered, its world loaded
 *
 * evtchn_upcall_pending is read on every entry and cached nowhere: a guest that has cleared it
 * meanwhile gets no stale interrupt. A pCPU that sets it after this read also sends a doorbell
 * (arch_vcpu_kick()), which makes this pCPU exit from the guest and read it again.
 *
 * Return: false if closing the window may have cleared such a doorbell, so that
 * the caller has to look at pcpu.work and at the events again.
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
		/* A doorbell cleared with the window was for the events just delivered, or for work. */
		return !closes || !READ_ONCE(local_pcpu->work);
	}
	if (!v->arch.window) {
		v->arch.window = true;
		inject->open(v);
	}
	return true;
}

static const struct inject_ops *inject_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(inject_all); i++) {
		if (!strcmp(inject_all[i].name, name))
			return &inject_all[i];
	}
	return NULL;
}

/*
 * The probe, a guest of a few instructions: it sets r3 = 1, then MSR[EE], and
 * then loads from an address where it has no memory. A kind of window works if
 * its exit comes after the guest has set r3 and before that load.
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
 * inject_probing() - tell an exit of the probe from one of a domain
 * @v: the vcpu that exited
 *
 * Return: true if trap_exit() has to call probe_leave().
 */
bool inject_probing(const struct vcpu *v)
{
	return v == &probe_vcpu;
}

static bool inject_probe_one(const struct inject_ops *ops)
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

static const struct inject_ops *inject_probe_all(void)
{
	const struct inject_ops *ops = inject_all;
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
	icache_sync();
	radix_activate(d);
	arch_set_timer(TIMER_REACH);
	while (ops->vec && !inject_probe_one(ops))
		ops++;
	while (!p2m_destroy(d))
		;
	free_pages(page, 0);
	local_pcpu->current = NULL;
	return ops;
}

/**
 * inject_init() - choose how the EE window is opened
 * @how: "mer", "doorbell" or "tick" from the command line, NULL: probe for it
 *
 * Boot processor, after radix_init() and before there are domains. Panics without
 * memory for the probe.
 */
void inject_init(const char *how)
{
	const struct inject_ops *ops = how ? inject_by_name(how) : NULL;

	if (how && !ops)
		printk("inject=%s: not one of mer, doorbell, tick; ignored\n", how);
	inject = ops ? ops : inject_probe_all();
	printk("external interrupts: EE window by %s\n", inject->name);
}
