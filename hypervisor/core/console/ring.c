// SPDX-License-Identifier: GPL-2.0
/*
 * A domU's console: the hypervisor is the other end of its ring and of the
 * ring's event channel.
 *
 * The guest may write anything into the page at any time. We keep our two
 * indices ourselves, read its two once each, and bound them by the size of
 * the ring; the bytes are text for a terminal and checked by nobody.
 *
 * Its vcpus, the poll timer and the end of the domain come here from several
 * pCPUs at once: the ring's lock makes one follow the other. Events are sent
 * after it is released, since event channels' locks come first in the order.
 *
 * A guest that prints without end is slowed down, not served to the harm of
 * others: what exceeds its rate stays in its ring (and is dropped where there
 * is no ring to wait in).
 */
#include "core/arch_ops.h"
#include "core/console/console.h"
#include "core/evtchn/evtchn.h"
#include "core/mm/memory.h"
#include "core/base/timer.h"
#include "lib/bitops.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/slab.h"

#define RATE		(256 * 1024UL)	/* bytes a second */
#define BURST		(256 * 1024UL)
#define IN_SIZE		1024U
#define OUT_SIZE	2048U
#define PATIENCE	2		/* polls that an unfinished line waits */

/**
 * console_ring_alloc() - prepare a new domain's console
 * @d: the domain; dom0 has none
 *
 * Return: 0 or -ENOMEM.
 */
int console_ring_alloc(struct domain *d)
{
	char prefix[12];

	if (d->id == 0)
		return 0;
	d->cons = xzalloc(sizeof(*d->cons));
	if (!d->cons)
		return -ENOMEM;
	snprintf(prefix, sizeof(prefix), "(d%u) ", d->id);
	term_source_init(&d->cons->out, prefix);
	spin_lock_init(&d->cons->lock, RANK_RING);
	d->cons->tokens = BURST;
	d->cons->refilled = arch_tb();
	return 0;
}

/**
 * console_ring_free() - end a domain's console
 * @d: the domain; console_domain_gone() has taken the focus from it
 */
void console_ring_free(struct domain *d)
{
	if (!d->cons)
		return;
	term_source_free(&d->cons->out);
	if (d->cons->ring)
		page_put(d->cons->mfn);
	xfree(d->cons);
	d->cons = NULL;
}

static void console_ring_event(struct domain *d, u32 port __maybe_unused)
{
	console_ring_drain(d, false);
}

/* Continue where dom0 has stopped reading and writing the ring. */
static void console_ring_taken(struct domain *d, bool by_dom0)
{
	struct console_ring *c = d->cons;

	spin_lock(&c->lock);
	c->taken = by_dom0;
	c->out_cons = READ_ONCE(c->ring->out_cons);
	c->in_prod = READ_ONCE(c->ring->in_prod);
	spin_unlock(&c->lock);
}

static const struct evtchn_consumer console_ring_consumer = {
	.event = console_ring_event,
	.taken = console_ring_taken,
};

/**
 * console_ring_set() - give a domain its console ring
 * @d: a domU that does not run yet
 * @gfn: page of its RAM, zeroed
 *
 * Binds the event channel and sets HVM_PARAM_CONSOLE_PFN and _EVTCHN. The page
 * stays the console's to the domain's end, even if that fails.
 *
 * Return: 0, -EINVAL if the page is not the domain's, -ENOMEM.
 */
int console_ring_set(struct domain *d, u64 gfn)
{
	struct console_ring *c = d->cons;
	struct xencons_interface *ring;
	u32 port;
	int rc;

	if (!c || c->ring)
		return -EINVAL;
	rc = frame_get(d, gfn, &c->mfn);
	if (rc)
		return rc;
	ring = arch_ma_to_ptr(c->mfn << PAGE_SHIFT);
	/* Whole before its port is: dom0 may bind that as soon as it is there. */
	spin_lock(&c->lock);
	c->out_cons = READ_ONCE(ring->out_cons);
	c->in_prod = READ_ONCE(ring->in_prod);
	WRITE_ONCE(c->ring, ring);
	spin_unlock(&c->lock);
	rc = evtchn_bind_consumer(d, &console_ring_consumer, &port);
	if (rc)
		return rc;
	WRITE_ONCE(c->port, port);
	spin_lock(&d->lock);
	d->params[HVM_PARAM_CONSOLE_PFN] = gfn;
	d->params[HVM_PARAM_CONSOLE_EVTCHN] = port;
	spin_unlock(&d->lock);
	return 0;
}

static void refill(struct console_ring *c)
{
	u64 now = arch_tb(), more;

	more = tb_to_ns(now - c->refilled) / (NSEC_PER_SEC / RATE);
	if (more) {
		c->tokens = min(BURST, c->tokens + min(more, BURST));
		c->refilled = now;
	}
}

