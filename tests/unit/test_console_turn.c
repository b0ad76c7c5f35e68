// SPDX-License-Identifier: GPL-2.0
/*
 * Whose turn it is at the console, and who pays: domains that flood it by hypercall or through
 * their ring, on a console that takes 300 us for each byte, with two pCPUs. In simulated time.
 */
#include "test.h"

#define RING_GFN	32
#define BYTE_NS		(300 * 1000UL)
#define FLOOD_GPA	(16 * PAGE_SIZE)
#define STEP_BYTES	(16 + 16)	/* text of a step; prefix and ends of lines */

static struct domain *d0, *d1, *d2;
static struct vcpu *v0, *v1, *v2;
static struct xencons_interface *ring;

/* Makes a pCPU take what other pCPUs asked of it, and its hypervisor work. Return: its vcpu. */
static struct vcpu *turn_pcpu(unsigned int id)
{
	host_pcpu = id;
	return host_next();
}

/* An attempt of a vcpu to write, as one execution of its sc: the call may have to be continued. */
static s64 try_write(struct vcpu *v, u64 *arg)
{
	host_pcpu = v->pcpu->id;
	return do_console_io(v, arg);
}

static unsigned int count(const char *what)
{
	unsigned int n = 0;

	for (const char *s = host_console; (s = strstr(s, what)); s++)
		n++;
	return n;
}

static void fill(struct domain *d, const char *line)
{
	char *to = guest_ptr(d, FLOOD_GPA);

	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		to[i] = line[i % strlen(line)];
}

/* Writes that fit in a page, over and over. */
static void flood(struct vcpu *v, u64 *arg)
{
	if (try_write(v, arg) != HYPERCALL_RESTART)
		arg[0] = CONSOLEIO_write;
}

static void steps(void)
{
	u64 before, arg[5] = { CONSOLEIO_write, PAGE_SIZE, INLINE(FLOOD_GPA) };
	u64 longest = 0;
	unsigned int calls = 0;
	s64 rc;

	host_console_clear();
	host_console_longest = 0;
	fill(d1, "0123456789abcdef0123456789abcde\n");
	do {
		before = host_tb;
		rc = try_write(v1, arg);
		longest = max(longest, host_tb - before);
		calls++;
	} while (rc == HYPERCALL_RESTART && calls < 10000);
	eq(rc, 0, "a long write ends");
	ok(host_console_longest && host_console_longest <= STEP_BYTES, "no step writes more than its bytes");
	ok(longest <= ns_to_tb(STEP_BYTES * BYTE_NS), "no execution of the call takes longer than a step");
	ok(calls > (PAGE_SIZE - OUTPUT_SIZE) / 16 / 2, "the scheduler chooses again between the steps");
	pump(d1);
	eq(count("(d1) 0123456789abcdef0123456789abcde\r\n"), PAGE_SIZE / 32, "all of it appears");
}

/* dom0 on pCPU 0, d1 on pCPU 1. */
static void latency(void)
{
	u64 arg1[5] = { CONSOLEIO_write, PAGE_SIZE, INLINE(FLOOD_GPA) };
	u64 before, took = 0, shown = 0;

	host_console_clear();
	for (int i = 0; i < 20; i++)
		flood(v1, arg1);
	for (int n = 0; n < 10; n++) {
		u64 arg0[5] = { CONSOLEIO_write, 1, INLINE(ARG_GPA) };

		*(char *)guest_ptr(d0, ARG_GPA) = '\n';
		host_console_clear();
		before = host_tb;
		eq(try_write(v0, arg0), 0, "dom0's write of a byte returns at once");
		took = max(took, host_tb - before);
		/* dom0 does nothing more by itself: it is told when it may write. */
		for (int i = 0; i < 200 && d0->console_work; i++) {
			flood(v1, arg1);
			if (pcpus[0].work)
				turn_pcpu(0);
		}
		shown = max(shown, host_tb - before);
		ok(!d0->console_work, "dom0's byte appears while a domU floods the console");
	}
	ok(took <= ns_to_tb(STEP_BYTES * BYTE_NS), "dom0's write takes no longer than a step of its own");
	ok(shown <= ns_to_tb(100 * NSEC_PER_MSEC), "it appears within the time of a line");
	while (flood(v1, arg1), arg1[0] != CONSOLEIO_write)
		;
	pump(d1);
}

