// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler in simulation (sim.h): fair shares, latency, caps, affinity,
 * directed yield. Time is simulated, so all results are reproducible.
 */
#include "sim.h"

#define PERCENT(a, b)	(100.0 * ((double)(a) / (double)(b) - 1))

static char name[200];

struct demand {
	u32 weight;
	unsigned int vcpus;
	struct domain *d;
	double ideal;	/* fair share in pCPUs, computed by fill() */
};

/*
 * Compute the weighted max-min fair shares: a domain with fewer vcpus than its share in pCPUs gets
 * as many pCPUs as it has vcpus, and the others share the rest.
 */
static void fill(struct demand *w, unsigned int n, unsigned int cpus)
{
	double left = cpus, weights;
	bool full[16] = { false }, again = true;

	while (again) {
		again = false;
		weights = 0;
		for (unsigned int i = 0; i < n; i++)
			weights += full[i] ? 0 : w[i].weight;
		for (unsigned int i = 0; i < n; i++) {
			if (full[i])
				continue;
			w[i].ideal = left * w[i].weight / weights;
			if (w[i].ideal > w[i].vcpus) {
				w[i].ideal = w[i].vcpus;
				left -= w[i].vcpus;
				full[i] = true;
				again = true;
				break;
			}
		}
	}
}

/*
 * Check that no vcpu of a domain waited longer than about three times the interval at which it is
 * due for a slice.
 */
static bool waits_bounded(const struct demand *w)
{
	u64 bound = ns_to_tb(sched_slice_ns * (3 * w->vcpus / w->ideal + 2));

	for (unsigned int i = 0; i < nr_actors; i++)
		if (actors[i].v->domain == w->d && actors[i].worst_wait > bound) {
			printf("# d%uv%u waited %lu ms, bound %lu\n", w->d->id, actors[i].v->id,
			       (unsigned long)(tb_to_ns(actors[i].worst_wait) / MS),
			       (unsigned long)(tb_to_ns(bound) / MS));
			return false;
		}
	return true;
}

static void fair(unsigned int cpus, const char *what, struct demand *w, unsigned int n)
{
	double off, worst = 0;
	bool waits = true;
	u64 total = 0;

	sim_start(cpus);
	for (unsigned int i = 0; i < n; i++)
		w[i].d = sim_domain(w[i].vcpus, w[i].weight, 0, 0);
	fill(w, n, cpus);
	/* Let the effects of creating the domains one by one with the default weight pass. */
	sim_run(200 * MS);
	sim_clear();
	sim_run(10 * SEC);
	for (unsigned int i = 0; i < n; i++) {
		off = PERCENT(sim_got(w[i].d), w[i].ideal * ns_to_tb(10 * SEC));
		worst = max(worst, off < 0 ? -off : off);
		waits &= waits_bounded(&w[i]);
		total += sim_got(w[i].d);
	}
	printf("# %u pCPUs, %s: worst share off by %.2f %%, %lu switches\n", cpus, what, worst, sim_switches);
	snprintf(name, sizeof(name), "%u pCPUs, %s: shares within 2 %%", cpus, what);
	ok(worst <= 2, name);
	snprintf(name, sizeof(name), "%u pCPUs, %s: no vcpu starves", cpus, what);
	ok(waits, name);
	snprintf(name, sizeof(name), "%u pCPUs, %s: no pCPU idles while a vcpu waits", cpus, what);
	if (!ok(sim_idle_while_waiting <= ns_to_tb(60 * US) && total <= cpus * ns_to_tb(10 * SEC), name))
		printf("# idle for %lu us while a vcpu waited\n",
		       (unsigned long)(tb_to_ns(sim_idle_while_waiting) / US));
	ok(sim_invariants(), "fairness: the invariants hold");
	sim_end();
}

#define D(w, n)	{ .weight = (w), .vcpus = (n) }

