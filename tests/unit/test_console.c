// SPDX-License-Identifier: GPL-2.0
/*
 * Consoles: prefixes, unfinished lines, hostile rings, input and its focus.
 */
#include "test.h"

#define RING_GFN	32
#define CTRL_A3		"\001\001\001"

static struct domain *d0, *d1, *d2;
static struct vcpu *v0, *v1;
static struct xencons_interface *ring;

static bool shows(const char *want)
{
	bool same = !strcmp(host_console, want);

	if (!same)
		printf("# console is \"%s\"\n# not \"%s\"\n", host_console, want);
	host_console_clear();
	return same;
}

static s64 console_io(struct vcpu *v, u64 op, u64 n, u64 handle)
{
	return hcall(v, __HYPERVISOR_console_io, op, n, handle);
}

static void write_io(struct vcpu *v, const char *s)
{
	memcpy(guest_ptr(v->domain, ARG_GPA), s, strlen(s));
	eq(console_io(v, CONSOLEIO_write, strlen(s), INLINE(ARG_GPA)), 0, "CONSOLEIO_write");
}

static void put(const char *s)
{
	for (; *s; s++)
		ring->out[ring->out_prod++ % sizeof(ring->out)] = *s;
	evtchn_send(v1, d1->params[HVM_PARAM_CONSOLE_EVTCHN]);
}

static void wait_polls(int n)
{
	while (n--) {
		host_advance_ns(20 * NSEC_PER_MSEC);
		console_poll();
	}
}

static void lines(void)
{
	host_console_clear();
	printk("one\ntwo\n");
	ok(shows("(XEN) one\r\n(XEN) two\r\n"), "printk prefixes lines");
	printk("part");
	ok(shows(""), "an unfinished line waits");
	printk("ly\n");
	ok(shows("(XEN) partly\r\n"), "and comes whole");
	write_io(v0, "raw text\n");
	ok(shows("raw text\n"), "dom0's text is raw");
	write_io(v1, "from a domU\r\nand ");
	ok(shows("(d1) from a domU\r\n"), "a domU's has its prefix");
	write_io(v1, "more\n");
	ok(shows("(d1) and more\r\n"), "and comes in lines");
	write_io(v1, "a\001\033[7mb\tc\rd\n");
	ok(shows("(d1) ab\tcd\r\n"), "without control characters and sequences");
	write_io(v1, "a\033[12;34\nb\033cd\033\ne\n");
	ok(shows("(d1) a\r\n(d1) bd\r\n(d1) e\r\n"), "and a sequence ends with its line");
	write_io(v1, "\n");
	ok(shows("(d1) \r\n"), "an empty line");
	write_io(v0, "prompt");
	printk("log\n");
	write_io(v0, "more\n");
	ok(shows("prompt\r\n(XEN) log\r\nmore\n"), "a prefix is always at the start of a line");
	write_io(v1, "fake\n(XEN) d1: everything is fine\n");
	ok(shows("(d1) fake\r\n(d1) (XEN) d1: everything is fine\r\n"), "a domU cannot pass for Xen");
}

static void long_lines(void)
{
	char text[700], want[720];

	memset(text, 'x', 600);
	strcpy(text + 600, "\n");
	snprintf(want, sizeof(want), "(d1) %.600s\r\n", text);
	write_io(v1, text);
	ok(shows(want), "a line longer than the buffer stays one line");
}

static void unfinished(void)
{
	put("login: ");
	ok(shows(""), "a prompt waits");
	wait_polls(4);
	ok(shows("(d1) login: "), "and is shown after a while");
	put("root\n");
	ok(shows("root\r\n"), "and goes on in its line");
	put("again ");
	wait_polls(4);
	printk("log\n");
	put("on\n");
	ok(shows("(d1) again \r\n(XEN) log\r\n(d1) on\r\n"), "unless another line came in between");
	write_io(v0, "dom0 is writ");
	put("text\n");
	ok(shows("dom0 is writ"), "a domU does not cut a line of dom0's");
	write_io(v0, "ing\n");
	wait_polls(1);
	ok(shows("ing\n(d1) text\r\n"), "and comes after it");
	write_io(v0, "~ # ");
	put("text\n");
	wait_polls(2);
	ok(shows("~ # \r\n(d1) text\r\n"), "but does not wait for a prompt of dom0's");
}

