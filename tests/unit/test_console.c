// SPDX-License-Identifier: GPL-2.0
/*
 * Consoles: prefixes of lines, unfinished lines, rings with bad indices, control characters,
 * a slow console, input, and the focus of input. test_console_turn.c has whose turn it is.
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
	eq(console_io(v, CONSOLEIO_write, strlen(s), INLINE(ARG_GPA)), 0,
	   "CONSOLEIO_write succeeds");
	pump(v->domain);
}

static void put(const char *s)
{
	for (; *s; s++)
		ring->out[ring->out_prod++ % sizeof(ring->out)] = *s;
	evtchn_send(v1, d1->params[HVM_PARAM_CONSOLE_EVTCHN]);
	pump(d1);
}

static void wait_polls(int n)
{
	while (n--) {
		host_advance_ns(20 * NSEC_PER_MSEC);
		console_poll();
		if (domain_find(1))
			pump(d1);
	}
}

static void lines(void)
{
	host_console_clear();
	printk("one\ntwo\n");
	ok(shows("(XEN) one\r\n(XEN) two\r\n"), "printk prefixes each line");
	printk("part");
	ok(shows(""), "printk: an unfinished line is not printed");
	printk("ly\n");
	ok(shows("(XEN) partly\r\n"), "printk: a line is printed when it is complete");
	write_io(v0, "raw text\n");
	ok(shows("raw text\n"), "dom0's text is printed without a prefix");
	write_io(v1, "from a domU\r\nand ");
	ok(shows("(d1) from a domU\r\n"), "a domU's line is printed with its prefix");
	write_io(v1, "more\n");
	ok(shows("(d1) and more\r\n"), "a domU's line is printed when it is complete");
	write_io(v1, "a\001\033[7mb\tc\rd\n");
	ok(shows("(d1) ab\tcd\r\n"),
	   "control characters and escape sequences of a domU are removed");
	write_io(v1, "a\033[12;34\nb\033cd\033\ne\n");
	ok(shows("(d1) a\r\n(d1) bd\r\n(d1) e\r\n"),
	   "an incomplete escape sequence of a domU ends with its line");
	write_io(v1, "\n");
	ok(shows("(d1) \r\n"), "an empty line of a domU is printed");
	write_io(v0, "prompt");
	printk("log\n");
	write_io(v0, "more\n");
	ok(shows("prompt\r\n(XEN) log\r\nmore\n"),
	   "printk ends an unfinished line of dom0 before its prefix");
	write_io(v1, "fake\n(XEN) d1: everything is fine\n");
	ok(shows("(d1) fake\r\n(d1) (XEN) d1: everything is fine\r\n"),
	   "a domU cannot print a line that looks like the hypervisor's");
}

/* 8-bit CSI, and UTF-8, which has to stay readable. */
static void utf8(void)
{
	host_console_clear();
	write_io(v1, "a\x9b" "31mb\xc2\x9b" "2Jc\x90\x9f" "d\x7f\n");
	ok(shows("(d1) a\\x9b31mb\\xc2\\x9b2Jc\\x90\\x9fd\r\n"),
	   "8-bit control characters of a domU are shown as numbers, encoded or not");
	write_io(v1, "Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x98\x80 \xc2\xa0.\n");
	ok(shows("(d1) Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x98\x80 \xc2\xa0.\r\n"),
	   "UTF-8 text of a domU stays as it is");
	write_io(v1, "\xe2\x82\n\xc0\x9b|\xe0\x82\x9b|\xed\xa0\x9b|\xf4\x90\x9b\x9b|\xe2\033[1mx\xff\n");
	ok(shows("(d1) \\xe2\\x82\r\n(d1) \\xc0\\x9b|\\xe0\\x82\\x9b|\\xed\\xa0\\x9b|"
		 "\\xf4\\x90\\x9b\\x9b|\\xe2x\\xff\r\n"),
	   "incomplete, overlong and forbidden UTF-8 of a domU is shown as numbers");
	write_io(v1, "\xe2");
	write_io(v1, "\x82");
	write_io(v1, "\xac\n");
	ok(shows("(d1) \xe2\x82\xac\r\n"), "a UTF-8 character may be written in parts");
	write_io(v0, "\033[1m\x9b\n");
	ok(shows("\033[1m\x9b\n"), "dom0 may use all of its terminal");
}

