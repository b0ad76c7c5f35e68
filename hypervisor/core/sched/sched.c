// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler, from the side of a vcpu: it wakes, blocks, yields, stops.
 *
 * Nothing here switches: it marks, and sets pcpu.work. sched_next() decides.
 */
#include "core/evtchn/evtchn.h"
#include "core/sched/private.h"
#include "lib/errno.h"

u64 sched_slice_ns = 10 * NSEC_PER_MSEC;
u64 sched_min_run_ns = 1 * NSEC_PER_MSEC;
u64 sched_slice_ticks, sched_min_run_ticks, sched_retry_ticks;

/**
 * sched_init() - prepare a pCPU for scheduling
 * @p: the pCPU; tb_hz, sched_slice_ns and sched_min_run_ns are set
 */
void sched_init(struct pcpu *p)
{
	sched_slice_ticks = ns_to_tb(sched_slice_ns);
	sched_min_run_ticks = min(ns_to_tb(sched_min_run_ns), sched_slice_ticks);
	sched_retry_ticks = ns_to_tb(RETRY_NS);
	spin_lock_init(&p->lock, RANK_PCPU);
	p->runq = NULL;
	list_init(&p->misfits);
	timer_queue_init(&p->timers);
	p->current = NULL;
	p->slice_end = TIMER_NEVER;
	p->idle_tb = 0;
	p->idle_since = TIMER_NEVER;
}

/**
 * sched_vcpu_init() - the scheduler's part of a new vcpu
 * @v: the vcpu, zeroed, with its domain
 */
void sched_vcpu_init(struct vcpu *v)
{
	v->pcpu = &pcpus[0];
	v->state = VCPU_DOWN;
	runstate_init(v);
	v->since = arch_tb();
	v->affinity = v->domain->cfg.affinity ? v->domain->cfg.affinity : ~0UL;
	list_init(&v->aside);
}

/**
 * sched_kick() - have a pCPU come to sched_next()
 * @p: the pCPU; the reason is stored
 */
void sched_kick(struct pcpu *p)
{
	if (p == this_pcpu()) {
		WRITE_ONCE(p->work, true);
		return;
	}
	/*
	 * Reason, work; sched_next() clears work, then looks for reasons. Unless both have
	 * a full barrier between, it may clear this mark without seeing the reason.
	 */
	smp_mb();
	WRITE_ONCE(p->work, true);
	arch_pcpu_kick(p);
}

/*
 * Makes the running vcpu give way to one that was just queued, if it should
 * before its slice is over. Return: whether that is soon.
 */
static bool want_cpu(struct pcpu *p, const struct vcpu *v, u64 now)
{
	struct vcpu *cur = p->current;
	u64 end;

	/* Nobody there, or about to leave. */
	if (!cur || READ_ONCE(READ_ONCE(cur->state)) != VCPU_RUNNABLE) {
		sched_kick(p);
		return true;
	}
	end = cur->since + (v->woken ? vt_until(cur, v) : cur->slice_left);
	if (end < p->slice_end) {
		p->slice_end = max(end, now);
		if (p->slice_end == now || p != this_pcpu())
			sched_kick(p);
		else
			timers_arm(&p->timers, now, p->slice_end, false);
	}
	return end <= now + sched_min_run_ticks;
}

/**
 * sched_enter() - a vcpu that is to run finds its queue
 * @p: its pCPU, locked
 * @v: runnable, in no queue, not current
 * @now: timebase
 *
 * Return: the pCPU it belongs to then, locked instead of @p.
 */
struct pcpu *sched_enter(struct pcpu *p, struct vcpu *v, u64 now)
{
	struct pcpu *q = p;

	runstate_enter(v, RUNSTATE_runnable, tb_to_ns(now));
	sched_set_active(v, true);
	if (nr_pcpus > 1) {
		q = sched_place(p, v);
		/* Somebody may have come in between, and done with it what is to be done. */
		if (unlikely(READ_ONCE(v->state) != VCPU_RUNNABLE || v->held || v->queue != QUEUE_NONE ||
			     v == q->current)) {
			sched_kick(q);
			return q;
		}
		if (unlikely(!may_run_on(v, q))) {
			runstate_publish(v);
			sched_add_misfit(q, v);
			sched_kick(q);
			return q;
		}
	}
	vt_enter(q, v, now);
	queue_insert(q, v, vt_key(v));
	if (want_cpu(q, v, now) && !q->unpublished)
		q->unpublished = v;
	else
		runstate_publish(v);
	if (nr_pcpus > 1 && (q->current || q->waiting > 1))
		sched_call_helper(v);
	return q;
}

