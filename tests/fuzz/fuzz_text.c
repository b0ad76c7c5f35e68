// SPDX-License-Identifier: GPL-2.0
/*
 * What the tools of dom0 do with text that a domain wrote, such as the value of a xenstore node:
 * print it (print_text()), or take it for a number (parse_number()).
 */
#include <stdlib.h>
#include <string.h>
#include "tools.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *tool = "fuzz";

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "text: %s\n", what);
	abort();
}

static void check_print(const char *text)
{
	char *shown = NULL;
	size_t len = 0, n;
	FILE *out = open_memstream(&shown, &len);

	require(out, "no memory");
	print_text(out, text);
	fclose(out);
	for (size_t i = 0; i < len; i += n) {
		n = utf8_harmless((uint8_t *)shown + i, len - i, false);
		require(n, "the terminal gets a control character");
	}
	require(len >= strlen(text) && len <= 4 * strlen(text), "text is lost");
	free(shown);
}

static void check_number(const char *text)
{
	static const unsigned long most[] = { 0, 255, 32752, ~0UL };
	unsigned long value;
	size_t digits = strspn(text, "0123456789");

	for (unsigned int i = 0; i < sizeof(most) / sizeof(most[0]); i++)
		if (parse_number(text, most[i], &value))
			require(digits && !text[digits] && value <= most[i], "a number that is none");
}

/**
 * LLVMFuzzerTestOneInput() - run one input
 * @data: text
 * @size: bytes of @data
 *
 * Return: 0; a violated invariant aborts the program.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = 0;
	/* Of exactly its size, for the address sanitizer. */
	text = realloc(text, strlen(text) + 1);
	check_print(text);
	check_number(text);
	free(text);
	return 0;
}
