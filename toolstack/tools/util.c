// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers for all tools: messages on standard error, number parsing, a
 * monotonic clock.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools.h"

/* Length of the valid UTF-8 sequence of a printable character beyond ASCII at @s; 0: there is none. */
static unsigned int utf8_length(const unsigned char *s)
{
	unsigned int n = *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : 2, i;
	static const unsigned long least[] = { 0, 0, 0xa0, 0x800, 0x10000 };
	unsigned long c = *s & (0xff >> (n + 1));

	if (*s < 0xc2 || *s > 0xf4)
		return 0;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : n;
}

/**
 * print_text() - print text that a domain may have written, such as a node of xenstore
 * @out: where to
 * @text: the text
 *
 * Control characters, those of 8 bits included, and bytes that are not UTF-8 are printed as \xNN,
 * since the terminal would obey them.
 */
void print_text(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned int n;

	for (; *s; s += n) {
		n = *s >= ' ' && *s < 0x7f ? 1 : utf8_length(s);
		if (n) {
			fwrite(s, 1, n, out);
		} else {
			fprintf(out, "\\x%02x", *s);
			n = 1;
		}
	}
}

/* Messages may quote what domains have written to xenstore. */
static void vlog(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return;
	fprintf(stderr, "%s: ", tool);
	print_text(stderr, text);
	fputc('\n', stderr);
	free(text);
}

/**
 * log_error() - print an error message to standard error
 * @format: printf() format, without a newline
 *
 * Return: -1, so that a failing function can return the result
 */
int log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vlog(format, args);
	va_end(args);
	return -1;
}

/**
 * log_info() - print a notice to standard error, which is the log file of the daemon
 * @format: printf() format, without a newline
 */
void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vlog(format, args);
	va_end(args);
}

/**
 * usage_error() - print what is wrong with the command line and point to --help
 * @format: printf() format, without a newline
 *
 * Return: 2, the exit status for a wrong command line
 */
int usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vlog(format, args);
	va_end(args);
	fprintf(stderr, "Try \"%s --help\" for more information.\n", tool);
	return 2;
}

/**
 * parse_number() - parse an unsigned decimal number
 * @text: digits only, without sign, white space or suffix
 * @max: largest accepted value
 * @value: result; undefined if the function returns false
 *
 * Return: true if @text is such a number and at most @max
 */
bool parse_number(const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoul(text, &end, 10);
	return !errno && !*end && *value <= max;
}

/**
 * now_ms() - read the monotonic clock, for deadlines
 *
 * Return: milliseconds since an arbitrary starting point
 */
int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
