// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels without an operating system for tests/boot/charging: dom0, whose share of a processor is measured, and domUs, each of
 * which makes the hypervisor work in one way.
 *
 * DOMAIN=0	dom0: executes the marks of tests/bench/charge.c, SAMPLE ticks apart
 * DOMAIN=1	writes 64 KiB to the console by each call
 * DOMAIN=2	has all its vcpus tick each millisecond, and block
 * DOMAIN=3	calls for what may need a kick of other processors
 * DOMAIN=4	reboots
 * DOMAIN=5	allocates all event channels, and resets them
 * IDLE=1	the domU blocks instead
 */
#include "arch/cpu.h"
#include "bare.h"

#define MEMORY_OP		12
#define DECREASE		1
#define POPULATE		6
#define VCPU_OP			24
#define INITIALISE		0
#define UP			1
#define SET_PERIODIC		6
#define SCHED_OP		29
#define BLOCK			1
#define SHUTDOWN		2
#define REBOOT			1
#define EVTCHN_OP		32
#define ALLOC_UNBOUND		6
#define RESET			10
#define H_CONFER		0xe4
#define DOMID_SELF		0x7ff0
#define SECOND			512000000UL	/* of the timebase */
#define SETTLE			SECOND		/* until the domUs are up and at it */
#define SAMPLE			(2 * SECOND)
#define MILLISECOND_NS		1000000UL
#define VCPUS			64		/* of domain 2 */

asm(BARE_ENTRY
    "blocks: lis 3, -1; ori 3, 3, 29; li 4, 1; li 5, 0; sc 1; b blocks\n"
    BARE_STACK);

extern char blocks[];

/* struct vcpu_guest_context of arch-powerpc.h, as far as it counts. */
static struct {
	u64 gprs[32], lr, ctr, srr0, srr1, pc, msr, rest[16];
} context __aligned(8);

static char flood[65536] __aligned(8);

static void spin(u64 ticks)
{
	u64 start = mftb();

	while (mftb() - start < ticks)
		for (u32 i = 0; i < 1000; i++)
			asm volatile("");
}

static void dom0(void)
{
	static u32 poweroff;

	spin(SETTLE);
	asm volatile("ori 20,20,0");
	spin(SAMPLE);
	asm volatile("ori 21,21,0");
	hypercall(SCHED_OP, SHUTDOWN, INLINE(&poweroff), 0);
}

static void flood_console(void)
{
	for (u32 i = 0; i < sizeof(flood); i++)
		flood[i] = i % 64 == 63 ? '\n' : '$';
	for (;;)
		hypercall(CONSOLE_IO, 0, sizeof(flood), INLINE(flood));
}

static void tick(void)
{
	static u64 period __aligned(8) = MILLISECOND_NS;
	s64 rc = hypercall(VCPU_OP, SET_PERIODIC, 0, INLINE(&period));

	context.pc = (u64)blocks;
	context.msr = MSR_SF | MSR_LE;
	for (u64 id = 1; id < VCPUS && !rc; id++)
		rc = hypercall(VCPU_OP, INITIALISE, id, INLINE(&context)) ?:
		     hypercall(VCPU_OP, UP, id, 0) ?: hypercall(VCPU_OP, SET_PERIODIC, id, INLINE(&period));
	text("ticks ");
	number(-rc, 10);
	end_line();
}

static void kick(void)
{
	static u64 frame __aligned(8) = 0x1000;
	static struct {
		u64 extents, nr;
		u32 order, flags;
		u16 domid;
	} one __aligned(8) = { .nr = 1, .domid = DOMID_SELF };

	one.extents = INLINE(&frame);
	for (;;) {
		call(H_SET_MODE, 1, 4, 0);
		call(H_CONFER, ~0UL, 0, 0);
		hypercall(MEMORY_OP, DECREASE, INLINE(&one), 0);
		hypercall(MEMORY_OP, POPULATE, INLINE(&one), 0);
	}
}

static void reset_ports(void)
{
	static struct {
		u16 dom, remote;
		u32 port;
	} alloc __aligned(8) = { .dom = DOMID_SELF };
	static u16 self __aligned(8) = DOMID_SELF;

	for (;;) {
		while (!hypercall(EVTCHN_OP, ALLOC_UNBOUND, INLINE(&alloc), 0))
			;
		hypercall(EVTCHN_OP, RESET, INLINE(&self), 0);
	}
}

void main(void);
void main(void)
{
	static u32 reboot = REBOOT;

	if (DOMAIN == 0)
		dom0();
	if (!IDLE && DOMAIN == 1)
		flood_console();
	if (!IDLE && DOMAIN == 2)
		tick();
	if (!IDLE && DOMAIN == 3)
		kick();
	if (!IDLE && DOMAIN == 4)
		hypercall(SCHED_OP, SHUTDOWN, INLINE(&reboot), 0);
	if (!IDLE && DOMAIN == 5)
		reset_ports();
	for (;;)
		hypercall(SCHED_OP, BLOCK, 0, 0);
}
