// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels compared with a model, with both ABIs: two domains bind, close,
 * send, mask, move and consume at random. The model records for each port whether
 * an event is pending. The guest must find exactly these events, and
 * evtchn_upcall_pending must be set whenever there is one.
 */
#include "test.h"

#define PORTS		200
#define WORDS		1024
#define CONTROL_GFN	40
#define ARRAY_GFN	41

struct port {
	enum { CLOSED, UNBOUND, BOUND, IPI } kind;
	unsigned int peer_dom, peer;
	unsigned int vcpu;
	bool pending, masked;
};

static struct domain *dom[2];
static struct port model[2][PORTS];
static u32 head[2][2][EVTCHN_FIFO_MAX_QUEUES];
static bool fifo;
static unsigned long lost, extra, no_upcall, badrc, consumed, sent;

static u64 rnd(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static struct vcpu *caller(unsigned int d)
{
	return dom[d]->vcpu[0];
}

static u32 *word(unsigned int d, u32 port)
{
	return guest_ptr(dom[d], ARRAY_GFN * PAGE_SIZE + port * 4);
}

static struct evtchn_fifo_control_block *control(unsigned int d, unsigned int vcpu)
{
	return guest_ptr(dom[d], CONTROL_GFN * PAGE_SIZE + vcpu * 128);
}

static void set_mask(unsigned int d, u32 p)
{
	if (fifo)
		*word(d, p) |= 1U << EVTCHN_FIFO_MASKED;
	else
		dom[d]->shared_info->evtchn_mask[p / 64] |= BIT(p % 64);
	model[d][p].masked = true;
}

/* Unmask like Linux: without a hypercall if no event is pending. */
static void clear_mask(unsigned int d, u32 p)
{
	struct evtchn_unmask a = { p };
	struct shared_info *s = dom[d]->shared_info;

	if (fifo && !(*word(d, p) & 1U << EVTCHN_FIFO_PENDING)) {
		*word(d, p) &= ~(1U << EVTCHN_FIFO_MASKED);
	} else if (!fifo && !(s->evtchn_pending[p / 64] & BIT(p % 64))) {
		s->evtchn_mask[p / 64] &= ~BIT(p % 64);
	} else if (evtchn_call(caller(d), EVTCHNOP_unmask, &a, sizeof(a))) {
		badrc++;
	}
	model[d][p].masked = false;
}

static void port_opened(unsigned int d, u32 p)
{
	if (p >= PORTS) {
		printf("Bail out! port %u\n", p);
		exit(1);
	}
	model[d][p].pending = false;
	model[d][p].vcpu = 0;
	set_mask(d, p);
}

static void event_found(unsigned int d, unsigned int vcpu, u32 p)
{
	struct port *m = &model[d][p];

	consumed++;
	if (!m->pending || m->masked || m->vcpu != vcpu)
		extra++;
	m->pending = false;
}

static void consume_2l(unsigned int d, unsigned int vcpu)
{
	struct shared_info *s = dom[d]->shared_info;
	struct vcpu_info *info = dom[d]->vcpu[vcpu]->info;
	u64 sel = info->evtchn_pending_sel;

	info->evtchn_pending_sel = 0;
	for (u32 p = 0; p < PORTS; p++)
		if ((sel & BIT(p / 64)) && (s->evtchn_pending[p / 64] & BIT(p % 64)) &&
		    !(s->evtchn_mask[p / 64] & BIT(p % 64)) && model[d][p].vcpu == vcpu) {
			s->evtchn_pending[p / 64] &= ~BIT(p % 64);
			event_found(d, vcpu, p);
		}
}

static void consume_fifo(unsigned int d, unsigned int vcpu)
{
	struct evtchn_fifo_control_block *c = control(d, vcpu);
	u32 ready = c->ready, w;

	c->ready = 0;
	while (ready) {
		unsigned int q = __builtin_ctz(ready);
		u32 p = head[d][vcpu][q] ? head[d][vcpu][q] : c->head[q];

		w = *word(d, p);
		*word(d, p) = w & ~(1U << EVTCHN_FIFO_LINKED | EVTCHN_FIFO_LINK_MASK);
		head[d][vcpu][q] = w & EVTCHN_FIFO_LINK_MASK;
		if (!head[d][vcpu][q])
			ready &= ~(1U << q);
		if ((w & 1U << EVTCHN_FIFO_PENDING) && !(w & 1U << EVTCHN_FIFO_MASKED)) {
			*word(d, p) &= ~(1U << EVTCHN_FIFO_PENDING);
			/*
			 * A port may still be queued for the vcpu to which it was bound when it was
			 * linked.
			 */
			event_found(d, model[d][p].vcpu, p);
		}
		ready |= c->ready;
		c->ready = 0;
	}
}

static bool expected(unsigned int d, unsigned int vcpu)
{
	for (u32 p = 1; p < PORTS; p++)
		if (model[d][p].kind != CLOSED && model[d][p].pending && !model[d][p].masked &&
		    model[d][p].vcpu == vcpu)
			return true;
	return false;
}

/* Handle upcalls on all vcpus until there are none; after that, no event may be pending. */
static void consume(unsigned int d)
{
	bool again = true;

	for (unsigned int v = 0; v < 2; v++)
		if (!fifo && expected(d, v) && !dom[d]->vcpu[v]->info->evtchn_upcall_pending)
			no_upcall++;
	while (again) {
		again = false;
		for (unsigned int v = 0; v < 2; v++) {
			if (!dom[d]->vcpu[v]->info->evtchn_upcall_pending)
				continue;
			dom[d]->vcpu[v]->info->evtchn_upcall_pending = 0;
			if (fifo)
				consume_fifo(d, v);
			else
				consume_2l(d, v);
			again = true;
		}
	}
	for (unsigned int v = 0; v < 2; v++)
		if (expected(d, v))
			lost++;
}

static void do_bind(unsigned int d)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, dom[!d]->id, 0 };
	struct evtchn_bind_interdomain b = { .remote_dom = dom[d]->id };
	struct evtchn_bind_ipi i = { rnd() % 2, 0 };

	if (dom[d]->ev->nr_used > PORTS - 4 || dom[!d]->ev->nr_used > PORTS - 4)
		return;
	if (!(rnd() % 4)) {
		if (evtchn_call(caller(d), EVTCHNOP_bind_ipi, &i, sizeof(i)))
			badrc++;
		port_opened(d, i.port);
		model[d][i.port].kind = IPI;
		model[d][i.port].vcpu = i.vcpu;
		return;
	}
	if (evtchn_call(caller(d), EVTCHNOP_alloc_unbound, &a, sizeof(a)))
		badrc++;
	port_opened(d, a.port);
	model[d][a.port].kind = UNBOUND;
	b.remote_port = a.port;
	/* A third of the ports stay unbound. */
	if (!(rnd() % 3))
		return;
	/*
	 * The new port is pending at once, and masked, as its number is known only after the call.
	 */
	if (evtchn_call(caller(!d), EVTCHNOP_bind_interdomain, &b, sizeof(b)))
		badrc++;
	port_opened(!d, b.local_port);
	model[!d][b.local_port] = (struct port){ BOUND, d, a.port, 0, true, true };
	model[d][a.port].kind = BOUND;
	model[d][a.port].peer_dom = !d;
	model[d][a.port].peer = b.local_port;
}