/* A line without end must not keep the terminal either. */
static void endless_line(void)
{
	u64 arg1[5] = { CONSOLEIO_write, PAGE_SIZE, INLINE(FLOOD_GPA) };
	u64 arg0[5] = { CONSOLEIO_write, 5, INLINE(ARG_GPA) };
	int i;

	fill(d1, "no end ");
	memcpy(guest_ptr(d0, ARG_GPA), "dom0\n", 5);
	host_console_clear();
	for (i = 0; i < 10; i++)
		flood(v1, arg1);
	try_write(v0, arg0);
	for (i = 0; i < 300 && d0->console_work; i++) {
		flood(v1, arg1);
		if (pcpus[0].work)
			turn_pcpu(0);
	}
	ok(count("\r\ndom0\n") == 1, "dom0 writes while a domU writes a line without end");
	fill(d1, "end\n");
	while (flood(v1, arg1), arg1[0] != CONSOLEIO_write)
		;
	pump(d1);
}

static void fair(void)
{
	u64 arg1[5] = { CONSOLEIO_write, PAGE_SIZE, INLINE(FLOOD_GPA) };
	u64 arg2[5] = { CONSOLEIO_write, PAGE_SIZE, INLINE(FLOOD_GPA) };
	unsigned int n1, n2;

	fill(d1, "one one one one one one one one\n");
	fill(d2, "two two two two two two two two\n");
	host_console_clear();
	for (int i = 0; i < 600; i++) {
		flood(i % 7 < 3 ? v1 : v2, i % 7 < 3 ? arg1 : arg2);
		flood(i % 7 < 3 ? v2 : v1, i % 7 < 3 ? arg2 : arg1);
	}
	n1 = count("(d1) one one one one one one one one\r\n");
	n2 = count("(d2) two two two two two two two two\r\n");
	ok(n1 > 20 && n2 > 20, "two domUs that flood both get turns");
	ok(n1 <= n2 + 2 && n2 <= n1 + 2, "two domUs that flood get lines in turn");
	ok(!strstr(host_console, "one (d2)") && !strstr(host_console, "two (d1)"), "no line is broken");
	while (flood(v1, arg1), arg1[0] != CONSOLEIO_write)
		pump(d2);
	while (flood(v2, arg2), arg2[0] != CONSOLEIO_write)
		pump(d1);
	for (int i = 0; i < 4; i++) {
		host_advance_ns(20 * NSEC_PER_MSEC);
		pump(d1);
		pump(d2);
	}
}

/* Stores to the ring without an event. */
static void plain_stores(void)
{
	u64 before, ran = 0;
	u32 port = d1->params[HVM_PARAM_CONSOLE_EVTCHN];

	host_console_clear();
	d1->shared_info->evtchn_pending[0] = 0;
	for (int i = 0; i < 50; i++) {
		memset(ring->out, 'x', sizeof(ring->out));
		ring->out_prod = ring->out_cons + sizeof(ring->out);
		host_advance_ns(20 * NSEC_PER_MSEC);
		host_pcpu = 0;
		before = host_tb;
		console_poll();
		ran += host_tb - before;
	}
	eq(ran, 0, "a ring filled by plain stores takes no time of the poll timer");
	eq(host_console_len, 0, "and is not written");
	ok(!evtchn_is_pending(d1, port), "the poll timer sends no event to a domain that got no input");
}

