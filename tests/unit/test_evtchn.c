// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels with the 2-level ABI: all operations, their errors, and the bits
 * that the guest sees.
 */
#include "test.h"

static struct domain *d0, *d1;
static struct vcpu *v0, *v1;	/* vcpu 0 of each */

static s64 call(struct vcpu *v, u64 op, void *arg, size_t n)
{
	return evtchn_call(v, op, arg, n);
}

static s64 port_op(struct vcpu *v, u64 op, u32 port)
{
	struct evtchn_send a = { port };

	return call(v, op, &a, sizeof(a));
}

static s64 alloc_unbound(struct vcpu *v, u16 dom, u16 remote, u32 *port)
{
	struct evtchn_alloc_unbound a = { dom, remote, 0 };
	s64 rc = call(v, EVTCHNOP_alloc_unbound, &a, sizeof(a));

	*port = a.port;
	return rc;
}

static s64 bind_inter(struct vcpu *v, u16 remote, u32 rport, u32 *port)
{
	struct evtchn_bind_interdomain a = { remote, rport, 0 };
	s64 rc = call(v, EVTCHNOP_bind_interdomain, &a, sizeof(a));

	*port = a.local_port;
	return rc;
}

static s64 bind_virq(struct vcpu *v, u32 virq, u32 vcpu, u32 *port)
{
	struct evtchn_bind_virq a = { virq, vcpu, 0 };
	s64 rc = call(v, EVTCHNOP_bind_virq, &a, sizeof(a));

	*port = a.port;
	return rc;
}

static s64 bind_ipi(struct vcpu *v, u32 vcpu, u32 *port)
{
	struct evtchn_bind_ipi a = { vcpu, 0 };
	s64 rc = call(v, EVTCHNOP_bind_ipi, &a, sizeof(a));

	*port = a.port;
	return rc;
}

static s64 status(struct vcpu *v, u16 dom, u32 port, struct evtchn_status *st)
{
	memset(st, 0xee, sizeof(*st));
	st->dom = dom;
	st->port = port;
	return call(v, EVTCHNOP_status, st, sizeof(*st));
}

