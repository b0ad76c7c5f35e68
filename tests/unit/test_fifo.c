// SPDX-License-Identifier: GPL-2.0
/*
 * FIFO event channels: set-up, queues as Linux consumes them, priorities, and
 * a guest that scribbles over its words.
 */
#include "test.h"

#define CONTROL_GFN	40
#define ARRAY_GFN	41
#define WORDS		1024

static struct domain *d0, *d1;
static struct vcpu *v0, *v1;

/* The guest's side, per vcpu: where it stands in each queue. */
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
		eq(a.link_bits, EVTCHN_FIFO_LINK_BITS, "init_control tells the number of link bits");
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

/* A channel between d0 and d1: d1's port; d0's is stored. */
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

/* Consumes every queue of a vcpu, highest priority first; returns the ports. */
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
	eq(expand(ARRAY_GFN), -ENOSYS, "expand_array before init_control");
	eq(init_control(2, CONTROL_GFN, 0), -ENOENT, "init_control: no such vcpu");
	eq(init_control(0, CONTROL_GFN, 4), -EINVAL, "init_control: not aligned");
	eq(init_control(0, CONTROL_GFN, 4096 - 64), -EINVAL, "init_control: does not fit its page");
	eq(init_control(0, CONTROL_GFN, 0xfffffff8), -EINVAL, "init_control: a huge offset");
	eq(init_control(0, GUEST_PAGES, 0), -EINVAL, "init_control: no such page");
	eq(init_control(0, ~0UL, 0), -EINVAL, "init_control: page -1");
	ok(!d1->ev->fifo, "still 2-level after all these");

	port_op(v0, EVTCHNOP_send, early0);
	ok(evtchn_is_pending(d1, early), "an event before the change");
	eq(init_control(0, CONTROL_GFN, 0), 0, "init_control");
	eq(init_control(0, CONTROL_GFN, 128), -EINVAL, "init_control: twice for a vcpu");
	eq(init_control(1, CONTROL_GFN, 128), 0, "init_control: the other vcpu");
	ok(!evtchn_is_pending(d1, early), "no word, no pending bit");
	eq(expand(GUEST_PAGES), -EINVAL, "expand_array: no such page");
	fill_words(ARRAY_GFN);
	eq(expand(ARRAY_GFN), 0, "expand_array");
	ok(evtchn_is_pending(d1, early), "the event from before is in its word now");
	v1->info->evtchn_upcall_pending = 0;
	eq(port_op(v1, EVTCHNOP_unmask, early), 0, "unmask it");
	ok(v1->info->evtchn_upcall_pending, "and it is raised");
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
	ok(v1->info->evtchn_upcall_pending, "upcall_pending is set");
	eq(consume(0, got, 16), 8, "all eight arrive");
	ok(!memcmp(got, mine, sizeof(mine)), "in the order they were sent");
	eq(consume(0, got, 16), 0, "and once each");

	port_op(v0, EVTCHNOP_send, his[0]);
	port_op(v0, EVTCHNOP_send, his[0]);
	eq(consume(0, got, 16), 1, "two sends are one event");

	eq(priority(mine[7], 0), 0, "set_priority");
	eq(priority(mine[6], 15), 0, "set_priority: the lowest");
	eq(priority(mine[5], 16), -EINVAL, "set_priority: lower than that");
	eq(priority(mine[5], ~0U), -EINVAL, "set_priority: -1");
	eq(priority(3000, 1), -EINVAL, "set_priority: a port out of range");
	for (int i = 7; i >= 0; i--)
		port_op(v0, EVTCHNOP_send, his[7 - i]);
	eq(consume(0, got, 16), 8, "all eight again");
	ok(got[0] == mine[7] && got[7] == mine[6], "highest priority first, lowest last");

	/* A port that is linked changes its queue only when it is linked next. */
	port_op(v0, EVTCHNOP_send, his[0]);
	priority(mine[0], 2);
	port_op(v0, EVTCHNOP_send, his[1]);
	eq(consume(0, got, 16), 2, "a priority changed while linked");
	port_op(v0, EVTCHNOP_send, his[0]);
	port_op(v0, EVTCHNOP_send, his[1]);
	eq(consume(0, got, 16), 2, "and after it took effect");
	eq(got[0], mine[0], "it takes effect");

	*word(mine[2]) |= 1U << EVTCHN_FIFO_MASKED;
	port_op(v0, EVTCHNOP_send, his[2]);
	ok(!v1->info->evtchn_upcall_pending, "a masked port raises nothing");
	eq(consume(0, got, 16), 0, "and is in no queue");
	port_op(v1, EVTCHNOP_unmask, mine[2]);
	eq(consume(0, got, 16), 1, "unmask puts it there");

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
	eq(evtchn_call(v1, EVTCHNOP_bind_vcpu, &bv, sizeof(bv)), 0, "bind_vcpu while linked");
	port_op(v0, EVTCHNOP_send, his[1]);
	eq(consume(0, got, 4), 2, "what was linked stays in its queue");
	port_op(v0, EVTCHNOP_send, his[0]);
	port_op(v0, EVTCHNOP_send, his[1]);
	eq(consume(0, got, 4), 1, "the next event goes to the other vcpu");
	eq(got[0], mine[1], "this one stays");
	eq(consume(1, got, 4), 1, "and arrives there");
	eq(got[0], mine[0], "on its port");
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
	eq(n, WORDS + 10, "more ports than there are words");
	b.remote_port = a.port;
	eq(evtchn_call(v0, EVTCHNOP_bind_interdomain, &b, sizeof(b)), 0, "bind one without a word");
	eq(port_op(v0, EVTCHNOP_send, b.local_port), 0, "send to it");
	eq(port_op(v1, EVTCHNOP_unmask, a.port), 0, "unmask it");
	fill_words(ARRAY_GFN + 1);
	eq(expand(ARRAY_GFN + 1), 0, "give it a word");
	ok(evtchn_is_pending(d1, a.port), "its event is there");
	consume(0, got, 4);
	port_op(v1, EVTCHNOP_unmask, a.port);
	eq(consume(0, got, 4), 1, "and arrives when unmasked");
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

