// SPDX-License-Identifier: GPL-2.0
/*
 * xencomm: copying to and from a guest buffer that a handle names (Documentation/abi.rst,
 * "Pointers: xencomm").
 *
 * A handle with bit 63 set is the guest physical address of a contiguous buffer. Any other handle
 * is the guest physical address of a descriptor, a list of chunks: the first chunk extends from
 * its address to the end of that page, each later one is a whole page and must be page aligned, so
 * that a division finds the chunk of an offset.
 *
 * A guest may change its descriptor while the hypervisor reads it. Each word is read once, into a
 * local variable, and checked there; it is not read again after the check. The work is
 * linear in the bytes copied, whatever the descriptor contains.
 */
#include "core/mm/xencomm.h"
#include "lib/errno.h"

#define CHUNK	PAGE_SIZE

/* Reads a doubleword of the guest's own RAM at @gpa, which is 8-byte aligned. */
static int xencomm_read_word(struct vcpu *v, u64 gpa, u64 *val)
{
	const u8 *p;

	if (gpa & ~XENCOMM_ADDR_MASK)
		return -EFAULT;
	p = vcpu_frame(v, gpa >> PAGE_SHIFT, false);
	if (!p)
		return -EFAULT;
	*val = READ_ONCE(*(const u64 *)(p + (gpa & PAGE_MASK)));
	return 0;
}

static int xencomm_read_header(struct vcpu *v, u64 desc, u32 *nr)
{
	union {
		u64 word;
		struct {
			u32 magic, nr;
		} h;
	} header;

	/* Aligned, so that neither the header nor an entry crosses a page boundary. */
	if ((desc & 7) || xencomm_read_word(v, desc, &header.word))
		return -EFAULT;
	if (header.h.magic != XENCOMM_MAGIC || header.h.nr == 0 ||
	    header.h.nr > XENCOMM_MAX_ADDRS)
		return -EFAULT;
	*nr = header.h.nr;
	return 0;
}

/* Copies @n bytes at @gpa, all of them in one page. */
static int xencomm_copy_chunk(struct vcpu *v, u64 gpa, u8 *buf, u64 n, bool to_guest)
{
	u8 *p = vcpu_frame(v, gpa >> PAGE_SHIFT, to_guest);

	if (!p)
		return -EFAULT;
	p += gpa & PAGE_MASK;
	if (to_guest)
		memcpy(p, buf, n);
	else
		memcpy(buf, p, n);
	return 0;
}

static int xencomm_copy_inline(struct vcpu *v, u64 gpa, u8 *buf, u64 n, bool to_guest)
{
	u64 part;

	for (; n; n -= part, gpa += part, buf += part) {
		part = min(n, PAGE_SIZE - (gpa & PAGE_MASK));
		if (xencomm_copy_chunk(v, gpa, buf, part, to_guest))
			return -EFAULT;
	}
	return 0;
}

static int xencomm_copy_described(struct vcpu *v, u64 desc, u64 offset, u8 *buf, u64 n, bool to_guest)
{
	u64 first, addr, index, skip, part;
	u32 nr;

	if (xencomm_read_header(v, desc, &nr) ||
	    xencomm_read_word(v, desc + sizeof(struct xencomm_desc), &first))
		return -EFAULT;
	/* From here on offsets are relative to the start of the first chunk's page. */
	if (__builtin_add_overflow(offset, first & (CHUNK - 1), &offset))
		return -EFAULT;

	for (; n; n -= part, offset += part, buf += part) {
		index = offset / CHUNK;
		skip = offset % CHUNK;
		part = min(n, CHUNK - skip);
		if (index >= nr)
			return -EFAULT;
		if (index == 0) {
			addr = first & ~(CHUNK - 1);
		} else {
			if (xencomm_read_word(v, desc + sizeof(struct xencomm_desc) + index * 8, &addr) ||
			    (addr & (CHUNK - 1)))
				return -EFAULT;
		}
		if (addr & ~XENCOMM_ADDR_MASK)
			return -EFAULT;
		if (xencomm_copy_chunk(v, addr + skip, buf, part, to_guest))
			return -EFAULT;
	}
	return 0;
}

/**
 * xencomm_copy() - copy between the hypervisor and a guest buffer
 * @v: calling vcpu; every page touched must be its domain's own RAM
 * @handle: the buffer
 * @offset: bytes from the start of the buffer
 * @buf: the hypervisor's buffer
 * @n: bytes
 * @to_guest: copy to the guest, whose pages must be writable; else from the guest
 *
 * Called by copy_from_guest() and copy_to_guest(), which do the common case inline.
 *
 * Return: 0; -EFAULT for a null or malformed handle, a malformed or too short
 * descriptor, a page that is not the caller's or an address that wraps.
 */
int xencomm_copy(struct vcpu *v, u64 handle, u64 offset, void *buf, size_t n, bool to_guest)
{
	u64 gpa = handle & ~XENCOMM_INLINE_FLAG, end;

	if (n == 0)
		return 0;
	if (gpa == 0 || (gpa & ~XENCOMM_ADDR_MASK))
		return -EFAULT;
	if (!(handle & XENCOMM_INLINE_FLAG))
		return xencomm_copy_described(v, gpa, offset, buf, n, to_guest);
	if (__builtin_add_overflow(gpa, offset, &gpa) || __builtin_add_overflow(gpa, n, &end) ||
	    (end & ~XENCOMM_ADDR_MASK))
		return -EFAULT;
	return xencomm_copy_inline(v, gpa, buf, n, to_guest);
}