static void hostile_ring(void)
{
	static const u32 jump[] = { 2049, 4096, 0x7fffffff, 0x80000000, 0xfffffff0 };
	char big[2100];
	u32 before;
	bool held = true;

	for (unsigned int i = 0; i < ARRAY_SIZE(jump); i++) {
		ring->out_prod += jump[i];
		evtchn_send(v1, d1->params[HVM_PARAM_CONSOLE_EVTCHN]);
		held &= ring->out_cons == ring->out_prod;
	}
	ok(held, "an index out of range drops what there is");
	ok(strstr(host_console, "is out of range\r\n") && host_console_len < 60, "and is told, once");
	host_console_clear();
	put("works\n");
	ok(shows("(d1) works\r\n"), "the ring works afterwards");
	before = ring->out_cons;
	ring->out_cons = 12345;
	put("own index\n");
	ok(shows("(d1) own index\r\n"), "the guest cannot move our index");
	eq(ring->out_cons, before + 10, "which is written back");
	memset(big, 'y', 2048);
	big[2047] = '\n';
	big[2048] = '\0';
	v1->info->evtchn_upcall_pending = 0;
	d1->shared_info->evtchn_pending[0] = 0;
	put(big);
	ok(evtchn_is_pending(d1, d1->params[HVM_PARAM_CONSOLE_EVTCHN]), "a full ring is answered with an event");
	eq(host_console_len, 5 + 2047 + 2, "a full ring is printed whole");
	host_console_clear();

	host_type(CTRL_A3);
	wait_polls(1);
	host_console_clear();
	ring->in_cons = ring->in_prod + 5;
	host_type("abc");
	wait_polls(1);
	ok(ring->in_prod == 0 || ring->in_prod <= 3, "input with its index out of range is dropped");
	ring->in_cons = ring->in_prod;
	for (int i = 0; i < 11; i++)
		host_type("0123456789012345678901234567890123456789012345678901234567890123456789"
			  "012345678901234567890123456789");
	wait_polls(10);
	ok(ring->in_prod - ring->in_cons <= 1024 && ring->in_prod - ring->in_cons > 1000,
	   "a ring nobody reads fills up, no more");
	ring->in_cons = ring->in_prod;
	wait_polls(10);
	ok(ring->in_prod - ring->in_cons > 70, "and what did not fit comes later");
	ring->in_cons = ring->in_prod;
	host_type(CTRL_A3 CTRL_A3);
	wait_polls(2);
	host_console_clear();
}

static void flood(void)
{
	char text[1001];
	size_t n = 0;

	memset(text, 'z', 1000);
	text[999] = '\n';
	text[1000] = '\0';
	host_advance_ns(10 * NSEC_PER_SEC);
	memcpy(guest_ptr(d1, ARG_GPA), text, 1000);
	for (int i = 0; i < 1000; i++) {
		console_io(v1, CONSOLEIO_write, 1000, INLINE(ARG_GPA));
		n += host_console_len;
		host_console_clear();
	}
	ok(n > 200000 && n < 300000, "a domU that floods the console is cut off");
	wait_polls(1);
	ok(strstr(host_console, "bytes of output dropped"), "and it is told");
	host_console_clear();
	/* The ring loses nothing: it waits. */
	for (int i = 0; i < 400; i++) {
		if (2048 - (ring->out_prod - ring->out_cons) >= 1000)
			put(text);
		n += host_console_len;
		host_console_clear();
	}
	ok(ring->out_prod - ring->out_cons >= 1000, "a ring that floods waits");
	wait_polls(50);
	eq(ring->out_prod, ring->out_cons, "and is printed when it may again");
	host_console_clear();
}

static void input(void)
{
	char *buf = guest_ptr(d0, 0x9000);

	v0->info->evtchn_upcall_pending = 0;
	host_type("ls\n");
	wait_polls(1);
	ok(v0->info->evtchn_upcall_pending, "input for dom0 raises VIRQ_CONSOLE");
	eq(console_io(v0, CONSOLEIO_read, 100, INLINE(0x9000)), 3, "CONSOLEIO_read");
	ok(!memcmp(buf, "ls\n", 3), "what was typed");
	eq(console_io(v0, CONSOLEIO_read, 100, INLINE(0x9000)), 0, "nothing more");
	eq(console_io(v1, CONSOLEIO_read, 100, INLINE(0x9000)), -EPERM, "a domU does not read it");
	eq(console_io(v0, CONSOLEIO_write, 65537, INLINE(0x9000)), -EINVAL, "too long a write");
	eq(console_io(v0, CONSOLEIO_write, ~0UL, INLINE(0x9000)), -EINVAL, "a write of -1 bytes");
	eq(console_io(v0, CONSOLEIO_write, 10, 0), -EFAULT, "a write of nothing");
	eq(console_io(v0, CONSOLEIO_write, 0, 0), 0, "a write of 0 bytes");
	eq(console_io(v0, 2, 0, 0), -ENOSYS, "an unknown op");
	eq(console_io(v0, ~0UL, 0, 0), -ENOSYS, "op -1");

	host_type("a\001b\001\001c");
	wait_polls(1);
	eq(console_io(v0, CONSOLEIO_read, 100, INLINE(0x9000)), 6, "one or two Ctrl-A are input");
	ok(!memcmp(buf, "a\001b\001\001c", 6), "in their place");
	host_type("x");
	wait_polls(1);
	eq(console_io(v0, CONSOLEIO_read, 100, 0), -EFAULT, "read to nowhere");
}

