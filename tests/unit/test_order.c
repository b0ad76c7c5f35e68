// SPDX-License-Identifier: GPL-2.0
/*
 * The pairs of the table "memory order" in Documentation/hypervisor.rst, on a model of a
 * weakly ordered machine (order.c). Each pair runs with many seeds, and must hold. Then
 * each barrier that the pair needs is left out, and one of the same seeds must break it.
 * That takes fewer than 100 seeds.
 *
 * The functions here stand for guests, and for what the build machine has no code of.
 */
#include "core/sched/private.h"
#include "grants.h"
#include "order.h"

#define SEEDS	3000

struct pair {
	const char *name;
	void (*setup)(void);
	void (*side[2])(void);	/* on pCPU 0 and 1 */
	bool (*holds)(void);
	struct {
		const char *function;
		enum order_kind kind;
	} needs[4];
};

static struct domain *d;
static struct vcpu *v, *w;
static struct evtchn *chn;
static u32 port;

#define PENDING	(d->shared_info->evtchn_pending[0])
#define MASK	(d->shared_info->evtchn_mask[0])

static void reset_vcpu(struct vcpu *x)
{
	if (x->state == VCPU_BLOCKED)
		sched_wake(x);
	x->prodded = false;
	x->info->evtchn_upcall_pending = 0;
	x->info->evtchn_pending_sel = 0;
}

static void reset(void)
{
	host_pcpu = 0;
	reset_vcpu(v);
	reset_vcpu(w);
	for (int i = 0; i < 2; i++) {
		host_pcpu = i;
		for (int n = 0; n < 3; n++)
			host_next();
	}
	host_pcpu = 0;
	if (pcpus[0].current != v || pcpus[1].current != w) {
		printf("Bail out! the vcpus do not run\n");
		exit(1);
	}
	spin_lock(&d->evtchn_lock);
	fifo_leave(d);
	spin_unlock(&d->evtchn_lock);
	chn->pending = false;
	PENDING = 0;
	MASK = 0;
	chn->vcpu = 0;
}

static void block_setup(void)
{
	reset();
	order_watch(&v->state, sizeof(v->state));
	order_watch(&v->info->evtchn_upcall_pending, 1);
}

static void block_side(void)
{
	(void)sched_block(v);
}

static void mark_side(void)
{
	vcpu_mark_events_pending(v);
}

static bool block_holds(void)
{
	return v->state != VCPU_BLOCKED;
}

static void prod_setup(void)
{
	reset();
	order_watch(&v->state, sizeof(v->state));
	order_watch(&v->prodded, sizeof(v->prodded));
}

/* As h_prod(). */
static void prod_side(void)
{
	WRITE_ONCE(v->prodded, true);
	smp_mb();
	sched_wake(v);
}

static void unmask_setup(void)
{
	reset();
	MASK = 1UL << port;
	order_watch(&PENDING, sizeof(PENDING));
	order_watch(&MASK, sizeof(MASK));
}

static void unmask_side(void)
{
	spin_lock(&d->evtchn_lock);
	evtchn_unmask(d, port);
	spin_unlock(&d->evtchn_lock);
}

static void send_side(void)
{
	evtchn_set_pending(d, chn, port);
}

static bool unmask_holds(void)
{
	return v->info->evtchn_upcall_pending;
}

static void move_setup(void)
{
	reset();
	order_watch(&PENDING, sizeof(PENDING));
	order_watch(&chn->vcpu, sizeof(chn->vcpu));
}

static void move_side(void)
{
	spin_lock(&d->evtchn_lock);
	evtchn_move(d, chn, port, 1);
	spin_unlock(&d->evtchn_lock);
}

static bool move_holds(void)
{
	return w->info->evtchn_upcall_pending;
}

static void poll_setup(void)
{
	reset();
	MASK = 1UL << port;
	evtchn_poll_buffer(v)[0] = port;
	order_watch(&PENDING, sizeof(PENDING));
	order_watch(&d->ev->nr_pollers, sizeof(d->ev->nr_pollers));
	order_watch(&v->nr_poll, sizeof(v->nr_poll));
	order_watch(&v->state, sizeof(v->state));
}

static void poll_side(void)
{
	evtchn_poll(v, 1, 0);
}

static u64 reason_seq;

static void kick_setup(void)
{
	reset();
	order_watch(&grace_gp_seq, sizeof(grace_gp_seq));
	order_watch(&pcpus[1].work, sizeof(pcpus[1].work));
}

static void kick_side(void)
{
	reason_seq = grace_begin();
}

static void work_side(void)
{
	host_next();
}

static bool kick_holds(void)
{
	return pcpus[1].work || pcpus[1].grace.gp_seq >= reason_seq;
}

