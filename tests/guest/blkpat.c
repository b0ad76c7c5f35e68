// SPDX-License-Identifier: GPL-2.0
/*
 * Write a pattern to a block device or file, or check it: each 8 bytes contain their offset and the seed, so that data
 * at the wrong offset, from an earlier pass, or written in part only is detected and located.
 *
 * usage: blkpat [-b BYTES] [-s SEED] [-y] write FILE OFFSET LENGTH	write
 *        blkpat [-b BYTES] [-s SEED] check FILE OFFSET LENGTH		read and compare
 *        blkpat [-b BYTES] [-y] loop FILE OFFSET LENGTH		write and check, each time with the next seed, until
 *									SIGTERM; then print the number of whole passes
 *        blkpat flush FILE						flush the page cache and the disk's cache
 *
 * BYTES is the size of each request (default 64 KiB). Block devices are opened with O_DIRECT. With -y every request is
 * followed by fdatasync(), and "acked OFFSET" with its end is printed after both: data up to there may not be lost.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ALIGNMENT 65536
#define WORD sizeof(uint64_t)

static const char *file_name;
static size_t request = 65536;
static uint64_t seed = 1;
static bool acknowledge;
static unsigned char *buffer;
static volatile sig_atomic_t stopped;

static int usage(void)
{
	fprintf(stderr, "usage: blkpat [-b BYTES] [-s SEED] [-y] write|check|loop FILE OFFSET LENGTH\n"
			"       blkpat flush FILE\n");
	return 2;
}

static int fail(const char *what, uint64_t at)
{
	fprintf(stderr, "blkpat: %s: %s at byte %" PRIu64 ": %s\n", file_name, what, at, strerror(errno));
	return 1;
}

static uint64_t word_at(uint64_t at)
{
	uint64_t x = (at + 1) * 0x9e3779b97f4a7c15ull ^ seed * 0xd1342543de82ef95ull;

	return x ^ x >> 29;
}

static void fill(uint64_t at, size_t len)
{
	for (size_t i = 0; i < len; i += WORD) {
		uint64_t word = word_at(at + i);

		memcpy(buffer + i, &word, WORD);
	}
}

static int compare(uint64_t at, size_t len)
{
	for (size_t i = 0; i < len; i += WORD) {
		uint64_t expected = word_at(at + i), found;

		memcpy(&found, buffer + i, WORD);
		if (found != expected) {
			fprintf(stderr, "blkpat: %s: byte %" PRIu64 ": found %016" PRIx64 ", expected %016" PRIx64 "\n",
				file_name, at + i, found, expected);
			return 1;
		}
	}
	return 0;
}

static int move(int fd, bool write, uint64_t at, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write ? pwrite(fd, buffer + done, len - done, at + done) :
				    pread(fd, buffer + done, len - done, at + done);

		if (n == 0)
			errno = ENOSPC;
		if (n <= 0 && errno != EINTR)
			return fail(write ? "write" : "read", at + done);
		if (n > 0)
			done += n;
	}
	return 0;
}

static int write_range(int fd, uint64_t offset, uint64_t length)
{
	for (uint64_t at = 0; at < length; at += request) {
		size_t len = length - at < request ? length - at : request;

		fill(offset + at, len);
		if (move(fd, true, offset + at, len))
			return 1;
		if (!acknowledge)
			continue;
		if (fdatasync(fd))
			return fail("flush", offset + at);
		printf("acked %" PRIu64 "\n", offset + at + len);
		fflush(stdout);
	}
	return fsync(fd) ? fail("flush", offset) : 0;
}

static int check_range(int fd, uint64_t offset, uint64_t length)
{
	for (uint64_t at = 0; at < length; at += request) {
		size_t len = length - at < request ? length - at : request;

		if (move(fd, false, offset + at, len) || compare(offset + at, len))
			return 1;
	}
	return 0;
}

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static int loop_range(int fd, uint64_t offset, uint64_t length)
{
	unsigned long passes = 0;

	signal(SIGTERM, stop);
	while (!stopped) {
		if (write_range(fd, offset, length) || check_range(fd, offset, length))
			return 1;
		passes++;
		seed++;
	}
	printf("%lu\n", passes);
	return 0;
}

static int open_file(bool writable)
{
	int flags = writable ? O_RDWR : O_RDONLY;
	struct stat st;

	if (!stat(file_name, &st) && S_ISBLK(st.st_mode))
		flags |= O_DIRECT;
	return open(file_name, flags | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	uint64_t offset, length;
	const char *verb;
	int opt, fd;

	while ((opt = getopt(argc, argv, "+b:s:y")) != -1) {
		if (opt == 'b')
			request = strtoul(optarg, NULL, 0);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (opt == 'y')
			acknowledge = true;
		else
			return usage();
	}
	argv += optind;
	argc -= optind;
	if (argc < 2 || !request || request % WORD)
		return usage();
	verb = argv[0];
	file_name = argv[1];
	fd = open_file(strcmp(verb, "check"));
	if (fd < 0)
		return fail("open", 0);
	if (argc == 2 && !strcmp(verb, "flush"))
		return fsync(fd) ? fail("flush", 0) : 0;
	if (argc != 4)
		return usage();
	offset = strtoull(argv[2], NULL, 0);
	length = strtoull(argv[3], NULL, 0);
	if (posix_memalign((void **)&buffer, ALIGNMENT, request))
		return fail("no memory for a request", request);
	if (!strcmp(verb, "write"))
		return write_range(fd, offset, length);
	if (!strcmp(verb, "check"))
		return check_range(fd, offset, length);
	if (!strcmp(verb, "loop"))
		return loop_range(fd, offset, length);
	return usage();
}
