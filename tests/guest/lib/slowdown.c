// SPDX-License-Identifier: GPL-2.0
/* The slowdown of this machine (slowdown.h). */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "slowdown.h"

#define MAX_SLOWDOWN 1000

/* Limits of the kernel's detectors of lockups, stalls and hung tasks, in seconds: default and greatest value. */
static const struct {
	const char *path;
	int normal, most;
} kernel_limits[] = {
	{ "/proc/sys/kernel/watchdog_thresh", 10, 60 },
	{ "/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout", 21, 300 },
	{ "/proc/sys/kernel/hung_task_timeout_secs", 120, 12000 },
};

/**
 * slowdown() - by what factor time limits are to be multiplied now
 *
 * Context: any, signal handlers included.
 * Return: 1 to MAX_SLOWDOWN; 1 where nothing is known.
 */
int slowdown(void)
{
	char text[16];
	int fd = open(SLOWDOWN_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text));
	int value = 0;

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < len && text[i] >= '0' && text[i] <= '9' && value < MAX_SLOWDOWN; i++)
		value = 10 * value + text[i] - '0';
	return value < 1 ? 1 : value > MAX_SLOWDOWN ? MAX_SLOWDOWN : value;
}

static void write_number(const char *path, int number)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return;
	fprintf(file, "%d\n", number);
	fclose(file);
}

/**
 * slowdown_set() - record that the machine is slower than was known
 * @value: the slowdown; ignored unless it is greater than the one known
 *
 * Also raises the limits of the kernel's detectors of lockups, stalls and hung tasks, as far as the kernel has them.
 */
void slowdown_set(int value)
{
	static const char new[] = SLOWDOWN_FILE ".new";

	if (value <= slowdown() || value > MAX_SLOWDOWN)
		return;
	/* Readers find the old contents or the new ones. */
	write_number(new, value);
	rename(new, SLOWDOWN_FILE);
	for (unsigned int i = 0; i < sizeof(kernel_limits) / sizeof(kernel_limits[0]); i++) {
		int limit = kernel_limits[i].normal * value;

		write_number(kernel_limits[i].path, limit < kernel_limits[i].most ? limit : kernel_limits[i].most);
	}
}
