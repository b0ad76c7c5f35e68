// SPDX-License-Identifier: GPL-2.0
/* The slowdown of this machine (slowdown.h). */
#include <fcntl.h>
#include <unistd.h>

#include "slowdown.h"

#define MOST 1000

/**
 * slowdown() - by what factor time limits are to be multiplied now
 *
 * Context: any, signal handlers included.
 * Return: 1 to MOST; 1 where nothing is known.
 */
int slowdown(void)
{
	char text[16];
	int fd = open(SLOWDOWN_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text));
	int value = 0;

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < len && text[i] >= '0' && text[i] <= '9' && value < MOST; i++)
		value = 10 * value + text[i] - '0';
	return value < 1 ? 1 : value > MOST ? MOST : value;
}
