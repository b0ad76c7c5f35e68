// SPDX-License-Identifier: GPL-2.0
/*
 * Domains from their creation to their shutdown. domain_destroy.c takes apart what is left then.
 *
 * Shutting a domain down only marks it: its vcpus are paused, and exit_work() calls domain_reap(),
 * which begins to free the domain when none of its vcpus is on a pCPU any more. So a function
 * that shuts down the caller's own domain still returns to a valid domain.
 */
#include "core/arch_ops.h"
#include "core/base/deferred.h"
#include "core/base/domains.h"
#include "core/console/console.h"
#include "core/domain/domain.h"
#include "core/domain/domain_destroy.h"
#include "core/domain/vcpu.h"
#include "core/domain/wallclock.h"
#include "core/evtchn/evtchn.h"
#include "core/gnttab/gnttab.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/slab.h"
#include "lib/string.h"

#define MAGIC_PAGES	4	/* room for console and xenstore beyond the configured memory */

static const char *const reason_name[SHUTDOWN_MAX + 1] = {
	[SHUTDOWN_poweroff] = "poweroff",
	[SHUTDOWN_reboot] = "reboot",
	[SHUTDOWN_suspend] = "suspend",
	[SHUTDOWN_crash] = "crash",
	[SHUTDOWN_watchdog] = "watchdog",
	[SHUTDOWN_soft_reset] = "soft reset",
};

static int domain_create_parts(struct domain *d)
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
 * domain_get_handle() - read a domain's UUID
 * @d: the domain
 * @handle: where to store it
 *
 * Takes d->lock.
 */
void domain_get_handle(struct domain *d, xen_domain_handle_t handle)
{
	spin_lock(&d->lock);
	memcpy(handle, d->cfg.handle, sizeof(d->cfg.handle));
	spin_unlock(&d->lock);
}

/**
 * domain_set_handle() - give a domain another UUID, which it keeps when it reboots
 * @d: the domain
 * @handle: the UUID
 *
 * Takes d->lock. A domain that reboots is built from @d->cfg once no hypercall that found @d runs any
 * more, so that it has whatever was set last.
 *
 * Return: 0, -EINVAL for zeros, which stand for no UUID.
 */
int domain_set_handle(struct domain *d, const xen_domain_handle_t handle)
{
	if (!domain_handle_valid(handle))
		return -EINVAL;
	spin_lock(&d->lock);
	memcpy(d->cfg.handle, handle, sizeof(d->cfg.handle));
	spin_unlock(&d->lock);
	return 0;
}

/*
 * Make a UUID of random bits (RFC 9562, version 4), unless the domain has one already: it is in the
 * configuration, which a domain that reboots passes on. Without random numbers it is made of the
 * time and the domid, so that no two domains of a machine have the same.
 */
static void domain_make_handle(struct domain *d)
{
	u64 half[2];

	if (domain_handle_valid(d->cfg.handle))
		return;
	if (!arch_random(&half[0]) || !arch_random(&half[1])) {
		half[0] = arch_wallclock_ns() + arch_tb();
		half[1] = d->id;
	}
	memcpy(d->cfg.handle, half, sizeof(half));
	d->cfg.handle[6] = (d->cfg.handle[6] & 0x0f) | 0x40;
	d->cfg.handle[8] = (d->cfg.handle[8] & 0x3f) | 0x80;
}

static struct domain *domain_new(u16 id, const struct domain_config *cfg)
{
	struct domain *d;
	int rc;

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
	d->born = arch_tb();
	d->privileged = id == 0;
	d->state = DOM_RUNNING;
	d->shutdown_code = REASON_NONE;
	d->shutdown_reason = REASON_NONE;
	d->cfg = *cfg;
	domain_make_handle(d);
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

	rc = domain_create_parts(d);
	if (rc) {
		printk("d%u: cannot create the domain: error %d\n", id, -rc);
		domain_discard(d);
		return NULL;
	}
	return d;
}

/**
 * domain_create() - create a domain without memory, all of its vcpus down
 * @id: its number, which must be free
 * @cfg: its configuration, copied; the strings and images it points to must stay valid
 *
 * domain_find() does not find the domain before domain_start(), so the toolstack never sees a
 * domain that is only partly built.
 *
 * Return: the domain, or NULL after the reason was printed.
 */
struct domain *domain_create(u16 id, const struct domain_config *cfg)
{
	if (id >= MAX_DOMAINS || domains[id]) {
		printk("d%u: domain number is not free\n", id);
		return NULL;
	}
	return domain_new(id, cfg);
}