/* Return: bytes that were there. The ring's lock is held. */
static u32 drain(struct domain *d, struct console_ring *c, bool all)
{
	u32 prod, used, left, at, part;

	prod = READ_ONCE(c->ring->out_prod);
	smp_rmb();	/* the index before the bytes it vouches for */
	used = prod - c->out_cons;
	if (used > OUT_SIZE) {
		if (!c->warned)
			printk("d%u: console ring index %u is out of range\n", d->id, prod);
		c->warned = true;
		used = 0;
		c->out_cons = prod;
	}
	refill(c);
	left = all ? used : min_t(u64, used, c->tokens);
	c->tokens -= min_t(u64, c->tokens, left);
	for (; left; left -= part) {
		at = c->out_cons % OUT_SIZE;
		part = min(left, OUT_SIZE - at);
		term_write(&c->out, c->ring->out + at, part);
		c->out_cons += part;
	}
	smp_mb();	/* the bytes are read before their room is given back */
	WRITE_ONCE(c->ring->out_cons, c->out_cons);
	/* A domain that has the focus is typed at: its prompts are shown at once. */
	if (all || console_ring_has_focus(c))
		term_flush(&c->out);
	return used;
}

/**
 * console_ring_drain() - print what a domain has put into its ring
 * @d: the domain; none of its locks is held
 * @all: now, whatever its rate and whoever else writes: its last words
 */
void console_ring_drain(struct domain *d, bool all)
{
	struct console_ring *c = d->cons;
	u32 used = 0;

	if (!c || !READ_ONCE(c->ring))
		return;
	if (!all && term_busy(&c->out))
		return;
	spin_lock(&c->lock);
	if (!c->taken)
		used = drain(d, c, all);
	spin_unlock(&c->lock);
	/* A writer that found the ring full may be waiting for this. */
	if (used >= OUT_SIZE / 2)
		evtchn_notify(d, READ_ONCE(c->port));
}

/**
 * console_ring_room() - can a domain take input?
 * @d: the domain
 *
 * Return: false while its ring is full; true where input would be dropped.
 */
bool console_ring_room(const struct domain *d)
{
	struct console_ring *c = d->cons;
	u32 used = 0;

	if (!c || !READ_ONCE(c->ring))
		return true;
	spin_lock(&c->lock);
	if (!c->taken)
		used = c->in_prod - READ_ONCE(c->ring->in_cons);
	spin_unlock(&c->lock);
	return used > IN_SIZE || used < IN_SIZE - 3;
}

/**
 * console_ring_input() - a character for a domain
 * @d: the domain; console_poll() notifies it
 * @c: the character, dropped if the ring is full or its index out of range
 */
void console_ring_input(struct domain *d, char c)
{
	struct console_ring *r = d->cons;
	u32 used;

	if (!r || !READ_ONCE(r->ring))
		return;
	spin_lock(&r->lock);
	used = r->in_prod - READ_ONCE(r->ring->in_cons);
	if (!r->taken && used < IN_SIZE) {
		smp_mb();	/* the guest has read what is overwritten now */
		WRITE_ONCE(r->ring->in[r->in_prod++ % IN_SIZE], c);
		smp_wmb();	/* the byte before the index */
		WRITE_ONCE(r->ring->in_prod, r->in_prod);
	}
	spin_unlock(&r->lock);
}

/**
 * console_ring_poll() - catch up with a domain's output
 * @d: the domain
 *
 * Takes up what had to wait, and shows a line that has been unfinished for a
 * while: a prompt.
 */
void console_ring_poll(struct domain *d)
{
	struct console_ring *c = d->cons;

	if (!c)
		return;
	console_ring_drain(d, false);
	spin_lock(&c->lock);
	if (c->lost) {
		refill(c);
		if (c->tokens) {
			printk("d%u: %lu bytes of output dropped\n", d->id, c->lost);
			c->lost = 0;
		}
	}
	spin_unlock(&c->lock);
	term_age(&c->out, PATIENCE);
}

/**
 * console_domain_write() - CONSOLEIO_write of a domU
 * @d: the domain
 * @text: text
 * @n: bytes; what exceeds its rate is dropped
 */
void console_domain_write(struct domain *d, const char *text, size_t n)
{
	struct console_ring *c = d->cons;
	u64 take;

	if (!c)
		return;
	spin_lock(&c->lock);
	refill(c);
	take = min_t(u64, n, c->tokens);
	c->tokens -= take;
	c->lost += n - take;
	spin_unlock(&c->lock);
	term_write(&c->out, text, take);
}
