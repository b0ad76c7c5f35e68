// SPDX-License-Identifier: GPL-2.0
/*
 * Map frames of another domain through /dev/xen/privcmd: all in one call, in several, and with frames that do not exist.
 * The frames contain the text of that domain's kernel, which does not change. Prints TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/tap.h"

#define XEN_PAGE 4096
#define FIRST_GFN 0x40
#define NR 33
#define NO_DOMAIN 77
#define NO_GFN 0xfffffff0ull

/* From the kernel's uapi header, which includes Xen's types and so cannot be included here. */
struct batch {
	unsigned int num;
	uint16_t dom;
	uint64_t addr;
	const uint64_t *arr;
	int *err;
};

#define MMAPBATCH_V2 _IOC(_IOC_NONE, 'P', 4, sizeof(struct batch))

static int fd;
static unsigned int domain;
static size_t page;

static char *area(size_t bytes)
{
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* Returns the error of the call; the errors of the single frames are in err[]. */
static int fill(char *at, unsigned int dom, const uint64_t *gfn, unsigned int nr, int *err)
{
	struct batch b = { .num = nr, .dom = dom, .addr = (uintptr_t)at, .arr = gfn, .err = err };

	memset(err, 0, nr * sizeof(*err));
	return ioctl(fd, MMAPBATCH_V2, &b) ? -errno : 0;
}

static int none(const int *err, unsigned int nr)
{
	while (nr--)
		if (err[nr]) {
			errno = -err[nr];
			return 0;
		}
	return 1;
}

/* Read the contents of one frame through a separate mapping. */
static int frame(uint64_t gfn, char *to)
{
	char *at = area(page);
	int err;

	if (!at || fill(at, domain, &gfn, 1, &err) || err)
		return -1;
	memcpy(to, at, XEN_PAGE);
	return munmap(at, page);
}

static int is(const char *at, uint64_t gfn)
{
	static char text[XEN_PAGE];

	return !frame(gfn, text) && !memcmp(at, text, XEN_PAGE);
}

static void test_batch(void)
{
	uint64_t gfn[NR];
	int err[NR], good = 1, different = 0;
	char *at = area((NR * XEN_PAGE + page - 1) & -page);

	for (unsigned int i = 0; i < NR; i++)
		gfn[i] = FIRST_GFN + NR - i;
	if (!verdict(at && !fill(at, domain, gfn, NR, err) && none(err, NR), "33 frames are mapped"))
		return;
	for (unsigned int i = 0; i < NR; i++)
		good = good && is(at + i * XEN_PAGE, gfn[i]);
	verdict(good, "each is the one that was asked for");
	/* Not every frame need differ from the next: some of the kernel's are all zeros. */
	for (unsigned int i = 1; i < NR; i++)
		different += !!memcmp(at, at + i * XEN_PAGE, XEN_PAGE);
	verdict(different, "and they differ");
	munmap(at, (NR * XEN_PAGE + page - 1) & -page);
}

static void test_hole(void)
{
	uint64_t gfn[3] = { FIRST_GFN, NO_GFN, FIRST_GFN + 2 };
	char *at = area((3 * XEN_PAGE + page - 1) & -page);
	int err[3];

	verdict(at && !fill(at, domain, gfn, 3, err) && !err[0] && err[1] < 0 && !err[2],
		"a frame that the domain does not have is that frame's error");
	verdict(is(at, gfn[0]) && is(at + 2 * XEN_PAGE, gfn[2]), "those around it are mapped");
	munmap(at, (3 * XEN_PAGE + page - 1) & -page);
}

/* Map the pages of an area one by one, from the last to the first. */
static void test_later(void)
{
	unsigned int per_page = page / XEN_PAGE;
	uint64_t *gfn = calloc(2 * per_page, sizeof(*gfn));
	int *err = calloc(2 * per_page, sizeof(*err));
	char *at = area(2 * page);

	for (unsigned int i = 0; i < 2 * per_page; i++)
		gfn[i] = FIRST_GFN + i;
	verdict(at && !fill(at, NO_DOMAIN, gfn, 2 * per_page, err) && err[0] < 0 && err[2 * per_page - 1] < 0,
		"a domain that is not there is every frame's error");
	verdict(!fill(at + page, domain, gfn + per_page, per_page, err) && none(err, per_page),
		"the second page is mapped after that");
	verdict(!fill(at, domain, gfn, per_page, err) && none(err, per_page), "then the first");
	verdict(is(at, gfn[0]) && is(at + page, gfn[per_page]), "both hold what they should");
	verdict(fill(at, domain, gfn, 1, err) == -EINVAL, "what is mapped is not mapped again");
	munmap(at, 2 * page);
	free(gfn);
	free(err);
}

static void test_many(void)
{
	uint64_t gfn[NR];
	int err[NR], good = 1;
	char *at;

	for (unsigned int i = 0; i < NR; i++)
		gfn[i] = FIRST_GFN + i;
	for (int round = 0; round < 100 && good; round++) {
		at = area((NR * XEN_PAGE + page - 1) & -page);
		good = at && !fill(at, domain, gfn, NR, err) && none(err, NR) &&
		       !munmap(at, (NR * XEN_PAGE + page - 1) & -page);
	}
	verdict(good, "100 times mapped and unmapped");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: foreign DOMID\n");
		return 2;
	}
	domain = strtoul(argv[1], NULL, 0);
	page = sysconf(_SC_PAGESIZE);
	fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (!verdict(fd >= 0, "the device opens"))
		return 1;
	test_batch();
	test_hole();
	test_later();
	test_many();
	return failures != 0;
}
