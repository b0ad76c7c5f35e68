// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels with the FIFO ABI: set-up, queues, which are consumed the way
 * Linux does, priorities, and a guest that overwrites its event words.
 */
#include "test.h"

#define CONTROL_GFN	40
#define ARRAY_GFN	41
#define WORDS		1024

static struct domain *d0, *d1;
static struct vcpu *v0, *v1;

/* The guest's private head of each queue, by vcpu. */
static u32 guest_head[2][EVTCHN_FIFO_MAX_QUEUES];

static struct evtchn_fifo_control_block *control(unsigned int vcpu)
{
	return guest_ptr(d1, CONTROL_GFN * PAGE_SIZE + vcpu * 128);
}

static u32 *word(u32 port)
{
	return guest_ptr(d1, (ARRAY_GFN + port / WORDS) * PAGE_SIZE + port % WORDS * 4);
}

static s64 init_control(u32 vcpu, u64 gfn, u32 offset)
{
	struct evtchn_init_control a = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };
	s64 rc = evtchn_call(v1, EVTCHNOP_init_control, &a, sizeof(a));

	if (!rc)
		eq(a.link_bits, EVTCHN_FIFO_LINK_BITS,
		   "init_control: returns the number of link bits");
	return rc;
}

static s64 expand(u64 gfn)
{
	struct evtchn_expand_array a = { gfn };

	return evtchn_call(v1, EVTCHNOP_expand_array, &a, sizeof(a));
}

static s64 port_op(struct vcpu *v, u64 op, u32 port)
{
	struct evtchn_send a = { port };

	return evtchn_call(v, op, &a, sizeof(a));
}

static s64 priority(u32 port, u32 prio)
{
	struct evtchn_set_priority a = { port, prio };

	return evtchn_call(v1, EVTCHNOP_set_priority, &a, sizeof(a));
}

/* Open a channel between d0 and d1. Returns d1's port, and d0's in @port0. */
static u32 channel(u32 *port0)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, 0, 0 };
	struct evtchn_bind_interdomain b = { .remote_dom = 1 };

	evtchn_call(v1, EVTCHNOP_alloc_unbound, &a, sizeof(a));
	b.remote_port = a.port;
	evtchn_call(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b));
	*port0 = b.local_port;
	return a.port;
}

/*
 * Consume all queues of a vcpu, highest priority first. Returns the number of events, and their
 * ports.
 */
static unsigned int consume(unsigned int vcpu, u32 *ports, unsigned int max)
{
	struct evtchn_fifo_control_block *c = control(vcpu);
	unsigned int n = 0, steps = 0;
	u32 ready;

	d1->vcpu[vcpu]->info->evtchn_upcall_pending = 0;
	ready = __atomic_exchange_n(&c->ready, 0, __ATOMIC_SEQ_CST);
	while (ready && steps++ < 10000) {
		unsigned int q = __builtin_ctz(ready);
		u32 port = guest_head[vcpu][q], w;

		if (!port)
			port = c->head[q];
		w = *word(port);
		*word(port) = w & ~(1U << EVTCHN_FIFO_LINKED | EVTCHN_FIFO_LINK_MASK);
		guest_head[vcpu][q] = w & EVTCHN_FIFO_LINK_MASK;
		if (!guest_head[vcpu][q])
			ready &= ~(1U << q);
		if ((w & 1U << EVTCHN_FIFO_PENDING) && !(w & 1U << EVTCHN_FIFO_MASKED)) {
			*word(port) &= ~(1U << EVTCHN_FIFO_PENDING);
			if (n < max)
				ports[n] = port;
			n++;
		}
		ready |= __atomic_exchange_n(&c->ready, 0, __ATOMIC_SEQ_CST);
	}
	return n;
}

static void fill_words(u64 gfn)
{
	u32 *w = guest_ptr(d1, gfn * PAGE_SIZE);

	for (unsigned int i = 0; i < WORDS; i++)
		w[i] = 1U << EVTCHN_FIFO_MASKED;
}

