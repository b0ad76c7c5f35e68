// SPDX-License-Identifier: GPL-2.0
/*
 * xenppcd: introduces the domains that the hypervisor has built to xenstored,
 * connects new network back ends to their bridges, and removes the nodes of
 * domains that have ended. This file has the command line, the start in the
 * background and the main loop.
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
#define SCAN_MS		500	/* polling interval for new domains, for which there is no watch */
#define VIF_MS		100	/* the same while an interface is awaited, which the kernel creates */

static const char usage[] =
"usage: xenppcd [--foreground]\n"
"\n"
"The daemon that connects domains to xenstored. It runs in dom0 and introduces\n"
"each new or rebuilt domain to xenstored with the nodes that a guest expects, adds\n"
"network back ends to their bridges, and removes a domain's nodes after its end,\n"
"so that its back ends release their resources.\n"
"\n"
"xenppcd goes to the background once it has introduced all existing domains, and\n"
"logs to " LOGFILE ". With --foreground it stays in the\n"
"foreground and logs to standard error.\n";

static volatile sig_atomic_t stop_requested;

static void daemon_on_signal(int number)
{
	(void)number;
	stop_requested = 1;
}

/*
 * Lock the PID file, so that only one instance runs. Returns the descriptor that holds the lock, -1
 * after a message, or -2 if another instance holds it.
 */
static int daemon_lock_pidfile(void)
{
	int fd = open(PIDFILE, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return log_error("cannot open " PIDFILE ": %s", strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return -2;
	}
	return fd;
}

static void daemon_write_pid(int fd)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (ftruncate(fd, 0) || pwrite(fd, text, length, 0) != length)
		log_error("cannot write " PIDFILE ": %s", strerror(errno));
}

/*
 * Continue in a child process. Returns the descriptor on which the child reports readiness. The
 * parent does not return: it exits with 0 when the child is ready, and with 1 if the child ends
 * before that.
 */
static int daemon_fork(void)
{
	char ready = 0;
	int ends[2];
	pid_t child;

	if (pipe(ends))
		return log_error("cannot create a pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		return log_error("cannot fork: %s", strerror(errno));
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

/* Let the waiting parent exit. Messages go to the log file from now on. */
static void daemon_report_ready(int fd)
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
		log_error("cannot report readiness to the parent process");
	close(fd);
	if (chdir("/"))
		log_error("cannot change to /: %s", strerror(errno));
}

/* Consume all pending watch events. Returns true if one concerns a network back end. */
static bool daemon_drain_watches(struct xs_handle *xs)
{
	bool interface = false;
	char **event;

	while ((event = xs_check_watch(xs))) {
		interface |= !strcmp(event[XS_WATCH_TOKEN], "vif");
		free(event);
	}
	return interface;
}

/* Serve until a signal asks to stop. @ready: see daemon_fork(), or -1. */
static int daemon_loop(struct xs_handle *xs, struct xc_interface_core *xc, int ready)
{
	struct pollfd fd = { .fd = xs_fileno(xs), .events = POLLIN };
	bool vifs = true;

	while (!stop_requested) {
		if (domains_scan(xs, xc))
			return -1;
		if (ready >= 0)
			daemon_report_ready(ready);
		ready = -1;
		if (vifs)
			vifs = vifs_hotplug(xs);
		if (poll(&fd, 1, vifs ? VIF_MS : SCAN_MS) < 0 && errno != EINTR)
			return log_error("poll failed: %s", strerror(errno));
		vifs |= daemon_drain_watches(xs);
	}
	return 0;
}

static int daemon_start(bool foreground)
{
	char interfaces[MAX_PATH_LEN];
	int ready = -1;
	struct xs_handle *xs;
	struct xc_interface_core *xc;
	int lock, rc;

	lock = daemon_lock_pidfile();
	if (lock == -2) {
		log_info("already running");
		return 0;
	}
	if (lock < 0)
		return -1;
	if (!foreground) {
		ready = daemon_fork();
		if (ready < 0)
			return -1;
	}
	daemon_write_pid(lock);
	signal(SIGTERM, daemon_on_signal);
	signal(SIGINT, daemon_on_signal);
	signal(SIGPIPE, SIG_IGN);

	xs = store_open();
	if (!xs)
		return -1;
	xc = xc_interface_open(NULL, NULL, 0);
	if (!xc)
		return log_error("cannot reach the hypervisor: %s", strerror(errno));
	snprintf(interfaces, sizeof(interfaces), "/local/domain/%u/backend/vif", BACKEND_DOMID);
	if (!xs_watch(xs, "@releaseDomain", "domain") || !xs_watch(xs, "@introduceDomain", "domain") ||
	    !xs_watch(xs, interfaces, "vif"))
		return log_error("cannot watch xenstore: %s", strerror(errno));
	rc = dom0_write_nodes(xs);
	if (!rc)
		rc = daemon_loop(xs, xc, ready);
	xc_interface_close(xc);
	rc |= store_close(xs);
	return rc;
}

/**
 * daemon_main() - run xenppcd
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status: 0, 1 after an error, 2 for a wrong command line
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
			return usage_error("unknown option %s", argv[optind - 1]);
		foreground = true;
	}
	if (optind < argc)
		return usage_error("unknown argument %s", argv[optind]);
	return daemon_start(foreground) ? 1 : 0;
}