/* Return: the pCPU that @v belongs to then, locked instead of @p. */
static struct pcpu *make_runnable(struct pcpu *p, struct vcpu *v, bool woken)
{
	u64 now;

	WRITE_ONCE(v->state, VCPU_RUNNABLE);
	/* Blocked in the hypercall it is still in: nobody has taken the pCPU. */
	if (v == p->current)
		return p;
	now = arch_tb();
	v->woken = woken;
	/* Siblings that start together are not to take their turns in step. */
	v->slice_left = woken ? sched_slice_ticks : sched_slice_ticks * (8 - v->id % 8) / 8;
	/* sched_hold() queues it when it is let go. */
	if (unlikely(v->held)) {
		runstate_change(v, RUNSTATE_offline, tb_to_ns(now));
		return p;
	}
	return sched_enter(p, v, now);
}

/**
 * sched_wake() - a vcpu has a reason to go on
 * @v: any vcpu; only a blocked one is affected
 *
 * Takes the pCPU's lock. May be called with event channel locks held.
 */
void sched_wake(struct vcpu *v)
{
	struct pcpu *p = lock_vcpu(v);

	if (READ_ONCE(v->state) == VCPU_BLOCKED)
		p = make_runnable(p, v, true);
	spin_unlock(&p->lock);
}

/**
 * sched_wake_timer() - what a blocked vcpu waits for has come, or not yet
 * @arg: the vcpu, in whatever state
 *
 * The timer is left armed when the vcpu wakes before: that is the rule, and it
 * is armed for as long again most often. So it may come too early.
 */
void sched_wake_timer(void *arg)
{
	struct vcpu *v = arg;
	struct pcpu *p = lock_vcpu(v);

	if (READ_ONCE(v->state) == VCPU_BLOCKED) {
		if (v->wake_tb <= arch_tb())
			p = make_runnable(p, v, true);
		else
			timer_set(&this_pcpu()->timers, &v->wake_timer, v->wake_tb);
	}
	spin_unlock(&p->lock);
}

/*
 * Without the lock: the state of a vcpu that is current and runnable is changed
 * by others only so that it stops, and then it does not matter any more whether
 * it sleeps. The timer is armed when it has left.
 */
static void set_blocked(struct vcpu *v, u64 deadline)
{
	enum vcpu_state old = VCPU_RUNNABLE;

	v->wake_tb = deadline;
	/* Release: who sees the state sees the deadline. */
	if (__atomic_compare_exchange_n(&v->state, &old, VCPU_BLOCKED, false,
					__ATOMIC_RELEASE, __ATOMIC_RELAXED))
		WRITE_ONCE(v->pcpu->work, true);
	/*
	 * Against vcpu_mark_events_pending(): state first, then the events. What
	 * stcx. stores is not ordered before later loads without (ISA II 1.7.1).
	 */
	smp_mb();
}

/**
 * sched_block() - SCHEDOP_block and H_CEDE
 * @v: calling vcpu
 *
 * It sleeps until an event is pending, its decrementer has expired, or it is
 * prodded. Each of these is checked here, whatever its MSR[EE] is: a guest
 * calls with EE = 0 so as not to lose what comes in between.
 *
 * Return: false if there is a reason to go on at once.
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
	set_blocked(v, deadline);
	if (READ_ONCE(v->prodded) || vcpu_event_pending(v)) {
		v->prodded = false;
		sched_wake(v);
		return false;
	}
	return true;
}

/* Is one of the ports that @v polls pending? */
static bool poll_hit(const struct vcpu *v)
{
	for (unsigned int i = 0; i < v->nr_poll; i++)
		if (evtchn_is_pending(v->domain, v->poll_ports[i]))
			return true;
	return false;
}

/**
 * sched_poll_end() - a vcpu runs again: it waits for no port any more
 * @v: the vcpu
 */
void sched_poll_end(struct vcpu *v)
{
	if (!v->nr_poll)
		return;
	WRITE_ONCE(v->nr_poll, 0);
	evtchn_poll_end(v->domain);
}