/**
 * domain_create_heir() - domain_create() for the successor of a dead domain
 * @d: a domain without frames, whose number and configuration it gets
 *
 * The device tree becomes the heir's.
 *
 * Return: the domain, or NULL after the reason was printed.
 */
struct domain *domain_create_heir(struct domain *d)
{
	struct domain_config cfg = d->cfg;
	struct domain *heir;

	/* Until the heir is complete: domain_free() frees what it has. */
	cfg.tree = NULL;
	heir = domain_new(d->id, &cfg);
	if (heir)
		swap(heir->cfg.tree, d->cfg.tree);
	return heir;
}

/**
 * domain_publish() - make a domain visible to domain_find()
 * @d: the domain; the members that other domains and the toolstack read are set
 *
 * Called by the code that builds domains; no other domain has the same number.
 */
void domain_publish(struct domain *d)
{
	domains_insert(d);
	wallclock_join(d);
}

/**
 * domain_notify_dom0() - raise VIRQ_DOM_EXC: a domain has shut down or its number is free
 */
void domain_notify_dom0(void)
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

/*
 * End a domain for the given reason, unless something else has ended it already.
 *
 * Several pCPUs may come here for one domain at the same time. The compare-and-swap of the reason
 * decides between them, once: nobody writes shutdown_reason after it, so whatever the guest or the
 * toolstack asks for later, all see the reason of the winner.
 */
static void domain_end(struct domain *d, unsigned int reason)
{
	unsigned int none = REASON_NONE;

	if (!try_cmpxchg(&d->shutdown_reason, &none, reason))
		return;
	for (unsigned int i = 0; i < d->nr_vcpus; i++)
		sched_pause(d->vcpu[i]);
	/*
	 * Release: whoever sees that the domain has shut down sees the reason, and domain_reap() on
	 * another pCPU finds no vcpu that could still be picked.
	 */
	__atomic_store_n(&d->state, DOM_SHUTDOWN, __ATOMIC_RELEASE);
	printk("d%u: shutdown, reason %s\n", d->id, reason_name[reason]);
	if (d->id == 0)
		dom0_shutdown(reason);
	domain_notify_dom0();
	deferred_request(DEFERRED_REAP);
}

/**
 * domain_shutdown() - end a domain, at its own request or not
 * @d: the domain, possibly the one of the running vcpu
 * @reason: SHUTDOWN_*; a reason that the guest set by SCHEDOP_shutdown_code takes precedence
 *
 * The vcpus of @d will not run again; those on other pCPUs are kicked. If @d is dom0 the
 * machine powers off or reboots. Otherwise domain_reap() frees the domain, and builds it again if
 * the reason is SHUTDOWN_reboot. Does nothing to a domain that has shut down already. The caller
 * holds no lock of a domain.
 */
void domain_shutdown(struct domain *d, unsigned int reason)
{
	unsigned int code = READ_ONCE(d->shutdown_code);

	domain_end(d, code <= SHUTDOWN_MAX ? code : reason);
}

/**
 * domain_destroy() - end a domain for good, for the toolstack
 * @d: a domain, running or not, that is not the caller's; never dom0
 *
 * Of a domain that has shut down in order to reboot and waits to be built again, nothing is built:
 * domain_reap() and this function agree on that by one compare-and-swap of d->rebuild. Whatever
 * the guest asked for by SCHEDOP_shutdown_code does not count. The caller holds no lock of a
 * domain.
 *
 * Return: true if no domain will be built again from @d; false if another one has taken its place.
 */
bool domain_destroy(struct domain *d)
{
	u8 open = REBUILD_OPEN;

	/* Before the end: a reboot that comes between the two is not built again either. */
	if (!try_cmpxchg(&d->rebuild, &open, REBUILD_NEVER) && open == REBUILD_BEGUN)
		return false;
	domain_end(d, SHUTDOWN_poweroff);
	return true;
}

/**
 * domain_crash() - end a domain that broke a rule or cannot go on
 * @d: the domain
 * @why: what happened, printf style, without a newline
 *
 * Prints the registers of the current vcpu if it belongs to @d, else those of vcpu 0. Does nothing
 * to a domain that has shut down already. A reason that the guest set by SCHEDOP_shutdown_code does
 * not count: a domain that cannot go on must not be able to call that a reboot.
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
	domain_end(d, SHUTDOWN_crash);
}

/**
 * domain_start() - let a domain run
 * @d: the domain; its memory is loaded and the registers of vcpu 0 are set
 */
void domain_start(struct domain *d)
{
	domain_publish(d);
	__atomic_store_n(&d->vcpu[0]->initialised, true, __ATOMIC_RELEASE);
	sched_unpause(d->vcpu[0]);
}
