/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Console input (input.c, keys.c), and the consoles of domains (ring.c). How text reaches the
 * terminal is in output.h and turn.h.
 */
#ifndef HV_CORE_CONSOLE_CONSOLE_H
#define HV_CORE_CONSOLE_CONSOLE_H

#include "core/base/domain_types.h"
#include "core/console/turn.h"

#define CONSOLE_INPUT	1024	/* bytes of input that wait for dom0 */

/* The console of a domain. dom0 has no ring. */
struct console_ring {
	struct output out;
	spinlock_t lock;		/* all below; ring and port are set once and read without it */
	struct xencons_interface *ring;	/* NULL: the domain has none */
	u64 mfn;			/* frame of the ring, referenced */
	u32 port;			/* bound to the hypervisor */
	u32 out_cons, in_prod;		/* indices of the hypervisor; the guest can change those in the ring */
	bool warned;			/* of an index out of range, once */
	bool taken;			/* dom0 has taken the place of the hypervisor */
	bool rung;			/* the guest has sent an event: look at the ring; without lock */
	u64 finish_by;			/* timebase, 0: not set; atomic: console_finish() */
};

/* ring.c */
int console_ring_alloc(struct domain *d);
void console_ring_free(struct domain *d);
int console_ring_set(struct domain *d, u64 gfn);
bool console_step(struct domain *d);
bool console_finish(struct domain *d);
bool console_ring_room(const struct domain *d);
void console_ring_input(struct domain *d, char c);
void console_output_poll(struct domain *d);
size_t console_domain_write(struct domain *d, const char *text, size_t n);

/* keys.c */
bool console_debug_key_harmless(char c);
void console_debug_key(char c);

/* input.c */
void console_init(struct pcpu *p);
void console_poll(void);
void console_domain_gone(const struct domain *d);
size_t console_input_read(char *buf, size_t n);

#endif
