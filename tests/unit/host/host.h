/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulated machine for unit tests and fuzzers: an arena as machine memory, a
 * clock that tests advance, a console in a buffer, and hooks that let a test act at
 * a given point of a hypervisor function, as another pCPU could.
 */
#ifndef HV_HOST_HOST_H
#define HV_HOST_HOST_H

#include <setjmp.h>
#include "core/base/domain_types.h"
#include "host/smp.h"

#ifndef HOST_ARENA
#define HOST_ARENA	0x200000000000UL	/* start of the machine memory */
#endif
#define HOST_TB_HZ	512000000UL

enum host_end { HOST_RUNS, HOST_POWEROFF, HOST_REBOOT, HOST_HALT };

extern u64 host_tb;			/* the timebase */
extern u64 host_timers[MAX_PCPUS];	/* deadline of each pCPU's timer, absolute timebase */
#define host_timer	(host_timers[host_pcpu])
extern bool host_no_random;	/* arch_random() fails */
extern u64 host_wallclock;		/* ns since 1970 */
extern char host_console[1 << 16];
extern size_t host_console_len;
extern size_t host_console_room;	/* bytes that arch_console_put() accepts in all */
extern size_t host_console_longest;	/* most bytes that one call of it has written */
extern u64 host_console_ns;		/* time that it takes for each byte */
extern int (*host_build)(struct domain *d);	/* builds a domain again, at once */
extern int (*host_build_step)(struct domain *d, struct domain_build **state);	/* or in steps */
extern void (*host_on_lookup)(void);	/* called once, before p2m_lookup() returns its result */
extern void (*host_on_map)(void);	/* called once, after p2m_map() has written its entries */
extern void (*host_on_block)(void);	/* called by arch_vcpu_dec_deadline(), while a vcpu blocks */
extern void (*host_on_load)(struct vcpu *v);	/* called when a pCPU takes another vcpu's registers */
extern void (*host_on_leave)(void);	/* called when it has stored those of a vcpu */
extern bool host_no_large;		/* p2m_map() of a large block fails with -EEXIST */
extern bool host_fail_insert;		/* the next p2m_insert() fails with -ENOMEM */
extern bool host_no_objects;		/* every allocation of an object fails */
extern unsigned long host_flushes;	/* calls of p2m_flush() and p2m_unmap() */

/*
 * Functions that do not return (power off, reboot, panic) make host_catch() return a second time,
 * with the reason, if it has been called. Otherwise they abort the program.
 */
extern jmp_buf host_end_jmp;
extern bool host_end_armed;

#define host_catch() \
	(host_end_armed = true, (enum host_end)setjmp(host_end_jmp))

void host_init(size_t arena_bytes);
void host_p2m_init(void);
bool host_p2m_walk(const struct domain *d, size_t *pos, struct host_p2m_found *e);
struct vcpu *host_next(void);
void host_console_clear(void);
void host_type(const char *s);
void host_advance_ns(u64 ns);
size_t host_objects(void);
void host_fail_alloc(long after);

#endif