static void fairness(void)
{
	static const unsigned int cpus[] = { 1, 2, 4, 8 };

	for (unsigned int i = 0; i < 4; i++) {
		struct demand one[] = { D(256, 1), D(512, 1), D(1024, 1) };
		struct demand four[] = { D(256, 4), D(512, 4), D(1024, 4) };
		struct demand mixed[] = { D(1, 5), D(2, 3), D(4, 2) };
		struct demand six[] = {
			D(100, 1), D(200, 1), D(400, 1), D(100, 1), D(200, 1), D(400, 1),
		};
		struct demand wide[] = { D(65535, 2), D(32768, 8), D(16384, 8), D(16384, 1) };
		struct demand equal[] = { D(256, 1), D(256, 2), D(256, 3), D(256, 4), D(256, 7) };

		fair(cpus[i], "1:2:4 with a vcpu each", one, 3);
		fair(cpus[i], "1:2:4 with 4 vcpus each", four, 3);
		fair(cpus[i], "1:2:4 with 5, 3 and 2 vcpus", mixed, 3);
		fair(cpus[i], "1:2:4:1:2:4 with a vcpu each", six, 6);
		fair(cpus[i], "4:2:1:1 with 2, 8, 8 and 1", wide, 4);
		fair(cpus[i], "equal ones with 1, 2, 3, 4 and 7", equal, 5);
	}
}

/* The latency of a wake-up: two vcpus that mostly sleep, among many that never do. */
static void latency(unsigned int cpus)
{
	struct domain *s;
	u64 worst = 0, seen = 0;

	sim_start(cpus);
	for (unsigned int i = 0; i < 3; i++)
		sim_domain(2 * cpus, 256, 0, 0);
	s = sim_domain(2, 256, 200 * US, 19 * MS);
	actor_of(s->vcpu[0])->nap_jitter = 3 * MS;
	actor_of(s->vcpu[1])->nap_jitter = 5 * MS;
	sim_run(10 * SEC);
	for (unsigned int i = 0; i < 2; i++) {
		worst = max(worst, actor_of(s->vcpu[i])->worst_wake);
		seen += actor_of(s->vcpu[i])->wakes_seen;
	}
	printf("# %u pCPUs: %lu wake-ups among %u that compute, the latest after %lu us\n", cpus,
	       (unsigned long)seen, 6 * cpus, (unsigned long)(tb_to_ns(worst) / US));
	snprintf(name, sizeof(name),
		 "%u pCPUs: a vcpu that mostly sleeps runs within 2 ms of a wake-up", cpus);
	ok(seen > 800 && worst <= ns_to_tb(2 * MS), name);
	ok(sim_invariants(), "latency: the invariants hold");
	sim_end();
}

/* Running time of a domain in ten seconds as a percentage of @whole pCPUs. */
static double percent_of(const struct domain *d, double whole)
{
	return 100.0 * sim_got(d) / (whole * ns_to_tb(10 * SEC));
}

static void at_most(const char *what, double got, double limit)
{
	printf("# %s: %.2f %%\n", what, got);
	snprintf(name, sizeof(name), "%s: at most %.0f %%", what, limit);
	ok(got <= limit, name);
}

