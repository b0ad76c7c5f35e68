// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls whose arguments contain pointers. This file replaces each pointer by a xencomm
 * handle (Documentation/abi.rst, "Pointers: xencomm") and makes the call. The table in
 * hcall_args.c says which words are pointers. They are pointers of the kernel or, for
 * privcmd, of the calling process.
 *
 * A structure that holds further pointers is copied, and the handles are stored in the
 * copy, so that the caller finds its own pointers unchanged. A structure that holds the
 * length of a buffer is copied too. A handle does not contain the length of its buffer: if
 * a process changed the length after this file had read it, the hypervisor would write
 * beyond the pages that were pinned.
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

/* At least the size of the largest structure that is copied. */
#define ARG_MAX_BYTES	192

union arg {
	u8 byte[ARG_MAX_BYTES];
	u64 align;
};

static int xlate_map(struct xencomm *xc, unsigned long ptr, size_t bytes, unsigned int dir,
		     bool user)
{
	if (user)
		return xencomm_map_user(xc, (void __user *)ptr, bytes, dir);
	return xencomm_map_kernel(xc, (const void *)ptr, bytes);
}

/* Makes the call with @handle in place of argument @ptr. KUnit stubs this function. */
static long xlate_hypercall(unsigned int nr, const unsigned long *args, unsigned int ptr,
			    u64 handle)
{
	unsigned long a[XEN_PPC_NR_ARGS];

	KUNIT_STATIC_STUB_REDIRECT(xlate_hypercall, nr, args, ptr, handle);
	memcpy(a, args, sizeof(a));
	a[ptr] = handle;
	return xen_ppc_hypercall(nr, a[0], a[1], a[2], a[3], a[4]);
}

/* A call whose buffer contains no pointer: the hypervisor accesses the caller's memory. */
static long xlate_flat(unsigned int nr, const unsigned long *args, unsigned int ptr,
		       size_t bytes, unsigned int dir, bool user)
{
	struct xencomm xc;
	long rc;

	rc = xlate_map(&xc, args[ptr], bytes, dir, user);
	if (!rc)
		rc = xlate_hypercall(nr, args, ptr, xc.handle);
	xencomm_unmap(&xc);
	return rc;
}

static int xlate_copy_in(void *to, unsigned long from, size_t bytes, bool user)
{
	if (user)
		return copy_from_user(to, (const void __user *)from, bytes) ? -EFAULT : 0;
	memcpy(to, (const void *)from, bytes);
	return 0;
}

static int xlate_copy_out(unsigned long to, const void *from, size_t bytes, bool user)
{
	if (user)
		return copy_to_user((void __user *)to, from, bytes) ? -EFAULT : 0;
	memcpy((void *)to, from, bytes);
	return 0;
}

/* Computes the length of the buffer that handle @n in @arg refers to. */
static int xlate_nested_bytes(const struct xen_ppc_nested *n, const union arg *arg, size_t *bytes)
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

/* Replaces pointer @n in @arg by a handle. */
static int xlate_map_nested(struct xencomm *xc, const struct xen_ppc_nested *n, union arg *arg,
			    bool user)
{
	u64 *handle = (u64 *)(arg->byte + n->offset);
	size_t bytes;
	int rc;

	rc = xlate_nested_bytes(n, arg, &bytes);
	if (!rc)
		rc = xlate_map(xc, *handle, bytes, n->dir, user);
	if (rc)
		return rc;
	/*
	 * A buffer that the hypervisor keeps using must not depend on a descriptor or on
	 * pinned pages, both of which are released at the end of the call.
	 */
	if ((n->dir & XEN_PPC_KEPT) && (user || xc->desc))
		return -EINVAL;
	*handle = xc->handle;
	return 0;
}

/*
 * Copies a structure with a trailing buffer. The length in its first word is limited to what
 * fits into @arg. @bytes is the size of the structure on entry, and of all on return.
 */
static int xlate_copy_in_trailing(union arg *arg, const struct xen_ppc_hcall_op *op,
				  unsigned long from, bool user, size_t *bytes)
{
	u32 *len = (u32 *)arg->byte;
	int rc;

	rc = xlate_copy_in(len, from, sizeof(*len), user);
	if (rc)
		return rc;
	*len = min_t(u32, *len, sizeof(*arg) - op->size);
	*bytes += *len;
	return xlate_copy_in(len + 1, from + sizeof(*len), *bytes - sizeof(*len), user);
}

/* Makes the call with @arg, the copy of the structure, in which handles replace pointers. */
static long xlate_hypercall_copy(unsigned int nr, const unsigned long *args, unsigned int ptr,
				 const struct xen_ppc_hcall_op *op, union arg *arg, size_t bytes,
				 bool user)
{
	struct xencomm xc[XEN_PPC_MAX_NESTED] = { };
	u64 pointer[XEN_PPC_MAX_NESTED];
	unsigned int i;
	long rc = 0;

	for (i = 0; i < op->nr_nested; i++)
		pointer[i] = *(u64 *)(arg->byte + op->nested[i].offset);

	for (i = 0; !rc && i < op->nr_nested; i++)
		rc = xlate_map_nested(&xc[i], &op->nested[i], arg, user);
	if (!rc) {
		rc = xlate_hypercall(nr, args, ptr, xencomm_inline(arg));
		for (i = 0; i < op->nr_nested; i++)
			*(u64 *)(arg->byte + op->nested[i].offset) = pointer[i];
		/* After an error too: some ops return how many elements they processed. */
		if ((op->dir & XEN_PPC_OUT) && xlate_copy_out(args[ptr], arg, bytes, user))
			rc = -EFAULT;
	}
	for (i = op->nr_nested; i--; )
		xencomm_unmap(&xc[i]);
	return rc;
}