/**
 * sched_poll() - SCHEDOP_poll
 * @v: calling vcpu; poll_ports and nr_poll are filled in and checked, the
 *     domain's nr_pollers counts it, and a full barrier is behind that
 * @timeout_ns: system time at which to give up, 0: never
 *
 * Sleeps until one of the ports is pending, masked or not, the time has come,
 * or an event arrives for the vcpu. Polling ends when the vcpu next runs.
 *
 * Return: 0.
 */
int sched_poll(struct vcpu *v, u64 timeout_ns)
{
	u64 deadline = timeout_ns ? ns_to_tb(timeout_ns) : TIMER_NEVER;
	bool had_event = vcpu_event_pending(v);

	if (poll_hit(v) || deadline <= arch_tb()) {
		sched_poll_end(v);
		return 0;
	}
	set_blocked(v, deadline);
	if (poll_hit(v) || (!had_event && vcpu_event_pending(v)))
		sched_wake(v);
	return 0;
}

/**
 * sched_yield() - SCHEDOP_yield and H_CONFER
 * @v: calling vcpu; others go first that have had a slice more, at most
 */
void sched_yield(struct vcpu *v)
{
	v->yielded = true;
	WRITE_ONCE(v->pcpu->work, true);
}

/**
 * sched_yield_to() - H_CONFER to somebody
 * @v: calling vcpu
 * @target: another of its domain, for which it waits: the holder of a lock
 *
 * A target that waits for a pCPU runs next, on this one if it may, unless it is
 * more than a slice ahead of others; @v goes on with its slice when the target
 * leaves or has had its own. One that runs already needs no help: whoever spins
 * for it may go on doing so. For one that sleeps this is sched_yield().
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

/* Out of whatever queue it waits in. pcpu.lock held. */
static void dequeue(struct pcpu *p, struct vcpu *v)
{
	switch (v->queue) {
	case QUEUE_RUN:
		queue_remove(p, v);
		break;
	case QUEUE_MISFIT:
		list_del_init(&v->aside);
		v->queue = QUEUE_NONE;
		break;
	case QUEUE_PARKED:
		cap_unpark(v);
		break;
	default:
		break;
	}
}

static void stop(struct vcpu *v, enum vcpu_state state)
{
	struct pcpu *p = lock_vcpu(v);

	if (READ_ONCE(v->state) != VCPU_PAUSED) {
		dequeue(p, v);
		timer_cancel(&v->wake_timer);
		WRITE_ONCE(v->state, state);
		if (v == p->current) {
			sched_kick(p);
		} else {
			sched_set_active(v, false);
			runstate_change(v, RUNSTATE_offline, system_time());
			/* The pCPU may sleep with its registers in it. */
			if (READ_ONCE(v->resident))
				sched_kick(p);
		}
	}
	spin_unlock(&p->lock);
}

/**
 * sched_pause() - a vcpu will not run again
 * @v: the vcpu, running or not; its domain has shut down
 */
void sched_pause(struct vcpu *v)
{
	stop(v, VCPU_PAUSED);
}

/**
 * sched_down() - VCPUOP_down
 * @v: the vcpu; sched_unpause() makes it run again
 */
void sched_down(struct vcpu *v)
{
	stop(v, VCPU_DOWN);
}

/**
 * sched_unpause() - VCPUOP_up, and the builder's last step for vcpu 0
 * @v: a vcpu that is down and initialised
 */
void sched_unpause(struct vcpu *v)
{
	struct pcpu *p = lock_vcpu(v);

	if (READ_ONCE(v->state) == VCPU_DOWN)
		p = make_runnable(p, v, false);
	spin_unlock(&p->lock);
}

/**
 * sched_hold() - the tools pause a domain, or let it go on
 * @v: a vcpu of it
 * @hold: pause; it keeps its state, wakes and sleeps, but does not run
 */
void sched_hold(struct vcpu *v, bool hold)
{
	struct pcpu *p = lock_vcpu(v);
	u64 now = arch_tb();

	v->held = hold;
	if (READ_ONCE(v->state) != VCPU_RUNNABLE) {
		/* it sleeps on */
	} else if (v == p->current) {
		sched_kick(p);
	} else if (hold) {
		dequeue(p, v);
		sched_set_active(v, false);
		runstate_change(v, RUNSTATE_offline, tb_to_ns(now));
	} else if (v->queue == QUEUE_NONE) {
		p = sched_enter(p, v, now);
	}
	spin_unlock(&p->lock);
}
