// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual processors: creating and ending them, their timers, and the registration of vcpu_info.
 */
#include "core/arch_ops.h"
#include "core/domain/vcpu.h"
#include "core/evtchn/evtchn.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "lib/errno.h"
#include "lib/slab.h"
#include "lib/string.h"

static void vcpu_singleshot_expired(void *arg)
{
	send_guest_virq(arg, VIRQ_TIMER);
}

/*
 * Arms the timer for the next multiple of the period. Those missed, because the timer ran late or
 * the vcpu did not run, are dropped. domain.lock held.
 */
static void vcpu_arm_tick(struct vcpu *v)
{
	u64 now = arch_tb(), past = now - v->period_next;

	if ((s64)past >= 0)
		v->period_next = now + v->period - past % v->period;
	WRITE_ONCE(v->tick_waits, false);
	timer_set(&this_pcpu()->timers, &v->periodic, v->period_next);
}

/*
 * The first tick that a vcpu does not run to see is the last one until it runs again: it wakes the
 * vcpu if that is blocked, and further ones would tell it nothing. So a vcpu that is down, held by
 * the tools or out of its domain's cap costs nothing, and no vcpu gets more ticks than it runs.
 */
static void vcpu_periodic_expired(void *arg)
{
	struct vcpu *v = arg;
	struct domain *d = v->domain;
	bool ticks;

	/* Against vcpu_set_period(0) while this callback was about to run: there is no tick then. */
	spin_lock(&d->lock);
	ticks = v->period;
	if (ticks) {
		WRITE_ONCE(v->tick_waits, true);
		/*
		 * Pairs with the last barrier of sched_next(), against a pCPU that makes the vcpu
		 * current now: either that is visible here, or the mark is visible there.
		 */
		smp_mb();
		if (READ_ONCE(READ_ONCE(v->pcpu)->current) == v)
			vcpu_arm_tick(v);
	}
	spin_unlock(&d->lock);
	if (ticks)
		send_guest_virq(v, VIRQ_TIMER);
}

/**
 * vcpu_resume_tick() - let the ticks of a vcpu that was not running go on
 * @v: a vcpu with tick_waits set, current on this pCPU
 *
 * Takes domain.lock.
 */
void vcpu_resume_tick(struct vcpu *v)
{
	struct domain *d = v->domain;

	spin_lock(&d->lock);
	if (v->tick_waits)
		vcpu_arm_tick(v);
	spin_unlock(&d->lock);
}

/**
 * vcpu_set_period() - start or stop a vcpu's periodic VIRQ_TIMER
 * @v: a vcpu of a running domain, or one that will not run again
 * @ticks: its period in ticks of the timebase; 0: stop
 *
 * Takes domain.lock.
 */
void vcpu_set_period(struct vcpu *v, u64 ticks)
{
	struct domain *d = v->domain;

	spin_lock(&d->lock);
	v->period = ticks;
	v->period_next = arch_tb() + ticks;
	WRITE_ONCE(v->tick_waits, false);
	if (ticks)
		timer_set(&this_pcpu()->timers, &v->periodic, v->period_next);
	else
		timer_cancel(&v->periodic);
	spin_unlock(&d->lock);
}

/**
 * vcpu_create() - create a vcpu of a domain
 * @d: the domain
 * @id: its number, below MAX_VCPUS and not in use
 *
 * The vcpu is down and not initialised. Events are recorded from the start, in a vcpu_info of
 * the hypervisor until the guest registers one.
 *
 * Return: the vcpu, or NULL if there is no memory.
 */
struct vcpu *vcpu_create(struct domain *d, unsigned int id)
{
	struct vcpu *v = xzalloc(sizeof(*v));

	if (!v)
		return NULL;
	v->domain = d;
	v->id = id;
	v->info = &v->dummy_info;
	v->info_mfn = MFN_NONE;
	sched_vcpu_init(v);
	timer_init(&v->singleshot, vcpu_singleshot_expired, v);
	timer_init(&v->periodic, vcpu_periodic_expired, v);
	if (arch_vcpu_create(v)) {
		xfree(v);
		return NULL;
	}
	return v;
}

