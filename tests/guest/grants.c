// SPDX-License-Identifier: GPL-2.0
/*
 * Grant pages with /dev/xen/gntalloc and map them with /dev/xen/gntdev in the same domain. Each grant is for a Xen page
 * (4 KiB) at the start of a kernel page. Prints TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/tap.h"

typedef uint32_t grant_ref_t;
typedef uint16_t domid_t;

#include <xen/gntalloc.h>
#include <xen/gntdev.h>

#define XEN_PAGE 4096
#define MANY 300
#define COPY_SOURCE_GREF 1
#define COPY_DEST_GREF 2

struct shared {
	int fd;
	unsigned int count;
	uint64_t index;
	char *at;
	uint32_t ref[MANY];
};

static int alloc_fd, dev_fd;
static unsigned int self;
static size_t page;

/* Allocate pages, grant them to this domain, and map them at s->at. */
static int share(struct shared *s, unsigned int count, int writable)
{
	struct ioctl_gntalloc_alloc_gref *op = calloc(1, sizeof(*op) + count * sizeof(uint32_t));
	int rc;

	op->domid = self;
	op->flags = writable ? GNTALLOC_FLAG_WRITABLE : 0;
	op->count = count;
	rc = ioctl(alloc_fd, IOCTL_GNTALLOC_ALLOC_GREF, op);
	if (!rc) {
		memcpy(s->ref, op->gref_ids, count * sizeof(uint32_t));
		s->fd = alloc_fd;
		s->count = count;
		s->index = op->index;
		s->at = mmap(NULL, count * page, PROT_READ | PROT_WRITE, MAP_SHARED, alloc_fd, op->index);
		rc = s->at == MAP_FAILED ? -1 : 0;
	}
	free(op);
	return rc;
}

static int unshare(struct shared *s)
{
	struct ioctl_gntalloc_dealloc_gref op = { .index = s->index, .count = s->count };
	int rc = munmap(s->at, s->count * page);

	return ioctl(alloc_fd, IOCTL_GNTALLOC_DEALLOC_GREF, &op) ? -1 : rc;
}

/* Map the grants of @from. */
static int map(struct shared *s, const struct shared *from, int prot)
{
	struct ioctl_gntdev_map_grant_ref *op = calloc(1, sizeof(*op) + from->count * sizeof(op->refs[0]));
	int rc;

	op->count = from->count;
	for (unsigned int i = 0; i < from->count; i++) {
		op->refs[i].domid = self;
		op->refs[i].ref = from->ref[i];
	}
	rc = ioctl(dev_fd, IOCTL_GNTDEV_MAP_GRANT_REF, op);
	if (!rc) {
		s->count = from->count;
		s->index = op->index;
		s->at = mmap(NULL, s->count * page, prot, MAP_SHARED, dev_fd, op->index);
		rc = s->at == MAP_FAILED ? -1 : 0;
	}
	free(op);
	return rc;
}

/* Unmap, and release the offset that gntdev has reserved; if the mapping failed, only release the offset. */
static int unmap(struct shared *s)
{
	struct ioctl_gntdev_unmap_grant_ref op = { .index = s->index, .count = s->count };
	int rc = 0;

	if (s->at != MAP_FAILED)
		rc = munmap(s->at, s->count * page);
	return ioctl(dev_fd, IOCTL_GNTDEV_UNMAP_GRANT_REF, &op) ? -1 : rc;
}

static void fill(struct shared *s, unsigned int seed)
{
	for (unsigned int i = 0; i < s->count; i++)
		for (unsigned int j = 0; j < XEN_PAGE; j++)
			s->at[i * page + j] = (i * 37 + j * 11 + (j >> 8) + seed) | 1;
}

static int same(const struct shared *a, const struct shared *b)
{
	for (unsigned int i = 0; i < a->count; i++)
		if (memcmp(a->at + i * page, b->at + i * page, XEN_PAGE)) {
			errno = 0;
			fprintf(stderr, "# page %u differs\n", i);
			return 0;
		}
	return 1;
}

