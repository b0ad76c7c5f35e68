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
 *   cap     = 150		percent of one pCPU
 *   cpus    = 0-1,3		the pCPUs that may run it
 *   uuid    = 6ba7b810-9dad-41d1-80b4-00c04fd430c8
 *   cmdline = console=hvc0
 *
 * One section for each domain; the section [dom0] describes dom0. A section with an
 * error is reported and skipped as a whole. The parser keeps no state of its own, so
 * that the unit tests run the same code.
 */
#include "boot/config.h"
#include "core/base/limits.h"
#include "lib/errno.h"
#include "lib/string.h"

#define CONFIG_MAX_WEIGHT	65535
#define CONFIG_MAX_CAP		(100 * MAX_PCPUS)
#define CONFIG_MAX_GRANT_FRAMES	4096	/* GRANT_WINDOW_SIZE of fdt.h, in frames */

/* The error messages below name these sizes. */
static_assert_size(char[CONFIG_NAME], 32);
static_assert_size(char[CONFIG_FILE], 64);
static_assert_size(char[CONFIG_CMDLINE], 2048);

static bool config_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Get the next line, without blanks at its ends. Return: false at the end of the text. */
static bool config_line(struct config_reader *r, const char **start, size_t *len)
{
	size_t a = r->pos, e;

	if (a >= r->size)
		return false;
	for (e = a; e < r->size && r->text[e] != '\n'; e++)
		;
	r->pos = e < r->size ? e + 1 : e;
	r->line++;
	while (a < e && config_blank(r->text[a]))
		a++;
	while (e > a && config_blank(r->text[e - 1]))
		e--;
	*start = r->text + a;
	*len = e - a;
	return true;
}

/* @too_long and @nul: the messages for a value that does not fit, and for one with a NUL byte. */
static int config_copy(char *to, size_t size, const char *from, size_t len, const char *too_long, const char *nul,
		       const char **why)
{
	if (len >= size) {
		*why = too_long;
		return -EINVAL;
	}
	if (memchr(from, 0, len)) {
		*why = nul;
		return -EINVAL;
	}
	memcpy(to, from, len);
	to[len] = 0;
	return 0;
}

/**
 * config_number() - parse a decimal number
 * @s: digits, and nothing else
 * @len: number of digits, at most 12
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

static int config_memory(struct config_section *s, const char *val, size_t len, const char **why)
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

static int config_count(unsigned int *to, const char *val, size_t len, u64 most, const char *what, const char **why)
{
	u64 n;

	if (config_number(val, len, &n) || !n || n > most) {
		*why = what;
		return -EINVAL;
	}
	*to = n;
	return 0;
}

/* Parse numbers and ranges of numbers, separated by commas, to a mask. */
static int config_cpus(u64 *to, const char *val, size_t len, const char **why)
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

static int config_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Parse the text of a UUID, 8-4-4-4-12 hexadecimal digits. Zeros mean that the domain has none. */
static int config_uuid(u8 *to, const char *val, size_t len, const char **why)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	unsigned int digits = 0, any = 0;
	int digit;

	*why = "uuid: not of the form 6ba7b810-9dad-41d1-80b4-00c04fd430c8, or zeros";
	if (len != sizeof(form) - 1)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (form[i] == '-') {
			if (val[i] != '-')
				return -EINVAL;
			continue;
		}
		digit = config_hex(val[i]);
		if (digit < 0)
			return -EINVAL;
		to[digits / 2] = to[digits / 2] << 4 | digit;
		digits++;
		any |= digit;
	}
	return any ? 0 : -EINVAL;
}