static void long_lines(void)
{
	char text[700], want[720];

	memset(text, 'x', 600);
	strcpy(text + 600, "\n");
	snprintf(want, sizeof(want), "(d1) %.600s\r\n", text);
	write_io(v1, text);
	ok(shows(want), "a line longer than the buffer is printed as one line");
}

static void unfinished(void)
{
	put("login: ");
	ok(shows(""), "an unfinished line of a ring is not printed at once");
	wait_polls(4);
	ok(shows("(d1) login: "), "an unfinished line of a ring is printed after some polls");
	put("root\n");
	ok(shows("root\r\n"), "the rest of the line is printed behind it, without a prefix");
	put("again ");
	wait_polls(4);
	printk("log\n");
	put("on\n");
	ok(shows("(d1) again \r\n(XEN) log\r\n(d1) on\r\n"),
	   "a line interrupted by another one continues on a new line");
	write_io(v0, "dom0 is writ");
	put("text\n");
	ok(shows("dom0 is writ"), "a domU's line does not interrupt a line that dom0 is writing");
	write_io(v0, "ing\n");
	wait_polls(1);
	ok(shows("ing\n(d1) text\r\n"), "a domU's line is printed after the line of dom0");
	write_io(v0, "~ # ");
	put("text\n");
	wait_polls(2);
	ok(shows("~ # \r\n(d1) text\r\n"),
	   "a domU's line does not wait for ever for an unfinished line of dom0");
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
		pump(d1);
		held &= ring->out_cons == ring->out_prod;
	}
	ok(held, "a producer index out of range discards the ring's contents");
	ok(strstr(host_console, "is out of range\r\n") && host_console_len < 60,
	   "a producer index out of range is reported once");
	host_console_clear();
	put("works\n");
	ok(shows("(d1) works\r\n"), "the ring works after an index out of range");
	before = ring->out_cons;
	ring->out_cons = 12345;
	put("own index\n");
	ok(shows("(d1) own index\r\n"), "a consumer index overwritten by the guest is ignored");
	eq(ring->out_cons, before + 10, "the hypervisor writes its consumer index back");
	memset(big, 'y', 2048);
	big[2047] = '\n';
	big[2048] = '\0';
	v1->info->evtchn_upcall_pending = 0;
	d1->shared_info->evtchn_pending[0] = 0;
	put(big);
	ok(evtchn_is_pending(d1, d1->params[HVM_PARAM_CONSOLE_EVTCHN]),
	   "consuming a full ring sends an event");
	eq(host_console_len, 5 + 2047 + 2, "a full ring is printed completely");
	host_console_clear();

	host_type(CTRL_A3);
	wait_polls(1);
	host_console_clear();
	ring->in_cons = ring->in_prod + 5;
	host_type("abc");
	wait_polls(1);
	ok(ring->in_prod == 0 || ring->in_prod <= 3,
	   "input is discarded while the guest's index is out of range");
	ring->in_cons = ring->in_prod;
	for (int i = 0; i < 11; i++)
		host_type("0123456789012345678901234567890123456789012345678901234567890123456789"
			  "012345678901234567890123456789");
	wait_polls(10);
	ok(ring->in_prod - ring->in_cons <= 1024 && ring->in_prod - ring->in_cons > 1000,
	   "an input ring that the guest does not read is filled and not overwritten");
	ring->in_cons = ring->in_prod;
	wait_polls(10);
	ok(ring->in_prod - ring->in_cons > 70,
	   "input that did not fit follows when there is space");
	ring->in_cons = ring->in_prod;
	host_type(CTRL_A3 CTRL_A3);
	wait_polls(2);
	host_console_clear();
}

