// SPDX-License-Identifier: GPL-2.0
/*
 * The platform: console, real-time clock, power and secondary processors, by
 * calls of the OPAL firmware (skiboot, doc/opal-api). Numbers that OPAL writes to
 * memory are big-endian.
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
#define OPAL_CONSOLE_WRITE_BUFFER_SPACE	25
#define OPAL_START_CPU		41
#define OPAL_REINIT_CPUS	70
#define OPAL_GET_MSG		85
#define OPAL_CONSOLE_FLUSH	117
#define OPAL_HANDLE_HMI2	166

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
 * opal_init() - set OPAL's entry point and the byte order of interrupts
 * @base: r8 at the entry of the image
 * @entry: r9 at the entry of the image
 *
 * Before all other messages. HID0[HILE] is set to the hypervisor's byte order. If the firmware
 * refuses one of the two, the first interrupt may execute the vectors in the other order; or the
 * processor has radix translation without being asked, and all is well.
 */
void opal_init(u64 base, u64 entry)
{
	s64 rc;

	opal.base = base;
	opal.entry = entry;
	rc = opal_call(OPAL_REINIT_CPUS, REINIT_HILE | REINIT_MMU_RADIX, 0, 0);
	if (rc)
		printk("firmware does not set byte order of interrupts or radix translation: error %ld\n", rc);
}

/**
 * opal_start_cpu() - start a processor that waits in the firmware
 * @pir: the processor's PIR
 * @entry: address of its first instruction, executed in real mode, big-endian
 *
 * Return: 0 or an OPAL error.
 */
s64 opal_start_cpu(u32 pir, u64 entry)
{
	return opal_call(OPAL_START_CPU, pir, entry, 0);
}

/**
 * opal_poll() - let the firmware run its timers and other background work
 */
void opal_poll(void)
{
	be64 events;

	opal_call(OPAL_POLL_EVENTS, (u64)&events, 0, 0);
}

/**
 * opal_handle_hmi() - let the firmware handle a hypervisor maintenance interrupt of this pCPU
 * @flags: flags to which those of the firmware are added (hmi.h)
 *
 * All firmware for POWER9 and later has this call.
 *
 * Return: 0 or an OPAL error.
 */
s64 opal_handle_hmi(u64 *flags)
{
	be64 more = 0;
	s64 rc = opal_call(OPAL_HANDLE_HMI2, (u64)&more, 0, 0);

	*flags |= be64_to_cpu(more);
	return rc;
}

/**
 * opal_get_msg() - take a message from the firmware
 * @msg: where to store it
 * @size: bytes there
 *
 * Return: whether there was one.
 */
bool opal_get_msg(void *msg, size_t size)
{
	return opal_call(OPAL_GET_MSG, (u64)msg, size, 0) == OPAL_SUCCESS;
}

/**
 * arch_console_room() - how much the machine's console accepts now
 *
 * Return: bytes; a page if the firmware does not know.
 */
size_t arch_console_room(void)
{
	be64 len = 0;

	if (opal_call(OPAL_CONSOLE_WRITE_BUFFER_SPACE, 0, (u64)&len, 0) != OPAL_SUCCESS)
		return PAGE_SIZE;
	return be64_to_cpu(len);
}

/**
 * arch_console_put() - write to the machine's console without waiting
 * @s: text
 * @n: bytes
 *
 * Context: console_lock held.
 *
 * Return: bytes that the console has accepted; all of them if it is broken.
 */
size_t arch_console_put(const char *s, size_t n)
{
	be64 len = cpu_to_be64(n);
	s64 rc = opal_call(OPAL_CONSOLE_WRITE, 0, (u64)&len, (u64)s);

	if (rc == OPAL_BUSY || rc == OPAL_BUSY_EVENT)
		return 0;
	if (rc != OPAL_SUCCESS && rc != OPAL_PARTIAL)
		return n;
	return min_t(u64, be64_to_cpu(len), n);
}

