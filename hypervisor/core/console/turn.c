// SPDX-License-Identifier: GPL-2.0
/*
 * Whose turn it is at the terminal, and the output of printk() and panic().
 *
 * A domain's text is written in steps of TURN_STEP bytes, by its own vcpus (ring.c). A step never
 * waits: not for console_lock, not for the line of another source, and not for the console, whose
 * room it asks for first. A turn ends with a line or after TURN_BYTES. Who was refused meanwhile is
 * noted in turn_waiting; the next of them in the order of their numbers is told, and may start
 * within RESERVE_NS before anyone else does. One that does not come, because it is not allowed to
 * run, so delays the others by no more than that for each turn.
 *
 * printk() waits for a step that is under way and goes before all domains. Steps leave LOG_ROOM
 * bytes free in the console's buffer, so that printk() need not wait for what domains wrote.
 *
 * console_lock protects what is written to the console. Only the lock of an output and those of
 * the allocators come after it in the lock order, so printk() may be called with any other lock of
 * core/ held.
 */
#include "core/arch_ops.h"
#include "core/base/limits.h"
#include "core/base/timer.h"
#include "core/console/turn.h"
#include "lib/bitops.h"
#include "lib/printf.h"
#include "lib/string.h"

#define LINE_NS		(20 * NSEC_PER_MSEC)	/* a line that gets no more text may be broken */
#define RESERVE_NS	(2 * NSEC_PER_MSEC)
#define TURN_BYTES	1024U
#define LOG_ROOM	512U
#define STEP_MAX	(TURN_STEP + 2 + sizeof(((struct output *)0)->prefix))

static spinlock_t console_lock = SPINLOCK_INIT(RANK_CONSOLE);
static const struct output term_xen, term_gone;	/* hypervisor, domain that has ended */
static const struct output *owner;	/* the source whose line is unfinished */
static u64 owner_tb;			/* timebase when it last wrote */
static unsigned int turn_bytes;		/* written by the source whose turn it is */
static unsigned int reserved = TURN_NOBODY;	/* domain that may start next */
static u64 reserved_until;		/* timebase */
static u64 turn_waiting;		/* domains that were refused, a bit each; atomic */
static u32 log_waiting;			/* pCPUs in printk(), atomic: no step begins meanwhile */
static char held[STEP_MAX];		/* taken from an output, and not accepted by the console yet */
static size_t held_n;
static char log_line[OUTPUT_LINE];	/* unfinished line of the hypervisor */
static size_t log_n;

/* Writes what the console did not accept in an earlier step. Return: whether nothing is left. */
static bool held_write(void)
{
	size_t n = held_n ? arch_console_put(held, held_n) : 0;

	held_n -= n;
	memmove(held, held + n, held_n);
	return !held_n;
}

/* May the domain write now? console_lock held. */
static bool turn_may_write(const struct output *o, u64 now)
{
	bool none = reserved == TURN_NOBODY;

	/* A line in the middle; where a turn has ended within a line, the next source may break it. */
	if (none && owner && owner != o && (owner->verbatim || output_ready(owner)) &&
	    now - owner_tb < ns_to_tb(LINE_NS))
		return false;
	return none || reserved == o->id || now >= reserved_until;
}

/* The turn of a domain ends. Return: the domain that may write next. console_lock held. */
static unsigned int turn_pass(unsigned int id, u64 now)
{
	u64 waiting = READ_ONCE(turn_waiting) & ~BIT(id);
	u64 above = waiting & ~(BIT(id) | (BIT(id) - 1));

	turn_bytes = 0;
	reserved = TURN_NOBODY;
	if (!waiting)
		return TURN_NOBODY;
	reserved = __builtin_ctzl(above ? above : waiting);
	reserved_until = now + ns_to_tb(RESERVE_NS);
	clear_bit(reserved, &turn_waiting);
	return reserved;
}

