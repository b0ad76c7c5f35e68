// SPDX-License-Identifier: GPL-2.0
/*
 * Event channels, 2-level: each op, each error, and what the guest sees.
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

/* What the guest would do on an upcall; returns the ports it finds. */
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

	eq(alloc_unbound(v1, DOMID_SELF, 0, &p), 0, "alloc_unbound");
	ok(p > 0, "alloc_unbound: port 0 is never given");
	eq(alloc_unbound(v1, 1, 0, &q), 0, "alloc_unbound: own number instead of SELF");
	ok(q != p, "alloc_unbound: another port");
	eq(alloc_unbound(v1, 0, 0, &r), -EPERM, "alloc_unbound: for another domain");
	eq(alloc_unbound(v0, 1, 0, &r), 0, "alloc_unbound: dom0 for another domain");
	eq(alloc_unbound(v0, 33, 0, &r), -ESRCH, "alloc_unbound: for a domain that does not exist");
	eq(status(v1, DOMID_SELF, p, &st), 0, "status");
	ok(st.status == EVTCHNSTAT_unbound && st.u.unbound.dom == 0, "status: unbound");
	eq(status(v1, 0, 1, &st), -EPERM, "status: another domain's");
	eq(status(v0, 1, p, &st), 0, "status: dom0 may");
	eq(status(v0, 33, 1, &st), -ESRCH, "status: of a domain that does not exist");
	eq(status(v1, DOMID_SELF, 100000, &st), -EINVAL, "status: a port out of range");
	eq(status(v1, DOMID_SELF, 0xffffffff, &st), -EINVAL, "status: port -1");
	eq(port_op(v1, EVTCHNOP_close, p), 0, "close");
	eq(port_op(v1, EVTCHNOP_close, p), -EINVAL, "close: twice");
	eq(port_op(v1, EVTCHNOP_close, 0), -EINVAL, "close: port 0");
	eq(port_op(v1, EVTCHNOP_close, 4096), -EINVAL, "close: a port out of range");
	eq(port_op(v1, EVTCHNOP_close, 0xffffffff), -EINVAL, "close: port -1");
	eq(status(v1, DOMID_SELF, p, &st), 0, "status of a closed port");
	eq(st.status, EVTCHNSTAT_closed, "status: closed");
	eq(alloc_unbound(v1, DOMID_SELF, 0, &r), 0, "alloc_unbound again");
	eq(r, p, "the lowest free port comes first");
	port_op(v1, EVTCHNOP_close, p);
	port_op(v1, EVTCHNOP_close, q);
}

static void interdomain(void)
{
	u32 a, b, c, got[8];
	struct evtchn_status st;

	alloc_unbound(v1, DOMID_SELF, 0, &a);
	eq(port_op(v1, EVTCHNOP_send, a), 0, "send on an unbound port is no error");
	eq(bind_inter(v0, 1, a + 1, &b), -EINVAL, "bind: a port that does not wait");
	eq(bind_inter(v0, 1, 0xfffffff, &b), -EINVAL, "bind: a port out of range");
	eq(bind_inter(v0, 33, a, &b), -ESRCH, "bind: a domain that does not exist");
	eq(bind_inter(v1, DOMID_SELF, a, &b), -EINVAL, "bind: a port that waits for another");
	eq(bind_inter(v0, 1, a, &b), 0, "bind");
	eq(take_events(v0, got, 8), 1, "bind: the new port is pending at once");
	eq(got[0], b, "and it is that port");
	eq(bind_inter(v0, 1, a, &c), -EINVAL, "bind: twice");
	eq(status(v1, DOMID_SELF, a, &st), 0, "status of the other end");
	ok(st.status == EVTCHNSTAT_interdomain && st.u.interdomain.dom == 0 &&
	   st.u.interdomain.port == b, "status: interdomain");

	eq(port_op(v0, EVTCHNOP_send, b), 0, "send to the other domain");
	ok(v1->info->evtchn_upcall_pending, "upcall_pending is set");
	eq(take_events(v1, got, 8), 1, "one event arrives");
	eq(got[0], a, "on its port");
	port_op(v1, EVTCHNOP_send, a);
	port_op(v1, EVTCHNOP_send, a);
	eq(take_events(v0, got, 8), 1, "two sends before the guest looks are one event");

	eq(port_op(v1, EVTCHNOP_close, a), 0, "close one end");
	status(v0, DOMID_SELF, b, &st);
	ok(st.status == EVTCHNSTAT_unbound && st.u.unbound.dom == 1, "the other end waits again");
	eq(bind_inter(v1, 0, b, &a), 0, "and can be bound again");
	take_events(v1, got, 8);
	eq(port_op(v0, EVTCHNOP_close, b), 0, "close");
	eq(port_op(v1, EVTCHNOP_close, a), 0, "close");

	alloc_unbound(v1, DOMID_SELF, DOMID_SELF, &a);
	eq(bind_inter(v1, DOMID_SELF, a, &b), 0, "bind to oneself");
	take_events(v1, got, 8);
	port_op(v1, EVTCHNOP_send, a);
	eq(take_events(v1, got, 8), 1, "send to oneself arrives");
	eq(got[0], b, "on the other port");
	eq(port_op(v1, EVTCHNOP_close, b), 0, "close one's own end");
	eq(port_op(v1, EVTCHNOP_close, a), 0, "close the other");
}

