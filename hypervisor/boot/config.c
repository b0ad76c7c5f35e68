// SPDX-License-Identifier: GPL-2.0
/*
 * Parsing of xen.conf and of the hypervisor's command line.
 *
 *   # a comment
 *   [dom0]
 *   kernel  = vmlinux
 *   initrd  = initramfs.cpio.gz
 *   memory  = 512M
 *   vcpus   = 1
 *   grant_frames = 64
 *   weight  = 256
 *   cap     = 150		percent of one processor
 *   cpus    = 0-1,3		the processors that may run it
 *   cmdline = console=hvc0
 *
 * One section a domain; dom0's is called dom0. A faulty section is reported
 * and skipped whole, the next one is read. Pure, for tests and fuzzers.
 */
#include "boot/config.h"
#include "core/domain/domain.h"
#include "lib/errno.h"
#include "lib/string.h"

#define MOST_WEIGHT	65535
#define MOST_CAP	(100 * MAX_PCPUS)
#define MOST_GRANT_FRAMES 4096	/* what fits into the window in its device tree */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next line without its blanks at both ends. false at the end of the text. */
static bool next_line(struct config_reader *r, const char **start, size_t *len)
{
	size_t a = r->pos, e;

	if (a >= r->size)
		return false;
	for (e = a; e < r->size && r->text[e] != '\n'; e++)
		;
	r->pos = e < r->size ? e + 1 : e;
	r->line++;
	while (a < e && blank(r->text[a]))
		a++;
	while (e > a && blank(r->text[e - 1]))
		e--;
	*start = r->text + a;
	*len = e - a;
	return true;
}

static int copy_value(char *to, size_t size, const char *from, size_t len, const char **why)
{
	if (len >= size) {
		*why = "value too long";
		return -EINVAL;
	}
	if (memchr(from, 0, len)) {
		*why = "NUL byte in a value";
		return -EINVAL;
	}
	memcpy(to, from, len);
	to[len] = 0;
	return 0;
}

/**
 * config_number() - a decimal number
 * @s: its digits and nothing else
 * @len: how many; at most 12
 * @out: out: the number
 *
 * Return: 0 or -EINVAL.
 */
int config_number(const char *s, size_t len, u64 *out)
{
	u64 v = 0;
	size_t i;

	if (!len || len > 12)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -EINVAL;
		v = v * 10 + (s[i] - '0');
	}
	*out = v;
	return 0;
}

static int memory_value(struct config_section *s, const char *val, size_t len, const char **why)
{
	unsigned int shift = 20;
	u64 n;

	if (len && (val[len - 1] == 'M' || val[len - 1] == 'G')) {
		shift = val[len - 1] == 'G' ? 30 : 20;
		len--;
	}
	if (config_number(val, len, &n) || !n || n > 1UL << 24) {
		*why = "memory: not a number of MiB (suffix M or G)";
		return -EINVAL;
	}
	s->memory = n << shift;
	return 0;
}

static int count_value(unsigned int *to, const char *val, size_t len, u64 most, const char *what, const char **why)
{
	u64 n;

	if (config_number(val, len, &n) || !n || n > most) {
		*why = what;
		return -EINVAL;
	}
	*to = n;
	return 0;
}

/* Numbers and ranges of numbers, separated by commas. */
static int cpus_value(u64 *to, const char *val, size_t len, const char **why)
{
	const char *end = val + len, *comma, *dash, *stop;
	u64 first, last;

	*why = "cpus: not a list such as 0-1,3 of processors from 0 to 63";
	*to = 0;
	for (;; val = comma + 1) {
		comma = memchr(val, ',', end - val);
		stop = comma ? comma : end;
		dash = memchr(val, '-', stop - val);
		if (config_number(val, (dash ? dash : stop) - val, &first))
			return -EINVAL;
		last = first;
		if (dash && config_number(dash + 1, stop - dash - 1, &last))
			return -EINVAL;
		if (first > last || last >= MAX_PCPUS)
			return -EINVAL;
		for (u64 cpu = first; cpu <= last; cpu++)
			*to |= 1UL << cpu;
		if (!comma)
			return 0;
	}
}

