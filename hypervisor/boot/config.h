/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xen.conf: the domains to start, their files and their resources.
 */
#ifndef HV_BOOT_CONFIG_H
#define HV_BOOT_CONFIG_H

#include "lib/types.h"

#define CONFIG_NAME	32
#define CONFIG_FILE	64
#define CONFIG_CMDLINE	2048	/* with its NUL: COMMAND_LINE_SIZE of Linux on powerpc */
#define CONFIG_UUID	16

struct config_section {
	char name[CONFIG_NAME];
	char kernel[CONFIG_FILE];
	char initrd[CONFIG_FILE];	/* empty: none */
	char cmdline[CONFIG_CMDLINE];
	u64 memory;			/* bytes */
	unsigned int vcpus;
	unsigned int grant_frames;	/* largest size of its grant table in frames, 0: the default */
	unsigned int weight;		/* share of the pCPUs, 0: the default */
	unsigned int cap;		/* percent of one pCPU, 0: no limit */
	u64 cpus;			/* mask of the pCPUs that may run it, 0: all */
	u8 uuid[CONFIG_UUID];		/* in the order of its text; zeros: a random one */
};

/* A position in the text of xen.conf, for config_next(). */
struct config_reader {
	const char *text;
	size_t size, pos;
	unsigned int line;
};

int config_next(struct config_reader *r, struct config_section *s, const char **why, unsigned int *line);
int config_number(const char *s, size_t len, u64 *out);
bool config_option(const char *cmdline, const char *key, char *value, size_t size);

#endif
