// SPDX-License-Identifier: GPL-2.0
/*
 * The pairs of the table "memory order" in Documentation/hypervisor.rst, on a model of a
 * weakly ordered machine (order.c). Each pair runs with many seeds, and must hold. Then
 * each barrier that the pair needs is left out, and one of the same seeds must break it.
 */
#include "test.h"
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

static const struct pair pairs[] = {
	{ "upcall and block", block_setup, { block_side, mark_side }, block_holds,
	  { { "sched_block_until", ORDER_SYNC }, { "vcpu_mark_events_pending", ORDER_SYNC } } },
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
