// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a hypercall whose pointers still have to become handles, by what
 * optable.c says of it. The pointers are the kernel's or the process's.
 *
 * A structure that holds further pointers is copied, and the handles are put
 * into the copy, so that the caller finds its own pointers again. A structure that
 * holds a length is copied too: a handle does not say how long its buffer is,
 * so a process that changed the length after it was used here would have the
 * hypervisor write behind the pages that were pinned.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/static_stub.h>

#include <xen/interface/xen.h>

#include "platform.h"

/* Room for the largest structure with handles or a length in it. */
#define ARG_MAX_BYTES	192

union arg {
	u8 byte[ARG_MAX_BYTES];
	u64 align;
};

static int map(struct xencomm *xc, unsigned long ptr, size_t bytes, unsigned int dir, bool user)
{
	if (user)
		return xencomm_map_user(xc, (void __user *)ptr, bytes, dir);
	return xencomm_map_kernel(xc, (const void *)ptr, bytes);
}

/* The call itself, with @handle in the place of argument @ptr; the tests look in from here. */
static long issue(unsigned int nr, const unsigned long *args, unsigned int ptr, u64 handle)
{
	unsigned long a[XEN_PPC_NR_ARGS];

	KUNIT_STATIC_STUB_REDIRECT(issue, nr, args, ptr, handle);
	memcpy(a, args, sizeof(a));
	a[ptr] = handle;
	return xen_ppc_hypercall(nr, a[0], a[1], a[2], a[3], a[4]);
}

static long flat_call(unsigned int nr, const unsigned long *args, unsigned int ptr, size_t bytes,
		      unsigned int dir, bool user)
{
	struct xencomm xc;
	long rc;

	rc = map(&xc, args[ptr], bytes, dir, user);
	if (!rc)
		rc = issue(nr, args, ptr, xc.handle);
	xencomm_unmap(&xc);
	return rc;
}

static int copy_in(void *to, unsigned long from, size_t bytes, bool user)
{
	if (user)
		return copy_from_user(to, (const void __user *)from, bytes) ? -EFAULT : 0;
	memcpy(to, (const void *)from, bytes);
	return 0;
}

static int copy_out(unsigned long to, const void *from, size_t bytes, bool user)
{
	if (user)
		return copy_to_user((void __user *)to, from, bytes) ? -EFAULT : 0;
	memcpy((void *)to, from, bytes);
	return 0;
}

/* Length of the buffer that @n describes in @arg. */
static int nested_bytes(const struct xen_ppc_nested *n, const union arg *arg, size_t *bytes)
{
	const void *count = arg->byte + n->count;
	u64 elems = 1;

	switch (n->count_size) {
	case 2:
		elems = *(const u16 *)count;
		break;
	case 4:
		elems = *(const u32 *)count;
		break;
	case 8:
		elems = *(const u64 *)count;
		break;
	}
	if (!n->elem) {
		*bytes = DIV_ROUND_UP_ULL(elems, BITS_PER_BYTE);
		return 0;
	}
	return check_mul_overflow(elems, n->elem, bytes) ? -E2BIG : 0;
}

static int map_nested(struct xencomm *xc, const struct xen_ppc_nested *n, union arg *arg,
		      bool user)
{
	u64 *handle = (u64 *)(arg->byte + n->offset);
	size_t bytes;
	int rc;

	rc = nested_bytes(n, arg, &bytes);
	if (!rc)
		rc = map(xc, *handle, bytes, n->dir, user);
	if (rc)
		return rc;
	/* A descriptor and the pin on a page end with the call; an area that stays must not. */
	if ((n->dir & XEN_PPC_KEPT) && (user || xc->desc))
		return -EINVAL;
	*handle = xc->handle;
	return 0;
}

/* Replaces the length at the start of a structure by what there is room for. */
static int take_tail(union arg *arg, const struct xen_ppc_op *op, unsigned long from, bool user,
		     size_t *bytes)
{
	u32 *len = (u32 *)arg->byte;
	int rc;

	rc = copy_in(len, from, sizeof(*len), user);
	if (rc)
		return rc;
	*len = min_t(u32, *len, sizeof(*arg) - op->size);
	*bytes += *len;
	return copy_in(len + 1, from + sizeof(*len), *bytes - sizeof(*len), user);
}

/* The call with a copy of its structure, in which the pointers become handles. */
static long call_with_copy(unsigned int nr, const unsigned long *args, unsigned int ptr,
			   const struct xen_ppc_op *op, union arg *arg, size_t bytes, bool user)
{
	struct xencomm xc[XEN_PPC_MAX_NESTED] = { };
	u64 pointer[XEN_PPC_MAX_NESTED];
	unsigned int i;
	long rc = 0;

	for (i = 0; i < op->nr_nested; i++)
		pointer[i] = *(u64 *)(arg->byte + op->nested[i].offset);

	for (i = 0; !rc && i < op->nr_nested; i++)
		rc = map_nested(&xc[i], &op->nested[i], arg, user);
	if (!rc) {
		rc = issue(nr, args, ptr, xencomm_inline(arg));
		for (i = 0; i < op->nr_nested; i++)
			*(u64 *)(arg->byte + op->nested[i].offset) = pointer[i];
		/* Also after an error: some ops say in it how far they came. */
		if ((op->dir & XEN_PPC_OUT) && copy_out(args[ptr], arg, bytes, user))
			rc = -EFAULT;
	}
	for (i = op->nr_nested; i--; )
		xencomm_unmap(&xc[i]);
	return rc;
}

