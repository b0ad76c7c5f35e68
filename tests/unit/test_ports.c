// SPDX-License-Identifier: GPL-2.0
/*
 * A domain with as many ports as the ABI has: allocating, EVTCHNOP_reset,
 * EVTCHNOP_expand_array and the domain's death are done in steps of bounded work.
 * The work is counted in ports that a step touches, not in time.
 */
#include "test.h"

#define STEP		128	/* ports that a step of EVTCHNOP_reset may close */
#define EARLY		64	/* events that a step of EVTCHNOP_expand_array may deliver */
#define BUDGET		500	/* of a step of the teardown */
#define CONTROL_GFN	40
#define ARRAY_GFN	41

static struct domain *d0, *d1;
static struct vcpu *v1;

static void init_control(void)
{
	struct evtchn_init_control a = { .control_gfn = CONTROL_GFN };

	eq(evtchn_call(v1, EVTCHNOP_init_control, &a, sizeof(a)), 0, "init_control succeeds");
}

static s64 open_port(u32 *port)
{
	struct evtchn_alloc_unbound a = { DOMID_SELF, 0, 0 };
	s64 rc = evtchn_call(v1, EVTCHNOP_alloc_unbound, &a, sizeof(a));

	*port = a.port;
	return rc;
}

static s64 close_port(u32 port)
{
	struct evtchn_close a = { port };

	return evtchn_call(v1, EVTCHNOP_close, &a, sizeof(a));
}

static u32 fill(void)
{
	u32 n = 0, p;

	while (!open_port(&p))
		n++;
	return n;
}

/*
 * Hide all buckets of ports but one, and open a port: an allocation that looks at
 * other ports reads through NULL.
 */
static s64 open_hiding(u32 but, u32 *port)
{
	static struct evtchn *hidden[EVTCHN_BUCKETS];
	struct evtchn_state *ev = d1->ev;
	s64 rc;

	for (u32 i = 0; i < EVTCHN_BUCKETS; i++) {
		hidden[i] = ev->bucket[i];
		if (i != but)
			ev->bucket[i] = NULL;
	}
	rc = open_port(port);
	for (u32 i = 0; i < EVTCHN_BUCKETS; i++)
		ev->bucket[i] = hidden[i];
	return rc;
}

static void allocation(void)
{
	const u32 holes[] = { 1, 127, 128, 777, 70000, EVTCHN_FIFO_NR_CHANNELS - 1 };
	bool right = true;
	u32 p;

	eq(d1->ev->nr_used, EVTCHN_FIFO_NR_CHANNELS - 1, "all ports are open");
	eq(open_hiding(~0U, &p), -ENOSPC, "full table: an allocation looks at no port");
	for (size_t i = 0; i < ARRAY_SIZE(holes); i++) {
		close_port(holes[i]);
		right &= !open_hiding(holes[i] / EVTCHN_PER_BUCKET, &p) && p == holes[i];
	}
	ok(right, "one free port: it is found, and ports of no other bucket are looked at");
	for (size_t i = 0; i < ARRAY_SIZE(holes); i++)
		close_port(holes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(holes); i++)
		right &= !open_port(&p) && p == holes[i];
	ok(right, "several free ports: the lowest is allocated first");
	eq(open_port(&p), -ENOSPC, "the table is full again");
}

/* Calls a long op until it is done. Return: its result. @most: most ports closed in a step. */
static s64 call_in_steps(u64 op, const void *a, size_t n, u32 *steps, u32 *most)
{
	u64 arg[5] = { op, INLINE(ARG_GPA) };
	u32 used;
	s64 rc;

	memcpy(guest_ptr(d1, ARG_GPA), a, n);
	*steps = 0;
	*most = 0;
	do {
		used = d1->ev->nr_used;
		rc = hypercall_table[__HYPERVISOR_event_channel_op](v1, arg);
		++*steps;
		*most = max(*most, used - d1->ev->nr_used);
	} while (rc == HYPERCALL_RESTART);
	return rc;
}

