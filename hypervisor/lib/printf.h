/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Formatted output: into a buffer, to the hypervisor's log, and as the last
 * message of a hypervisor that cannot go on.
 */
#ifndef HV_LIB_PRINTF_H
#define HV_LIB_PRINTF_H

#include "lib/types.h"

/* printf.c */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/**
 * struct printk_sink - the console, as printk() and panic() see it
 * @write: write text of the log, "\n" between lines; takes the console's lock
 * @write_panic: the same for a panic: starts a new line and takes no lock
 * @halt: stop all pCPUs; does not return
 */
struct printk_sink {
	void (*write)(const char *text, size_t n);
	void (*write_panic)(const char *text, size_t n);
	void (*halt)(void);
};

/* printk.c */
void printk_register(const struct printk_sink *sink);
void vprintk(const char *fmt, va_list ap) __printf(1, 0);
void printk(const char *fmt, ...) __printf(1, 2);
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

#endif
