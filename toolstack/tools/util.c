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

static void vlog(const char *format, va_list args)
{
	fprintf(stderr, "%s: ", tool);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
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