static void do_close(unsigned int d, u32 p)
{
	struct evtchn_close a = { p };
	struct port *m = &model[d][p];
	s64 rc = evtchn_call(caller(d), EVTCHNOP_close, &a, sizeof(a));

	badrc += rc != (m->kind == CLOSED ? -EINVAL : 0);
	if (m->kind == BOUND)
		model[m->peer_dom][m->peer].kind = UNBOUND;
	m->kind = CLOSED;
	m->pending = false;
}

static void do_send(unsigned int d, u32 p)
{
	struct evtchn_send a = { p };
	struct port *m = &model[d][p];
	s64 rc = evtchn_call(caller(d), EVTCHNOP_send, &a, sizeof(a));

	badrc += rc != (m->kind == CLOSED ? -EINVAL : 0);
	sent++;
	if (m->kind == BOUND)
		model[m->peer_dom][m->peer].pending = true;
	else if (m->kind == IPI)
		m->pending = true;
}

static void do_move(unsigned int d, u32 p)
{
	struct evtchn_bind_vcpu a = { p, rnd() % 2 };
	struct port *m = &model[d][p];
	s64 rc;

	/* Consume all events first: Linux masks a port while it moves it. */
	if (m->kind == CLOSED)
		return;
	consume(d);
	rc = evtchn_call(caller(d), EVTCHNOP_bind_vcpu, &a, sizeof(a));
	badrc += rc != (m->kind == IPI ? -EINVAL : 0);
	if (m->kind != IPI)
		m->vcpu = a.vcpu;
}

