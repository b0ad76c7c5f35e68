// SPDX-License-Identifier: GPL-2.0
/*
 * State changes of a vcpu: wake, block, yield, stop.
 *
 * None of these functions switches to another vcpu. They change the state of the
 * vcpu and set pcpu.work, which makes the exit path call sched_next() (pick.c).
 */
#include "core/sched/private.h"

/* Return: the pCPU that @v belongs to afterwards, locked instead of @p. */
static struct pcpu *sched_make_runnable(struct pcpu *p, struct vcpu *v, bool woken)
{
	u64 now;

	WRITE_ONCE(v->state, VCPU_RUNNABLE);
	/* @v blocked in a hypercall that has not left to sched_next() yet: it is still current. */
	if (v == p->current)
		return p;
	now = arch_tb();
	v->woken = woken;
	/* Different first slices keep vcpus that start together from switching in step. */
	v->slice_left = woken ? sched_slice_ticks : sched_slice_ticks * (8 - v->id % 8) / 8;
	/* sched_hold() queues the vcpu when the tools unpause the domain. */
	if (unlikely(v->held)) {
		runstate_change(v, RUNSTATE_offline, tb_to_ns(now));
		return p;
	}
	return sched_enter(p, v, now);
}

/**
 * sched_wake() - make a blocked vcpu runnable
 * @v: any vcpu; one that is not blocked is left as it is
 *
 * Takes the lock of its pCPU. May be called with event channel locks held.
 */
void sched_wake(struct vcpu *v)
{
	struct pcpu *p = lock_vcpu(v);

	if (READ_ONCE(v->state) == VCPU_BLOCKED)
		p = sched_make_runnable(p, v, true);
	spin_unlock(&p->lock);
}

/*
 * Callback of vcpu.wake_timer: the deadline of a blocked vcpu. @arg is the vcpu, in any state.
 *
 * A vcpu that is woken by an event leaves its timer armed, since it usually
 * blocks again soon with a similar deadline. So the timer may expire early, for
 * an old deadline, and is then armed again for v->wake_tb.
 */
static void sched_wake_timer(void *arg)
{
	struct vcpu *v = arg;
	struct pcpu *p = lock_vcpu(v);

	if (READ_ONCE(v->state) == VCPU_BLOCKED) {
		if (v->wake_tb <= arch_tb())
			p = sched_make_runnable(p, v, true);
		else
			timer_set(&this_pcpu()->timers, &v->wake_timer, v->wake_tb);
	}
	spin_unlock(&p->lock);
}

/**
 * sched_vcpu_init() - initialise the scheduler's part of a new vcpu
 * @v: the vcpu, zeroed; v->domain is set
 */
void sched_vcpu_init(struct vcpu *v)
{
	v->pcpu = &pcpus[0];
	v->state = VCPU_DOWN;
	runstate_init(v);
	v->since = arch_tb();
	v->affinity = v->domain->cfg.affinity ? v->domain->cfg.affinity : ~0UL;
	list_init(&v->wait_list);
	timer_init(&v->wake_timer, sched_wake_timer, v);
}

/**
 * sched_block_until() - block the calling vcpu
 * @v: calling vcpu
 * @deadline: absolute timebase at which it wakes, unless sched_wake() comes first
 *
 * The vcpu leaves its pCPU on the way out of the hypervisor; sched_next() arms the timer then.
 * After this call the caller looks once more for its reasons to stay awake, and calls sched_wake()
 * if there is one: a pCPU that stored a reason before the vcpu was blocked does not wake it.
 *
 * Takes no lock. Other pCPUs change the state of a current runnable vcpu only to stop it
 * (VCPU_DOWN, VCPU_PAUSED); then the compare-and-swap fails and the vcpu stays stopped.
 */
void sched_block_until(struct vcpu *v, u64 deadline)
{
	enum vcpu_state old = VCPU_RUNNABLE;

	v->wake_tb = deadline;
	/* Release: a pCPU that reads VCPU_BLOCKED also reads the new wake_tb. */
	if (__atomic_compare_exchange_n(&v->state, &old, VCPU_BLOCKED, false,
					__ATOMIC_RELEASE, __ATOMIC_RELAXED))
		WRITE_ONCE(v->pcpu->work, true);
	/*
	 * Lost wake-up race with vcpu_mark_events_pending(): this pCPU stores the
	 * state and then loads the event flag, the sender stores the flag and then
	 * loads the state. The store of stcx. is not ordered before later loads
	 * without this barrier (ISA II 1.7.1).
	 */
	smp_mb();
}

/**
 * sched_block() - SCHEDOP_block and H_CEDE
 * @v: calling vcpu
 *
 * The vcpu sleeps until an event is pending, its decrementer expires, or H_PROD
 * prods it. All three are checked here whatever MSR[EE] is: guests call with
 * EE = 0, so that no interrupt is taken between their own check and the call.
 *
 * Return: true if the vcpu sleeps, false if there is a reason to return at once.
 */
bool sched_block(struct vcpu *v)
{
	u64 deadline;

	if (READ_ONCE(v->prodded) || vcpu_event_pending(v)) {
		v->prodded = false;
		return false;
	}
	deadline = arch_vcpu_dec_deadline(v);
	if ((s64)(deadline - arch_tb()) <= 0)
		return false;
	sched_block_until(v, deadline);
	if (READ_ONCE(v->prodded) || vcpu_event_pending(v)) {
		v->prodded = false;
		sched_wake(v);
		return false;
	}
	return true;
}

