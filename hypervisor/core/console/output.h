/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The output of one domain: text that waits for its turn on the terminal (turn.h), in a buffer of
 * fixed size that is allocated together with the domain.
 */
#ifndef HV_CORE_CONSOLE_OUTPUT_H
#define HV_CORE_CONSOLE_OUTPUT_H

#include "lib/lock.h"
#include "lib/types.h"

#define OUTPUT_SIZE	2048U	/* bytes, a power of two */
#define OUTPUT_LINE	240U	/* of a longer line, what there is appears before its end */
#define OUTPUT_ESCAPED	16U	/* most bytes that one byte of the domain becomes */

struct output {
	spinlock_t lock;	/* all below but id, prefix, verbatim, filter */
	u16 id;			/* the domain's number */
	bool verbatim;		/* dom0: no prefix, and appears at once and unchanged */
	bool filter;		/* make control characters harmless; set without lock */
	char prefix[12];	/* starts each line */
	u32 cons, ready, prod;	/* what is behind ready waits for its line's end */
	unsigned int age;	/* calls of output_age() since text was added last */
	u8 escape;		/* filter: 1: after ESC, 2: after ESC [, 0: in no sequence */
	u8 seq[4];		/* filter: UTF-8 sequence that is not complete yet */
	u8 seq_n, seq_need;	/* bytes in seq, bytes that the sequence has in all */
	char text[OUTPUT_SIZE];	/* ring buffer, filtered */
};

void output_init(struct output *o, u16 id, bool verbatim);
size_t output_put(struct output *o, const char *text, size_t n);
size_t output_room(struct output *o);
bool output_ready(const struct output *o);
size_t output_take(struct output *o, char *to, size_t n);
void output_flush(struct output *o);
void output_age(struct output *o, unsigned int patience);

#endif
