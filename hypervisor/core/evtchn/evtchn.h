/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event channels, from the bottom up:
 *
 *	upcall.c	wakes vcpus that poll, makes a vcpu check all of its ports
 *	fifo.c		the FIFO ABI, to which a guest may switch
 *	evtchn.c	sending, masking; the 2-level ABI, with which a guest starts
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
	EVTCHN_CONSUMER,	/* the remote end is the hypervisor */
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

/* A port. Protected by evtchn_lock of its owner, unless noted. */
struct evtchn {
	u8 kind;		/* enum evtchn_kind */
	u8 priority;		/* FIFO: number of its queue; senders read it without the lock */
	u8 last_priority;	/* FIFO: queue that it was linked into last; evtchn_fifo.lock */
	bool pending;		/* FIFO: pending, but has no event word yet; evtchn_fifo.lock */
	u16 vcpu;		/* index of the vcpu to notify; senders read it without the lock */
	u16 last_vcpu;		/* FIFO: vcpu of last_priority; evtchn_fifo.lock */
	u16 remote_id;		/* unbound: domid that may bind to it */
	u32 peer;		/* interdomain: the remote port; VIRQ: number of the virq */
	struct domain *remote;	/* interdomain: owner of the remote port */
	const struct evtchn_consumer *consumer;	/* kept while dom0 has replaced it here */
};

#define EVTCHN_PER_BUCKET	128
#define EVTCHN_BUCKETS		(EVTCHN_FIFO_NR_CHANNELS / EVTCHN_PER_BUCKET)

struct evtchn_fifo;

/* The event channels of a domain. Protected by evtchn_lock, unless noted. */
struct evtchn_state {
	struct evtchn **bucket;	/* arrays of EVTCHN_PER_BUCKET ports */
	u32 nr_ports;		/* ports that have a struct evtchn; never decreases */
	u32 limit;		/* ports of the ABI in use */
	u32 nr_used;		/* ports that are not free */
	u32 nr_high;		/* of these, ports without a bit in the 2-level bitmaps */
	u32 closed;		/* evtchn_destroy(): all ports below are closed */
	u64 full[EVTCHN_BUCKETS / 64];	/* one bit for each bucket: none of its ports is free */
	u32 nr_pollers;		/* vcpus in SCHEDOP_poll, atomic */
	struct evtchn_fifo *fifo;	/* NULL: 2-level ABI; senders read it without the lock */
	struct evtchn_fifo *fifo_allocated;	/* kept until the domain is freed; evtchn_lock only */
};

/* A port, or NULL. evtchn_lock of its owner or of the remote domain held. */
static inline struct evtchn *evtchn_get(const struct evtchn_state *ev, u64 port)
{
	if (port >= READ_ONCE(ev->nr_ports))
		return NULL;
	return &ev->bucket[port / EVTCHN_PER_BUCKET][port % EVTCHN_PER_BUCKET];
}

/*
 * Sets evtchn_upcall_pending of a vcpu and makes the vcpu notice it. The caller
 * has set a selector bit or a FIFO ready bit with an atomic operation.
 *
 * Three races; each side stores first and then reads, with a full barrier in
 * between, so that at least one of them sees the store of the other:
 *
 * The vcpu blocks. This stores upcall_pending, then reads v->state;
 * sched_block() stores VCPU_BLOCKED, then reads upcall_pending. Otherwise the
 * vcpu could sleep with an event pending.
 *
 * A pCPU enters the vcpu. This stores upcall_pending, then arch_vcpu_kick()
 * reads pcpu.current; sched_next() stores pcpu.current, then the exit path reads
 * upcall_pending. Otherwise the guest could run on without being interrupted.
 * With one pCPU, no vcpu is in guest mode while this runs: no kick is needed.
 *
 * vcpu_info moves. This stores upcall_pending where v->info points, then reads
 * v->info again; vcpu_register_info() stores v->info, then sets upcall_pending
 * and (2-level ABI) every selector bit in the new place. If v->info is the same
 * as before here, the latter is yet to come and makes the guest check all ports.
 * If it has changed, upcall_pending is set in the new place, too.
 */
static inline void vcpu_mark_events_pending(struct vcpu *v)
{
	struct vcpu_info *info = READ_ONCE(v->info);

	WRITE_ONCE(info->evtchn_upcall_pending, 1);
	smp_mb();	/* store upcall_pending before reading info, state and current: see above */
	if (unlikely(READ_ONCE(v->info) != info))
		WRITE_ONCE(v->info->evtchn_upcall_pending, 1);
	if (READ_ONCE(v->state) == VCPU_BLOCKED)
		sched_wake(v);
	else if (nr_pcpus > 1)
		arch_vcpu_kick(v);
}

/* A global virq exists once in a domain, bound through vcpu 0; the others, once in each vcpu. */
static inline bool virq_is_global(unsigned int virq)
{
	return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF &&
	       virq != VIRQ_XENPMU;
}

/* upcall.c */
void evtchn_wake_pollers(struct domain *d, u32 port);
void evtchn_raise_all(struct vcpu *v);

/* fifo.c */
int fifo_init_control(struct domain *d, struct evtchn_init_control *op);
int fifo_expand_array(struct domain *d, u64 gfn);
u32 fifo_deliver_early(struct domain *d, u32 port);
int fifo_leave(struct domain *d);
bool fifo_set_pending(struct domain *d, struct evtchn_fifo *f, struct evtchn *chn, u32 port);
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
bool evtchn_destroy(struct domain *d, u32 budget);
int evtchn_alloc(struct domain *d, u32 *port);
void evtchn_release(struct domain *d, u32 port);
int evtchn_alloc_unbound(struct domain *d, u16 remote, u32 *port);
int evtchn_bind_interdomain(struct domain *d, struct domain *rd, u32 remote_port, u32 *port);
int evtchn_bind_consumer(struct domain *d, const struct evtchn_consumer *consumer, u32 *port);
int evtchn_close(struct domain *d, u32 port, bool guest);

#endif
