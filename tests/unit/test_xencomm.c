// SPDX-License-Identifier: GPL-2.0
/*
 * Guest handles: inline addresses and xencomm descriptors, correct and malformed.
 */
#include "test.h"

static struct domain *d, *other;
static struct vcpu *v;

static int from(u64 handle, u64 offset, void *buf, size_t n)
{
	return copy_from_guest(v, handle, offset, buf, n);
}

static int to(u64 handle, u64 offset, const void *buf, size_t n)
{
	return copy_to_guest(v, handle, offset, buf, n);
}

static u64 descriptor(u64 gpa, u32 magic, u32 nr, const u64 *addr, unsigned int n)
{
	u32 *h = guest_ptr(d, gpa);

	h[0] = magic;
	h[1] = nr;
	for (unsigned int i = 0; i < n; i++)
		*(u64 *)guest_ptr(d, gpa + 8 + 8 * i) = addr[i];
	return gpa;
}

static void inline_handles(void)
{
	static const u64 bad[] = {
		0, XENCOMM_INLINE_FLAG, BIT(60) | INLINE(0x1000), BIT(61) | INLINE(0x1000),
		BIT(62) | INLINE(0x1000), ~0UL, INLINE((1UL << 60) - 8), INLINE((1UL << 60) - 4),
		INLINE(GUEST_PAGES * PAGE_SIZE), INLINE(1UL << 59),
	};
	char buf[64], page[3 * PAGE_SIZE], name[64];
	char *g = guest_ptr(d, 0x1000);

	strcpy(g, "hello");
	eq(from(INLINE(0x1000), 0, buf, 6), 0, "inline: a read succeeds");
	ok(!strcmp(buf, "hello"), "inline: a read returns the contents");
	eq(from(INLINE(0x1000), 1, buf, 5), 0, "inline: a read with an offset succeeds");
	ok(!strcmp(buf, "ello"), "inline: a read with an offset returns the contents");
	eq(from(INLINE(0x1003), 0, buf, 3), 0, "inline: an unaligned address succeeds");
	eq(to(INLINE(0x1ffd), 0, "abcdef", 6), 0,
	   "inline: a write across a page boundary succeeds");
	ok(!memcmp(guest_ptr(d, 0x1ffd), "abc", 3) && !memcmp(guest_ptr(d, 0x2000), "def", 3),
	   "inline: a write across a page boundary writes both parts");
	memset(page, 0x33, sizeof(page));
	eq(to(INLINE(0x5800), 0, page, sizeof(page)), 0, "inline: a write to four pages succeeds");
	ok(*(u8 *)guest_ptr(d, 0x5800) == 0x33 && *(u8 *)guest_ptr(d, 0x87ff) == 0x33 &&
	   *(u8 *)guest_ptr(d, 0x8800) != 0x33,
	   "inline: a write to four pages writes no more than that");
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(name, sizeof(name), "inline: %016lx refused", (unsigned long)bad[i]);
		eq(from(bad[i], 0, buf, 8), -EFAULT, name);
		eq(to(bad[i], 0, buf, 8), -EFAULT, name);
		eq(from(bad[i], 0, buf, 0), 0, "inline: 0 bytes succeed with any handle");
	}
	eq(from(INLINE(0x1000), ~0UL - 0x800, buf, 8), -EFAULT,
	   "inline: fails if the offset wraps");
	eq(from(INLINE(0x1000), ~0UL - 0xfff, buf, 8), -EFAULT,
	   "inline: fails if the offset wraps to 0");
	eq(from(INLINE((GUEST_PAGES - 1) * PAGE_SIZE), 0, page, PAGE_SIZE + 1), -EFAULT,
	   "inline: fails across the end of RAM");
	eq(from(INLINE(0x1000), GUEST_PAGES * PAGE_SIZE, buf, 1), -EFAULT,
	   "inline: fails for an offset beyond RAM");
}

