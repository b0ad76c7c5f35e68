// SPDX-License-Identifier: GPL-2.0
/*
 * Hypervisor maintenance interrupts: the processor has recovered from an error, or needs firmware to
 * do so. OPAL looks for the reason, mends what it can and says what was lost.
 *
 * The interrupt comes while MSR[HV]=0 or EE=1 (ISA v3.0B III 6.2.9), so it never interrupts the
 * hypervisor, which runs with EE=0: it stays pending until a guest is entered. It ends a `stop`,
 * though, and ends each one until the hypervisor has looked at it.
 */
#include "core/base/pcpu.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/hmi.h"
#include "lib/printf.h"

#define MOST_MESSAGES	64	/* in firmware's queue: to end, whatever firmware does */

/* Read firmware's messages, of which there may be other ones. Nobody waits for those. */
static void hmi_events(u32 pir)
{
	bool fatal = false;
	struct opal_msg msg;

	for (unsigned int i = 0; i < MOST_MESSAGES && opal_get_msg(&msg, sizeof(msg)); i++) {
		if (be32_to_cpu(msg.type) != OPAL_MSG_HMI)
			continue;
		printk("processor %u: %s: severity %u, %srecovered, hmer %lx tfmr %lx\n", pir, hmi_event_name(&msg),
		       msg.hmi.severity, hmi_event_fatal(&msg) ? "not " : "",
		       be64_to_cpu(msg.hmi.hmer), be64_to_cpu(msg.hmi.tfmr));
		fatal |= hmi_event_fatal(&msg);
	}
	if (fatal)
		panic("processor %u: firmware could not recover from an error", pir);
}

/*
 * After its recovery the timebase has the value that it would have had: firmware takes it from the
 * chip's clock, as at boot. It stood still meanwhile, and the decrementers with it; they may also
 * have lost their values. To a guest an early decrementer interrupt is harmless.
 */
static void hmi_timers(struct pcpu *p, u64 flags)
{
	struct vcpu *v = p->arch.loaded;

	if (!(flags & (HMI_TB_RESYNC | HMI_DEC_LOST | HMI_HDEC_LOST)))
		return;
	if (v && v->arch.dec_live)
		mtspr(SPR_DEC, ~0UL);
	p->timers.due = 0;	/* as if HDEC had expired: timers_arm() sets it */
	WRITE_ONCE(p->work, true);
}

/**
 * hmi_exit() - handle a hypervisor maintenance interrupt
 *
 * Context: this pCPU has left its guest, or a `stop`; no lock held. Panics if firmware says that
 * the machine cannot go on.
 */
void hmi_exit(void)
{
	struct pcpu *p = local_pcpu;
	u64 hmer = 0, flags = 0;
	s64 rc = 0;

	/* A second time for what came meanwhile. */
	for (unsigned int i = 0; i < 2; i++) {
		u64 left = hmi_pending();

		if (!left)
			break;
		hmer |= left;
		rc = opal_handle_hmi(&flags) ?: rc;
	}
	if (!hmer)
		return;
	/* What firmware does not clear would interrupt for ever. A write is an AND, and leaves all other bits. */
	mtspr(SPR_HMER, ~hmer);
	p->arch.hmis++;
	printk("processor %u: hypervisor maintenance interrupt %u: hmer %lx, firmware %ld, flags %lx\n",
	       p->arch.pir, p->arch.hmis, hmer, rc, flags);
	if (flags & HMI_NEW_EVENT)
		hmi_events(p->arch.pir);
	if (flags & HMI_TB_FAIL)
		panic("processor %u: the timebase stands still", p->arch.pir);
	hmi_timers(p, flags);
}
