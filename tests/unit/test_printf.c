// SPDX-License-Identifier: GPL-2.0
/*
 * Compares lib/printf.c with the C library, and lib/string.c with the definition
 * of its functions. Both are compiled here with their functions renamed.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define vsnprintf	t_vsnprintf
#define snprintf	t_snprintf
#include "../../hypervisor/lib/printf.c"
#undef vsnprintf
#undef snprintf
#undef memcpy
#undef memset
#undef memcmp
#undef strlen

#define memcpy	t_memcpy
#define memmove	t_memmove
#define memset	t_memset
#define memcmp	t_memcmp
#define memchr	t_memchr
#define strlen	t_strlen
#define strnlen	t_strnlen
#define strcmp	t_strcmp
#define strncmp	t_strncmp
#define strchr	t_strchr
#define strrchr	t_strrchr
#define strtoul	t_strtoul
#define HV_STRING_RENAMED
#include "../../hypervisor/lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strtoul

#include "test.h"
#undef memcpy
#undef memset
#undef memcmp
#undef strlen

#ifdef __clang__
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#endif
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-security"

/* Both formatters, the whole buffer and every shorter one. */
#define same(...) do {								\
	char a_[128], b_[128], n_[300];						\
	int ra_ = t_snprintf(a_, sizeof(a_), __VA_ARGS__);			\
	int rb_ = snprintf(b_, sizeof(b_), __VA_ARGS__);			\
	bool good_ = ra_ == rb_ && !strcmp(a_, b_);				\
	for (size_t z_ = 1; z_ < 20; z_++) {					\
		memset(a_, 'z', sizeof(a_));					\
		memset(b_, 'z', sizeof(b_));					\
		good_ &= t_snprintf(a_, z_, __VA_ARGS__) == rb_;		\
		good_ &= snprintf(b_, z_, __VA_ARGS__) == rb_;			\
		good_ &= !memcmp(a_, b_, sizeof(a_));				\
	}									\
	snprintf(n_, sizeof(n_), "printf gives \"%s\"", b_);			\
	ok(good_, n_);								\
} while (0)

static void formats(void)
{
	same("plain");
	same("%d %d %d", 0, -1, INT_MAX);
	same("%d", INT_MIN);
	same("%u %u", 0, UINT_MAX);
	same("%ld %ld", LONG_MAX, LONG_MIN);
	same("%lu %llu", ULONG_MAX, ULLONG_MAX);
	same("%x %X %lx", 0xabc, 0xABC, 0xfedcba9876543210UL);
	same("%#x %#x %#lX", 0, 0x1f, 0x1fUL);
	same("%08x %016lx", 0x1234, 0x1234UL);
	same("[%8d] [%-8d] [%08d] [%+d] [% d]", -42, -42, -42, 42, 42);
	same("[%8u] [%-8u] [%08u]", 42, 42, 42);
	same("[%.5d] [%8.5d] [%-8.5d] [%.0d] [%.0d]", 42, 42, -42, 0, 1);
	same("[%s] [%10s] [%-10s] [%.2s] [%10.2s]", "abc", "abc", "abc", "abc", "abc");
	same("[%*d] [%-*d] [%*d] [%.*s]", 6, 1, 6, 2, -6, 3, 2, "xyz");
	same("%c%c [%3c] [%-3c]", 'a', 'b', 'c', 'd');
	same("%p", (void *)0x1234);
	same("100%%");
	same("%hhd %hd %hhu %hu", 300, 70000, 300, 70000);
	same("%zu %zx", (size_t)77, (size_t)77);
	same("%o %lo", 8, 0777777777777UL);
	same("%s and %d and %lx", "text", 7, 9UL);
}

static void odd_formats(void)
{
	static char *volatile null;
	char buf[64];

	t_snprintf(buf, sizeof(buf), "%s", null);
	ok(!strcmp(buf, "(null)"), "printf prints (null) for a null string");
	t_snprintf(buf, sizeof(buf), "a%yb");
	ok(!strcmp(buf, "a%yb"), "printf copies an unknown conversion");
	t_snprintf(buf, sizeof(buf), "a%");
	ok(!strcmp(buf, "a%"), "printf copies an incomplete conversion at the end");
	eq(t_snprintf(NULL, 0, "%d", 12345), 5, "printf returns the length without a buffer");
}

