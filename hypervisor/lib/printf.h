/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Formatted output and the end of the hypervisor. The formatter is
 * lib/printf.c; printk() and panic() are in core/log.c, since they need the
 * console.
 */
#ifndef HV_LIB_PRINTF_H
#define HV_LIB_PRINTF_H

#include "lib/types.h"

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

void vprintk(const char *fmt, va_list ap) __printf(1, 0);
void printk(const char *fmt, ...) __printf(1, 2);
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

#endif
