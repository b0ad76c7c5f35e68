// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler: round robin on each pCPU, with slices (10 ms unless boot says
 * otherwise), and a vcpu that wakes goes ahead of those that compute.
 *
 * The vcpu that runs is not on the run queue. A woken vcpu is boosted: it
 * queues before all that are not, and makes the running one give way, once
 * that has had MIN_RUN; so two domains that send each other events do not
 * switch on every one of them. The boost ends with the first run that used up
 * MIN_RUN. Whoever has waited for STARVE slices behind woken ones gets its turn
 * among them, and a whole slice: those that wake each other leave a share.
 *
 * Nothing here switches: it marks, and sets pcpu.work. sched_next() decides.
 */
#include "core/arch.h"
#include "core/evtchn.h"
#include "core/sched.h"
#include "core/timer.h"
#include "lib/bitops.h"
#include "lib/errno.h"
#include "lib/printf.h"

#define MIN_RUN_NS	(1 * NSEC_PER_MSEC)
#define STARVE		3

u64 sched_slice_ns = 10 * NSEC_PER_MSEC;
static u64 slice_ticks, min_run_ticks;

static void slice_over(void *arg)
{
	struct pcpu *p = arg;

	p->work = true;
}

/**
 * sched_init() - prepare a pCPU for scheduling
 * @p: the pCPU; tb_hz and sched_slice_ns are set
 */
void sched_init(struct pcpu *p)
{
	slice_ticks = ns_to_tb(sched_slice_ns);
	min_run_ticks = min(ns_to_tb(MIN_RUN_NS), slice_ticks);
	spin_lock_init(&p->lock, RANK_PCPU);
	list_init(&p->runq);
	timer_queue_init(&p->timers);
	timer_init(&p->slice, slice_over, p);
	p->current = NULL;
	p->idle_tb = 0;
	p->idle_since = TIMER_NEVER;
}

/*
 * Behind all; or, if it is boosted or @front, behind the boosted ones and
 * before the others. pcpu.lock held.
 */
static void enqueue(struct pcpu *p, struct vcpu *v, bool front, u64 now)
{
	struct list_head *at = &p->runq;

	/* sched_hold() queues it when it is let go. */
	if (unlikely(v->held)) {
		runstate_change(v, RUNSTATE_offline, now);
		return;
	}
	if (v->boosted || front)
		for (at = at->next; at != &p->runq; at = at->next)
			if (!list_entry(at, struct vcpu, run)->boosted)
				break;
	list_add_tail(&v->run, at);
	v->since = now;
	runstate_change(v, RUNSTATE_runnable, now);
}

/* Ticks that the running vcpu has before a woken one may take its place. */
static u64 entitled(const struct vcpu *v)
{
	return v->owed ? v->slice_left : min(min_run_ticks, v->slice_left);
}

/* When @cur has to give way to @v. */
static u64 run_end(const struct vcpu *cur, const struct vcpu *v)
{
	return cur->since + (v->boosted ? entitled(cur) : cur->slice_left);
}

/* Lets the running vcpu have what it is entitled to, then calls sched_next(). */
static void want_cpu(struct pcpu *p, const struct vcpu *v, u64 now)
{
	struct vcpu *cur = p->current;
	u64 end;

	if (!cur) {
		p->work = true;
		return;
	}
	end = run_end(cur, v);
	if (end <= now) {
		p->work = true;
		return;
	}
	if (!timer_armed(&p->slice) || p->slice.node.key > end)
		timer_set(&p->timers, &p->slice, end);
}

static void make_runnable(struct vcpu *v, bool boost)
{
	struct pcpu *p = v->pcpu;
	u64 now = arch_tb();

	v->state = VCPU_RUNNABLE;
	timer_cancel(&v->wake_timer);
	/* Blocked in the hypercall it is still in: nobody has taken the pCPU. */
	if (v == p->current)
		return;
	v->boosted = boost;
	v->slice_left = slice_ticks;
	enqueue(p, v, false, now);
	if (v->held)
		return;
	want_cpu(p, v, now);
	if (p->current)
		arch_vcpu_kick(p->current);
}

/**
 * sched_wake() - a vcpu has a reason to go on
 * @v: any vcpu; only a blocked one is affected
 *
 * Takes the pCPU's lock. May be called with event channel locks held.
 */
