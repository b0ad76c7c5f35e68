// SPDX-License-Identifier: GPL-2.0
/* The part of xenstore's wire protocol that the tests' programs use (xs.h). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xs.h"

enum { XS_READ = 2, XS_WATCH = 4, XS_WRITE = 11, XS_RM = 13, XS_WATCH_EVENT = 15, XS_ERROR = 16, XS_IS_INTRODUCED = 17 };

struct message {
	uint32_t type, id, transaction, len;
};

static const struct {
	const char *name;
	int error;
} errors[] = {
	{ "ENOENT", ENOENT }, { "EACCES", EACCES }, { "EINVAL", EINVAL }, { "EEXIST", EEXIST }, { "ENOSPC", ENOSPC },
	{ "EQUOTA", EDQUOT }, { "E2BIG", E2BIG }, { "ENOMEM", ENOMEM }, { "EAGAIN", EAGAIN }, { "EBUSY", EBUSY },
};

static int fd = -1;
static unsigned int events;

/**
 * xs_open - connect to xenstore
 *
 * Return: 0 or a negative error.
 */
int xs_open(void)
{
	fd = open("/dev/xen/xenbus", O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : 0;
}

/**
 * xs_fd - the descriptor to poll() for watch events
 *
 * Return: the descriptor.
 */
int xs_fd(void)
{
	return fd;
}

static int read_all(void *data, size_t len)
{
	char *at = data;

	while (len) {
		ssize_t n = read(fd, at, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO;
		if (n > 0) {
			at += n;
			len -= n;
		}
	}
	return 0;
}

static int write_all(const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			len -= n;
		}
	}
	return 0;
}

static int error_number(const char *name)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (!strcmp(name, errors[i].name))
			return -errors[i].error;
	}
	return -EIO;
}

/* Read one message of the server; adds a terminating zero to body. */
static int receive(struct message *m, char body[XS_VALUE_MAX + 1])
{
	int rc = read_all(m, sizeof(*m));

	if (rc)
		return rc;
	if (m->len > XS_VALUE_MAX)
		return -EPROTO;
	body[m->len] = 0;
	return read_all(body, m->len);
}

/* Send a request with path, its terminating zero and more; wait for the reply. Returns the length of the reply. */
static ssize_t request(uint32_t type, const char *path, const void *more, size_t more_len, char body[XS_VALUE_MAX + 1])
{
	static uint32_t id;
	struct message m = { .type = type, .id = ++id, .len = strlen(path) + 1 + more_len };
	char out[sizeof(m) + XS_VALUE_MAX];
	int rc;

	if (m.len > XS_VALUE_MAX)
		return -E2BIG;
	memcpy(out, &m, sizeof(m));
	strcpy(out + sizeof(m), path);
	memcpy(out + sizeof(m) + strlen(path) + 1, more, more_len);
	rc = write_all(out, sizeof(m) + m.len);
	while (!rc) {
		rc = receive(&m, body);
		if (!rc && m.type == XS_WATCH_EVENT)
			events++;
		else if (!rc && m.type == XS_ERROR)
			rc = error_number(body);
		else if (!rc)
			return m.len;
	}
	return rc;
}

/**
 * xs_read - read a node
 * @path: the node
 * @value: buffer for its value and a terminating zero
 * @size: size of @value in bytes, at least 2
 *
 * Return: the length of the value, truncated to fit into @value; or a negative error.
 */
ssize_t xs_read(const char *path, char *value, size_t size)
{
	char body[XS_VALUE_MAX + 1];
	ssize_t len = request(XS_READ, path, "", 0, body);

	value[0] = 0;
	if (len < 0)
		return len;
	if ((size_t)len > size - 1)
		len = size - 1;
	memcpy(value, body, len);
	value[len] = 0;
	return len;
}

/**
 * xs_write - write a node
 * @path: the node, which is created if it does not exist
 * @value: its new value
 * @len: bytes of @value
 *
 * Return: 0 or a negative error.
 */
int xs_write(const char *path, const void *value, size_t len)
{
	char body[XS_VALUE_MAX + 1];
	ssize_t rc = request(XS_WRITE, path, value, len, body);

	return rc < 0 ? rc : 0;
}

/**
 * xs_print - write formatted text to a node
 * @path: the node
 * @format: as for printf(); the text may have at most 255 bytes
 *
 * Return: 0 or a negative error.
 */
int xs_print(const char *path, const char *format, ...)
{
	char text[256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(text))
		return -E2BIG;
	return xs_write(path, text, len);
}

/**
 * xs_rm - remove a node and all below it
 * @path: the node
 *
 * Return: 0, also if there is none; or a negative error.
 */
int xs_rm(const char *path)
{
	char body[XS_VALUE_MAX + 1];
	ssize_t rc = request(XS_RM, path, "", 0, body);

	return rc < 0 && rc != -ENOENT ? rc : 0;
}

/**
 * xs_watch - watch a node and all below it; xenstored sends a first event immediately
 * @path: the node, or one of the special names with "@"; also used as the token of the watch
 *
 * Return: 0 or a negative error.
 */
int xs_watch(const char *path)
{
	char body[XS_VALUE_MAX + 1];
	ssize_t rc = request(XS_WATCH, path, path, strlen(path) + 1, body);

	return rc < 0 ? rc : 0;
}

/**
 * xs_introduced - whether a domain has been introduced to xenstored
 * @domid: the domain
 *
 * Return: true if so.
 */
bool xs_introduced(unsigned int domid)
{
	char body[XS_VALUE_MAX + 1], name[16];

	snprintf(name, sizeof(name), "%u", domid);
	return request(XS_IS_INTRODUCED, name, "", 0, body) > 0 && body[0] == 'T';
}

/**
 * xs_take_events - receive all pending watch events, without blocking
 *
 * Return: how many events came since the last call; or a negative error.
 */
int xs_take_events(void)
{
	char body[XS_VALUE_MAX + 1];
	int taken;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		struct message m;
		int rc;

		if (poll(&p, 1, 0) <= 0 || !(p.revents & POLLIN))
			break;
		rc = receive(&m, body);
		if (rc)
			return rc;
		events += m.type == XS_WATCH_EVENT;
	}
	taken = events;
	events = 0;
	return taken;
}

/**
 * xs_wait - wait for a watch event
 * @timeout_ms: time limit in milliseconds
 *
 * Return: how many came, 0 if none did in time; or a negative error.
 */
int xs_wait(int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int taken = xs_take_events();

	if (taken)
		return taken;
	if (poll(&p, 1, timeout_ms) < 0 && errno != EINTR)
		return -errno;
	return xs_take_events();
}
