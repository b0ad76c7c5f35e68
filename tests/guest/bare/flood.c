// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels without an operating system that share the console. tests/boot/flood reads what they write.
 *
 * DOMAIN=0	dom0: writes "#" and a newline, by two calls, again and again
 * DOMAIN=1	writes 64 KiB of "$" without a newline by each call
 * DOMAIN=2	keeps its console ring full of lines of "%", with an event each time
 * DOMAIN=3	keeps its console ring full of lines of "&", by plain stores
 *
 * The texts of domUs contain sequences that would clear the screen.
 */
#include "arch/cpu.h"
#include "bare.h"

#define EVENT_CHANNEL_OP	32
#define EVTCHNOP_SEND		4
#define CONSOLEIO_WRITE		0
#define HVM_OP			34
#define HVMOP_GET_PARAM		1
#define DOMID_SELF		0x7ff0
#define CONSOLE_PFN		17
#define CONSOLE_EVTCHN		18
#define WORK			10000	/* loop iterations of dom0 between two "#" */
#define RING_OUT		2048U

/* The ring page: Xen's struct xencons_interface. */
struct ring {
	char in[1024], out[RING_OUT];
	u32 in_cons, in_prod, out_cons, out_prod;
};

struct hvm_param {
	u16 domid, pad;
	u32 index;
	u64 value;
};

/* CSI in its forms of 7 and 8 bits, and encoded. */
static const char clear[] = "\033[2J\2332J\302\2332J";
static char flood[65536] __aligned(8);

asm(BARE_ENTRY
    BARE_STACK);

static u64 param(u32 index)
{
	static struct hvm_param p __aligned(8);

	p.domid = DOMID_SELF;
	p.index = index;
	hypercall(HVM_OP, HVMOP_GET_PARAM, INLINE(&p), 0);
	return p.value;
}

static void dom0(void)
{
	static const char mark[] = "#\n";

	for (;;) {
		for (u32 i = 0; i < WORK; i++)
			asm volatile("");
		for (u32 i = 0; i < 2; i++)
			hypercall(CONSOLE_IO, CONSOLEIO_WRITE, 1, INLINE(&mark[i]));
	}
}

/* Byte @at of an endless text. */
static char text_byte(u32 at, char mark, bool lines)
{
	at %= 64;
	if (at < sizeof(clear) - 1)
		return clear[at];
	return lines && at == 63 ? '\n' : mark;
}

static void flood_calls(void)
{
	for (u32 i = 0; i < sizeof(flood); i++)
		flood[i] = text_byte(i, '$', false);
	for (;;)
		hypercall(CONSOLE_IO, CONSOLEIO_WRITE, sizeof(flood), INLINE(flood));
}

static void flood_ring(bool events)
{
	struct ring *ring = (struct ring *)(param(CONSOLE_PFN) << 12);
	static u32 port __aligned(8);
	u32 at;

	port = param(CONSOLE_EVTCHN);
	for (;;) {
		for (at = ring->out_prod; at - READ_ONCE(ring->out_cons) < RING_OUT; at++) {
			WRITE_ONCE(ring->out[at % RING_OUT], text_byte(at, events ? '%' : '&', true));
			asm volatile("lwsync" : : : "memory");
			WRITE_ONCE(ring->out_prod, at + 1);
		}
		if (events)
			hypercall(EVENT_CHANNEL_OP, EVTCHNOP_SEND, INLINE(&port), 0);
	}
}

void main(void);
void main(void)
{
	if (DOMAIN == 0)
		dom0();
	if (DOMAIN == 1)
		flood_calls();
	flood_ring(DOMAIN == 2);
}