static void setting_up(u32 early, u32 early0)
{
	eq(expand(ARRAY_GFN), -ENOSYS, "expand_array: fails before init_control");
	eq(init_control(2, CONTROL_GFN, 0), -ENOENT,
	   "init_control: fails for a vcpu that does not exist");
	eq(init_control(0, CONTROL_GFN, 4), -EINVAL,
	   "init_control: fails for an offset that is not aligned");
	eq(init_control(0, CONTROL_GFN, 4096 - 64), -EINVAL,
	   "init_control: fails for a control block that crosses the end of its page");
	eq(init_control(0, CONTROL_GFN, 0xfffffff8), -EINVAL,
	   "init_control: fails for a huge offset");
	eq(init_control(0, GUEST_PAGES, 0), -EINVAL, "init_control: fails for a frame without RAM");
	eq(init_control(0, ~0UL, 0), -EINVAL, "init_control: fails for frame -1");
	ok(!d1->ev->fifo, "init_control: failures leave the 2-level ABI in use");

	port_op(v0, EVTCHNOP_send, early0);
	ok(evtchn_is_pending(d1, early), "2-level: an event is pending before the switch to FIFO");
	eq(init_control(0, CONTROL_GFN, 0), 0, "init_control: succeeds for vcpu 0");
	eq(init_control(0, CONTROL_GFN, 128), -EINVAL,
	   "init_control: fails for a vcpu that has a control block");
	eq(init_control(1, CONTROL_GFN, 128), 0, "init_control: succeeds for vcpu 1");
	ok(!evtchn_is_pending(d1, early), "FIFO: a port without an event word is not pending");
	eq(expand(GUEST_PAGES), -EINVAL, "expand_array: fails for a frame without RAM");
	fill_words(ARRAY_GFN);
	eq(expand(ARRAY_GFN), 0, "expand_array: succeeds");
	ok(evtchn_is_pending(d1, early),
	   "expand_array: an event from before the switch is pending in its word");
	v1->info->evtchn_upcall_pending = 0;
	eq(port_op(v1, EVTCHNOP_unmask, early), 0,
	   "unmask: succeeds for an event from before the switch");
	ok(v1->info->evtchn_upcall_pending, "unmask: raises an event from before the switch");
}

static void queues(void)
{
	u32 mine[8], his[8], got[16];

	consume(0, got, 16);
	for (int i = 0; i < 8; i++) {
		mine[i] = channel(&his[i]);
		port_op(v1, EVTCHNOP_unmask, mine[i]);
	}
	for (int i = 0; i < 8; i++)
		port_op(v0, EVTCHNOP_send, his[i]);
	ok(v1->info->evtchn_upcall_pending, "send: sets evtchn_upcall_pending");
	eq(consume(0, got, 16), 8, "eight events on eight ports arrive");
	ok(!memcmp(got, mine, sizeof(mine)),
	   "events of one priority arrive in the order they were sent");
	eq(consume(0, got, 16), 0, "each event arrives only once");

	port_op(v0, EVTCHNOP_send, his[0]);
	port_op(v0, EVTCHNOP_send, his[0]);
	eq(consume(0, got, 16), 1, "two sends without consumption in between are one event");

	eq(priority(mine[7], 0), 0, "set_priority: succeeds for the highest priority");
	eq(priority(mine[6], 15), 0, "set_priority: succeeds for the lowest priority");
	eq(priority(mine[5], 16), -EINVAL, "set_priority: fails for a priority out of range");
	eq(priority(mine[5], ~0U), -EINVAL, "set_priority: fails for priority -1");
	eq(priority(3000, 1), -EINVAL, "set_priority: fails for a port out of range");
	for (int i = 7; i >= 0; i--)
		port_op(v0, EVTCHNOP_send, his[7 - i]);
	eq(consume(0, got, 16), 8, "eight events with different priorities arrive");
	ok(got[0] == mine[7] && got[7] == mine[6],
	   "the highest priority arrives first, the lowest last");

	/*
	 * A port that is linked stays in its queue; a new priority counts when it is linked the
	 * next time.
	 */
	port_op(v0, EVTCHNOP_send, his[0]);
	priority(mine[0], 2);
	port_op(v0, EVTCHNOP_send, his[1]);
	eq(consume(0, got, 16), 2, "no event is lost when the priority of a linked port changes");
	port_op(v0, EVTCHNOP_send, his[0]);
	port_op(v0, EVTCHNOP_send, his[1]);
	eq(consume(0, got, 16), 2, "no event is lost after the priority changed");
	eq(got[0], mine[0], "a new priority takes effect when the port is linked again");

	*word(mine[2]) |= 1U << EVTCHN_FIFO_MASKED;
	port_op(v0, EVTCHNOP_send, his[2]);
	ok(!v1->info->evtchn_upcall_pending, "a masked port does not set evtchn_upcall_pending");
	eq(consume(0, got, 16), 0, "a masked port is not linked into a queue");
	port_op(v1, EVTCHNOP_unmask, mine[2]);
	eq(consume(0, got, 16), 1, "unmask: links a pending port into its queue");

	for (int i = 0; i < 8; i++)
		port_op(v1, EVTCHNOP_close, mine[i]);
}

