// SPDX-License-Identifier: GPL-2.0
/*
 * memory_op: ballooning with extents of every order, also while other domains have
 * frames mapped, with too little memory, and the errors.
 */
#include "grants.h"

#define FRAMES		2048UL	/* 8 MiB: four large leaves */
#define LISTS		0x10000UL

static struct domain *d0, *d;
static struct vcpu *v0, *v;
static u64 free_before;

static u64 rnd(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static s64 reserve(u64 op, u64 nr, u32 order)
{
	struct xen_memory_reservation r = {
		.extent_start.q = INLINE(LISTS), .nr_extents = nr, .extent_order = order,
		.domid = DOMID_SELF,
	};

	return hcall_struct(v, __HYPERVISOR_memory_op, op, &r, sizeof(r));
}

static u64 *list(void)
{
	return guest_ptr(d, LISTS);
}

/* @most: the largest order that the domain may use. */
static void orders(u32 most)
{
	u64 free, n;

	for (u32 order = 0; order <= most; order++) {
		n = min(256UL, 1024UL >> order);
		for (u64 i = 0; i < n; i++)
			list()[i] = 1024 + (i << order);
		free = pages_free();
		eq(reserve(XENMEM_decrease_reservation, n, order), n,
		   "decrease_reservation: gives up all extents of an order");
		eq(pages_free(), free + (n << order), "decrease_reservation: the frames are free");
		eq(reserve(XENMEM_decrease_reservation, 1, order), 0,
		   "decrease_reservation: fails for an extent that was given up");
		eq(reserve(XENMEM_increase_reservation, n, order), n,
		   "increase_reservation: populates all extents of an order");
		eq(pages_free(), free, "increase_reservation: the frames are in use again");
		eq(reserve(XENMEM_populate_physmap, 1, order), 0,
		   "populate_physmap: fails for an extent that is populated");
	}
	eq(reserve(XENMEM_populate_physmap, 1, most + 1), -EPERM, "populate_physmap: fails for a larger order");
	eq(reserve(XENMEM_decrease_reservation, 1, most + 1), -EPERM,
	   "decrease_reservation: fails for a larger order");
	list()[0] = 1025;
	eq(reserve(XENMEM_decrease_reservation, 1, 4), 0,
	   "decrease_reservation: fails for an extent that is not aligned");
	list()[0] = ~0UL << most;
	eq(reserve(XENMEM_decrease_reservation, 1, most), 0,
	   "decrease_reservation: fails for the last extent of the address space");
	eq(d->tot_pages, FRAMES, "the domain has all its frames after all orders");
}

/* An extent is processed completely or not at all. */
static void whole_extents(void)
{
	u64 free;

	list()[0] = 1024 + 7;
	reserve(XENMEM_decrease_reservation, 1, 0);
	free = pages_free();
	list()[0] = 1024;
	eq(reserve(XENMEM_decrease_reservation, 1, 7), 0,
	   "decrease_reservation: fails for an extent with a hole");
	eq(reserve(XENMEM_populate_physmap, 1, 7), 0,
	   "populate_physmap: fails for an extent that is partly populated");
	eq(pages_free(), free, "failed extents leave the memory as it was");
	list()[0] = 1024 + 7;
	eq(reserve(XENMEM_populate_physmap, 1, 0), 1, "populate_physmap: fills the hole");

	/* The domain's limit is reached within an extent. */
	list()[0] = 1024;
	reserve(XENMEM_decrease_reservation, 1, 7);
	d->max_pages -= 100;
	free = pages_free();
	eq(reserve(XENMEM_populate_physmap, 1, 7), 0,
	   "populate_physmap: fails beyond the domain's limit");
	eq(pages_free(), free, "populate_physmap: a failure beyond the limit allocates nothing");
	d->max_pages += 100;
	eq(reserve(XENMEM_populate_physmap, 1, 7), 1,
	   "populate_physmap: succeeds up to the domain's limit");
}

static void out_of_memory(void)
{
	u64 ma, held = 0, free;

	for (u64 i = 0; i < 1024; i++)
		list()[i] = 1024 + i;
	list()[0] = 1024;
	reserve(XENMEM_decrease_reservation, 1, 7);
	free = pages_free();
	/* Allocate all but 100 frames, and chain them through their first words. */
	while (pages_free() > 100) {
		ma = alloc_pages(0);
		*(u64 *)ma_to_ptr(ma) = held;
		held = ma;
	}
	eq(reserve(XENMEM_populate_physmap, 1, 7), 0,
	   "populate_physmap: fails if the machine has too little memory");
	eq(pages_free(), 100, "populate_physmap: a failure for want of memory allocates nothing");
	while (held) {
		ma = held;
		held = *(u64 *)ma_to_ptr(ma);
		free_pages(ma, 0);
	}
	eq(pages_free(), free, "the allocator has its frames back");
	eq(reserve(XENMEM_populate_physmap, 1, 7), 1,
	   "populate_physmap: succeeds when memory is free again");
}

/*
 * Balloon down to a quarter and up again like a balloon driver, while dom0 has some frames mapped.
 */
static void balloon(void)
{
	u64 kept = 0, lost = 0, wrong = 0, gfn;
	u32 h[16];

	for (u32 i = 0; i < 16; i++) {
		grant(d, 100 + i, 0, 1000 + 50 * i, 0);
		kept += map(v0, 1, 100 + i, GNTMAP_host_map, window(d0, i), &h[i]) == 0;
	}
	eq(kept, 16, "dom0 maps sixteen granted frames");
	for (int round = 0; round < 100; round++) {
		u32 order = round % 8;
		u64 n = 1536 >> order, part, done;

		for (done = 0; done < n; done += part) {
			part = min(512UL, n - done);
			for (u64 i = 0; i < part; i++)
				list()[i] = 512 + ((done + i) << order);
			wrong += reserve(XENMEM_decrease_reservation, part, order) != (s64)part;
		}
		/*
		 * dom0 unmaps some of the frames meanwhile, and maps them again when they are
		 * populated.
		 */
		for (u32 i = 0; i < 16; i++)
			if (rnd() & 1 && h[i] != ~0U) {
				wrong += unmap(v0, window(d0, i), h[i]) != 0;
				h[i] = ~0U;
			}
		for (done = 0; done < n; done += part) {
			part = min(512UL, n - done);
			for (u64 i = 0; i < part; i++)
				list()[i] = 512 + ((done + i) << order);
			wrong += reserve(XENMEM_populate_physmap, part, order) != (s64)part;
			if (d->max_pages < d->tot_pages)
				lost++;
		}
		for (gfn = 0; gfn < FRAMES; gfn++)
			wrong += what(d, gfn << PAGE_SHIFT) != P2M_RAM;
		for (u32 i = 0; i < 16; i++) {
			if (h[i] != ~0U)
				unmap(v0, window(d0, i), h[i]);
			if (map(v0, 1, 100 + i, GNTMAP_host_map, window(d0, i), &h[i]))
				wrong++;
			if (guest_ptr(d0, window(d0, i)) != guest_ptr(d, (1000UL + 50 * i) << PAGE_SHIFT))
				wrong++;
		}
	}
	eq(wrong, 0, "ballooning down and up 100 times, every call and mapping is right");
	eq(lost, 0, "ballooning never exceeds the domain's limit");
	for (u32 i = 0; i < 16; i++)
		unmap(v0, window(d0, i), h[i]);
	eq(pages_free(), free_before, "no page is leaked");
	eq(d->tot_pages, FRAMES, "the domain's count of frames is right in the end");
}

static void memory_map(void)
{
	struct xen_memory_map m = { .nr_entries = 4, .buffer.q = INLINE(LISTS) };
	struct e820_entry *e = guest_ptr(d, LISTS);

	eq(hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_memory_map, &m, sizeof(m)), 0,
	   "memory_map: succeeds");
	ok(m.nr_entries == 1 && e->addr == 0 && e->size == FRAMES << PAGE_SHIFT && e->type == E820_RAM,
	   "memory_map: reports one range of RAM");
	m.nr_entries = 0;
	hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_memory_map, &m, sizeof(m));
	eq(m.nr_entries, 0, "memory_map: writes nothing to a buffer without entries");
	m.buffer.q = 0;
	hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_memory_map, &m, sizeof(m));
	eq(m.nr_entries, 1, "memory_map: reports the number of entries for a null buffer");
	m = (struct xen_memory_map){ .nr_entries = 1, .buffer.q = 8 };
	eq(hcall_struct(v, __HYPERVISOR_memory_op, XENMEM_memory_map, &m, sizeof(m)), -EFAULT,
	   "memory_map: fails for a bad buffer");
}

int main(void)
{
	struct domain_config cfg = { .name = "balloon", .memory = FRAMES * PAGE_SIZE, .vcpus = 1 };

	host_init(64 << 20);
	d0 = guest_new(0, 1);
	v0 = d0->vcpu[0];
	d = domain_create(1, &cfg);
	v = d->vcpu[0];
	memory_populate(d, 0, FRAMES);
	domain_publish(d);
	v->initialised = true;
	/* A limit just above the memory, so that errors of accounting show. */
	d->max_pages = FRAMES + 16;
	free_before = pages_free();
	d->privileged = true;
	orders(9);
	d->privileged = false;
	orders(7);
	whole_extents();
	out_of_memory();
	balloon();
	memory_map();
	domain_discard(d);
	domain_discard(d0);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
