// SPDX-License-Identifier: GPL-2.0
/*
 * The console_io hypercall: r4 = op, r5 = bytes, r6 = handle.
 */
#include "core/console/console.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/xencomm.h"
#include "core/sched/sched.h"
#include "lib/errno.h"

#define CHUNK		256
#define MAX_BYTES	65536	/* of one call */

/* Above the op: bytes written already. A guest that sets it skips text of its own. */
#define DONE_SHIFT	32
#define OP_MASK		((1UL << DONE_SHIFT) - 1)

/*
 * Stores the text in the domain's output, and does one step of writing it. What does not fit is
 * stored when the guest executes its sc again, after the scheduler had its say.
 */
static s64 console_write(struct vcpu *v, u64 *arg)
{
	u64 done = arg[0] >> DONE_SHIFT, n = arg[1], part, took;
	char buf[CHUNK];

	if (n > MAX_BYTES || done > n)
		return -EINVAL;
	do {
		part = min_t(u64, n - done, sizeof(buf));
		if (part && copy_from_guest(v, arg[2], done, buf, part))
			return -EFAULT;
		took = console_domain_write(v->domain, buf, part);
		done += took;
	} while (done < n && took == part);
	if (!console_step(v->domain) && done < n)
		sched_yield(v);
	if (done == n)
		return 0;
	arg[0] = CONSOLEIO_write | done << DONE_SHIFT;
	return HYPERCALL_RESTART;
}

static s64 console_read(struct vcpu *v, u64 n, u64 handle)
{
	char buf[CHUNK];
	size_t got;

	if (!v->domain->privileged)
		return -EPERM;
	got = console_input_read(buf, min_t(u64, n, sizeof(buf)));
	if (got && copy_to_guest(v, handle, 0, buf, got))
		return -EFAULT;
	return got;
}

/**
 * do_console_io() - hypercall 18
 * @v: calling vcpu
 * @arg: read or write, bytes, handle; a write that is continued changes the first
 *
 * dom0 writes the machine's console and reads its input; what another domain
 * writes becomes lines of the log.
 *
 * Return: 0 for a write, the bytes read for a read; -EINVAL for a write of
 * more than 64 KiB, -EFAULT, -EPERM for a read that is not dom0's, -ENOSYS.
 */
s64 do_console_io(struct vcpu *v, u64 *arg)
{
	switch (arg[0] & OP_MASK) {
	case CONSOLEIO_write:
		return console_write(v, arg);
	case CONSOLEIO_read:
		return console_read(v, arg[1], arg[2]);
	default:
		return -ENOSYS;
	}
}