static void do_priority(unsigned int d, u32 p)
{
	struct evtchn_set_priority a = { p, rnd() % 16 };
	s64 rc = evtchn_call(caller(d), EVTCHNOP_set_priority, &a, sizeof(a));

	if (!fifo)
		badrc += rc != -ENOSYS;
	else
		badrc += rc != (model[d][p].kind == CLOSED ? -EINVAL : 0);
}

static void run(const char *name, bool use_fifo)
{
	char text[100];

	fifo = use_fifo;
	lost = extra = no_upcall = badrc = consumed = sent = 0;
	memset(model, 0, sizeof(model));
	for (unsigned int d = 0; d < 2; d++) {
		dom[d] = guest_new(d + 1, 2);
		for (unsigned int v = 0; fifo && v < 2; v++) {
			struct evtchn_init_control c = { .control_gfn = CONTROL_GFN, .offset = v * 128,
							 .vcpu = v };

			badrc += evtchn_call(caller(d), EVTCHNOP_init_control, &c, sizeof(c)) != 0;
		}
		if (fifo) {
			struct evtchn_expand_array e = { ARRAY_GFN };

			for (u32 p = 0; p < WORDS; p++)
				*word(d, p) = 1U << EVTCHN_FIFO_MASKED;
			badrc += evtchn_call(caller(d), EVTCHNOP_expand_array, &e, sizeof(e)) != 0;
		}
	}
	for (int i = 0; i < 100000; i++) {
		unsigned int d = rnd() % 2;
		u32 p = 1 + rnd() % (PORTS - 1);

		/*
		 * The hypervisor allocates ports in increasing order: higher numbers do not exist.
		 */
		if (p >= dom[d]->ev->nr_ports)
			p = 1;
		switch (rnd() % 16) {
		case 0:
		case 1:
			do_bind(d);
			break;
		case 2:
			do_close(d, p);
			break;
		case 3:
			if (model[d][p].kind != CLOSED)
				set_mask(d, p);
			break;
		case 4:
		case 5:
		case 6:
			if (model[d][p].kind != CLOSED)
				clear_mask(d, p);
			break;
		case 7:
			do_move(d, p);
			break;
		case 8:
			do_priority(d, p);
			break;
		case 9:
			consume(d);
			break;
		default:
			if (dom[d]->ev->nr_ports)
				do_send(d, p);
		}
	}
	consume(0);
	consume(1);
	snprintf(text, sizeof(text), "%s: %lu sends, most events are consumed", name, sent);
	ok(consumed > 1000, text);
	snprintf(text, sizeof(text), "%s: no event is lost", name);
	eq(lost, 0, text);
	snprintf(text, sizeof(text), "%s: no event is found that was not sent", name);
	eq(extra, 0, text);
	snprintf(text, sizeof(text), "%s: no event is pending without evtchn_upcall_pending", name);
	eq(no_upcall, 0, text);
	snprintf(text, sizeof(text), "%s: every hypercall returns what the model predicts", name);
	eq(badrc, 0, text);
	domain_discard(dom[0]);
	domain_discard(dom[1]);
	memset(head, 0, sizeof(head));
}

int main(void)
{
	host_init(16 << 20);
	run("2-level", false);
	run("FIFO", true);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
