// SPDX-License-Identifier: GPL-2.0
/*
 * The real arch/p2m.c and arch/radix.c on a model of the processor's translation
 * caches (mmu.c): random domains, mappings, splits, flushes by guests and vcpus
 * that move. After each operation nothing may be cached that differs from the
 * tables. Then the worlds of the fuzzers, with grants, ballooning and death.
 */
#include "test.h"
#include "world.h"
#include "arch/internal.h"
#include "arch/radix.h"
#include "host/mmu.h"

#define NIMBUS_DD22	0x004e1202UL
#define NIMBUS_DD23	0x004e1203UL
#define POWER10		0x00800200UL
#define STEPS		40000
#define DOMS		2
#define VCPUS		3
#define FRAMES		24UL
#define LARGE		0x200UL		/* guest frame of the first of two 2 MiB leaves */

static struct domain doms[DOMS];
static struct vcpu vcpus[DOMS][VCPUS];
static struct vcpu *on[MMU_CPUS];
static u8 users[DOMS];		/* vcpus that have used the page table of the domain */
static u64 frames;		/* machine frame of a block for small leaves */
static u64 blocks[3];		/* machine frames of 2 MiB blocks */
static const char *wrong;

static u64 rnd(u64 n)
{
	return mmu_random() % n;
}

static void look(void)
{
	const char *now = mmu_freed_early ?: mmu_violation();

	if (now && !wrong)
		wrong = now;
}

/* As world_load(). */
static void load(struct vcpu *v)
{
	if (on[host_pcpu])
		radix_leave();
	on[host_pcpu] = v;
	radix_activate(v->domain);
	mmu_guest_pid(users[v->domain - doms] & 1 << v->id);
	radix_vcpu_moved(v);
	mmu_isync();	/* hrfid */
}

static void act_load(void)
{
	struct vcpu *v = &vcpus[rnd(DOMS)][rnd(VCPUS)];

	for (unsigned int c = 0; c < MMU_CPUS; c++)
		if (on[c] == v)
			return;
	load(v);
}

static void act_map(struct domain *d)
{
	if (rnd(4))
		(void)p2m_map(d, rnd(FRAMES), frames + rnd(64), 0, P2M_RAM, rnd(2));
	else
		(void)p2m_map(d, LARGE + 0x200 * rnd(2), blocks[rnd(3)], 9, P2M_RAM, rnd(2));
}

static void act_unmap(struct domain *d)
{
	unsigned int n = 1 + rnd(4);

	while (n--)
		(void)p2m_clear(d, rnd(3) ? rnd(FRAMES) : LARGE + rnd(0x400));
	p2m_flush(d);
}

/* Frames far from each other, so that tables become empty and are freed. */
static void act_spread(struct domain *d)
{
	u64 i = rnd(MMU_SPREAD), n = 1 + (rnd(4) ? rnd(4) : rnd(MMU_SPREAD));
	bool insert = rnd(2);

	for (; n; n--, i = (i + 1) % MMU_SPREAD)
		if (!insert)
			(void)p2m_clear(d, mmu_spread_gfn(i));
		else
			(void)p2m_insert(d, mmu_spread_gfn(i), frames + rnd(64), P2M_GRANT, rnd(2));
	if (insert)
		p2m_sync();
	else
		p2m_flush(d);
}

static void act_insert(struct domain *d)
{
	if (!p2m_insert(d, rnd(FRAMES), frames + rnd(64), P2M_GRANT, rnd(2)))
		p2m_sync();
}

/*
 * One pCPU gives up a frame, and before it flushes, as memory_remove_extent() and memory_remove_end() do,
 * another maps something there.
 */
static void act_replace(struct domain *d)
{
	u64 gfn = rnd(2) ? rnd(FRAMES) : mmu_spread_gfn(rnd(MMU_SPREAD));

	if (p2m_clear(d, gfn))
		return;
	table_barrier();	/* page_lock: the ptesync of the next pCPU is cumulative */
	host_pcpu = rnd(MMU_CPUS);
	if (rnd(2))
		(void)p2m_map(d, gfn, frames + rnd(64), 0, P2M_RAM, rnd(2));
	else if (!p2m_insert(d, gfn, frames + rnd(64), P2M_GRANT, rnd(2)))
		p2m_sync();
	look();
	p2m_flush(d);
}

static void act_process_table(struct domain *d)
{
	radix_set_process_table(d, rnd(64) << 12);
}

static void act_reboot(struct domain *d)
{
	for (unsigned int c = 0; c < MMU_CPUS; c++)
		if (on[c] && on[c]->domain == d)
			return;
	while (!p2m_destroy(d))
		look();
	look();
	if (p2m_init(d))
		abort();
}

/*
 * The guest changes a page of its page table. It executes tlbiel where it knows that
 * the page table was used by this vcpu alone, otherwise tlbie and tlbsync, and may be
 * moved to another processor in between.
 */
