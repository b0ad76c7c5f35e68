// SPDX-License-Identifier: GPL-2.0
/*
 * Domains from the first allocation to their shutdown. What is left to do
 * then is in domain_death.c.
 *
 * A domain that shuts down is only marked: its vcpus are paused and the pCPU
 * is asked to come to sched_next(), which calls domain_reap() when no vcpu of
 * it runs any more. So nobody down the call chain of a hypercall finds its
 * own domain gone.
 */
#include "core/arch_ops.h"
#include "core/console/console.h"
#include "core/evtchn/evtchn.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/slab.h"
#include "lib/string.h"

#define REASON_NONE	(~0U)
#define MAGIC_PAGES	4	/* console, xenstore: beyond the memory asked for */

struct domain *domains[MAX_DOMAINS];
unsigned int domains_end;

static const char *const reason_name[SHUTDOWN_MAX + 1] = {
	[SHUTDOWN_poweroff] = "poweroff",
	[SHUTDOWN_reboot] = "reboot",
	[SHUTDOWN_suspend] = "suspend",
	[SHUTDOWN_crash] = "crash",
	[SHUTDOWN_watchdog] = "watchdog",
	[SHUTDOWN_soft_reset] = "soft reset",
};

static int create_parts(struct domain *d)
{
	u64 ma;
	int rc;

	rc = p2m_init(d);
	if (rc)
		return rc;
	ma = alloc_zeroed_pages(0);
	if (!ma)
		return -ENOMEM;
	d->shared_info = ma_to_ptr(ma);
	rc = evtchn_init(d);
	if (rc)
		return rc;
	rc = gnttab_init(d);
	if (rc)
		return rc;
	rc = console_ring_alloc(d);
	if (rc)
		return rc;
	for (unsigned int i = 0; i < d->nr_vcpus; i++) {
		d->vcpu[i] = vcpu_create(d, i);
		if (!d->vcpu[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * domain_create() - a new domain without memory, all of its vcpus down
 * @id: its number, which must be free
 * @cfg: what it is to be; its strings and images must stay as they are
 *
 * Nobody finds it before domain_start(): the tools would take one that is half
 * built for one that lacks something.
 *
 * Return: the domain, or NULL, the reason printed.
 */
struct domain *domain_create(u16 id, const struct domain_config *cfg)
{
	struct domain *d;
	int rc;

	if (id >= MAX_DOMAINS || domains[id]) {
		printk("d%u: domain number is not free\n", id);
		return NULL;
	}
	if (cfg->vcpus == 0 || cfg->vcpus > MAX_VCPUS) {
		printk("d%u: %u vcpus asked for, 1 to %u are possible\n", id, cfg->vcpus, MAX_VCPUS);
		return NULL;
	}
	d = xzalloc(sizeof(*d));
	if (!d) {
		printk("d%u: no memory for the domain\n", id);
		return NULL;
	}
	d->id = id;
	d->privileged = id == 0;
	d->state = DOM_RUNNING;
	d->shutdown_reason = REASON_NONE;
	d->cfg = *cfg;
	snprintf(d->name, sizeof(d->name), "%s", cfg->name ? cfg->name : "");
	spin_lock_init(&d->lock, RANK_DOMAIN);
	spin_lock_init(&d->evtchn_lock, RANK_EVTCHN);
	spin_lock_init(&d->page_lock, RANK_PAGE);
	sched_domain_init(d);
	list_init(&d->pages);
	d->max_pages = (cfg->memory >> PAGE_SHIFT) + MAGIC_PAGES;
	d->nr_vcpus = cfg->vcpus;
	d->p2m_gen = 1;
	d->shared_info_gfn = GFN_NONE;

	rc = create_parts(d);
	if (rc) {
		printk("d%u: cannot create the domain: error %d\n", id, -rc);
		domain_discard(d);
		return NULL;
	}
	return d;
}

/**
 * domain_publish() - let others find a domain
 * @d: the domain; what they may look at of it is there
 *
 * Nobody else may have its number: the caller is who builds domains.
 */
void domain_publish(struct domain *d)
{
	WRITE_ONCE(domains_end, max(domains_end, d->id + 1U));
	/* Release: who finds it finds it whole. */
	__atomic_store_n(&domains[d->id], d, __ATOMIC_RELEASE);
	wallclock_join(d);
}

/**
 * domain_tell_dom0() - a domain has shut down or is gone
 */
void domain_tell_dom0(void)
{
	struct domain *d0 = domain_find(0);

	if (d0)
		send_global_virq(d0, VIRQ_DOM_EXC);
}

static void dom0_shutdown(unsigned int reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
	case SHUTDOWN_suspend:
		printk("dom0 has shut down: powering off\n");
		arch_poweroff();
	default:
		printk("dom0 has shut down (%s): rebooting\n", reason_name[reason]);
		arch_reboot();
	}
}

/**
 * domain_shutdown() - the end of a domain, asked for or not
 * @d: the domain; may be that of the running vcpu
 * @reason: SHUTDOWN_*, overridden by what SCHEDOP_shutdown_code left
 *
 * Its vcpus do not run again, those that run elsewhere are kicked. dom0 takes
 * the machine along. Another domain is freed by domain_reap(), and built anew
 * if the reason is reboot. No lock of a domain's may be held.
 */
void domain_shutdown(struct domain *d, unsigned int reason)
{
	enum shutdown_state running = DOM_RUNNING;
	unsigned int left = READ_ONCE(d->shutdown_reason);

	/* Several pCPUs may want this: one does it. */
	if (!try_cmpxchg(&d->state, &running, DOM_SHUTDOWN))
		return;
	if (left <= SHUTDOWN_MAX)
		reason = left;
	WRITE_ONCE(d->shutdown_reason, reason);
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		sched_pause(d->vcpu[i]);
	console_ring_drain(d, true);
	printk("d%u: shutdown, reason %s\n", d->id, reason_name[reason]);
	if (d->id == 0)
		dom0_shutdown(reason);
	domain_tell_dom0();
	domain_may_go();
}

/**
 * domain_crash() - end a domain that did what it must not, or cannot go on
 * @d: the domain
 * @why: what happened, printf style, without a newline
 *
 * Prints the registers of the vcpu that runs here, or of vcpu 0. Nothing happens
 * to a domain that has shut down already.
 */
void domain_crash(struct domain *d, const char *why, ...)
{
	struct vcpu *v = this_pcpu()->current;
	char text[160];
	va_list ap;

	if (READ_ONCE(d->state) != DOM_RUNNING)
		return;
	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	printk("d%u: crashed: %s\n", d->id, text);
	if (!v || v->domain != d)
		v = d->vcpu[0];
	if (v)
		arch_vcpu_dump(v);
	WRITE_ONCE(d->shutdown_reason, SHUTDOWN_crash);
	domain_shutdown(d, SHUTDOWN_crash);
}

/**
 * domain_start() - let a domain run that has been built
 * @d: vcpu 0 has its registers, memory is loaded
 */
void domain_start(struct domain *d)
{
	domain_publish(d);
	__atomic_store_n(&d->vcpu[0]->initialised, true, __ATOMIC_RELEASE);
	sched_unpause(d->vcpu[0]);
}
