// SPDX-License-Identifier: GPL-2.0
/*
 * The simulation of several pCPUs, see sim.h. sim_pass() does what arch/ does
 * around exit_work().
 */
#include "sim.h"
#include "core/sched/private.h"
#include "lib/bitops.h"

struct actor actors[SIM_ACTORS];
unsigned int nr_actors;
u64 sim_idle_while_waiting;
unsigned long sim_affinity_violations, sim_switches;

static struct vcpu *loaded[SIM_CPUS];
static u64 idle_while_waiting_since;
static u16 next_id;

/**
 * sim_random() - random number from a fixed sequence
 * @n: limit
 *
 * Return: 0 to @n - 1.
 */
u64 sim_random(u64 n)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % n;
}

/**
 * sim_start() - start a simulation without domains
 * @cpus: number of pCPUs, up to SIM_CPUS
 */
void sim_start(unsigned int cpus)
{
	for (unsigned int i = 1; i < cpus; i++)
		if (!pcpus[i].id)
			core_pcpu_init(&pcpus[i]);
	nr_pcpus = cpus;
	/* All pCPUs pass through the scheduler once and become idle. */
	for (unsigned int i = 0; i < cpus; i++)
		pcpus[i].work = true;
	nr_actors = 0;
	sim_settle();
	next_id = 0;
	idle_while_waiting_since = 0;
	sim_clear();
}

/**
 * actor_of() - actor of a vcpu
 * @v: the vcpu
 *
 * Return: the actor, NULL if the vcpu has none.
 */
struct actor *actor_of(const struct vcpu *v)
{
	for (unsigned int i = 0; i < nr_actors; i++)
		if (actors[i].v == v)
			return &actors[i];
	return NULL;
}

/**
 * sim_domain() - create a domain whose vcpus all behave the same way
 * @vcpus: number of vcpus
 * @weight: weight of the domain
 * @burst: ns that a vcpu computes before it sleeps; 0: it never sleeps
 * @nap: ns that a vcpu sleeps
 *
 * Return: the domain.
 */
struct domain *sim_domain(unsigned int vcpus, u32 weight, u64 burst, u64 nap)
{
	struct domain *d = guest_new(next_id++, vcpus);

	sched_set_weight(d, weight);
	for (unsigned int i = 0; i < vcpus; i++) {
		struct actor *a = &actors[nr_actors++];

		memset(a, 0, sizeof(*a));
		a->v = d->vcpu[i];
		a->v->area.part[0] = (u8 *)&a->area;
		a->v->area.split = PAGE_SIZE;
		runstate_publish_in_parts(a->v);
		a->burst = burst;
		a->nap = nap;
		a->left = burst ? ns_to_tb(burst) : ~0UL;
		a->born = a->v->runstate_since;
		a->waits_since = host_tb;
	}
	return d;
}

/*
 * One pCPU leaves the hypervisor: it picks a vcpu, and unloads the one whose registers it has if
 * need be.
 */
static void sim_pass(unsigned int cpu)
{
	struct pcpu *p = &pcpus[cpu];
	struct vcpu *v, *old;

	host_pcpu = cpu;
	for (int i = 0; i < 10; i++) {
		old = loaded[cpu];
		v = exit_work(p);
		if (old && old != v && (p->evict || vcpu_stopped(old) || v)) {
			old->resident = false;
			loaded[cpu] = NULL;
		}
		p->evict = false;
		if (v && loaded[cpu] != v) {
			loaded[cpu] = v;
			sim_switches++;
		}
		if (v || !p->work)
			break;
	}
	if (v && v->affinity && !(v->affinity >> cpu & 1) && (v->affinity & ((1UL << nr_pcpus) - 1)))
		sim_affinity_violations++;
}

static bool sim_is_current(const struct vcpu *v)
{
	return READ_ONCE(v->pcpu)->current == v;
}

/* Update the actors' waiting times after the pCPUs have picked vcpus. */
static void sim_update_actors(void)
{
	for (unsigned int i = 0; i < nr_actors; i++) {
		struct actor *a = &actors[i];

		if (a->v->state != VCPU_RUNNABLE || a->v->held) {
			a->waits_since = 0;
		} else if (!sim_is_current(a->v)) {
			if (!a->waits_since)
				a->waits_since = host_tb;
		} else {
			if (a->waits_since)
				a->worst_wait = max(a->worst_wait, host_tb - a->waits_since);
			if (a->woken) {
				a->worst_wake = max(a->worst_wake, host_tb - a->woken);
				a->wakes_seen++;
			}
			a->waits_since = 0;
			a->woken = 0;
		}
	}
}