static u64 used;
static bool lost;

static void grace_setup(void)
{
	reset();
	used = 0;
	lost = false;
	reason_seq = grace_begin();
	grace_quiesce(&pcpus[0], &pcpus[0].grace);
	order_watch(&used, sizeof(used));
	order_watch(&pcpus[1].grace.gp_seq, sizeof(u64));
}

static void free_side(void)
{
	if (grace_over(reason_seq))
		lost = !READ_ONCE(used);
}

static void use_side(void)
{
	WRITE_ONCE(used, 1);
	grace_quiesce(&pcpus[1], &pcpus[1].grace);
}

static bool grace_holds(void)
{
	return !lost;
}

static int init_control(void)
{
	struct evtchn_init_control op = { .control_gfn = 40 };
	int rc;

	spin_lock(&d->evtchn_lock);
	rc = fifo_init_control(d, &op);
	spin_unlock(&d->evtchn_lock);
	return rc;
}

static void switch_setup(void)
{
	reset();
	order_watch(&PENDING, sizeof(PENDING));
	order_watch(&d->ev->fifo, sizeof(d->ev->fifo));
}

static void switch_side(void)
{
	(void)init_control();
}

static bool switch_holds(void)
{
	return d->ev->fifo && !PENDING && chn->pending;
}

/* The beginning of struct evtchn_fifo. */
struct fifo_start {
	spinlock_t lock;
	u32 nr_pages;
	bool active;
	u32 *array[];
};

static u32 stale_page[PAGE_SIZE / sizeof(u32)];
static bool hit;

static void pages_setup(void)
{
	struct fifo_start *f;

	reset();
	(void)init_control();
	f = (struct fifo_start *)d->ev->fifo;
	memset(stale_page, 0xff, sizeof(stale_page));
	f->array[0] = stale_page;
	order_watch(&f->nr_pages, sizeof(f->nr_pages));
	order_watch(&f->array[0], sizeof(f->array[0]));
}

static void expand_side(void)
{
	spin_lock(&d->evtchn_lock);
	fifo_expand_array(d, 41);
	spin_unlock(&d->evtchn_lock);
}

static void test_side(void)
{
	hit = fifo_test(d->ev->fifo, port, EVTCHN_FIFO_PENDING);
}

static bool pages_hold(void)
{
	return !hit;
}

/* The memory of the structure looked like a page of pending events before it was allocated. */
static void queues_setup(void)
{
	struct fifo_start *f;

	reset();
	f = (struct fifo_start *)d->ev->fifo_allocated;
	memset(stale_page, 0xff, sizeof(stale_page));
	f->array[0] = stale_page;
	f->nr_pages = 1;
	order_watch(&f->nr_pages, sizeof(f->nr_pages));
	order_watch(&d->ev->fifo, sizeof(d->ev->fifo));
}

static void queues_side(void)
{
	struct fifo_start *f = (struct fifo_start *)d->ev->fifo_allocated;

	WRITE_ONCE(f->nr_pages, 0);	/* as xzalloc() does */
	(void)init_control();
}

static void is_pending_side(void)
{
	hit = evtchn_is_pending(d, port);
}

static u64 granted;	/* frame */
static s16 status;

static void pin_setup(void)
{
	struct grant_entry_v1 *e = grant_entry(d->gt, 8);

	reset();
	memset(e, 0, sizeof(*e));
	e->frame = 20;
	order_watch(&e->frame, sizeof(e->frame));
	order_watch(&e->flags, sizeof(u32));
}

static void grant_side(void)
{
	struct grant_entry_v1 *e = grant_entry(d->gt, 8), new = { GTF_permit_access, 5, 21 };
	u32 word;

	memcpy(&word, &new, sizeof(word));
	WRITE_ONCE(e->frame, new.frame);
	smp_wmb();
	WRITE_ONCE(*(u32 *)&e->flags, word);
}

static void pin_side(void)
{
	spin_lock(&d->gt->lock);
	status = grant_pin(d, 8, 5, true, &granted);
	spin_unlock(&d->gt->lock);
}

static bool pin_holds(void)
{
	if (status)
		return true;
	grant_unpin(d, 8, true);
	return arch_ma_to_ptr(granted << PAGE_SHIFT) == guest_ptr(d, 21 * PAGE_SIZE);
}

static struct vcpu_runstate_info area, seen;
static bool whole;

static void area_setup(size_t split)
{
	reset();
	memset(&area, 0, sizeof(area));
	whole = false;
	d->runstate_update = true;
	v->area.part[0] = (u8 *)&area;
	v->area.part[1] = (u8 *)&area + split;
	v->area.split = split;
	order_watch(&area.state_entry_time, sizeof(u64));
	for (int i = 0; i < 4; i++)
		order_watch(&area.time[i], sizeof(u64));
}