static int set_key(struct config_section *s, const char *l, size_t len, const char **why)
{
	const char *eq = memchr(l, '=', len), *val;
	size_t klen, vlen;

	if (!eq) {
		*why = "neither a section nor `key = value`";
		return -EINVAL;
	}
	klen = eq - l;
	while (klen && blank(l[klen - 1]))
		klen--;
	val = eq + 1;
	vlen = len - (val - l);
	while (vlen && blank(*val)) {
		val++;
		vlen--;
	}
	if (klen == 6 && !memcmp(l, "kernel", 6))
		return copy_value(s->kernel, sizeof(s->kernel), val, vlen, why);
	if (klen == 6 && !memcmp(l, "initrd", 6))
		return copy_value(s->initrd, sizeof(s->initrd), val, vlen, why);
	if (klen == 7 && !memcmp(l, "cmdline", 7))
		return copy_value(s->cmdline, sizeof(s->cmdline), val, vlen, why);
	if (klen == 6 && !memcmp(l, "memory", 6))
		return memory_value(s, val, vlen, why);
	if (klen == 5 && !memcmp(l, "vcpus", 5))
		return count_value(&s->vcpus, val, vlen, MAX_VCPUS, "vcpus: not a number from 1 to 64", why);
	if (klen == 12 && !memcmp(l, "grant_frames", 12))
		return count_value(&s->grant_frames, val, vlen, MOST_GRANT_FRAMES,
				   "grant_frames: not a number from 1 to 4096", why);
	if (klen == 6 && !memcmp(l, "weight", 6))
		return count_value(&s->weight, val, vlen, MOST_WEIGHT, "weight: not a number from 1 to 65535", why);
	if (klen == 3 && !memcmp(l, "cap", 3))
		return count_value(&s->cap, val, vlen, MOST_CAP, "cap: not a percentage from 1 to 6400", why);
	if (klen == 4 && !memcmp(l, "cpus", 4))
		return cpus_value(&s->cpus, val, vlen, why);
	*why = "unknown key";
	return -EINVAL;
}

static int section_name(struct config_section *s, const char *l, size_t len, const char **why)
{
	if (l[len - 1] != ']' || len < 3) {
		*why = "section without a name or `]`";
		return -EINVAL;
	}
	return copy_value(s->name, sizeof(s->name), l + 1, len - 2, why);
}

static int section_complete(const struct config_section *s, const char **why)
{
	*why = !s->kernel[0] ? "section without `kernel`" : !s->memory ? "section without `memory`" : NULL;
	return *why ? -EINVAL : 0;
}

/**
 * config_next() - the next domain of xen.conf
 * @r: where to read; zero pos and line before the first call
 * @s: out: the section; its name is valid on error too, if it had got that far
 * @why: out: on error, what is wrong
 * @line: out: on error, the line it is in
 *
 * Return: 1 with a section, 0 at the end, -EINVAL for a faulty section, after
 * which the next call reads the section behind it.
 */
int config_next(struct config_reader *r, struct config_section *s, const char **why, unsigned int *line)
{
	const char *l;
	size_t len;
	int rc = 0;
	bool open = false;

	memset(s, 0, sizeof(*s));
	s->vcpus = 1;
	for (;;) {
		size_t here = r->pos;
		unsigned int here_line = r->line;
		int err;

		if (!next_line(r, &l, &len))
			break;
		if (!len || *l == '#')
			continue;
		if (*l == '[') {
			if (open) {
				r->pos = here;
				r->line = here_line;
				break;
			}
			open = true;
			err = section_name(s, l, len, why);
		} else if (!open) {
			*why = "a key before the first section";
			err = -EINVAL;
			open = true;
		} else if (rc) {
			continue;	/* report a section's first fault */
		} else {
			err = set_key(s, l, len, why);
		}
		if (err) {
			rc = err;
			*line = r->line;
		}
	}
	if (!open)
		return 0;
	if (!rc) {
		rc = section_complete(s, why);
		*line = r->line;
	}
	return rc ? rc : 1;
}

/**
 * config_option() - a `key=value` word of a command line
 * @cmdline: words separated by blanks
 * @key: the key
 * @value: out: the value, cut to fit
 * @size: bytes at @value
 *
 * Return: whether the key is there.
 */
bool config_option(const char *cmdline, const char *key, char *value, size_t size)
{
	size_t klen = strlen(key);

	while (*cmdline) {
		while (*cmdline == ' ')
			cmdline++;
		if (!strncmp(cmdline, key, klen) && cmdline[klen] == '=') {
			size_t n = 0;

			for (cmdline += klen + 1; *cmdline && *cmdline != ' '; cmdline++) {
				if (n + 1 < size)
					value[n++] = *cmdline;
			}
			value[n] = 0;
			return true;
		}
		while (*cmdline && *cmdline != ' ')
			cmdline++;
	}
	return false;
}