/*
 * Whether some pCPU is idle although a waiting vcpu could run on it: the scheduler must be
 * work-conserving.
 */
static bool sim_idle_while_runnable(void)
{
	for (unsigned int c = 0; c < nr_pcpus; c++) {
		if (pcpus[c].current)
			continue;
		for (unsigned int i = 0; i < nr_actors; i++) {
			const struct vcpu *v = actors[i].v;

			if (v->state == VCPU_RUNNABLE && !v->held && !sim_is_current(v) &&
			    v->queue != 3 && (v->affinity >> c & 1))
				return true;
		}
	}
	return false;
}

/**
 * sim_settle() - run the scheduler on all pCPUs until none has work
 *
 * A pCPU has work if its timer is due or its work flag is set. Time does not
 * advance.
 */
void sim_settle(void)
{
	bool again = true;

	for (int n = 0; again && n < 100; n++) {
		again = false;
		for (unsigned int c = 0; c < nr_pcpus; c++)
			if (pcpus[c].work || host_timers[c] <= host_tb) {
				sim_pass(c);
				again = true;
			}
	}
	sim_update_actors();
	if (!sim_idle_while_runnable()) {
		idle_while_waiting_since = 0;
	} else if (!idle_while_waiting_since) {
		idle_while_waiting_since = host_tb;
	}
}

static void sim_sleep(struct actor *a)
{
	u64 nap = a->nap + (a->nap_jitter ? sim_random(a->nap_jitter) : 0);

	host_pcpu = a->v->pcpu->id;
	a->left = ns_to_tb(a->burst);
	a->v->arch.dec_tb = a->until_woken ? ~0UL >> 1 : host_tb + max(ns_to_tb(nap), 1UL);
	if (a->wakes) {
		a->wakes->v->prodded = true;
		if (a->wakes->v->state == VCPU_BLOCKED) {
			a->wakes->woken = host_tb;
			a->wakes->v->prodded = false;
			sched_wake(a->wakes->v);
		}
	}
	sched_block(a->v);
}

/* Timebase of the next timer or end of a burst, @end at the latest. */
static u64 sim_next_event(u64 end)
{
	u64 t = end;

	for (unsigned int c = 0; c < nr_pcpus; c++)
		t = min(t, max(host_timers[c], host_tb));
	for (unsigned int i = 0; i < nr_actors; i++)
		if (sim_is_current(actors[i].v) && actors[i].left != ~0UL)
			t = min(t, host_tb + actors[i].left);
	return t;
}

/*
 * Advance time to the next event, account for it, and let actors go to sleep whose burst is over.
 */
static void sim_step(u64 end)
{
	u64 t = sim_next_event(end), dt = t - host_tb;

	for (unsigned int i = 0; i < nr_actors; i++) {
		struct actor *a = &actors[i];

		if (a->v->state == VCPU_BLOCKED && a->v->arch.dec_tb <= t && !a->woken)
			a->woken = a->v->arch.dec_tb;
		if (!sim_is_current(a->v))
			continue;
		a->ran += dt;
		if (a->left != ~0UL)
			a->left -= dt;
	}
	if (idle_while_waiting_since)
		sim_idle_while_waiting = max(sim_idle_while_waiting, t - idle_while_waiting_since);
	host_tb = t;
	for (unsigned int i = 0; i < nr_actors; i++)
		if (!actors[i].left && sim_is_current(actors[i].v) && actors[i].v->state == VCPU_RUNNABLE)
			sim_sleep(&actors[i]);
	sim_settle();
}

/**
 * sim_run() - run the simulation for some time
 * @ns: simulated nanoseconds
 */
void sim_run(u64 ns)
{
	u64 end = host_tb + ns_to_tb(ns);

	sim_settle();
	while (host_tb < end)
		sim_step(end);
}

/**
 * sim_clear() - reset all measurements
 */
