// SPDX-License-Identifier: GPL-2.0
/*
 * The FIFO event channel ABI.
 *
 * Each port has a 32-bit event word: PENDING, MASKED, LINKED (the port is in a
 * queue), BUSY, and in the low 17 bits the next port of the queue. Each vcpu
 * has 16 queues, one for each priority. The control block of the vcpu holds the
 * head of each queue and a ready word with one bit for each queue that is not
 * empty. Event words and control blocks are pages of the guest's memory.
 *
 * The guest can overwrite these pages at any time. The hypervisor therefore
 * keeps the tail of each queue in its own memory, and from an event word uses
 * only PENDING, MASKED and LINKED: a guest that corrupts its links loses events
 * of its own and does no other harm.
 *
 * The guest consumes a queue from the head. It clears LINKED and the link of an
 * event word in one atomic step. A tail whose word is not LINKED was consumed,
 * so the queue is empty and the next port to be queued becomes its head. BUSY
 * asks the guest not to unmask the port for a moment; the hypervisor sets it on
 * the word of a tail when its compare-and-swap there keeps failing.
 *
 * Locking: a sender in another domain holds the evtchn_lock of its own domain
 * only. evtchn_fifo.lock protects what a sender uses: whether the queues are in
 * use, their pages, and the tails. Whatever changes the first two holds the
 * evtchn_lock of the domain as well, so either lock is enough to read them.
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
#define EARLY_BATCH	64U	/* events that fifo_deliver_early() delivers at once */

struct fifo_vcpu {
	struct evtchn_fifo_control_block *control;	/* NULL: no EVTCHNOP_init_control yet */
	u64 mfn;			/* frame of the control block, referenced */
	u32 tail[EVTCHN_FIFO_MAX_QUEUES];	/* the port linked last; 0: none yet */
};

struct evtchn_fifo {
	spinlock_t lock;		/* everything below */
	u32 nr_pages;			/* of event words */
	bool active;			/* the domain uses FIFO */
	u32 *array[ARRAY_PAGES];	/* pages of event words */
	u64 array_mfn[ARRAY_PAGES];	/* their frames, referenced */
	struct fifo_vcpu vcpu[];
};

/* The event word of @port, or NULL without a page for it. f->lock or evtchn_lock held. */
static inline u32 *fifo_word(const struct evtchn_fifo *f, u64 port)
{
	if (port / WORDS_PER_PAGE >= f->nr_pages)
		return NULL;
	return f->array[port / WORDS_PER_PAGE] + port % WORDS_PER_PAGE;
}

/**
 * fifo_test() - test a bit of a port's event word
 * @f: queues of a domain that uses FIFO, or did so a moment ago
 * @port: the port
 * @bit: EVTCHN_FIFO_PENDING or EVTCHN_FIFO_MASKED
 *
 * Needs no lock, so that SCHEDOP_poll can call it. A page that fifo_leave()
 * gives up meanwhile is not reused before the end of this hypercall (grace.h).
 *
 * Return: the bit; a port without an event word counts as masked and not
 * pending.
 */
bool fifo_test(const struct evtchn_fifo *f, u64 port, unsigned int bit)
{
	const u32 *word;

	/* Pairs with the release in fifo_expand_array(): first the page, then its count. */
	if (port / WORDS_PER_PAGE >= __atomic_load_n(&f->nr_pages, __ATOMIC_ACQUIRE))
		return bit == EVTCHN_FIFO_MASKED;
	word = READ_ONCE(f->array[port / WORDS_PER_PAGE]) + port % WORDS_PER_PAGE;
	return READ_ONCE(*word) & (1U << bit);
}

/**
 * fifo_poll_begin() - order a new poller against senders
 * @f: queues of a domain whose nr_pollers was just incremented
 *
 * A sender sets PENDING and then reads nr_pollers, both under f->lock. A poller
 * increments nr_pollers, takes f->lock once, here, and then reads PENDING of
 * its ports. If the sender had the lock first, the poller sees PENDING; if the
 * poller had it first, the sender sees the poller and wakes it. Without this,
 * each could miss the store of the other, and the poller would sleep while its
 * port is pending.
 */
void fifo_poll_begin(struct evtchn_fifo *f)
{
	spin_lock(&f->lock);
	spin_unlock(&f->lock);
}

