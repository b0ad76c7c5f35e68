// SPDX-License-Identifier: GPL-2.0
/*
 * Consoles: domUs store any index and any text in their console rings, domains write by hypercall,
 * dom0 takes rings over, an administrator types, and the terminal has room or not. Whatever they
 * do, the hypervisor's indices stay in range, and no control character of a domU reaches the
 * terminal, unless the domU has the input focus and so all of the terminal.
 */
#include <string.h>
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/console/console.h"
#include "core/evtchn/evtchn.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/memory.h"
#include "core/mm/xencomm.h"
#include "host/host.h"
#include "utf8.h"
#include "world.h"

#define RING_GFN	5UL
#define TEXT_GFN	6UL
#define TEXT		64U
#define STEPS		8
#define MAX_POLLS	100	/* host_type() holds the keys of 16, and there are 5 owners of the input */
#define SWITCH_FOCUS	"\001\001\001"

static bool focus_moved;	/* in this run */

/**
 * world_console_new() - give a domU its console ring
 * @d: a new domain
 */
void world_console_new(struct domain *d)
{
	if (d->id)
		world_require(!console_ring_set(d, RING_GFN), "a new domain gets no console ring");
}

/**
 * world_console_reset() - forget what an earlier run left: typed keys, unfinished lines, the focus
 *
 * The domains are new. Without this, what an input does would depend on the inputs before it.
 */
void world_console_reset(void)
{
	char buf[64];

	host_console_room = ~0UL;
	/* Keys that nobody has read yet could move the focus later. */
	while (arch_console_getc() >= 0)
		;
	host_type("x");
	console_poll();
	for (unsigned int polls = 0; !strstr(host_console, "input to DOM0"); polls++) {
		world_require(polls < MAX_POLLS, "the input focus does not come back to dom0");
		/* Typed keys of the hypervisor may have filled it, and what follows would be dropped. */
		host_console_clear();
		host_type(SWITCH_FOCUS);
		console_poll();
		/* All read what they got: input is not taken from the machine while its owner has no room. */
		while (console_input_read(buf, sizeof(buf)))
			;
		for (u16 id = 1; id < DOMAINS; id++)
			domains[id]->cons->ring->in_cons = domains[id]->cons->ring->in_prod;
	}
	focus_moved = false;
	host_console_clear();
}

/* Text with parts of escape sequences and of UTF-8 characters, or any bytes. */
static unsigned int any_text(char *to, unsigned int size, bool harmless)
{
	static const char parts[] = "\n\r\t\033[;m\x9b\xc2\xe2\x82\xac\xf0\x9f\x7f\001 ab";
	unsigned int n = world_take(1) % (size + 1);

	for (unsigned int i = 0; i < n; i++) {
		u8 c = world_take(1);

		to[i] = c & 0x80 ? c : parts[c % (sizeof(parts) - 1)];
		if (harmless && (to[i] < ' ' || to[i] == 0x7f) && to[i] != '\n')
			to[i] = '.';
	}
	return n;
}

/* An index of a ring: near another one, as far away as the ring is large, or any. */
static u32 any_index(u32 near)
{
	u8 how = world_take(1);

	switch (how & 3) {
	case 0:
		return near + (how >> 2);
	case 1:
		return near + 1024 * (how >> 2 & 3) + (how >> 4) - 8;
	case 2:
		return near - (how >> 2);
	default:
		return world_take(4);
	}
}

static void ring_text(struct xencons_interface *ring)
{
	char text[TEXT];
	unsigned int n = any_text(text, sizeof(text), false), repeat = 1 + world_take(1) % 40;

	while (repeat--)
		for (unsigned int i = 0; i < n; i++)
			ring->out[ring->out_prod++ % sizeof(ring->out)] = text[i];
}

static void ring_scribble(struct xencons_interface *ring)
{
	switch (world_take(1) & 3) {
	case 0:
		ring->out_prod = any_index(ring->out_cons);
		break;
	case 1:
		ring->out_cons = any_index(ring->out_prod);
		break;
	case 2:
		ring->in_prod = any_index(ring->in_cons);
		break;
	default:
		ring->in_cons = any_index(ring->in_prod);
	}
}

