// SPDX-License-Identifier: GPL-2.0
/*
 * Runstates: for how long each vcpu was running, runnable (waiting for a pCPU),
 * blocked, or offline. Linux computes steal time from them. All times are
 * differences of one clock (system time), so the four sums always add up to the
 * age of the vcpu; a rounding error in one state is made up for in the next.
 *
 * The lock of the pCPU that the vcpu belongs to protects all of this.
 */
#include "core/mm/memory.h"
#include "core/sched/private.h"
#include "lib/errno.h"
#include "lib/string.h"

static void runstate_copy(const struct vcpu *v, struct vcpu_runstate_info *info)
{
	info->state = v->runstate;
	info->state_entry_time = v->runstate_since;
	for (unsigned int i = 0; i < ARRAY_SIZE(info->time); i++)
		info->time[i] = v->runstate_ns[i];
}

/* Stores a doubleword at offset @at of an area that may span two pages. */
static void runstate_area_store(const struct runstate_area *a, size_t at, u64 val)
{
	u8 *to = at < a->split ? a->part[0] + at : a->part[1] + (at - a->split);

	WRITE_ONCE(*(u64 *)to, val);
}

#define ENTRY_TIME	offsetof(struct vcpu_runstate_info, state_entry_time)
#define TIMES		offsetof(struct vcpu_runstate_info, time)

/**
 * runstate_publish_in_parts() - runstate_publish() for an area that spans two pages
 * @v: a vcpu with a registered area; pcpu.lock held
 *
 * The two pages are not contiguous in machine memory.
 */
void runstate_publish_in_parts(const struct vcpu *v)
{
	const struct runstate_area *a = &v->area;
	struct vcpu_runstate_info info;

	runstate_copy(v, &info);
	if (READ_ONCE(v->domain->runstate_update)) {
		runstate_area_store(a, ENTRY_TIME, info.state_entry_time | XEN_RUNSTATE_UPDATE);
		smp_wmb();	/* the update mark before the fields that it covers */
	}
	/* a->split is a multiple of 8, so the state is always in the first page. */
	WRITE_ONCE(*(s32 *)a->part[0], info.state);
	for (unsigned int i = 0; i < ARRAY_SIZE(info.time); i++)
		runstate_area_store(a, TIMES + i * sizeof(u64), info.time[i]);
	smp_wmb();	/* all fields before the mark is cleared */
	runstate_area_store(a, ENTRY_TIME, info.state_entry_time);
}

/**
 * runstate_init() - start the accounting of a new vcpu, which is offline
 * @v: the vcpu, zeroed
 */
void runstate_init(struct vcpu *v)
{
	v->runstate = RUNSTATE_offline;
	v->runstate_since = system_time();
	v->area.mfn[0] = MFN_NONE;
	v->area.mfn[1] = MFN_NONE;
}

static void runstate_area_put(const struct runstate_area *a)
{
	for (unsigned int i = 0; i < 2; i++)
		if (a->mfn[i] != MFN_NONE)
			page_put(a->mfn[i]);
}

/* Takes a reference on the one or two pages of an area. On an error the caller puts what it got. */
static int runstate_area_get(struct domain *d, u64 gpa, struct runstate_area *a)
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
 * runstate_set_area() - register the guest memory that receives a vcpu's runstate
 * @v: any vcpu; takes the lock of its pCPU
 * @gpa: guest physical address of a struct vcpu_runstate_info; 0 unregisters
 *
 * The area is written before this returns. Its pages stay referenced until
 * another area is registered or the vcpu ends.
 *
 * Return: 0; -EINVAL if @gpa is not a multiple of 8; -EFAULT if the area is not
 * in RAM of the domain.
 */
int runstate_set_area(struct vcpu *v, u64 gpa)
{
	struct runstate_area a = { .mfn = { MFN_NONE, MFN_NONE } }, old;
	struct pcpu *p;

	if (gpa & 7)
		return -EINVAL;
	if (gpa && runstate_area_get(v->domain, gpa, &a)) {
		runstate_area_put(&a);
		return -EFAULT;
	}
	p = lock_vcpu(v);
	old = v->area;
	v->area = a;
	runstate_publish(v);
	spin_unlock(&p->lock);
	runstate_area_put(&old);
	return 0;
}

/**
 * runstate_snapshot() - read a vcpu's runstate, up to date
 * @v: any vcpu; takes the lock of its pCPU
 * @info: filled in; the time spent in the current state so far is included
 */
void runstate_snapshot(const struct vcpu *v, struct vcpu_runstate_info *info)
{
	struct pcpu *p = lock_vcpu(v);

	runstate_copy(v, info);
	info->time[v->runstate] += system_time() - v->runstate_since;
	spin_unlock(&p->lock);
}
