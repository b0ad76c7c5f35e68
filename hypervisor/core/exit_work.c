// SPDX-License-Identifier: GPL-2.0
/*
 * What a pCPU does before it enters a guest, if pcpu.work is set: no hypercall is under way and no
 * lock is held then, so objects that hypercalls use may be freed here. The last step chooses the
 * vcpu to enter.
 *
 * Text that a domain has written is brought to the terminal here, a step at a time, while a vcpu of
 * that domain is current and so is charged for it.
 */
#include "core/arch_ops.h"
#include "core/base/deferred.h"
#include "core/console/console.h"
#include "core/domain/reap.h"
#include "core/domain/vcpu.h"
#include "core/evtchn/poll.h"
#include "core/exit_work.h"
#include "core/sched/sched.h"

/**
 * exit_work() - run deferred work and choose the vcpu to enter
 * @p: this pCPU; its work flag is set, or it is idle. No lock is held.
 *
 * Sets p->current. The vcpu that was current before may have been freed together with its
 * domain on return; arch_vcpu_destroy() was called for it then.
 *
 * If p->evict is set on return, the vcpu whose registers are loaded has to leave this pCPU, and
 * arch/ saves them.
 *
 * Return: the vcpu to enter, or NULL to sleep until the next interrupt.
 */
struct vcpu *exit_work(struct pcpu *p)
{
	struct vcpu *v = p->current;
	const struct vcpu *prev = v;
	bool again = false;
	u64 now;

	if (v && unlikely(READ_ONCE(v->domain->console_work)) &&
	    READ_ONCE(v->domain->state) == DOM_RUNNING)
		again = console_step(v->domain);
	now = arch_tb();
	/* First, since timers wake vcpus and request deferred work. */
	if (unlikely(READ_ONCE(p->timers.first) <= now))
		timers_run(&p->timers, now);
	if (unlikely(READ_ONCE(deferred_work))) {
		/* Reaping frees vcpus: this pCPU's current one may be among them. */
		sched_drop_stopped(p);
		domain_reap();
	}
	WRITE_ONCE(p->work, false);
	/*
	 * Pairs with pcpu_kick(), which stores the reason first and p->work then: all reasons whose
	 * mark was just cleared are visible from here on.
	 */
	smp_mb();
	/* After the timers and the reaping, which use pointers found before. */
	grace_quiesce(p, &p->grace);
	v = sched_next(p);
	/* A vcpu that was chosen to run has been woken: its SCHEDOP_poll is over. */
	if (v && unlikely(v->nr_poll))
		evtchn_poll_end(v);
	if (v && unlikely(READ_ONCE(v->tick_waits)))
		vcpu_resume_tick(v);
	/* Its first step, or the next one after progress; else it runs, and is told when it may. */
	if (v && unlikely(READ_ONCE(v->domain->console_work)) && (again || v != prev))
		WRITE_ONCE(p->work, true);
	return v;
}