/* Domains that try to get more than their share by their sleeping pattern. */
static void gaming(void)
{
	struct domain *g, *h;

	sim_start(1);
	g = sim_domain(1, 256, 9900 * US, 10 * US);
	sim_domain(1, 256, 0, 0);
	sim_run(10 * SEC);
	at_most("a vcpu that sleeps just before its slice ends", percent_of(g, 1), 52);
	sim_end();

	sim_start(1);
	g = sim_domain(8, 256, 5 * MS, 0);
	h = sim_domain(1, 256, 0, 0);
	for (unsigned int i = 0; i < 8; i++) {
		actor_of(g->vcpu[i])->wakes = actor_of(g->vcpu[(i + 1) % 8]);
		actor_of(g->vcpu[i])->until_woken = true;
	}
	sim_run(10 * SEC);
	at_most("eight vcpus that take turns to sleep", percent_of(g, 1), 52);
	ok(percent_of(h, 1) >= 48, "the competitor of eight vcpus that take turns has its half");
	sim_end();

	sim_start(1);
	g = sim_domain(2, 256, 50 * US, 0);
	h = sim_domain(1, 256, 0, 0);
	for (unsigned int i = 0; i < 2; i++) {
		actor_of(g->vcpu[i])->wakes = actor_of(g->vcpu[1 - i]);
		actor_of(g->vcpu[i])->until_woken = true;
	}
	sim_run(10 * SEC);
	at_most("two vcpus that wake each other all the time", percent_of(g, 1), 52);
	ok(percent_of(h, 1) >= 48, "the competitor of two vcpus that wake each other has its half");
	sim_end();

	sim_start(4);
	g = sim_domain(8, 256, 9900 * US, 100 * US);
	h = sim_domain(4, 256, 0, 0);
	sim_run(10 * SEC);
	at_most("eight vcpus that sleep together on 4 pCPUs", percent_of(g, 4), 52);
	ok(percent_of(h, 4) >= 48,
	   "the competitor of eight vcpus that sleep together has its half");
	sim_end();

	sim_start(2);
	g = sim_domain(4, 256, 300 * US, 200 * US);
	h = sim_domain(2, 256, 0, 0);
	sim_run(10 * SEC);
	at_most("four vcpus that alternate quickly on 2 pCPUs", percent_of(g, 2), 52);
	sim_end();
}

static void capped(unsigned int cpus, u32 cap, unsigned int vcpus, bool others)
{
	struct domain *d;
	double got;

	sim_start(cpus);
	d = sim_domain(vcpus, 1024, 0, 0);
	sched_set_cap(d, cap);
	if (others)
		sim_domain(cpus, 256, 0, 0);
	sim_run(10 * SEC);
	got = percent_of(d, 1);
	printf("# %u pCPUs, cap %u %%, %u vcpus%s: %.3f %%\n", cpus, cap, vcpus,
	       others ? " and others" : "", got);
	snprintf(name, sizeof(name), "%u pCPUs, cap %u %%, %u vcpus%s: within 1 %%", cpus, cap, vcpus,
		 others ? " and others" : "");
	ok(got >= cap * 0.99 && got <= cap * 1.01, name);
	ok(sim_invariants(), "caps: the invariants hold");
	if (others)
		ok(sim_idle_while_waiting <= ns_to_tb(60 * US),
		   "caps: no pCPU idles while a vcpu without a cap waits");
	sim_end();
}

static void caps(void)
{
	struct domain *d;

	capped(1, 25, 1, false);
	capped(1, 25, 3, true);
	capped(1, 1, 1, true);
	capped(2, 50, 1, false);
	capped(4, 150, 4, false);
	capped(4, 150, 6, true);
	capped(4, 10, 8, true);

	/*
	 * Time that a capped domain did not use is lost to it, and a new cap takes effect at once.
	 */
	sim_start(1);
	d = sim_domain(1, 256, 0, 0);
	sched_set_cap(d, 10);
	sched_hold(d->vcpu[0], true);
	sim_run(5 * SEC);
	sched_hold(d->vcpu[0], false);
	sim_clear();
	sim_run(1 * SEC);
	ok(sim_got(d) <= ns_to_tb(106 * MS), "a capped domain does not save up unused time");
	sched_set_cap(d, 0);
	sim_clear();
	sim_run(1 * SEC);
	eq(sim_got(d), ns_to_tb(1 * SEC), "without the cap, the domain gets the whole pCPU");
	sim_end();
}

