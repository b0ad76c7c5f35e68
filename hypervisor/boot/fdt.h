/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flattened device trees: reading the host's, writing a domain's.
 */
#ifndef HV_BOOT_FDT_H
#define HV_BOOT_FDT_H

#include "core/base/domain_types.h"

/* What the host's device tree says; constant after fdt_scan_host(). */
struct host_info {
	u64 initrd_start, initrd_end;	/* the bundle, machine addresses; 0: none */
	const char *cmdline;
	u64 pmem_start, pmem_size;	/* dom0's persistent memory, 0: none */
	u32 cores[MAX_PCPUS];		/* PIR of the first thread of each core */
	unsigned int nr_cores;
};

/* A domain's layout, guest physical addresses. */
struct domain_layout {
	u64 memory;			/* RAM is [0, memory) */
	u64 initrd_start, initrd_end;	/* 0: none */
	u64 pmem;			/* bytes at PMEM_GPA, 0: none */
};

/*
 * Guest physical space above RAM, the same for every domain: console and xenstore
 * page, each alone in a 64 KiB block; the window for grant frames; one extended
 * region. dom0 alone has persistent memory, below these. All of it is below 2^46,
 * the limit of a Linux kernel with hash translation.
 */
#define PMEM_GPA		0x08000000000UL
#define MAGIC_CONSOLE_GPA	0x10000000000UL
#define MAGIC_STORE_GPA		0x10000010000UL
#define GRANT_WINDOW_GPA	0x10001000000UL
#define GRANT_WINDOW_SIZE	0x1000000UL
#define EXT_REGION_GPA		0x10040000000UL
#define EXT_REGION_SIZE		0x400000000UL

extern struct host_info host_info;

void fdt_scan_host(const void *fdt);
void fdt_renew_domain(void *tree);
int fdt_write_domain(const struct domain *d, const struct domain_layout *l, void *buf, size_t size);

#endif
