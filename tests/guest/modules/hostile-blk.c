// SPDX-License-Identifier: GPL-2.0
/*
 * A block front end that sends invalid requests: bad grant references, sectors, lengths and
 * operations. The back end must answer each with an error, and must still serve valid requests
 * afterwards. At the end the front end sets a producer index that is beyond the ring. Runs at load
 * time on the device id=, which no other driver may use.
 *
 * Prints "hostile: ok - ..." or "hostile: not ok - ..." lines to the kernel log.
 */
#include <linux/module.h>

#include <xen/interface/io/blkif.h>
#include <xen/interface/io/protocols.h>

#include "hostile.h"

#define SECTORS_PER_PAGE (XEN_PAGE_SIZE / 512)
#define OTHER_DOMID 5
#define UNUSED_REF 30000
/* What xen-blkback advertises in feature-max-indirect-segments. */
#define MAX_SEGMENTS 256
#define TEST_SECTOR 64

static unsigned int id;
module_param(id, uint, 0444);

static bool revoke_ring;
module_param(revoke_ring, bool, 0444);

static struct hostile dev;
static struct shared_page ring_page;
static struct blkif_front_ring ring;

/* Sends @request and returns the status of the response. */
static long send_request(const struct blkif_request *request)
{
	int left = PATIENCE_MS, notify;
	struct blkif_response response;

	*RING_GET_REQUEST(&ring, ring.req_prod_pvt) = *request;
	ring.req_prod_pvt++;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ring, notify);
	notify_remote_via_evtchn(dev.port);
	while (READ_ONCE(ring.sring->rsp_prod) == ring.rsp_cons) {
		if (left <= 0)
			return -ETIMEDOUT;
		msleep(POLL_MS);
		left -= POLL_MS;
	}
	/* Read the response only after the producer index. */
	virt_rmb();
	RING_COPY_RESPONSE(&ring, ring.rsp_cons, &response);
	ring.rsp_cons++;
	return response.id == 77 ? response.status : -EPROTO;
}

static struct blkif_request one_segment(u8 operation, u64 sector, grant_ref_t ref, u8 first, u8 last)
{
	struct blkif_request request = { .operation = operation };

	request.u.rw.nr_segments = 1;
	request.u.rw.handle = id;
	request.u.rw.id = 77;
	request.u.rw.sector_number = sector;
	request.u.rw.seg[0].gref = ref;
	request.u.rw.seg[0].first_sect = first;
	request.u.rw.seg[0].last_sect = last;
	return request;
}

static void expect(bool success, const char *what, const struct blkif_request *request)
{
	long status = send_request(request);

	verdict(success ? status == BLKIF_RSP_OKAY : status == BLKIF_RSP_ERROR || status == BLKIF_RSP_EOPNOTSUPP, what,
		status);
}

static void expect_one(bool success, const char *what, u8 operation, u64 sector, grant_ref_t ref, u8 first, u8 last)
{
	struct blkif_request request = one_segment(operation, sector, ref, first, last);

	expect(success, what, &request);
}

static struct blkif_request indirect(u16 segments, grant_ref_t ref)
{
	struct blkif_request request = { .operation = BLKIF_OP_INDIRECT };
	int i;

	request.u.indirect.indirect_op = BLKIF_OP_READ;
	request.u.indirect.nr_segments = segments;
	request.u.indirect.id = 77;
	request.u.indirect.handle = id;
	for (i = 0; i < BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST; i++)
		request.u.indirect.indirect_grefs[i] = ref;
	return request;
}

static void *sector_of(const struct shared_page *pages, unsigned int segment)
{
	return pages[segment / SECTORS_PER_PAGE].at + segment % SECTORS_PER_PAGE * 512;
}