/* Consume events like a guest in its upcall handler. Returns how many, and their ports. */
static unsigned int take_events(struct vcpu *v, u32 *ports, unsigned int max)
{
	struct shared_info *s = v->domain->shared_info;
	unsigned int n = 0;
	u64 sel, bits;

	v->info->evtchn_upcall_pending = 0;
	sel = __atomic_exchange_n(&v->info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
	for (; sel; sel &= sel - 1) {
		u64 w = __builtin_ctzl(sel);

		bits = s->evtchn_pending[w] & ~s->evtchn_mask[w];
		for (; bits; bits &= bits - 1) {
			u32 p = w * 64 + __builtin_ctzl(bits);

			s->evtchn_pending[w] &= ~BIT(p % 64);
			if (n < max)
				ports[n] = p;
			n++;
		}
	}
	return n;
}

static void mask(struct domain *d, u32 p, bool on)
{
	u64 *m = &d->shared_info->evtchn_mask[p / 64];

	*m = on ? *m | BIT(p % 64) : *m & ~BIT(p % 64);
}

static void allocation(void)
{
	struct evtchn_status st;
	u32 p, q, r;

	eq(alloc_unbound(v1, DOMID_SELF, 0, &p), 0, "alloc_unbound: succeeds");
	ok(p > 0, "alloc_unbound: never returns port 0");
	eq(alloc_unbound(v1, 1, 0, &q), 0, "alloc_unbound: accepts the caller's own domid");
	ok(q != p, "alloc_unbound: returns a different port each time");
	eq(alloc_unbound(v1, 0, 0, &r), -EPERM,
	   "alloc_unbound: a domU cannot allocate for another domain");
	eq(alloc_unbound(v0, 1, 0, &r), 0, "alloc_unbound: dom0 can allocate for another domain");
	eq(alloc_unbound(v0, 33, 0, &r), -ESRCH,
	   "alloc_unbound: fails for a domain that does not exist");
	eq(status(v1, DOMID_SELF, p, &st), 0, "status: succeeds for an unbound port");
	ok(st.status == EVTCHNSTAT_unbound && st.u.unbound.dom == 0,
	   "status: reports an unbound port and its remote domain");
	eq(status(v1, 0, 1, &st), -EPERM, "status: a domU cannot query another domain");
	eq(status(v0, 1, p, &st), 0, "status: dom0 can query another domain");
	eq(status(v0, 33, 1, &st), -ESRCH, "status: fails for a domain that does not exist");
	eq(status(v1, DOMID_SELF, 100000, &st), -EINVAL, "status: fails for a port out of range");
	eq(status(v1, DOMID_SELF, 0xffffffff, &st), -EINVAL, "status: fails for port -1");
	eq(port_op(v1, EVTCHNOP_close, p), 0, "close: succeeds");
	eq(port_op(v1, EVTCHNOP_close, p), -EINVAL,
	   "close: fails for a port that is closed already");
	eq(port_op(v1, EVTCHNOP_close, 0), -EINVAL, "close: fails for port 0");
	eq(port_op(v1, EVTCHNOP_close, 4096), -EINVAL, "close: fails for a port out of range");
	eq(port_op(v1, EVTCHNOP_close, 0xffffffff), -EINVAL, "close: fails for port -1");
	eq(status(v1, DOMID_SELF, p, &st), 0, "status: succeeds for a closed port");
	eq(st.status, EVTCHNSTAT_closed, "status: reports a closed port");
	eq(alloc_unbound(v1, DOMID_SELF, 0, &r), 0, "alloc_unbound: succeeds after a close");
	eq(r, p, "alloc_unbound: returns the lowest free port");
	port_op(v1, EVTCHNOP_close, p);
	port_op(v1, EVTCHNOP_close, q);
}

static void interdomain(void)
{
	u32 a, b, c, got[8];
	struct evtchn_status st;

	alloc_unbound(v1, DOMID_SELF, 0, &a);
	eq(port_op(v1, EVTCHNOP_send, a), 0, "send: succeeds on an unbound port");
	eq(bind_inter(v0, 1, a + 1, &b), -EINVAL,
	   "bind_interdomain: fails for a remote port that is not unbound");
	eq(bind_inter(v0, 1, 0xfffffff, &b), -EINVAL,
	   "bind_interdomain: fails for a remote port out of range");
	eq(bind_inter(v0, 33, a, &b), -ESRCH,
	   "bind_interdomain: fails for a domain that does not exist");
	eq(bind_inter(v1, DOMID_SELF, a, &b), -EINVAL,
	   "bind_interdomain: fails for a port reserved for another domain");
	eq(bind_inter(v0, 1, a, &b), 0, "bind_interdomain: succeeds");
	eq(take_events(v0, got, 8), 1, "bind_interdomain: exactly one port becomes pending");
	eq(got[0], b, "bind_interdomain: the new local port is pending at once");
	eq(bind_inter(v0, 1, a, &c), -EINVAL,
	   "bind_interdomain: fails for a remote port that is bound already");
	eq(status(v1, DOMID_SELF, a, &st), 0, "status: succeeds for the remote end");
	ok(st.status == EVTCHNSTAT_interdomain && st.u.interdomain.dom == 0 &&
	   st.u.interdomain.port == b, "status: reports an interdomain port and its peer");

	eq(port_op(v0, EVTCHNOP_send, b), 0, "send: succeeds on an interdomain port");
	ok(v1->info->evtchn_upcall_pending,
	   "send: sets evtchn_upcall_pending of the receiving vcpu");
	eq(take_events(v1, got, 8), 1, "send: the peer finds one event");
	eq(got[0], a, "send: the event is on the peer's port");
	port_op(v1, EVTCHNOP_send, a);
	port_op(v1, EVTCHNOP_send, a);
	eq(take_events(v0, got, 8), 1,
	   "send: two sends without consumption in between are one event");

	eq(port_op(v1, EVTCHNOP_close, a), 0,
	   "close: succeeds on one end of an interdomain channel");
	status(v0, DOMID_SELF, b, &st);
	ok(st.status == EVTCHNSTAT_unbound && st.u.unbound.dom == 1,
	   "close: the other end becomes unbound, reserved for the same domain");
	eq(bind_inter(v1, 0, b, &a), 0,
	   "bind_interdomain: the end that became unbound can be bound again");
	take_events(v1, got, 8);
	eq(port_op(v0, EVTCHNOP_close, b), 0,
	   "close: succeeds on the first end of a rebound channel");
	eq(port_op(v1, EVTCHNOP_close, a), 0, "close: succeeds on the end that is unbound by then");

	alloc_unbound(v1, DOMID_SELF, DOMID_SELF, &a);
	eq(bind_inter(v1, DOMID_SELF, a, &b), 0,
	   "bind_interdomain: a domain can bind to a port of its own");
	take_events(v1, got, 8);
	port_op(v1, EVTCHNOP_send, a);
	eq(take_events(v1, got, 8), 1, "send: an event on a loopback channel arrives");
	eq(got[0], b, "send: the loopback event is on the other port");
	eq(port_op(v1, EVTCHNOP_close, b), 0, "close: succeeds on one end of a loopback channel");
	eq(port_op(v1, EVTCHNOP_close, a), 0,
	   "close: succeeds on the other end of a loopback channel");
}

static void virqs(void)
{
	u32 a, b, c, got[8];
	struct evtchn_status st;

	eq(bind_virq(v0, NR_VIRQS, 0, &a), -EINVAL,
	   "bind_virq: fails for a virq that does not exist");
	eq(bind_virq(v0, 0xffffffff, 0, &a), -EINVAL, "bind_virq: fails for virq -1");
	eq(bind_virq(v0, VIRQ_TIMER, 2, &a), -ENOENT,
	   "bind_virq: fails for a vcpu that does not exist");
	eq(bind_virq(v0, VIRQ_TIMER, 0xffffffff, &a), -ENOENT, "bind_virq: fails for vcpu -1");
	eq(bind_virq(v0, VIRQ_CONSOLE, 1, &a), -EINVAL,
	   "bind_virq: fails for a global virq on a vcpu other than 0");
	eq(bind_virq(v0, VIRQ_TIMER, 0, &a), 0, "bind_virq: succeeds for VIRQ_TIMER of vcpu 0");
	eq(bind_virq(v0, VIRQ_TIMER, 0, &c), -EEXIST,
	   "bind_virq: fails for a virq that is bound already");
	eq(bind_virq(v0, VIRQ_TIMER, 1, &b), 0, "bind_virq: succeeds for VIRQ_TIMER of vcpu 1");
	send_guest_virq(d0->vcpu[1], VIRQ_TIMER);
	eq(take_events(v0, got, 8), 0, "a per-vcpu virq of vcpu 1 does not arrive at vcpu 0");
	eq(take_events(d0->vcpu[1], got, 8), 1, "a per-vcpu virq of vcpu 1 arrives at vcpu 1");
	eq(got[0], b, "a per-vcpu virq arrives on the port bound to it");
	eq(status(v0, DOMID_SELF, b, &st), 0, "status: succeeds for a virq port");
	ok(st.status == EVTCHNSTAT_virq && st.u.virq == VIRQ_TIMER && st.vcpu == 1,
	   "status: reports a virq port, its virq and vcpu");
	eq(port_op(v0, EVTCHNOP_send, a), -EINVAL, "send: fails on a virq port");
	send_guest_virq(v1, VIRQ_TIMER);
	eq(take_events(v1, got, 8), 0, "a virq that is not bound has no effect");
	eq(bind_virq(v0, VIRQ_CONSOLE, 0, &c), 0, "bind_virq: succeeds for VIRQ_CONSOLE");
	send_global_virq(d0, VIRQ_CONSOLE);
	eq(take_events(v0, got, 8), 1, "a global virq arrives");
	port_op(v0, EVTCHNOP_close, a);
	eq(bind_virq(v0, VIRQ_TIMER, 0, &a), 0,
	   "bind_virq: succeeds again after the port was closed");
	port_op(v0, EVTCHNOP_close, a);
	port_op(v0, EVTCHNOP_close, b);
	port_op(v0, EVTCHNOP_close, c);
	send_global_virq(d0, VIRQ_CONSOLE);
	eq(take_events(v0, got, 8), 0, "a virq whose port was closed has no effect");
}

static s64 bind_vcpu(struct vcpu *v, u32 port, u32 vcpu)
{
	struct evtchn_bind_vcpu a = { port, vcpu };

	return call(v, EVTCHNOP_bind_vcpu, &a, sizeof(a));
}

static void vcpus_and_ipis(void)
{
	u32 ipi, virq, timer, un, peer, got[8];

	eq(bind_ipi(v0, 2, &ipi), -ENOENT, "bind_ipi: fails for a vcpu that does not exist");
	eq(bind_ipi(v0, 1, &ipi), 0, "bind_ipi: succeeds");
	eq(port_op(v0, EVTCHNOP_send, ipi), 0, "send: succeeds on an IPI port");
	eq(take_events(v0, got, 8), 0, "an IPI does not arrive at the sending vcpu");
	eq(take_events(d0->vcpu[1], got, 8), 1, "an IPI arrives at the vcpu it is bound to");
	bind_virq(v0, VIRQ_CONSOLE, 0, &virq);
	bind_virq(v0, VIRQ_TIMER, 0, &timer);
	eq(bind_vcpu(v0, ipi, 0), -EINVAL, "bind_vcpu: fails for an IPI port");
	eq(bind_vcpu(v0, timer, 1), -EINVAL, "bind_vcpu: fails for a per-vcpu virq");
	eq(bind_vcpu(v0, virq, 2), -ENOENT, "bind_vcpu: fails for a vcpu that does not exist");
	eq(bind_vcpu(v0, 999, 1), -EINVAL, "bind_vcpu: fails for a port out of range");
	eq(bind_vcpu(v0, virq + 50, 1), -EINVAL, "bind_vcpu: fails for a closed port");
	eq(bind_vcpu(v0, virq, 1), 0, "bind_vcpu: succeeds for a global virq");
	send_global_virq(d0, VIRQ_CONSOLE);
	eq(take_events(d0->vcpu[1], got, 8), 1,
	   "a global virq arrives at the vcpu it was moved to");
	eq(bind_virq(v0, VIRQ_CONSOLE, 0, &un), -EEXIST,
	   "a global virq that was moved is still bound");
	port_op(v0, EVTCHNOP_close, virq);
	eq(bind_virq(v0, VIRQ_CONSOLE, 0, &virq), 0,
	   "a global virq closed after a move can be bound again");
	alloc_unbound(v0, DOMID_SELF, 1, &un);
	eq(bind_vcpu(v0, un, 1), 0, "bind_vcpu: succeeds for an unbound port");
	bind_inter(v1, 0, un, &peer);
	take_events(v1, got, 8);
	port_op(v1, EVTCHNOP_send, peer);
	eq(take_events(d0->vcpu[1], got, 8), 1,
	   "events of a port moved while unbound arrive at its new vcpu");
	port_op(v0, EVTCHNOP_close, ipi);
	port_op(v0, EVTCHNOP_close, virq);
	port_op(v0, EVTCHNOP_close, timer);
	port_op(v0, EVTCHNOP_close, un);
	port_op(v1, EVTCHNOP_close, peer);
}

static void masking(void)
{
	u32 a, b, got[8];

	alloc_unbound(v1, DOMID_SELF, 0, &a);
	bind_inter(v0, 1, a, &b);
	take_events(v0, got, 8);
	mask(d1, a, true);
	v1->info->evtchn_upcall_pending = 0;
	port_op(v0, EVTCHNOP_send, b);
	ok(!v1->info->evtchn_upcall_pending,
	   "send: a masked port does not set evtchn_upcall_pending");
	ok(evtchn_is_pending(d1, a), "send: a masked port becomes pending");
	eq(port_op(v1, EVTCHNOP_unmask, a), 0, "unmask: succeeds for a pending port");
	ok(v1->info->evtchn_upcall_pending,
	   "unmask: sets evtchn_upcall_pending if the port is pending");
	eq(take_events(v1, got, 8), 1, "unmask: the event can be consumed");
	eq(port_op(v1, EVTCHNOP_unmask, a), 0, "unmask: succeeds for a port that is not masked");
	ok(!v1->info->evtchn_upcall_pending,
	   "unmask: a port that is neither masked nor pending raises no upcall");
	mask(d1, a, true);
	eq(port_op(v1, EVTCHNOP_unmask, a), 0,
	   "unmask: succeeds for a masked port without an event");
	ok(!v1->info->evtchn_upcall_pending, "unmask: a port without an event raises no upcall");
	eq(port_op(v1, EVTCHNOP_unmask, 0), -EINVAL, "unmask: fails for port 0");
	eq(port_op(v1, EVTCHNOP_unmask, 5000), -EINVAL, "unmask: fails for a port out of range");
	eq(port_op(v1, EVTCHNOP_send, 0), -EINVAL, "send: fails for port 0");
	eq(port_op(v1, EVTCHNOP_send, 5000), -EINVAL, "send: fails for a port out of range");
	eq(port_op(v1, EVTCHNOP_send, 0xffffffff), -EINVAL, "send: fails for port -1");
	/*
	 * A pending bit that the guest leaves behind must not be seen by the next user of the port.
	 */
	mask(d1, a, true);
	port_op(v0, EVTCHNOP_send, b);
	port_op(v1, EVTCHNOP_close, a);
	ok(!evtchn_is_pending(d1, a), "close: clears the pending bit");
	mask(d1, a, false);
	port_op(v0, EVTCHNOP_close, b);
}

static unsigned int consumed;
static u32 consumed_port;

static void consumer(struct domain *d, u32 port)
{
	consumed++;
	consumed_port = port;
	evtchn_notify(d, port);
}

static const struct evtchn_consumer test_consumer = { .event = consumer };

static void consumers(void)
{
	struct evtchn_reset reset = { DOMID_SELF };
	u32 p, q, got[8];

	eq(evtchn_bind_consumer(d1, &test_consumer, &p), 0, "evtchn_bind_consumer: succeeds");
	eq(port_op(v1, EVTCHNOP_send, p), 0, "send: succeeds on a port of the hypervisor");
	ok(consumed == 1 && consumed_port == p, "send: calls the consumer in the hypervisor");
	eq(take_events(v1, got, 8), 1, "evtchn_notify: the guest receives the consumer's event");
	eq(port_op(v1, EVTCHNOP_close, p), -EINVAL,
	   "close: a guest cannot close a port of the hypervisor");
	eq(bind_vcpu(v1, p, 0), 0, "bind_vcpu: a guest can move a port of the hypervisor");
	alloc_unbound(v1, DOMID_SELF, 0, &q);
	eq(call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), 0, "reset: succeeds");
	eq(port_op(v1, EVTCHNOP_close, q), -EINVAL, "reset: closes the guest's ports");
	eq(port_op(v1, EVTCHNOP_send, p), 0, "reset: keeps the hypervisor's ports");
	take_events(v1, got, 8);
	reset.dom = 0;
	eq(call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), -EPERM,
	   "reset: a domU cannot reset another domain");
	reset.dom = 33;
	eq(call(v0, EVTCHNOP_reset, &reset, sizeof(reset)), -ESRCH,
	   "reset: fails for a domain that does not exist");
	evtchn_notify(d1, q);
	evtchn_notify(d1, 100000);
	eq(take_events(v1, got, 8), 0, "evtchn_notify: has no effect on other ports");
	eq(evtchn_close(d1, p, false), 0, "evtchn_close: the hypervisor can close its port");
}

