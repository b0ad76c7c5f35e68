// SPDX-License-Identifier: GPL-2.0
/*
 * What single keys do while the hypervisor has the focus.
 */
#include "core/arch.h"
#include "core/console.h"
#include "core/evtchn.h"
#include "core/gnttab.h"
#include "core/memory.h"
#include "core/sched.h"
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

	printk("d%u %s: %lu of %lu KiB, %u vcpu(s)%s\n", d->id, d->name, d->tot_pages * 4,
	       d->max_pages * 4, d->nr_vcpus, d->state == DOM_RUNNING ? "" : ", dying or dead");
	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		v = d->vcpu[i];
		if (!v)
			continue;
		runstate_snapshot(v, &rs);
		printk("  v%u: %s, event %u, ms running %lu runnable %lu blocked %lu offline %lu\n",
		       i, state_name[v->state], vcpu_event_pending(v),
		       rs.time[RUNSTATE_running] / NSEC_PER_MSEC,
		       rs.time[RUNSTATE_runnable] / NSEC_PER_MSEC,
		       rs.time[RUNSTATE_blocked] / NSEC_PER_MSEC,
		       rs.time[RUNSTATE_offline] / NSEC_PER_MSEC);
	}
}

/* What has to be the same before and after somebody used a device. */
static void show_resources(const struct domain *d)
{
	const struct gnttab *gt = d->gt;
	u32 granted = 0;

	for (u32 ref = 0; ref < gnttab_entries(gt); ref++)
		granted += READ_ONCE(grant_entry(gt, ref)->flags) & GTF_type_mask ? 1 : 0;
	printk("d%u: grants %u used, %u mapped by others, maptrack %u in use, ports %u, pages %lu\n",
	       d->id, granted, gt->pinned, gt->track.used, d->ev ? d->ev->nr_used : 0,
	       d->tot_pages);
}

static void show_domains(void)
{
	printk("memory: %lu of %lu KiB free\n", pages_free() * 4, pages_total() * 4);
	for (unsigned int i = 0; i < MAX_DOMAINS; i++)
		if (domains[i])
			show_domain(domains[i]);
	for (unsigned int i = 0; i < MAX_DOMAINS; i++)
		if (domains[i])
			show_resources(domains[i]);
}

static void show_registers(void)
{
	for (unsigned int i = 0; i < MAX_DOMAINS; i++)
		for (unsigned int n = 0; domains[i] && n < domains[i]->nr_vcpus; n++)
			if (domains[i]->vcpu[n] && domains[i]->vcpu[n]->state != VCPU_DOWN)
				arch_vcpu_dump(domains[i]->vcpu[n]);
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

static void show_events(void)
{
	const struct evtchn *chn;
	const struct domain *d;
	unsigned int shown;

	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		d = domains[i];
		if (!d || !d->ev)
			continue;
		printk("d%u: %s, %u ports in use\n", i, d->ev->fifo ? "FIFO" : "2-level",
		       d->ev->nr_used);
		shown = 0;
		for (u32 p = 1; p < d->ev->nr_ports && shown < MAX_PORTS_SHOWN; p++) {
			chn = evtchn_get(d->ev, p);
			if (chn->kind == EVTCHN_FREE)
				continue;
			show_port(d, p, chn);
			shown++;
		}
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