static void foreign_pages(void)
{
	char buf[8] = "";
	u64 mfn;
	bool w;

	p2m_lookup(other, 1, &mfn, &w);
	p2m_map(d, 0x100000, mfn, 0, P2M_FOREIGN, true);
	eq(from(INLINE(0x100000000), 0, buf, 1), -EFAULT, "a foreign page cannot be read");
	eq(to(INLINE(0x100000000), 0, buf, 1), -EFAULT, "a foreign page cannot be written");
	p2m_unmap(d, 0x100000);
	eq(memory_map_frame(d, 0x100000, ptr_to_ma(d->shared_info) >> PAGE_SHIFT, P2M_SHARED, true), 0,
	   "shared_info can be mapped");
	eq(from(INLINE(0x100000000), 0, buf, 1), -EFAULT, "shared_info cannot be used as a buffer");
	memory_remove(d, 0x100000);
	p2m_map(d, 0x100000, 0x123, 0, P2M_SHARED, true);
	eq(from(INLINE(0x100000000), 0, buf, 1), -EFAULT,
	   "a frame outside the machine's RAM cannot be used as a buffer");
	p2m_unmap(d, 0x100000);

	p2m_lookup(d, 10, &mfn, &w);
	p2m_map(d, 10, mfn, 0, P2M_RAM, false);
	d->p2m_gen++;
	eq(from(INLINE(0xa000), 0, buf, 8), 0, "a read-only page can be read");
	eq(to(INLINE(0xa000), 0, buf, 8), -EFAULT, "a read-only page cannot be written");
	eq(to(INLINE(0x9ffc), 0, buf, 8), -EFAULT,
	   "a read-only page cannot be written as the second page of a buffer");
	p2m_map(d, 10, mfn, 0, P2M_RAM, true);
	d->p2m_gen++;
	eq(to(INLINE(0xa000), 0, buf, 8), 0, "a page that is writable again can be written");

	eq(from(INLINE(0x14000), 0, buf, 1), 0, "a page of RAM can be read");
	eq(memory_remove(d, 20), 0, "a page of RAM can be removed");
	eq(from(INLINE(0x14000), 0, buf, 1), -EFAULT, "a page that was removed cannot be read");
	eq(from(INLINE(0x13fff), 0, buf, 2), -EFAULT,
	   "a buffer that ends in a removed page cannot be read");
	eq(memory_populate(d, 20, 1), 0, "a removed page can be populated again");
	eq(from(INLINE(0x14000), 0, buf, 8), 0, "a page populated again can be read");
	ok(*(u64 *)buf == 0, "a page populated again is cleared");
}

