// SPDX-License-Identifier: GPL-2.0
/*
 * Runstates: how long each vcpu ran, waited for a pCPU, slept, or was down;
 * Linux makes its steal time of it. Times are kept in ticks, which add up
 * exactly, and turned into ns only where a guest sees them.
 */
#include "core/arch.h"
#include "core/memory.h"
#include "core/sched.h"
#include "lib/bitops.h"

/* An aligned doubleword of the registered area; gone pages are ignored. */
static void store(struct vcpu *v, size_t at, u64 val)
{
	u64 gpa = v->runstate_gpa + at;
	u8 *p = vcpu_frame(v, gpa >> PAGE_SHIFT, true);

	if (p)
		WRITE_ONCE(*(u64 *)(p + (gpa & PAGE_MASK)), val);
}

static void store_state(struct vcpu *v, s32 state)
{
	u8 *p = vcpu_frame(v, v->runstate_gpa >> PAGE_SHIFT, true);

	if (p)
		WRITE_ONCE(*(s32 *)(p + (v->runstate_gpa & PAGE_MASK)), state);
}

/**
 * runstate_publish() - write a vcpu's runstate into the area it registered
 * @v: the vcpu; nothing happens if it registered none
 *
 * The area may be read from other vcpus meanwhile. If the guest has asked for
 * it (VMASST_TYPE_runstate_update_flag), the top bit of state_entry_time says
 * that the rest is being written; the value without it comes last.
 */
void runstate_publish(struct vcpu *v)
{
	u64 entry = v->runstate.state_entry_time;

	if (!v->runstate_gpa)
		return;
	if (v->domain->runstate_update) {
		store(v, offsetof(struct vcpu_runstate_info, state_entry_time),
		      entry | XEN_RUNSTATE_UPDATE);
		smp_wmb();	/* the mark before what it covers */
	}
	store_state(v, v->runstate.state);
	for (unsigned int i = 0; i < ARRAY_SIZE(v->runstate.time); i++)
		store(v, offsetof(struct vcpu_runstate_info, time) + i * sizeof(u64),
		      v->runstate.time[i]);
	smp_wmb();	/* and all of that before its end */
	store(v, offsetof(struct vcpu_runstate_info, state_entry_time), entry);
}

/**
 * runstate_change() - a vcpu enters a state
 * @v: the vcpu
 * @state: RUNSTATE_*
 * @now: timebase
 *
 * A change to the state it is in is no change.
 */
void runstate_change(struct vcpu *v, int state, u64 now)
{
	int old = v->runstate.state;

	if (old == state)
		return;
	v->runstate_ticks[old] += now - v->runstate_tb;
	v->runstate.time[old] = tb_to_ns(v->runstate_ticks[old]);
	v->runstate.state = state;
	v->runstate.state_entry_time = tb_to_ns(now);
	v->runstate_tb = now;
	runstate_publish(v);
}

/**
 * runstate_snapshot() - a vcpu's runstate with the current state counted in
 * @v: the vcpu
 * @info: where to store it
 */
void runstate_snapshot(const struct vcpu *v, struct vcpu_runstate_info *info)
{
	int s = v->runstate.state;

	*info = v->runstate;
	info->time[s] = tb_to_ns(v->runstate_ticks[s] + (arch_tb() - v->runstate_tb));
}
