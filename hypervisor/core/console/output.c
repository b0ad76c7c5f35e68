// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers of text that waits for the terminal. What a domU writes is made harmless when it is
 * stored: the terminal belongs to the administrator, and must not obey a guest.
 *
 * Removed are ESC x and ESC [ ... letter, and control characters other than tab and newline.
 * Valid UTF-8 stays, except for the control characters U+0080 to U+009F; these and all bytes that
 * are not UTF-8 appear as \xNN. So an 8-bit CSI (0x9b), alone or encoded, starts no sequence.
 */
#include "core/console/output.h"
#include "lib/string.h"

/**
 * output_init() - set up the output of a domain
 * @o: the output, zeroed
 * @id: the domain's number
 * @verbatim: dom0: no prefix, no filter, and text appears before its line is complete
 */
void output_init(struct output *o, u16 id, bool verbatim)
{
	spin_lock_init(&o->lock, RANK_OUTPUT);
	o->id = id;
	o->verbatim = verbatim;
	o->filter = !verbatim;
}

static void push(struct output *o, char c)
{
	o->text[o->prod++ % OUTPUT_SIZE] = c;
}

static void push_hex(struct output *o, u8 c)
{
	static const char digit[] = "0123456789abcdef";

	push(o, '\\');
	push(o, 'x');
	push(o, digit[c >> 4]);
	push(o, digit[c & 0xf]);
}

/* Stores the bytes of an incomplete or bad UTF-8 sequence. */
static void seq_break(struct output *o)
{
	for (unsigned int i = 0; i < o->seq_n; i++)
		push_hex(o, o->seq[i]);
	o->seq_n = 0;
	o->seq_need = 0;
}

/* How many bytes does a UTF-8 sequence have that starts with @c? 0: none starts so. */
static unsigned int seq_length(u8 c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* Is the complete sequence the shortest form of a character that is not a control character? */
static bool seq_valid(const u8 *s, unsigned int n)
{
	u32 c = s[0] & (0xff >> (n + 1));

	for (unsigned int i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	if (n == 2)
		return c >= 0xa0;
	if (n == 3)
		return c >= 0x800 && (c < 0xd800 || c > 0xdfff);
	return c >= 0x10000 && c <= 0x10ffff;
}

/* A byte of 0x80 or above, or one that ends an incomplete sequence. Return: whether it was used. */
static bool put_utf8(struct output *o, u8 c)
{
	if (o->seq_need && (c & 0xc0) == 0x80) {
		o->seq[o->seq_n++] = c;
		if (o->seq_n < o->seq_need)
			return true;
		if (!seq_valid(o->seq, o->seq_n)) {
			seq_break(o);
			return true;
		}
		for (unsigned int i = 0; i < o->seq_n; i++)
			push(o, o->seq[i]);
		o->seq_n = 0;
		o->seq_need = 0;
		return true;
	}
	seq_break(o);
	if (c < 0x80)
		return false;
	o->seq_need = seq_length(c);
	if (o->seq_need)
		o->seq[o->seq_n++] = c;
	else
		push_hex(o, c);
	return true;
}

static void put_filtered(struct output *o, u8 c)
{
	if (o->escape == 1) {
		o->escape = c == '[' ? 2 : 0;
	} else if (o->escape == 2) {
		if (c >= '@' && c <= '~')
			o->escape = 0;
	} else if ((c >= 0x80 || o->seq_need) && put_utf8(o, c)) {
		return;
	} else if (c == '\033') {
		o->escape = 1;
	} else if ((c >= ' ' && c != 0x7f) || c == '\t') {
		push(o, c);
	}
}

static void put_newline(struct output *o)
{
	seq_break(o);
	o->escape = 0;
	/* Text of a guest may end its lines with CR LF; the terminal's CR is added later. */
	if (!o->verbatim && o->prod != o->ready && o->text[(o->prod - 1) % OUTPUT_SIZE] == '\r')
		o->prod--;
	push(o, '\n');
	WRITE_ONCE(o->ready, o->prod);
}

/**
 * output_put() - store text of a domain
 * @o: its output
 * @text: text, "\n" between lines
 * @n: its length in bytes
 *
 * Takes the output's lock.
 *
 * Return: bytes stored; fewer than @n if the buffer is full.
 */
size_t output_put(struct output *o, const char *text, size_t n)
{
	bool filter = READ_ONCE(o->filter);
	size_t i;

	spin_lock(&o->lock);
	for (i = 0; i < n && OUTPUT_SIZE - (o->prod - o->cons) >= OUTPUT_ESCAPED; i++) {
		if (text[i] == '\n')
			put_newline(o);
		else if (filter)
			put_filtered(o, text[i]);
		else
			push(o, text[i]);
		if (o->prod - o->ready > OUTPUT_LINE)
			WRITE_ONCE(o->ready, o->prod);
	}
	if (!filter)
		WRITE_ONCE(o->ready, o->prod);
	o->age = 0;
	spin_unlock(&o->lock);
	return i;
}

/**
 * output_room() - how many bytes can be stored for sure
 * @o: the output; takes its lock
 *
 * Return: that number; each byte may take up several when it is stored.
 */
size_t output_room(struct output *o)
{
	size_t room;

	spin_lock(&o->lock);
	room = (OUTPUT_SIZE - (o->prod - o->cons)) / OUTPUT_ESCAPED;
	spin_unlock(&o->lock);
	return room;
}

/**
 * output_ready() - is there text that may appear?
 * @o: the output
 *
 * Takes no lock: who adds text asks again afterwards.
 *
 * Return: whether output_take() would return something.
 */
bool output_ready(const struct output *o)
{
	return READ_ONCE(o->ready) != READ_ONCE(o->cons);
}

/**
 * output_take() - take text that may appear, at most to the end of a line
 * @o: the output; takes its lock
 * @to: where to store the text
 * @n: bytes to take at most, 4 or more
 *
 * A UTF-8 character is not divided: another source's text might come in between.
 *
 * Return: bytes taken, 0 if no text may appear.
 */
size_t output_take(struct output *o, char *to, size_t n)
{
	size_t have, i, cut;
	bool end = false;

	spin_lock(&o->lock);
	have = o->ready - o->cons;
	for (i = 0; i < n && i < have && !end; i++) {
		to[i] = o->text[(o->cons + i) % OUTPUT_SIZE];
		end = to[i] == '\n';
	}
	if (i < have && !end) {
		cut = i;
		while (cut > i - 3 && (o->text[(o->cons + cut) % OUTPUT_SIZE] & 0xc0) == 0x80)
			cut--;
		/* dom0's text need not be UTF-8. */
		if ((o->text[(o->cons + cut) % OUTPUT_SIZE] & 0xc0) != 0x80)
			i = cut;
	}
	WRITE_ONCE(o->cons, o->cons + i);
	spin_unlock(&o->lock);
	return i;
}

/**
 * output_flush() - let an unfinished line appear
 * @o: the output; takes its lock
 */
void output_flush(struct output *o)
{
	spin_lock(&o->lock);
	WRITE_ONCE(o->ready, o->prod);
	spin_unlock(&o->lock);
}

/**
 * output_age() - let a line appear that has been unfinished for a while, such as a prompt
 * @o: the output
 * @patience: number of calls that the line waits
 *
 * Does nothing if the lock is in use: then text is being added or written.
 */
void output_age(struct output *o, unsigned int patience)
{
	if (!spin_trylock(&o->lock))
		return;
	if (o->prod != o->ready && ++o->age > patience)
		WRITE_ONCE(o->ready, o->prod);
	spin_unlock(&o->lock);
}
