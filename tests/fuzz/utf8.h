/* SPDX-License-Identifier: GPL-2.0 */
/* What may reach a terminal: for fuzzers of the hypervisor, and of the tools, which have different headers. */
#ifndef FUZZ_UTF8_H
#define FUZZ_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a UTF-8 character begins at @s, of which @left bytes can be read, that is no control character; newline,
 * return and tab are none if @lines is set. Return: its bytes, 0: no.
 */
static inline size_t utf8_harmless(const unsigned char *s, size_t left, bool lines)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (n == 1)
		return s[0] >= ' ' ? s[0] != 0x7f : lines && (s[0] == '\n' || s[0] == '\r' || s[0] == '\t');
	if (!n || n > left || (s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xe0 && s[1] < 0xa0) ||
	    (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

#endif
