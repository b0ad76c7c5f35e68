// SPDX-License-Identifier: GPL-2.0
/*
 * Runstates: how long each vcpu ran, waited for a pCPU, slept, or was down;
 * Linux makes its steal time of it. Times are differences of system time, so
 * they add up exactly, and what is lost to a ns here is gained in the next state.
 *
 * All of it is protected by the lock of the vcpu's pCPU.
 */
#include "core/mm/memory.h"
#include "core/sched/private.h"
#include "lib/errno.h"
#include "lib/string.h"

static void fill(const struct vcpu *v, struct vcpu_runstate_info *info)
{
	info->state = v->runstate;
	info->state_entry_time = v->runstate_since;
	for (unsigned int i = 0; i < ARRAY_SIZE(info->time); i++)
		info->time[i] = v->runstate_ns[i];
}

/* A doubleword of an area that lies in two pages. */
static void store(const struct runstate_area *a, size_t at, u64 val)
{
	u8 *to = at < a->split ? a->part[0] + at : a->part[1] + (at - a->split);

	WRITE_ONCE(*(u64 *)to, val);
}

#define ENTRY_TIME	offsetof(struct vcpu_runstate_info, state_entry_time)
#define TIMES		offsetof(struct vcpu_runstate_info, time)

/**
 * runstate_publish_in_parts() - runstate_publish() over the edge of a page
 * @v: a vcpu with an area
 */
void runstate_publish_in_parts(const struct vcpu *v)
{
	const struct runstate_area *a = &v->area;
	struct vcpu_runstate_info info;

	fill(v, &info);
	if (READ_ONCE(v->domain->runstate_update)) {
		store(a, ENTRY_TIME, info.state_entry_time | XEN_RUNSTATE_UPDATE);
		smp_wmb();	/* the mark before what it covers */
	}
	/* The split is a multiple of 8: the state is in the first part. */
	WRITE_ONCE(*(s32 *)a->part[0], info.state);
	for (unsigned int i = 0; i < ARRAY_SIZE(info.time); i++)
		store(a, TIMES + i * sizeof(u64), info.time[i]);
	smp_wmb();	/* and all of that before its end */
	store(a, ENTRY_TIME, info.state_entry_time);
}

/**
 * runstate_init() - a new vcpu is down
 * @v: the vcpu, zeroed
 */
void runstate_init(struct vcpu *v)
{
	v->runstate = RUNSTATE_offline;
	v->runstate_since = system_time();
	v->area.mfn[0] = MFN_NONE;
	v->area.mfn[1] = MFN_NONE;
}

static void put_area(const struct runstate_area *a)
{
	for (unsigned int i = 0; i < 2; i++)
		if (a->mfn[i] != MFN_NONE)
			page_put(a->mfn[i]);
}

static int get_area(struct domain *d, u64 gpa, struct runstate_area *a)
{
	size_t size = sizeof(struct vcpu_runstate_info);
	u64 gfn = gpa >> PAGE_SHIFT;
	int rc;

	a->split = PAGE_SIZE - (gpa & PAGE_MASK);
	rc = frame_get(d, gfn, &a->mfn[0]);
	if (rc)
		return rc;
	a->part[0] = (u8 *)arch_ma_to_ptr(a->mfn[0] << PAGE_SHIFT) + (gpa & PAGE_MASK);
	if (a->split >= size)
		return 0;
	rc = frame_get(d, gfn + 1, &a->mfn[1]);
	if (rc)
		return rc;
	a->part[1] = arch_ma_to_ptr(a->mfn[1] << PAGE_SHIFT);
	return 0;
}

/**
 * runstate_set_area() - where a vcpu's runstate is to be written
 * @v: any vcpu; its pCPU's lock is not held
 * @gpa: guest physical address; 0: nowhere
 *
 * The area is filled at once. Its pages stay referenced until it is replaced or
 * the vcpu ends.
 *
 * Return: 0, -EINVAL if @gpa is not a multiple of 8, -EFAULT if there is no RAM.
 */
int runstate_set_area(struct vcpu *v, u64 gpa)
{
	struct runstate_area a = { .mfn = { MFN_NONE, MFN_NONE } }, old;
	struct pcpu *p;

	if (gpa & 7)
		return -EINVAL;
	if (gpa && get_area(v->domain, gpa, &a)) {
		put_area(&a);
		return -EFAULT;
	}
	p = lock_vcpu(v);
	old = v->area;
	v->area = a;
	runstate_publish(v);
	spin_unlock(&p->lock);
	put_area(&old);
	return 0;
}

/**
 * runstate_snapshot() - a vcpu's runstate with the current state counted in
 * @v: any vcpu; its pCPU's lock is not held
 * @info: where to store it
 */
void runstate_snapshot(const struct vcpu *v, struct vcpu_runstate_info *info)
{
	struct pcpu *p = lock_vcpu(v);

	fill(v, info);
	info->time[v->runstate] += system_time() - v->runstate_since;
	spin_unlock(&p->lock);
}
