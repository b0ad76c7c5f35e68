// SPDX-License-Identifier: GPL-2.0
/*
 * vsnprintf() and snprintf(): the conversions %d %i %u %x %X %o %c %s %p %% with
 * the flags '-' '0' '+' ' ' '#', width and precision (numbers or '*'), and the
 * lengths hh h l ll z t j. An unknown conversion is copied to the output. There is
 * no floating point.
 */
#include "lib/printf.h"
#include "lib/string.h"

struct printf_out {
	char *buf;
	size_t size;	/* of buf, the terminating NUL included */
	size_t n;	/* length of the text so far, which may exceed size */
};

struct printf_spec {
	bool left, zero, plus, space, alt;
	int width, prec;	/* prec -1: none given */
	unsigned int len;	/* bytes of the argument */
};

static void printf_char(struct printf_out *o, char c)
{
	if (o->n + 1 < o->size)
		o->buf[o->n] = c;
	o->n++;
}

static void printf_pad(struct printf_out *o, char c, int n)
{
	while (n-- > 0)
		printf_char(o, c);
}

static void printf_string(struct printf_out *o, const struct printf_spec *sp, const char *s)
{
	size_t n;

	if (!s)
		s = "(null)";
	n = sp->prec < 0 ? strlen(s) : strnlen(s, sp->prec);
	if (!sp->left)
		printf_pad(o, ' ', sp->width - (int)n);
	for (size_t i = 0; i < n; i++)
		printf_char(o, s[i]);
	if (sp->left)
		printf_pad(o, ' ', sp->width - (int)n);
}

static void printf_number(struct printf_out *o, const struct printf_spec *sp, u64 v, bool neg,
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
		printf_pad(o, ' ', fill);
	for (int i = 0; i < np; i++)
		printf_char(o, prefix[i]);
	printf_pad(o, '0', zeros);
	while (n)
		printf_char(o, tmp[--n]);
	if (sp->left)
		printf_pad(o, ' ', fill);
}

static const char *printf_flags(const char *f, struct printf_spec *sp)
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

static const char *printf_length(const char *f, struct printf_spec *sp)
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

static const char *printf_int(const char *f, int *v)
{
	for (*v = 0; *f >= '0' && *f <= '9'; f++)
		if (*v < 100000)
			*v = *v * 10 + (*f - '0');
	return f;
}

/* Truncate an integer argument to @len bytes and extend it to 64 bits. */
static u64 printf_extend(u64 v, unsigned int len, bool sign)
{
	unsigned int drop = 64 - 8 * len;

	return sign ? (u64)((s64)(v << drop) >> drop) : (v << drop) >> drop;
}

/**
 * vsnprintf() - format into a buffer
 * @buf: destination, may be NULL if @size is 0
 * @size: bytes at @buf; the text is truncated to fit and always ends in NUL
 * @fmt: format string
 * @ap: arguments
 *
 * Return: length of the whole text, without the NUL.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct printf_out o = { .buf = buf, .size = size };
	const char *start;
	struct printf_spec sp;
	u64 v;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			printf_char(&o, *fmt);
			continue;
		}
		start = fmt++;
		memset(&sp, 0, sizeof(sp));
		sp.prec = -1;
		fmt = printf_flags(fmt, &sp);
		if (*fmt == '*') {
			sp.width = va_arg(ap, int);
			if (sp.width < 0) {
				sp.left = true;
				sp.width = -sp.width;
			}
			fmt++;
		} else {
			fmt = printf_int(fmt, &sp.width);
		}
		if (*fmt == '.') {
			fmt++;
			if (*fmt == '*') {
				sp.prec = va_arg(ap, int);
				fmt++;
			} else {
				fmt = printf_int(fmt, &sp.prec);
			}
		}
		fmt = printf_length(fmt, &sp);
		switch (*fmt) {
		case 'c':
			if (!sp.left)
				printf_pad(&o, ' ', sp.width - 1);
			printf_char(&o, va_arg(ap, int));
			if (sp.left)
				printf_pad(&o, ' ', sp.width - 1);
			break;
		case 's':
			printf_string(&o, &sp, va_arg(ap, const char *));
			break;
		case 'd':
		case 'i':
			v = sp.len == sizeof(long) ? va_arg(ap, u64) : va_arg(ap, unsigned int);
			v = printf_extend(v, sp.len, true);
			printf_number(&o, &sp, (s64)v < 0 ? -v : v, (s64)v < 0, 10, false);
			break;
		case 'u':
		case 'o':
		case 'x':
		case 'X':
			v = sp.len == sizeof(long) ? va_arg(ap, u64) : va_arg(ap, unsigned int);
			v = printf_extend(v, sp.len, false);
			sp.plus = false;
			sp.space = false;
			printf_number(&o, &sp, v, false,
				      *fmt == 'u' ? 10 : *fmt == 'o' ? 8 : 16, *fmt == 'X');
			break;
		case 'p':
			sp.alt = true;
			printf_number(&o, &sp, (uintptr_t)va_arg(ap, void *), false, 16, false);
			break;
		case '%':
			printf_char(&o, '%');
			break;
		default:
			while (start < fmt)
				printf_char(&o, *start++);
			if (!*fmt)
				goto out;
			printf_char(&o, *fmt);
		}
	}
out:
	if (size)
		buf[o.n < size ? o.n : size - 1] = '\0';
	return o.n;
}

/**
 * snprintf() - format into a buffer
 * @buf: destination
 * @size: bytes at @buf
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
