// SPDX-License-Identifier: GPL-2.0
/*
 * Hypervisor doorbells (ISA v3.0B III 10.2): how one pCPU makes another leave
 * its guest, or wake from `stop`, and come through its exit path. A doorbell
 * that arrives while the other pCPU is in the hypervisor stays pending and is
 * taken at the next guest entry.
 */
#include "arch/internal.h"
#include "arch/cpu.h"
#include "core/arch_ops.h"

/**
 * arch_pcpu_kick() - make another pCPU come through its exit path
 * @p: a pCPU other than the caller's
 *
 * Whatever the caller stored before is visible to @p's exit path.
 */
void arch_pcpu_kick(struct pcpu *p)
{
	/* Order those stores before the message; pairs with doorbell_ack(). */
	sync();
	msgsnd(DOORBELL_HV | p->arch.pir);
}

/**
 * arch_vcpu_kick() - make a vcpu notice new events
 * @v: any vcpu
 *
 * Only a vcpu that is current on another pCPU needs a doorbell: this pCPU looks
 * at the events of whichever vcpu it enters next. The sync here pairs with the
 * last barrier of sched_next(), against a pCPU that makes @v current meanwhile:
 * either the event is visible there, or p->current is visible here.
 */
void arch_vcpu_kick(struct vcpu *v)
{
	struct pcpu *p;

	sync();
	p = READ_ONCE(v->pcpu);
	if (p != local_pcpu && READ_ONCE(p->current) == v)
		msgsnd(DOORBELL_HV | p->arch.pir);
}

/**
 * doorbell_ack() - make the sender's stores visible after a doorbell exit
 *
 * The exit has consumed the doorbell. Everything that the sender stored before
 * msgsnd is visible on return.
 */
void doorbell_ack(void)
{
	/* ISA v3.0B III 10.2: once msgsync completes, the sender's earlier stores are performed. */
	asm volatile(".machine push; .machine power9; msgsync; .machine pop" : : : "memory");
	sync();
}
