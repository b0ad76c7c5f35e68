// SPDX-License-Identifier: GPL-2.0
/*
 * FIFO event channels: every port has a 32-bit word in pages of the guest's,
 * and a pending port is linked, through these words, into one of 16 queues of
 * its vcpu. The queue's head and a word of ready bits are in a control block,
 * also the guest's memory.
 *
 * All of it can be scribbled over at any time. The hypervisor keeps its own
 * idea of each queue's tail and takes nothing from the guest but three bits
 * of a word; a guest that breaks its links loses its own events.
 *
 * The guest consumes from the head: it clears LINKED and the link of a word
 * in one atomic step. So if the tail's word is no longer LINKED when we want
 * to append to it, the guest has consumed it, the queue is empty, and the new
 * port becomes the head. BUSY asks the guest not to unmask for a moment, for
 * a word whose compare-and-swap keeps failing.
 *
 * Senders of other domains come here without this domain's evtchn_lock: under
 * the queues' lock alone they see whether there are queues, their pages and
 * their tails. The struct stays until the domain ends, for one who read that
 * FIFO is in use just before a reset.
 */
#include "core/arch_ops.h"
#include "core/evtchn/evtchn.h"
#include "core/mm/memory.h"
#include "lib/bitops.h"
#include "lib/errno.h"
#include "lib/slab.h"

#define WORDS_PER_PAGE	(PAGE_SIZE / sizeof(u32))
#define ARRAY_PAGES	(EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)
#define LINK_TRIES	4

struct fifo_vcpu {
	struct evtchn_fifo_control_block *control;	/* NULL: not set up */
	u64 mfn;
	u32 tail[EVTCHN_FIFO_MAX_QUEUES];	/* last port linked; 0: none */
};

struct evtchn_fifo {
	spinlock_t lock;	/* everything here; changed with evtchn_lock held as well */
	u32 nr_pages;
	bool active;
	u32 *array[ARRAY_PAGES];
	u64 array_mfn[ARRAY_PAGES];
	struct fifo_vcpu vcpu[];
};

static inline u32 *word_of(const struct evtchn_fifo *f, u64 port)
{
	if (port / WORDS_PER_PAGE >= f->nr_pages)
		return NULL;
	return f->array[port / WORDS_PER_PAGE] + port % WORDS_PER_PAGE;
}

/**
 * fifo_test() - a bit of a port's word
 * @f: queues of a domain that uses FIFO, or has just left it
 * @port: the port
 * @bit: EVTCHN_FIFO_PENDING or EVTCHN_FIFO_MASKED
 *
 * Return: the bit; a port without a word counts as masked and not pending.
 */
bool fifo_test(const struct evtchn_fifo *f, u64 port, unsigned int bit)
{
	const u32 *word;

	/* A poller comes without a lock; the pages stay for its hypercall. */
	if (port / WORDS_PER_PAGE >= __atomic_load_n(&f->nr_pages, __ATOMIC_ACQUIRE))
		return bit == EVTCHN_FIFO_MASKED;
	word = READ_ONCE(f->array[port / WORDS_PER_PAGE]) + port % WORDS_PER_PAGE;
	return READ_ONCE(*word) & (1U << bit);
}

/**
 * fifo_poll_begin() - let senders under way come to their end
 * @f: queues of a domain whose pollers have just been counted up
 *
 * They make a port pending and look for pollers under the queues' lock.
 */
void fifo_poll_begin(struct evtchn_fifo *f)
{
	spin_lock(&f->lock);
	spin_unlock(&f->lock);
}

/**
 * fifo_move() - a port goes into the queues of another vcpu from now on
 * @f: the domain's queues
 * @chn: the port's description
 * @vcpu: whose; senders read it under the queues' lock
 */
void fifo_move(struct evtchn_fifo *f, struct evtchn *chn, u16 vcpu)
{
	spin_lock(&f->lock);
	WRITE_ONCE(chn->vcpu, vcpu);
	spin_unlock(&f->lock);
}