/**
 * fifo_move() - change the vcpu that a port notifies
 * @f: queues of the port's domain, evtchn_lock held
 * @chn: the port
 * @vcpu: index of the new vcpu
 *
 * A port that is in a queue of the old vcpu stays there until it is consumed.
 */
void fifo_move(struct evtchn_fifo *f, struct evtchn *chn, u16 vcpu)
{
	spin_lock(&f->lock);
	WRITE_ONCE(chn->vcpu, vcpu);
	spin_unlock(&f->lock);
}

/*
 * Links @port to the event word of the tail. Return: false if the guest has
 * consumed the tail, or changed its word at every attempt.
 */
static noinline bool fifo_set_link(u32 *tail, u32 port)
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
 * Appends a port, whose event word has just become LINKED, to the queue of its
 * vcpu and priority. f->lock held.
 *
 * The port was in no queue until now, but it can still be the recorded tail of
 * the queue that it was in last. If that is another queue now, its tail is
 * reset: it is empty, and a later append would otherwise take LINKED, which
 * belongs to the new queue, for its own and link a port into the wrong queue.
 */
static inline void fifo_enqueue(struct domain *d, struct evtchn_fifo *f, unsigned int vcpu,
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
		tail_word = fifo_word(f, tail);
		if (READ_ONCE(*tail_word) & (1U << EVTCHN_FIFO_LINKED))
			appended = fifo_set_link(tail_word, port);
	}
	fv->tail[prio] = port;
	if (appended)
		return;
	/*
	 * The queue was empty. Store the head, then set the ready bit; the atomic
	 * operation orders the two. The guest takes the ready word with an atomic
	 * exchange and then reads the head. If the bit were visible first, the
	 * guest could read an old head, and would not look at the queue again.
	 * With the bit set already, the guest has yet to take the ready word, and
	 * whoever set the bit has notified it.
	 */
	WRITE_ONCE(fv->control->head[prio], port);
	if (!test_and_set_bit32(prio, &fv->control->ready))
		vcpu_mark_events_pending(d->vcpu[vcpu]);
}

/*
 * Sets PENDING in an event word and, if the port is neither masked nor in a
 * queue already, LINKED in the same step. @has_queue: the vcpu has a control
 * block. Return: whether LINKED was set, and the caller has to queue the port.
 */
static inline bool fifo_set_word(u32 *word, bool has_queue)
{
	const u32 no_link = 1U << EVTCHN_FIFO_MASKED | 1U << EVTCHN_FIFO_LINKED;
	u32 w = READ_ONCE(*word), new;
	bool link;

	for (int tries = 0; tries < LINK_TRIES; tries++) {
		new = w | 1U << EVTCHN_FIFO_PENDING;
		link = !(w & no_link) && has_queue;
		if (link)
			new |= 1U << EVTCHN_FIFO_LINKED;
		if (likely(try_cmpxchg(word, &w, new)))
			return link;
	}
	(void)test_and_set_bit32(EVTCHN_FIFO_PENDING, word);
	return false;
}

/**
 * fifo_set_pending() - make a port pending
 * @d: owner of the port
 * @f: its queues, as the caller has read ev->fifo
 * @chn: the port; evtchn_lock of its owner or of the remote domain held
 * @port: its number
 *
 * PENDING and LINKED are set in one compare-and-swap, so a guest that masks or
 * unmasks the port at the same time makes it fail and be repeated with the new
 * word. After LINK_TRIES failures only PENDING is set; the guest finds it when
 * it unmasks the port the next time.
 *
 * A sender in another domain has read ev->fifo without a lock, perhaps just as
 * fifo_init_control() stored it. *f is complete for it, since its accesses there
 * depend on the pointer (Power ISA v3.1B II 1.7.1: dependent accesses are performed
 * in order) and the store was a release. Nothing else is: another load of this
 * domain, such as of ev->fifo_allocated, may have been performed before.
 *
 * Takes evtchn_fifo.lock, and the locks that waking a vcpu takes.
 *
 * Return: false, and nothing is done, if the domain has left FIFO since the
 * caller looked.
 */