/* Writes a step of a domain whose turn it is. Return: bytes taken from @o. console_lock held. */
static size_t turn_write(struct output *o)
{
	char text[TURN_STEP];
	size_t n = output_take(o, text, sizeof(text)), at = 0, len;
	bool end = n && text[n - 1] == '\n';

	if (!n)
		return 0;
	if (owner != o) {
		if (owner) {
			held[at++] = '\r';
			held[at++] = '\n';
		}
		len = strlen(o->prefix);
		memcpy(held + at, o->prefix, len);
		at += len;
		turn_bytes = 0;
	}
	memcpy(held + at, text, n);
	at += n;
	if (end && !o->verbatim) {
		held[at - 1] = '\r';
		held[at++] = '\n';
	}
	held_n = at;
	owner = end ? NULL : o;
	turn_bytes += n;
	held_write();
	return n;
}

/**
 * turn_step() - write the next bytes of a domain, if it is its turn
 * @o: the domain's output
 * @next: where to store the number of a domain that is to be told that it may write now, or
 *	  TURN_NOBODY
 *
 * Writes at most TURN_STEP bytes of the domain, and does not wait. Context: no lock of an output
 * held.
 *
 * Return: what it did.
 */
enum turn_result turn_step(struct output *o, unsigned int *next)
{
	enum turn_result rc = TURN_REFUSED;
	u64 now;

	*next = TURN_NOBODY;
	if (!output_ready(o))
		return TURN_EMPTY;
	if (READ_ONCE(log_waiting) || !spin_trylock(&console_lock)) {
		set_bit(o->id, &turn_waiting);
		return TURN_REFUSED;
	}
	now = arch_tb();
	if (!turn_may_write(o, now)) {
		set_bit(o->id, &turn_waiting);
	} else if (arch_console_room() >= held_n + STEP_MAX + LOG_ROOM && held_write()) {
		if (reserved == o->id || now >= reserved_until)
			reserved = TURN_NOBODY;
		clear_bit(o->id, &turn_waiting);
		rc = turn_write(o) ? TURN_WROTE : TURN_EMPTY;
		owner_tb = arch_tb();
		if (owner != o || turn_bytes >= TURN_BYTES || (!output_ready(o) && !o->verbatim))
			*next = turn_pass(o->id, owner_tb);
	}
	spin_unlock(&console_lock);
	return rc;
}

/**
 * turn_leave() - forget the output of a domain that is destroyed
 * @o: the output; nothing is written to it any more
 */
void turn_leave(const struct output *o)
{
	spin_lock(&console_lock);
	clear_bit(o->id, &turn_waiting);
	if (reserved == o->id)
		reserved = TURN_NOBODY;
	if (owner == o)
		/* Its line stays unfinished: the next source starts a new one. */
		owner = &term_gone;
	spin_unlock(&console_lock);
}

/* Writes the buffered part of a line of the hypervisor. console_lock held, or a panic. */
static void log_emit(bool end)
{
	arch_console_write(held, held_n);
	held_n = 0;
	if (owner && owner != &term_xen)
		arch_console_write("\r\n", 2);
	if (owner != &term_xen)
		arch_console_write("(XEN) ", 6);
	arch_console_write(log_line, log_n);
	log_n = 0;
	owner = &term_xen;
	if (end) {
		arch_console_write("\r\n", 2);
		owner = NULL;
	}
	turn_bytes = 0;
}

static void log_lines(const char *text, size_t n)
{
	for (; n; n--, text++) {
		if (*text == '\n') {
			log_emit(true);
			continue;
		}
		if (log_n == sizeof(log_line))
			log_emit(false);
		log_line[log_n++] = *text;
	}
}

static void term_log(const char *text, size_t n)
{
	/* No step begins from here on, so this waits for one at most. */
	__atomic_fetch_add(&log_waiting, 1, __ATOMIC_RELAXED);
	spin_lock(&console_lock);
	log_lines(text, n);
	spin_unlock(&console_lock);
	__atomic_fetch_sub(&log_waiting, 1, __ATOMIC_RELAXED);
}

/* console_lock may be held, by this pCPU or by one that the panic stops. */
static void term_log_panic(const char *text, size_t n)
{
	if (log_n)
		log_emit(true);
	log_lines(text, n);
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
