/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Consoles of domains: dom0's by hypercall, a domU's by ring; and whose
 * keyboard it is.
 */
#ifndef HV_CORE_CONSOLE_CONSOLE_H
#define HV_CORE_CONSOLE_CONSOLE_H

#include "core/base/domain_types.h"
#include "core/console/term.h"

#define CONSOLE_INPUT	1024

struct console_ring {
	struct term_source out;		/* console_lock */
	spinlock_t lock;		/* all below; ring and port are set once, and read without */
	struct xencons_interface *ring;	/* NULL: none given */
	u64 mfn;
	u32 port;
	u32 out_cons, in_prod;	/* ours: what the ring says is the guest's to spoil */
	bool warned;
	bool taken;		/* dom0 is the other end of the channel now */
	u64 tokens;		/* bytes it may still print */
	u64 refilled;		/* tb of the last refill */
	u64 lost;		/* bytes dropped since the last message */
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
bool console_key_harmless(char c);
void console_key(char c);

/* input.c */
void console_init(struct pcpu *p);
void console_poll(void);
void console_domain_gone(const struct domain *d);
size_t console_input_read(char *buf, size_t n);

#endif
