// SPDX-License-Identifier: GPL-2.0
/*
 * Send requests to a block device between marks for the instruction counter (marks.h): SAMPLES times COUNT requests of
 * BYTES each, DEPTH of them at a time, at ascending offsets. The device is opened with O_DIRECT.
 *
 * usage: blkbench read|write BYTES COUNT DEPTH SAMPLES DEVICE
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "marks.h"

#define MAX_DEPTH 256
#define ALIGNMENT 65536

static int fail(const char *what)
{
	fprintf(stderr, "blkbench: %s: %s\n", what, strerror(errno));
	return 1;
}

struct load {
	int fd;
	bool write;
	size_t bytes;
	unsigned long count, depth;
	uint64_t span;		/* bytes of the device, rounded down to whole requests */
	uint64_t next;		/* offset of the next request */
	aio_context_t context;
	unsigned char *buffers;
};

static uint64_t next_place(struct load *load)
{
	uint64_t place = load->next;

	load->next = place + load->bytes < load->span ? place + load->bytes : 0;
	return place;
}

static int one_by_one(struct load *load)
{
	for (unsigned long i = 0; i < load->count; i++) {
		uint64_t at = next_place(load);
		ssize_t n = load->write ? pwrite(load->fd, load->buffers, load->bytes, at) :
					  pread(load->fd, load->buffers, load->bytes, at);

		if (n != (ssize_t)load->bytes)
			return fail("request");
	}
	return 0;
}

static int submit(struct load *load, unsigned long first, unsigned long n)
{
	struct iocb blocks[MAX_DEPTH], *list[MAX_DEPTH];

	memset(blocks, 0, n * sizeof(blocks[0]));
	for (unsigned long i = 0; i < n; i++) {
		blocks[i].aio_fildes = load->fd;
		blocks[i].aio_lio_opcode = load->write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD;
		blocks[i].aio_buf = (uintptr_t)(load->buffers + (first + i) % load->depth * load->bytes);
		blocks[i].aio_nbytes = load->bytes;
		blocks[i].aio_offset = next_place(load);
		list[i] = &blocks[i];
	}
	return syscall(SYS_io_submit, load->context, n, list) == (long)n ? 0 : fail("io_submit");
}

/* Submit a batch when all requests of the one before have completed, so that requests are grouped the same way each time. */
static int many_at_once(struct load *load)
{
	struct io_event events[MAX_DEPTH];

	for (unsigned long done = 0; done < load->count; done += load->depth) {
		unsigned long n = load->count - done < load->depth ? load->count - done : load->depth;
		long got;

		if (submit(load, done, n))
			return 1;
		got = syscall(SYS_io_getevents, load->context, n, n, events, NULL);
		if (got != (long)n)
			return fail("io_getevents");
		for (long i = 0; i < got; i++) {
			if (events[i].res != (int64_t)load->bytes) {
				errno = events[i].res < 0 ? -events[i].res : EIO;
				return fail("request");
			}
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct sched_param priority = { .sched_priority = 1 };
	struct load load = { 0 };
	unsigned long samples;
	off_t end;

	if (argc != 7 || (strcmp(argv[1], "read") && strcmp(argv[1], "write"))) {
		fprintf(stderr, "usage: blkbench read|write BYTES COUNT DEPTH SAMPLES DEVICE\n");
		return 2;
	}
	load.write = !strcmp(argv[1], "write");
	load.bytes = strtoul(argv[2], NULL, 0);
	load.count = strtoul(argv[3], NULL, 0);
	load.depth = strtoul(argv[4], NULL, 0);
	samples = strtoul(argv[5], NULL, 0);
	if (!load.bytes || !load.count || !load.depth || load.depth > MAX_DEPTH) {
		fprintf(stderr, "blkbench: BYTES, COUNT and DEPTH are 1 or more, DEPTH at most %d\n", MAX_DEPTH);
		return 2;
	}
	load.fd = open(argv[6], (load.write ? O_RDWR : O_RDONLY) | O_DIRECT | O_CLOEXEC);
	if (load.fd < 0)
		return fail(argv[6]);
	end = lseek(load.fd, 0, SEEK_END);
	load.span = end - end % load.bytes;
	if (!load.span || posix_memalign((void **)&load.buffers, ALIGNMENT, load.bytes * load.depth))
		return fail("device or memory too small");
	memset(load.buffers, 0xa5, load.bytes * load.depth);
	if (syscall(SYS_io_setup, MAX_DEPTH, &load.context))
		return fail("io_setup");
	if (sched_setscheduler(0, SCHED_FIFO, &priority))
		return fail("sched_setscheduler");
	/* The first batch is not measured: it fills caches and pools. */
	for (unsigned long i = 0; i <= samples; i++) {
		int bad;

		if (i)
			mark_start();
		bad = load.depth == 1 ? one_by_one(&load) : many_at_once(&load);
		if (i)
			mark_end();
		if (bad)
			return 1;
	}
	return 0;
}
