// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal's line discipline, and the output of printk() and panic().
 *
 * console_lock covers all of it: it is the last lock but for the allocators',
 * so printk() works anywhere, with any lock of core/ held.
 */
#include "core/arch_ops.h"
#include "core/console/term.h"
#include "core/base/timer.h"
#include "lib/lock.h"
#include "lib/printf.h"
#include "lib/string.h"

/* dom0 in the middle of a line has this long to go on before a domU cuts in. */
#define RAW_PATIENCE_NS	(20 * NSEC_PER_MSEC)

struct term_source term_xen = { .prefix = "(XEN) " };

static spinlock_t console_lock = SPINLOCK_INIT(RANK_CONSOLE);
static const struct term_source raw;		/* stands for dom0 */
static const struct term_source *open_line;	/* whose line is unfinished */
static u64 raw_tb;				/* last time dom0 wrote */

/**
 * term_source_init() - a new writer of lines
 * @s: the writer
 * @prefix: what its lines start with
 */
void term_source_init(struct term_source *s, const char *prefix)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->prefix, sizeof(s->prefix), "%s", prefix);
	s->filter = true;
}

/* Sends what is buffered, and ends the line if @end. console_lock held. */
static void emit(struct term_source *s, bool end)
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

/* Control characters, and sequences: ESC x, or ESC [ and all up to a letter. */
static bool dropped(struct term_source *s, char c)
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
static void write_lines(struct term_source *s, const char *text, size_t n)
{
	for (; n; n--, text++) {
		if (*text == '\n') {
			/* A guest's terminal sends CR LF: emit() has its own. */
			if (s->n && s->buf[s->n - 1] == '\r')
				s->n--;
			emit(s, true);
			s->escape = 0;
			continue;
		}
		if (dropped(s, *text))
			continue;
		if (s->n == sizeof(s->buf))
			emit(s, false);
		s->buf[s->n++] = *text;
	}
}

/**
 * term_write() - write lines
 * @s: who writes; an unfinished line waits for its end or term_flush()
 * @text: text, "\n" between lines
 * @n: bytes
 */
void term_write(struct term_source *s, const char *text, size_t n)
{
	spin_lock(&console_lock);
	write_lines(s, text, n);
	spin_unlock(&console_lock);
}

/**
 * term_flush() - show an unfinished line
 * @s: who wrote it; it may go on in the same line
 */
void term_flush(struct term_source *s)
{
	spin_lock(&console_lock);
	emit(s, false);
	spin_unlock(&console_lock);
}

/**
 * term_source_free() - a writer goes away
 * @s: the writer; what it had begun is shown and ended
 */
void term_source_free(struct term_source *s)
{
	spin_lock(&console_lock);
	if (s->n || open_line == s)
		emit(s, true);
	spin_unlock(&console_lock);
}

/**
 * term_raw() - dom0 writes
 * @text: text, passed on as it is
 * @n: bytes
 */
void term_raw(const char *text, size_t n)
{
	if (!n)
		return;
	spin_lock(&console_lock);
	if (open_line && open_line != &raw)
		arch_console_write("\r\n", 2);
	arch_console_write(text, n);
	WRITE_ONCE(raw_tb, arch_tb());
	WRITE_ONCE(open_line, text[n - 1] == '\n' ? NULL : &raw);
	spin_unlock(&console_lock);
}

/**
 * term_busy() - should a writer wait, so as not to cut a line of dom0's?
 * @s: the writer
 *
 * Takes no lock: it is a guess about what comes.
 *
 * Return: true while dom0 is in the middle of a line and may well go on.
 */
bool term_busy(const struct term_source *s)
{
	return READ_ONCE(open_line) == &raw && s != &raw &&
	       tb_to_ns(arch_tb() - READ_ONCE(raw_tb)) < RAW_PATIENCE_NS;
}

/**
 * term_age() - time has passed; a line that stays unfinished is shown
 * @s: who began it
 * @patience: calls that it waits, longer while term_busy()
 */
void term_age(struct term_source *s, unsigned int patience)
{
	spin_lock(&console_lock);
	if (s->n && ++s->age > patience && !term_busy(s))
		emit(s, false);
	spin_unlock(&console_lock);
}

static void term_log(const char *text, size_t n)
{
	term_write(&term_xen, text, n);
}

/* console_lock may be held, by this pCPU or by one that the panic stops. */
static void term_log_panic(const char *text, size_t n)
{
	emit(&term_xen, term_xen.n != 0);
	write_lines(&term_xen, text, n);
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