static void descriptors(void)
{
	u64 pages[4] = { 0x5ff8, 0x9000, 0x7000, 0x8000 };
	char buf[3 * PAGE_SIZE], back[3 * PAGE_SIZE];
	u64 h, bad;

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = i * 7;
	h = descriptor(0xb000, XENCOMM_MAGIC, 4, pages, 4);
	eq(to(h, 0, buf, sizeof(buf)), 0, "descriptor: a write to four chunks succeeds");
	ok(!memcmp(guest_ptr(d, 0x5ff8), buf, 8) && !memcmp(guest_ptr(d, 0x9000), buf + 8, 4096) &&
	   !memcmp(guest_ptr(d, 0x7000), buf + 8 + 4096, 4096),
	   "descriptor: chunks are written in their order");
	eq(from(h, 0, back, sizeof(back)), 0, "descriptor: a read from four chunks succeeds");
	ok(!memcmp(buf, back, sizeof(buf)), "descriptor: a read returns what was written");
	eq(from(h, 4, back, 8), 0, "descriptor: a read across two chunks succeeds");
	ok(!memcmp(back, buf + 4, 8), "descriptor: a read across two chunks returns the contents");
	eq(from(h, 8 + 4096 + 17, back, 100), 0,
	   "descriptor: a read from the third chunk succeeds");
	ok(!memcmp(back, buf + 8 + 4096 + 17, 100),
	   "descriptor: a read from the third chunk returns the contents");
	eq(from(h, 8 + 3 * 4096 - 1, back, 1), 0, "descriptor: the last byte can be read");
	eq(from(h, 8 + 3 * 4096, back, 1), -EFAULT, "descriptor: fails beyond its end");
	eq(from(h, ~0UL - 4, back, 8), -EFAULT, "descriptor: fails if the offset wraps");
	eq(from(h, 1UL << 62, back, 8), -EFAULT,
	   "descriptor: fails for an offset far beyond its end");

	descriptor(0xb000, XENCOMM_MAGIC + 1, 4, pages, 4);
	eq(from(h, 0, back, 1), -EFAULT, "descriptor: fails for a wrong magic number");
	descriptor(0xb000, __builtin_bswap32(XENCOMM_MAGIC), 4, pages, 4);
	eq(from(h, 0, back, 1), -EFAULT,
	   "descriptor: fails for a magic number of the other byte order");
	descriptor(0xb000, XENCOMM_MAGIC, 0, pages, 4);
	eq(from(h, 0, back, 1), -EFAULT, "descriptor: fails without entries");
	descriptor(0xb000, XENCOMM_MAGIC, XENCOMM_MAX_ADDRS + 1, pages, 4);
	eq(from(h, 0, back, 1), -EFAULT, "descriptor: fails for too many entries");
	descriptor(0xb000, XENCOMM_MAGIC, ~0U, pages, 4);
	eq(from(h, 0, back, 1), -EFAULT, "descriptor: fails for 2^32 - 1 entries");
	descriptor(0xb000, XENCOMM_MAGIC, 1, pages, 4);
	eq(from(h, 0, back, 8), 0, "descriptor: a read of one entry succeeds");
	eq(from(h, 0, back, 9), -EFAULT, "descriptor: fails for one byte more than one entry");
	for (unsigned int bit = 60; bit < 64; bit++) {
		pages[1] = 0x9000 | BIT(bit);
		descriptor(0xb000, XENCOMM_MAGIC, 4, pages, 4);
		eq(from(h, 8, back, 1), -EFAULT,
		   "descriptor: fails for a reserved bit in an entry");
		eq(from(h, 0, back, 8), 0, "descriptor: a bad entry beyond the access is ignored");
		pages[1] = 0x9000;
		pages[0] = 0x5ff8 | BIT(bit);
		descriptor(0xb000, XENCOMM_MAGIC, 4, pages, 4);
		eq(from(h, 0, back, 1), -EFAULT,
		   "descriptor: fails for a reserved bit in the first entry");
		pages[0] = 0x5ff8;
	}
	pages[1] = ~0UL;
	descriptor(0xb000, XENCOMM_MAGIC, 4, pages, 4);
	eq(from(h, 8, back, 1), -EFAULT, "descriptor: fails for an entry of all ones");
	pages[1] = 0x9004;
	descriptor(0xb000, XENCOMM_MAGIC, 4, pages, 4);
	eq(from(h, 0, back, 16), -EFAULT,
	   "descriptor: fails for a later entry that is not page-aligned");
	pages[1] = GUEST_PAGES * PAGE_SIZE;
	descriptor(0xb000, XENCOMM_MAGIC, 4, pages, 4);
	eq(from(h, 0, back, 16), -EFAULT, "descriptor: fails for an entry outside RAM");
	pages[1] = 0x9000;
	descriptor(0xb000, XENCOMM_MAGIC, 4, pages, 4);

	for (bad = 1; bad < 8; bad++)
		eq(from(0xb000 + bad, 0, back, 1), -EFAULT,
		   "descriptor: fails for a handle that is not aligned");
	for (unsigned int bit = 60; bit < 63; bit++)
		eq(from(0xb000 | BIT(bit), 0, back, 1), -EFAULT,
		   "descriptor: fails for a reserved bit in the handle");
	eq(from(GUEST_PAGES * PAGE_SIZE, 0, back, 1), -EFAULT,
	   "descriptor: fails for a descriptor outside RAM");
	eq(from(8, 0, back, 1), -EFAULT, "descriptor: fails for memory that is no descriptor");

	/* A descriptor with its header in one page and its entries in the next. */
	h = descriptor(0xcff8, XENCOMM_MAGIC, 4, pages, 4);
	eq(from(h, 0, back, sizeof(back)), 0, "descriptor: a descriptor across two pages succeeds");
	ok(!memcmp(buf, back, sizeof(buf)),
	   "descriptor: a descriptor across two pages returns the contents");
	h = descriptor((GUEST_PAGES - 1) * PAGE_SIZE + 0xff0, XENCOMM_MAGIC, 4, pages, 1);
	eq(from(h, 0, back, 8), 0, "descriptor: the first entry of one at the end of RAM succeeds");
	eq(from(h, 0, back, 9), -EFAULT, "descriptor: fails for entries beyond the end of RAM");
	/* A descriptor whose buffer is the descriptor itself is overwritten while it is in use. */
	pages[0] = 0xb000;
	h = descriptor(0xb000, XENCOMM_MAGIC, 4, pages, 4);
	memset(buf, 0xff, sizeof(buf));
	ok(to(h, 0, buf, sizeof(buf)) != 1, "descriptor: one that overwrites itself is harmless");
}

static void boundaries(void)
{
	static u64 pages[XENCOMM_MAX_ADDRS];
	u64 h;
	char c;

	for (unsigned int i = 0; i < XENCOMM_MAX_ADDRS; i++)
		pages[i] = 0x5000;
	h = descriptor(0x10000, XENCOMM_MAGIC, XENCOMM_MAX_ADDRS, pages, XENCOMM_MAX_ADDRS);
	eq(from(h, XENCOMM_MAX_ADDRS * PAGE_SIZE - 1, &c, 1), 0,
	   "descriptor: the last byte of the maximum number of entries can be read");
	eq(from(h, XENCOMM_MAX_ADDRS * PAGE_SIZE, &c, 1), -EFAULT,
	   "descriptor: fails behind the maximum number of entries");
}

int main(void)
{
	host_init(8 << 20);
	d = guest_new(1, 1);
	other = guest_new(2, 1);
	v = d->vcpu[0];
	inline_handles();
	foreign_pages();
	descriptors();
	boundaries();
	domain_discard(d);
	domain_discard(other);
	return test_done();
}
