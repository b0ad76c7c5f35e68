// SPDX-License-Identifier: GPL-2.0
/*
 * Results as TAP lines.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"

int failures;

/**
 * verdict() - print the result of a check
 * @good: whether it passed; if not, errno is printed, too
 * @what: what was checked
 *
 * Adds a failure to failures. Return: @good.
 */
int verdict(int good, const char *what)
{
	printf("%sok - %s%s%s\n", good ? "" : "not ", what, good ? "" : ": ", good ? "" : strerror(errno));
	failures += !good;
	return good;
}

/**
 * equal() - print the result of a check of a number
 * @what: what was counted
 * @expected: the expected value
 * @found: the value found
 *
 * Adds a failure to failures. Return: whether they are equal.
 */
int equal(const char *what, long expected, long found)
{
	int good = expected == found;

	printf("%sok - %s: %ld", good ? "" : "not ", what, found);
	if (!good)
		printf(" instead of %ld", expected);
	printf("\n");
	failures += !good;
	return good;
}
