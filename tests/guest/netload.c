// SPDX-License-Identifier: GPL-2.0
/*
 * Network load in either direction, between marks for the instruction counter (marks.h), or with verified data.
 *
 * usage: netload serve PORT
 *	be the other end of the commands below, until killed
 * usage: netload send|receive HOST PORT BYTES SAMPLES
 *	send BYTES over TCP, SAMPLES times; a sample ends when the receiver has all of them
 * usage: netload check-send|check-receive HOST PORT BYTES SAMPLES
 *	the same with a pattern that the receiver verifies
 * usage: netload udp-send|udp-receive HOST PORT SIZE COUNT SAMPLES
 *	send COUNT datagrams of SIZE bytes, SAMPLES times
 *
 * With -f as the first argument the program has real-time priority, so that the same task runs first each time.
 *
 * Prints what has arrived: "bytes N wrong N" or "datagrams N of N". Status 1 if something is missing or wrong.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/slowdown.h"
#include "marks.h"

#define CHUNK 65536
#define DATAGRAM_MAX 65000
#define SOCKET_BUFFER (32 << 20)
/* Fixed TCP buffer sizes disable the kernel's tuning. The smaller send buffer limits the data in flight. */
#define STREAM_SEND_BUFFER (512 << 10)
#define STREAM_RECEIVE_BUFFER (16 << 20)
#define WARM_UP 4
#define TIMEOUT_S 20	/* without any data; multiplied with the slowdown */

/* The client's request, big-endian. OP_UDP_COUNT asks how many datagrams have arrived, OP_UDP_SEND for count datagrams. */
enum op { OP_TAKE = 1, OP_GIVE, OP_UDP_COUNT, OP_UDP_SEND };

struct order {
	uint32_t op;
	uint32_t size;		/* of a datagram; for TCP 1 to use the pattern, else 0 */
	uint64_t count;		/* bytes or datagrams */
};

static unsigned char chunk[CHUNK], expected[CHUNK];

static int fail(const char *what)
{
	fprintf(stderr, "netload: %s: %s\n", what, strerror(errno));
	return 1;
}

static void pattern(unsigned char *data, uint64_t at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t word = ((at + i) / 8 + 1) * 0x9e3779b97f4a7c15ull;

		data[i] = word >> 8 * ((at + i) % 8);
	}
}

static int put(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0 && errno != EINTR)
			return fail("send");
		if (n > 0) {
			at += n;
			len -= n;
		}
	}
	return 0;
}

static int get(int fd, void *data, size_t len)
{
	ssize_t n = recv(fd, data, len, MSG_WAITALL);

	if (n == (ssize_t)len)
		return 0;
	if (n >= 0)
		errno = ECONNRESET;
	return fail("receive");
}

static int give(int fd, uint64_t bytes, bool patterned)
{
	for (uint64_t at = 0; at < bytes; at += CHUNK) {
		size_t len = bytes - at < CHUNK ? bytes - at : CHUNK;

		if (patterned)
			pattern(chunk, at, len);
		if (put(fd, chunk, len))
			return 1;
	}
	return 0;
}

static int take(int fd, uint64_t bytes, bool patterned, uint64_t *wrong)
{
	uint64_t at = 0;

	while (at < bytes) {
		ssize_t n = recv(fd, chunk, bytes - at < CHUNK ? bytes - at : CHUNK, 0);

		if (n == 0)
			errno = ECONNRESET;
		if (n <= 0 && errno != EINTR)
			return fail("receive");
		if (n > 0 && patterned) {
			pattern(expected, at, n);
			for (ssize_t i = 0; i < n; i++)
				*wrong += chunk[i] != expected[i];
		}
		if (n > 0)
			at += n;
	}
	return 0;
}

/* Accepted sockets inherit these options from a listening socket. */
static void set_up_stream(int fd)
{
	const int on = 1, send_size = STREAM_SEND_BUFFER, receive_size = STREAM_RECEIVE_BUFFER;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send_size, sizeof(send_size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_size, sizeof(receive_size));
}

static int udp_socket(uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	const int size = SOCKET_BUFFER;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* The kernel accounts the buffers of packets, which with large pages are many times larger than the packets. */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any))) {
		fail("UDP socket");
		exit(1);
	}
	return fd;
}

/* Count the datagrams that have arrived; with patience, wait until there are as many as wanted. */
static uint64_t take_datagrams(int fd, size_t size, uint64_t wanted, int patience_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t taken = 0;

	while (taken < wanted && poll(&p, 1, patience_ms) > 0)
		taken += recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT) == (ssize_t)size;
	return taken;
}

static int send_datagrams(int fd, const struct sockaddr_in *to, size_t size, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		if (sendto(fd, chunk, size, 0, (const struct sockaddr *)to, sizeof(*to)) != (ssize_t)size)
			return fail("datagram");
	}
	return 0;
}

/* Execute one request. Non-zero ends the connection. */
static int obey(int fd, int udp, const struct sockaddr_in *peer, const struct order *order)
{
	uint32_t size = be32toh(order->size);
	uint64_t count = be64toh(order->count), answer = 0;

	switch (be32toh(order->op)) {
	case OP_TAKE:
		if (take(fd, count, size, &answer))
			return 1;
		break;
	case OP_GIVE:
		return give(fd, count, size);
	case OP_UDP_COUNT:
		answer = take_datagrams(udp, size, count, 2000);
		break;
	case OP_UDP_SEND:
		return size > DATAGRAM_MAX || send_datagrams(udp, peer, size, count);
	default:
		return 1;
	}
	answer = htobe64(answer);
	return put(fd, &answer, sizeof(answer));
}

