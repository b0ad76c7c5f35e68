// SPDX-License-Identifier: GPL-2.0
/*
 * A network back end that hangs: it maps the transmit ring of a front end through /dev/xen/gntdev, waits for a packet,
 * maps the pages of all packets in the ring, and does nothing more until it is killed.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

typedef uint32_t grant_ref_t;
typedef uint16_t domid_t;

#include <xen/gntdev.h>

#define TX_SLOTS 256

/* The ring of xen/interface/io/netif.h, whose types are the kernel's. */
struct tx_ring {
	uint32_t req_prod, req_event, rsp_prod, rsp_event;
	uint8_t pad[48];
	struct {
		uint32_t gref;
		uint16_t offset, flags, id, size;
	} request[TX_SLOTS];
};

static int fd;
static unsigned int domain;

static void *map(const uint32_t *ref, unsigned int count, int prot)
{
	struct ioctl_gntdev_map_grant_ref *op = calloc(1, sizeof(*op) + count * sizeof(op->refs[0]));
	void *at = MAP_FAILED;

	if (!op)
		return at;
	op->count = count;
	for (unsigned int i = 0; i < count; i++) {
		op->refs[i].domid = domain;
		op->refs[i].ref = ref[i];
	}
	if (!ioctl(fd, IOCTL_GNTDEV_MAP_GRANT_REF, op))
		at = mmap(NULL, count * getpagesize(), prot, MAP_SHARED, fd, op->index);
	free(op);
	return at;
}

int main(int argc, char **argv)
{
	volatile struct tx_ring *ring;
	uint32_t ref[TX_SLOTS];
	unsigned int count;

	if (argc != 3) {
		fprintf(stderr, "usage: hung-netback DOMAIN TX-RING-REF\n");
		return 2;
	}
	domain = atoi(argv[1]);
	ref[0] = atoi(argv[2]);
	fd = open("/dev/xen/gntdev", O_RDWR);
	if (fd < 0) {
		perror("/dev/xen/gntdev");
		return 1;
	}
	ring = map(ref, 1, PROT_READ | PROT_WRITE);
	if (ring == MAP_FAILED) {
		perror("map the ring");
		return 1;
	}
	while (!ring->req_prod)
		usleep(10000);
	/* Read the requests only after the producer index. */
	__sync_synchronize();
	count = ring->req_prod;
	if (count > TX_SLOTS)
		count = TX_SLOTS;
	for (unsigned int i = 0; i < count; i++)
		ref[i] = ring->request[i].gref;
	if (map(ref, count, PROT_READ) == MAP_FAILED) {
		perror("map the packets");
		return 1;
	}
	printf("holds %u\n", count);
	fflush(stdout);
	for (;;)
		pause();
}
