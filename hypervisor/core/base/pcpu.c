// SPDX-License-Identifier: GPL-2.0
/*
 * The table of physical processors, and how one pCPU makes another one leave its guest.
 */
#include "core/arch_ops.h"
#include "core/base/pcpu.h"
#include "lib/bitops.h"

struct pcpu pcpus[MAX_PCPUS];
unsigned int nr_pcpus = 1;

/**
 * pcpu_kick() - make a pCPU run exit_work() soon
 * @p: the pCPU, this one or another; the caller has stored the reason, such as a vcpu's new state
 *
 * Any lock may be held.
 */
void pcpu_kick(struct pcpu *p)
{
	if (p == this_pcpu()) {
		WRITE_ONCE(p->work, true);
		return;
	}
	/*
	 * The reason is stored before p->work. exit_work() clears p->work, then loads the
	 * reasons, with a full barrier between the two. Without a full barrier here as well
	 * exit_work() could clear this mark and still miss the reason.
	 */
	smp_mb();
	WRITE_ONCE(p->work, true);
	arch_pcpu_kick(p);
}