static int config_key(struct config_section *s, const char *l, size_t len, const char **why)
{
	const char *eq = memchr(l, '=', len), *val;
	size_t klen, vlen;

	if (!eq) {
		*why = "neither a section nor `key = value`";
		return -EINVAL;
	}
	klen = eq - l;
	while (klen && config_blank(l[klen - 1]))
		klen--;
	val = eq + 1;
	vlen = len - (val - l);
	while (vlen && config_blank(*val)) {
		val++;
		vlen--;
	}
	if (klen == 6 && !memcmp(l, "kernel", 6))
		return config_copy(s->kernel, sizeof(s->kernel), val, vlen,
				   "kernel: longer than 63 bytes", "kernel: NUL byte", why);
	if (klen == 6 && !memcmp(l, "initrd", 6))
		return config_copy(s->initrd, sizeof(s->initrd), val, vlen,
				   "initrd: longer than 63 bytes", "initrd: NUL byte", why);
	if (klen == 7 && !memcmp(l, "cmdline", 7))
		return config_copy(s->cmdline, sizeof(s->cmdline), val, vlen,
				   "cmdline: longer than 2047 bytes", "cmdline: NUL byte", why);
	if (klen == 6 && !memcmp(l, "memory", 6))
		return config_memory(s, val, vlen, why);
	if (klen == 5 && !memcmp(l, "vcpus", 5))
		return config_count(&s->vcpus, val, vlen, MAX_VCPUS, "vcpus: not a number from 1 to 64", why);
	if (klen == 12 && !memcmp(l, "grant_frames", 12))
		return config_count(&s->grant_frames, val, vlen, CONFIG_MAX_GRANT_FRAMES,
				    "grant_frames: not a number from 1 to 4096", why);
	if (klen == 6 && !memcmp(l, "weight", 6))
		return config_count(&s->weight, val, vlen, CONFIG_MAX_WEIGHT,
				    "weight: not a number from 1 to 65535", why);
	if (klen == 3 && !memcmp(l, "cap", 3))
		return config_count(&s->cap, val, vlen, CONFIG_MAX_CAP, "cap: not a percentage from 1 to 6400", why);
	if (klen == 4 && !memcmp(l, "cpus", 4))
		return config_cpus(&s->cpus, val, vlen, why);
	if (klen == 4 && !memcmp(l, "uuid", 4))
		return config_uuid(s->uuid, val, vlen, why);
	*why = "unknown key";
	return -EINVAL;
}

/* The tools take a number for a domid, and call dom0 `Domain-0` as Xen's do. */
static bool config_name_reserved(const char *name)
{
	if (!strcmp(name, "Domain-0"))
		return true;
	while (*name >= '0' && *name <= '9')
		name++;
	return !*name;
}

static int config_section_name(struct config_section *s, const char *l, size_t len, const char **why)
{
	int rc;

	if (l[len - 1] != ']' || len < 3) {
		*why = "section without a name or `]`";
		return -EINVAL;
	}
	rc = config_copy(s->name, sizeof(s->name), l + 1, len - 2,
			 "section name: longer than 31 bytes", "section name: NUL byte", why);
	if (!rc && config_name_reserved(s->name)) {
		*why = "section name: a number, or Domain-0";
		s->name[0] = 0;
		rc = -EINVAL;
	}
	return rc;
}

static int config_section_complete(const struct config_section *s, const char **why)
{
	*why = !s->kernel[0] ? "section without `kernel`" : !s->memory ? "section without `memory`" : NULL;
	return *why ? -EINVAL : 0;
}

/**
 * config_next() - read the next section of xen.conf
 * @r: position in the text; pos and line are 0 before the first call
 * @s: out: the section; on error only the name is valid, and is empty if the
 *     error is in or before it
 * @why: out: on error, what is wrong
 * @line: out: on error, the number of the line
 *
 * Return: 1 with a section, 0 at the end, -EINVAL for a section with an error; the
 * next call then reads the section after it.
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

		if (!config_line(r, &l, &len))
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
			err = config_section_name(s, l, len, why);
		} else if (!open) {
			*why = "a key before the first section";
			err = -EINVAL;
			open = true;
		} else if (rc) {
			continue;	/* report a section's first fault */
		} else {
			err = config_key(s, l, len, why);
		}
		if (err) {
			rc = err;
			*line = r->line;
		}
	}
	if (!open)
		return 0;
	if (!rc) {
		rc = config_section_complete(s, why);
		*line = r->line;
	}
	return rc ? rc : 1;
}

/**
 * config_option() - find a `key=value` word of a command line
 * @cmdline: words separated by spaces
 * @key: the key
 * @value: out: the value, truncated to fit; unchanged if the key is absent
 * @size: bytes at @value
 *
 * Return: whether the key is present.
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
