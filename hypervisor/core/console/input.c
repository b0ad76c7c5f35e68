// SPDX-License-Identifier: GPL-2.0
/*
 * Console input. A timer polls the console of the machine. What is typed goes to
 * the owner of the input focus: dom0, a domU with a console ring, or the
 * hypervisor itself, which takes it as debug keys (keys.c). Three Ctrl-A in a row
 * move the focus on: dom0, each domU that has a console, the hypervisor, dom0.
 *
 * input_lock protects the focus and the input that waits for dom0. Debug keys
 * are only buffered under it; the pCPU that polls executes them afterwards, so
 * that the lock is not held while they print.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/console/console.h"
#include "core/evtchn/evtchn.h"
#include "core/base/timer.h"
#include "lib/printf.h"

#define POLL_NS		(20 * NSEC_PER_MSEC)
#define SWITCH_KEY	1	/* Ctrl-A */
#define SWITCH_COUNT	3
#define FOCUS_XEN	MAX_DOMAINS
#define MAX_CHARS	256	/* read in one poll */

static spinlock_t input_lock = SPINLOCK_INIT(RANK_INPUT);
static unsigned int focus;	/* domid or FOCUS_XEN */
static unsigned int switch_keys;	/* Ctrl-A typed in a row, not delivered yet */
static char dom0_input[CONSOLE_INPUT];	/* ring buffer, read by CONSOLEIO_read */
static u32 dom0_prod, dom0_cons;
static char xen_keys[MAX_CHARS];	/* debug keys of one poll; only used by poll_pcpu */
static unsigned int nr_xen_keys;
static bool domU_input;	/* a domU got input in this poll */
static struct timer poll_timer;
static struct pcpu *poll_pcpu;

static void input_announce(void)
{
	static const char how[] = "(type 'CTRL-a' three times to switch input)";

	if (focus == FOCUS_XEN)
		printk("*** Serial input to Xen %s\n", how);
	else
		printk("*** Serial input to DOM%u %s\n", focus, how);
}

static bool input_may_focus(unsigned int id)
{
	const struct domain *d = domain_find(id);

	return d && (id == 0 || (d->cons && READ_ONCE(d->cons->ring)));
}

static void input_set_focus(unsigned int next)
{
	struct domain *d = domain_find(focus);

	/* Only the domain that has the focus may send escape sequences to the terminal. */
	if (d && d->cons && !d->privileged)
		WRITE_ONCE(d->cons->out.filter, true);
	focus = next;
	d = domain_find(focus);
	if (d && d->cons)
		WRITE_ONCE(d->cons->out.filter, false);
	input_announce();
}

static void input_next_focus(void)
{
	unsigned int next = focus == FOCUS_XEN ? 0 : focus + 1;

	while (next < MAX_DOMAINS && !input_may_focus(next))
		next++;
	input_set_focus(next);
}

/**
 * console_domain_gone() - move the focus away from a domain that is destroyed
 * @d: the domain
 *
 * Takes input_lock. The focus goes to dom0.
 */
void console_domain_gone(const struct domain *d)
{
	spin_lock(&input_lock);
	if (focus == d->id && d->id)
		input_set_focus(0);
	spin_unlock(&input_lock);
}

/* Can the owner of the focus take as many characters as one key can deliver? */
static bool input_room(void)
{
	const struct domain *d;

	if (focus == FOCUS_XEN)
		return nr_xen_keys < MAX_CHARS - SWITCH_COUNT;
	if (focus == 0)
		return dom0_prod - dom0_cons < CONSOLE_INPUT - SWITCH_COUNT;
	d = domain_find(focus);
	return !d || console_ring_room(d);
}

static void input_deliver(char c)
{
	struct domain *d;

	if (focus == FOCUS_XEN) {
		xen_keys[nr_xen_keys++] = c;
	} else if (focus == 0) {
		dom0_input[dom0_prod++ % CONSOLE_INPUT] = c;
	} else {
		d = domain_find(focus);
		if (d)
			console_ring_input(d, c);
		domU_input = true;
	}
}

static void input_char(char c)
{
	if (c == SWITCH_KEY) {
		if (++switch_keys == SWITCH_COUNT) {
			switch_keys = 0;
			input_next_focus();
		}
		return;
	}
	/* One or two Ctrl-A followed by another key are input like any other. */
	for (; switch_keys; switch_keys--)
		input_deliver(SWITCH_KEY);
	input_deliver(c);
}

/**
 * console_input_read() - take input that was typed for dom0
 * @buf: where to store it
 * @n: size of @buf in bytes
 *
 * Takes input_lock.
 *
 * Return: number of bytes stored, 0 if there is no input.
 */
size_t console_input_read(char *buf, size_t n)
{
	size_t i;

	spin_lock(&input_lock);
	for (i = 0; i < n && dom0_cons != dom0_prod; i++)
		buf[i] = dom0_input[dom0_cons++ % CONSOLE_INPUT];
	spin_unlock(&input_lock);
	return i;
}

/*
 * Reads the console and hands out what was typed. input_lock held. Return:
 * whether there is new input for dom0.
 */
static bool input_poll(void)
{
	u32 before = dom0_prod;
	int c;

	for (int i = 0; i < MAX_CHARS && input_room(); i++) {
		c = arch_console_getc();
		if (c < 0)
			break;
		input_char(c);
	}
	return dom0_prod != before;
}

/**
 * console_poll() - read what was typed, and remind domains of output that waits
 *
 * Called by a timer on one pCPU, no lock held. Input that its owner has no room
 * for stays in the machine's console. Writes no domain's output: this is the time of whoever runs.
 */
void console_poll(void)
{
	struct domain *d, *d0 = domain_find(0);
	unsigned int from, n;
	bool for_dom0, for_domU;

	spin_lock(&input_lock);
	from = focus;
	domU_input = false;
	for_dom0 = input_poll();
	for_domU = domU_input;
	spin_unlock(&input_lock);
	n = nr_xen_keys;
	nr_xen_keys = 0;
	for (unsigned int i = 0; i < n; i++)
		console_debug_key(xen_keys[i]);
	if (for_dom0 && d0)
		send_global_virq(d0, VIRQ_CONSOLE);
	d = from && for_domU ? domain_find(from) : NULL;
	if (d && d->cons && READ_ONCE(d->cons->ring))
		evtchn_notify(d, READ_ONCE(d->cons->port));

	for (unsigned int id = 0; id < READ_ONCE(domains_end); id++) {
		d = domain_find(id);
		if (d)
			console_output_poll(d);
	}
}

static void input_poll_timer(void *arg)
{
	struct timer *t = arg;

	console_poll();
	timer_set(&poll_pcpu->timers, t, arch_tb() + ns_to_tb(POLL_NS));
}

/**
 * console_init() - start to poll the console
 * @p: the pCPU that polls, whose timers are set up
 */
void console_init(struct pcpu *p)
{
	focus = 0;
	switch_keys = 0;
	dom0_prod = 0;
	dom0_cons = 0;
	poll_pcpu = p;
	timer_init(&poll_timer, input_poll_timer, &poll_timer);
	timer_set(&p->timers, &poll_timer, arch_tb() + ns_to_tb(POLL_NS));
}
