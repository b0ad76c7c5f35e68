/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The terminal: the one console of the machine, on which the hypervisor, dom0
 * and the domUs write. Text of the hypervisor and of domUs appears in whole
 * lines with a prefix, text of dom0 unchanged. A source that writes while the
 * line of another one is unfinished starts a new line, so a prefix is always at
 * the start of a line.
 */
#ifndef HV_CORE_CONSOLE_TERM_H
#define HV_CORE_CONSOLE_TERM_H

#include "lib/types.h"

#define TERM_LINE	240

/* A source of lines: the hypervisor or a domU. */
struct term_source {
	char prefix[12];	/* starts each of its lines */
	char buf[TERM_LINE];	/* the part of its line that has not been written yet */
	unsigned int n;		/* bytes in buf */
	unsigned int age;	/* calls of term_age() since buf was written last */
	bool filter;		/* drop control characters and escape sequences; set without lock */
	u8 escape;		/* filter: 1: after ESC, 2: after ESC [, 0: in no sequence */
};

extern struct term_source term_xen;

void term_init(void);
void term_source_init(struct term_source *s, const char *prefix);
void term_source_free(struct term_source *s);
void term_write(struct term_source *s, const char *text, size_t n);
void term_flush(struct term_source *s);
void term_raw(const char *text, size_t n);
void term_age(struct term_source *s, unsigned int patience);
bool term_busy(const struct term_source *s);

#endif
