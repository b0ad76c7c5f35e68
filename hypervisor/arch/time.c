// SPDX-License-Identifier: GPL-2.0
/*
 * The timebase and the hypervisor decrementer.
 */
#include "core/arch_ops.h"
#include "arch/cpu.h"

u64 tb_hz;

/**
 * arch_tb() - read the timebase
 *
 * Return: the timebase in ticks of tb_hz.
 */
u64 arch_tb(void)
{
	return mftb();
}

/**
 * arch_set_timer() - set the time of the next hypervisor timer exit
 * @ticks: ticks from now, 1 to TIMER_REACH
 *
 * HDEC counts down and interrupts while it is negative (ISA v3.0B III 6.5.12),
 * whatever MSR[EE] of the guest is. It may have as few as 32 bits, hence
 * TIMER_REACH; the caller sets a time that is farther away in several steps.
 */
void arch_set_timer(u64 ticks)
{
	mtspr(SPR_HDEC, ticks);
}
