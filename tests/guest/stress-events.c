// SPDX-License-Identifier: GPL-2.0
/*
 * Send thousands of events through /dev/xen/evtchn, between vcpus and between domains, and count them at both ends. Prints
 * TAP.
 *
 * usage: stress-events self PAIRS ROUNDS
 *	have both ends of each pair in this domain, on different vcpus
 * usage: stress-events listen DOMAIN PAIRS ROUNDS
 *	have one end of each pair; first prints a line "ports PORT..." for the other domain
 * usage: stress-events send DOMAIN ROUNDS PORT...
 *	have the other ends, for the ports that "listen" has printed in domain DOMAIN
 *
 * On each channel one end sends an event and the other answers it, ROUNDS times. If an event is lost, nothing arrives
 * for a minute, and the exchange ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The header needs this type of the kernel. */
typedef uint16_t domid_t;
#include <xen/evtchn.h>

#include "lib/cpus.h"
#include "lib/slowdown.h"
#include "lib/tap.h"

#define TIMEOUT_MS 60000	/* without any event; multiplied with the slowdown */
#define DOMID_SELF 0x7ff0
#define PAIRS_MAX 64

static int timeout_ms;

struct end {
	int fd;
	unsigned int port;
	int begins;
	int cpu;
	long sent, received;
	pthread_t thread;
};

static long rounds;
static int cpus[CPUS_MAX], n_cpus;
static struct end ends[2 * PAIRS_MAX];
static int n_ends;

static struct end *add_end(int begins)
{
	struct end *end = &ends[n_ends];

	end->fd = open("/dev/xen/evtchn", O_RDWR | O_CLOEXEC);
	if (end->fd < 0)
		die("/dev/xen/evtchn");
	end->begins = begins;
	end->cpu = cpus[n_ends++ % n_cpus];
	return end;
}

static void wait_here(unsigned int domain)
{
	struct ioctl_evtchn_bind_unbound_port bind = { .remote_domain = domain };
	struct end *end = add_end(0);
	int port = ioctl(end->fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &bind);

	if (port < 0)
		die("IOCTL_EVTCHN_BIND_UNBOUND_PORT");
	end->port = port;
}

static void connect_to(unsigned int domain, unsigned int remote_port)
{
	struct ioctl_evtchn_bind_interdomain bind = { .remote_domain = domain, .remote_port = remote_port };
	struct end *end = add_end(1);
	int port = ioctl(end->fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind);

	if (port < 0)
		die("IOCTL_EVTCHN_BIND_INTERDOMAIN");
	end->port = port;
}

static int take(struct end *end)
{
	struct pollfd poll_fd = { .fd = end->fd, .events = POLLIN };
	uint32_t port;

	if (poll(&poll_fd, 1, timeout_ms) != 1 || read(end->fd, &port, sizeof(port)) != sizeof(port))
		return 0;
	/* This unmasks the port: from here on the next event may arrive. */
	return port == end->port && write(end->fd, &port, sizeof(port)) == sizeof(port);
}

static int send_one(struct end *end)
{
	struct ioctl_evtchn_notify notify = { .port = end->port };

	if (ioctl(end->fd, IOCTL_EVTCHN_NOTIFY, &notify))
		return 0;
	end->sent++;
	return 1;
}

/* EVTCHNOP_bind_interdomain makes the new port pending; the end that bound takes that event before it sends. */
static void *exchange(void *arg)
{
	struct end *end = arg;

	cpu_pin(end->cpu);
	if (end->begins && !take(end))
		return NULL;
	while (end->received < rounds) {
		if (end->begins && !send_one(end))
			break;
		if (!take(end))
			break;
		end->received++;
		if (!end->begins && !send_one(end))
			break;
	}
	return NULL;
}

static int run(void)
{
	long sent = 0, received = 0;

	for (int i = 0; i < n_ends; i++) {
		errno = pthread_create(&ends[i].thread, NULL, exchange, &ends[i]);
		if (errno)
			die("pthread_create");
	}
	for (int i = 0; i < n_ends; i++) {
		pthread_join(ends[i].thread, NULL);
		sent += ends[i].sent;
		received += ends[i].received;
	}
	equal("events sent", n_ends * rounds, sent);
	equal("events received", n_ends * rounds, received);
	return failures != 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: stress-events self PAIRS ROUNDS | listen DOMAIN PAIRS ROUNDS | send DOMAIN ROUNDS PORT...\n");
	return 2;
}

int main(int argc, char **argv)
{
	int pairs;

	timeout_ms = TIMEOUT_MS * slowdown();
	setvbuf(stdout, NULL, _IOLBF, 0);
	n_cpus = cpus_online(cpus, CPUS_MAX);
	if (argc == 4 && !strcmp(argv[1], "self")) {
		pairs = atoi(argv[2]);
		rounds = atol(argv[3]);
		for (int i = 0; i < pairs && i < PAIRS_MAX; i++) {
			wait_here(DOMID_SELF);
			connect_to(DOMID_SELF, ends[n_ends - 1].port);
		}
	} else if (argc == 5 && !strcmp(argv[1], "listen")) {
		pairs = atoi(argv[3]);
		rounds = atol(argv[4]);
		for (int i = 0; i < pairs && i < PAIRS_MAX; i++)
			wait_here(atoi(argv[2]));
		printf("ports");
		for (int i = 0; i < n_ends; i++)
			printf(" %u", ends[i].port);
		printf("\n");
	} else if (argc >= 5 && !strcmp(argv[1], "send")) {
		rounds = atol(argv[3]);
		for (int i = 4; i < argc && i < 4 + PAIRS_MAX; i++)
			connect_to(atoi(argv[2]), atoi(argv[i]));
	}
	if (!n_ends || rounds < 1)
		return usage();
	return run();
}
