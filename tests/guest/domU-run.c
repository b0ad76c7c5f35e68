// SPDX-License-Identifier: GPL-2.0
/*
 * In dom0: run a shell command in a domU through the domU's agent (lib/agent.h), print the command's output, and exit
 * with its status.
 *
 * usage: domU-run [-t SECONDS] DOMAIN COMMAND
 *        domU-run [-t SECONDS] DOMAIN		only wait for the agent, and print the domU's boot id
 *
 * SECONDS (default 60) limits the wait for the agent and the command together; it is multiplied with the machine's
 * slowdown (lib/slowdown.h). Other exit statuses: 124 the limit was exceeded and the command killed; 125 the domain
 * went away; 2 wrong usage; 1 xenstore is missing or does not answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "lib/agent.h"
#include "lib/slowdown.h"
#include "lib/xs.h"

#define TIMED_OUT 124
#define DOMAIN_GONE 125
#define SILENT_FOR 10	/* seconds without an answer from xenstore */

static unsigned int domid;
static struct timespec begin;
static int seconds = 60;
static char path_buffer[128];

static const char *node(const char *name)
{
	snprintf(path_buffer, sizeof(path_buffer), "/local/domain/%u/" AGENT_BASE "%s", domid, name);
	return path_buffer;
}

static void must(int rc, const char *what)
{
	if (rc < 0) {
		fprintf(stderr, "domU-run: %s: %s\n", what, strerror(-rc));
		exit(1);
	}
}

static long long milliseconds_passed(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - begin.tv_sec) * 1000ll + (now.tv_nsec - begin.tv_nsec) / 1000000;
}

static int milliseconds_left(void)
{
	long long passed = milliseconds_passed(), left = seconds * 1000ll - passed;

	/* The slowdown is looked up late: it may have grown since the beginning. */
	if (left <= 0)
		left = seconds * 1000ll * slowdown() - passed;
	return left > 0 ? left : 0;
}

/* Wait for a watch event; at the time limit, cancel the command and exit. */
static void wait_or_end(const char *what)
{
	int left = milliseconds_left();
	int events = left ? xs_wait(left) : 0;

	must(events, "xenstore");
	if (events == 0 && !milliseconds_left()) {
		fprintf(stderr, "domU-run: domain %u: timed out: %s\n", domid, what);
		xs_rm(node("start"));
		xs_print(node("cancel"), "%d", getpid());
		exit(TIMED_OUT);
	}
}

/* SIGALRM. A request to xenstored blocks until the answer comes; this ends the program if xenstored has died. */
static void no_answer(int number)
{
	static const char text[] = "domU-run: xenstore does not answer\n";
	long long left = (seconds + SILENT_FOR) * 1000ll * slowdown() - milliseconds_passed();

	(void)number;
	if (left > 0) {
		alarm(left / 1000 + 1);
		return;
	}
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(1);
}

static void end_if_gone(bool *seen)
{
	if (xs_introduced(domid)) {
		*seen = true;
	} else if (*seen) {
		fprintf(stderr, "domU-run: domain %u went away\n", domid);
		exit(DOMAIN_GONE);
	}
}

/* One command at a time in each domain. The lock is released when this process ends. */
static void lock_domain(void)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "/tmp/.domU-run.%u", domid);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX))
		must(-errno, name);
}

static void send(const char *command)
{
	size_t len = strlen(command), pieces = 0;
	char name[32];

	if (len > AGENT_COMMAND_MAX) {
		fprintf(stderr, "domU-run: a command of %zu bytes; at most %d\n", len, AGENT_COMMAND_MAX);
		exit(2);
	}
	must(xs_print(node("slowdown"), "%d", slowdown()), "slowdown");
	xs_rm(node("text"));
	for (size_t at = 0; at < len; at += AGENT_PIECE) {
		size_t n = len - at < AGENT_PIECE ? len - at : AGENT_PIECE;

		snprintf(name, sizeof(name), "text/%zu", pieces++);
		must(xs_write(node(name), command + at, n), name);
	}
	must(xs_print(node("start"), "%d %zu", getpid(), pieces), "start");
}

/* Print the next piece of output if there is one. Returns the command's exit status when that arrives, otherwise -1. */
static int take(unsigned long *taken)
{
	char value[AGENT_PIECE + 64];
	unsigned long seq;
	int head = 0, pid;
	ssize_t len;
	char kind;

	len = xs_read(node("out"), value, sizeof(value));
	if (len < 0 || sscanf(value, "%d %lu %c%n", &pid, &seq, &kind, &head) != 3 || !head || head >= len)
		return -1;
	if (pid != getpid() || seq != *taken + 1)
		return -1;
	*taken = seq;
	head++;
	if (kind == 'o') {
		fwrite(value + head, 1, len - head, stdout);
		fflush(stdout);
	}
	must(xs_print(node("ack"), "%d %lu", getpid(), seq), "ack");
	return kind == 's' ? atoi(value + head) : -1;
}

int main(int argc, char **argv)
{
	int opt, status = -1;
	unsigned long taken = 0;
	bool seen = false;
	char boot_id[64];

	while ((opt = getopt(argc, argv, "+t:")) == 't')
		seconds = atoi(optarg);
	argv += optind;
	argc -= optind;
	if (opt != -1 || argc < 1 || argc > 2 || seconds <= 0 || sscanf(argv[0], "%u", &domid) != 1) {
		fprintf(stderr, "usage: domU-run [-t SECONDS] DOMAIN [COMMAND]\n");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	signal(SIGALRM, no_answer);
	alarm(seconds + SILENT_FOR);
	must(xs_open(), "/dev/xen/xenbus");
	must(xs_watch("@releaseDomain"), "@releaseDomain");
	must(xs_watch(node("out")), "out");
	must(xs_watch(node("ready")), "ready");
	while (xs_read(node("ready"), boot_id, sizeof(boot_id)) < 0) {
		end_if_gone(&seen);
		wait_or_end("no agent there");
	}
	if (argc == 1) {
		puts(boot_id);
		return 0;
	}
	lock_domain();
	send(argv[1]);
	while (status < 0) {
		status = take(&taken);
		if (status >= 0)
			break;
		end_if_gone(&seen);
		wait_or_end(argv[1]);
	}
	return status;
}
