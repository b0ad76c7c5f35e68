// SPDX-License-Identifier: GPL-2.0
/*
 * xenppc-console: a domain's console here.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xen/grant_table.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>

#include "tools.h"

#define ESCAPE		0x1d	/* Ctrl-] */
#define LOOK_MS		1000	/* for the domain's end, of which no event tells */

static const char usage[] =
"usage: xenppc-console DOMAIN\n"
"\n"
"The console of a domain (its number or name): what it writes comes here, what is\n"
"typed goes there. Ctrl-] ends it. While this runs, the hypervisor's own log does\n"
"not show the domain's console.\n";

struct console {
	unsigned int domid;
	xc_interface *xc;
	xengnttab_handle *grants;
	xenevtchn_handle *events;
	xenevtchn_port_or_error_t port;
	struct xencons_interface *ring;
};

static struct termios before;
static bool is_raw;
static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static void terminal_restore(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void terminal_raw(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &before))
		return;
	raw = before;
	cfmakeraw(&raw);
	is_raw = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	atexit(terminal_restore);
}

static int write_all(const char *data, size_t size)
{
	while (size) {
		ssize_t written = write(STDOUT_FILENO, data, size);

		if (written < 0 && errno != EINTR)
			return complain("cannot write: %s", strerror(errno));
		if (written > 0) {
			data += written;
			size -= written;
		}
	}
	return 0;
}

/*
 * Everything in the page is the domain's to change at any time: each index is
 * read once, and one that cannot be ends the connection.
 */
static int take_output(struct console *con)
{
	volatile struct xencons_interface *ring = con->ring;
	XENCONS_RING_IDX cons = ring->out_cons, prod = ring->out_prod;
	char data[sizeof(con->ring->out)];
	size_t size = 0;

	xen_mb();
	if (prod - cons > sizeof(ring->out))
		return complain("domain %u: wrong indices in its console ring (%u to %u)", con->domid, cons, prod);
	if (prod == cons)
		return 0;
	for (; cons != prod; cons++)
		data[size++] = ring->out[MASK_XENCONS_IDX(cons, ring->out)];
	xen_mb();
	ring->out_cons = cons;
	xenevtchn_notify(con->events, con->port);
	return write_all(data, size);
}

/* How much room the domain has for input; negative after a message. */
static int room_for_input(struct console *con)
{
	volatile struct xencons_interface *ring = con->ring;
	XENCONS_RING_IDX cons = ring->in_cons, prod = ring->in_prod;

	xen_mb();
	if (prod - cons > sizeof(ring->in))
		return complain("domain %u: wrong indices in its console ring (%u to %u)", con->domid, cons, prod);
	return sizeof(ring->in) - (prod - cons);
}

/* Pass on what was typed. Returns 1 at its end, 0 to go on, -1 after a message. */
static int give_input(struct console *con, size_t room)
{
	volatile struct xencons_interface *ring = con->ring;
	XENCONS_RING_IDX prod = ring->in_prod;
	char data[sizeof(con->ring->in)];
	ssize_t size = read(STDIN_FILENO, data, room);
	const char *end;
	ssize_t i;

	if (size <= 0)
		return size && errno == EINTR ? 0 : 1;
	end = is_raw ? memchr(data, ESCAPE, size) : NULL;
	if (end) {
		stop = 1;
		size = end - data;
	}
	for (i = 0; i < size; i++)
		ring->in[MASK_XENCONS_IDX(prod + i, ring->in)] = data[i];
	xen_wmb();
	ring->in_prod = prod + size;
	xenevtchn_notify(con->events, con->port);
	return 0;
}

static bool domain_ended(struct console *con)
{
	xc_dominfo_t info;

	return xc_domain_getinfo(con->xc, con->domid, 1, &info) != 1 || info.domid != con->domid || info.dying;
}

static int serve(struct console *con)
{
	struct pollfd fds[2] = {
		{ .fd = xenevtchn_fd(con->events), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	bool eof = false;
	int room, rc;

	while (!stop) {
		bool ended = domain_ended(con);

		if (take_output(con))
			return -1;
		if (ended) {
			fprintf(stderr, "%s: domain %u has ended\r\n", tool, con->domid);
			return 0;
		}
		room = room_for_input(con);
		if (room < 0)
			return -1;
		fds[1].fd = eof || !room ? -1 : STDIN_FILENO;
		fds[1].revents = 0;
		rc = poll(fds, 2, LOOK_MS);
		if (rc < 0 && errno != EINTR)
			return complain("cannot wait: %s", strerror(errno));
		if (rc > 0 && fds[0].revents) {
			xenevtchn_port_or_error_t port = xenevtchn_pending(con->events);

			if (port >= 0)
				xenevtchn_unmask(con->events, port);
		}
		if (rc > 0 && fds[1].revents) {
			rc = give_input(con, room);
			if (rc < 0)
				return -1;
			eof |= rc;
		}
	}
	return 0;
}

static int connect_ring(struct console *con)
{
	uint64_t port;

	con->xc = xc_interface_open(NULL, NULL, 0);
	con->events = xenevtchn_open(NULL, 0);
	con->grants = xengnttab_open(NULL, 0);
	if (!con->xc || !con->events || !con->grants)
		return complain("cannot reach the hypervisor: %s", strerror(errno));
	if (xc_hvm_param_get(con->xc, con->domid, HVM_PARAM_CONSOLE_EVTCHN, &port))
		return complain("domain %u: cannot read where its console is: %s", con->domid, strerror(errno));
	if (!port)
		return complain("domain %u has no console", con->domid);
	con->ring = xengnttab_map_grant_ref(con->grants, con->domid, GNTTAB_RESERVED_CONSOLE,
					    PROT_READ | PROT_WRITE);
	if (!con->ring)
		return complain("domain %u: cannot map its console: %s", con->domid, strerror(errno));
	con->port = xenevtchn_bind_interdomain(con->events, con->domid, port);
	if (con->port < 0)
		return complain("domain %u: cannot take its console's event channel (%s): another xenppc-console?",
				con->domid, strerror(errno));
	/* There may be output from before, and a domain that waits for room. */
	xenevtchn_notify(con->events, con->port);
	return 0;
}

static void disconnect(struct console *con)
{
	if (con->ring)
		xengnttab_unmap(con->grants, con->ring, 1);
	if (con->grants)
		xengnttab_close(con->grants);
	if (con->events)
		xenevtchn_close(con->events);
	if (con->xc)
		xc_interface_close(con->xc);
}

/**
 * console_main() - xenppc-console
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: 0, 1 after an error, 2 for a wrong command line
 */
int console_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct console con = { .port = -1 };
	struct xs_handle *xs;
	int which, rc;

	opterr = 0;
	while ((which = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (which != 'h')
			return bad_usage("unknown option %s", argv[optind - 1]);
		fputs(usage, stdout);
		return 0;
	}
	if (argc - optind != 1)
		return bad_usage("one DOMAIN is wanted");
	xs = store_open();
	if (!xs)
		return 1;
	rc = domain_find(xs, argv[optind], &con.domid);
	xs_close(xs);
	if (!rc && !con.domid)
		rc = complain("domain 0 is this one");
	if (!rc)
		rc = connect_ring(&con);
	if (!rc) {
		signal(SIGTERM, on_signal);
		signal(SIGINT, on_signal);
		signal(SIGHUP, on_signal);
		terminal_raw();
		rc = serve(&con);
	}
	disconnect(&con);
	return rc ? 1 : 0;
}