static void exhaustion(void)
{
	u32 p, n = 0;

	while (alloc_unbound(v1, DOMID_SELF, 0, &p) == 0)
		n++;
	eq(n, EVTCHN_2L_NR_CHANNELS - 1, "all 2-level ports except 0 can be allocated");
	eq(alloc_unbound(v1, DOMID_SELF, 0, &p), -ENOSPC,
	   "alloc_unbound: fails when all ports are in use");
	port_op(v1, EVTCHNOP_close, 2000);
	eq(alloc_unbound(v1, DOMID_SELF, 0, &p), 0,
	   "alloc_unbound: succeeds after one of them was closed");
	eq(p, 2000, "alloc_unbound: returns the port that was closed");
	for (p = 1; p < EVTCHN_2L_NR_CHANNELS; p++)
		if (port_op(v1, EVTCHNOP_close, p))
			break;
	eq(p, EVTCHN_2L_NR_CHANNELS, "all ports can be closed");
}

static void bad_calls(void)
{
	static const u64 handles[] = { 0, INLINE(0), INLINE(1UL << 50), 12, ~0UL };
	bool fault = true;

	for (u64 op = 0; op <= 13; op++)
		for (unsigned int i = 0; i < ARRAY_SIZE(handles); i++)
			if (op != EVTCHNOP_bind_pirq)
				fault &= hcall(v1, __HYPERVISOR_event_channel_op, op, handles[i], 0) ==
					 -EFAULT;
	ok(fault, "every op returns -EFAULT for every bad handle");
	eq(hcall(v1, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_pirq, INLINE(ARG_GPA), 0), -ENOSYS,
	   "bind_pirq: is not supported");
	eq(hcall(v1, __HYPERVISOR_event_channel_op, 14, INLINE(ARG_GPA), 0), -ENOSYS,
	   "event_channel_op: fails for the unknown op 14");
	eq(hcall(v1, __HYPERVISOR_event_channel_op, ~0UL, INLINE(ARG_GPA), 0), -ENOSYS,
	   "event_channel_op: fails for op -1");
	eq(hcall(v1, __HYPERVISOR_event_channel_op, 1UL << 32 | EVTCHNOP_send, INLINE(ARG_GPA), 0),
	   -ENOSYS, "event_channel_op: does not ignore the upper half of the op");
}

int main(void)
{
	struct evtchn_set_priority prio = { 1, 3 };
	size_t objects;
	u32 p, q;

	host_init(16 << 20);
	d0 = guest_new(0, 2);
	d1 = guest_new(1, 1);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	allocation();
	interdomain();
	virqs();
	vcpus_and_ipis();
	masking();
	consumers();
	exhaustion();
	bad_calls();
	eq(call(v1, EVTCHNOP_set_priority, &prio, sizeof(prio)), -ENOSYS,
	   "set_priority: fails without FIFO");
	eq(d0->ev->nr_used + d1->ev->nr_used, 0, "no port is left open");

	/* The channels of a domain that dies become unbound at the other end. */
	alloc_unbound(v1, DOMID_SELF, 0, &p);
	bind_inter(v0, 1, p, &q);
	objects = host_objects();
	domain_discard(d1);
	ok(host_objects() < objects, "domain_discard: frees the event channels of the domain");
	eq(evtchn_get(d0->ev, q)->kind, EVTCHN_UNBOUND,
	   "domain_discard: the peer's end becomes unbound");
	eq(port_op(v0, EVTCHNOP_send, q), 0, "send: succeeds on a port whose peer domain has died");
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