static void use_ring(struct domain *d)
{
	struct xencons_interface *ring = d->cons->ring;

	if (!ring)
		return;
	if (world_take(1) & 1)
		ring_text(ring);
	else
		ring_scribble(ring);
	if (world_take(1) & 3)
		evtchn_send(d->vcpu[0], d->cons->port);
}

/* CONSOLEIO_write and _read, with an address and a length that may be wrong. */
static void use_hypercall(struct domain *d)
{
	char *p = frame_ptr(d, TEXT_GFN, true);
	u8 how = world_take(1);
	hypercall_fn call = hypercall_table[__HYPERVISOR_console_io];
	u64 arg[5] = { how & 15 ? how & 1 : world_take(8), 0, XENCOMM_INLINE_FLAG | TEXT_GFN << PAGE_SHIFT };

	if (!p)
		return;
	arg[1] = any_text(p, TEXT, !d->id);
	/* dom0 may send anything to the terminal, which would then look like a domU's. */
	if (d->id && !(how & 0x70)) {
		arg[1] = world_take(4);
		arg[2] += world_take(8);
	}
	for (int i = 0; i < STEPS && call(d->vcpu[0], arg) == HYPERCALL_RESTART; i++)
		(void)host_next();
}

/* dom0 binds to the port of a domU's console, or closes what it has. */
static void take_over(struct domain *d)
{
	u32 port = world_pick(16);

	if (!d->id)
		return;
	if (world_take(1) & 1)
		(void)evtchn_bind_interdomain(domains[0], d, d->cons->port, &port);
	else
		(void)evtchn_close(domains[0], port, true);
}

static void type_keys(void)
{
	char keys[] = { world_take(1), 0 };

	if ((keys[0] & 3) == 3) {
		host_type(SWITCH_FOCUS);
		focus_moved = true;
		return;
	}
	/* R, to the hypervisor, would reboot the machine. */
	keys[0] = keys[0] == 'R' ? 'q' : keys[0];
	focus_moved = focus_moved || keys[0] == 1;
	for (unsigned int n = 1 + world_take(1) * 4; n; n--)
		host_type(keys);
}

static void check_terminal(void)
{
	size_t n, i = 0;

	/* The buffer of the simulated console, when full, drops the rest of a character. */
	if (focus_moved || host_console_len + 1 == sizeof(host_console))
		return;
	while (i < host_console_len) {
		n = utf8_harmless((u8 *)host_console + i, host_console_len - i, true);
		/* A console that accepts no more may have taken a part of the last character. */
		if (!n && i + 4 > host_console_len && (u8)host_console[i] >= 0xc2)
			break;
		world_require(n, "a control character of a domU on the terminal");
		i += n;
	}
}

static void check_output(const struct domain *d)
{
	const struct output *o = &d->cons->out;

	world_require(o->prod - o->cons <= OUTPUT_SIZE && o->ready - o->cons <= o->prod - o->cons,
		      "an index of a domain's output is out of range");
	world_require(o->seq_n < 4 && o->seq_n <= o->seq_need, "an incomplete character is too long");
}

static void check_consoles(void)
{
	for (u16 id = 0; id < DOMAINS; id++)
		if (domains[id] && domains[id]->cons)
			check_output(domains[id]);
	check_terminal();
}

/**
 * world_act_console() - use the console as a guest, as dom0 or as an administrator
 */
void world_act_console(void)
{
	struct domain *d = domain_find(world_take(1) % DOMAINS);

	if (!d || !d->cons)
		return;
	switch (world_take(1) % 8) {
	case 0:
	case 1:
		use_ring(d);
		break;
	case 2:
		use_hypercall(d);
		break;
	case 3:
		take_over(d);
		break;
	case 4:
		type_keys();
		console_poll();
		break;
	case 5:
		host_console_room = world_take(1) & 3 ? ~0UL : world_take(2);
		break;
	case 6:
		(void)console_finish(d);
		break;
	default:
		for (unsigned int n = world_take(1) % 16; n; n--)
			(void)world_run_one();
	}
	check_consoles();
}