/* Nothing is lost when the machine's console is slow: a call is continued, a ring stays full. */
static void slow_sink(void)
{
	u64 arg[5] = { CONSOLEIO_write, 4000, INLINE(ARG_GPA) };
	char text[1001];

	memset(guest_ptr(d1, ARG_GPA), 'z', 4000);
	((char *)guest_ptr(d1, ARG_GPA))[3999] = '\n';
	host_console_clear();
	host_console_room = 0;
	eq(do_console_io(v1, arg), HYPERCALL_RESTART,
	   "a call of a domU is continued while the console has no room");
	eq(do_console_io(v1, arg), HYPERCALL_RESTART, "and again");
	eq(host_console_len, 0, "nothing is written while the console has no room");
	host_console_room = ~0UL;
	for (int i = 0; i < 1000 && do_console_io(v1, arg) == HYPERCALL_RESTART; i++)
		;
	pump(d1);
	eq(host_console_len, 5 + 3999 + 2, "all of the text is written when there is room");
	host_console_clear();

	memset(text, 'z', 1000);
	text[999] = '\n';
	text[1000] = '\0';
	host_console_room = 0;
	for (int i = 0; i < 4; i++)
		put(text);
	ok(ring->out_prod - ring->out_cons >= 1900, "a ring stays full while the console has no room");
	host_console_room = ~0UL;
	wait_polls(1);
	eq(ring->out_prod, ring->out_cons, "a ring is drained completely later");
	eq(host_console_len, 4 * (5 + 999 + 2), "and none of it is lost");
	host_console_clear();
	arg[0] = CONSOLEIO_write | 11UL << 32;
	arg[1] = 10;
	eq(do_console_io(v1, arg), -EINVAL, "a call cannot be continued behind its end");
}

static void input(void)
{
	char *buf = guest_ptr(d0, 0x9000);

	v0->info->evtchn_upcall_pending = 0;
	host_type("ls\n");
	wait_polls(1);
	ok(v0->info->evtchn_upcall_pending, "input for dom0 raises VIRQ_CONSOLE");
	eq(console_io(v0, CONSOLEIO_read, 100, INLINE(0x9000)), 3,
	   "CONSOLEIO_read returns the number of characters");
	ok(!memcmp(buf, "ls\n", 3), "CONSOLEIO_read returns the characters");
	eq(console_io(v0, CONSOLEIO_read, 100, INLINE(0x9000)), 0,
	   "CONSOLEIO_read returns 0 without further input");
	eq(console_io(v1, CONSOLEIO_read, 100, INLINE(0x9000)), -EPERM,
	   "CONSOLEIO_read fails for a domU");
	eq(console_io(v0, CONSOLEIO_write, 65537, INLINE(0x9000)), -EINVAL,
	   "CONSOLEIO_write fails for more than 65536 bytes");
	eq(console_io(v0, CONSOLEIO_write, ~0UL, INLINE(0x9000)), -EINVAL,
	   "CONSOLEIO_write fails for -1 bytes");
	eq(console_io(v0, CONSOLEIO_write, 10, 0), -EFAULT,
	   "CONSOLEIO_write fails for a null handle");
	eq(console_io(v0, CONSOLEIO_write, 0, 0), 0, "CONSOLEIO_write succeeds for 0 bytes");
	eq(console_io(v0, 2, 0, 0), -ENOSYS, "console_io fails for an unknown op");
	eq(console_io(v0, ~0UL, 0, 0), -ENOSYS, "console_io fails for op -1");

	host_type("a\001b\001\001c");
	wait_polls(1);
	eq(console_io(v0, CONSOLEIO_read, 100, INLINE(0x9000)), 6,
	   "one or two Ctrl-A are passed on as input");
	ok(!memcmp(buf, "a\001b\001\001c", 6),
	   "one or two Ctrl-A keep their position in the input");
	host_type("x");
	wait_polls(1);
	eq(console_io(v0, CONSOLEIO_read, 100, 0), -EFAULT,
	   "CONSOLEIO_read fails for a null handle");
}

