// SPDX-License-Identifier: GPL-2.0
/*
 * Run a shell script and write its output to the console in frames, one line each:
 *
 *	NONCE>SEQ:TEXT	the next bytes of the output; anything but plain characters is escaped as \xx (hexadecimal)
 *	NONCE=SEQ:STATUS	the script has ended; SEQ frames came before
 *
 * The console is shared with kernels and a hypervisor, which may put lines of their own between frames, prefix a
 * frame, or translate its end of line. What a frame carries comes out exact all the same, and a lost one is noticed.
 *
 * usage: run-framed NONCE SCRIPT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "marks.h"

#define FRAME_TEXT 72

static const char *nonce;
static unsigned long frames;
static int console;

static void emit(const char *line, size_t len)
{
	while (len) {
		ssize_t n = write(console, line, len);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			line += n;
			len -= n;
		}
	}
}

static void emit_frame(const char *text)
{
	char line[256];
	int len = snprintf(line, sizeof(line), "%s>%lu:%s\n", nonce, frames++, text);

	emit(line, len);
}

static void frame(const unsigned char *data, size_t len)
{
	char text[FRAME_TEXT + 8];
	size_t fill = 0;

	while (len--) {
		unsigned char c = *data++;

		if (c > ' ' && c < 0x7f && c != '\\')
			text[fill++] = c;
		else if (c == ' ' && len && *data != '\n')
			text[fill++] = c;
		else
			fill += sprintf(text + fill, "\\%02x", c);
		if (fill >= FRAME_TEXT || !len || c == '\n') {
			text[fill] = 0;
			emit_frame(text);
			fill = 0;
		}
	}
}

/* Move what the pipe holds; false once nobody can write to it any more. */
static int drain(int fd)
{
	static unsigned char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		frame(buf, n);
	return n < 0;
}

static void child_ended(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	sigset_t chld, none;
	char line[256];
	int out[2], status, len;
	pid_t child;

	mark_user_space();
	if (argc != 3) {
		fprintf(stderr, "usage: run-framed NONCE SCRIPT\n");
		return 2;
	}
	nonce = argv[1];
	console = open("/dev/console", O_WRONLY | O_NOCTTY);
	if (console < 0)
		console = 1;
	if (pipe2(out, O_CLOEXEC)) {
		perror("run-framed: pipe");
		return 2;
	}
	/* A console line left open by the kernel must not run into the first frame. */
	emit("\n", 1);
	emit_frame("");
	/* SIGCHLD arrives in ppoll() only: no race with the check before it, and nothing wakes an idle machine. */
	sigemptyset(&none);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	signal(SIGCHLD, child_ended);
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDONLY);

		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		dup2(null, 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execl("/bin/sh", "sh", argv[2], (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	/* The script's end counts, not that of processes it leaves behind with the pipe open. */
	for (;;) {
		struct pollfd p = { .fd = out[0], .events = POLLIN };
		pid_t done;

		ppoll(&p, 1, NULL, &none);
		done = waitpid(child, &status, WNOHANG);
		drain(out[0]);
		if (done == child || (done < 0 && errno == ECHILD))
			break;
		if (p.revents & POLLHUP) {
			waitpid(child, &status, 0);
			break;
		}
	}
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	len = snprintf(line, sizeof(line), "%s=%lu:%d\n", nonce, frames, status);
	emit(line, len);
	return 0;
}