static int serve(uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int udp = udp_socket(port), listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1;

	signal(SIGCHLD, SIG_IGN);
	set_up_stream(listener);
	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(listener, (struct sockaddr *)&any, sizeof(any)) || listen(listener, 8))
		return fail("TCP socket");
	for (;;) {
		struct sockaddr_in peer;
		socklen_t len = sizeof(peer);
		int fd = accept(listener, (struct sockaddr *)&peer, &len);
		struct order order;

		if (fd < 0 || fork()) {
			close(fd);
			continue;
		}
		/* Datagrams go to the client's port, which has the same number as the connection's. */
		peer.sin_port = htons(port);
		while (recv(fd, &order, sizeof(order), MSG_WAITALL) == sizeof(order)) {
			if (obey(fd, udp, &peer, &order))
				break;
		}
		_exit(0);
	}
}

static int connect_to(const char *host, uint16_t port, struct sockaddr_in *peer)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_S * slowdown() };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*peer = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	if (inet_pton(AF_INET, host, &peer->sin_addr) != 1) {
		fprintf(stderr, "netload: %s: not an IPv4 address\n", host);
		exit(2);
	}
	set_up_stream(fd);
	if (fd < 0 || connect(fd, (struct sockaddr *)peer, sizeof(*peer)))
		exit(fail(host));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	return fd;
}

static int ask(int fd, enum op op, uint32_t size, uint64_t count)
{
	struct order order = { .op = htobe32(op), .size = htobe32(size), .count = htobe64(count) };

	return put(fd, &order, sizeof(order));
}

static int answer(int fd, uint64_t *value)
{
	if (get(fd, value, sizeof(*value)))
		return 1;
	*value = be64toh(*value);
	return 0;
}

static int stream(int fd, bool sending, bool patterned, uint64_t bytes, unsigned long samples)
{
	uint64_t wrong = 0, theirs = 0;

	/* The first ones are not measured: they fill caches and open the congestion window. */
	for (unsigned long i = 0; i < WARM_UP + samples; i++) {
		int bad;

		if (i >= WARM_UP)
			mark_start();
		bad = ask(fd, sending ? OP_TAKE : OP_GIVE, patterned, bytes);
		if (!bad && sending)
			bad = give(fd, bytes, patterned) || answer(fd, &theirs);
		else if (!bad)
			bad = take(fd, bytes, patterned, &wrong);
		if (i >= WARM_UP)
			mark_end();
		if (bad)
			return 1;
		wrong += theirs;
		theirs = 0;
	}
	printf("bytes %llu wrong %llu\n", (unsigned long long)(bytes * (WARM_UP + samples)),
	       (unsigned long long)wrong);
	return wrong != 0;
}

static int datagrams(int fd, const struct sockaddr_in *peer, bool sending, size_t size, uint64_t count,
		     unsigned long samples)
{
	int udp = udp_socket(ntohs(peer->sin_port));
	uint64_t came = 0, got;

	for (unsigned long i = 0; i <= samples; i++) {
		int bad;

		if (i)
			mark_start();
		if (sending) {
			bad = ask(fd, OP_UDP_COUNT, size, count) || send_datagrams(udp, peer, size, count) ||
			      answer(fd, &got);
		} else {
			bad = ask(fd, OP_UDP_SEND, size, count);
			got = bad ? 0 : take_datagrams(udp, size, count, 2000);
		}
		if (i)
			mark_end();
		if (bad)
			return 1;
		came += got;
	}
	printf("datagrams %llu of %llu\n", (unsigned long long)came, (unsigned long long)(count * (samples + 1)));
	return came != count * (samples + 1);
}

static int usage(void)
{
	fprintf(stderr, "usage: netload [-f] serve PORT\n"
			"       netload [-f] [check-]send|[check-]receive HOST PORT BYTES SAMPLES\n"
			"       netload [-f] udp-send|udp-receive HOST PORT SIZE COUNT SAMPLES\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct sched_param first = { .sched_priority = 1 };
	bool checked, udp, sending;
	struct sockaddr_in peer;
	unsigned long long bytes;
	const char *verb;
	int fd;

	if (argc > 1 && !strcmp(argv[1], "-f")) {
		if (sched_setscheduler(0, SCHED_FIFO, &first))
			return fail("-f");
		argc--;
		argv++;
	}
	verb = argc > 1 ? argv[1] : "";
	checked = !strncmp(verb, "check-", 6);
	udp = !strncmp(verb, "udp-", 4);
	if (argc == 3 && !strcmp(verb, "serve"))
		return serve(atoi(argv[2]));
	verb += checked ? 6 : udp ? 4 : 0;
	sending = !strcmp(verb, "send");
	if ((!sending && strcmp(verb, "receive")) || argc != (udp ? 7 : 6))
		return usage();
	bytes = strtoull(argv[4], NULL, 0);
	if (!bytes || (udp && bytes > DATAGRAM_MAX))
		return usage();
	fd = connect_to(argv[2], atoi(argv[3]), &peer);
	if (udp)
		return datagrams(fd, &peer, sending, bytes, strtoull(argv[5], NULL, 0), strtoul(argv[6], NULL, 0));
	return stream(fd, sending, checked, bytes, strtoul(argv[5], NULL, 0));
}