/**
 * vcpu_stop() - release what a vcpu holds of its domain
 * @v: the vcpu; paused, on no pCPU, and no event channel refers to it any more
 *
 * The struct stays, for hypercalls that look at the dying domain. A callback of its timers may be
 * running on another pCPU; it does nothing then.
 */
void vcpu_stop(struct vcpu *v)
{
	sched_pause(v);
	timer_cancel(&v->singleshot);
	vcpu_set_period(v, 0);
	arch_vcpu_destroy(v);
	runstate_set_area(v, 0);
	v->info = &v->dummy_info;
	if (v->info_mfn != MFN_NONE)
		page_put(v->info_mfn);
	v->info_mfn = MFN_NONE;
}

/**
 * vcpu_free() - free a vcpu's memory
 * @v: a vcpu that no other pCPU can find any more; NULL: nothing happens
 */
void vcpu_free(struct vcpu *v)
{
	if (!v)
		return;
	xfree(v->poll_ports);
	xfree(v);
}

/* Xen's pvclock parameters, by which a guest converts the timebase to ns. */
static void vcpu_fill_time(struct vcpu_info *info)
{
	struct pvclock_vcpu_time_info *t = &info->time;
	u64 hz = tb_hz;
	s8 shift = 0;

	/* ns = ((tb << shift) * mul) >> 32 with mul in [2^31, 2^32) */
	while (hz > NSEC_PER_SEC) {
		hz >>= 1;
		shift--;
	}
	while (hz <= NSEC_PER_SEC / 2) {
		hz <<= 1;
		shift++;
	}
	shift++;
	WRITE_ONCE(t->version, 1);
	t->tsc_timestamp = 0;
	t->system_time = 0;
	t->tsc_to_system_mul = ((NSEC_PER_SEC << 31) / hz) & 0xffffffff;
	t->tsc_shift = shift;
	__atomic_store_n(&t->version, 2, __ATOMIC_RELEASE);
}

/**
 * vcpu_register_info() - place a vcpu_info in guest memory
 * @v: the vcpu: the caller itself, or one that is down
 * @gfn: page of the guest's RAM
 * @offset: bytes from the start of the page; a multiple of 8, and the structure must fit
 *
 * A kernel started by kexec registers again; the contents are copied to the new place. The page
 * stays referenced until another one replaces it or the vcpu ends. Takes evtchn_lock.
 *
 * Return: 0, or -EINVAL for a bad offset or a page that is not RAM.
 */
int vcpu_register_info(struct vcpu *v, u64 gfn, u32 offset)
{
	struct domain *d = v->domain;
	struct vcpu_info *info;
	u64 mfn, old_mfn;
	int rc;

	if ((offset & 7) || offset > PAGE_SIZE - sizeof(*info))
		return -EINVAL;
	rc = frame_get(d, gfn, &mfn);
	if (rc)
		return rc;
	info = (void *)((u8 *)arch_ma_to_ptr(mfn << PAGE_SHIFT) + offset);

	spin_lock(&d->evtchn_lock);
	old_mfn = v->info_mfn;
	/* This port does not use the mask byte; a stale value must not confuse the guest. */
	WRITE_ONCE(info->evtchn_upcall_mask, 0);
	if (info != v->info) {
		WRITE_ONCE(info->evtchn_upcall_pending, READ_ONCE(v->info->evtchn_upcall_pending));
		WRITE_ONCE(info->evtchn_pending_sel, READ_ONCE(v->info->evtchn_pending_sel));
	}
	vcpu_fill_time(info);
	/* Release: what is copied to the new place does not overwrite what a sender stores there. */
	__atomic_store_n(&v->info, info, __ATOMIC_RELEASE);
	v->info_mfn = mfn;
	/* Pairs with vcpu_mark_events_pending(): the new place is visible before all events are raised. */
	smp_mb();
	evtchn_raise_all(v);
	spin_unlock(&d->evtchn_lock);
	if (old_mfn != MFN_NONE)
		page_put(old_mfn);
	return 0;
}
