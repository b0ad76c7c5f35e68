// SPDX-License-Identifier: GPL-2.0
/*
 * Count the instructions of a loop whose length is known, with the performance monitor (perf_event_open(2)).
 *
 * usage: count-instructions ROUNDS
 *
 * Prints for each round the number that was counted, in percent of what the loop has.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSTRUCTIONS 20000000ul

static void loop(uint64_t turns)
{
	asm volatile("mtctr %0; 1: nop; bdnz 1b" : : "r"(turns) : "ctr");
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .size = sizeof(attr), .config = PERF_COUNT_HW_INSTRUCTIONS,
		.disabled = 1, .exclude_kernel = 1, .exclude_hv = 1,
	};
	long rounds = argc == 2 ? atol(argv[1]) : 0;
	uint64_t count;
	int fd;

	if (rounds <= 0) {
		fprintf(stderr, "usage: count-instructions ROUNDS\n");
		return 2;
	}
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	if (fd < 0) {
		fprintf(stderr, "count-instructions: no counter for instructions: %s\n", strerror(errno));
		return 1;
	}
	for (long i = 0; i < rounds; i++) {
		ioctl(fd, PERF_EVENT_IOC_RESET, 0);
		ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
		loop(INSTRUCTIONS / 2);
		ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
		if (read(fd, &count, sizeof(count)) != sizeof(count)) {
			fprintf(stderr, "count-instructions: reading the counter: %s\n", strerror(errno));
			return 1;
		}
		printf("%lu\n", (unsigned long)(count * 100 / INSTRUCTIONS));
	}
	return 0;
}