void sim_clear(void)
{
	for (unsigned int i = 0; i < nr_actors; i++) {
		actors[i].ran = 0;
		actors[i].worst_wait = 0;
		actors[i].worst_wake = 0;
		actors[i].wakes_seen = 0;
	}
	sim_idle_while_waiting = 0;
	sim_affinity_violations = 0;
	sim_switches = 0;
}

/**
 * sim_end() - destroy all domains and end the simulation
 */
void sim_end(void)
{
	for (unsigned int i = 0; i < nr_actors; i++)
		sched_pause(actors[i].v);
	sim_settle();
	host_pcpu = 0;
	nr_pcpus = 1;
	nr_actors = 0;
	for (u16 id = 0; id < next_id; id++)
		domain_discard(domains[id]);
}

/**
 * sim_got() - time that a domain's vcpus ran since sim_clear()
 * @d: the domain
 *
 * Return: timebase ticks, summed over the vcpus.
 */
u64 sim_got(const struct domain *d)
{
	u64 sum = 0;

	for (unsigned int i = 0; i < nr_actors; i++)
		if (actors[i].v->domain == d)
			sum += actors[i].ran;
	return sum;
}

static unsigned int sim_count_queues(const struct vcpu *v)
{
	unsigned int n = 0;

	for (unsigned int c = 0; c < nr_pcpus; c++) {
		for (struct heap_node *h = pcpus[c].runq; h; h = heap_walk(h))
			n += h == &v->run;
		for (struct list_head *l = pcpus[c].pinned_away.next; l != &pcpus[c].pinned_away; l = l->next)
			n += l == &v->wait_list;
		n += pcpus[c].current == v;
	}
	for (struct list_head *l = v->domain->sched.parked.next; l != &v->domain->sched.parked; l = l->next)
		n += l == &v->wait_list;
	return n;
}

/*
 * Whether the guest's runstate area is up to date. That of a vcpu about to run is published later.
 */
static bool runstate_area_is_current(const struct actor *a)
{
	const struct vcpu *v = a->v;

	return v->pcpu->unpublished == v ||
	       (a->area.state == v->runstate && a->area.state_entry_time == v->runstate_since &&
		!memcmp(a->area.time, v->runstate_ns, sizeof(a->area.time)));
}

/**
 * sim_invariants() - check the scheduler's invariants
 *
 * A runnable vcpu that is not held is current on one pCPU or in exactly one queue,
 * and no other vcpu is. The times in a vcpu's runstates add up to its age, and its
 * guest reads the same values. The counts of waiting vcpus are right.
 *
 * Return: true if they hold; otherwise false, after printing the violation.
 */
bool sim_invariants(void)
{
	unsigned int waiting[SIM_CPUS] = { 0 };

	for (unsigned int i = 0; i < nr_actors; i++) {
		struct vcpu *v = actors[i].v;
		bool wants = v->state == VCPU_RUNNABLE && !v->held;
		u64 sum = system_time() - v->runstate_since;

		if (sim_count_queues(v) != wants) {
			printf("# d%uv%u, state %d, is in %u queues\n", v->domain->id, v->id, v->state,
			       sim_count_queues(v));
			return false;
		}
		if (v->queue == 1)
			waiting[v->pcpu->id]++;
		for (int s = 0; s < 4; s++)
			sum += v->runstate_ns[s];
		if (sum != system_time() - actors[i].born) {
			printf("# d%uv%u: states add up to %lu of %lu ns\n", v->domain->id, v->id,
			       (unsigned long)sum, (unsigned long)(system_time() - actors[i].born));
			return false;
		}
		if (!runstate_area_is_current(&actors[i])) {
			printf("# d%uv%u: state %d, its area says %d, or other times\n", v->domain->id,
			       v->id, v->runstate, actors[i].area.state);
			return false;
		}
		if (v->active != wants) {
			printf("# d%uv%u: active %d, wants %d\n", v->domain->id, v->id, v->active, wants);
			return false;
		}
	}
	for (unsigned int c = 0; c < nr_pcpus; c++)
		if (nr_pcpus > 1 && pcpus[c].waiting != waiting[c]) {
			printf("# pcpu%u: %u waiting, %u counted\n", c, waiting[c], pcpus[c].waiting);
			return false;
		}
	return true;
}