static void test_map(unsigned int count)
{
	struct shared a, b, c;
	char what[80];

	snprintf(what, sizeof(what), "%u pages are granted and mapped", count);
	if (!verdict(!share(&a, count, 1) && !map(&b, &a, PROT_READ | PROT_WRITE), what))
		return;
	fill(&a, 1);
	verdict(same(&a, &b), "what the granter writes is seen through the mapping");
	fill(&b, 2);
	verdict(same(&a, &b), "and what is written through the mapping by the granter");
	verdict(!map(&c, &a, PROT_READ) && same(&a, &c), "a second mapping, read-only, sees the same");
	verdict(!unmap(&c) && !unmap(&b), "both are unmapped");
	verdict(a.at[0] == (3 & 0xff), "the granter's pages stay as they were");
	verdict(!unshare(&a), "and are taken back");
}

static void test_read_only(void)
{
	struct shared a, b;

	if (!verdict(!share(&a, 1, 0), "a page is granted for reading"))
		return;
	fill(&a, 3);
	verdict(map(&b, &a, PROT_READ | PROT_WRITE) < 0, "it cannot be mapped for writing");
	unmap(&b);
	verdict(!map(&b, &a, PROT_READ) && same(&a, &b), "it can be mapped for reading");
	unmap(&b);
	unshare(&a);
	a.ref[0] = 0x7ffff;
	verdict(map(&b, &a, PROT_READ) < 0, "a reference beyond the table is an error");
	unmap(&b);
}

/* A mapping's unmap notification clears the byte that it names. */
static void test_notify(void)
{
	struct ioctl_gntdev_unmap_notify op = { .action = UNMAP_NOTIFY_CLEAR_BYTE };
	struct shared a, b;

	if (!verdict(!share(&a, 2, 1) && !map(&b, &a, PROT_READ | PROT_WRITE), "two pages for a notification"))
		return;
	fill(&a, 4);
	op.index = b.index + page + 100;
	verdict(!ioctl(dev_fd, IOCTL_GNTDEV_SET_UNMAP_NOTIFY, &op), "a byte of the second page is to be cleared");
	unmap(&b);
	verdict(a.at[page + 100] == 0 && a.at[page + 99] && a.at[page + 101] && a.at[100],
		"it is, and no other, when the mapping ends");
	fill(&a, 5);
	verdict(!map(&b, &a, PROT_READ | PROT_WRITE), "the pages are mapped again");
	op.index = b.index + XEN_PAGE;
	if (page > XEN_PAGE)
		verdict(ioctl(dev_fd, IOCTL_GNTDEV_SET_UNMAP_NOTIFY, &op) < 0 && errno == EINVAL,
			"a byte behind the grant is refused");
	unmap(&b);
	unshare(&a);
}

/* The unmap notification of gntalloc: the byte must be cleared in the mapping by gntdev. */
static void test_granter_notify(void)
{
	struct ioctl_gntalloc_unmap_notify op = { .action = UNMAP_NOTIFY_CLEAR_BYTE };
	struct shared a, b, all;

	if (!verdict(!share(&a, 1, 1) && !map(&b, &a, PROT_READ | PROT_WRITE), "a page for the granter's notification"))
		return;
	fill(&a, 6);
	all = a;
	op.index = a.index + page - XEN_PAGE + 904;
	verdict(!ioctl(alloc_fd, IOCTL_GNTALLOC_SET_UNMAP_NOTIFY, &op), "a byte near the page's end is to be cleared");
	all.at = malloc(XEN_PAGE);
	memcpy(all.at, b.at, XEN_PAGE);
	if (page == XEN_PAGE)
		all.at[904] = 0;
	unshare(&a);
	verdict(same(&all, &b), "only that byte is, when the granter lets go");
	unmap(&b);
	free(all.at);
}

static int copy(struct gntdev_grant_copy_segment *segment, unsigned int count)
{
	struct ioctl_gntdev_grant_copy op = { .count = count, .segments = segment };

	return ioctl(dev_fd, IOCTL_GNTDEV_GRANT_COPY, &op);
}

