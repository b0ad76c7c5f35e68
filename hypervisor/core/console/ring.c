// SPDX-License-Identifier: GPL-2.0
/*
 * The consoles of domains: what a domain writes by hypercall, and for a domU a ring in a page of
 * the guest's memory with an event channel. The hypervisor is the remote end of both, unless dom0
 * has taken it over (xenconsoled).
 *
 * The guest can write anything to the page at any time. The hypervisor keeps its
 * own two indices of the ring in its own memory, reads each index of the guest
 * once, and bounds it by the size of the ring.
 *
 * Vcpus of the domain, the poll timer and the teardown of the domain run on
 * several pCPUs; console_ring.lock serializes them. Events are sent without it,
 * since evtchn_lock comes before it in the lock order.
 *
 * Text goes from the ring or the hypercall to the domain's output (output.c), and from there to
 * the terminal in steps. exit_work() does a step while a vcpu of the domain is current, and comes
 * again at once as long as there is progress, choosing anew who runs before each step. So the
 * time is the domain's own: charged to it, limited by its cap, and none while it is paused. A
 * domain that was refused, or found no room in the machine's console, runs its guest meanwhile; it
 * is told when its turn comes, and by the poll timer every 20 ms.
 *
 * A ring is looked at after the guest has sent an event. One that is filled without costs nothing.
 */
#include "core/arch_ops.h"
#include "core/console/console.h"
#include "core/evtchn/evtchn.h"
#include "core/mm/memory.h"
#include "core/base/domains.h"
#include "core/base/timer.h"
#include "core/sched/sched.h"
#include "lib/bitops.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/slab.h"

#define IN_SIZE		1024U
#define OUT_SIZE	2048U
#define PULL_LEAST	16	/* bytes of room that make it worth while to look at a ring */
#define PATIENCE	2		/* polls before an unfinished line is shown */
#define LAST_NS		(4 * NSEC_PER_SEC)	/* how long a domain's shutdown waits for its text */

/**
 * console_ring_alloc() - set up the console of a new domain
 * @d: the domain; its output's buffer is part of what is allocated
 *
 * Return: 0 or -ENOMEM.
 */
int console_ring_alloc(struct domain *d)
{
	struct console_ring *c = xzalloc(sizeof(*c));

	if (!c)
		return -ENOMEM;
	output_init(&c->out, d->id, d->privileged);
	if (!d->privileged)
		snprintf(c->out.prefix, sizeof(c->out.prefix), "(d%u) ", d->id);
	spin_lock_init(&c->lock, RANK_RING);
	d->cons = c;
	return 0;
}

/**
 * console_ring_free() - free the console of a domain that is destroyed
 * @d: the domain, whose event channels are closed; console_domain_gone() has
 *     taken the focus from it. Text that it has not written yet is lost.
 */
void console_ring_free(struct domain *d)
{
	if (!d->cons)
		return;
	turn_leave(&d->cons->out);
	if (d->cons->ring)
		page_put(d->cons->mfn);
	xfree(d->cons);
	d->cons = NULL;
}

/* There is something to write: the next exit_work() with a vcpu of @d does a step. */
static void console_request(struct domain *d)
{
	WRITE_ONCE(d->console_work, true);
	WRITE_ONCE(this_pcpu()->work, true);
}

static void console_ring_event(struct domain *d, u32 port __maybe_unused)
{
	WRITE_ONCE(d->cons->rung, true);
	console_request(d);
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

	if (!c || d->privileged || c->ring)
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

/*
 * Moves text from the ring to the output, as much as fits. Return: whether the guest may have
 * found the ring full, and there is room now. Lock held.
 */
static bool console_ring_pull(struct domain *d, struct console_ring *c)
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
	left = used;
	while (left) {
		at = c->out_cons % OUT_SIZE;
		part = output_put(&c->out, c->ring->out + at, min(left, OUT_SIZE - at));
		if (!part)
			break;
		c->out_cons += part;
		left -= part;
	}
	/* The rest follows when there is room. */
	if (left)
		WRITE_ONCE(c->rung, true);
	/* Read the bytes before out_cons is stored: from then on the guest may overwrite them. */
	smp_mb();
	WRITE_ONCE(c->ring->out_cons, c->out_cons);
	return used >= OUT_SIZE / 2 && left < OUT_SIZE / 2;
}

