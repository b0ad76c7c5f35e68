// SPDX-License-Identifier: GPL-2.0
/*
 * Messages, numbers and the clock.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools.h"

static void say(const char *format, va_list args)
{
	fprintf(stderr, "%s: ", tool);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

/**
 * complain() - say on standard error what went wrong
 * @format: as of printf(), without the end of the line
 *
 * Return: -1, so that a function can end with it
 */
int complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return -1;
}

/**
 * bad_usage() - say what is wrong with the command line
 * @format: as of printf(), without the end of the line
 *
 * Return: the exit status for it
 */
int bad_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	fprintf(stderr, "%s --help says more.\n", tool);
	return 2;
}

/**
 * parse_number() - a whole decimal number, without anything around it
 * @text: what it may be
 * @max: the largest good one
 * @value: where it goes
 *
 * Return: whether it is one
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
 * now_ms() - a clock for deadlines
 *
 * Return: milliseconds since some time
 */
int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