static void focus(void)
{
	u32 prod;

	host_console_clear();
	printk("\n");
	host_console_clear();
	host_type(CTRL_A3);
	wait_polls(1);
	ok(shows("(XEN) *** Serial input to DOM1 (type 'CTRL-a' three times to switch input)\r\n"),
	   "focus: three Ctrl-A switch from dom0 to domain 1");
	prod = ring->in_prod;
	v1->info->evtchn_upcall_pending = 0;
	d1->shared_info->evtchn_pending[0] = 0;
	d1->vcpu[0]->info->evtchn_pending_sel = 0;
	host_type("id\n");
	wait_polls(1);
	eq(ring->in_prod, prod + 3, "focus: input goes to the ring of domain 1");
	eq(ring->in[prod % 1024], 'i', "focus: input is at the producer index");
	ok(v1->info->evtchn_upcall_pending, "focus: input sends an event to the domain");
	put("\033[1mbold\033[0m prompt");
	ok(shows("(d1) \033[1mbold\033[0m prompt"),
	   "focus: output of domain 1 is neither filtered nor delayed");
	host_type(CTRL_A3);
	wait_polls(1);
	ok(shows("\r\n(XEN) *** Serial input to Xen (type 'CTRL-a' three times to switch input)\r\n"),
	   "focus: the next is Xen, as domain 2 has no ring");
	host_type("h");
	wait_polls(1);
	ok(strstr(host_console, "(XEN) h  this text\r\n") && strstr(host_console, "(XEN) R  reboot"),
	   "key h prints the list of keys");
	host_console_clear();
	host_type("q");
	wait_polls(1);
	ok(strstr(host_console, "(XEN) d0 test: 256 of 272 KiB, 1 vcpu(s)\r\n"),
	   "key q prints the domains");
	host_console_clear();
	host_type("red");
	wait_polls(1);
	ok(strstr(host_console, "pcpu0: up") && strstr(host_console, "d1: 2-level") &&
	   strstr(host_console, "hypervisor, v0"),
	   "keys r and e print run queue and event channels");
	ok(v0->arch.dumps && v1->arch.dumps, "key d dumps the registers of all vcpus");
	if (host_catch() == HOST_RUNS) {
		host_type("R");
		wait_polls(1);
		host_end_armed = false;
		ok(false, "key R reboots");
	} else {
		ok(true, "key R reboots");
	}
	host_type(CTRL_A3);
	wait_polls(1);
	ok(strstr(host_console, "*** Serial input to DOM0"),
	   "focus: three Ctrl-A switch from Xen to dom0");
	host_type(CTRL_A3);
	wait_polls(1);
	host_console_clear();
	put("last words");
	guest_run(v0);
	struct sched_shutdown off = { SHUTDOWN_poweroff };

	eq(hcall_struct(v1, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &off, sizeof(off)), 0,
	   "a domain that has unfinished output can shut down");
	ok(strstr(host_console, "(d1) last words"),
	   "an unfinished line is printed when its domain shuts down");
	reap_all();
	ok(strstr(host_console, "*** Serial input to DOM0"),
	   "focus: returns to dom0 when its domain is freed");
	ok(!domain_find(1), "the domain with the focus is freed");
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
	eq(console_ring_set(d0, RING_GFN), -EINVAL, "console_ring_set: fails for dom0");
	eq(console_ring_set(d1, GUEST_PAGES), -EINVAL,
	   "console_ring_set: fails for a frame without RAM");
	eq(domain_set_magic_pages(d1, RING_GFN, RING_GFN + 1), 0, "domain_set_magic: succeeds");
	eq(console_ring_set(d1, RING_GFN), -EINVAL,
	   "console_ring_set: fails for a domain that has a ring");
	ok(d1->params[HVM_PARAM_CONSOLE_PFN] == RING_GFN && d1->params[HVM_PARAM_CONSOLE_EVTCHN] &&
	   d1->params[HVM_PARAM_STORE_PFN] == RING_GFN + 1 && d1->params[HVM_PARAM_STORE_EVTCHN],
	   "domain_set_magic: sets frames and ports of both rings");
	ring = guest_ptr(d1, RING_GFN * PAGE_SIZE);
	lines();
	long_lines();
	unfinished();
	hostile_ring();
	slow_sink();
	utf8();
	input();
	focus();
	domain_discard(d0);
	domain_discard(d2);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