static u64 rnd(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void strings(void)
{
	static u8 a[300], b[300], c[300];
	bool copy = true, move = true, set = true, cmp = true, chr = true;

	for (int i = 0; i < 20000; i++) {
		size_t n = rnd() % 200, x = rnd() % 40, y = rnd() % 40;

		for (size_t k = 0; k < sizeof(a); k++)
			a[k] = b[k] = c[k] = rnd();
		t_memcpy(b + y, a + x, n);
		for (size_t k = 0; k < sizeof(b); k++)
			copy &= b[k] == (k >= y && k < y + n ? a[x + k - y] : c[k]);
		memcpy(b, a, sizeof(b));
		t_memmove(a + y, a + x, n);
		for (size_t k = 0; k < sizeof(a); k++)
			move &= a[k] == (k >= y && k < y + n ? b[x + k - y] : b[k]);
		t_memset(a + x, (int)i, n);
		for (size_t k = x; k < x + n; k++)
			set &= a[k] == (u8)i;
		memcpy(c, a, sizeof(c));
		if (n) {
			c[x + rnd() % n] ^= rnd() % 2 ? 0 : 1 + rnd() % 255;
			cmp &= (t_memcmp(a + x, c + x, n) > 0) == (memcmp(a + x, c + x, n) > 0);
			cmp &= (t_memcmp(a + x, c + x, n) < 0) == (memcmp(a + x, c + x, n) < 0);
		}
		chr &= t_memchr(c + x, i & 0xff, n) == memchr(c + x, i & 0xff, n);
	}
	ok(copy, "memcpy copies as defined");
	ok(move, "memmove copies as defined");
	ok(set, "memset fills as defined");
	ok(cmp, "memcmp has the sign of the C library's result");
	ok(chr, "memchr returns the C library's result");
	ok(t_strlen("") == 0 && t_strlen("abc") == 3, "strlen returns the length");
	ok(t_strnlen("abc", 2) == 2 && t_strnlen("abc", 9) == 3,
	   "strnlen returns the length up to the limit");
	ok(!t_strcmp("a", "a") && t_strcmp("a", "b") < 0 && t_strcmp("ab", "a") > 0 &&
	   t_strcmp("\xff", "a") > 0, "strcmp compares unsigned bytes");
	ok(!t_strncmp("abc", "abd", 2) && t_strncmp("abc", "abd", 3) < 0 && !t_strncmp("a", "a", 9),
	   "strncmp compares up to the limit");
	ok(!strcmp(t_strchr("abcabc", 'b'), "bcabc") && !t_strchr("abc", 'x') && !*t_strchr("abc", 0),
	   "strchr finds the first occurrence");
	ok(!strcmp(t_strrchr("abcabc", 'b'), "bc") && !t_strrchr("abc", 'x') && !*t_strrchr("abc", 0),
	   "strrchr finds the last occurrence");
}

static void number(const char *s, int base, u64 val, size_t used)
{
	char name[80], *end;

	snprintf(name, sizeof(name), "strtoul \"%s\" base %d", s, base);
	ok(t_strtoul(s, &end, base) == val && (size_t)(end - s) == used, name);
}

int main(void)
{
	formats();
	odd_formats();
	strings();
	number("123", 10, 123, 3);
	number("0x1f", 0, 0x1f, 4);
	number("0x1f", 16, 0x1f, 4);
	number("1f", 16, 0x1f, 2);
	number("017", 0, 017, 3);
	number("0", 0, 0, 1);
	number("08", 0, 0, 1);
	number("0x", 0, 0, 1);
	number("  42M", 10, 42, 4);
	number("", 10, 0, 0);
	number("x", 10, 0, 0);
	number("-1", 10, 0, 0);
	number("18446744073709551615", 10, ~0UL, 20);
	number("18446744073709551616", 10, ~0UL, 20);
	number("99999999999999999999999", 10, ~0UL, 23);
	return test_done();
}