/* After an event the domain's own vcpu writes its ring, charged to it, and while it may run only. */
static void charged(void)
{
	struct vcpu_runstate_info a, b, idle;
	u64 before;

	/* One pCPU for all from here on. */
	sched_set_affinity(v1, 1);
	for (int i = 0; i < 4; i++) {
		host_advance_ns(20 * NSEC_PER_MSEC);
		turn_pcpu(1);
		turn_pcpu(0);
	}
	guest_run(v1);
	host_console_clear();
	memset(ring->out, 'x', sizeof(ring->out));
	for (unsigned int i = 63; i < sizeof(ring->out); i += 64)
		ring->out[i] = '\n';
	ring->out_prod = ring->out_cons + sizeof(ring->out);
	runstate_snapshot(v1, &a);
	runstate_snapshot(v0, &idle);
	before = system_time();
	evtchn_send(v1, d1->params[HVM_PARAM_CONSOLE_EVTCHN]);
	eq(host_console_len, 0, "the event itself writes nothing");
	for (int i = 0; i < 4000 && d1->console_work; i++)
		if (host_next() != v1)
			host_advance_ns(NSEC_PER_MSEC);
	ok(!d1->console_work && host_console_len > 2048, "the ring is written to the end");
	runstate_snapshot(v1, &b);
	ok(b.time[RUNSTATE_running] - a.time[RUNSTATE_running] >= host_console_len * BYTE_NS,
	   "the time of the console is in the domain's running time");
	runstate_snapshot(v0, &a);
	ok(a.time[RUNSTATE_running] - idle.time[RUNSTATE_running] <=
	   system_time() - before - host_console_len * BYTE_NS,
	   "and in no time of dom0");

	d1->paused = true;
	sched_hold(v1, true);
	host_next();
	output_put(&d1->cons->out, "text\n", 5);
	host_console_clear();
	for (int i = 0; i < 20; i++) {
		host_advance_ns(20 * NSEC_PER_MSEC);
		console_poll();
		host_next();
	}
	eq(host_console_len, 0, "nothing is written for a paused domain");
	d1->paused = false;
	sched_hold(v1, false);
	for (int i = 0; i < 100 && d1->console_work; i++) {
		host_advance_ns(10 * NSEC_PER_MSEC);
		host_next();
	}
	eq(count("(d1) text\r\n"), 1, "its text follows when it runs again");
}

/* dom0 has work to do; d1 has a cap and floods, on the same pCPU. */
static void capped(void)
{
	struct vcpu_runstate_info a, b;
	u64 arg1[5] = { CONSOLEIO_write, PAGE_SIZE, INLINE(FLOOD_GPA) };
	u64 start;

	sched_set_cap(d1, 5);
	guest_run(v0);
	runstate_snapshot(v0, &a);
	start = system_time();
	while (system_time() - start < 10 * NSEC_PER_SEC) {
		struct vcpu *v = host_next();

		if (v == v1)
			flood(v1, arg1);
		else
			host_advance_ns(1000000);
	}
	runstate_snapshot(v0, &b);
	ok(b.time[RUNSTATE_running] - a.time[RUNSTATE_running] >= 9 * NSEC_PER_SEC,
	   "a domU with a cap of 5 % that floods the console leaves dom0 more than 90 %");
	sched_set_cap(d1, 0);
}

static void log_first(void)
{
	u64 arg1[5] = { CONSOLEIO_write, PAGE_SIZE, INLINE(FLOOD_GPA) };

	host_pcpu = 0;
	for (int i = 0; i < 10; i++)
		flood(v1, arg1);
	host_console_clear();
	printk("the hypervisor's line\n");
	ok(count("\r\n(XEN) the hypervisor's line\r\n") + count("(XEN) the hypervisor's line\r\n") >= 1,
	   "printk() does not wait for the lines of domains");
	host_console_room = 500;
	host_console_clear();
	for (int i = 0; i < 10; i++)
		flood(v1, arg1);
	eq(host_console_len, 0, "domains leave room for the hypervisor's messages");
	host_console_room = ~0UL;
	if (host_catch() == HOST_RUNS)
		panic("the end");
	ok(count("(XEN) PANIC: the end\r\n") == 1, "panic() writes in the middle of a flood");
}

int main(void)
{
	host_init(16 << 20);
	nr_pcpus = 2;
	core_pcpu_init(&pcpus[1]);
	host_console_ns = BYTE_NS;
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	d2 = guest_new(2, 1);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	v2 = d2->vcpu[0];
	sched_set_affinity(v0, 1);
	sched_set_affinity(v1, 2);
	memset(guest_ptr(d1, RING_GFN * PAGE_SIZE), 0, PAGE_SIZE);
	domain_set_magic_pages(d1, RING_GFN, RING_GFN + 1);
	ring = guest_ptr(d1, RING_GFN * PAGE_SIZE);
	sched_down(v2);
	for (int i = 0; i < 4; i++) {
		host_advance_ns(20 * NSEC_PER_MSEC);
		turn_pcpu(1);
		turn_pcpu(0);
	}
	ok(pcpus[0].current == v0 && pcpus[1].current == v1, "dom0 and d1 run on two pCPUs");
	steps();
	latency();
	endless_line();
	plain_stores();
	fair();
	charged();
	capped();
	log_first();
	return test_done();
}
