// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal's line discipline, and the output of printk() and panic().
 *
 * console_lock protects every source and what is written to the console. Only
 * the locks of the allocators come after it in the lock order, so printk() may
 * be called with any lock of core/ held.
 */
#include "core/arch_ops.h"
#include "core/console/term.h"
#include "core/base/timer.h"
#include "lib/lock.h"
#include "lib/printf.h"
#include "lib/string.h"

/* For this long after dom0 has written part of a line, the lines of domUs wait for the rest. */
#define DOM0_LINE_NS	(20 * NSEC_PER_MSEC)

struct term_source term_xen = { .prefix = "(XEN) " };

static spinlock_t console_lock = SPINLOCK_INIT(RANK_CONSOLE);
static const struct term_source term_dom0;	/* only its address is used */
static const struct term_source *open_line;	/* the source whose line is unfinished */
static u64 dom0_tb;				/* timebase when dom0 last wrote */

/**
 * term_source_init() - set up a source of lines
 * @s: the source
 * @prefix: text that each of its lines starts with
 */
void term_source_init(struct term_source *s, const char *prefix)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->prefix, sizeof(s->prefix), "%s", prefix);
	s->filter = true;
}

/*
 * Writes the buffered part of a line to the console, and ends the line if @end.
 * An unfinished line of another source is ended first. console_lock held.
 */
static void term_emit(struct term_source *s, bool end)
{
	if (s->n || end) {
		if (open_line && open_line != s)
			arch_console_write("\r\n", 2);
		if (open_line != s)
			arch_console_write(s->prefix, strlen(s->prefix));
		if (s->n)
			arch_console_write(s->buf, s->n);
		WRITE_ONCE(open_line, s);
	}
	if (end) {
		arch_console_write("\r\n", 2);
		WRITE_ONCE(open_line, NULL);
	}
	s->n = 0;
	s->age = 0;
}

/*
 * Does the terminal drop @c? It drops control characters other than tabs, and the escape sequences
 * ESC x and ESC [ ... letter.
 */
static bool term_drops(struct term_source *s, char c)
{
	if (!READ_ONCE(s->filter))
		return false;
	if (c == '\033') {
		s->escape = 1;
	} else if (s->escape == 1) {
		s->escape = c == '[' ? 2 : 0;
		return true;
	} else if (s->escape == 2) {
		if (c >= '@' && c <= '~')
			s->escape = 0;
		return true;
	}
	return (u8)c < ' ' && c != '\t';
}

/* console_lock held. */
static void term_write_lines(struct term_source *s, const char *text, size_t n)
{
	for (; n; n--, text++) {
		if (*text == '\n') {
			/* Text of a guest may end its lines with CR LF; term_emit() adds the CR. */
			if (s->n && s->buf[s->n - 1] == '\r')
				s->n--;
			term_emit(s, true);
			s->escape = 0;
			continue;
		}
		if (term_drops(s, *text))
			continue;
		if (s->n == sizeof(s->buf))
			term_emit(s, false);
		s->buf[s->n++] = *text;
	}
}

/**
 * term_write() - write text in lines
 * @s: source of the text
 * @text: text, "\n" between lines
 * @n: its length in bytes
 *
 * A line appears when it is complete. The last one, if unfinished, waits for
 * its end, for term_flush() or for term_age().
 */
void term_write(struct term_source *s, const char *text, size_t n)
{
	spin_lock(&console_lock);
	term_write_lines(s, text, n);
	spin_unlock(&console_lock);
}

/**
 * term_flush() - show an unfinished line
 * @s: source of the line; it may continue the line
 */
void term_flush(struct term_source *s)
{
	spin_lock(&console_lock);
	term_emit(s, false);
	spin_unlock(&console_lock);
}

/**
 * term_source_free() - end a source
 * @s: the source; its unfinished line is shown and ended
 */
void term_source_free(struct term_source *s)
{
	spin_lock(&console_lock);
	if (s->n || open_line == s)
		term_emit(s, true);
	spin_unlock(&console_lock);
}

/**
 * term_raw() - write text of dom0
 * @text: text, written unchanged and at once
 * @n: its length in bytes
 */
void term_raw(const char *text, size_t n)
{
	if (!n)
		return;
	spin_lock(&console_lock);
	if (open_line && open_line != &term_dom0)
		arch_console_write("\r\n", 2);
	arch_console_write(text, n);
	WRITE_ONCE(dom0_tb, arch_tb());
	WRITE_ONCE(open_line, text[n - 1] == '\n' ? NULL : &term_dom0);
	spin_unlock(&console_lock);
}

/**
 * term_busy() - should a source wait, so as not to interrupt a line of dom0?
 * @s: the source
 *
 * Takes no lock: whether dom0 continues its line is a guess anyway.
 *
 * Return: true if dom0 wrote part of a line less than 20 ms ago.
 */
bool term_busy(const struct term_source *s)
{
	return READ_ONCE(open_line) == &term_dom0 && s != &term_dom0 &&
	       tb_to_ns(arch_tb() - READ_ONCE(dom0_tb)) < DOM0_LINE_NS;
}

/**
 * term_age() - show a line that has been unfinished for a while
 * @s: source of the line
 * @patience: number of calls that the line waits, and longer while term_busy()
 */
void term_age(struct term_source *s, unsigned int patience)
{
	spin_lock(&console_lock);
	if (s->n && ++s->age > patience && !term_busy(s))
		term_emit(s, false);
	spin_unlock(&console_lock);
}

static void term_log(const char *text, size_t n)
{
	term_write(&term_xen, text, n);
}

/* console_lock may be held, by this pCPU or by one that the panic stops. */
static void term_log_panic(const char *text, size_t n)
{
	term_emit(&term_xen, term_xen.n != 0);
	term_write_lines(&term_xen, text, n);
}

static const struct printk_sink term_sink = {
	.write = term_log,
	.write_panic = term_log_panic,
	.halt = arch_halt,
};

/**
 * term_init() - connect printk() and panic() to the terminal
 *
 * Boot processor, before the first message.
 */
void term_init(void)
{
	printk_register(&term_sink);
}