static void reset(void)
{
	struct evtchn_reset a = { DOMID_SELF };
	u64 arg[5] = { EVTCHNOP_reset | 77UL << 32, INLINE(ARG_GPA) };
	u32 steps, most, p;

	eq(call_in_steps(EVTCHNOP_reset, &a, sizeof(a), &steps, &most), 0, "reset: succeeds");
	ok(most <= STEP, "reset: no step closes more than its share of the ports");
	eq(steps, EVTCHN_FIFO_NR_CHANNELS / STEP, "reset: it takes as many steps as that needs");
	eq(d1->ev->nr_used, 0, "reset: all ports are closed");
	ok(!d1->ev->fifo, "reset: FIFO is left");
	eq(fill(), EVTCHN_2L_NR_CHANNELS - 1, "reset: the 2-level ABI has fewer ports");
	/* A guest that begins in the middle skips ports. */
	memcpy(guest_ptr(d1, ARG_GPA), &a, sizeof(a));
	while (hypercall_table[__HYPERVISOR_event_channel_op](v1, arg) == HYPERCALL_RESTART)
		;
	eq(d1->ev->nr_used, 76, "reset from the middle: the ports before it stay open");
	eq(call_in_steps(EVTCHNOP_reset, &a, sizeof(a), &steps, &most), 0, "reset: again");
	eq(open_port(&p), 0, "reset: a port can be opened");
	eq(p, 1, "reset: the first one");
	close_port(p);
}

static void early_events(void)
{
	struct evtchn_expand_array a = { ARRAY_GFN };
	u32 steps, most, p, n = 0, *words = guest_ptr(d1, ARRAY_GFN * PAGE_SIZE);

	init_control();
	for (int i = 1; i < 1000; i++) {
		open_port(&p);
		evtchn_set_pending(d1, evtchn_get(d1->ev, p), p);
	}
	memset(words, 0, PAGE_SIZE);
	eq(call_in_steps(EVTCHNOP_expand_array, &a, sizeof(a), &steps, &most), 0,
	   "expand_array: succeeds with events from before");
	eq(steps, (999 + EARLY - 1) / EARLY, "expand_array: it delivers a bounded number in a step");
	for (p = 1; p < 1000; p++)
		n += evtchn_is_pending(d1, p);
	eq(n, 999, "expand_array: every event from before is pending");
	eq(hcall(v1, __HYPERVISOR_event_channel_op, EVTCHNOP_expand_array | ~0U * 1UL << 32,
		 INLINE(ARG_GPA), 0), 0, "expand_array: going on behind the last port does nothing");
}

static void death(void)
{
	u32 used, most = 0, steps = 0;
	size_t objects, most_freed = 0;

	fill();
	domain_shutdown(d1, SHUTDOWN_poweroff);
	(void)host_next();
	while (d1->ev && steps++ < 10000) {
		used = d1->ev->nr_used;
		(void)domain_teardown(d1, BUDGET);
		if (d1->ev)
			most = max(most, used - d1->ev->nr_used);
	}
	ok(!d1->ev && most && most <= BUDGET, "death: no step closes more ports than its budget");
	while (domains[1] && steps++ < 20000) {
		objects = host_objects();
		host_advance_ns(NSEC_PER_MSEC);
		(void)host_next();
		most_freed = max(most_freed, objects - host_objects());
	}
	ok(most_freed && most_freed <= 64 + 3, "death: nor frees more arrays of them than 64 at a time");
	ok(!domains[1], "death: the domain is freed");
	reap_all();
}

int main(void)
{
	host_init(64 << 20);
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	v1 = d1->vcpu[0];
	init_control();
	eq(fill(), EVTCHN_FIFO_NR_CHANNELS - 1, "the ABI's number of ports can be opened");
	allocation();
	reset();
	early_events();
	death();
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