static void area_setup_one(void)
{
	area_setup(sizeof(area));
}

static void area_setup_two(void)
{
	area_setup(16);
}

static void publish_side(void)
{
	for (u64 n = 1; n <= 2; n++) {
		v->runstate_since = n;
		for (int i = 0; i < 4; i++)
			v->runstate_ns[i] = n;
		runstate_publish(v);
	}
}

static void read_side(void)
{
	u64 time = READ_ONCE(area.state_entry_time);

	smp_rmb();
	for (int i = 0; i < 4; i++)
		seen.time[i] = READ_ONCE(area.time[i]);
	smp_rmb();
	seen.state_entry_time = READ_ONCE(area.state_entry_time);
	whole = !(time & XEN_RUNSTATE_UPDATE) && seen.state_entry_time == time;
}

static bool area_holds(void)
{
	v->area.split = 0;
	d->runstate_update = false;
	for (int i = 1; whole && i < 4; i++)
		if (seen.time[i] != seen.state_entry_time)
			return false;
	return true;
}

static bool delivered, kicked;

static void entry_setup(void)
{
	reset();
	(void)sched_block(v);
	host_next();
	sched_wake(v);
	delivered = false;
	kicked = false;
	order_watch(&pcpus[0].current, sizeof(pcpus[0].current));
	order_watch(&v->info->evtchn_upcall_pending, 1);
}

static void entry_side(void)
{
	(void)sched_next(this_pcpu());
	delivered = vcpu_event_pending(v);
}

/* With what arch_vcpu_kick() of the real machine does. */
static void mark_kick_side(void)
{
	vcpu_mark_events_pending(v);
	kicked = READ_ONCE(pcpus[0].current) == v;
}

static bool entry_holds(void)
{
	return delivered || kicked;
}

/* pCPU 1 is about to look for work; w is blocked, and ran on pCPU 0. */
static void idle_setup_begin(void)
{
	reset();
	host_pcpu = 1;
	(void)sched_block(w);
	host_next();
	host_pcpu = 0;
	pcpus[1].arch.loaded = NULL;
	pcpus[1].work = false;
	w->resident = false;
	w->affinity = 3;
	w->pcpu = &pcpus[0];
	sched_idle = 0;
}

static void idle_setup(void)
{
	idle_setup_begin();
	order_watch(&sched_idle, sizeof(sched_idle));
	order_watch(&pcpus[0].waiting, sizeof(pcpus[0].waiting));
}

static void wake_side(void)
{
	sched_wake(w);
}

static void idle_side(void)
{
	(void)sched_next(this_pcpu());
}

static bool idle_holds(void)
{
	bool ok = w->pcpu == &pcpus[1] || pcpus[1].work || pcpus[1].missed;

	sched_set_affinity(w, 2);
	return ok;
}

static u64 registers;
static bool early;

static void resident_setup(void)
{
	idle_setup_begin();
	w->resident = true;
	sched_wake(w);
	registers = 0;
	early = false;
	order_watch(&registers, sizeof(registers));
	order_watch(&w->resident, sizeof(w->resident));
}

/* As world_replaced(), after the vcpu has left pCPU 0. */
static void leave_side(void)
{
	WRITE_ONCE(registers, 1);
	__atomic_store_n(&w->resident, false, __ATOMIC_RELEASE);
}

static void take_side(void)
{
	if (sched_next(this_pcpu()) == w)
		early = !READ_ONCE(registers);
}

static bool resident_holds(void)
{
	sched_set_affinity(w, 2);
	return !early;
}

