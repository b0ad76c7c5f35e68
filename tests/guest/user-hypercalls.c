// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls from a program: through /dev/xen/privcmd with valid and invalid pointers, and by executing the trap
 * instruction, which must not work in user space. Prints TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* From the kernel's uapi header, which includes Xen's types and so cannot be included here. */
struct hypercall {
	uint64_t op;
	uint64_t arg[5];
};

#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#define PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))

#define MEMORY_OP 12
#define XEN_VERSION 17
#define CONSOLE_IO 18
#define GRANT_TABLE_OP 20
#define EVENT_CHANNEL_OP 32
#define HVM_OP 34
#define VERSION_VERSION 0
#define VERSION_EXTRAVERSION 1
#define VERSION_CAPABILITIES 3
#define VERSION_GET_FEATURES 6
#define EVTCHN_STATUS 5
#define MEMORY_CURRENT_RESERVATION 3
#define HVM_GET_PARAM 1
#define CAPABILITIES_BYTES 1024
#define DOMID_SELF 0x7ff0
#define H_PRIVILEGE_CODE (-3)
#define XEN_NUMBER(n) ((n) | ~0xffffL)

static int privcmd;
static int failures;

static void verdict(int good, const char *what, long got)
{
	printf("%sok - %s%s", good ? "" : "not ", what, good ? "\n" : "");
	if (!good)
		printf(": got %ld\n", got);
	failures += !good;
}

/* Returns the hypercall's result or a negative error. */
static long call(uint64_t op, uint64_t a0, const void *a1)
{
	struct hypercall c = { .op = op, .arg = { a0, (uint64_t)(uintptr_t)a1 } };
	int rc = ioctl(privcmd, PRIVCMD_HYPERCALL, &c);

	return rc < 0 ? -errno : rc;
}

static long trap(long number)
{
	register long r3 asm("r3") = number;
	register long r4 asm("r4") = 0;
	register long r5 asm("r5") = 0;

	asm volatile("sc 1"
		     : "+r" (r3), "+r" (r4), "+r" (r5)
		     :
		     : "r0", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "ctr", "xer", "cr0", "cr1", "cr5",
		       "cr6", "cr7", "memory");
	return r3;
}

static int alive(void)
{
	return call(XEN_VERSION, VERSION_VERSION, NULL) > 0;
}

static void good_pointers(char *area, long page)
{
	struct {
		uint32_t index, map;
	} features = { 0, 0 };
	uint16_t self = DOMID_SELF;
	char *over_end = area + page - 7;
	char *plain = area + 2 * page;
	long rc;

	rc = call(XEN_VERSION, VERSION_VERSION, NULL);
	verdict(rc > 0, "xen_version", rc);
	rc = call(XEN_VERSION, VERSION_GET_FEATURES, &features);
	verdict(rc == 0 && features.map, "get_features into the stack", rc);
	rc = call(XEN_VERSION, VERSION_CAPABILITIES, plain);
	verdict(rc == 0, "capabilities into a page", rc);
	rc = call(XEN_VERSION, VERSION_CAPABILITIES, over_end);
	verdict(rc == 0 && !memcmp(over_end, plain, 64), "capabilities over a page's end, unaligned", rc);
	rc = call(MEMORY_OP, MEMORY_CURRENT_RESERVATION, &self);
	verdict(rc > 0, "current_reservation of itself", rc);
}

static void bad_pointers(char *area, long page)
{
	static const struct {
		const char *name;
		uint64_t op, cmd;
	} ops[] = {
		{ "xen_version", XEN_VERSION, VERSION_EXTRAVERSION },
		{ "event_channel_op", EVENT_CHANNEL_OP, EVTCHN_STATUS },
		{ "memory_op", MEMORY_OP, MEMORY_CURRENT_RESERVATION },
		{ "hvm_op", HVM_OP, HVM_GET_PARAM },
	};
	const struct {
		const char *name;
		const void *p;
	} wrong[] = {
		{ "a null pointer", NULL },
		{ "an unmapped page", area + 4 * page },
		{ "a small number", (void *)0x10 },
		{ "a kernel address", (void *)0xc000000000001000UL },
		{ "an inline handle", (void *)0x8000000000010000UL },
		{ "the top of the address space", (void *)-8L },
		{ "one byte before an unmapped page", area + 4 * page - 1 },
	};
	char text[128];
	long rc;

	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++) {
		for (unsigned int k = 0; k < ARRAY_SIZE(wrong); k++) {
			rc = call(ops[i].op, ops[i].cmd, wrong[k].p);
			snprintf(text, sizeof(text), "%s with %s gives -EFAULT", ops[i].name, wrong[k].name);
			verdict(rc == -EFAULT && alive(), text, rc);
		}
	}
	rc = call(XEN_VERSION, VERSION_EXTRAVERSION, area + 3 * page);
	verdict(rc == -EFAULT, "an answer into a read-only page gives -EFAULT", rc);
}

static void bad_numbers(char *area)
{
	static const uint64_t absent[] = { 13, 14, 40, 62, 63, 64, 4096, 0xffffffff, ~0ULL };
	int bad = 0;
	long rc;

	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++)
		bad += call(absent[i], 0, area) != -ENOSYS;
	verdict(!bad && alive(), "hypercalls that are not there give -ENOSYS", bad);
	rc = call(XEN_VERSION, 1000, area);
	verdict(rc == -ENOSYS, "an unknown op gives -ENOSYS", rc);
	rc = call(EVENT_CHANNEL_OP, ~0ULL, area);
	verdict(rc == -ENOSYS, "an op of all ones gives -ENOSYS", rc);
}

static void bare_traps(void)
{
	long rc = trap(XEN_NUMBER(XEN_VERSION));

	verdict(rc == -EPERM, "the trap from a program, a Xen call: -EPERM", rc);
	rc = trap(XEN_NUMBER(50));
	verdict(rc == -EPERM, "the trap from a program, no such Xen call: -EPERM", rc);
	rc = trap(0xe0);
	verdict(rc == H_PRIVILEGE_CODE, "the trap from a program, a PAPR call: H_PRIVILEGE", rc);
	rc = trap(0x1234);
	verdict(rc == H_PRIVILEGE_CODE, "the trap from a program, no such PAPR call: H_PRIVILEGE", rc);
	verdict(alive(), "a good hypercall still works", 0);
}

int main(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *area = mmap(NULL, 5 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	setlinebuf(stdout);
	privcmd = open("/dev/xen/privcmd", O_RDWR);
	if (privcmd < 0 || area == MAP_FAILED) {
		perror("/dev/xen/privcmd");
		return 2;
	}
	memset(area, 1, 4 * page);
	mprotect(area + 3 * page, page, PROT_READ);
	munmap(area + 4 * page, page);
	good_pointers(area, page);
	bad_pointers(area, page);
	bad_numbers(area);
	bare_traps();
	return failures != 0;
}
