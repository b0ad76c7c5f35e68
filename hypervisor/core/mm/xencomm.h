/* SPDX-License-Identifier: GPL-2.0 */
/*
 * copy_from_guest() and copy_to_guest(): copies between the hypervisor and a buffer that the guest
 * names by a handle.
 *
 * Both return 0 or -EFAULT; a failing copy_to_guest() may have written a part. For 0 bytes the handle
 * is not checked. They take no lock, and may be called with any lock held.
 */
#ifndef HV_CORE_MM_XENCOMM_H
#define HV_CORE_MM_XENCOMM_H

#include "core/mm/memory.h"
#include "lib/string.h"

/* Bits of a handle that are zero. */
#define XENCOMM_RESERVED	(~(XENCOMM_INLINE_FLAG | XENCOMM_ADDR_MASK))

int xencomm_copy(struct vcpu *v, u64 handle, u64 offset, void *buf, size_t n, bool to_guest);

/* An inline handle whose buffer lies in one page. */
static inline bool xencomm_is_one_page(u64 handle, u64 offset, size_t n)
{
	u64 gpa = (handle & ~XENCOMM_INLINE_FLAG) + offset;

	return likely((handle & XENCOMM_INLINE_FLAG) && !(handle & XENCOMM_RESERVED) &&
		      handle != XENCOMM_INLINE_FLAG && !(offset >> 32) &&
		      (gpa & PAGE_MASK) + n <= PAGE_SIZE);
}

/* A pointer to the buffer of such a handle, or NULL for other handles. */
static inline u8 *xencomm_one_page(struct vcpu *v, u64 handle, u64 offset, size_t n, bool write)
{
	u64 gpa = (handle & ~XENCOMM_INLINE_FLAG) + offset;
	u8 *p;

	if (!xencomm_is_one_page(handle, offset, n))
		return NULL;
	p = vcpu_frame(v, gpa >> PAGE_SHIFT, write);
	return p ? p + (gpa & PAGE_MASK) : NULL;
}

/* The same for reading, if the vcpu's frame cache has the page; else NULL. */
static inline const u8 *xencomm_known(const struct vcpu *v, u64 handle, size_t n)
{
	u64 gpa = handle & ~XENCOMM_INLINE_FLAG;
	const u8 *p;

	if (!xencomm_is_one_page(handle, 0, n))
		return NULL;
	p = vcpu_frame_hit(v, gpa >> PAGE_SHIFT, false);
	return likely(p) ? p + (gpa & PAGE_MASK) : NULL;
}

static inline int copy_from_guest(struct vcpu *v, u64 handle, u64 offset, void *buf, size_t n)
{
	const u8 *p = xencomm_one_page(v, handle, offset, n, false);

	if (likely(p)) {
		memcpy(buf, p, n);
		return 0;
	}
	return xencomm_copy(v, handle, offset, buf, n, false);
}

static inline int copy_to_guest(struct vcpu *v, u64 handle, u64 offset, const void *buf, size_t n)
{
	u8 *p = xencomm_one_page(v, handle, offset, n, true);

	if (likely(p)) {
		memcpy(p, buf, n);
		return 0;
	}
	return xencomm_copy(v, handle, offset, (void *)buf, n, true);
}

#endif