static void affinity(void)
{
	struct domain *a, *b, *c;

	sim_start(4);
	a = sim_domain(4, 256, 0, 0);
	b = sim_domain(2, 512, 0, 0);
	c = sim_domain(1, 256, 2 * MS, 3 * MS);
	for (unsigned int i = 0; i < 4; i++)
		sched_set_affinity(a->vcpu[i], 3);
	for (unsigned int i = 0; i < 2; i++)
		sched_set_affinity(b->vcpu[i], 1UL << 2);
	sched_set_affinity(c->vcpu[0], 1UL << 3 | 1UL << 2);
	sim_settle();
	sim_clear();
	sim_run(10 * SEC);
	eq(sim_affinity_violations, 0, "affinity: no vcpu runs outside its affinity");
	ok(percent_of(a, 2) > 99.9, "affinity: four vcpus use both of their pCPUs");
	ok(percent_of(b, 1) > 90, "affinity: two vcpus use their one pCPU");
	ok(sim_idle_while_waiting <= ns_to_tb(60 * US),
	   "affinity: no pCPU idles while a vcpu may run on it");
	for (unsigned int i = 0; i < 4; i++)
		sched_set_affinity(a->vcpu[i], ~0UL);
	sim_run(1 * SEC);
	sim_clear();
	sim_run(10 * SEC);
	ok(percent_of(a, 4) + percent_of(b, 4) + percent_of(c, 4) > 99.9,
	   "affinity removed: all pCPUs are used");
	for (unsigned int n = 0; n < 2000; n++) {
		sched_set_affinity(actors[sim_random(nr_actors)].v, 1 + sim_random(15));
		sim_run(sim_random(4) * 700 * US);
	}
	eq(sim_affinity_violations, 0,
	   "affinity changed 2000 times: no vcpu runs outside its affinity");
	ok(sim_idle_while_waiting <= ns_to_tb(60 * US),
	   "affinity changed 2000 times: no pCPU idles while a vcpu may run on it");
	ok(sim_invariants(), "affinity changed 2000 times: the invariants hold");
	sim_end();
}

/*
 * A heavy and a light domain had a pCPU each for a minute. When a third domain starts, the virtual
 * times must neither give it an advantage to make up for that minute nor starve the light domain.
 */
static void latecomers(void)
{
	struct domain *heavy, *light, *late;
	u64 before;

	sim_start(2);
	heavy = sim_domain(1, 4096, 0, 0);
	light = sim_domain(1, 16, 0, 0);
	sim_run(60 * SEC);
	late = sim_domain(2, 4096, 0, 0);
	sim_clear();
	sim_run(500 * MS);
	before = sim_got(late);
	ok(before > ns_to_tb(400 * MS), "a domain that starts late has its share at once");
	ok(sim_got(heavy) > ns_to_tb(400 * MS),
	   "a domain that starts late does not reduce the share of one with the same weight");
	sim_run(4500 * MS);
	ok(sim_got(light) > 0, "a light domain that was alone for long is not starved");
	sim_end();
}

static void yielding(void)
{
	struct domain *g, *h;
	struct vcpu *holder;

	sim_start(1);
	g = sim_domain(3, 256, 0, 0);
	h = sim_domain(2, 256, 0, 0);
	sim_run(55 * MS);
	for (int n = 0, ok_count = 0; n < 50; n++) {
		struct vcpu *v = pcpus[0].current;

		host_pcpu = 0;
		if (v->domain != g) {
			sim_run(10 * MS);
			continue;
		}
		holder = g->vcpu[(v->id + 1) % 3];
		ok_count += sched_yield_to(v, holder);
		sim_settle();
		if (pcpus[0].current != holder && pcpus[0].current != v) {
			ok(false, "sched_yield_to: the target runs next");
			break;
		}
		sim_run(3 * MS);
		if (n == 49)
			ok(ok_count > 10, "sched_yield_to: the target runs next");
	}
	ok(!sched_yield_to(h->vcpu[0], pcpus[0].current),
	   "sched_yield_to: fails for a running target");
	/* Three vcpus that yield to each other all the time. */
	sim_clear();
	for (int n = 0; n < 20000; n++) {
		struct vcpu *v = pcpus[0].current;

		host_pcpu = 0;
		if (v->domain == g)
			sched_yield_to(v, g->vcpu[(v->id + 1) % 3]);
		sim_run(500 * US);
	}
	at_most("three vcpus that yield to each other", percent_of(g, 1), 52);
	ok(percent_of(h, 1) >= 48,
	   "the competitors of vcpus that yield to each other have their half");
	ok(sim_invariants(), "sched_yield_to: the invariants hold");
	sim_end();
}