/* Writes and reads as many segments of one sector each, with @pages as buffers and segments in @list. */
static void send_segments(unsigned int segments, const struct shared_page *pages, const struct shared_page *list)
{
	struct blkif_request request = indirect(segments, list->ref);
	struct blkif_request_segment *segment = list->at;
	unsigned int i, wrong = 0;
	char what[64];

	for (i = 0; i < segments; i++) {
		segment[i] = (struct blkif_request_segment){
			.gref = pages[i / SECTORS_PER_PAGE].ref,
			.first_sect = i % SECTORS_PER_PAGE,
			.last_sect = i % SECTORS_PER_PAGE,
		};
		memset(sector_of(pages, i), i ^ segments, 512);
	}
	request.u.indirect.sector_number = TEST_SECTOR;
	request.u.indirect.indirect_op = BLKIF_OP_WRITE;
	snprintf(what, sizeof(what), "a write with %u indirect segments succeeds", segments);
	expect(true, what, &request);

	for (i = 0; i < segments; i++)
		memset(sector_of(pages, i), 0x5a, 512);
	request.u.indirect.indirect_op = BLKIF_OP_READ;
	snprintf(what, sizeof(what), "a read with %u indirect segments succeeds", segments);
	expect(true, what, &request);

	for (i = 0; i < segments; i++)
		wrong += !!memchr_inv(sector_of(pages, i), (u8)(i ^ segments), 512);
	snprintf(what, sizeof(what), "all of %u indirect segments have their data; wrong", segments);
	verdict(!wrong, what, wrong);
}

/* As many segments as are advertised, which one segment page holds whatever size the back end's pages have. */
static void send_many_segments(void)
{
	static struct shared_page pages[MAX_SEGMENTS / SECTORS_PER_PAGE];
	struct shared_page list;
	unsigned int shared = 0;

	if (share_page(&list, BACKEND_DOMID, false)) {
		verdict(false, "allocate and grant the segment page", -ENOMEM);
		return;
	}
	while (shared < ARRAY_SIZE(pages) && !share_page(&pages[shared], BACKEND_DOMID, false))
		shared++;
	if (shared == ARRAY_SIZE(pages)) {
		send_segments(32, pages, &list);
		send_segments(33, pages, &list);
		send_segments(MAX_SEGMENTS, pages, &list);
	} else {
		verdict(false, "allocate and grant the pages of many segments", shared);
	}
	while (shared)
		unshare_page(&pages[--shared]);
	unshare_page(&list);
}

static void send_bad_indirect(const struct shared_page *data)
{
	struct blkif_request request;
	struct blkif_request_segment *list;
	struct shared_page page;

	if (share_page(&page, BACKEND_DOMID, false))
		return;
	list = page.at;
	list[0] = (struct blkif_request_segment){ .gref = data->ref, .last_sect = SECTORS_PER_PAGE - 1 };
	request = indirect(1, page.ref);
	expect(true, "a valid indirect request succeeds", &request);
	request = indirect(0, page.ref);
	expect(false, "an indirect request without segments fails", &request);
	request = indirect(65535, page.ref);
	expect(false, "an indirect request with too many segments fails", &request);
	request = indirect(1, UNUSED_REF);
	expect(false, "an indirect request whose segment page is not granted fails", &request);
	request = indirect(16, page.ref);
	memset(page.at, 0xff, XEN_PAGE_SIZE);
	expect(false, "an indirect request with garbage segments fails", &request);
	request = indirect(1, page.ref);
	request.u.indirect.indirect_op = BLKIF_OP_INDIRECT;
	expect(false, "an indirect request of indirect requests fails", &request);
	unshare_page(&page);
}