static void act_guest(void)
{
	struct vcpu *v = on[host_pcpu];
	unsigned int d = v ? v->domain - doms : 0, to = rnd(MMU_CPUS);
	u64 page = rnd(MMU_PAGES);
	const char *stale;

	if (!v)
		return;
	if (!rnd(16)) {
		users[d] = 0;
		mmu_guest_new_pid(v->domain->arch.lpid);
	}
	users[d] |= 1 << v->id;
	mmu_guest_pid(true);
	stale = mmu_process_violation(v->domain->arch.lpid);
	if (stale && !wrong)
		wrong = stale;
	mmu_guest[v->domain->arch.lpid][page] = rnd(4) ? rnd(FRAMES) : rnd(2) ? LARGE + rnd(0x400) :
						mmu_spread_gfn(rnd(MMU_SPREAD));
	if (users[d] == 1 << v->id) {
		mmu_guest_tlbiel(page);
		return;
	}
	ptesync();
	tlbie(TLB_LPID, v->domain->arch.lpid, RIC_ALL, PRS_PROCESS);
	if (to != host_pcpu) {
		radix_leave();
		on[host_pcpu] = NULL;
		host_pcpu = to;
		load(v);
		for (unsigned int c = 0; c < MMU_CPUS; c++) {
			host_pcpu = c;
			stale = mmu_process_violation(v->domain->arch.lpid);
			if (stale && !wrong)
				wrong = stale;
		}
		host_pcpu = to;
	}
	tlb_wait();
}

/* @calm: guests and their movements alone, as each flush of the hypervisor ends what they left. */
static void step(bool calm)
{
	struct domain *d = &doms[rnd(DOMS)];

	host_pcpu = rnd(MMU_CPUS);
	switch (calm && rnd(64) ? rnd(2) * 9 : rnd(11)) {
	case 0:
		act_load();
		break;
	case 1:
	case 2:
		act_map(d);
		break;
	case 3:
		act_unmap(d);
		break;
	case 4:
		act_insert(d);
		break;
	case 5:
		act_replace(d);
		break;
	case 6:
		rnd(8) ? act_process_table(d) : act_reboot(d);
		break;
	case 7:
	case 8:
		act_spread(d);
		break;
	default:
		act_guest();
	}
	mmu_speculate();
	look();
}

static void setup(void)
{
	mmu_ranges[0][1] = FRAMES;
	mmu_ranges[1][0] = LARGE;
	mmu_ranges[1][1] = 0x400;
	mmu_spread = true;
	frames = alloc_pages(6) >> PAGE_SHIFT;
	for (unsigned int i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = alloc_pages(9) >> PAGE_SHIFT;
	for (unsigned int i = 0; i < DOMS; i++) {
		doms[i].id = i;
		if (p2m_init(&doms[i]))
			abort();
		for (unsigned int n = 0; n < VCPUS; n++) {
			vcpus[i][n].domain = &doms[i];
			vcpus[i][n].id = n;
		}
	}
}

static void machine(u64 pvr, const char *name)
{
	mmu_pvr = pvr;
	wrong = NULL;
	host_p2m_init();
	for (unsigned int i = 0; i < DOMS; i++) {
		while (!p2m_destroy(&doms[i]))
			;
		users[i] = 0;
		memset(doms[i].arch.last_vcpu, 0, sizeof(doms[i].arch.last_vcpu));
		if (p2m_init(&doms[i]))
			abort();
	}
	memset(on, 0, sizeof(on));
	for (unsigned int i = 0; i < STEPS && !wrong; i++)
		step(i > STEPS / 2);
	ok(!wrong, name);
	if (wrong)
		printf("# %s\n", wrong);
	host_pcpu = 0;
}

/* The worlds of the fuzzers. */

static void vcpu_loaded(struct vcpu *v)
{
	radix_activate(v->domain);
	radix_vcpu_moved(v);
	mmu_isync();
}

static void returned(void)
{
	mmu_speculate();
	look();
}

static void worlds(const char *name, unsigned int kinds)
{
	static u8 bytes[3000];

	wrong = NULL;
	for (int life = 0; life < 40 && !wrong; life++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = mmu_random() >> 8;
		world_run(bytes, sizeof(bytes), kinds);
	}
	ok(!wrong, name);
	if (wrong)
		printf("# %s\n", wrong);
}

int main(void)
{
	mmu_pvr = NIMBUS_DD22;
	host_on_load = vcpu_loaded;
	host_on_leave = radix_leave;
	mmu_ranges[0][1] = 96;		/* the RAM and the window of a world */
	mmu_ranges[1][0] = 1UL << 20;
	mmu_ranges[1][1] = 512;
	world_init();
	world_on_return = returned;
	worlds("random worlds with grants: nothing stale is cached", WORLD_GRANTS);
	worlds("random worlds with memory and death: nothing stale is cached",
	       WORLD_GRANTS | WORLD_MEMORY | WORLD_DEATH);
	/* One pCPU alone would free without a grace period: a freed frame is in use again at once. */
	nr_pcpus = 1;
	setup();
	machine(NIMBUS_DD22, "POWER9 DD2.2: no processor has a stale translation");
	machine(NIMBUS_DD23, "POWER9 DD2.3: no processor has a stale translation");
	machine(POWER10, "POWER10: no processor has a stale translation");
	ok(mmu_fills > 100000 && mmu_ended > 10000, "the caches were filled and emptied often");
	printf("# %lu fills, %lu entries ended\n", mmu_fills, mmu_ended);
	return test_done();
}
