// SPDX-License-Identifier: GPL-2.0
/*
 * Run shell commands that dom0 sends through xenstore (lib/agent.h), one at a time, until the domain ends.
 *
 * usage: domU-agent
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/agent.h"
#include "lib/slowdown.h"
#include "lib/xs.h"

static struct {
	unsigned long id;
	unsigned long sent, acked;	/* pieces of output */
	pid_t child;			/* 0: no command, or it has ended */
	int pipe;			/* the command's output; -1: closed */
	int status;
	bool eof;			/* all writers have closed the pipe */
	bool running;			/* until dom0 has acknowledged the status */
} job = { .pipe = -1 };

static void fail(const char *what, int error)
{
	fprintf(stderr, "domU-agent: %s: %s\n", what, strerror(-error));
	exit(1);
}

static void send_piece(char kind, const char *data, size_t len)
{
	char value[AGENT_PIECE + 64];
	int head = snprintf(value, sizeof(value), "%lu %lu %c ", job.id, ++job.sent, kind);
	int rc;

	memcpy(value + head, data, len);
	rc = xs_write(AGENT_BASE "out", value, head + len);
	if (rc)
		fail("data/agent/out", rc);
}

static void launch(const char *command)
{
	int out[2];

	if (pipe2(out, O_CLOEXEC))
		fail("pipe", -errno);
	job.child = fork();
	if (job.child == 0) {
		int null = open("/dev/null", O_RDONLY);
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		dup2(null, 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	job.pipe = out[0];
	job.eof = false;
	job.running = true;
}

/* Start a new command if there is one and no other runs. domU-run writes the pieces before it writes "start". */
static void look_for_command(void)
{
	static char command[AGENT_COMMAND_MAX + AGENT_PIECE];
	unsigned long id, pieces;
	size_t fill = 0;
	char text[64];

	if (job.running || job.child || xs_read(AGENT_BASE "start", text, sizeof(text)) < 0)
		return;
	xs_rm(AGENT_BASE "start");
	if (sscanf(text, "%lu %lu", &id, &pieces) != 2 || pieces > AGENT_COMMAND_MAX / AGENT_PIECE)
		return;
	for (unsigned long i = 0; i < pieces; i++) {
		char path[64];
		ssize_t len;

		snprintf(path, sizeof(path), AGENT_BASE "text/%lu", i);
		len = xs_read(path, command + fill, AGENT_PIECE + 1);
		if (len < 0)
			fail(path, len);
		fill += len;
	}
	if (xs_read(AGENT_BASE "slowdown", text, sizeof(text)) > 0)
		slowdown_set(atoi(text));
	job.id = id;
	job.sent = 0;
	job.acked = 0;
	launch(command);
}

static void look_for_answer(void)
{
	unsigned long id, seq;
	char text[64];

	if (xs_read(AGENT_BASE "ack", text, sizeof(text)) > 0 && sscanf(text, "%lu %lu", &id, &seq) == 2 && id == job.id)
		job.acked = seq;
	if (xs_read(AGENT_BASE "cancel", text, sizeof(text)) > 0 && strtoul(text, NULL, 10) == job.id) {
		xs_rm(AGENT_BASE "cancel");
		if (job.child)
			kill(-job.child, SIGKILL);
		/* domU-run has exited and acknowledges nothing more. */
		job.acked = job.sent;
		job.running = false;
	}
	/* The last piece, the status, is acknowledged. */
	if (!job.child && job.pipe < 0 && job.acked == job.sent)
		job.running = false;
}

/* Send the next piece of output, or the status if there is no more output. */
static void produce(void)
{
	char data[AGENT_PIECE];
	ssize_t n = read(job.pipe, data, sizeof(data));

	if (n > 0) {
		send_piece('o', data, n);
		return;
	}
	job.eof = n == 0;
	/* The command has ended and the pipe is empty; processes that it left behind may keep the pipe open. */
	if (!job.child) {
		close(job.pipe);
		job.pipe = -1;
		n = snprintf(data, sizeof(data), "%d", job.status);
		send_piece('s', data, n);
	}
}

static void reap(int signals)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != job.child)
			continue;
		job.child = 0;
		job.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (!job.running) {
			close(job.pipe);
			job.pipe = -1;
		}
	}
}

static void begin(void)
{
	/* Nodes left from before a restart of this domain. "text" and "start" may be those of a command that waits. */
	static const char * const stale[] = { "out", "ack", "cancel" };
	static const char * const watched[] = { "start", "ack", "cancel" };
	char path[64], boot_id[64] = "unknown";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
	int rc = xs_open();

	if (rc)
		fail("/dev/xen/xenbus", rc);
	if (file && fgets(boot_id, sizeof(boot_id), file))
		boot_id[strcspn(boot_id, "\n")] = 0;
	for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++) {
		snprintf(path, sizeof(path), AGENT_BASE "%s", stale[i]);
		xs_rm(path);
	}
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		snprintf(path, sizeof(path), AGENT_BASE "%s", watched[i]);
		rc = xs_watch(path);
		if (rc)
			fail(path, rc);
	}
	rc = xs_write(AGENT_BASE "ready", boot_id, strlen(boot_id));
	if (rc)
		fail("data/agent/ready", rc);
}

int main(int argc, char **argv)
{
	struct pollfd p[3] = { { .events = POLLIN }, { .events = POLLIN }, { .events = POLLIN } };
	sigset_t chld;

	(void)argv;
	if (argc != 1) {
		fprintf(stderr, "usage: domU-agent\n");
		return 2;
	}
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	begin();
	p[0].fd = xs_fd();
	p[1].fd = signalfd(-1, &chld, SFD_NONBLOCK | SFD_CLOEXEC);
	for (;;) {
		bool may_send = job.running && job.pipe >= 0 && job.acked == job.sent;
		int events = xs_take_events();

		if (events < 0)
			fail("/dev/xen/xenbus", events);
		if (events) {
			look_for_answer();
			look_for_command();
			continue;
		}
		if (may_send && !job.child) {
			produce();
			continue;
		}
		p[2].fd = job.pipe;
		p[2].revents = 0;
		poll(p, may_send && !job.eof ? 3 : 2, -1);
		if (p[2].revents)
			produce();
		if (p[1].revents) {
			reap(p[1].fd);
			/* A command that arrived while a cancelled one was ending has had its watch event. */
			look_for_command();
		}
	}
}
