// SPDX-License-Identifier: GPL-2.0
/*
 * In dom0: read and set the scheduling parameters of a running domain, or set its UUID, through /dev/xen/privcmd. Needs
 * neither xenstore nor Xen's tools.
 *
 * usage: sched-ctl DOMAIN					print WEIGHT CAP
 *        sched-ctl DOMAIN weight N				N: 1 to 65535
 *        sched-ctl DOMAIN cap PERCENT				of one processor; 0: none
 *        sched-ctl DOMAIN VCPU					print PROCESSOR CPU-TIME CLOCK MASK (ns, hexadecimal)
 *        sched-ctl DOMAIN VCPU MASK				set its affinity; prints the effective one
 *        sched-ctl DOMAIN uuid UUID				give it another UUID
 *        sched-ctl DOMAIN wrong				make each kind of invalid request; prints TAP
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "lib/tap.h"

/* From the kernel's uapi header, which includes Xen's types and so cannot be included here. */
struct hypercall {
	uint64_t op;
	uint64_t arg[5];
};

struct bitmap {
	uint64_t pointer;
	uint32_t bits;
};

/* xen_domctl with the parts for the scheduler (Xen 4.17). */
struct domctl {
	uint32_t cmd, interface_version;
	uint16_t domain, pad[3];
	union {
		struct {
			uint32_t scheduler, cmd;
			uint16_t weight, cap;
		} sched;
		struct {
			uint32_t vcpu;
			uint8_t online, blocked, running;
			uint64_t cpu_time;
			uint32_t cpu;
		} vcpu;
		struct {
			uint32_t vcpu, flags;
			struct bitmap hard, soft;
		} affinity;
		uint8_t uuid[16];
		uint8_t pad[128];
	} u;
};

_Static_assert(sizeof(struct domctl) == 144, "the size of struct xen_domctl");

#define PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))
#define HYPERCALL_DOMCTL 36
#define INTERFACE_VERSION 0x15
#define SET_AFFINITY 9
#define VCPU_INFO 14
#define SCHEDULER_OP 16
#define SET_HANDLE 17
#define GET_AFFINITY 25
#define CREDIT 5
#define PUT 0
#define GET 1
#define PUT_OF_VCPUS 2
#define HARD 1
#define SOFT 2
#define MAX_CAP 6400
#define NO_SUCH_DOMAIN 999
#define NO_SUCH_VCPU 64
#define WEIGHT_AS_IT_IS 0
#define CAP_UNCHANGED 0xffff

static int privcmd;

/* Returns 0 or a negative error. */
static int domctl(struct domctl *ctl, unsigned int domain, uint32_t cmd)
{
	struct hypercall call = { .op = HYPERCALL_DOMCTL, .arg = { (uintptr_t)ctl } };

	ctl->cmd = cmd;
	ctl->interface_version = INTERFACE_VERSION;
	ctl->domain = domain;
	return ioctl(privcmd, PRIVCMD_HYPERCALL, &call) < 0 ? -errno : 0;
}

static int credit(struct domctl *ctl, unsigned int domain, uint32_t cmd, uint16_t weight, uint16_t cap)
{
	memset(ctl, 0, sizeof(*ctl));
	ctl->u.sched.scheduler = CREDIT;
	ctl->u.sched.cmd = cmd;
	ctl->u.sched.weight = weight;
	ctl->u.sched.cap = cap;
	return domctl(ctl, domain, SCHEDULER_OP);
}

/* Masks have 64 bits; in both byte orders, bit n of the mask is bit n % 8 of byte n / 8. */
static int affinity(unsigned int domain, uint32_t cmd, unsigned int vcpu, uint32_t flags, uint64_t *mask, uint32_t bits)
{
	uint8_t map[8] = { 0 };
	struct domctl ctl = { .u.affinity = { .vcpu = vcpu, .flags = flags } };
	struct bitmap bitmap = { .pointer = (uintptr_t)map, .bits = bits };
	int rc;

	for (int i = 0; i < 8; i++)
		map[i] = *mask >> i * 8;
	if (flags & HARD)
		ctl.u.affinity.hard = bitmap;
	if (flags & SOFT)
		ctl.u.affinity.soft = bitmap;
	rc = domctl(&ctl, domain, cmd);
	*mask = 0;
	for (int i = 0; i < 8; i++)
		*mask |= (uint64_t)map[i] << i * 8;
	return rc;
}