static void send_bad_requests(void)
{
	struct shared_page data, readonly, foreign, revoked;
	struct blkif_request request;

	if (share_page(&data, BACKEND_DOMID, false) || share_page(&readonly, BACKEND_DOMID, true) ||
	    share_page(&foreign, OTHER_DOMID, false) || share_page(&revoked, BACKEND_DOMID, false)) {
		verdict(false, "allocate and grant pages", -ENOMEM);
		return;
	}
	expect_one(true, "a valid read succeeds", BLKIF_OP_READ, 0, data.ref, 0, 7);
	expect_one(false, "a reference that is not granted fails", BLKIF_OP_READ, 0, UNUSED_REF, 0, 7);
	expect_one(false, "a reference beyond the grant table fails", BLKIF_OP_READ, 0, ~0U, 0, 7);
	expect_one(false, "a reference that is granted to another domain fails", BLKIF_OP_READ, 0, foreign.ref, 0, 7);
	expect_one(false, "a read into a page that is granted read-only fails", BLKIF_OP_READ, 0, readonly.ref, 0, 7);
	verdict(revoke_page(&revoked), "a grant can be revoked", 0);
	expect_one(false, "the reference of the revoked grant fails", BLKIF_OP_READ, 0, revoked.ref, 0, 7);
	expect_one(false, "a segment with its last sector before the first fails", BLKIF_OP_READ, 0, data.ref, 5, 2);
	expect_one(false, "a segment that ends one sector beyond the page fails", BLKIF_OP_READ, 0, data.ref, 0, 8);
	expect_one(false, "a segment that ends far beyond the page fails", BLKIF_OP_WRITE, 0, data.ref, 0, 255);
	expect_one(false, "a sector beyond the disk fails", BLKIF_OP_READ, 1ull << 40, data.ref, 0, 7);
	expect_one(false, "a sector number that wraps around fails", BLKIF_OP_WRITE, ~0ull, data.ref, 0, 7);
	expect_one(false, "an unknown operation fails", 200, 0, data.ref, 0, 7);
	request = one_segment(BLKIF_OP_READ, 0, data.ref, 0, 7);
	request.u.rw.nr_segments = 0;
	expect(false, "a request without segments fails", &request);
	request.u.rw.nr_segments = 255;
	expect(false, "a request with too many segments fails", &request);
	memset(&request, 0xff, sizeof(request));
	request.operation = BLKIF_OP_READ;
	request.u.rw.id = 77;
	expect(false, "a request of all ones fails", &request);
	send_many_segments();
	send_bad_indirect(&data);
	expect_one(true, "a valid write succeeds afterwards", BLKIF_OP_WRITE, 0, data.ref, 0, 7);
	free_page((unsigned long)revoked.at);
	unshare_page(&data);
	unshare_page(&readonly);
	unshare_page(&foreign);
}

static int __init hostile_blk_init(void)
{
	struct blkif_sring *shared;
	static char dir[32];
	int err;

	snprintf(dir, sizeof(dir), "device/vbd/%u", id);
	err = hostile_begin(&dev, dir);
	if (!err)
		err = share_page(&ring_page, BACKEND_DOMID, false);
	if (err) {
		verdict(false, "set up xenstore nodes, event channel and ring", err);
		return err;
	}
	shared = ring_page.at;
	SHARED_RING_INIT(shared);
	FRONT_RING_INIT(&ring, shared, XEN_PAGE_SIZE);
	if (revoke_ring)
		verdict(revoke_page(&ring_page), "revoke the grant of the ring before the back end maps it", 0);
	write_node(&dev, "ring-ref", ring_page.ref);
	write_node(&dev, "event-channel", dev.port);
	xenbus_printf(XBT_NIL, dev.dir, "protocol", "%s", XEN_IO_PROTO_ABI_NATIVE);
	write_node(&dev, "state", STATE_INITIALISED);
	if (revoke_ring)
		return 0;
	if (!wait_for_backend(&dev, STATE_CONNECTED)) {
		verdict(false, "the back end connects; its state", backend_state(&dev));
		return 0;
	}
	write_node(&dev, "state", STATE_CONNECTED);
	send_bad_requests();
	ring.sring->req_prod = ring.req_prod_pvt + 1000;
	/* The producer index must be visible before the event. */
	virt_wmb();
	notify_remote_via_evtchn(dev.port);
	msleep(100);
	verdict(ring.sring->rsp_prod == ring.rsp_cons, "a producer index far beyond the ring gets no response",
		ring.sring->rsp_prod - ring.rsp_cons);
	return 0;
}
module_init(hostile_blk_init);

static void __exit hostile_blk_exit(void)
{
	hostile_end(&dev);
	if (!revoke_ring)
		unshare_page(&ring_page);
}
module_exit(hostile_blk_exit);

MODULE_DESCRIPTION("Block front end that sends invalid requests");
MODULE_LICENSE("GPL");