static void test_copy(void)
{
	char *buffer = aligned_alloc(65536, 2 * 65536);
	struct gntdev_grant_copy_segment s[2] = { };
	struct shared a;

	if (!verdict(!share(&a, 2, 1), "two pages to copy from and to"))
		return;
	fill(&a, 7);
	memset(buffer, 0, 2 * 65536);
	/* Into a buffer that crosses a kernel page boundary, and one that crosses a Xen page boundary. */
	for (int i = 0; i < 2; i++) {
		s[i].source.foreign.ref = a.ref[i];
		s[i].source.foreign.domid = self;
		s[i].source.foreign.offset = 96;
		s[i].dest.virt = buffer + 65536 - 1000 + i * 4000;
		s[i].len = 4000;
		s[i].flags = COPY_SOURCE_GREF;
	}
	verdict(!copy(s, 2) && !s[0].status && !s[1].status, "two pages are copied from their grants");
	verdict(!memcmp(buffer + 64536, a.at + 96, 4000) && !memcmp(buffer + 68536, a.at + page + 96, 4000) &&
		!buffer[64535] && !buffer[72536], "just those bytes");
	memset(s, 0, sizeof(s));
	s[0].source.virt = buffer + 64536;
	s[0].dest.foreign.ref = a.ref[1];
	s[0].dest.foreign.domid = self;
	s[0].dest.foreign.offset = 10;
	s[0].len = 3000;
	s[0].flags = COPY_DEST_GREF;
	verdict(!copy(s, 1) && !s[0].status && !memcmp(a.at + page + 10, a.at + 96, 3000), "and to one");
	s[0].dest.foreign.ref = 0x7ffff;
	verdict(!copy(s, 1) && s[0].status < 0, "to a reference beyond the table it is an error of that copy");
	s[0].dest.foreign.ref = a.ref[1];
	s[0].dest.foreign.offset = XEN_PAGE - 1;
	verdict(copy(s, 1) < 0, "a copy across the end of a grant is refused");
	unshare(&a);
	free(buffer);
}

static sigjmp_buf after_signal;

static void on_signal(int number)
{
	siglongjmp(after_signal, number);
}

/* A kernel page may be larger than the grant in it: an access to the rest of the page may fail, but not crash the kernel. */
static void test_behind(void)
{
	const struct sigaction catch = { .sa_handler = on_signal };
	volatile char *at;
	struct shared a, b;
	int ends[2];

	if (page == XEN_PAGE)
		return;
	if (!verdict(!share(&a, 1, 1) && !map(&b, &a, PROT_READ | PROT_WRITE) && !pipe(ends), "a mapping with nothing behind it"))
		return;
	fill(&a, 9);
	at = b.at + XEN_PAGE;
	sigaction(SIGBUS, &catch, NULL);
	if (!sigsetjmp(after_signal, 1)) {
		(void)*at;
		verdict(0, "reading behind the grant is a bus error");
	} else {
		verdict(1, "reading behind the grant is a bus error");
	}
	if (!sigsetjmp(after_signal, 1)) {
		*at = 1;
		verdict(0, "so is writing");
	} else {
		verdict(1, "so is writing");
	}
	signal(SIGBUS, SIG_DFL);
	verdict(write(ends[1], b.at + XEN_PAGE, 8) < 0 && errno == EFAULT, "the kernel, asked to read there, says EFAULT");
	verdict(write(ends[1], b.at, 8) == 8 && read(ends[0], b.at + XEN_PAGE, 8) < 0 && errno == EFAULT,
		"and asked to write there");
	verdict(same(&a, &b), "the grant itself is as it was");
	close(ends[0]);
	close(ends[1]);
	unmap(&b);
	unshare(&a);
}

/* The drivers release the grants and mappings of a process that exits. */
static void test_leave_open(void)
{
	struct shared a, b;
	int first = dev_fd;

	dev_fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
	if (!verdict(dev_fd >= 0 && !share(&a, 16, 1) && !map(&b, &a, PROT_READ | PROT_WRITE), "a mapping to leave"))
		return;
	fill(&a, 8);
	close(dev_fd);
	verdict(same(&a, &b), "a mapping outlives its file");
	munmap(b.at, b.count * page);
	dev_fd = first;
	verdict(!unshare(&a), "and ends with munmap");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: grants DOMID (of this domain)\n");
		return 2;
	}
	self = strtoul(argv[1], NULL, 0);
	page = sysconf(_SC_PAGESIZE);
	alloc_fd = open("/dev/xen/gntalloc", O_RDWR | O_CLOEXEC);
	dev_fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
	if (!verdict(alloc_fd >= 0 && dev_fd >= 0, "the devices open"))
		return 1;
	test_map(1);
	test_map(3);
	test_map(MANY);
	test_read_only();
	test_notify();
	test_granter_notify();
	test_copy();
	test_behind();
	test_leave_open();
	return failures != 0;
}