bool fifo_set_pending(struct domain *d, struct evtchn_fifo *f, struct evtchn *chn, u32 port)
{
	bool active = true;
	unsigned int vcpu;
	u32 *word, pollers;

	spin_lock(&f->lock);
	vcpu = READ_ONCE(chn->vcpu);
	word = fifo_word(f, port);
	if (likely(word)) {
		if (fifo_set_word(word, f->vcpu[vcpu].control))
			fifo_enqueue(d, f, vcpu, chn, port);
	} else {
		active = f->active;
		if (active)
			chn->pending = true;	/* until fifo_expand_array() adds the word */
	}
	/* Read after PENDING is set and under the lock: see fifo_poll_begin(). */
	pollers = READ_ONCE(d->ev->nr_pollers);
	spin_unlock(&f->lock);
	if (unlikely(pollers))
		evtchn_wake_pollers(d, port);
	return active;
}

/**
 * fifo_clear_pending() - discard the event of a port that is being closed
 * @d: owner of the port; uses FIFO, evtchn_lock held
 * @chn: the port
 * @port: its number
 *
 * A port that is in a queue stays there; the guest finds it not pending when it
 * consumes the queue.
 */
void fifo_clear_pending(struct domain *d, struct evtchn *chn, u32 port)
{
	u32 *word = fifo_word(d->ev->fifo, port);

	/* No sender can reach a port that is being closed: f->lock is not needed. */
	chn->pending = false;
	if (word)
		(void)test_and_clear_bit32(EVTCHN_FIFO_PENDING, word);
}

/**
 * fifo_unmask() - unmask a port, and deliver it if it is pending
 * @d: owner of the port; uses FIFO, evtchn_lock held
 * @chn: the port
 * @port: its number; nothing happens if it has no event word
 */
void fifo_unmask(struct domain *d, struct evtchn *chn, u32 port)
{
	struct evtchn_fifo *f = d->ev->fifo;
	u32 *word = fifo_word(f, port);

	if (!word)
		return;
	(void)test_and_clear_bit32(EVTCHN_FIFO_MASKED, word);
	if (READ_ONCE(*word) & (1U << EVTCHN_FIFO_PENDING))
		(void)fifo_set_pending(d, f, chn, port);
}

/* Starts to use a control block, with 16 empty queues. f->lock held. */
static void fifo_set_control(struct fifo_vcpu *fv, u64 mfn, u32 offset)
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
 * Takes over what is pending in the 2-level bitmap: each such port becomes
 * pending in its event word, as soon as it has one. f->lock held, ev->fifo set.
 *
 * Races with evtchn_set_pending_2l(), which sets a bit of the bitmap and then
 * reads ev->fifo. The caller stores ev->fifo and then reads the bitmap here.
 * Both have a full barrier in between, so either the bit is found here or the
 * sender sees FIFO and moves the event itself; exchange and test-and-clear let
 * only one of them have it.
 */
static void fifo_take_2l_events(struct domain *d)
{
	u64 *map = d->shared_info->evtchn_pending, bits;
	struct evtchn *chn;

	for (u32 i = 0; i < EVTCHN_2L_NR_CHANNELS / 64; i++) {
		if (!READ_ONCE(map[i]))
			continue;
		for (bits = xchg(&map[i], 0); bits; bits &= bits - 1) {
			chn = evtchn_get(d->ev, i * 64 + ffs64(bits));
			if (chn)
				chn->pending = true;
		}
	}
	/*
	 * The FIFO ABI does not use the selector. A bit left in it would suppress
	 * the first notification should the domain return to the 2-level ABI.
	 */
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		WRITE_ONCE(d->vcpu[i]->info->evtchn_pending_sel, 0);
}

/* The queues of a domain, allocated at the first call; NULL: no memory. evtchn_lock held. */
static struct evtchn_fifo *fifo_alloc(struct domain *d)
{
	struct evtchn_fifo *f = d->ev->fifo_allocated;

	if (f)
		return f;
	f = xzalloc(sizeof(*f) + d->nr_vcpus * sizeof(f->vcpu[0]));
	if (f)
		spin_lock_init(&f->lock, RANK_EVTCHN_QUEUE);
	d->ev->fifo_allocated = f;
	return f;
}