static int set_mask(unsigned int domain, unsigned int vcpu, uint64_t mask, uint32_t bits)
{
	return affinity(domain, SET_AFFINITY, vcpu, HARD, &mask, bits);
}

static uint64_t get_mask(unsigned int domain, unsigned int vcpu)
{
	uint64_t mask = 0;

	return affinity(domain, GET_AFFINITY, vcpu, HARD, &mask, 64) ? 0 : mask;
}

/* Set an affinity with an invalid pointer, or with one to memory that the process does not have. */
static int wild_map(unsigned int domain, uint32_t cmd, uint64_t pointer, uint32_t bits)
{
	struct domctl ctl = { .u.affinity = { .flags = HARD, .hard = { .pointer = pointer, .bits = bits } } };

	return domctl(&ctl, domain, cmd);
}

static int wrong(unsigned int domain)
{
	struct domctl before, ctl;
	uint64_t mask, most = ~0UL;

	equal("getinfo", 0, credit(&before, domain, GET, 0, 0));
	mask = get_mask(domain, 0);

	equal("a cap beyond all processors", -EINVAL, credit(&ctl, domain, PUT, 7, MAX_CAP + 1));
	equal("an op on a list of vcpus", -EINVAL, credit(&ctl, domain, PUT_OF_VCPUS, 7, 7));
	equal("an op that does not exist", -EINVAL, credit(&ctl, domain, ~0U, 7, 7));
	equal("a domain that does not exist", -ESRCH, credit(&ctl, NO_SUCH_DOMAIN, PUT, 7, 7));
	ctl.u.sched.scheduler = CREDIT + 1;
	ctl.u.sched.cmd = PUT;
	equal("another scheduler", -EINVAL, domctl(&ctl, domain, SCHEDULER_OP));

	equal("no processor", -EINVAL, set_mask(domain, 0, 0, 64));
	equal("no bit of a processor", -EINVAL, set_mask(domain, 0, ~0UL, 0));
	equal("no processor of this machine", -EINVAL, set_mask(domain, 0, 1UL << 63, 64));
	equal("a vcpu that does not exist", -EINVAL, set_mask(domain, NO_SUCH_VCPU, 1, 64));
	equal("vcpu -1", -EINVAL, set_mask(domain, ~0U, 1, 64));
	equal("a vcpu of a domain that does not exist", -ESRCH, set_mask(NO_SUCH_DOMAIN, 0, 1, 64));
	equal("soft affinity", -EINVAL, affinity(domain, SET_AFFINITY, 0, SOFT, &most, 64));
	equal("both", -EINVAL, affinity(domain, SET_AFFINITY, 0, HARD | SOFT, &most, 64));
	equal("a map at no address", -EFAULT, wild_map(domain, SET_AFFINITY, 0, 64));
	equal("a map that nobody mapped", -EFAULT, wild_map(domain, SET_AFFINITY, 4096, 64));
	equal("a map of the kernel's", -EFAULT, wild_map(domain, SET_AFFINITY, 0xc000000000000000UL, 64));
	equal("to read such a map", -EFAULT, wild_map(domain, GET_AFFINITY, 0xc000000000000000UL, 64));
	equal("to read into this text", -EFAULT, wild_map(domain, GET_AFFINITY, (uintptr_t)"", 8));
	/* From the program's data upwards: above the stack the address space may end. */
	equal("a map longer than can be named", -E2BIG, wild_map(domain, SET_AFFINITY, (uintptr_t)&privcmd, ~0U));
	memset(&ctl, 0, sizeof(ctl));
	ctl.u.vcpu.vcpu = NO_SUCH_VCPU;
	equal("figures of a vcpu that does not exist", -EINVAL, domctl(&ctl, domain, VCPU_INFO));

	equal("getinfo after all that", 0, credit(&ctl, domain, GET, 0, 0));
	equal("the weight is as it was", before.u.sched.weight, ctl.u.sched.weight);
	equal("the cap, too", before.u.sched.cap, ctl.u.sched.cap);
	verdict(mask && get_mask(domain, 0) == mask, "and the affinity");
	return failures ? 1 : 0;
}