/* Looks at the ring of a domain that has sent an event, if there is room for its text. */
static void console_ring_serve(struct domain *d, struct console_ring *c)
{
	bool notify = false;

	if (!READ_ONCE(c->ring) || !READ_ONCE(c->rung) || output_room(&c->out) < PULL_LEAST)
		return;
	spin_lock(&c->lock);
	if (!c->taken) {
		WRITE_ONCE(c->rung, false);
		smp_mb();	/* before out_prod is read: an event for later text sets it again */
		notify = console_ring_pull(d, c);
	} else {
		WRITE_ONCE(c->rung, false);
	}
	spin_unlock(&c->lock);
	if (notify)
		evtchn_notify(d, READ_ONCE(c->port));
}

/* Tells a domain that it may write: one of its vcpus is to come through exit_work(). */
static void console_tell(struct domain *d)
{
	struct vcpu *v, *blocked = NULL;

	if (READ_ONCE(d->paused))
		return;
	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		v = d->vcpu[i];
		if (READ_ONCE(v->state) == VCPU_BLOCKED) {
			blocked = blocked ? blocked : v;
		} else if (READ_ONCE(v->state) == VCPU_RUNNABLE) {
			/* One that waits for a pCPU does its step when it gets one. */
			if (READ_ONCE(v->pcpu->current) == v)
				pcpu_kick(v->pcpu);
			return;
		}
	}
	if (blocked)
		sched_wake(blocked);
}

/**
 * console_step() - write the next bytes of a domain to the terminal, if it is its turn
 * @d: a domain that runs; the caller's time is the domain's
 *
 * Bounded: writes TURN_STEP bytes at most, and waits for nobody. No lock is held.
 *
 * Return: true if it wrote something.
 */
bool console_step(struct domain *d)
{
	struct console_ring *c = d->cons;
	enum turn_result rc;
	struct domain *to;
	unsigned int next;

	WRITE_ONCE(d->console_work, false);
	smp_mb();	/* before looking for text: who adds some afterwards sets it again */
	console_ring_serve(d, c);
	rc = turn_step(&c->out, &next);
	if (READ_ONCE(c->rung) || output_ready(&c->out))
		WRITE_ONCE(d->console_work, true);
	to = next == TURN_NOBODY ? NULL : domain_find(next);
	if (to)
		console_tell(to);
	return rc == TURN_WROTE;
}

/**
 * console_finish() - let a domain's text appear before the domain shuts down
 * @d: the domain of the calling vcpu
 *
 * Does a step. Gives up after four seconds, so that neither a console that accepts nothing nor
 * other vcpus that go on writing keep the domain alive.
 *
 * Return: true if the caller is to come again before it shuts the domain down.
 */
bool console_finish(struct domain *d)
{
	struct console_ring *c = d->cons;
	u64 now = arch_tb(), zero = 0;

	/* Several vcpus may shut the domain down: the first one sets the time. */
	if (try_cmpxchg(&c->finish_by, &zero, now + ns_to_tb(LAST_NS)))
		WRITE_ONCE(c->rung, true);
	if (now >= READ_ONCE(c->finish_by))
		return false;
	output_flush(&c->out);
	console_step(d);
	if (READ_ONCE(d->console_work))
		return true;
	/* A shutdown that does not happen after all does not shorten the time of the next one. */
	WRITE_ONCE(c->finish_by, 0);
	return false;
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
 * console_output_poll() - remind a domain of output that had to wait
 * @d: the domain
 *
 * Called every 20 ms, in the time of whoever runs: does not write. Also lets a line appear that has
 * been unfinished for a while, such as a prompt.
 */
void console_output_poll(struct domain *d)
{
	struct console_ring *c = d->cons;

	if (!c)
		return;
	output_age(&c->out, PATIENCE);
	if (output_ready(&c->out) || READ_ONCE(c->rung)) {
		WRITE_ONCE(d->console_work, true);
		console_tell(d);
	}
}

/**
 * console_domain_write() - CONSOLEIO_write
 * @d: the domain of the calling vcpu
 * @text: what it writes
 * @n: length in bytes
 *
 * Return: bytes stored; fewer than @n if there is no room at present.
 */
size_t console_domain_write(struct domain *d, const char *text, size_t n)
{
	size_t done = output_put(&d->cons->out, text, n);

	console_request(d);
	return done;
}
