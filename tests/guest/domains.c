// SPDX-License-Identifier: GPL-2.0
/*
 * In dom0: print a line for each domain, with its number and the nanoseconds that it has run since it was started. Needs
 * neither xenstore nor Xen's tools.
 *
 * usage: domains
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

/* From the kernel's uapi header, which includes Xen's types and so cannot be included here. */
struct hypercall {
	uint64_t op;
	uint64_t arg[5];
};

/* xen_domctl with the result of XEN_DOMCTL_getdomaininfo (Xen 4.17). */
struct domctl {
	uint32_t cmd, interface_version;
	uint16_t domain, pad[3];
	uint16_t info_domain, info_pad;
	uint32_t flags;
	uint64_t tot_pages, max_pages, outstanding_pages, shr_pages, paged_pages, shared_info_frame, cpu_time;
	uint8_t rest[64];
};

_Static_assert(sizeof(struct domctl) == 144, "the size of struct xen_domctl");

#define PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))
#define HYPERCALL_DOMCTL 36
#define DOMCTL_GETDOMAININFO 5
#define INTERFACE_VERSION 0x15

int main(int argc, char **argv)
{
	int privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	unsigned int next = 0;

	(void)argv;
	if (argc != 1) {
		fprintf(stderr, "usage: domains\n");
		return 2;
	}
	for (;;) {
		struct domctl ctl = { .cmd = DOMCTL_GETDOMAININFO, .interface_version = INTERFACE_VERSION, .domain = next };
		struct hypercall call = { .op = HYPERCALL_DOMCTL, .arg = { (uintptr_t)&ctl } };

		/* The result is for the first existing domain with at least the given number. */
		if (ioctl(privcmd, PRIVCMD_HYPERCALL, &call)) {
			if (errno == ESRCH)
				return 0;
			perror("domains: /dev/xen/privcmd");
			return 1;
		}
		printf("%u %" PRIu64 "\n", ctl.info_domain, ctl.cpu_time);
		next = ctl.info_domain + 1;
	}
}