static long copied_call(unsigned int nr, const unsigned long *args, unsigned int ptr,
			const struct xen_ppc_op *op, bool user)
{
	size_t bytes = op->size;
	union arg arg;
	long rc;

	if (WARN_ON_ONCE(bytes > sizeof(arg)))
		return -EINVAL;
	if (op->tail)
		rc = take_tail(&arg, op, args[ptr], user, &bytes);
	else
		rc = copy_in(&arg, args[ptr], bytes, user);
	if (rc)
		return rc;
	return call_with_copy(nr, args, ptr, op, &arg, bytes, user);
}

/* The op is in the structure, so it is looked up in the copy that is handed over. */
static long command_call(unsigned int nr, const unsigned long *args,
			 const struct xen_ppc_call *call, bool user)
{
	const struct xen_ppc_op *op = call->ops;
	union arg arg;
	long rc;

	if (WARN_ON_ONCE(op->size > sizeof(arg)))
		return -EINVAL;
	rc = copy_in(&arg, args[call->ptr], op->size, user);
	if (rc)
		return rc;
	op = xen_ppc_find_op(call, *(const u32 *)arg.byte);
	if (!op)
		return -ENOSYS;
	return call_with_copy(nr, args, call->ptr, op, &arg, op->size, user);
}

static long struct_call(unsigned int nr, const unsigned long *args, unsigned int ptr,
			const struct xen_ppc_op *op, bool user)
{
	if (!args[ptr] || !op->size)
		return issue(nr, args, ptr, 0);
	if (op->nr_nested || op->tail)
		return copied_call(nr, args, ptr, op, user);
	return flat_call(nr, args, ptr, op->size, op->dir, user);
}

/*
 * The elements are independent of each other, so an array of the kernel that
 * does not fit into one cached descriptor is handed over in pieces.
 */
static long array_call(unsigned int nr, const unsigned long *args, unsigned int ptr,
		       const struct xen_ppc_op *op, bool user)
{
	unsigned long piece[XEN_PPC_NR_ARGS];
	unsigned int left = args[2];
	long rc = 0;

	if (op->nr_nested)
		return left == 1 ? copied_call(nr, args, ptr, op, user) : -EINVAL;
	if (!args[ptr] || !left)
		return issue(nr, args, ptr, 0);
	if (user)
		return flat_call(nr, args, ptr, (size_t)left * op->size, op->dir, user);

	memcpy(piece, args, sizeof(piece));
	while (left && !rc) {
		piece[2] = min_t(size_t, left, xencomm_kernel_max((void *)piece[ptr]) / op->size);
		rc = flat_call(nr, piece, ptr, piece[2] * op->size, op->dir, user);
		piece[ptr] += piece[2] * op->size;
		left -= piece[2];
	}
	return rc;
}

static long buffer_call(unsigned int nr, const unsigned long *args, unsigned int ptr, bool user)
{
	int bytes = args[1];

	if (bytes < 0)
		return -EINVAL;
	switch (args[0]) {
	case CONSOLEIO_write:
		return flat_call(nr, args, ptr, bytes, XEN_PPC_IN, user);
	case CONSOLEIO_read:
		return flat_call(nr, args, ptr, bytes, XEN_PPC_OUT, user);
	}
	return -ENOSYS;
}

/**
 * xen_ppc_translated_call - make a hypercall with pointers in its arguments
 * @nr: number of the call
 * @args: XEN_PPC_NR_ARGS arguments, pointers not yet translated
 * @user: the pointers are the calling process's, not the kernel's
 *
 * For user pointers process context only, it sleeps; else any context.
 *
 * Return: what the hypervisor returned; -ENOSYS if optable.c does not know
 * the call or the op, or does not give it to user space; -EFAULT, -E2BIG,
 * -EINVAL or -ENOMEM if a pointer could not be translated.
 */
long xen_ppc_translated_call(unsigned int nr, const unsigned long *args, bool user)
{
	const struct xen_ppc_call *call = xen_ppc_find_call(nr);
	const struct xen_ppc_op *op;

	if (!call || (user && !call->user))
		return -ENOSYS;
	if (call->shape == XEN_PPC_BUFFER)
		return buffer_call(nr, args, call->ptr, user);
	if (call->shape == XEN_PPC_COMMAND)
		return command_call(nr, args, call, user);
	op = xen_ppc_find_op(call, args[0]);
	if (!op)
		return -ENOSYS;
	if (call->shape == XEN_PPC_ARRAY)
		return array_call(nr, args, call->ptr, op, user);
	return struct_call(nr, args, call->ptr, op, user);
}

/**
 * xen_ppc_kernel_call - make a hypercall with pointers of the kernel
 * @nr: number of the call
 * @a1: first argument, the op
 * @a2: second argument
 * @a3: third argument
 *
 * Any context.
 *
 * Return: as xen_ppc_translated_call().
 */
int xen_ppc_kernel_call(unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3)
{
	const unsigned long args[XEN_PPC_NR_ARGS] = { a1, a2, a3 };

	return xen_ppc_translated_call(nr, args, false);
}

#if IS_ENABLED(CONFIG_XEN_PPC_KUNIT_TEST)
#include "translate_test.c"
#endif