static void virqs(void)
{
	u32 a, b, c, got[8];
	struct evtchn_status st;

	eq(bind_virq(v0, NR_VIRQS, 0, &a), -EINVAL, "bind_virq: no such virq");
	eq(bind_virq(v0, 0xffffffff, 0, &a), -EINVAL, "bind_virq: virq -1");
	eq(bind_virq(v0, VIRQ_TIMER, 2, &a), -ENOENT, "bind_virq: no such vcpu");
	eq(bind_virq(v0, VIRQ_TIMER, 0xffffffff, &a), -ENOENT, "bind_virq: vcpu -1");
	eq(bind_virq(v0, VIRQ_CONSOLE, 1, &a), -EINVAL, "bind_virq: a global one elsewhere than vcpu 0");
	eq(bind_virq(v0, VIRQ_TIMER, 0, &a), 0, "bind_virq: timer of vcpu 0");
	eq(bind_virq(v0, VIRQ_TIMER, 0, &c), -EEXIST, "bind_virq: twice");
	eq(bind_virq(v0, VIRQ_TIMER, 1, &b), 0, "bind_virq: timer of vcpu 1");
	send_guest_virq(d0->vcpu[1], VIRQ_TIMER);
	eq(take_events(v0, got, 8), 0, "vcpu 1's timer is not vcpu 0's");
	eq(take_events(d0->vcpu[1], got, 8), 1, "vcpu 1 gets its timer");
	eq(got[0], b, "on its port");
	eq(status(v0, DOMID_SELF, b, &st), 0, "status");
	ok(st.status == EVTCHNSTAT_virq && st.u.virq == VIRQ_TIMER && st.vcpu == 1, "status: virq");
	eq(port_op(v0, EVTCHNOP_send, a), -EINVAL, "send on a virq port");
	send_guest_virq(v1, VIRQ_TIMER);
	eq(take_events(v1, got, 8), 0, "a virq not bound goes nowhere");
	eq(bind_virq(v0, VIRQ_CONSOLE, 0, &c), 0, "bind_virq: console");
	send_global_virq(d0, VIRQ_CONSOLE);
	eq(take_events(v0, got, 8), 1, "console virq arrives");
	port_op(v0, EVTCHNOP_close, a);
	eq(bind_virq(v0, VIRQ_TIMER, 0, &a), 0, "bind_virq: again after close");
	port_op(v0, EVTCHNOP_close, a);
	port_op(v0, EVTCHNOP_close, b);
	port_op(v0, EVTCHNOP_close, c);
	send_global_virq(d0, VIRQ_CONSOLE);
	eq(take_events(v0, got, 8), 0, "a closed virq goes nowhere");
}

