// SPDX-License-Identifier: GPL-2.0
/*
 * vsnprintf(): %d %i %u %x %X %o %c %s %p %% with the flags '-' '0' '+' ' '
 * '#', width and precision (numbers or '*'), and the lengths hh h l ll z t j.
 * An unknown conversion is printed as it stands. No floating point.
 */
#include "lib/printf.h"
#include "lib/string.h"

struct out {
	char *buf;
	size_t size;	/* of buf, with room for the 0 */
	size_t n;	/* bytes wanted so far, which may be more */
};

struct spec {
	bool left, zero, plus, space, alt;
	int width, prec;	/* prec -1: none given */
	unsigned int len;	/* bytes of the argument */
};

static void put(struct out *o, char c)
{
	if (o->n + 1 < o->size)
		o->buf[o->n] = c;
	o->n++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_string(struct out *o, const struct spec *sp, const char *s)
{
	size_t n;

	if (!s)
		s = "(null)";
	n = sp->prec < 0 ? strlen(s) : strnlen(s, sp->prec);
	if (!sp->left)
		pad(o, ' ', sp->width - (int)n);
	for (size_t i = 0; i < n; i++)
		put(o, s[i]);
	if (sp->left)
		pad(o, ' ', sp->width - (int)n);
}

static void put_number(struct out *o, const struct spec *sp, u64 v, bool neg,
		       unsigned int base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24], prefix[3];
	int n = 0, np = 0, zeros, fill;

	if (neg)
		prefix[np++] = '-';
	else if (sp->plus)
		prefix[np++] = '+';
	else if (sp->space)
		prefix[np++] = ' ';
	if (sp->alt && base == 16 && v) {
		prefix[np++] = '0';
		prefix[np++] = upper ? 'X' : 'x';
	}
	for (; v; v /= base)
		tmp[n++] = digits[v % base];
	if (!n && sp->prec)
		tmp[n++] = '0';

	zeros = sp->prec > n ? sp->prec - n : 0;
	fill = sp->width - np - zeros - n;
	if (!sp->left && sp->zero && sp->prec < 0 && fill > 0) {
		zeros += fill;
		fill = 0;
	}
	if (!sp->left)
		pad(o, ' ', fill);
	for (int i = 0; i < np; i++)
		put(o, prefix[i]);
	pad(o, '0', zeros);
	while (n)
		put(o, tmp[--n]);
	if (sp->left)
		pad(o, ' ', fill);
}

static const char *parse_flags(const char *f, struct spec *sp)
{
	for (;; f++) {
		switch (*f) {
		case '-':
			sp->left = true;
			break;
		case '0':
			sp->zero = true;
			break;
		case '+':
			sp->plus = true;
			break;
		case ' ':
			sp->space = true;
			break;
		case '#':
			sp->alt = true;
			break;
		default:
			return f;
		}
	}
}

static const char *parse_length(const char *f, struct spec *sp)
{
	sp->len = sizeof(int);
	switch (*f) {
	case 'h':
		sp->len = sizeof(short);
		if (*++f == 'h') {
			sp->len = 1;
			f++;
		}
		return f;
	case 'l':
		if (*++f == 'l')
			f++;
		sp->len = sizeof(long);
		return f;
	case 'z':
	case 't':
	case 'j':
		sp->len = sizeof(long);
		return f + 1;
	}
	return f;
}

static const char *parse_int(const char *f, int *v)
{
	for (*v = 0; *f >= '0' && *f <= '9'; f++)
		if (*v < 100000)
			*v = *v * 10 + (*f - '0');
	return f;
}

/* The value of an integer argument as 64 bits, cut to its length. */
static u64 cut(u64 v, unsigned int len, bool sign)
{
	unsigned int drop = 64 - 8 * len;

	return sign ? (u64)((s64)(v << drop) >> drop) : (v << drop) >> drop;
}

/**
 * vsnprintf() - format into a buffer
 * @buf: where to, may be NULL if @size is 0
 * @size: bytes of @buf; the result is cut to it and always ends in 0
 * @fmt: format string
 * @ap: arguments
 *
 * Return: length the whole text has, without the 0.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { .buf = buf, .size = size };
	const char *start;
	struct spec sp;
	u64 v;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		start = fmt++;
		memset(&sp, 0, sizeof(sp));
		sp.prec = -1;
		fmt = parse_flags(fmt, &sp);
		if (*fmt == '*') {
			sp.width = va_arg(ap, int);
			if (sp.width < 0) {
				sp.left = true;
				sp.width = -sp.width;
			}
			fmt++;
		} else {
			fmt = parse_int(fmt, &sp.width);
		}
		if (*fmt == '.') {
			fmt++;
			if (*fmt == '*') {
				sp.prec = va_arg(ap, int);
				fmt++;
			} else {
				fmt = parse_int(fmt, &sp.prec);
			}
		}
		fmt = parse_length(fmt, &sp);
		switch (*fmt) {
		case 'c':
			if (!sp.left)
				pad(&o, ' ', sp.width - 1);
			put(&o, va_arg(ap, int));
			if (sp.left)
				pad(&o, ' ', sp.width - 1);
			break;
		case 's':
			put_string(&o, &sp, va_arg(ap, const char *));
			break;
		case 'd':
		case 'i':
			v = sp.len == sizeof(long) ? va_arg(ap, u64) : va_arg(ap, unsigned int);
			v = cut(v, sp.len, true);
			put_number(&o, &sp, (s64)v < 0 ? -v : v, (s64)v < 0, 10, false);
			break;
		case 'u':
		case 'o':
		case 'x':
		case 'X':
			v = sp.len == sizeof(long) ? va_arg(ap, u64) : va_arg(ap, unsigned int);
			v = cut(v, sp.len, false);
			sp.plus = false;
			sp.space = false;
			put_number(&o, &sp, v, false,
				   *fmt == 'u' ? 10 : *fmt == 'o' ? 8 : 16, *fmt == 'X');
			break;
		case 'p':
			sp.alt = true;
			put_number(&o, &sp, (uintptr_t)va_arg(ap, void *), false, 16, false);
			break;
		case '%':
			put(&o, '%');
			break;
		default:
			while (start < fmt)
				put(&o, *start++);
			if (!*fmt)
				goto out;
			put(&o, *fmt);
		}
	}
out:
	if (size)
		buf[o.n < size ? o.n : size - 1] = '\0';
	return o.n;
}

/**
 * snprintf() - format into a buffer
 * @buf: where to
 * @size: bytes of @buf
 * @fmt: format string
 *
 * Return: as vsnprintf().
 */
int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}