/* Appends @port behind the word of the tail; false if the guest consumed that. */
static noinline bool set_link(u32 *tail, u32 port)
{
	u32 w = READ_ONCE(*tail), busy = 0, new;

	for (int tries = 0; tries < 2 * LINK_TRIES; tries++) {
		if (!(w & (1U << EVTCHN_FIFO_LINKED)))
			break;
		if (tries == LINK_TRIES) {
			busy = 1U << EVTCHN_FIFO_BUSY;
			w = __atomic_or_fetch(tail, busy, __ATOMIC_SEQ_CST);
			if (!(w & (1U << EVTCHN_FIFO_LINKED)))
				break;
		}
		new = (w & ~((1U << EVTCHN_FIFO_BUSY) | EVTCHN_FIFO_LINK_MASK)) | port;
		if (try_cmpxchg(tail, &w, new))
			return true;
	}
	if (busy)
		(void)test_and_clear_bit32(EVTCHN_FIFO_BUSY, tail);
	return false;
}

/*
 * Puts a port into its queue whose word has just become LINKED, so is in none.
 * The queues' lock is held.
 *
 * Its last queue may still have it as the tail: consumed since, so that queue
 * is empty, and must not be appended to through the word that now goes into
 * another.
 */
static inline void enqueue(struct domain *d, struct evtchn_fifo *f, unsigned int vcpu,
			   struct evtchn *chn, u32 port)
{
	struct fifo_vcpu *fv = &f->vcpu[vcpu];
	u32 prio = READ_ONCE(chn->priority), tail = fv->tail[prio], *old_tail, *tail_word;
	bool appended = false;

	if (unlikely(chn->last_vcpu != vcpu || chn->last_priority != prio)) {
		old_tail = &f->vcpu[chn->last_vcpu].tail[chn->last_priority];
		if (*old_tail == port)
			*old_tail = 0;
		chn->last_vcpu = vcpu;
		chn->last_priority = prio;
	}
	if (tail && tail != port) {
		tail_word = word_of(f, tail);
		if (READ_ONCE(*tail_word) & (1U << EVTCHN_FIFO_LINKED))
			appended = set_link(tail_word, port);
	}
	fv->tail[prio] = port;
	if (appended)
		return;
	/*
	 * The head is written before the ready bit, an atomic operation and full
	 * barrier; the guest takes the ready word first and reads the head then.
	 */
	WRITE_ONCE(fv->control->head[prio], port);
	if (!test_and_set_bit32(prio, &fv->control->ready))
		vcpu_mark_events_pending(d->vcpu[vcpu]);
}

/* Return: whether the port is now LINKED and has to go into a queue; @can: it may. */
static inline bool set_word(u32 *word, bool can)
{
	const u32 stays = 1U << EVTCHN_FIFO_MASKED | 1U << EVTCHN_FIFO_LINKED;
	u32 w = READ_ONCE(*word), new;
	bool link;

	for (int tries = 0; tries < LINK_TRIES; tries++) {
		new = w | 1U << EVTCHN_FIFO_PENDING;
		link = !(w & stays) && can;
		if (link)
			new |= 1U << EVTCHN_FIFO_LINKED;
		if (likely(try_cmpxchg(word, &w, new)))
			return link;
	}
	(void)test_and_set_bit32(EVTCHN_FIFO_PENDING, word);
	return false;
}

/**
 * fifo_set_pending() - a port gets an event
 * @d: its owner, found to use FIFO; evtchn_lock held, or that of the other
 *     end's owner
 * @chn: the port's description
 * @port: the port
 *
 * PENDING and, unless it is masked, LINKED are set in one step. A guest that
 * masks or unmasks meanwhile makes the step fail and be looked at again; if
 * it does so all the time, the event is only marked, which its next unmask
 * finds.
 *
 * Return: false if the domain has left FIFO meanwhile, nothing is done.
 */
bool fifo_set_pending(struct domain *d, struct evtchn *chn, u32 port)
{
	struct evtchn_fifo *f = d->ev->fifo_kept;
	bool active = true;
	unsigned int vcpu;
	u32 *word, pollers;

	spin_lock(&f->lock);
	vcpu = READ_ONCE(chn->vcpu);
	word = word_of(f, port);
	if (likely(word)) {
		if (set_word(word, f->vcpu[vcpu].control))
			enqueue(d, f, vcpu, chn, port);
	} else {
		active = f->active;
		if (active)
			chn->pending = true;	/* fifo_expand_array() takes it from here */
	}
	/* Under the lock, for fifo_poll_begin(). */
	pollers = READ_ONCE(d->ev->nr_pollers);
	spin_unlock(&f->lock);
	if (unlikely(pollers))
		evtchn_wake_pollers(d, port);
	return active;
}