static s64 bind_vcpu(struct vcpu *v, u32 port, u32 vcpu)
{
	struct evtchn_bind_vcpu a = { port, vcpu };

	return call(v, EVTCHNOP_bind_vcpu, &a, sizeof(a));
}

static void vcpus_and_ipis(void)
{
	u32 ipi, virq, timer, un, peer, got[8];

	eq(bind_ipi(v0, 2, &ipi), -ENOENT, "bind_ipi: no such vcpu");
	eq(bind_ipi(v0, 1, &ipi), 0, "bind_ipi");
	eq(port_op(v0, EVTCHNOP_send, ipi), 0, "send an ipi");
	eq(take_events(v0, got, 8), 0, "the sender gets nothing");
	eq(take_events(d0->vcpu[1], got, 8), 1, "the other vcpu gets it");
	bind_virq(v0, VIRQ_CONSOLE, 0, &virq);
	bind_virq(v0, VIRQ_TIMER, 0, &timer);
	eq(bind_vcpu(v0, ipi, 0), -EINVAL, "bind_vcpu: an ipi stays");
	eq(bind_vcpu(v0, timer, 1), -EINVAL, "bind_vcpu: a vcpu's virq stays");
	eq(bind_vcpu(v0, virq, 2), -ENOENT, "bind_vcpu: no such vcpu");
	eq(bind_vcpu(v0, 999, 1), -EINVAL, "bind_vcpu: a port out of range");
	eq(bind_vcpu(v0, virq + 50, 1), -EINVAL, "bind_vcpu: a closed port");
	eq(bind_vcpu(v0, virq, 1), 0, "bind_vcpu: a global virq moves");
	send_global_virq(d0, VIRQ_CONSOLE);
	eq(take_events(d0->vcpu[1], got, 8), 1, "and arrives there");
	eq(bind_virq(v0, VIRQ_CONSOLE, 0, &un), -EEXIST, "and is still bound");
	port_op(v0, EVTCHNOP_close, virq);
	eq(bind_virq(v0, VIRQ_CONSOLE, 0, &virq), 0, "closed after moving, it can be bound again");
	alloc_unbound(v0, DOMID_SELF, 1, &un);
	eq(bind_vcpu(v0, un, 1), 0, "bind_vcpu: an unbound port moves");
	bind_inter(v1, 0, un, &peer);
	take_events(v1, got, 8);
	port_op(v1, EVTCHNOP_send, peer);
	eq(take_events(d0->vcpu[1], got, 8), 1, "and its events arrive there");
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
	ok(!v1->info->evtchn_upcall_pending, "a masked port raises nothing");
	ok(evtchn_is_pending(d1, a), "but is pending");
	eq(port_op(v1, EVTCHNOP_unmask, a), 0, "unmask");
	ok(v1->info->evtchn_upcall_pending, "unmask raises what was missed");
	eq(take_events(v1, got, 8), 1, "and the event is there");
	eq(port_op(v1, EVTCHNOP_unmask, a), 0, "unmask what is not masked");
	ok(!v1->info->evtchn_upcall_pending, "raises nothing");
	mask(d1, a, true);
	eq(port_op(v1, EVTCHNOP_unmask, a), 0, "unmask without an event");
	ok(!v1->info->evtchn_upcall_pending, "raises nothing either");
	eq(port_op(v1, EVTCHNOP_unmask, 0), -EINVAL, "unmask: port 0");
	eq(port_op(v1, EVTCHNOP_unmask, 5000), -EINVAL, "unmask: a port out of range");
	eq(port_op(v1, EVTCHNOP_send, 0), -EINVAL, "send: port 0");
	eq(port_op(v1, EVTCHNOP_send, 5000), -EINVAL, "send: a port out of range");
	eq(port_op(v1, EVTCHNOP_send, 0xffffffff), -EINVAL, "send: port -1");
	/* The guest may leave a pending bit behind: not for the next owner of the port. */
	mask(d1, a, true);
	port_op(v0, EVTCHNOP_send, b);
	port_op(v1, EVTCHNOP_close, a);
	ok(!evtchn_is_pending(d1, a), "closing clears the pending bit");
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

	eq(evtchn_bind_consumer(d1, &test_consumer, &p), 0, "a port of the hypervisor's");
	eq(port_op(v1, EVTCHNOP_send, p), 0, "send to the hypervisor");
	ok(consumed == 1 && consumed_port == p, "it is called");
	eq(take_events(v1, got, 8), 1, "and its answer arrives");
	eq(port_op(v1, EVTCHNOP_close, p), -EINVAL, "the guest cannot close it");
	eq(bind_vcpu(v1, p, 0), 0, "but move it");
	alloc_unbound(v1, DOMID_SELF, 0, &q);
	eq(call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), 0, "reset");
	eq(port_op(v1, EVTCHNOP_close, q), -EINVAL, "reset closes the guest's ports");
	eq(port_op(v1, EVTCHNOP_send, p), 0, "and leaves the hypervisor's");
	take_events(v1, got, 8);
	reset.dom = 0;
	eq(call(v1, EVTCHNOP_reset, &reset, sizeof(reset)), -EPERM, "reset: of another domain");
	reset.dom = 33;
	eq(call(v0, EVTCHNOP_reset, &reset, sizeof(reset)), -ESRCH, "reset: of no domain");
	evtchn_notify(d1, q);
	evtchn_notify(d1, 100000);
	eq(take_events(v1, got, 8), 0, "notifying what is not the hypervisor's does nothing");
	eq(evtchn_close(d1, p, false), 0, "the hypervisor closes it");
}

