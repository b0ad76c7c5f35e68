// SPDX-License-Identifier: GPL-2.0
/*
 * xenppc-console: connects the terminal to a domain's console. It maps the console
 * ring by its reserved grant and binds the console's event channel, which until
 * then are served by the hypervisor.
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
#define DOMAIN_POLL_MS	1000	/* interval for the domain's end, which raises no event here */

static const char usage[] =
"usage: xenppc-console DOMAIN\n"
"\n"
"Connects the terminal to the console of DOMAIN (number or name). Ctrl-] ends the\n"
"connection. While it exists, the hypervisor's log does not show the output of the\n"
"domain.\n";

struct console {
	unsigned int domid;
	xc_interface *xc;
	xengnttab_handle *grants;
	xenevtchn_handle *events;
	xenevtchn_port_or_error_t port;
	struct xencons_interface *ring;
};

static struct termios saved_termios;
static bool terminal_is_raw;
static volatile sig_atomic_t stop_requested;

static void console_on_signal(int number)
{
	(void)number;
	stop_requested = 1;
}

static void console_terminal_restore(void)
{
	if (terminal_is_raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved_termios);
}

static void console_terminal_raw(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &saved_termios))
		return;
	raw = saved_termios;
	cfmakeraw(&raw);
	terminal_is_raw = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	atexit(console_terminal_restore);
}

static int console_write(const char *data, size_t size)
{
	while (size) {
		ssize_t written = write(STDOUT_FILENO, data, size);

		if (written < 0 && errno != EINTR)
			return log_error("cannot write to standard output: %s", strerror(errno));
		if (written > 0) {
			data += written;
			size -= written;
		}
	}
	return 0;
}

/*
 * Copy the domain's output to standard output. The domain can change the ring page
 * at any time, so each index is read once, and an impossible one is an error.
 */
static int console_copy_output(struct console *con)
{
	volatile struct xencons_interface *ring = con->ring;
	XENCONS_RING_IDX cons = ring->out_cons, prod = ring->out_prod;
	char data[sizeof(con->ring->out)];
	size_t size = 0;

	xen_mb();
	if (prod - cons > sizeof(ring->out))
		return log_error("domain %u: wrong indices in its console ring (%u to %u)", con->domid, cons, prod);
	if (prod == cons)
		return 0;
	for (; cons != prod; cons++)
		data[size++] = ring->out[MASK_XENCONS_IDX(cons, ring->out)];
	xen_mb();
	ring->out_cons = cons;
	xenevtchn_notify(con->events, con->port);
	return console_write(data, size);
}

/* Number of free bytes in the input ring; -1 after a message. */
static int console_input_space(struct console *con)
{
	volatile struct xencons_interface *ring = con->ring;
	XENCONS_RING_IDX cons = ring->in_cons, prod = ring->in_prod;

	xen_mb();
	if (prod - cons > sizeof(ring->in))
		return log_error("domain %u: wrong indices in its console ring (%u to %u)", con->domid, cons, prod);
	return sizeof(ring->in) - (prod - cons);
}

/*
 * Copy up to @space bytes from standard input to the input ring. Returns 0, or 1 at the end of the
 * input.
 */
static int console_copy_input(struct console *con, size_t space)
{
	volatile struct xencons_interface *ring = con->ring;
	XENCONS_RING_IDX prod = ring->in_prod;
	char data[sizeof(con->ring->in)];
	ssize_t size = read(STDIN_FILENO, data, space);
	const char *end;
	ssize_t i;

	if (size <= 0)
		return size && errno == EINTR ? 0 : 1;
	end = terminal_is_raw ? memchr(data, ESCAPE, size) : NULL;
	if (end) {
		stop_requested = 1;
		size = end - data;
	}
	for (i = 0; i < size; i++)
		ring->in[MASK_XENCONS_IDX(prod + i, ring->in)] = data[i];
	xen_wmb();
	ring->in_prod = prod + size;
	xenevtchn_notify(con->events, con->port);
	return 0;
}

static bool console_domain_ended(struct console *con)
{
	xc_dominfo_t info;

	return xc_domain_getinfo(con->xc, con->domid, 1, &info) != 1 || info.domid != con->domid || info.dying;
}

/* Copy in both directions until the user or the domain ends. */
static int console_loop(struct console *con)
{
	struct pollfd fds[2] = {
		{ .fd = xenevtchn_fd(con->events), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	bool eof = false;
	int space, rc;

	while (!stop_requested) {
		bool ended = console_domain_ended(con);

		if (console_copy_output(con))
			return -1;
		if (ended) {
			fprintf(stderr, "%s: domain %u has ended\r\n", tool, con->domid);
			return 0;
		}
		space = console_input_space(con);
		if (space < 0)
			return -1;
		fds[1].fd = eof || !space ? -1 : STDIN_FILENO;
		fds[1].revents = 0;
		rc = poll(fds, 2, DOMAIN_POLL_MS);
		if (rc < 0 && errno != EINTR)
			return log_error("poll failed: %s", strerror(errno));
		if (rc > 0 && fds[0].revents) {
			xenevtchn_port_or_error_t port = xenevtchn_pending(con->events);

			if (port >= 0)
				xenevtchn_unmask(con->events, port);
		}
		if (rc > 0 && fds[1].revents) {
			rc = console_copy_input(con, space);
			if (rc < 0)
				return -1;
			eof |= rc;
		}
	}
	return 0;
}

static int console_connect(struct console *con)
{
	uint64_t port;

	con->xc = xc_interface_open(NULL, NULL, 0);
	con->events = xenevtchn_open(NULL, 0);
	con->grants = xengnttab_open(NULL, 0);
	if (!con->xc || !con->events || !con->grants)
		return log_error("cannot reach the hypervisor: %s", strerror(errno));
	if (xc_hvm_param_get(con->xc, con->domid, HVM_PARAM_CONSOLE_EVTCHN, &port))
		return log_error("domain %u: cannot read its console parameters: %s", con->domid, strerror(errno));
	if (!port)
		return log_error("domain %u has no console", con->domid);
	con->ring = xengnttab_map_grant_ref(con->grants, con->domid, GNTTAB_RESERVED_CONSOLE,
					    PROT_READ | PROT_WRITE);
	if (!con->ring)
		return log_error("domain %u: cannot map its console: %s", con->domid, strerror(errno));
	con->port = xenevtchn_bind_interdomain(con->events, con->domid, port);
	if (con->port < 0)
		return log_error("domain %u: cannot bind its console port (%s): is there another xenppc-console?",
				 con->domid, strerror(errno));
	/*
	 * The ring may be full of earlier output, with the domain waiting for space: start with an
	 * event.
	 */
	xenevtchn_notify(con->events, con->port);
	return 0;
}

static void console_disconnect(struct console *con)
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
 * console_main() - run xenppc-console
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status: 0, 1 after an error, 2 for a wrong command line
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
			return usage_error("unknown option %s", argv[optind - 1]);
		fputs(usage, stdout);
		return 0;
	}
	if (argc - optind != 1)
		return usage_error("one DOMAIN is wanted");
	xs = store_open();
	if (!xs)
		return 1;
	rc = domain_find(xs, argv[optind], &con.domid);
	rc |= store_close(xs);
	if (!rc && !con.domid)
		rc = log_error("domain 0 is this one");
	if (!rc)
		rc = console_connect(&con);
	if (!rc) {
		signal(SIGTERM, console_on_signal);
		signal(SIGINT, console_on_signal);
		signal(SIGHUP, console_on_signal);
		console_terminal_raw();
		rc = console_loop(&con);
	}
	console_disconnect(&con);
	return rc ? 1 : 0;
}