/**
 * fifo_clear_pending() - forget a port's event
 * @d: its owner, using FIFO; evtchn_lock held
 * @chn: the port's description
 * @port: the port
 *
 * The port stays linked if it is; the guest finds it not pending there.
 */
void fifo_clear_pending(struct domain *d, struct evtchn *chn, u32 port)
{
	u32 *word = word_of(d->ev->fifo, port);

	/* Nobody else has the port any more, so this takes no lock of the queues. */
	chn->pending = false;
	if (word)
		(void)test_and_clear_bit32(EVTCHN_FIFO_PENDING, word);
}

/**
 * fifo_unmask() - clear a port's mask and catch up on its event
 * @d: its owner, using FIFO; evtchn_lock held
 * @chn: the port's description
 * @port: the port
 */
void fifo_unmask(struct domain *d, struct evtchn *chn, u32 port)
{
	u32 *word = word_of(d->ev->fifo, port);

	if (!word)
		return;
	(void)test_and_clear_bit32(EVTCHN_FIFO_MASKED, word);
	if (READ_ONCE(*word) & (1U << EVTCHN_FIFO_PENDING))
		(void)fifo_set_pending(d, chn, port);
}

/* The queues' lock is taken by the caller where others know of them. */
static void set_control(struct fifo_vcpu *fv, u64 mfn, u32 offset)
{
	fv->mfn = mfn;
	fv->control = (void *)((u8 *)arch_ma_to_ptr(mfn << PAGE_SHIFT) + offset);
	WRITE_ONCE(fv->control->ready, 0);
	for (unsigned int q = 0; q < EVTCHN_FIFO_MAX_QUEUES; q++) {
		WRITE_ONCE(fv->control->head[q], 0);
		fv->tail[q] = 0;
	}
}

/*
 * What is pending in the bitmap now waits for its event word instead. A sender
 * that has not seen FIFO yet sets its bit before we look here, or sees it when
 * it looks again (set_pending_2l()). The queues' lock is held.
 */
static void leave_2l(struct domain *d)
{
	struct evtchn_state *ev = d->ev;
	struct evtchn *chn;

	for (u32 p = 1; p < min_t(u32, ev->nr_ports, EVTCHN_2L_NR_CHANNELS); p++) {
		chn = evtchn_get(ev, p);
		chn->pending = test_and_clear_bit(p, d->shared_info->evtchn_pending);
		WRITE_ONCE(chn->priority, EVTCHN_FIFO_PRIORITY_DEFAULT);
		chn->last_vcpu = 0;
		chn->last_priority = 0;
	}
	/* Left set, it would keep the first events after a reset from being raised. */
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		WRITE_ONCE(d->vcpu[i]->info->evtchn_pending_sel, 0);
}

static struct evtchn_fifo *queues_of(struct domain *d)
{
	struct evtchn_fifo *f = d->ev->fifo_kept;

	if (f)
		return f;
	f = xzalloc(sizeof(*f) + d->nr_vcpus * sizeof(f->vcpu[0]));
	if (f)
		spin_lock_init(&f->lock, RANK_EVTCHN_QUEUE);
	d->ev->fifo_kept = f;
	return f;
}

/**
 * fifo_init_control() - EVTCHNOP_init_control: a vcpu's control block
 * @d: the domain, evtchn_lock held; its first call leaves the 2-level ABI
 * @op: where the block is; gets the number of link bits
 *
 * Return: 0, -ENOENT for a vcpu that does not exist, -EINVAL for a block that
 * is not aligned to 8 bytes, crosses its page, is not in RAM or is set up
 * already, -ENOMEM.
 */
