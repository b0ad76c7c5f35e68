/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Console input (input.c, keys.c), and the consoles of domUs (ring.c). Output is
 * in term.h.
 */
#ifndef HV_CORE_CONSOLE_CONSOLE_H
#define HV_CORE_CONSOLE_CONSOLE_H

#include "core/base/domain_types.h"
#include "core/console/term.h"

#define CONSOLE_INPUT	1024	/* bytes of input that wait for dom0 */

/* The console of a domU. */
struct console_ring {
	struct term_source out;		/* console_lock */
	spinlock_t lock;		/* all below; ring and port are set once and read without it */
	struct xencons_interface *ring;	/* NULL: the domain has none */
	u64 mfn;			/* frame of the ring, referenced */
	u32 port;			/* bound to the hypervisor */
	u32 out_cons, in_prod;		/* indices of the hypervisor; the guest can change those in the ring */
	bool warned;			/* of an index out of range, once */
	bool taken;			/* dom0 has taken the place of the hypervisor */
	u64 tokens;			/* bytes it may print now */
	u64 refilled;			/* timebase at which tokens were last added */
	u64 lost;			/* bytes dropped and not reported yet */
};

/* input_set_focus() lets control sequences through while the domain has the focus. */
static inline bool console_ring_has_focus(const struct console_ring *c)
{
	return !READ_ONCE(c->out.filter);
}

/* ring.c */
int console_ring_alloc(struct domain *d);
void console_ring_free(struct domain *d);
int console_ring_set(struct domain *d, u64 gfn);
void console_ring_drain(struct domain *d, bool all);
bool console_ring_room(const struct domain *d);
void console_ring_input(struct domain *d, char c);
void console_ring_poll(struct domain *d);
void console_domain_write(struct domain *d, const char *text, size_t n);

/* keys.c */
bool console_debug_key_harmless(char c);
void console_debug_key(char c);

/* input.c */
void console_init(struct pcpu *p);
void console_poll(void);
void console_domain_gone(const struct domain *d);
size_t console_input_read(char *buf, size_t n);

#endif