static long xlate_copied(unsigned int nr, const unsigned long *args, unsigned int ptr,
			 const struct xen_ppc_hcall_op *op, bool user)
{
	size_t bytes = op->size;
	union arg arg;
	long rc;

	if (WARN_ON_ONCE(bytes > sizeof(arg)))
		return -EINVAL;
	if (op->trailing)
		rc = xlate_copy_in_trailing(&arg, op, args[ptr], user, &bytes);
	else
		rc = xlate_copy_in(&arg, args[ptr], bytes, user);
	if (rc)
		return rc;
	return xlate_hypercall_copy(nr, args, ptr, op, &arg, bytes, user);
}

/*
 * XEN_PPC_ARG_COMMAND: the op is the first word of the structure. It is read from the copy,
 * so that a process cannot change it between the lookup and the call.
 */
static long xlate_command(unsigned int nr, const unsigned long *args,
			  const struct xen_ppc_hcall_args *layout, bool user)
{
	const struct xen_ppc_hcall_op *op = layout->ops;
	union arg arg;
	long rc;

	/* All ops have the same size. */
	if (WARN_ON_ONCE(op->size > sizeof(arg)))
		return -EINVAL;
	rc = xlate_copy_in(&arg, args[layout->ptr], op->size, user);
	if (rc)
		return rc;
	op = xen_ppc_find_hcall_op(layout, *(const u32 *)arg.byte);
	if (!op)
		return -ENOSYS;
	return xlate_hypercall_copy(nr, args, layout->ptr, op, &arg, op->size, user);
}

/* XEN_PPC_ARG_STRUCT */
static long xlate_struct(unsigned int nr, const unsigned long *args, unsigned int ptr,
			 const struct xen_ppc_hcall_op *op, bool user)
{
	if (!args[ptr] || !op->size)
		return xlate_hypercall(nr, args, ptr, 0);
	if (op->nr_nested || op->trailing)
		return xlate_copied(nr, args, ptr, op, user);
	return xlate_flat(nr, args, ptr, op->size, op->dir, user);
}

/*
 * XEN_PPC_ARG_ARRAY. The elements are independent of each other, so an array of the kernel
 * that needs more than one cached descriptor is passed in several calls.
 */
static long xlate_array(unsigned int nr, const unsigned long *args, unsigned int ptr,
			const struct xen_ppc_hcall_op *op, bool user)
{
	unsigned long piece[XEN_PPC_NR_ARGS];
	unsigned int left = args[2];
	long rc = 0;

	if (op->nr_nested)
		return left == 1 ? xlate_copied(nr, args, ptr, op, user) : -EINVAL;
	if (!args[ptr] || !left)
		return xlate_hypercall(nr, args, ptr, 0);
	if (user)
		return xlate_flat(nr, args, ptr, (size_t)left * op->size, op->dir, user);

	memcpy(piece, args, sizeof(piece));
	while (left && !rc) {
		piece[2] = min_t(size_t, left, xencomm_kernel_max((void *)piece[ptr]) / op->size);
		rc = xlate_flat(nr, piece, ptr, piece[2] * op->size, op->dir, user);
		piece[ptr] += piece[2] * op->size;
		left -= piece[2];
	}
	return rc;
}

/* XEN_PPC_ARG_BUFFER; console_io is the only such call. */
static long xlate_buffer(unsigned int nr, const unsigned long *args, unsigned int ptr, bool user)
{
	int bytes = args[1];

	if (bytes < 0)
		return -EINVAL;
	switch (args[0]) {
	case CONSOLEIO_write:
		return xlate_flat(nr, args, ptr, bytes, XEN_PPC_IN, user);
	case CONSOLEIO_read:
		return xlate_flat(nr, args, ptr, bytes, XEN_PPC_OUT, user);
	}
	return -ENOSYS;
}

/**
 * xen_ppc_translated_call - make a hypercall after translating the pointers in its arguments
 * @nr: number of the hypercall
 * @args: XEN_PPC_NR_ARGS arguments with untranslated pointers
 * @user: the pointers belong to the calling process, not to the kernel
 *
 * With @user, process context; sleeps. Otherwise any context.
 *
 * Return: the result of the hypercall; -ENOSYS if hcall_args.c has no entry for the
 * hypercall or the op, or does not allow it from user space; -EFAULT, -E2BIG, -EINVAL or
 * -ENOMEM if a pointer could not be translated.
 */
long xen_ppc_translated_call(unsigned int nr, const unsigned long *args, bool user)
{
	const struct xen_ppc_hcall_args *layout = xen_ppc_find_hcall_args(nr);
	const struct xen_ppc_hcall_op *op;

	if (!layout || (user && !layout->user))
		return -ENOSYS;
	if (layout->kind == XEN_PPC_ARG_BUFFER)
		return xlate_buffer(nr, args, layout->ptr, user);
	if (layout->kind == XEN_PPC_ARG_COMMAND)
		return xlate_command(nr, args, layout, user);
	op = xen_ppc_find_hcall_op(layout, args[0]);
	if (!op)
		return -ENOSYS;
	if (layout->kind == XEN_PPC_ARG_ARRAY)
		return xlate_array(nr, args, layout->ptr, op, user);
	return xlate_struct(nr, args, layout->ptr, op, user);
}

/**
 * xen_ppc_kernel_call - make a hypercall with pointers of the kernel
 * @nr: number of the hypercall
 * @a1: first argument
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
