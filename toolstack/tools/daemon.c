// SPDX-License-Identifier: GPL-2.0
/*
 * xenppcd: makes the domains that the hypervisor has built known to xenstored,
 * and removes what dead ones leave behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <xenctrl.h>

#include "daemon.h"

#define PIDFILE		"/run/xenppcd.pid"
#define LOGFILE		"/var/log/xen/xenppcd.log"
#define SCAN_MS		500	/* no watch tells of a new domain */
#define VIF_MS		100	/* and none of a new interface of the kernel */

static const char usage[] =
"usage: xenppcd [--foreground]\n"
"\n"
"Runs beside xenstored in dom0: introduces every domain to it with the nodes that\n"
"a guest expects, puts the back ends of network interfaces on their bridges, and\n"
"after a domain's end removes its nodes, so that the back ends release it all. A\n"
"domain that is built again is introduced again. In the background it writes to\n"
LOGFILE "; when it returns, the domains there are have been introduced.\n"
"With --foreground it stays, and writes to standard error.\n";

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

/* Only one. Returns a descriptor that holds the lock, -1 after a message, or -2 if another one runs. */
static int take_pidfile(void)
{
	int fd = open(PIDFILE, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return complain("cannot open " PIDFILE ": %s", strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -2;
	}
	return fd;
}

static void write_pid(int fd)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (ftruncate(fd, 0) || pwrite(fd, text, length, 0) != length)
		complain("cannot write " PIDFILE ": %s", strerror(errno));
}

/* Go on in a child. In the parent: wait until the child says that it is ready, and exit as it did. */
static int go_to_background(void)
{
	char ready = 0;
	int ends[2];
	pid_t child;

	if (pipe(ends))
		return complain("no pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		return complain("cannot start: %s", strerror(errno));
	if (child) {
		close(ends[1]);
		if (read(ends[0], &ready, 1) != 1)
			ready = 0;
		exit(ready ? 0 : 1);
	}
	close(ends[0]);
	setsid();
	return ends[1];
}

/* From now on nobody looks at standard error. */
static void say_ready(int fd)
{
	int log = open(LOGFILE, O_WRONLY | O_CREAT | O_APPEND, 0644);
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log < 0 ? null : log, STDERR_FILENO);
	if (log > STDERR_FILENO)
		close(log);
	if (null > STDERR_FILENO)
		close(null);
	if (write(fd, "y", 1) != 1)
		complain("nobody waited for the start");
	close(fd);
	if (chdir("/"))
		complain("cannot leave the directory: %s", strerror(errno));
}

/* Take all events that there are. Returns whether one may concern an interface. */
static bool drain_watches(struct xs_handle *xs)
{
	bool interface = false;
	char **event;

	while ((event = xs_check_watch(xs))) {
		interface |= !strcmp(event[XS_WATCH_TOKEN], "vif");
		free(event);
	}
	return interface;
}

static int serve(struct xs_handle *xs, struct xc_interface_core *xc, int ready)
{
	struct pollfd fd = { .fd = xs_fileno(xs), .events = POLLIN };
	bool vifs = true;

	while (!stop) {
		if (domains_scan(xs, xc))
			return -1;
		if (ready >= 0)
			say_ready(ready);
		ready = -1;
		if (vifs)
			vifs = vifs_hotplug(xs);
		if (poll(&fd, 1, vifs ? VIF_MS : SCAN_MS) < 0 && errno != EINTR)
			return complain("cannot wait: %s", strerror(errno));
		vifs |= drain_watches(xs);
	}
	return 0;
}

static int start(bool foreground)
{
	char interfaces[MAX_PATH_LEN];
	int ready = -1;
	struct xs_handle *xs;
	struct xc_interface_core *xc;
	int lock, rc;

	lock = take_pidfile();
	if (lock == -2) {
		fprintf(stderr, "%s: is running already\n", tool);
		return 0;
	}
	if (lock < 0)
		return -1;
	if (!foreground) {
		ready = go_to_background();
		if (ready < 0)
			return -1;
	}
	write_pid(lock);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	signal(SIGPIPE, SIG_IGN);

	xs = store_open();
	if (!xs)
		return -1;
	xc = xc_interface_open(NULL, NULL, 0);
	if (!xc)
		return complain("cannot reach the hypervisor: %s", strerror(errno));
	snprintf(interfaces, sizeof(interfaces), "/local/domain/%u/backend/vif", BACKEND_DOMID);
	if (!xs_watch(xs, "@releaseDomain", "domain") || !xs_watch(xs, "@introduceDomain", "domain") ||
	    !xs_watch(xs, interfaces, "vif"))
		return complain("cannot watch xenstore: %s", strerror(errno));
	rc = dom0_nodes(xs);
	if (!rc)
		rc = serve(xs, xc, ready);
	xc_interface_close(xc);
	xs_close(xs);
	return rc;
}

/**
 * daemon_main() - xenppcd
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: 0, 1 after an error, 2 for a wrong command line
 */
int daemon_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "foreground", no_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool foreground = false;
	int which;

	opterr = 0;
	while ((which = getopt_long(argc, argv, "fh", options, NULL)) != -1) {
		if (which == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (which != 'f')
			return bad_usage("unknown option %s", argv[optind - 1]);
		foreground = true;
	}
	if (optind < argc)
		return bad_usage("unknown argument %s", argv[optind]);
	return start(foreground) ? 1 : 0;
}