/* Nothing to observe but that the hypervisor survives, under the sanitizers. */
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
	ok(true, "the hypervisor survives a guest that scribbles");
	/* And serves it, once it behaves again. */
	memset(control(0), 0, sizeof(*control(0)));
	fill_words(ARRAY_GFN);
	fill_words(ARRAY_GFN + 1);
	memset(guest_head, 0, sizeof(guest_head));
	for (int i = 0; i < 16; i++)
		port_op(v1, EVTCHNOP_unmask, mine[i]);
	port_op(v0, EVTCHNOP_send, his[3]);
	eq(consume(0, got, 4), 1, "and serves it when it behaves again");
	for (int i = 0; i < 16; i++) {
		port_op(v1, EVTCHNOP_close, mine[i]);
		port_op(v0, EVTCHNOP_close, his[i]);
	}
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

	/* The pages are held: taking them from the guest must not free them. */
	eq(memory_remove(d1, ARRAY_GFN), 0, "the guest gives up a page of words");
	eq(memory_remove(d1, CONTROL_GFN), 0, "and its control block");
	early = channel(&early0);
	eq(port_op(v0, EVTCHNOP_send, early0), 0, "the hypervisor still has them");
	eq(evtchn_call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), 0, "reset");
	ok(!d1->ev->fifo && d1->ev->limit == EVTCHN_2L_NR_CHANNELS, "reset goes back to 2-level");
	ok(host_objects() <= objects + 24, "and frees the queues");
	port_op(v0, EVTCHNOP_close, early0);
	early = channel(&early0);
	v1->info->evtchn_upcall_pending = 0;
	port_op(v0, EVTCHNOP_send, early0);
	ok(v1->info->evtchn_upcall_pending, "2-level works again");

	domain_discard(d1);
	domain_discard(d0);
	eq(host_objects(), 0, "nothing leaks");
	eq(pages_free(), free_pages_before, "no page is lost");
	return test_done();
}