void sched_wake(struct vcpu *v)
{
	struct pcpu *p = v->pcpu;

	spin_lock(&p->lock);
	if (v->state == VCPU_BLOCKED)
		make_runnable(v, true);
	spin_unlock(&p->lock);
}

static void set_blocked(struct vcpu *v, u64 deadline)
{
	struct pcpu *p = v->pcpu;

	spin_lock(&p->lock);
	v->state = VCPU_BLOCKED;
	timer_set(&p->timers, &v->wake_timer, deadline);
	p->work = true;
	spin_unlock(&p->lock);
	/* Against vcpu_mark_events_pending(): state first, then the events. */
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

	if (v->prodded || vcpu_event_pending(v)) {
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

static void poll_end(struct vcpu *v)
{
	if (v->nr_poll) {
		v->nr_poll = 0;
		evtchn_poll_end(v->domain);
	}
}

/**
 * sched_poll() - SCHEDOP_poll
 * @v: calling vcpu; poll_ports and nr_poll are filled in and checked, the
 *     domain's nr_pollers counts it
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
		poll_end(v);
		return 0;
	}
	set_blocked(v, deadline);
	if (poll_hit(v) || (!had_event && vcpu_event_pending(v)))
		sched_wake(v);
	return 0;
}

/**
 * sched_yield() - SCHEDOP_yield and H_CONFER
 * @v: calling vcpu; goes to the end of the queue
 */
void sched_yield(struct vcpu *v)
{
	v->slice_left = 0;
	v->boosted = false;
	v->pcpu->work = true;
}

/* pcpu.lock held. */
static void stop(struct vcpu *v, enum vcpu_state state)
{
	struct pcpu *p = v->pcpu;

	list_del_init(&v->run);
	timer_cancel(&v->wake_timer);
	v->state = state;
	if (v == p->current) {
		p->work = true;
		arch_vcpu_kick(v);
	} else {
		runstate_change(v, RUNSTATE_offline, arch_tb());
	}
}

/**
 * sched_pause() - a vcpu will not run again
 * @v: the vcpu, running or not; its domain has shut down
 */
void sched_pause(struct vcpu *v)
{
	spin_lock(&v->pcpu->lock);
	stop(v, VCPU_PAUSED);
	spin_unlock(&v->pcpu->lock);
}

/**
 * sched_down() - VCPUOP_down
 * @v: the vcpu; sched_unpause() makes it run again
 */
void sched_down(struct vcpu *v)
{
	spin_lock(&v->pcpu->lock);
	if (v->state != VCPU_PAUSED)
		stop(v, VCPU_DOWN);
	spin_unlock(&v->pcpu->lock);
}

/**
 * sched_unpause() - VCPUOP_up, and the builder's last step for vcpu 0
 * @v: a vcpu that is down and initialised
 */
void sched_unpause(struct vcpu *v)
{
	spin_lock(&v->pcpu->lock);
	if (v->state == VCPU_DOWN)
		make_runnable(v, false);
	spin_unlock(&v->pcpu->lock);
}

/**
 * sched_hold() - the tools pause a domain, or let it go on
 * @v: a vcpu of it
 * @hold: pause; it keeps its state, wakes and sleeps, but does not run
 */
void sched_hold(struct vcpu *v, bool hold)
{
	struct pcpu *p = v->pcpu;
	u64 now = arch_tb();

	spin_lock(&p->lock);
	v->held = hold;
	if (v->state != VCPU_RUNNABLE) {
		spin_unlock(&p->lock);
		return;
	}
	if (v == p->current) {
		p->work = true;
		arch_vcpu_kick(v);
	} else if (hold) {
		list_del_init(&v->run);
		runstate_change(v, RUNSTATE_offline, now);
	} else {
		enqueue(p, v, false, now);
		want_cpu(p, v, now);
	}
	spin_unlock(&p->lock);
}

/* The vcpu that ran until now leaves the pCPU, unless it may go on. pcpu.lock held. */
static void put_prev(struct pcpu *p, struct vcpu *v, u64 now)
{
	u64 ran = now - v->since;

	if (v->state == VCPU_RUNNABLE && ran < entitled(v) && !v->held)
		return;
	if (ran >= min_run_ticks)
		v->boosted = false;
	v->owed = false;
	v->slice_left -= min(v->slice_left, ran);
	switch (v->state) {
	case VCPU_RUNNABLE:
		if (!v->slice_left) {
			v->slice_left = slice_ticks;
			v->boosted = false;
			enqueue(p, v, false, now);
		} else {
			/* It was made to give way, and goes on before its equals. */
			enqueue(p, v, true, now);
		}
		break;
	case VCPU_BLOCKED:
		runstate_change(v, RUNSTATE_blocked, now);
		break;
	default:
		runstate_change(v, RUNSTATE_offline, now);
	}
	p->current = NULL;
}

/* The first that is not boosted, if it has waited too long behind those that are. */
static struct vcpu *starving(struct pcpu *p, u64 now)
{
	struct list_head *at;
	struct vcpu *o;

	for (at = p->runq.next; at != &p->runq; at = at->next) {
		o = list_entry(at, struct vcpu, run);
		if (!o->boosted)
			return now - o->since > STARVE * slice_ticks ? o : NULL;
	}
	return NULL;
}

/*
 * A woken vcpu goes first, but for every second time that somebody else has
 * waited too long: with many that compute somebody always has, and waking
 * would be worth nothing. pcpu.lock held.
 */
static struct vcpu *pick(struct pcpu *p, u64 now)
{
	struct vcpu *v, *late;

	if (list_empty(&p->runq))
		return NULL;
	v = list_first_entry(&p->runq, struct vcpu, run);
	late = v->boosted && !p->paid ? starving(p, now) : NULL;
	p->paid = late;
	if (late) {
		v = late;
		v->owed = true;
	}
	list_del_init(&v->run);
	return v;
}

/**
 * sched_next() - the long way out of the hypervisor
 * @p: this pCPU; its work flag is set, or it is idle
 *
 * Runs timers that are due, reaps domains, and decides who runs. Sets
 * p->current; a vcpu that was current before may have been freed with its
 * domain by then (arch_vcpu_destroy() has been told).
 *
 * Return: the vcpu to enter, NULL to sleep until the next interrupt.
 */
struct vcpu *sched_next(struct pcpu *p)
{
	struct vcpu *v;
	u64 now;

	p->work = false;
	timers_run(&p->timers, arch_tb());

	spin_lock(&p->lock);
	now = arch_tb();
	if (p->current)
		put_prev(p, p->current, now);
	spin_unlock(&p->lock);

	domain_reap();

	spin_lock(&p->lock);
	now = arch_tb();
	v = p->current;
	if (!v) {
		v = pick(p, now);
		if (v)
			v->since = now;
	}
	p->current = v;
	if (v) {
		if (p->idle_since != TIMER_NEVER)
			p->idle_tb += now - p->idle_since;
		p->idle_since = TIMER_NEVER;
		poll_end(v);
		runstate_change(v, RUNSTATE_running, now);
		if (list_empty(&p->runq))
			timer_cancel(&p->slice);
		else
			timer_set(&p->timers, &p->slice,
				  run_end(v, list_first_entry(&p->runq, struct vcpu, run)));
	} else {
		if (p->idle_since == TIMER_NEVER)
			p->idle_since = now;
		timer_cancel(&p->slice);
	}
	p->work = false;
	timers_arm(&p->timers, now, TIMER_NEVER, true);
	spin_unlock(&p->lock);
	return v;
}

/**
 * sched_dump() - print this pCPU's run queue
 */
void sched_dump(void)
{
	struct pcpu *p = this_pcpu();
	u64 now = arch_tb(), idle = p->idle_tb;
	struct list_head *at;
	struct vcpu *v;

	if (p->idle_since != TIMER_NEVER)
		idle += now - p->idle_since;
	printk("pcpu%u: up %lu ms, idle %lu ms, slice %lu us\n", p->id,
	       tb_to_ns(now) / NSEC_PER_MSEC, tb_to_ns(idle) / NSEC_PER_MSEC,
	       sched_slice_ns / 1000);
	if (p->current)
		printk("  running d%uv%u for %lu us\n", p->current->domain->id, p->current->id,
		       tb_to_ns(now - p->current->since) / 1000);
	for (at = p->runq.next; at != &p->runq; at = at->next) {
		v = list_entry(at, struct vcpu, run);
		printk("  waiting d%uv%u for %lu us%s\n", v->domain->id, v->id,
		       tb_to_ns(now - v->since) / 1000, v->boosted ? ", woken" : "");
	}
}