static void exhaustion(void)
{
	u32 p, n = 0;

	while (alloc_unbound(v1, DOMID_SELF, 0, &p) == 0)
		n++;
	eq(n, EVTCHN_2L_NR_CHANNELS - 1, "all ports but 0 can be had");
	eq(alloc_unbound(v1, DOMID_SELF, 0, &p), -ENOSPC, "one more cannot");
	port_op(v1, EVTCHNOP_close, 2000);
	eq(alloc_unbound(v1, DOMID_SELF, 0, &p), 0, "a closed one can be had again");
	eq(p, 2000, "namely that one");
	for (p = 1; p < EVTCHN_2L_NR_CHANNELS; p++)
		if (port_op(v1, EVTCHNOP_close, p))
			break;
	eq(p, EVTCHN_2L_NR_CHANNELS, "all can be closed");
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
	ok(fault, "every op refuses every bad handle with -EFAULT");
	eq(hcall(v1, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_pirq, INLINE(ARG_GPA), 0), -ENOSYS,
	   "bind_pirq is not offered");
	eq(hcall(v1, __HYPERVISOR_event_channel_op, 14, INLINE(ARG_GPA), 0), -ENOSYS, "op 14");
	eq(hcall(v1, __HYPERVISOR_event_channel_op, ~0UL, INLINE(ARG_GPA), 0), -ENOSYS, "op -1");
	eq(hcall(v1, __HYPERVISOR_event_channel_op, 1UL << 32 | EVTCHNOP_send, INLINE(ARG_GPA), 0),
	   -ENOSYS, "an op whose upper half counts");
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
	eq(call(v1, EVTCHNOP_set_priority, &prio, sizeof(prio)), -ENOSYS, "set_priority needs FIFO");
	eq(d0->ev->nr_used + d1->ev->nr_used, 0, "nothing is left bound");

	/* A domain that dies with channels open leaves them to be bound again. */
	alloc_unbound(v1, DOMID_SELF, 0, &p);
	bind_inter(v0, 1, p, &q);
	objects = host_objects();
	domain_discard(d1);
	ok(host_objects() < objects, "the dead domain's objects are freed");
	eq(evtchn_get(d0->ev, q)->kind, EVTCHN_UNBOUND, "its peer's end is unbound");
	eq(port_op(v0, EVTCHNOP_send, q), 0, "and sending on it is harmless");
	domain_discard(d0);
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