int fifo_init_control(struct domain *d, struct evtchn_init_control *op)
{
	struct evtchn_state *ev = d->ev;
	struct evtchn_fifo *f;
	u64 mfn;
	int rc;

	if (op->vcpu >= d->nr_vcpus)
		return -ENOENT;
	if ((op->offset & 7) || op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block))
		return -EINVAL;
	op->link_bits = EVTCHN_FIFO_LINK_BITS;
	f = queues_of(d);
	if (!f)
		return -ENOMEM;
	if (f->vcpu[op->vcpu].control)
		return -EINVAL;
	rc = frame_get(d, op->control_gfn, &mfn);
	if (rc)
		return rc;
	spin_lock(&f->lock);
	set_control(&f->vcpu[op->vcpu], mfn, op->offset);
	if (!f->active) {
		f->active = true;
		/* Release: a sender that sees FIFO finds fifo_kept. */
		__atomic_store_n(&ev->fifo, f, __ATOMIC_RELEASE);
		WRITE_ONCE(ev->limit, EVTCHN_FIFO_NR_CHANNELS);
		smp_mb();	/* FIFO in use before the look at the bits */
		leave_2l(d);
	}
	spin_unlock(&f->lock);
	return 0;
}

/**
 * fifo_expand_array() - EVTCHNOP_expand_array: event words for more ports
 * @d: the domain, evtchn_lock held
 * @gfn: a page of words, which the guest has filled with MASKED
 *
 * Return: 0, -ENOSYS before init_control, -ENOSPC if all ports have words,
 * -EINVAL for a page that is not RAM.
 */
int fifo_expand_array(struct domain *d, u64 gfn)
{
	struct evtchn_fifo *f = d->ev->fifo;
	struct evtchn *chn;
	bool pending;
	u64 mfn;
	u32 p;
	int rc;

	if (!f)
		return -ENOSYS;
	if (f->nr_pages >= ARRAY_PAGES)
		return -ENOSPC;
	rc = frame_get(d, gfn, &mfn);
	if (rc)
		return rc;
	p = f->nr_pages * WORDS_PER_PAGE;
	spin_lock(&f->lock);
	WRITE_ONCE(f->array[f->nr_pages], arch_ma_to_ptr(mfn << PAGE_SHIFT));
	f->array_mfn[f->nr_pages] = mfn;
	__atomic_store_n(&f->nr_pages, f->nr_pages + 1, __ATOMIC_RELEASE);
	spin_unlock(&f->lock);

	for (u32 end = p + WORDS_PER_PAGE; p < end; p++) {
		chn = evtchn_get(d->ev, p);
		if (!chn)
			break;
		spin_lock(&f->lock);
		pending = chn->pending;
		chn->pending = false;
		spin_unlock(&f->lock);
		if (pending)
			(void)fifo_set_pending(d, chn, p);
	}
	return 0;
}

/* Beyond what the bitmaps have bits for. evtchn_lock held. */
static bool high_ports_open(const struct evtchn_state *ev)
{
	for (u32 p = EVTCHN_2L_NR_CHANNELS; p < ev->nr_ports; p++)
		if (evtchn_get(ev, p)->kind != EVTCHN_FREE)
			return true;
	return false;
}

/**
 * fifo_leave() - back to the 2-level ABI
 * @d: the domain, evtchn_lock held; its ports are closed, but for those the
 *     hypervisor serves and what its other vcpus have opened meanwhile
 *
 * Return: 0, -EAGAIN if such a port has no place in the bitmaps.
 */
int fifo_leave(struct domain *d)
{
	struct evtchn_state *ev = d->ev;
	struct evtchn_fifo *f = ev->fifo;
	u32 nr_pages;

	if (!f)
		return 0;
	if (high_ports_open(ev))
		return -EAGAIN;
	WRITE_ONCE(ev->limit, EVTCHN_2L_NR_CHANNELS);
	WRITE_ONCE(ev->fifo, NULL);
	/* From the unlock on no sender writes to the guest's pages any more. */
	spin_lock(&f->lock);
	f->active = false;
	nr_pages = f->nr_pages;
	WRITE_ONCE(f->nr_pages, 0);
	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		if (f->vcpu[i].control)
			page_put(f->vcpu[i].mfn);
		f->vcpu[i].control = NULL;
	}
	spin_unlock(&f->lock);
	for (u32 i = 0; i < nr_pages; i++)
		page_put(f->array_mfn[i]);
	return 0;
}
