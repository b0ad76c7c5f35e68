// SPDX-License-Identifier: GPL-2.0
/*
 * String functions. memcpy() and memset() work on doublewords at any alignment,
 * which POWER9 and POWER10 allow in ordinary memory. The hypervisor is compiled
 * without vector registers; arch_copy() uses them for large copies.
 *
 * The attribute no_libcall keeps the compiler from recognising a loop here as,
 * say, memcpy() and compiling it to a call of the function itself.
 */
#include "lib/string.h"

#ifndef HV_STRING_RENAMED	/* the unit test compares these functions with the C library's */
#undef memcpy
#undef memset
#undef memcmp
#undef strlen
#endif

#ifdef __clang__
#define no_libcall
#else
#define no_libcall	__attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif

/* A doubleword at any alignment. */
struct word {
	u64 v;
} __attribute__((__may_alias__, __packed__));

#define word_t struct word

/**
 * memcpy() - copy between areas that do not overlap
 * @dst: destination
 * @src: source
 * @n: bytes
 *
 * Return: @dst.
 */
no_libcall void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	const u8 *s = src;
	u8 *d = dst;

	for (; n >= 32; n -= 32, d += 32, s += 32) {
		word_t a = ((const word_t *)s)[0], b = ((const word_t *)s)[1];
		word_t c = ((const word_t *)s)[2], e = ((const word_t *)s)[3];

		((word_t *)d)[0] = a;
		((word_t *)d)[1] = b;
		((word_t *)d)[2] = c;
		((word_t *)d)[3] = e;
	}
	for (; n >= 8; n -= 8, d += 8, s += 8)
		*(word_t *)d = *(const word_t *)s;
	while (n--)
		*d++ = *s++;
	return dst;
}

/**
 * memmove() - copy between areas that may overlap
 * @dst: destination
 * @src: source
 * @n: bytes
 *
 * Return: @dst.
 */
no_libcall void *memmove(void *dst, const void *src, size_t n)
{
	const u8 *s = src;
	u8 *d = dst;

	if (d + n <= s || s + n <= d)
		return memcpy(dst, src, n);
	if (d <= s) {
		while (n--)
			*d++ = *s++;
	} else {
		while (n--)
			d[n] = s[n];
	}
	return dst;
}

/**
 * memset() - fill an area
 * @dst: destination
 * @c: the byte
 * @n: bytes
 *
 * Return: @dst.
 */
no_libcall void *memset(void *dst, int c, size_t n)
{
	const word_t w = { (u8)c * 0x0101010101010101UL };
	u8 *d = dst;

	for (; n >= 8; n -= 8, d += 8)
		*(word_t *)d = w;
	while (n--)
		*d++ = c;
	return dst;
}

/**
 * memcmp() - compare two areas
 * @a: first
 * @b: second
 * @n: bytes
 *
 * Return: 0 if equal, else the sign of the first difference as unsigned bytes.
 */
no_libcall int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

/**
 * memchr() - find a byte
 * @s: where to look
 * @c: the byte
 * @n: bytes to look at
 *
 * Return: where it is, or NULL.
 */
no_libcall void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n; n--, p++)
		if (*p == (u8)c)
			return (void *)p;
	return NULL;
}

/**
 * strlen() - length of a string
 * @s: the string
 *
 * Return: bytes before the terminating NUL.
 */
no_libcall size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

/**
 * strnlen() - length of a string that may lack its NUL
 * @s: the string
 * @max: most bytes to look at
 *
 * Return: bytes before the terminating NUL, at most @max.
 */
no_libcall size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

/**
 * strcmp() - compare two strings
 * @a: first
 * @b: second
 *
 * Return: 0 if equal, else the sign of the first difference.
 */
int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

/**
 * strncmp() - compare the beginning of two strings
 * @a: first
 * @b: second
 * @n: bytes to look at
 *
 * Return: 0 if equal so far, else the sign of the first difference.
 */
int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (u8)*a - (u8)*b;
		if (!*a)
			break;
	}
	return 0;
}

/**
 * strchr() - first occurrence of a character
 * @s: the string
 * @c: the character; NUL finds the end
 *
 * Return: where it is, or NULL.
 */
char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

/**
 * strrchr() - last occurrence of a character
 * @s: the string
 * @c: the character; NUL finds the end
 *
 * Return: where it is, or NULL.
 */
char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

static int strtoul_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

/**
 * strtoul() - parse the number at the start of a string
 * @s: the string; leading blanks are skipped, no sign is taken
 * @end: out: the first character behind the number; may be NULL
 * @base: 2 to 36, or 0 to tell by the prefix (0x, 0, none)
 *
 * Return: the number, ~0 on overflow; if there is none, 0 with *@end == @s.
 */
unsigned long strtoul(const char *restrict s, char **restrict end, int base)
{
	const char *p = s;
	unsigned long v = 0;
	bool any = false;

	while (*p == ' ' || *p == '\t')
		p++;
	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] | 0x20) == 'x' &&
	    strtoul_digit(p[2]) < 16) {
		base = 16;
		p += 2;
	} else if (base == 0) {
		base = *p == '0' ? 8 : 10;
	}
	for (; strtoul_digit(*p) < base; p++) {
		any = true;
		if (__builtin_mul_overflow(v, (unsigned long)base, &v) ||
		    __builtin_add_overflow(v, (unsigned long)strtoul_digit(*p), &v)) {
			while (strtoul_digit(*p) < base)
				p++;
			v = ~0UL;
			break;
		}
	}
	if (end)
		*end = (char *)(any ? p : s);
	return v;
}
