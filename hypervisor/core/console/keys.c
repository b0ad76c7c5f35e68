// SPDX-License-Identifier: GPL-2.0
/*
 * What single keys do while the hypervisor has the focus. It only looks, and
 * takes the locks of what would go away under its eyes; figures may be of
 * slightly different times.
 */
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/console/console.h"
#include "core/evtchn/evtchn.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "lib/printf.h"

#define MAX_PORTS_SHOWN	256

static const char *const state_name[] = {
	[VCPU_DOWN] = "down",
	[VCPU_RUNNABLE] = "runnable",
	[VCPU_BLOCKED] = "blocked",
	[VCPU_PAUSED] = "paused",
};

static void show_domain(const struct domain *d)
{
	struct vcpu_runstate_info rs;
	const struct vcpu *v;

	printk("d%u %s: %lu of %lu KiB, %u vcpu(s)%s\n", d->id, d->name, domain_pages(d) * 4,
	       READ_ONCE(d->max_pages) * 4, d->nr_vcpus,
	       READ_ONCE(d->state) == DOM_RUNNING ? "" : ", dying or dead");
	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		v = d->vcpu[i];
		runstate_snapshot(v, &rs);
		printk("  v%u: %s, event %u, ms running %lu runnable %lu blocked %lu offline %lu\n",
		       i, state_name[READ_ONCE(v->state)], vcpu_event_pending(v),
		       rs.time[RUNSTATE_running] / NSEC_PER_MSEC,
		       rs.time[RUNSTATE_runnable] / NSEC_PER_MSEC,
		       rs.time[RUNSTATE_blocked] / NSEC_PER_MSEC,
		       rs.time[RUNSTATE_offline] / NSEC_PER_MSEC);
	}
}

/* What has to be the same before and after somebody used a device. */
static void show_resources(struct domain *d)
{
	u32 granted = 0, pinned, ports;
	struct gnttab *gt = d->gt;

	/* The table's pages move when its limits are set. */
	spin_lock(&gt->lock);
	for (u32 ref = 0; ref < gnttab_entries(gt); ref++)
		granted += READ_ONCE(grant_entry(gt, ref)->flags) & GTF_type_mask ? 1 : 0;
	pinned = gt->pinned;
	spin_unlock(&gt->lock);
	spin_lock(&d->evtchn_lock);
	ports = d->ev ? d->ev->nr_used : 0;
	spin_unlock(&d->evtchn_lock);
	printk("d%u: grants %u used, %u mapped by others, maptrack %u in use, ports %u, pages %lu\n",
	       d->id, granted, pinned, READ_ONCE(gt->track.used), ports, domain_pages(d));
}

static void show_domains(void)
{
	struct domain *d;

	printk("memory: %lu of %lu KiB free\n", pages_free() * 4, pages_total() * 4);
	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		d = READ_ONCE(domains[i]);
		if (d)
			show_domain(d);
	}
	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		d = READ_ONCE(domains[i]);
		if (d)
			show_resources(d);
	}
}

/* Of a vcpu that runs on another pCPU: what it had at its last exit. */
static void show_registers(void)
{
	const struct domain *d;

	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		d = READ_ONCE(domains[i]);
		for (unsigned int n = 0; d && n < d->nr_vcpus; n++)
			if (READ_ONCE(d->vcpu[n]->state) != VCPU_DOWN)
				arch_vcpu_dump(d->vcpu[n]);
	}
}

static void show_port(const struct domain *d, u32 p, const struct evtchn *chn)
{
	const char *pending = evtchn_is_pending(d, p) ? " pending" : "";
	const char *masked = evtchn_is_masked(d, p) ? " masked" : "";

	switch (chn->kind) {
	case EVTCHN_UNBOUND:
		printk("  %u: unbound, for d%u%s%s\n", p, chn->remote_id, pending, masked);
		break;
	case EVTCHN_INTERDOMAIN:
		printk("  %u: d%u port %u, v%u%s%s\n", p, chn->remote->id, chn->peer, chn->vcpu,
		       pending, masked);
		break;
	case EVTCHN_CONSUMER:
		printk("  %u: hypervisor, v%u%s%s\n", p, chn->vcpu, pending, masked);
		break;
	case EVTCHN_VIRQ:
		printk("  %u: virq %u, v%u%s%s\n", p, chn->peer, chn->vcpu, pending, masked);
		break;
	case EVTCHN_IPI:
		printk("  %u: ipi, v%u%s%s\n", p, chn->vcpu, pending, masked);
		break;
	default:
		break;
	}
}

/* evtchn_lock held. */
static void show_ports(const struct domain *d)
{
	const struct evtchn *chn;
	unsigned int shown = 0;

	printk("d%u: %s, %u ports in use\n", d->id, d->ev->fifo ? "FIFO" : "2-level",
	       d->ev->nr_used);
	for (u32 p = 1; p < d->ev->nr_ports && shown < MAX_PORTS_SHOWN; p++) {
		chn = evtchn_get(d->ev, p);
		if (chn->kind == EVTCHN_FREE)
			continue;
		show_port(d, p, chn);
		shown++;
	}
}

static void show_events(void)
{
	struct domain *d;

	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		d = READ_ONCE(domains[i]);
		if (!d)
			continue;
		spin_lock(&d->evtchn_lock);
		if (d->ev)
			show_ports(d);
		spin_unlock(&d->evtchn_lock);
	}
}

static void help(void)
{
	printk("h  this text\n");
	printk("q  domains, their vcpus and what they use\n");
	printk("r  run queue\n");
	printk("d  registers of every vcpu\n");
	printk("e  event channels\n");
	printk("R  reboot the machine\n");
}

/**
 * console_key_harmless() - does a key only show something?
 * @c: the key
 *
 * Return: whether it does.
 */
bool console_key_harmless(char c)
{
	return c != 'R';
}

/**
 * console_key() - a key for the hypervisor
 * @c: the key; unknown ones are ignored
 */
void console_key(char c)
{
	switch (c) {
	case 'h':
		help();
		break;
	case 'q':
		show_domains();
		break;
	case 'r':
		sched_dump();
		break;
	case 'd':
		show_registers();
		break;
	case 'e':
		show_events();
		break;
	case 'R':
		printk("rebooting\n");
		arch_reboot();
	default:
		break;
	}
}
