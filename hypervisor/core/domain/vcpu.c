// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual processors: making them, ending them, and where their vcpu_info is.
 */
#include "core/arch_ops.h"
#include "core/evtchn/evtchn.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "core/domain/vcpu.h"
#include "lib/errno.h"
#include "lib/slab.h"
#include "lib/string.h"

static void singleshot(void *arg)
{
	send_guest_virq(arg, VIRQ_TIMER);
}

/* A tick that comes late is one tick, and the next one keeps to the beat. */
static void periodic(void *arg)
{
	struct vcpu *v = arg;
	struct domain *d = v->domain;
	u64 next, now = arch_tb();

	/* Stopped while this was on its way, it stays stopped. */
	spin_lock(&d->lock);
	if (v->period) {
		next = v->beat + v->period;
		if (next <= now)
			next = now + v->period - (now - v->beat) % v->period;
		v->beat = next;
		timer_set(&this_pcpu()->timers, &v->periodic, next);
	}
	spin_unlock(&d->lock);
	send_guest_virq(v, VIRQ_TIMER);
}

/**
 * vcpu_set_period() - start or stop a vcpu's periodic VIRQ_TIMER
 * @v: any vcpu of a running domain, or one that is stopped for good
 * @ticks: its period; 0: none
 *
 * Takes domain.lock.
 */
void vcpu_set_period(struct vcpu *v, u64 ticks)
{
	struct domain *d = v->domain;

	spin_lock(&d->lock);
	v->period = ticks;
	v->beat = arch_tb() + ticks;
	if (ticks)
		timer_set(&this_pcpu()->timers, &v->periodic, v->beat);
	else
		timer_cancel(&v->periodic);
	spin_unlock(&d->lock);
}

/**
 * vcpu_create() - a new vcpu of a domain
 * @d: the domain
 * @id: its number, below MAX_VCPUS and not in use
 *
 * It is down and not initialised, and its vcpu_info is the hypervisor's own
 * until the guest registers one: events are recorded from the start.
 *
 * Return: the vcpu, NULL without memory.
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
	timer_init(&v->singleshot, singleshot, v);
	timer_init(&v->periodic, periodic, v);
	if (arch_vcpu_create(v)) {
		xfree(v);
		return NULL;
	}
	return v;
}

/**
 * vcpu_stop() - what a vcpu has of its domain's goes
 * @v: the vcpu, paused, on no pCPU; no event channel refers to it any more
 *
 * Its struct stays, for those who look at the dying domain. A callback of its
 * timers may be under way elsewhere, and finds nothing to do.
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
 * vcpu_free() - the end of a vcpu
 * @v: one that nobody can find any more; NULL: nothing happens
 */
void vcpu_free(struct vcpu *v)
{
	if (!v)
		return;
	xfree(v->poll_ports);
	xfree(v);
}

/* So that a guest which knows Xen's pvclock can turn timebase into ns. */
static void fill_time(struct vcpu_info *info)
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
 * vcpu_register_info() - put a vcpu_info where the guest wants it
 * @v: the vcpu: the caller itself, or one that is down
 * @gfn: page of the guest's RAM
 * @offset: within the page; a multiple of 8, the structure must fit
 *
 * May be repeated, for a kernel that starts another. The old contents move
 * along. The area is the guest's memory and stays referenced until it is
 * replaced or the vcpu ends.
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
	/* The dummy's mask byte has no meaning here, nor has that of the new one. */
	WRITE_ONCE(info->evtchn_upcall_mask, 0);
	if (info != v->info) {
		WRITE_ONCE(info->evtchn_upcall_pending, READ_ONCE(v->info->evtchn_upcall_pending));
		WRITE_ONCE(info->evtchn_pending_sel, READ_ONCE(v->info->evtchn_pending_sel));
	}
	fill_time(info);
	WRITE_ONCE(v->info, info);
	v->info_mfn = mfn;
	/* Against a sender: vcpu_mark_events_pending(). */
	smp_mb();
	evtchn_raise_all(v);
	spin_unlock(&d->evtchn_lock);
	if (old_mfn != MFN_NONE)
		page_put(old_mfn);
	return 0;
}
