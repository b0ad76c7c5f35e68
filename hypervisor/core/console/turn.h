/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The terminal: the one console of the machine, on which the hypervisor, dom0 and the domUs write.
 * Text of the hypervisor and of domUs appears in whole lines with a prefix, text of dom0
 * unchanged. A source that writes while the line of another one is unfinished starts a new line,
 * so a prefix is always at the start of a line.
 */
#ifndef HV_CORE_CONSOLE_TURN_H
#define HV_CORE_CONSOLE_TURN_H

#include "core/console/output.h"

#define TURN_STEP	16U	/* bytes of a domain that one step writes: the FIFO of a 16550 */

#define TURN_NOBODY	(~0U)

/* What a step did. */
enum turn_result {
	TURN_EMPTY,	/* there was nothing to write */
	TURN_REFUSED,	/* it is another source's turn, or the console has no room */
	TURN_WROTE,
};

void term_init(void);
enum turn_result turn_step(struct output *o, unsigned int *next);
void turn_leave(const struct output *o);

#endif
