// SPDX-License-Identifier: GPL-2.0
/*
 * printk() and panic(): formatting here, output through the sink that the
 * console registers at boot. Only the console knows its line discipline and
 * its lock, so that this library depends on neither.
 */
#include "lib/lock.h"
#include "lib/printf.h"
#include "lib/string.h"

#define PRINTK_MAX	512	/* bytes of one message, its terminating NUL included */

static const struct printk_sink *printk_sink;

/**
 * printk_register() - say where messages go
 * @sink: the output functions, valid for ever
 *
 * Boot processor, before it starts others. printk() drops what is printed
 * before this call, so make it the first thing.
 */
void printk_register(const struct printk_sink *sink)
{
	printk_sink = sink;
}

/**
 * vprintk() - print to the hypervisor's log
 * @fmt: format string
 * @ap: arguments
 *
 * A message is cut to 511 bytes. Context: as printk().
 */
void vprintk(const char *fmt, va_list ap)
{
	char text[PRINTK_MAX];
	size_t n;

	if (!printk_sink)
		return;
	n = vsnprintf(text, sizeof(text), fmt, ap);
	printk_sink->write(text, min(n, sizeof(text) - 1));
}

/**
 * printk() - print to the hypervisor's log
 * @fmt: format string; a line appears on the console once it is complete
 *
 * Context: any pCPU, with any lock held but the console's and the allocators'.
 */
void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

/**
 * panic() - print why the hypervisor cannot go on, and stop the machine
 * @fmt: the reason, without a newline
 *
 * Context: any pCPU, any lock held: the output takes no lock, since the holder
 * may be this pCPU, or one that the panic stops.
 */
void panic(const char *fmt, ...)
{
	static const char prefix[] = "PANIC: ";
	char text[sizeof(prefix) + PRINTK_MAX];
	size_t n = sizeof(prefix) - 1;
	va_list ap;

	memcpy(text, prefix, n);
	va_start(ap, fmt);
	n += min((size_t)vsnprintf(text + n, PRINTK_MAX, fmt, ap), (size_t)PRINTK_MAX - 1);
	va_end(ap);
	text[n++] = '\n';
	if (printk_sink) {
		printk_sink->write_panic(text, n);
		printk_sink->halt();
	}
	for (;;)
		cpu_relax();
}