/* A random operation of the scheduler on a vcpu, from a random pCPU. */
static void act(struct actor *a)
{
	struct vcpu *v = a->v;

	host_pcpu = sim_random(nr_pcpus);
	switch (sim_random(10)) {
	case 0:
		sched_hold(v, sim_random(2));
		break;
	case 1:
		sched_down(v);
		break;
	case 2:
	case 3:
		sched_unpause(v);
		break;
	case 4:
		sched_set_affinity(v, sim_random(1UL << nr_pcpus));
		break;
	case 5:
		sched_set_cap(v->domain, sim_random(3) ? 0 : 1 + sim_random(150));
		break;
	case 6:
		sched_set_weight(v->domain, 1 + sim_random(65535));
		break;
	case 7:
		if (v->pcpu->current == v && v->state == VCPU_RUNNABLE) {
			host_pcpu = v->pcpu->id;
			sched_yield(v);
		}
		break;
	default:
		v->prodded = true;
		sched_wake(v);
	}
}

static void chaos(unsigned int cpus)
{
	bool right = true;
	u64 born;

	sim_start(cpus);
	born = host_tb;
	sim_domain(4, 256, 0, 0);
	sim_domain(3, 1, 700 * US, 300 * US);
	sim_domain(2, 65535, 3 * MS, 11 * MS);
	sim_domain(6, 300, 40 * US, 90 * US);
	for (unsigned int n = 0; n < 6000 && right; n++) {
		act(&actors[sim_random(nr_actors)]);
		if (sim_random(3))
			sim_settle();
		else
			sim_run(sim_random(3000) * US);
		sim_settle();
		right = sim_invariants();
	}
	snprintf(name, sizeof(name),
		 "%u pCPUs: the invariants hold after each of 6000 random actions", cpus);
	ok(right, name);
	for (unsigned int i = 0; i < nr_actors; i++) {
		struct vcpu *v = actors[i].v;
		u64 running = v->runstate_ns[RUNSTATE_running], ran = tb_to_ns(actors[i].ran);

		if (v->runstate == RUNSTATE_running)
			running += system_time() - v->runstate_since;
		/*
		 * A tick is 1.95 ns, and each period in a runstate is rounded to whole ns: errors
		 * must not add up.
		 */
		right &= running < ran + 2000 && ran < running + 2000;
	}
	ok(right && host_tb > born, "random actions: each vcpu's running time is exact to 2 us");
	eq(sim_affinity_violations, 0, "random actions: no vcpu runs outside its affinity");
	for (unsigned int i = 0; i < nr_actors; i++) {
		sched_hold(actors[i].v, false);
		sched_set_affinity(actors[i].v, ~0UL);
		sched_set_cap(actors[i].v->domain, 0);
		sched_unpause(actors[i].v);
		actors[i].v->prodded = true;
		sched_wake(actors[i].v);
	}
	sim_run(1 * SEC);
	sim_clear();
	sim_run(1 * SEC);
	right = true;
	for (unsigned int i = 0; i < nr_actors; i++)
		right &= actors[i].ran > 0;
	ok(right, "random actions: all vcpus run in the end");
	ok(sim_idle_while_waiting <= ns_to_tb(60 * US),
	   "random actions: no pCPU idles while a vcpu waits in the end");
	sim_end();
}

int main(void)
{
	host_init(64 << 20);
	fairness();
	latency(1);
	latency(2);
	latency(4);
	gaming();
	caps();
	affinity();
	latecomers();
	yielding();
	chaos(1);
	chaos(2);
	chaos(4);
	chaos(8);
	eq(host_objects(), 0, "no object is leaked");
	return test_done();
}
