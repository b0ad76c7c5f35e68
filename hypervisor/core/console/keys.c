// SPDX-License-Identifier: GPL-2.0
/*
 * The debug keys: single keys that print the state of the hypervisor while it
 * has the console's input. All but R only read. They take the locks that keep
 * the objects they print in place; figures printed together may have been read
 * at slightly different times.
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

static const char *const vcpu_state_name[] = {
	[VCPU_DOWN] = "down",
	[VCPU_RUNNABLE] = "runnable",
	[VCPU_BLOCKED] = "blocked",
	[VCPU_PAUSED] = "paused",
};

static void key_show_domain(const struct domain *d)
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
		       i, vcpu_state_name[READ_ONCE(v->state)], vcpu_event_pending(v),
		       rs.time[RUNSTATE_running] / NSEC_PER_MSEC,
		       rs.time[RUNSTATE_runnable] / NSEC_PER_MSEC,
		       rs.time[RUNSTATE_blocked] / NSEC_PER_MSEC,
		       rs.time[RUNSTATE_offline] / NSEC_PER_MSEC);
	}
}

/* Resources that a domain has in use. A test compares them before and after it uses a device. */
static void key_show_resources(struct domain *d)
{
	u32 granted = 0, pinned, ports;
	struct gnttab *gt = d->gt;

	/* gnttab_set_limits() replaces the arrays that grant_entry() reads. */
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

static void key_show_domains(void)
{
	struct domain *d;

	printk("memory: %lu of %lu KiB free\n", pages_free() * 4, pages_total() * 4);
	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		d = READ_ONCE(domains[i]);
		if (d)
			key_show_domain(d);
	}
	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		d = READ_ONCE(domains[i]);
		if (d)
			key_show_resources(d);
	}
}

/* For a vcpu that runs on another pCPU, these are the registers of its last exit. */
static void key_show_registers(void)
{
	const struct domain *d;

	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		d = READ_ONCE(domains[i]);
		for (unsigned int n = 0; d && n < d->nr_vcpus; n++)
			if (READ_ONCE(d->vcpu[n]->state) != VCPU_DOWN)
				arch_vcpu_dump(d->vcpu[n]);
	}
}

static void key_show_port(const struct domain *d, u32 p, const struct evtchn *chn)
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
static void key_show_ports(const struct domain *d)
{
	const struct evtchn *chn;
	unsigned int shown = 0;

	printk("d%u: %s, %u ports in use\n", d->id, d->ev->fifo ? "FIFO" : "2-level",
	       d->ev->nr_used);
	for (u32 p = 1; p < d->ev->nr_ports && shown < MAX_PORTS_SHOWN; p++) {
		chn = evtchn_get(d->ev, p);
		if (chn->kind == EVTCHN_FREE)
			continue;
		key_show_port(d, p, chn);
		shown++;
	}
}

static void key_show_events(void)
{
	struct domain *d;

	for (unsigned int i = 0; i < MAX_DOMAINS; i++) {
		d = READ_ONCE(domains[i]);
		if (!d)
			continue;
		spin_lock(&d->evtchn_lock);
		if (d->ev)
			key_show_ports(d);
		spin_unlock(&d->evtchn_lock);
	}
}

static void key_help(void)
{
	printk("h  this text\n");
	printk("q  domains, their vcpus and what they use\n");
	printk("r  run queue\n");
	printk("d  registers of every vcpu\n");
	printk("e  event channels\n");
	printk("R  reboot the machine\n");
}

/**
 * console_debug_key_harmless() - does a debug key only print something?
 * @c: the key
 *
 * Return: false for a key that changes the state of the machine.
 */
bool console_debug_key_harmless(char c)
{
	return c != 'R';
}

/**
 * console_debug_key() - execute a debug key
 * @c: the key; unknown ones are ignored
 *
 * Takes locks of the objects that it prints; none may be held.
 */
void console_debug_key(char c)
{
	switch (c) {
	case 'h':
		key_help();
		break;
	case 'q':
		key_show_domains();
		break;
	case 'r':
		sched_dump();
		break;
	case 'd':
		key_show_registers();
		break;
	case 'e':
		key_show_events();
		break;
	case 'R':
		printk("rebooting\n");
		arch_reboot();
	default:
		break;
	}
}