/* Convert @text to a number from @least to @most, or exit. */
static uint64_t number(const char *text, int base, const char *what, uint64_t least, uint64_t most)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(text, &end, base);
	if (*text == '-' || end == text || *end || errno || n < least || n > most) {
		fprintf(stderr, "sched-ctl: %s: not a %s (%" PRIu64 " to %" PRIu64 ")\n", text, what, least, most);
		exit(2);
	}
	return n;
}

static int done(int rc, const char *what)
{
	if (rc)
		fprintf(stderr, "sched-ctl: %s: %s\n", what, strerror(-rc));
	return rc ? 1 : 0;
}

static int show(unsigned int domain)
{
	struct domctl ctl;
	int rc = credit(&ctl, domain, GET, 0, 0);

	if (!rc)
		printf("%u %u\n", ctl.u.sched.weight, ctl.u.sched.cap);
	return done(rc, "weight and cap");
}

static int show_vcpu(unsigned int domain, unsigned int vcpu)
{
	struct domctl ctl = { .u.vcpu.vcpu = vcpu };
	int rc = domctl(&ctl, domain, VCPU_INFO);
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!rc)
		printf("%u %" PRIu64 " %" PRIu64 " %" PRIx64 "\n", ctl.u.vcpu.cpu, ctl.u.vcpu.cpu_time,
		       (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec, get_mask(domain, vcpu));
	return done(rc, "vcpu");
}

static int place(unsigned int domain, unsigned int vcpu, uint64_t mask)
{
	int rc = affinity(domain, SET_AFFINITY, vcpu, HARD, &mask, 64);

	if (!rc)
		printf("%" PRIx64 "\n", mask);
	return done(rc, "affinity");
}

/* Digits in pairs, with a dash after pairs 4, 6, 8 and 10. */
static bool parse_uuid(const char *text, uint8_t *uuid)
{
	unsigned int byte;
	int length;

	for (int i = 0; i < 16; i++) {
		if (i >= 4 && i <= 10 && i % 2 == 0 && *text++ != '-')
			return false;
		if (sscanf(text, "%2x%n", &byte, &length) != 1 || length != 2)
			return false;
		uuid[i] = byte;
		text += 2;
	}
	return !*text;
}

static int set_uuid(unsigned int domain, const char *text)
{
	struct domctl ctl = { 0 };

	if (!parse_uuid(text, ctl.u.uuid)) {
		fprintf(stderr, "sched-ctl: %s is not a UUID\n", text);
		return 2;
	}
	return done(domctl(&ctl, domain, SET_HANDLE), "uuid");
}

int main(int argc, char **argv)
{
	bool help = argc == 2 && !strcmp(argv[1], "--help");
	struct domctl ctl;
	unsigned int domain, vcpu;
	uint64_t value;

	if (help || argc < 2 || argc > 4) {
		fprintf(help ? stdout : stderr, "usage: sched-ctl DOMAIN [weight N | cap PERCENT | uuid UUID | wrong | VCPU [MASK]]\n"
			"without more it shows weight and cap; a VCPU's processor, time, clock and mask in hex\n");
		return help ? 0 : 2;
	}
	domain = number(argv[1], 10, "domain", 0, 0x7fef);
	privcmd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (privcmd < 0) {
		perror("sched-ctl: /dev/xen/privcmd");
		return 1;
	}
	if (argc == 2)
		return show(domain);
	if (argc == 3 && !strcmp(argv[2], "wrong"))
		return wrong(domain);
	if (argc == 4 && !strcmp(argv[2], "weight")) {
		value = number(argv[3], 10, "weight", 1, 65535);
		return done(credit(&ctl, domain, PUT, value, CAP_UNCHANGED), "weight");
	}
	if (argc == 4 && !strcmp(argv[2], "cap")) {
		/* The hypervisor checks the upper limit of a cap. */
		value = number(argv[3], 10, "cap", 0, CAP_UNCHANGED - 1);
		return done(credit(&ctl, domain, PUT, WEIGHT_AS_IT_IS, value), "cap");
	}
	if (argc == 4 && !strcmp(argv[2], "uuid"))
		return set_uuid(domain, argv[3]);
	vcpu = number(argv[2], 10, "vcpu", 0, ~0U);
	if (argc == 3)
		return show_vcpu(domain, vcpu);
	return place(domain, vcpu, number(argv[3], 16, "mask", 0, ~0UL));
}
