// SPDX-License-Identifier: GPL-2.0
/*
 * The console_io hypercall: r4 = op, r5 = bytes, r6 = handle.
 */
#include "core/console/console.h"
#include "core/hypercall/hypercall.h"
#include "core/mm/xencomm.h"
#include "lib/errno.h"

#define CHUNK		256
#define MAX_BYTES	65536	/* of one call: bounds the time it takes */

static s64 console_write(struct vcpu *v, u64 n, u64 handle)
{
	char buf[CHUNK];
	u64 done, part;

	if (n > MAX_BYTES)
		return -EINVAL;
	for (done = 0; done < n; done += part) {
		part = min_t(u64, n - done, sizeof(buf));
		if (copy_from_guest(v, handle, done, buf, part))
			return -EFAULT;
		if (v->domain->privileged)
			term_raw(buf, part);
		else
			console_domain_write(v->domain, buf, part);
	}
	return 0;
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
 * @arg: read or write, bytes, handle
 *
 * dom0 writes the machine's console and reads its input; what another domain
 * writes becomes lines of the log.
 *
 * Return: 0 for a write, the bytes read for a read; -EINVAL for a write of
 * more than 64 KiB, -EFAULT, -EPERM for a read that is not dom0's, -ENOSYS.
 */
s64 do_console_io(struct vcpu *v, u64 *arg)
{
	switch (arg[0]) {
	case CONSOLEIO_write:
		return console_write(v, arg[1], arg[2]);
	case CONSOLEIO_read:
		return console_read(v, arg[1], arg[2]);
	default:
		return -ENOSYS;
	}
}