static void vcpus(void)
{
	struct evtchn_bind_vcpu bv = { .vcpu = 1 };
	u32 mine[2], his[2], got[4];

	for (int i = 0; i < 2; i++) {
		mine[i] = channel(&his[i]);
		port_op(v1, EVTCHNOP_unmask, mine[i]);
	}
	consume(0, got, 4);
	port_op(v0, EVTCHNOP_send, his[0]);
	bv.port = mine[0];
	eq(evtchn_call(v1, EVTCHNOP_bind_vcpu, &bv, sizeof(bv)), 0,
	   "bind_vcpu: succeeds for a linked port");
	port_op(v0, EVTCHNOP_send, his[1]);
	eq(consume(0, got, 4), 2, "a linked port stays in the queue of its old vcpu");
	port_op(v0, EVTCHNOP_send, his[0]);
	port_op(v0, EVTCHNOP_send, his[1]);
	eq(consume(0, got, 4), 1, "after bind_vcpu, one of two events is left for the old vcpu");
	eq(got[0], mine[1], "the port that was not moved is still queued for the old vcpu");
	eq(consume(1, got, 4), 1, "after bind_vcpu, one event is queued for the new vcpu");
	eq(got[0], mine[0], "the port that was moved is queued for the new vcpu");
	port_op(v1, EVTCHNOP_close, mine[0]);
	port_op(v1, EVTCHNOP_close, mine[1]);
}

static void growth(void)
{
	struct evtchn_alloc_unbound a;
	struct evtchn_bind_interdomain b = { .remote_dom = 1 };
	u32 got[4], n;

	for (n = 0; n < WORDS + 10; n++) {
		a = (struct evtchn_alloc_unbound){ DOMID_SELF, 0, 0 };
		if (evtchn_call(v1, EVTCHNOP_alloc_unbound, &a, sizeof(a)))
			break;
	}
	eq(n, WORDS + 10, "ports can be allocated beyond the event array");
	b.remote_port = a.port;
	eq(evtchn_call(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b)), 0,
	   "bind_interdomain: succeeds for a port without an event word");
	eq(port_op(v0, EVTCHNOP_send, b.local_port), 0,
	   "send: succeeds to a port without an event word");
	eq(port_op(v1, EVTCHNOP_unmask, a.port), 0,
	   "unmask: succeeds for a port without an event word");
	fill_words(ARRAY_GFN + 1);
	eq(expand(ARRAY_GFN + 1), 0, "expand_array: succeeds for a second page");
	ok(evtchn_is_pending(d1, a.port),
	   "expand_array: an event sent before is pending in the new word");
	consume(0, got, 4);
	port_op(v1, EVTCHNOP_unmask, a.port);
	eq(consume(0, got, 4), 1, "an event sent before expand_array arrives when it is unmasked");
	for (u32 p = 1; p < 2 * WORDS; p++)
		port_op(v1, EVTCHNOP_close, p);
	port_op(v0, EVTCHNOP_close, b.local_port);
}

