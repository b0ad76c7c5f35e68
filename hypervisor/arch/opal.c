// SPDX-License-Identifier: GPL-2.0
/*
 * The platform through OPAL firmware: console, clock, power (skiboot,
 * doc/opal-api). Every number that OPAL writes is big-endian.
 */
#include "core/arch_ops.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/opal.h"
#include "lib/byteorder.h"
#include "lib/printf.h"

#define OPAL_CONSOLE_WRITE	1
#define OPAL_CONSOLE_READ	2
#define OPAL_RTC_READ		3
#define OPAL_CEC_POWER_DOWN	5
#define OPAL_CEC_REBOOT		6
#define OPAL_POLL_EVENTS	10
#define OPAL_START_CPU		41
#define OPAL_REINIT_CPUS	70
#define OPAL_CONSOLE_FLUSH	117

#define OPAL_SUCCESS		0
#define OPAL_BUSY		(-2)
#define OPAL_PARTIAL		(-3)
#define OPAL_BUSY_EVENT		(-12)

#define REINIT_HILE_BE		1UL
#define REINIT_HILE_LE		2UL
#define REINIT_MMU_RADIX	8UL

#ifdef __LITTLE_ENDIAN__
#define REINIT_HILE		REINIT_HILE_LE
#else
#define REINIT_HILE		REINIT_HILE_BE
#endif

static s64 opal_call(u64 token, u64 a1, u64 a2, u64 a3)
{
	u64 args[9] = { token, a1, a2, a3 };

	return opal_entry_call(args);
}

/**
 * opal_init() - remember the entry point, have interrupts come in our byte order
 * @base: r8 at entry
 * @entry: r9 at entry
 */
void opal_init(u64 base, u64 entry)
{
	opal.base = base;
	opal.entry = entry;
	opal_call(OPAL_REINIT_CPUS, REINIT_HILE | REINIT_MMU_RADIX, 0, 0);
}

/**
 * opal_start_cpu() - let a processor that waits in the firmware execute our code
 * @pir: its number
 * @entry: where, in real mode, big-endian
 *
 * Return: 0 or an OPAL error.
 */
s64 opal_start_cpu(u32 pir, u64 entry)
{
	return opal_call(OPAL_START_CPU, pir, entry, 0);
}

/**
 * opal_poll() - let the firmware do its background work
 */
void opal_poll(void)
{
	be64 events;

	opal_call(OPAL_POLL_EVENTS, (u64)&events, 0, 0);
}

/**
 * arch_console_write() - bytes to the machine's console
 * @s: text
 * @n: bytes
 *
 * Bounded: a console that takes nothing for a while loses the rest.
 */
void arch_console_write(const char *s, size_t n)
{
	unsigned int tries = 0;

	while (n && tries++ < 10000) {
		be64 len = cpu_to_be64(n);
		s64 rc = opal_call(OPAL_CONSOLE_WRITE, 0, (u64)&len, (u64)s);
		u64 done = be64_to_cpu(len);

		if (rc == OPAL_SUCCESS || rc == OPAL_PARTIAL) {
			if (done > n)
				return;
			s += done;
			n -= done;
			if (done)
				tries = 0;
		} else if (rc != OPAL_BUSY && rc != OPAL_BUSY_EVENT) {
			return;
		}
		if (n)
			opal_poll();
	}
}

/*
 * The firmware's timers run only when it is polled. One of them feeds the BMC's
 * watchdog, which would reset the machine after a minute.
 */
static void poll_each_second(void)
{
	static u64 last;
	u64 now = arch_tb();

	if (now - last < tb_hz)
		return;
	last = now;
	opal_poll();
}

/**
 * arch_console_getc() - one byte from the machine's console
 *
 * Called at every look at the console, so it also keeps the firmware going.
 *
 * Return: the byte, -1 if there is none.
 */
int arch_console_getc(void)
{
	be64 len = cpu_to_be64(1);
	u8 c;

	poll_each_second();
	if (opal_call(OPAL_CONSOLE_READ, 0, (u64)&len, (u64)&c) != OPAL_SUCCESS || !len)
		return -1;
	return c;
}

static unsigned int bcd(u64 v)
{
	return (v >> 4 & 0xf) * 10 + (v & 0xf);
}

static u64 days_since_1970(u64 y, u64 m, u64 d)
{
	/* Days of a proleptic Gregorian date; the year starts in March */
	u64 yy = m > 2 ? y : y - 1, mm = m > 2 ? m - 3 : m + 9;

	return yy * 365 + yy / 4 - yy / 100 + yy / 400 + (153 * mm + 2) / 5 + d - 1 - 719468;
}

/**
 * arch_wallclock_ns() - the real time clock
 *
 * Return: ns since 1970-01-01 UTC, 0 where the machine has no working clock.
 */
u64 arch_wallclock_ns(void)
{
	be32 ymd_be = 0;
	be64 hms_be = 0;
	s64 rc = OPAL_BUSY_EVENT;
	unsigned int tries;
	u64 ymd, hms, days;

	for (tries = 0; tries < 100000 && (rc == OPAL_BUSY_EVENT || rc == OPAL_BUSY); tries++) {
		rc = opal_call(OPAL_RTC_READ, (u64)&ymd_be, (u64)&hms_be, 0);
		if (rc == OPAL_BUSY_EVENT)
			opal_poll();
	}
	if (rc != OPAL_SUCCESS)
		return 0;
	ymd = be32_to_cpu(ymd_be);
	hms = be64_to_cpu(hms_be);
	days = days_since_1970(bcd(ymd >> 24) * 100 + bcd(ymd >> 16), bcd(ymd >> 8), bcd(ymd));
	return ((days * 24 + bcd(hms >> 56)) * 60 + bcd(hms >> 48)) * 60000000000UL + bcd(hms >> 40) * 1000000000UL;
}

static void __attribute__((noreturn)) wait_for_end(void)
{
	for (;;)
		opal_poll();
}

/**
 * arch_poweroff() - switch the machine off
 */
void arch_poweroff(void)
{
	opal_call(OPAL_CONSOLE_FLUSH, 0, 0, 0);
	while (opal_call(OPAL_CEC_POWER_DOWN, 0, 0, 0) == OPAL_BUSY_EVENT)
		opal_poll();
	wait_for_end();
}

/**
 * arch_reboot() - start the machine again
 */
void arch_reboot(void)
{
	opal_call(OPAL_CONSOLE_FLUSH, 0, 0, 0);
	while (opal_call(OPAL_CEC_REBOOT, 0, 0, 0) == OPAL_BUSY_EVENT)
		opal_poll();
	wait_for_end();
}

/**
 * arch_halt() - end of a panic: the message is out, nothing runs any more
 */
void arch_halt(void)
{
	grace_halt();
	opal_call(OPAL_CONSOLE_FLUSH, 0, 0, 0);
	mtspr(SPR_DEC, 0x7fffffff);
	mtspr(SPR_LPCR, mfspr(SPR_LPCR) & ~LPCR_HDICE);
	for (;;)
		cpu_stop();
}
