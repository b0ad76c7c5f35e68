/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small client of xenstore for the tests' programs: the wire protocol (xen/interface/io/xs_wire.h) on /dev/xen/xenbus.
 *
 * There is one connection for each process. Errors are negative error numbers. Watch events are only counted: a caller
 * that waits must read again all nodes that it depends on.
 */
#ifndef XS_H
#define XS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define XS_VALUE_MAX 4096

int xs_open(void);
int xs_fd(void);
ssize_t xs_read(const char *path, char *value, size_t size);
int xs_write(const char *path, const void *value, size_t len);
int xs_print(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
int xs_rm(const char *path);
int xs_watch(const char *path);
bool xs_introduced(unsigned int domid);
int xs_take_events(void);
int xs_wait(int timeout_ms);

#endif
