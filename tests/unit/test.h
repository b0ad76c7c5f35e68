/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For all unit tests: TAP output, and domains whose guest is the test itself: it
 * writes to the domain's memory and makes hypercalls on behalf of its vcpus.
 */
#ifndef UNIT_TEST_H
#define UNIT_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/arch_ops.h"
#include "core/console/console.h"
#include "core/base/deferred.h"
#include "core/domain/domain.h"
#include "core/domain/domain_destroy.h"
#include "core/domain/magic_pages.h"
#include "core/domain/reap.h"
#include "core/domain/vcpu.h"
#include "core/evtchn/evtchn.h"
#include "core/evtchn/poll.h"
#include "core/exit_work.h"
#include "core/gnttab/gnttab.h"
#include "core/hypercall/hypercall.h"
#include "core/init.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "core/mm/xencomm.h"
#include "host/host.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/slab.h"

#define GUEST_PAGES	64
#define INLINE(gpa)	(XENCOMM_INLINE_FLAG | (gpa))
/* Guest physical address where the helpers below store the structure of a hypercall. */
#define ARG_GPA		0x3000UL

extern int test_count, test_failures;

int test_ok(bool cond, const char *name, const char *file, int line);
void test_eq(s64 got, s64 want, const char *name, const char *file, int line);
int test_done(void);

/* @name states the property that is tested, and differs from all others in the program. */
#define ok(cond, name)		test_ok((cond), (name), __FILE__, __LINE__)
#define eq(got, want, name)	test_eq((s64)(got), (s64)(want), (name), __FILE__, __LINE__)

struct domain *guest_new(u16 id, unsigned int vcpus);
void guest_run(struct vcpu *v);
void pump(struct domain *d);
void reap_all(void);
void *guest_ptr(struct domain *d, u64 gpa);
s64 hcall(struct vcpu *v, unsigned int nr, u64 a0, u64 a1, u64 a2);
s64 hcall_struct(struct vcpu *v, unsigned int nr, u64 op, void *arg, size_t n);
s64 evtchn_call(struct vcpu *v, u64 op, void *arg, size_t n);

#endif
