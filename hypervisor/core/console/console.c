// SPDX-License-Identifier: GPL-2.0
/*
 * Input: the machine's console is polled, and what is typed goes to dom0, to
 * a domU's ring, or to the hypervisor. Three Ctrl-A in a row move the focus:
 * dom0, then each domU that has a console, then the hypervisor, then dom0.
 *
 * input_lock covers who has the focus and what was typed for dom0. Keys for the
 * hypervisor itself are the poller's, which is one pCPU, and done without it.
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
#define MAX_CHARS	256	/* taken in one poll */

static spinlock_t input_lock = SPINLOCK_INIT(RANK_INPUT);
static unsigned int focus;	/* domid or FOCUS_XEN */
static unsigned int switch_keys;
static char input[CONSOLE_INPUT];	/* for CONSOLEIO_read */
static u32 input_prod, input_cons;
static char keys[MAX_CHARS];	/* of one poll, for the hypervisor */
static unsigned int nr_keys;
static struct timer poll_timer;
static struct pcpu *poll_pcpu;

static void announce(void)
{
	static const char how[] = "(type 'CTRL-a' three times to switch input)";

	if (focus == FOCUS_XEN)
		printk("*** Serial input to Xen %s\n", how);
	else
		printk("*** Serial input to DOM%u %s\n", focus, how);
}

static bool can_have_focus(unsigned int id)
{
	const struct domain *d = domain_find(id);

	return d && (id == 0 || (d->cons && READ_ONCE(d->cons->ring)));
}

static void set_focus(unsigned int next)
{
	struct domain *d = domain_find(focus);

	/* Escape sequences are for the one who looks at it: not while in the crowd. */
	if (d && d->cons)
		WRITE_ONCE(d->cons->out.filter, true);
	focus = next;
	d = domain_find(focus);
	if (d && d->cons)
		WRITE_ONCE(d->cons->out.filter, false);
	announce();
}

static void next_focus(void)
{
	unsigned int next = focus == FOCUS_XEN ? 0 : focus + 1;

	while (next < MAX_DOMAINS && !can_have_focus(next))
		next++;
	set_focus(next);
}

/**
 * console_domain_gone() - take the focus from a domain that ends
 * @d: the domain
 */
void console_domain_gone(const struct domain *d)
{
	spin_lock(&input_lock);
	if (focus == d->id && d->id)
		set_focus(0);
	spin_unlock(&input_lock);
}

static bool room(void)
{
	const struct domain *d;

	if (focus == FOCUS_XEN)
		return nr_keys < MAX_CHARS - SWITCH_COUNT;
	if (focus == 0)
		return input_prod - input_cons < CONSOLE_INPUT - SWITCH_COUNT;
	d = domain_find(focus);
	return !d || console_ring_room(d);
}

static void deliver(char c)
{
	struct domain *d;

	if (focus == FOCUS_XEN) {
		keys[nr_keys++] = c;
	} else if (focus == 0) {
		input[input_prod++ % CONSOLE_INPUT] = c;
	} else {
		d = domain_find(focus);
		if (d)
			console_ring_input(d, c);
	}
}

static void typed(char c)
{
	if (c == SWITCH_KEY) {
		if (++switch_keys == SWITCH_COUNT) {
			switch_keys = 0;
			next_focus();
		}
		return;
	}
	/* Fewer than three were meant for the reader. */
	for (; switch_keys; switch_keys--)
		deliver(SWITCH_KEY);
	deliver(c);
}

/**
 * console_input_read() - take what was typed for dom0
 * @buf: where to
 * @n: bytes there is room for
 *
 * Return: bytes taken, 0 if nothing was typed.
 */
size_t console_input_read(char *buf, size_t n)
{
	size_t i;

	spin_lock(&input_lock);
	for (i = 0; i < n && input_cons != input_prod; i++)
		buf[i] = input[input_cons++ % CONSOLE_INPUT];
	spin_unlock(&input_lock);
	return i;
}

/* Return: whether something was typed for dom0. */
static bool take_typed(void)
{
	u32 before = input_prod;
	int c;

	for (int i = 0; i < MAX_CHARS && room(); i++) {
		c = arch_console_getc();
		if (c < 0)
			break;
		typed(c);
	}
	return input_prod != before;
}

/**
 * console_poll() - look at the keyboard and at unfinished lines
 *
 * Runs from its own timer. What cannot be delivered stays in the machine's
 * console.
 */
void console_poll(void)
{
	struct domain *d, *d0 = domain_find(0);
	unsigned int from, n;
	bool for_dom0;

	spin_lock(&input_lock);
	from = focus;
	for_dom0 = take_typed();
	spin_unlock(&input_lock);
	n = nr_keys;
	nr_keys = 0;
	for (unsigned int i = 0; i < n; i++)
		console_key(keys[i]);
	if (for_dom0 && d0)
		send_global_virq(d0, VIRQ_CONSOLE);
	d = from ? domain_find(from) : NULL;
	if (d && d->cons && READ_ONCE(d->cons->ring))
		evtchn_notify(d, READ_ONCE(d->cons->port));

	for (unsigned int id = 1; id < READ_ONCE(domains_end); id++) {
		d = domain_find(id);
		if (d)
			console_ring_poll(d);
	}
}

static void poll(void *arg)
{
	struct timer *t = arg;

	console_poll();
	timer_set(&poll_pcpu->timers, t, arch_tb() + ns_to_tb(POLL_NS));
}

/**
 * console_init() - start polling
 * @p: the pCPU that does it, ready for timers
 */
void console_init(struct pcpu *p)
{
	focus = 0;
	switch_keys = 0;
	input_prod = 0;
	input_cons = 0;
	poll_pcpu = p;
	timer_init(&poll_timer, poll, &poll_timer);
	timer_set(&p->timers, &poll_timer, arch_tb() + ns_to_tb(POLL_NS));
}