static const struct pair pairs[] = {
	{ "upcall and block", block_setup, { block_side, mark_side }, block_holds,
	  { { "sched_block_until", ORDER_SYNC }, { "vcpu_mark_events_pending", ORDER_SYNC } } },
	{ "prod and block", prod_setup, { block_side, prod_side }, block_holds,
	  { { "sched_block_until", ORDER_SYNC }, { "prod_side", ORDER_SYNC } } },
	{ "unmask", unmask_setup, { unmask_side, send_side }, unmask_holds,
	  { { "evtchn_unmask", ORDER_SYNC }, { "evtchn_set_pending_2l", ORDER_SYNC } } },
	{ "move", move_setup, { move_side, send_side }, move_holds,
	  { { "evtchn_move", ORDER_SYNC }, { "evtchn_set_pending_2l", ORDER_SYNC } } },
	{ "poll", poll_setup, { poll_side, send_side }, block_holds,
	  { { "sched_block_until", ORDER_SYNC }, { "evtchn_set_pending_2l", ORDER_SYNC } } },
	{ "kick and work", kick_setup, { kick_side, work_side }, kick_holds,
	  { { "exit_work", ORDER_SYNC }, { "pcpu_kick", ORDER_SYNC } } },
	{ "grace periods", grace_setup, { free_side, use_side }, grace_holds,
	  { { "grace_over", ORDER_ACQUIRE }, { "grace_note", ORDER_RELEASE } } },
	{ "2-level to FIFO", switch_setup, { switch_side, send_side }, switch_holds,
	  { { "fifo_init_control", ORDER_SYNC }, { "evtchn_set_pending_2l", ORDER_SYNC } } },
	{ "FIFO queues", queues_setup, { queues_side, is_pending_side }, pages_hold,
	  { { "fifo_init_control", ORDER_RELEASE } } },
	{ "FIFO pages", pages_setup, { expand_side, test_side }, pages_hold,
	  { { "fifo_expand_array", ORDER_RELEASE }, { "fifo_test", ORDER_ACQUIRE } } },
	{ "grant pin", pin_setup, { grant_side, pin_side }, pin_holds,
	  { { "grant_side", ORDER_LWSYNC }, { "grant_pin", ORDER_ATOMIC } } },
	{ "runstate area", area_setup_one, { publish_side, read_side }, area_holds,
	  { { "runstate_publish_times", ORDER_LWSYNC }, { "read_side", ORDER_LWSYNC } } },
	{ "runstate area in two pages", area_setup_two, { publish_side, read_side }, area_holds,
	  { { "runstate_publish_in_parts", ORDER_LWSYNC }, { "read_side", ORDER_LWSYNC } } },
	{ "upcall and entry", entry_setup, { entry_side, mark_kick_side }, entry_holds,
	  { { "sched_next", ORDER_SYNC }, { "vcpu_mark_events_pending", ORDER_SYNC } } },
	{ "idle and queue", idle_setup, { wake_side, idle_side }, idle_holds,
	  { { "sched_call_helper", ORDER_SYNC }, { "pick_global", ORDER_SYNC } } },
	{ "resident vcpus", resident_setup, { leave_side, take_side }, resident_holds,
	  { { "leave_side", ORDER_RELEASE } } },
};

/* Seeds until the pair breaks; 0: it holds with all. */
static unsigned int breaks(const struct pair *p)
{
	for (unsigned int seed = 1; seed <= SEEDS; seed++) {
		p->setup();
		order_run(seed, p->side[0], p->side[1]);
		if (!p->holds())
			return seed;
	}
	return 0;
}

/* Is a barrier in a function, which the compiler may have put into its caller? */
static bool is_in(const void *site, const char *function)
{
	char line[256];
	bool found = false;
	FILE *f;

	snprintf(line, sizeof(line), "addr2line -s -f -i -e /proc/$PPID/exe %#lx", (unsigned long)site - 1);
	f = popen(line, "r");
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		found |= !strcmp(line, function);
	}
	pclose(f);
	return found;
}

/* All barriers of this kind in the function are necessary. */
static void check_needed(const struct pair *p, const char *function, enum order_kind kind)
{
	unsigned int found = 0, broke = 0;
	enum order_kind k;
	const void *site;
	char text[200];

	for (unsigned int i = 0; (site = order_site(i, &k)); i++) {
		if (k != kind || !is_in(site, function))
			continue;
		found++;
		order_disable(site);
		broke += breaks(p) != 0;
		order_disable(NULL);
	}
	snprintf(text, sizeof(text), "%s: breaks without the barrier of %s()", p->name, function);
	if (!ok(found && broke == found, text))
		printf("# %u barriers of this kind, %u of them necessary\n", found, broke);
}

int main(void)
{
	char text[200];

	host_init(64 << 20);
	core_pcpu_init(&pcpus[1]);
	nr_pcpus = 2;
	d = guest_new(0, 2);
	v = d->vcpu[0];
	w = d->vcpu[1];
	v->affinity = 1;
	w->affinity = 2;
	for (int i = 0; i < 50; i++) {
		host_advance_ns(20 * NSEC_PER_MSEC);
		host_pcpu = i & 1;
		host_next();
	}
	evtchn_alloc_unbound(d, 0, &port);
	chn = evtchn_get(d->ev, port);
	for (const struct pair *p = pairs; p < pairs + ARRAY_SIZE(pairs); p++) {
		order_forget();
		snprintf(text, sizeof(text), "%s: holds", p->name);
		ok(!breaks(p), text);
		for (unsigned int i = 0; i < ARRAY_SIZE(p->needs) && p->needs[i].function; i++)
			check_needed(p, p->needs[i].function, p->needs[i].kind);
	}
	return test_done();
}
