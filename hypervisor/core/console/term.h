/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The terminal: one machine console on which the hypervisor, dom0 and the
 * domUs write. Hypervisor and domU text comes in whole lines with a prefix;
 * dom0's comes as it is. Whoever writes while another's line is unfinished
 * starts a new one, so a prefix is always at the start of a line.
 */
#ifndef HV_CORE_CONSOLE_TERM_H
#define HV_CORE_CONSOLE_TERM_H

#include "lib/types.h"

#define TERM_LINE	240

struct term_source {
	char prefix[12];	/* empty: raw */
	char buf[TERM_LINE];
	unsigned int n;
	unsigned int age;	/* polls since the first byte in buf */
	bool filter;		/* drop control characters and sequences; no lock */
	u8 escape;		/* filter: within an escape sequence, 2: behind its [ */
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