/**
 * sched_yield() - SCHEDOP_yield, and H_CONFER to all
 * @v: calling vcpu
 *
 * Waiting vcpus run first, also those that are up to one slice ahead of @v.
 */
void sched_yield(struct vcpu *v)
{
	v->yielded = true;
	WRITE_ONCE(v->pcpu->work, true);
}

/**
 * sched_yield_to() - H_CONFER to one vcpu
 * @v: calling vcpu, which spins on a lock
 * @target: a vcpu of the same domain, the holder of the lock
 *
 * A @target that waits for a pCPU runs next, on this pCPU if its affinity allows,
 * unless it is more than one slice ahead of the other waiting vcpus. @v continues
 * its slice after that. If @target is running already, @v may as well spin on,
 * and if it sleeps this is the same as sched_yield().
 *
 * Return: whether @v yields.
 */
bool sched_yield_to(struct vcpu *v, struct vcpu *target)
{
	bool running, waiting, here = false;
	struct pcpu *p;

	if (v == target) {
		sched_yield(v);
		return true;
	}
	p = lock_vcpu(target);
	running = p->current == target && READ_ONCE(target->state) == VCPU_RUNNABLE;
	waiting = target->queue == QUEUE_RUN;
	if (waiting)
		here = sched_pull(p, target);
	spin_unlock(&p->lock);
	if (running)
		return false;
	if (here)
		WRITE_ONCE(v->pcpu->work, true);
	else
		sched_yield(v);
	return true;
}

/**
 * sched_kick_siblings() - have a change of a domain noticed by its vcpus that run
 * @v: calling vcpu, which notices by itself; the change is stored, work_exit() loads it
 *
 * Kicks only the pCPUs that run a vcpu of the domain now, and so costs no other domain anything.
 * The barrier here pairs with the last one of sched_next(), against a pCPU that makes a vcpu
 * current meanwhile: either that is visible here, or the change is visible there. Takes no lock.
 */
void sched_kick_siblings(const struct vcpu *v)
{
	const struct domain *d = v->domain;

	smp_mb();	/* the change before p->current, see above */
	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		const struct vcpu *w = d->vcpu[i];
		struct pcpu *p = READ_ONCE(w->pcpu);

		if (w != v && READ_ONCE(p->current) == w)
			pcpu_kick(p);
	}
}

/* Takes @v out of the queue that it is in, if any. pcpu.lock held. */
static void sched_dequeue(struct pcpu *p, struct vcpu *v)
{
	switch (v->queue) {
	case QUEUE_RUN:
		queue_remove(p, v);
		break;
	case QUEUE_PINNED_AWAY:
		list_del_init(&v->wait_list);
		v->queue = QUEUE_NONE;
		break;
	case QUEUE_PARKED:
		cap_unpark(v);
		break;
	default:
		break;
	}
}

static void sched_stop(struct vcpu *v, enum vcpu_state state)
{
	struct pcpu *p = lock_vcpu(v);

	if (READ_ONCE(v->state) != VCPU_PAUSED) {
		sched_dequeue(p, v);
		timer_cancel(&v->wake_timer);
		WRITE_ONCE(v->state, state);
		if (v == p->current) {
			pcpu_kick(p);
		} else {
			sched_set_active(v, false);
			runstate_change(v, RUNSTATE_offline, system_time());
			/* An idle pCPU may still hold the registers of @v: have it drop them. */
			if (READ_ONCE(v->resident))
				pcpu_kick(p);
		}
	}
	spin_unlock(&p->lock);
}

/**
 * sched_pause() - stop a vcpu for good
 * @v: a vcpu of a domain that has shut down, running or not
 */
void sched_pause(struct vcpu *v)
{
	sched_stop(v, VCPU_PAUSED);
}

/**
 * sched_down() - VCPUOP_down
 * @v: the vcpu; sched_unpause() starts it again
 */
void sched_down(struct vcpu *v)
{
	sched_stop(v, VCPU_DOWN);
}

/**
 * sched_unpause() - start a vcpu
 * @v: a vcpu that is initialised; nothing happens if it is not down
 *
 * For VCPUOP_up, and for vcpu 0 when its domain has been built.
 */
void sched_unpause(struct vcpu *v)
{
	struct pcpu *p = lock_vcpu(v);

	if (READ_ONCE(v->state) == VCPU_DOWN)
		p = sched_make_runnable(p, v, false);
	spin_unlock(&p->lock);
}

/**
 * sched_hold() - pause or unpause one vcpu for the tools
 * @v: a vcpu of the domain that is paused or unpaused
 * @hold: true to pause; the vcpu changes state as usual, but is not run
 */
void sched_hold(struct vcpu *v, bool hold)
{
	struct pcpu *p = lock_vcpu(v);
	u64 now = arch_tb();

	v->held = hold;
	if (READ_ONCE(v->state) != VCPU_RUNNABLE) {
		/* not runnable: nothing to queue or dequeue */
	} else if (v == p->current) {
		pcpu_kick(p);
	} else if (hold) {
		sched_dequeue(p, v);
		sched_set_active(v, false);
		runstate_change(v, RUNSTATE_offline, tb_to_ns(now));
	} else if (v->queue == QUEUE_NONE) {
		p = sched_enter(p, v, now);
	}
	spin_unlock(&p->lock);
}
