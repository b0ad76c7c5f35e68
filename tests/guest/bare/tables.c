// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels without an operating system for tests/boot/tables, which reads what they write.
 *
 * DOMAIN=0	dom0: nothing
 * DOMAIN=1	maps and unmaps a grant of its own in each 2 MiB of its window, ROUNDS times; then maps it in as many
 *		of them as it can, twice, in different parts of the window
 * DOMAIN=2	reboots, again and again
 */
#include "arch/cpu.h"
#include "bare.h"

#define MEMORY_OP	12
#define ADD_TO_PHYSMAP	7
#define SPACE_GRANTS	1
#define GRANT_TABLE_OP	20
#define MAP		0
#define UNMAP		1
#define HOST_MAP	2
#define PERMIT		1
#define SCHED_OP	29
#define SHUTDOWN	2
#define REBOOT		1
#define DOMID_SELF	0x7ff0
#define REF		8		/* the first that is not reserved */
#define TABLE		0x10001000000UL	/* the window for grant tables: hypervisor/boot/fdt.h */
#define WINDOW		0x10040000000UL	/* extended region */
#define STEP		0x200000UL
#define STEPS		8192U		/* of the region */
#define ROUNDS		3U

struct place {
	u16 domid, size;
	u32 space;
	u64 idx, gpfn;
};

struct map {
	u64 host_addr;
	u32 flags, ref;
	u16 dom;
	s16 status;
	u32 handle;
	u64 dev_bus_addr;
};

struct unmap {
	u64 host_addr, dev_bus_addr;
	u32 handle;
	s16 status;
};

static u8 shared[4096] __aligned(4096);
static u32 handles[STEPS];

asm(BARE_ENTRY
    BARE_STACK);

/* Map the frame in step @n of the window. */
static bool map(u32 n)
{
	static struct map m __aligned(64);

	m = (struct map){ .host_addr = WINDOW + n * STEP, .flags = HOST_MAP, .ref = REF, .dom = DOMID_SELF };
	if (hypercall(GRANT_TABLE_OP, MAP, INLINE(&m), 1) || READ_ONCE(m.status))
		return false;
	handles[n] = READ_ONCE(m.handle);
	return true;
}

static bool unmap(u32 n)
{
	static struct unmap u __aligned(32);

	u = (struct unmap){ .host_addr = WINDOW + n * STEP, .handle = handles[n] };
	return !hypercall(GRANT_TABLE_OP, UNMAP, INLINE(&u), 1) && !READ_ONCE(u.status);
}

static void say(const char *what, u64 n)
{
	text(what);
	number(n, 10);
	end_line();
}

/* How many steps from @first on can be mapped at the same time. */
static u32 fill(u32 first)
{
	u32 n = 0;

	while (first + n < STEPS && map(first + n))
		n++;
	for (u32 i = 0; i < n; i++)
		if (!unmap(first + i))
			say("not unmapped ", i);
	return n;
}

static void hostile(void)
{
	static struct place p __aligned(32);
	volatile struct { u16 flags, domid; u32 frame; } *entry = (void *)TABLE;
	u64 good = 0;

	p = (struct place){ .domid = DOMID_SELF, .space = SPACE_GRANTS, .gpfn = TABLE >> 12 };
	if (hypercall(MEMORY_OP, ADD_TO_PHYSMAP, INLINE(&p), 0))
		say("no grant table ", 0);
	entry[REF].domid = 1;
	entry[REF].frame = (u64)shared >> 12;
	asm volatile("lwsync" : : : "memory");
	entry[REF].flags = PERMIT;
	for (u32 round = 0; round < ROUNDS; round++)
		for (u32 n = 0; n < STEPS; n++)
			good += map(n) && unmap(n);
	say("swept ", good);
	say("first fill ", fill(0));
	say("second fill ", fill(STEPS / 2));
	say("done ", 0);
}

void main(void);
void main(void)
{
	static u32 reason __aligned(8) = REBOOT;

	if (DOMAIN == 1)
		hostile();
	if (DOMAIN == 2) {
		say("up ", 0);
		hypercall(SCHED_OP, SHUTDOWN, INLINE(&reason), 0);
	}
	for (;;)
		asm volatile("or 31,31,31");
}