static u64 rnd(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/*
 * A guest that overwrites event words and control blocks at random: the sanitizers check that the
 * hypervisor survives.
 */
static void scribbling(void)
{
	u32 mine[16], his[16], got[4];

	for (int i = 0; i < 16; i++)
		mine[i] = channel(&his[i]);
	for (int i = 0; i < 20000; i++) {
		u32 r = rnd();

		switch (r % 7) {
		case 0:
			*word(rnd() % (2 * WORDS)) = rnd();
			break;
		case 1:
			*word(mine[rnd() % 16]) = rnd();
			break;
		case 2:
			((u32 *)control(rnd() % 2))[rnd() % 18] = rnd();
			break;
		case 3:
			port_op(v1, EVTCHNOP_unmask, mine[rnd() % 16]);
			break;
		case 4:
			priority(mine[rnd() % 16], rnd() % 16);
			break;
		default:
			port_op(v0, EVTCHNOP_send, his[rnd() % 16]);
		}
	}
	ok(true, "the hypervisor survives a guest that overwrites its event words");
	/* Repair the words: events must arrive again. */
	memset(control(0), 0, sizeof(*control(0)));
	fill_words(ARRAY_GFN);
	fill_words(ARRAY_GFN + 1);
	memset(guest_head, 0, sizeof(guest_head));
	for (int i = 0; i < 16; i++)
		port_op(v1, EVTCHNOP_unmask, mine[i]);
	port_op(v0, EVTCHNOP_send, his[3]);
	eq(consume(0, got, 4), 1,
	   "events arrive again after the guest has repaired its event words");
	for (int i = 0; i < 16; i++) {
		port_op(v1, EVTCHNOP_close, mine[i]);
		port_op(v0, EVTCHNOP_close, his[i]);
	}
}

static void start_fifo(void)
{
	memset(control(0), 0, sizeof(*control(0)));
	memset(control(1), 0, sizeof(*control(1)));
	memset(guest_head, 0, sizeof(guest_head));
	fill_words(ARRAY_GFN);
	init_control(0, CONTROL_GFN, 0);
	init_control(1, CONTROL_GFN, 128);
}

static void console_event(struct domain *d, u32 port)
{
}

/*
 * A port that outlives EVTCHNOP_reset, whether the domain or dom0 calls it, has nothing left of what
 * the kernel before it had set, when the next kernel uses FIFO.
 */
static void next_kernel(struct vcpu *by, u16 dom)
{
	static const struct evtchn_consumer console = { .event = console_event };
	struct evtchn_reset reset = { dom };
	struct evtchn_bind_vcpu bv = { .vcpu = 1 };
	u32 p, got[4];

	evtchn_bind_consumer(d1, &console, &p);
	d1->params[HVM_PARAM_CONSOLE_EVTCHN] = p;
	bv.port = p;
	evtchn_call(v1, EVTCHNOP_bind_vcpu, &bv, sizeof(bv));
	priority(p, 3);
	port_op(v1, EVTCHNOP_unmask, p);
	control(1)->ready = 0;
	evtchn_notify(d1, p);
	eq(control(1)->ready, 1 << 3, "a port of the hypervisor is queued by its priority and vcpu");

	eq(evtchn_call(by, EVTCHNOP_reset, &reset, sizeof(reset)), 0, "reset: succeeds");
	ok(evtchn_is_masked(d1, p) && evtchn_is_pending(d1, p), "reset: the kept port is masked and pending");
	start_fifo();
	evtchn_notify(d1, p);	/* has no event word yet */
	eq(evtchn_call(by, EVTCHNOP_reset, &reset, sizeof(reset)), 0, "reset: succeeds between the two calls");
	memset(d1->shared_info->evtchn_pending, 0, sizeof(d1->shared_info->evtchn_pending));
	start_fifo();
	expand(ARRAY_GFN);
	ok(!evtchn_is_pending(d1, p), "FIFO again: an event that was taken in the 2-level ABI is not there");
	port_op(v1, EVTCHNOP_unmask, p);
	evtchn_notify(d1, p);
	ok(control(0)->ready == 1 << EVTCHN_FIFO_PRIORITY_DEFAULT && !control(1)->ready,
	   "FIFO again: the port has the default priority and vcpu");
	ok(consume(0, got, 4) == 1 && got[0] == p, "FIFO again: its event arrives");
	evtchn_close(d1, p, false);
}

int main(void)
{
	struct evtchn_reset reset = { DOMID_SELF };
	u64 free_pages_before;
	u32 early, early0;
	size_t objects;

	host_init(16 << 20);
	free_pages_before = pages_free();
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 2);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	early = channel(&early0);
	objects = host_objects();
	setting_up(early, early0);
	queues();
	vcpus();
	growth();
	scribbling();
	next_kernel(v1, DOMID_SELF);
	next_kernel(v0, 1);

	/*
	 * The hypervisor holds references on the pages, so removing them from the guest must not
	 * free them.
	 */
	eq(memory_remove(d1, ARRAY_GFN), 0,
	   "memory_remove: the guest can give up a page of event words");
	eq(memory_remove(d1, CONTROL_GFN), 0,
	   "memory_remove: the guest can give up its control block");
	early = channel(&early0);
	eq(port_op(v0, EVTCHNOP_send, early0), 0,
	   "send: works on with the pages that the hypervisor still holds");
	eq(evtchn_call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), 0, "reset: succeeds");
	ok(!d1->ev->fifo && d1->ev->limit == EVTCHN_2L_NR_CHANNELS,
	   "reset: returns to the 2-level ABI");
	ok(host_objects() <= objects + 24, "reset: frees the FIFO queues");
	port_op(v0, EVTCHNOP_close, early0);
	early = channel(&early0);
	v1->info->evtchn_upcall_pending = 0;
	port_op(v0, EVTCHNOP_send, early0);
	ok(v1->info->evtchn_upcall_pending, "events arrive by the 2-level ABI after reset");

	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	eq(pages_free(), free_pages_before, "no page is leaked");
	return test_done();
}
