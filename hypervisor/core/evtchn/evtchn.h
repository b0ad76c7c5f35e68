/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event channels, from the bottom up:
 *
 *	upcall.c	wakes vcpus that poll, makes a vcpu look at all ports
 *	fifo.c		the FIFO ABI, by which a guest can ask to see its pending ports
 *	evtchn.c	sending; the 2-level ABI, by which each guest starts
 *	bind.c		allocates, binds and closes ports
 *	poll.c		SCHEDOP_poll (poll.h)
 *
 * core/hypercall/evtchn_op.c decodes the hypercall.
 */
#ifndef HV_CORE_EVTCHN_EVTCHN_H
#define HV_CORE_EVTCHN_EVTCHN_H

#include "core/arch_ops.h"
#include "core/base/domain_types.h"
#include "core/sched/sched.h"
#include "lib/bitops.h"

enum evtchn_kind {
	EVTCHN_FREE,
	EVTCHN_UNBOUND,
	EVTCHN_INTERDOMAIN,
	EVTCHN_CONSUMER,	/* the other end is the hypervisor */
	EVTCHN_VIRQ,
	EVTCHN_IPI,
};

/* The hypervisor's end of a channel, registered by evtchn_bind_consumer(). */
struct evtchn_consumer {
	/* The guest @d has sent on @port. On the pCPU of the sending vcpu, no lock held. */
	void (*event)(struct domain *d, u32 port);
	/*
	 * dom0 has bound to the port of @d, so that events go to dom0 from now on (@by_dom0), or has
	 * closed its end, so that they come to the consumer again. evtchn_lock of @d held.
	 */
	void (*taken)(struct domain *d, bool by_dom0);
};

struct evtchn {
	u8 kind;
	u8 priority;		/* FIFO: queue; read once by senders */
	u8 last_priority;	/* FIFO: queue and vcpu of the last linking, queues' lock */
	bool pending;		/* FIFO: became pending before its word was there, queues' lock */
	u16 vcpu;		/* who is notified; changed by evtchn_move() */
	u16 last_vcpu;
	u16 remote_id;		/* unbound: who may bind */
	u32 peer;		/* interdomain: remote port; virq: its number */
	struct domain *remote;	/* interdomain */
	const struct evtchn_consumer *consumer;	/* also set while dom0 has taken its place */
};

#define EVTCHN_PER_BUCKET	128
#define EVTCHN_BUCKETS		(EVTCHN_FIFO_NR_CHANNELS / EVTCHN_PER_BUCKET)

struct evtchn_fifo;

struct evtchn_state {
	struct evtchn **bucket;
	u32 nr_ports;		/* how many have a struct evtchn */
	u32 limit;		/* of the ABI in use */
	u32 free_hint;		/* no port below is free */
	u32 nr_used;
	u32 nr_pollers;		/* vcpus in SCHEDOP_poll, atomic */
	struct evtchn_fifo *fifo;	/* NULL: 2-level ABI; read by senders without evtchn_lock */
	struct evtchn_fifo *fifo_allocated;	/* the same, kept from the first use of FIFO on */
};

static inline struct evtchn *evtchn_get(const struct evtchn_state *ev, u64 port)
{
	if (port >= READ_ONCE(ev->nr_ports))
		return NULL;
	return &ev->bucket[port / EVTCHN_PER_BUCKET][port % EVTCHN_PER_BUCKET];
}

/*
 * Tells a vcpu to look for events, once selector or queue are written.
 *
 * The byte is stored behind the caller's atomic operation, and the vcpu's state
 * read behind a full barrier. sched_block() writes the state first and reads
 * the byte after it: one of the two sees the other, so no event is slept
 * through. Likewise with a pCPU that makes the vcpu its current one and then
 * looks at the byte: arch_vcpu_kick() finds it there, or it finds the byte.
 * With one pCPU nobody is in guest mode now.
 *
 * vcpu_info may move meanwhile: vcpu_register_info() writes where it is, then
 * raises everything, so the guest finds what was written before that was read
 * to have been in the old place still.
 */
static inline void vcpu_mark_events_pending(struct vcpu *v)
{
	struct vcpu_info *info = READ_ONCE(v->info);

	WRITE_ONCE(info->evtchn_upcall_pending, 1);
	smp_mb();	/* the byte before state, current and info: see above */
	if (unlikely(READ_ONCE(v->info) != info))
		WRITE_ONCE(v->info->evtchn_upcall_pending, 1);
	if (READ_ONCE(v->state) == VCPU_BLOCKED)
		sched_wake(v);
	else if (nr_pcpus > 1)
		arch_vcpu_kick(v);
}

/* One for a domain, held by vcpu 0; the others exist for each vcpu. */
static inline bool virq_is_global(unsigned int virq)
{
	return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF &&
	       virq != VIRQ_XENPMU;
}

/* upcall.c */
void evtchn_wake_pollers(struct domain *d, u32 port);
void evtchn_raise_all(struct vcpu *v);

/* fifo.c, evtchn_lock held */
int fifo_init_control(struct domain *d, struct evtchn_init_control *op);
int fifo_expand_array(struct domain *d, u64 gfn);
int fifo_leave(struct domain *d);
bool fifo_set_pending(struct domain *d, struct evtchn *chn, u32 port);
void fifo_poll_begin(struct evtchn_fifo *f);
void fifo_move(struct evtchn_fifo *f, struct evtchn *chn, u16 vcpu);
void fifo_clear_pending(struct domain *d, struct evtchn *chn, u32 port);
void fifo_unmask(struct domain *d, struct evtchn *chn, u32 port);
bool fifo_test(const struct evtchn_fifo *f, u64 port, unsigned int bit);

/* evtchn.c */
void evtchn_set_pending(struct domain *d, struct evtchn *chn, u32 port);
s64 evtchn_send(struct vcpu *v, u64 port);
int evtchn_unmask(struct domain *d, u64 port);
void evtchn_notify(struct domain *d, u32 port);
void send_guest_virq(struct vcpu *v, unsigned int virq);
void send_global_virq(struct domain *d, unsigned int virq);
bool evtchn_is_pending(const struct domain *d, u64 port);
bool evtchn_is_masked(const struct domain *d, u64 port);
void evtchn_move(struct domain *d, struct evtchn *chn, u32 port, u16 vcpu);

/* bind.c */
int evtchn_init(struct domain *d);
void evtchn_destroy(struct domain *d);
int evtchn_alloc(struct domain *d, u32 *port);
void evtchn_release(struct domain *d, u32 port);
int evtchn_alloc_unbound(struct domain *d, u16 remote, u32 *port);
int evtchn_bind_interdomain(struct domain *d, struct domain *rd, u32 remote_port, u32 *port);
int evtchn_bind_consumer(struct domain *d, const struct evtchn_consumer *consumer, u32 *port);
int evtchn_close(struct domain *d, u32 port, bool guest);

#endif