static void focus(void)
{
	u32 prod;

	host_console_clear();
	host_type(CTRL_A3);
	wait_polls(1);
	ok(shows("(XEN) *** Serial input to DOM1 (type 'CTRL-a' three times to switch input)\r\n"),
	   "to dom1");
	prod = ring->in_prod;
	v1->info->evtchn_upcall_pending = 0;
	d1->shared_info->evtchn_pending[0] = 0;
	d1->vcpu[0]->info->evtchn_pending_sel = 0;
	host_type("id\n");
	wait_polls(1);
	eq(ring->in_prod, prod + 3, "what is typed is in the ring");
	eq(ring->in[prod % 1024], 'i', "in its place");
	ok(v1->info->evtchn_upcall_pending, "and the domain knows");
	put("\033[1mbold\033[0m prompt");
	ok(shows("(d1) \033[1mbold\033[0m prompt"), "with the focus, nothing is filtered and nothing waits");
	host_type(CTRL_A3);
	wait_polls(1);
	ok(shows("\r\n(XEN) *** Serial input to Xen (type 'CTRL-a' three times to switch input)\r\n"),
	   "to Xen; a domain without a ring is passed over");
	host_type("h");
	wait_polls(1);
	ok(strstr(host_console, "(XEN) h  this text\r\n") && strstr(host_console, "(XEN) R  reboot"), "help");
	host_console_clear();
	host_type("q");
	wait_polls(1);
	ok(strstr(host_console, "(XEN) d0 test: 256 of 272 KiB, 1 vcpu(s)\r\n"), "domains");
	host_console_clear();
	host_type("red");
	wait_polls(1);
	ok(strstr(host_console, "pcpu0: up") && strstr(host_console, "d1: 2-level") &&
	   strstr(host_console, "hypervisor, v0"), "run queue and event channels");
	ok(v0->arch.dumps && v1->arch.dumps, "registers");
	if (host_catch() == HOST_RUNS) {
		host_type("R");
		wait_polls(1);
		host_end_armed = false;
		ok(false, "R reboots");
	} else {
		ok(true, "R reboots");
	}
	host_type(CTRL_A3);
	wait_polls(1);
	ok(strstr(host_console, "*** Serial input to DOM0"), "and back to dom0");
	host_type(CTRL_A3);
	wait_polls(1);
	host_console_clear();
	put("last words");
	guest_run(v0);
	domain_shutdown(d1, SHUTDOWN_poweroff);
	ok(strstr(host_console, "(d1) last words"), "a domain's last words are shown");
	exit_work(this_pcpu());
	ok(strstr(host_console, "*** Serial input to DOM0"), "its focus goes to dom0");
	ok(!domain_find(1), "it is gone");
}

int main(void)
{
	host_init(16 << 20);
	d0 = guest_new(0, 1);
	d1 = guest_new(1, 1);
	d2 = guest_new(2, 1);
	v0 = d0->vcpu[0];
	v1 = d1->vcpu[0];
	struct evtchn_bind_virq virq = { VIRQ_CONSOLE, 0, 0 };

	evtchn_call(v0, EVTCHNOP_bind_virq, &virq, sizeof(virq));
	memset(guest_ptr(d1, RING_GFN * PAGE_SIZE), 0, PAGE_SIZE);
	eq(console_ring_set(d0, RING_GFN), -EINVAL, "dom0 has no ring");
	eq(console_ring_set(d1, GUEST_PAGES), -EINVAL, "a ring needs a page of the domain's");
	eq(domain_set_magic_pages(d1, RING_GFN, RING_GFN + 1), 0, "domain_set_magic_pages");
	eq(console_ring_set(d1, RING_GFN), -EINVAL, "a ring is given once");
	ok(d1->params[HVM_PARAM_CONSOLE_PFN] == RING_GFN && d1->params[HVM_PARAM_CONSOLE_EVTCHN] &&
	   d1->params[HVM_PARAM_STORE_PFN] == RING_GFN + 1 && d1->params[HVM_PARAM_STORE_EVTCHN],
	   "all four parameters are set");
	ring = guest_ptr(d1, RING_GFN * PAGE_SIZE);
	lines();
	long_lines();
	unfinished();
	hostile_ring();
	flood();
	input();
	focus();
	domain_discard(d0);
	domain_discard(d2);
	eq(host_objects(), 0, "nothing leaks");
	return test_done();
}
