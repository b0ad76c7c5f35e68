// SPDX-License-Identifier: GPL-2.0
/*
 * In dom0: give a domain another UUID, through /dev/xen/privcmd, as xl does for a domain that it creates.
 *
 * usage: set-uuid DOMAIN UUID
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* From the kernel's uapi header, which includes Xen's types and so cannot be included here. */
struct hypercall {
	uint64_t op;
	uint64_t arg[5];
};

/* xen_domctl for XEN_DOMCTL_setdomainhandle (Xen 4.17). */
struct domctl {
	uint32_t cmd, interface_version;
	uint16_t domain, pad[3];
	uint8_t handle[16], rest[112];
};

_Static_assert(sizeof(struct domctl) == 144, "the size of struct xen_domctl");

#define PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))
#define HYPERCALL_DOMCTL 36
#define DOMCTL_SETDOMAINHANDLE 17
#define INTERFACE_VERSION 0x15

/* Digits in pairs, with a dash after pairs 4, 6, 8 and 10. */
static int parse(const char *text, uint8_t *handle)
{
	unsigned int byte;
	int length;

	for (int i = 0; i < 16; i++) {
		if (i >= 4 && i <= 10 && i % 2 == 0 && *text++ != '-')
			return -1;
		if (sscanf(text, "%2x%n", &byte, &length) != 1 || length != 2)
			return -1;
		handle[i] = byte;
		text += 2;
	}
	return *text ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct domctl ctl = { .cmd = DOMCTL_SETDOMAINHANDLE, .interface_version = INTERFACE_VERSION };
	struct hypercall call = { .op = HYPERCALL_DOMCTL, .arg = { (uintptr_t)&ctl } };
	int privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);

	if (argc != 3 || parse(argv[2], ctl.handle)) {
		fprintf(stderr, "usage: set-uuid DOMAIN UUID\n");
		return 2;
	}
	ctl.domain = strtoul(argv[1], NULL, 10);
	if (ioctl(privcmd, PRIVCMD_HYPERCALL, &call) < 0) {
		fprintf(stderr, "set-uuid: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}
