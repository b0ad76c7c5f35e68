// SPDX-License-Identifier: GPL-2.0
/*
 * Functions for all unit tests: TAP output, creating domains and making hypercalls
 * as their guests.
 */
#include "test.h"

int test_count, test_failures;

/**
 * test_ok() - print a TAP line
 * @cond: the test passed
 * @name: property that was tested
 * @file: source file of the test
 * @line: source line of the test
 *
 * Return: @cond.
 */
int test_ok(bool cond, const char *name, const char *file, int line)
{
	test_count++;
	if (!cond)
		test_failures++;
	printf("%sok %d - %s\n", cond ? "" : "not ", test_count, name);
	if (!cond)
		printf("# at %s:%d\n", file, line);
	fflush(stdout);
	return cond;
}

/**
 * test_eq() - test that two numbers are equal, and print a TAP line
 * @got: actual value
 * @want: expected value
 * @name: property that was tested
 * @file: source file of the test
 * @line: source line of the test
 */
void test_eq(s64 got, s64 want, const char *name, const char *file, int line)
{
	if (!test_ok(got == want, name, file, line))
		printf("# got %ld, want %ld\n", (long)got, (long)want);
}

/**
 * test_done() - print the TAP plan at the end of a test program
 *
 * Return: exit status: 1 if a test failed, otherwise 0.
 */
int test_done(void)
{
	printf("1..%d\n", test_count);
	return test_failures ? 1 : 0;
}

/**
 * guest_new() - create a domain with GUEST_PAGES pages of RAM from address 0 and all vcpus up
 * @id: domid
 * @vcpus: number of vcpus
 *
 * Return: the domain.
 */
struct domain *guest_new(u16 id, unsigned int vcpus)
{
	struct domain_config cfg = {
		.name = "test",
		.memory = GUEST_PAGES * PAGE_SIZE,
		.vcpus = vcpus,
	};
	struct domain *d = domain_create(id, &cfg);

	if (!d || memory_populate(d, 0, GUEST_PAGES)) {
		printf("Bail out! no domain\n%s", host_console);
		exit(1);
	}
	d->ext_base = 1UL << 32;
	d->ext_size = 16UL << 20;
	domain_publish(d);
	for (unsigned int i = 0; i < vcpus; i++) {
		d->vcpu[i]->initialised = true;
		sched_unpause(d->vcpu[i]);
	}
	return d;
}

/**
 * guest_run() - advance time until the scheduler runs a vcpu on this pCPU
 * @v: a runnable vcpu
 */
void guest_run(struct vcpu *v)
{
	for (int i = 0; i < 1000; i++) {
		if (this_pcpu()->current == v)
			return;
		host_advance_ns(20 * NSEC_PER_MSEC);
		host_next();
	}
	host_console_clear();
	sched_dump();
	printf("Bail out! d%uv%u never runs, state %d\n%s", v->domain->id, v->id, v->state, host_console);
	exit(1);
}

/**
 * guest_ptr() - convert a guest physical address to a pointer
 * @d: the domain
 * @gpa: guest physical address
 *
 * Return: the pointer, valid up to the end of the page; NULL if nothing is mapped.
 */
void *guest_ptr(struct domain *d, u64 gpa)
{
	u64 mfn;
	bool w;

	if (!p2m_lookup(d, gpa >> PAGE_SHIFT, &mfn, &w))
		return NULL;
	return (u8 *)arch_ma_to_ptr(mfn << PAGE_SHIFT) + (gpa & PAGE_MASK);
}

/**
 * pump() - do steps of writing a domain's output as long as they write something
 * @d: the domain
 */
void pump(struct domain *d)
{
	while (console_step(d))
		;
}

/**
 * reap_all() - let this pCPU take dead domains apart and build them again, for half a second
 *
 * That is enough for domains of a few MiB and the first two back-offs of a domain that reboots.
 */
void reap_all(void)
{
	for (int i = 0; i < 2000; i++) {
		host_advance_ns(250 * 1000);
		exit_work(this_pcpu());
	}
}

/**
 * hcall() - make a hypercall, and restart it until it is complete
 * @v: calling vcpu
 * @nr: hypercall number
 * @a0: first argument
 * @a1: second argument
 * @a2: third argument
 *
 * Return: result of the hypercall; -ENOSYS for an unknown number.
 */
s64 hcall(struct vcpu *v, unsigned int nr, u64 a0, u64 a1, u64 a2)
{
	u64 arg[5] = { a0, a1, a2, 0x5555, 0x6666 };
	s64 rc;

	if (nr >= NR_HYPERCALLS || !hypercall_table[nr])
		return -ENOSYS;
	for (;;) {
		rc = hypercall_table[nr](v, arg);
		if (rc != HYPERCALL_RESTART)
			return rc;
		host_advance_ns(1000);
	}
}

/**
 * hcall_struct() - make a hypercall whose second argument is a handle of a structure
 * @v: calling vcpu
 * @nr: hypercall number
 * @op: first argument, the sub-operation
 * @arg: the structure: copied to ARG_GPA before the call, and back after it
 * @n: bytes of @arg
 *
 * Return: result of the hypercall.
 */
s64 hcall_struct(struct vcpu *v, unsigned int nr, u64 op, void *arg, size_t n)
{
	s64 rc;

	memcpy(guest_ptr(v->domain, ARG_GPA), arg, n);
	rc = hcall(v, nr, op, INLINE(ARG_GPA), 1);
	memcpy(arg, guest_ptr(v->domain, ARG_GPA), n);
	return rc;
}

/**
 * evtchn_call() - make the hypercall event_channel_op
 * @v: calling vcpu
 * @op: EVTCHNOP_*
 * @arg: structure of the operation
 * @n: bytes of @arg
 *
 * Return: result of the hypercall.
 */
s64 evtchn_call(struct vcpu *v, u64 op, void *arg, size_t n)
{
	return hcall_struct(v, __HYPERVISOR_event_channel_op, op, arg, n);
}
