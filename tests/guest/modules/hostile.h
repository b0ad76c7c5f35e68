/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers for the hostile front ends: xenstore nodes, grants, an event channel and test results.
 * These front ends are not xenbus drivers, because xenbus would keep them from writing invalid
 * values or writing at the wrong time.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/io/ring.h>
#include <xen/page.h>
#include <xen/xenbus.h>

#include <asm/xen/hypercall.h>

#define BACKEND_DOMID 0
#define PATIENCE_MS 10000
/* Values of enum xenbus_state. */
#define STATE_UNKNOWN 0
#define STATE_INITIALISED 3
#define STATE_CONNECTED 4
#define STATE_CLOSED 6
#define POLL_MS 10

struct hostile {
	const char *dir;	/* xenstore directory of the device, relative to the domain */
	char *backend;		/* xenstore directory of the back end */
	evtchn_port_t port;
};

/* A page that is granted to the back end. */
struct shared_page {
	void *at;
	grant_ref_t ref;
};

static inline void verdict(bool good, const char *what, long got)
{
	pr_info("hostile: %sok - %s: %ld\n", good ? "" : "not ", what, got);
}

static inline int share_page(struct shared_page *page, domid_t with, bool readonly)
{
	int ref;

	page->at = (void *)get_zeroed_page(GFP_KERNEL);
	if (!page->at)
		return -ENOMEM;
	ref = gnttab_grant_foreign_access(with, virt_to_gfn(page->at), readonly);
	if (ref < 0) {
		free_page((unsigned long)page->at);
		return ref;
	}
	page->ref = ref;
	return 0;
}

/* Ends the grant. The page is freed once the back end has unmapped it. */
static inline void unshare_page(struct shared_page *page)
{
	gnttab_end_foreign_access(page->ref, virt_to_page(page->at));
}

/* Ends the grant at once. Returns false if the back end has the page mapped. */
static inline bool revoke_page(struct shared_page *page)
{
	return gnttab_try_end_foreign_access(page->ref);
}

static inline int write_node(struct hostile *h, const char *node, unsigned long value)
{
	return xenbus_printf(XBT_NIL, h->dir, node, "%lu", value);
}

static inline int backend_state(struct hostile *h)
{
	return xenbus_read_unsigned(h->backend, "state", STATE_UNKNOWN);
}

static inline bool wait_for_backend(struct hostile *h, int state)
{
	int left = PATIENCE_MS;

	while (backend_state(h) != state && left > 0) {
		msleep(POLL_MS);
		left -= POLL_MS;
	}
	return backend_state(h) == state;
}

static inline int hostile_begin(struct hostile *h, const char *dir)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = BACKEND_DOMID };
	int err;

	h->dir = dir;
	h->backend = xenbus_read(XBT_NIL, dir, "backend", NULL);
	if (IS_ERR(h->backend))
		return PTR_ERR(h->backend);
	err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);
	h->port = alloc.port;
	return err;
}

static inline void hostile_end(struct hostile *h)
{
	struct evtchn_close close = { .port = h->port };

	write_node(h, "state", STATE_CLOSED);
	HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
	kfree(h->backend);
}

#endif