/**
 * fifo_init_control() - EVTCHNOP_init_control: register a vcpu's control block
 * @d: the domain, evtchn_lock held
 * @op: the vcpu and the place of the block; link_bits is filled in
 *
 * The first call switches the domain from the 2-level ABI to FIFO.
 *
 * Return: 0, -ENOENT for a vcpu that does not exist, -EINVAL for a vcpu that has
 * a control block already, or a block that is not aligned to 8 bytes, crosses a
 * page or is not in the domain's RAM, -ENOMEM.
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
	f = fifo_alloc(d);
	if (!f)
		return -ENOMEM;
	if (f->vcpu[op->vcpu].control)
		return -EINVAL;
	rc = frame_get(d, op->control_gfn, &mfn);
	if (rc)
		return rc;
	spin_lock(&f->lock);
	fifo_set_control(&f->vcpu[op->vcpu], mfn, op->offset);
	if (!f->active) {
		f->active = true;
		/* Release: senders that find ev->fifo find *f complete (fifo_set_pending()). */
		__atomic_store_n(&ev->fifo, f, __ATOMIC_RELEASE);
		WRITE_ONCE(ev->limit, EVTCHN_FIFO_NR_CHANNELS);
		smp_mb();	/* store ev->fifo before reading the bitmap */
		fifo_take_2l_events(d);
	}
	spin_unlock(&f->lock);
	return 0;
}

/**
 * fifo_expand_array() - EVTCHNOP_expand_array: add a page of event words
 * @d: the domain, evtchn_lock held
 * @gfn: guest frame of the page, whose words the guest has set to MASKED
 *
 * Ports that became pending before they had an event word stay so until
 * fifo_deliver_early(), which the caller calls next.
 *
 * Return: the first port that has a word now, -ENOSYS before EVTCHNOP_init_control, -ENOSPC if all ports have
 * event words, -EINVAL for a frame that is not RAM.
 */
int fifo_expand_array(struct domain *d, u64 gfn)
{
	struct evtchn_fifo *f = d->ev->fifo;
	u64 mfn;
	int rc;

	if (!f)
		return -ENOSYS;
	if (f->nr_pages >= ARRAY_PAGES)
		return -ENOSPC;
	rc = frame_get(d, gfn, &mfn);
	if (rc)
		return rc;
	spin_lock(&f->lock);
	WRITE_ONCE(f->array[f->nr_pages], arch_ma_to_ptr(mfn << PAGE_SHIFT));
	f->array_mfn[f->nr_pages] = mfn;
	/* Release: fifo_test(), which takes no lock, finds the page if it sees the count. */
	__atomic_store_n(&f->nr_pages, f->nr_pages + 1, __ATOMIC_RELEASE);
	spin_unlock(&f->lock);
	return (f->nr_pages - 1) * WORDS_PER_PAGE;
}

/**
 * fifo_deliver_early() - deliver events that came before their ports had an event word
 * @d: the domain, evtchn_lock held
 * @port: where to begin; what the guest says, unchecked
 *
 * Looks at no more ports than a page has words, and delivers at most
 * EARLY_BATCH events. Once a port has a word no sender touches chn->pending.
 *
 * Return: 0 if all up to the end of the page is done, else the port with which
 * to continue.
 */
u32 fifo_deliver_early(struct domain *d, u32 port)
{
	struct evtchn_fifo *f = d->ev->fifo;
	unsigned int done = 0;
	struct evtchn *chn;

	if (!f || port / WORDS_PER_PAGE >= f->nr_pages)
		return 0;
	do {
		chn = evtchn_get(d->ev, port);
		if (!chn)
			return 0;
		if (!chn->pending)
			continue;
		if (done++ == EARLY_BATCH)
			return port;
		chn->pending = false;
		(void)fifo_set_pending(d, f, chn, port);
	} while (++port % WORDS_PER_PAGE);
	return 0;
}

/**
 * fifo_leave() - return to the 2-level ABI
 * @d: the domain, evtchn_lock held
 *
 * The caller has closed the ports of the domain, except for those that the
 * hypervisor serves. Other vcpus may have opened ports since.
 *
 * Return: 0, or -EAGAIN if an open port has no bit in the 2-level bitmaps.
 */
int fifo_leave(struct domain *d)
{
	struct evtchn_state *ev = d->ev;
	struct evtchn_fifo *f = ev->fifo;
	u32 nr_pages;

	if (!f)
		return 0;
	if (ev->nr_high)
		return -EAGAIN;
	WRITE_ONCE(ev->limit, EVTCHN_2L_NR_CHANNELS);
	WRITE_ONCE(ev->fifo, NULL);
	/*
	 * A sender that has read ev->fifo before the store above takes f->lock
	 * and finds no pages there: fifo_set_pending() returns false. So after
	 * the unlock no sender writes to the guest's pages, and they can go.
	 */
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
