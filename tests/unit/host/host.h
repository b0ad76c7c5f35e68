/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulated machine under the unit tests: an arena for memory, a clock
 * that moves when told to, a console in a buffer.
 */
#ifndef HV_HOST_HOST_H
#define HV_HOST_HOST_H

#include <setjmp.h>
#include "core/base/domain_types.h"
#include "host/smp.h"

#ifndef HOST_ARENA
#define HOST_ARENA	0x200000000000UL	/* where machine memory starts */
#endif
#define HOST_TB_HZ	512000000UL

enum host_end { HOST_RUNS, HOST_POWEROFF, HOST_REBOOT, HOST_HALT };

extern u64 host_tb;		/* now */
extern u64 host_timers[MAX_PCPUS];	/* when the last arch_set_timer() on each is due */
#define host_timer	(host_timers[host_pcpu])
extern u64 host_wallclock;
extern char host_console[1 << 16];
extern size_t host_console_len;
extern int (*host_build)(struct domain *d);	/* how a domain is built again on reboot */
extern void (*host_on_lookup)(void);	/* called once, when p2m_lookup() knows its answer */
extern void (*host_on_map)(void);	/* called once, when p2m_map() has written its entries */
extern bool host_no_large;	/* p2m_map() finds a table where a large leaf is to go */
extern bool host_fail_insert;	/* the next p2m_insert() finds no memory */
extern unsigned long host_flushes;	/* p2m_flush() and p2m_unmap() */
extern void (*host_on_look)(void);	/* called by arch_vcpu_dec_deadline(), while a vcpu blocks */

/* What does not return (power off, reboot, panic) comes back here, if armed. */
extern jmp_buf host_end_jmp;
extern bool host_end_armed;

#define host_catch() \
	(host_end_armed = true, (enum host_end)setjmp(host_end_jmp))

void host_init(size_t arena_bytes);
bool host_p2m_walk(const struct domain *d, size_t *pos, struct host_p2m_found *e);
struct vcpu *host_next(void);
void host_console_clear(void);
void host_type(const char *s);
void host_advance_ns(u64 ns);
size_t host_objects(void);
void host_fail_alloc(long after);

#endif
