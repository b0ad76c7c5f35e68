// SPDX-License-Identifier: GPL-2.0
/*
 * A front end of a network interface that breaks the rules, in one way, at load time, on the device id=: what=
 *
 *	reference	packets at references never granted, revoked, for others; and too short ones: each is refused
 *	crossing	a packet that goes beyond its page
 *	chain		a packet of more pieces than any
 *	extra		an extra segment of a type that does not exist
 *	gso		a segment size of nothing
 *	overflow	more requests than a ring holds
 *	receive		buffers for packets to it that were never granted
 *
 * After all but the first and the last the back end disables the interface. Prints "hostile: ok - ..." or "hostile: not
 * ok - ..." lines to the kernel's log.
 */
#include <linux/module.h>
#include <linux/string.h>

#include <xen/interface/io/netif.h>

#include "hostile.h"

#define SOMEBODY_ELSE 5
#define NEVER_GRANTED 30000

static unsigned int id;
module_param(id, uint, 0444);

static char *what = "";
module_param(what, charp, 0444);

static struct hostile dev;
static struct shared_page tx_page, rx_page, data;
static struct xen_netif_tx_front_ring tx;
static struct xen_netif_rx_front_ring rx;

static void put(grant_ref_t ref, u16 offset, u16 flags, u16 size)
{
	*RING_GET_REQUEST(&tx, tx.req_prod_pvt) = (struct xen_netif_tx_request){
		.gref = ref, .offset = offset, .flags = flags, .id = tx.req_prod_pvt, .size = size };
	tx.req_prod_pvt++;
}

static void push(void)
{
	int notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&tx, notify);
	notify_remote_via_evtchn(dev.port);
}

/* The next answer's status. */
static long answer(void)
{
	int left = PATIENCE_MS;

	/* Ask for an event, which makes the back end push answers. */
	tx.sring->rsp_event = tx.rsp_cons + 1;
	while (READ_ONCE(tx.sring->rsp_prod) == tx.rsp_cons) {
		if (left <= 0)
			return -ETIMEDOUT;
		msleep(POLL_MS);
		left -= POLL_MS;
	}
	/* The answer is not read before it was found to be there. */
	virt_rmb();
	return RING_GET_RESPONSE(&tx, tx.rsp_cons++)->status;
}

static void expect(bool success, const char *text, grant_ref_t ref, u16 offset, u16 size)
{
	long status;

	put(ref, offset, 0, size);
	push();
	status = answer();
	verdict(success ? status == XEN_NETIF_RSP_OKAY : status == XEN_NETIF_RSP_ERROR, text, status);
}

static void bad_references(void)
{
	struct shared_page foreign, revoked;

	if (share_page(&foreign, SOMEBODY_ELSE, false) || share_page(&revoked, BACKEND_DOMID, false)) {
		verdict(false, "pages to share", -ENOMEM);
		return;
	}
	expect(true, "a right packet", data.ref, 0, 60);
	expect(false, "a reference never granted", NEVER_GRANTED, 0, 60);
	expect(false, "a reference beyond the table", ~0U, 0, 60);
	expect(false, "a reference for another domain", foreign.ref, 0, 60);
	verdict(revoke_page(&revoked), "a grant that is revoked", 0);
	expect(false, "its reference", revoked.ref, 0, 60);
	expect(false, "a packet without a whole header", data.ref, 0, 10);
	expect(false, "a packet of nothing", data.ref, 0, 0);
	expect(true, "and a right packet again", data.ref, 0, 60);
	free_page((unsigned long)revoked.at);
	unshare_page(&foreign);
}

static void bad_extra(u8 type, u16 gso_size)
{
	struct xen_netif_extra_info *extra;

	put(data.ref, 0, XEN_NETTXF_extra_info, 600);
	extra = (struct xen_netif_extra_info *)RING_GET_REQUEST(&tx, tx.req_prod_pvt++);
	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	extra->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
	extra->u.gso.size = gso_size;
	push();
}

static void bad_receive(void)
{
	int i, notify;

	for (i = 0; i < 64; i++)
		*RING_GET_REQUEST(&rx, rx.req_prod_pvt++) = (struct xen_netif_rx_request){
			.id = i, .gref = i % 2 ? NEVER_GRANTED + i : ~0U };
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&rx, notify);
	notify_remote_via_evtchn(dev.port);
}

static void break_rules(void)
{
	int i;

	if (!strcmp(what, "reference")) {
		bad_references();
	} else if (!strcmp(what, "crossing")) {
		put(data.ref, 4000, 0, 500);
		push();
	} else if (!strcmp(what, "chain")) {
		for (i = 0; i < 200; i++)
			put(data.ref, 0, XEN_NETTXF_more_data, 60);
		push();
	} else if (!strcmp(what, "extra")) {
		bad_extra(99, 0);
	} else if (!strcmp(what, "gso")) {
		bad_extra(XEN_NETIF_EXTRA_TYPE_GSO, 0);
	} else if (!strcmp(what, "overflow")) {
		tx.sring->req_prod = tx.req_prod_pvt + 5000;
		/* The event comes behind the claim. */
		virt_wmb();
		notify_remote_via_evtchn(dev.port);
	} else if (!strcmp(what, "receive")) {
		bad_receive();
	} else {
		verdict(false, "what= is not a way to misbehave", 0);
	}
}

static int __init hostile_net_init(void)
{
	struct xen_netif_tx_sring *tx_shared;
	struct xen_netif_rx_sring *rx_shared;
	static char dir[32];
	int err;

	snprintf(dir, sizeof(dir), "device/vif/%u", id);
	err = hostile_begin(&dev, dir);
	if (!err)
		err = share_page(&tx_page, BACKEND_DOMID, false) ?: share_page(&rx_page, BACKEND_DOMID, false) ?:
		      share_page(&data, BACKEND_DOMID, true);
	if (err) {
		verdict(false, "nodes, event channel and rings", err);
		return err;
	}
	tx_shared = tx_page.at;
	SHARED_RING_INIT(tx_shared);
	FRONT_RING_INIT(&tx, tx_shared, XEN_PAGE_SIZE);
	rx_shared = rx_page.at;
	SHARED_RING_INIT(rx_shared);
	FRONT_RING_INIT(&rx, rx_shared, XEN_PAGE_SIZE);
	/* To everybody, from an address of nobody's. */
	memset(data.at, 0xff, 6);
	memset(data.at + 6, 0x02, 6);
	say(&dev, "tx-ring-ref", tx_page.ref);
	say(&dev, "rx-ring-ref", rx_page.ref);
	say(&dev, "event-channel", dev.port);
	say(&dev, "request-rx-copy", 1);
	say(&dev, "feature-rx-notify", 1);
	say(&dev, "feature-sg", 1);
	say(&dev, "feature-gso-tcpv4", 1);
	say(&dev, "state", STATE_CONNECTED);
	if (wait_for_backend(&dev, STATE_CONNECTED))
		break_rules();
	else
		verdict(false, "the back end connects: its state", backend_state(&dev));
	return 0;
}
module_init(hostile_net_init);

static void __exit hostile_net_exit(void)
{
	hostile_end(&dev);
	unshare_page(&tx_page);
	unshare_page(&rx_page);
	unshare_page(&data);
}
module_exit(hostile_net_exit);

MODULE_DESCRIPTION("A front end of a network interface that breaks the rules");
MODULE_LICENSE("GPL");
