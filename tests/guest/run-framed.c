// SPDX-License-Identifier: GPL-2.0
/*
 * Run a shell script and write its output to the console in frames, one line each:
 *
 *	NONCE>SEQ:TEXT	the next bytes of the output; anything but plain characters is escaped as \xx (hexadecimal)
 *	NONCE=SEQ:STATUS	the script has ended; SEQ frames came before
 *
 * The console is shared with kernels and a hypervisor, which may write lines between frames, put a prefix before a
 * frame, or translate its end of line. The reader (scripts/boot) recovers the exact bytes all the same, and notices a
 * frame that was lost.
 *
 * In the other direction the console carries lines "slowdown N" from scripts/boot: see lib/slowdown.h.
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
#include <termios.h>
#include <unistd.h>

#include "lib/slowdown.h"
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

/* Frame everything that the pipe holds. Returns false at end of file: all writers have closed it. */
static int drain(int fd)
{
	static unsigned char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		frame(buf, n);
	return n < 0;
}

/* Open the console for input. Echo would put characters between those of a frame. */
static int open_input(void)
{
	int fd = open("/dev/console", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios mode;

	if (fd >= 0 && tcgetattr(fd, &mode) == 0) {
		mode.c_lflag &= ~ECHO;
		tcsetattr(fd, TCSANOW, &mode);
	}
	return fd;
}

/* Read a line from the console, and act on "slowdown N". Returns false if there is no console. */
static int take_slowdown(int fd)
{
	char line[64];
	ssize_t n = read(fd, line, sizeof(line) - 1);
	int value;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	line[n] = 0;
	if (sscanf(line, "slowdown %d", &value) == 1)
		slowdown_set(value);
	return 1;
}

static void child_ended(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	sigset_t chld, none;
	char line[256];
	int out[2], status, len, input;
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
	input = open_input();
	if (pipe2(out, O_CLOEXEC)) {
		perror("run-framed: pipe");
		return 2;
	}
	/* Begin a new line: the kernel may have left one without its end. */
	emit("\n", 1);
	emit_frame("");
	/* SIGCHLD is delivered in ppoll() only: no end of the child is missed, and no timeout wakes an idle machine. */
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
	/* Until the script ends; processes that it leaves behind may keep the pipe open. */
	for (;;) {
		struct pollfd p[2] = { { .fd = out[0], .events = POLLIN }, { .fd = input, .events = POLLIN } };
		pid_t done;

		ppoll(p, 2, NULL, &none);
		if (p[1].revents && !take_slowdown(input))
			input = -1;
		done = waitpid(child, &status, WNOHANG);
		drain(out[0]);
		if (done == child || (done < 0 && errno == ECHILD))
			break;
		if (p[0].revents & POLLHUP) {
			waitpid(child, &status, 0);
			break;
		}
	}
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	len = snprintf(line, sizeof(line), "%s=%lu:%d\n", nonce, frames, status);
	emit(line, len);
	return 0;
}