/**
 * arch_console_write() - write to the machine's console
 * @s: text
 * @n: bytes
 *
 * Waits while the console's buffer is full, but gives up on the rest of the text
 * if the console accepts nothing in 10000 attempts. For the hypervisor's own messages only: domains
 * leave room for them. Context: console_lock held, or a panic.
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
 * OPAL's timers run only while it is polled. One of them feeds the BMC's watchdog,
 * which otherwise resets the machine after a minute.
 */
static void opal_poll_each_second(void)
{
	static u64 last;
	u64 now = arch_tb();

	if (now - last < tb_hz)
		return;
	last = now;
	opal_poll();
}

/**
 * arch_console_getc() - read one byte from the machine's console
 *
 * The console's timer calls this some 50 times a second; it therefore also polls
 * OPAL once a second.
 *
 * Return: the byte, -1 if there is none.
 */
int arch_console_getc(void)
{
	be64 len = cpu_to_be64(1);
	u8 c;

	opal_poll_each_second();
	if (opal_call(OPAL_CONSOLE_READ, 0, (u64)&len, (u64)&c) != OPAL_SUCCESS || !len)
		return -1;
	return c;
}

static unsigned int rtc_bcd(u64 v)
{
	return (v >> 4 & 0xf) * 10 + (v & 0xf);
}

static u64 rtc_days(u64 y, u64 m, u64 d)
{
	/* Proleptic Gregorian calendar; years that start in March put the leap day last. */
	u64 yy = m > 2 ? y : y - 1, mm = m > 2 ? m - 3 : m + 9;

	return yy * 365 + yy / 4 - yy / 100 + yy / 400 + (153 * mm + 2) / 5 + d - 1 - 719468;
}

/**
 * arch_random() - get random bits from the processor
 * @out: where to store 64 of them
 *
 * Return: false if the processor's source is exhausted or broken.
 */
bool arch_random(u64 *out)
{
	return cpu_random(out);
}

/**
 * arch_wallclock_ns() - read the real-time clock
 *
 * Waits for the firmware, with a bound.
 *
 * Return: ns since 1970-01-01 UTC, 0 where the machine has no working clock.
 */
u64 arch_wallclock_ns(void)
{
	be32 ymd_be = 0;
	be64 hms_be = 0;
	s64 rc = OPAL_BUSY_EVENT;
	unsigned int tries;
	u64 ymd, hms, days, minutes;

	for (tries = 0; tries < 100000 && (rc == OPAL_BUSY_EVENT || rc == OPAL_BUSY); tries++) {
		rc = opal_call(OPAL_RTC_READ, (u64)&ymd_be, (u64)&hms_be, 0);
		if (rc == OPAL_BUSY_EVENT)
			opal_poll();
	}
	if (rc != OPAL_SUCCESS)
		return 0;
	ymd = be32_to_cpu(ymd_be);
	hms = be64_to_cpu(hms_be);
	days = rtc_days(rtc_bcd(ymd >> 24) * 100 + rtc_bcd(ymd >> 16), rtc_bcd(ymd >> 8), rtc_bcd(ymd));
	minutes = (days * 24 + rtc_bcd(hms >> 56)) * 60 + rtc_bcd(hms >> 48);
	return minutes * 60 * NSEC_PER_SEC + rtc_bcd(hms >> 40) * NSEC_PER_SEC;
}

static void __noreturn opal_poll_forever(void)
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
	opal_poll_forever();
}

/**
 * arch_reboot() - reboot the machine
 */
void arch_reboot(void)
{
	opal_call(OPAL_CONSOLE_FLUSH, 0, 0, 0);
	while (opal_call(OPAL_CEC_REBOOT, 0, 0, 0) == OPAL_BUSY_EVENT)
		opal_poll();
	opal_poll_forever();
}

/**
 * arch_halt() - stop all pCPUs after a panic
 *
 * The other pCPUs come here through grace_quiesce_slow(), when they next leave
 * their guests. Takes no lock. The machine stays on, so that the message can be
 * read.
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
