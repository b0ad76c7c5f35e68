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
 * verdict() - one result
 * @good: whether it is as it should be; if not, errno says why
 * @what: what was looked at
 *
 * Counts in failures. Return: @good.
 */
int verdict(int good, const char *what)
{
	printf("%sok - %s%s%s\n", good ? "" : "not ", what, good ? "" : ": ", good ? "" : strerror(errno));
	failures += !good;
	return good;
}

/**
 * equal() - one result that is a number
 * @what: what was counted
 * @expected: what it should be
 * @found: what it is
 *
 * Counts in failures. Return: whether they are equal.
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
