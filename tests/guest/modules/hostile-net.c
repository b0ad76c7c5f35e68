// SPDX-License-Identifier: GPL-2.0
/*
 * A network front end that violates the protocol once, at load time, on the device id=. The
 * parameter what= selects how:
 *
 *	reference	packets with bad grant references, and packets that are too short; each gets an error
 *	crossing	a packet that extends beyond its page
 *	chain		a packet with more slots than the protocol allows
 *	extra		an extra info slot of an unknown type
 *	gso		a GSO packet with a segment size of 0
 *	overflow	a producer index that is beyond the ring
 *	receive		receive buffers that are not granted
 *
 * In all cases but "reference" and "receive" the back end must disable the interface. Prints
 * "hostile: ok - ..." or "hostile: not ok - ..." lines to the kernel log.
 */
#include <linux/module.h>
#include <linux/string.h>

#include <xen/interface/io/netif.h>

#include "hostile.h"

#define OTHER_DOMID 5
#define UNUSED_REF 30000

static unsigned int id;
module_param(id, uint, 0444);

static char *what = "";
module_param(what, charp, 0444);

static struct hostile dev;
static struct shared_page tx_page, rx_page, data;
static struct xen_netif_tx_front_ring tx;
static struct xen_netif_rx_front_ring rx;

static void queue_tx(grant_ref_t ref, u16 offset, u16 flags, u16 size)
{
	*RING_GET_REQUEST(&tx, tx.req_prod_pvt) = (struct xen_netif_tx_request){
		.gref = ref, .offset = offset, .flags = flags, .id = tx.req_prod_pvt, .size = size };
	tx.req_prod_pvt++;
}

static void push_tx(void)
{
	int notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&tx, notify);
	notify_remote_via_evtchn(dev.port);
}

/* Waits for the next response and returns its status. */
static long wait_tx(void)
{
	int left = PATIENCE_MS;

	/* The back end publishes responses only if the front end requests an event for them. */
	tx.sring->rsp_event = tx.rsp_cons + 1;
	while (READ_ONCE(tx.sring->rsp_prod) == tx.rsp_cons) {
		if (left <= 0)
			return -ETIMEDOUT;
		msleep(POLL_MS);
		left -= POLL_MS;
	}
	/* Read the response only after the producer index. */
	virt_rmb();
	return RING_GET_RESPONSE(&tx, tx.rsp_cons++)->status;
}

static void expect(bool success, const char *text, grant_ref_t ref, u16 offset, u16 size)
{
	long status;

	queue_tx(ref, offset, 0, size);
	push_tx();
	status = wait_tx();
	verdict(success ? status == XEN_NETIF_RSP_OKAY : status == XEN_NETIF_RSP_ERROR, text, status);
}

static void bad_references(void)
{
	struct shared_page foreign, revoked;

	if (share_page(&foreign, OTHER_DOMID, false) || share_page(&revoked, BACKEND_DOMID, false)) {
		verdict(false, "allocate and grant pages", -ENOMEM);
		return;
	}
	expect(true, "a valid packet succeeds", data.ref, 0, 60);
	expect(false, "a reference that is not granted fails", UNUSED_REF, 0, 60);
	expect(false, "a reference beyond the grant table fails", ~0U, 0, 60);
	expect(false, "a reference that is granted to another domain fails", foreign.ref, 0, 60);
	verdict(revoke_page(&revoked), "a grant can be revoked", 0);
	expect(false, "the reference of the revoked grant fails", revoked.ref, 0, 60);
	expect(false, "a packet shorter than an Ethernet header fails", data.ref, 0, 10);
	expect(false, "a packet of length 0 fails", data.ref, 0, 0);
	expect(true, "a valid packet succeeds afterwards", data.ref, 0, 60);
	free_page((unsigned long)revoked.at);
	unshare_page(&foreign);
}

static void bad_extra(u8 type, u16 gso_size)
{
	struct xen_netif_extra_info *extra;

	queue_tx(data.ref, 0, XEN_NETTXF_extra_info, 600);
	extra = (struct xen_netif_extra_info *)RING_GET_REQUEST(&tx, tx.req_prod_pvt++);
	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	extra->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
	extra->u.gso.size = gso_size;
	push_tx();
}

static void bad_receive(void)
{
	int i, notify;

	for (i = 0; i < 64; i++)
		*RING_GET_REQUEST(&rx, rx.req_prod_pvt++) = (struct xen_netif_rx_request){
			.id = i, .gref = i % 2 ? UNUSED_REF + i : ~0U };
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&rx, notify);
	notify_remote_via_evtchn(dev.port);
}

static void send_bad_packets(void)
{
	int i;

	if (!strcmp(what, "reference")) {
		bad_references();
	} else if (!strcmp(what, "crossing")) {
		queue_tx(data.ref, 4000, 0, 500);
		push_tx();
	} else if (!strcmp(what, "chain")) {
		for (i = 0; i < 200; i++)
			queue_tx(data.ref, 0, XEN_NETTXF_more_data, 60);
		push_tx();
	} else if (!strcmp(what, "extra")) {
		bad_extra(99, 0);
	} else if (!strcmp(what, "gso")) {
		bad_extra(XEN_NETIF_EXTRA_TYPE_GSO, 0);
	} else if (!strcmp(what, "overflow")) {
		tx.sring->req_prod = tx.req_prod_pvt + 5000;
		/* The producer index must be visible before the event. */
		virt_wmb();
		notify_remote_via_evtchn(dev.port);
	} else if (!strcmp(what, "receive")) {
		bad_receive();
	} else {
		verdict(false, "what= is unknown", 0);
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
		verdict(false, "set up xenstore nodes, event channel and rings", err);
		return err;
	}
	tx_shared = tx_page.at;
	SHARED_RING_INIT(tx_shared);
	FRONT_RING_INIT(&tx, tx_shared, XEN_PAGE_SIZE);
	rx_shared = rx_page.at;
	SHARED_RING_INIT(rx_shared);
	FRONT_RING_INIT(&rx, rx_shared, XEN_PAGE_SIZE);
	/* A broadcast from an address that no interface has. */
	memset(data.at, 0xff, 6);
	memset(data.at + 6, 0x02, 6);
	write_node(&dev, "tx-ring-ref", tx_page.ref);
	write_node(&dev, "rx-ring-ref", rx_page.ref);
	write_node(&dev, "event-channel", dev.port);
	write_node(&dev, "request-rx-copy", 1);
	write_node(&dev, "feature-rx-notify", 1);
	write_node(&dev, "feature-sg", 1);
	write_node(&dev, "feature-gso-tcpv4", 1);
	write_node(&dev, "state", STATE_CONNECTED);
	if (wait_for_backend(&dev, STATE_CONNECTED))
		send_bad_packets();
	else
		verdict(false, "the back end connects; its state", backend_state(&dev));
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

MODULE_DESCRIPTION("Network front end that violates the protocol");
MODULE_LICENSE("GPL");
