// SPDX-License-Identifier: GPL-2.0
/*
 * The console of a domU: a ring in a page of the guest's memory, and an event
 * channel. The hypervisor is the remote end of both, unless dom0 has taken it
 * over (xenconsoled).
 *
 * The guest can write anything to the page at any time. The hypervisor keeps its
 * own two indices of the ring in its own memory, reads each index of the guest
 * once, and bounds it by the size of the ring.
 *
 * Vcpus of the domain, the poll timer and the teardown of the domain run on
 * several pCPUs; console_ring.lock serializes them. Events are sent without it,
 * since evtchn_lock comes before it in the lock order.
 *
 * Output is limited to RATE bytes a second, so that no guest can keep the
 * console for itself. What exceeds the rate stays in the ring until later; text
 * written by hypercall, which has no ring to wait in, is dropped.
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
#define BURST		(256 * 1024UL)	/* bytes that may be printed at once after a pause */
#define IN_SIZE		1024U
#define OUT_SIZE	2048U
#define PATIENCE	2		/* polls before an unfinished line is shown */

/**
 * console_ring_alloc() - set up the console of a new domain
 * @d: the domain; nothing is done for dom0, which has no ring
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
 * console_ring_free() - free the console of a domain that is destroyed
 * @d: the domain, whose event channels are closed; console_domain_gone() has
 *     taken the focus from it
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

/*
 * dom0 takes the place of the hypervisor, or gives it back: reads the indices
 * again, to continue where dom0 has stopped. evtchn_lock held.
 */
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
 * stays referenced until the domain is destroyed, also after an error.
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
	/* Complete the ring before its port exists, which dom0 can bind from then on. */
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

/* Adds the bytes that may be printed for the time since the last call. Lock held. */
static void console_ring_refill(struct console_ring *c)
{
	u64 now = arch_tb(), more;

	more = tb_to_ns(now - c->refilled) / (NSEC_PER_SEC / RATE);
	if (more) {
		c->tokens = min(BURST, c->tokens + min(more, BURST));
		c->refilled = now;
	}
}

/* Prints what is in the ring. Return: bytes that were in it before. Lock held. */
static u32 console_ring_print(struct domain *d, struct console_ring *c, bool all)
{
	u32 prod, used, left, at, part;

	prod = READ_ONCE(c->ring->out_prod);
	/* The guest stores bytes, then out_prod. Read in this order, or the bytes may be old ones. */
	smp_rmb();
	used = prod - c->out_cons;
	if (used > OUT_SIZE) {
		if (!c->warned)
			printk("d%u: console ring index %u is out of range\n", d->id, prod);
		c->warned = true;
		used = 0;
		c->out_cons = prod;
	}
	console_ring_refill(c);
	left = all ? used : min_t(u64, used, c->tokens);
	c->tokens -= min_t(u64, c->tokens, left);
	for (; left; left -= part) {
		at = c->out_cons % OUT_SIZE;
		part = min(left, OUT_SIZE - at);
		term_write(&c->out, c->ring->out + at, part);
		c->out_cons += part;
	}
	/* Read the bytes before out_cons is stored: from then on the guest may overwrite them. */
	smp_mb();
	WRITE_ONCE(c->ring->out_cons, c->out_cons);
	/* Show prompts at once while the user types in this domain. */
	if (all || console_ring_has_focus(c))
		term_flush(&c->out);
	return used;
}

/**
 * console_ring_drain() - print what a domain has put into its ring
 * @d: the domain; none of its locks is held
 * @all: print everything now, regardless of its rate and of an unfinished line
 *       of dom0: for a domain that shuts down
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
		used = console_ring_print(d, c, all);
	spin_unlock(&c->lock);
	/* The guest may have found the ring full and be waiting for an event. */
	if (used >= OUT_SIZE / 2)
		evtchn_notify(d, READ_ONCE(c->port));
}

/**
 * console_ring_room() - does the ring have room for the input of one key?
 * @d: the domain
 *
 * One key can deliver three characters: itself, and two Ctrl-A held back.
 *
 * Return: false if the ring is too full; true also where console_ring_input()
 * would drop the character, so that it does not hold up the console.
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
 * console_ring_input() - store a typed character in the ring
 * @d: the domain; the caller sends the event
 * @c: the character; dropped if the ring is full, its index out of range, or
 *     dom0 has taken the console
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
		/*
		 * The guest reads a byte, then stores in_cons. in_cons was read
		 * above; store the new byte after that, or the guest could find
		 * it in place of one that it has yet to read.
		 */
		smp_mb();
		WRITE_ONCE(r->ring->in[r->in_prod++ % IN_SIZE], c);
		smp_wmb();	/* store the byte before in_prod, which the guest reads first */
		WRITE_ONCE(r->ring->in_prod, r->in_prod);
	}
	spin_unlock(&r->lock);
}

/**
 * console_ring_poll() - print output of a domain that had to wait
 * @d: the domain
 *
 * Also shows a line that has been unfinished for a while, such as a prompt, and
 * reports dropped output.
 */
void console_ring_poll(struct domain *d)
{
	struct console_ring *c = d->cons;

	if (!c)
		return;
	console_ring_drain(d, false);
	spin_lock(&c->lock);
	if (c->lost) {
		console_ring_refill(c);
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
 * @text: what it writes
 * @n: length in bytes; what exceeds its rate is dropped
 */
void console_domain_write(struct domain *d, const char *text, size_t n)
{
	struct console_ring *c = d->cons;
	u64 take;

	if (!c)
		return;
	spin_lock(&c->lock);
	console_ring_refill(c);
	take = min_t(u64, n, c->tokens);
	c->tokens -= take;
	c->lost += n - take;
	spin_unlock(&c->lock);
	term_write(&c->out, text, take);
}
