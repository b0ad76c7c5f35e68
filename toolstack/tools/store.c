// SPDX-License-Identifier: GPL-2.0
/*
 * Xenstore: reading, and writing many nodes at once with their permissions.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

#define MAX_RETRIES	64	/* of a transaction that others came between */

struct node {
	char *path;
	char *value;
	enum node_access access;
	unsigned int domid;
};

struct batch {
	struct node *nodes;
	size_t count;
	const char *clear;	/* removed first */
	bool failed;		/* for want of memory */
};

static const char *store_error(int error)
{
	switch (error) {
	case ENOSPC: return "the xenstore quota is exceeded";
	case E2BIG: return "too long for xenstore";
	default: return strerror(error);
	}
}

/**
 * store_open() - connect to xenstored
 *
 * Return: the connection, or NULL after a message
 */
struct xs_handle *store_open(void)
{
	struct xs_handle *xs;

	/* By the socket only: through the kernel it would wait for ever if xenstored is not there. */
	setenv("XENSTORED_PATH", "/run/xenstored/socket", 0);
	xs = xs_open(0);
	if (!xs)
		complain("no answer from xenstored (%s): has xenppc-init run?", strerror(errno));
	return xs;
}

/**
 * store_read() - the value of a node
 * @xs: connection
 * @xbt: transaction or XBT_NULL
 * @format: as of printf(), gives the path
 *
 * Return: the value, to be freed, or NULL with errno
 */
char *store_read(struct xs_handle *xs, xs_transaction_t xbt, const char *format, ...)
{
	char path[MAX_PATH_LEN];
	unsigned int length;
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return xs_read(xs, xbt, path, &length);
}

/**
 * store_number() - the value of a node that is a decimal number
 * @xs: connection
 * @otherwise: what to take if there is no such node, or no number in it
 * @format: as of printf(), gives the path
 *
 * Return: the number
 */
unsigned long store_number(struct xs_handle *xs, unsigned long otherwise, const char *format, ...)
{
	char path[MAX_PATH_LEN];
	unsigned long number;
	unsigned int length;
	va_list args;
	char *value;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	value = xs_read(xs, XBT_NULL, path, &length);
	if (!value || !parse_number(value, ~0UL, &number))
		number = otherwise;
	free(value);
	return number;
}

/**
 * store_exists() - is there a node?
 * @xs: connection
 * @xbt: transaction or XBT_NULL
 * @path: its path
 *
 * Return: whether it is there
 */
bool store_exists(struct xs_handle *xs, xs_transaction_t xbt, const char *path)
{
	unsigned int length;
	char *value = xs_read(xs, xbt, path, &length);

	free(value);
	return value;
}

/**
 * store_write() - set one node
 * @xs: connection
 * @path: its path
 * @value: what to write
 *
 * Return: 0, or -1 after a message
 */
int store_write(struct xs_handle *xs, const char *path, const char *value)
{
	if (xs_write(xs, XBT_NULL, path, value, strlen(value)))
		return 0;
	return complain("cannot write %s: %s", path, store_error(errno));
}

/**
 * store_remove() - remove a node and what is below it, if it is there
 * @xs: connection
 * @format: as of printf(), gives the path
 */
void store_remove(struct xs_handle *xs, const char *format, ...)
{
	char path[MAX_PATH_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (!xs_rm(xs, XBT_NULL, path) && errno != ENOENT)
		complain("cannot remove %s: %s", path, store_error(errno));
}

/* Remove the node at @path and then those of its @levels parents that have no other child. Returns an error number. */
static int try_prune(struct xs_handle *xs, const char *path, unsigned int levels)
{
	xs_transaction_t xbt = xs_transaction_start(xs);
	char at[MAX_PATH_LEN];
	unsigned int count = 0;
	char *slash;
	char **names;
	int error;

	if (xbt == XBT_NULL)
		return errno;
	snprintf(at, sizeof(at), "%s", path);
	error = xs_rm(xs, xbt, at) || errno == ENOENT ? 0 : errno;
	while (!error && levels-- && (slash = strrchr(at, '/')) && slash != at) {
		*slash = '\0';
		names = xs_directory(xs, xbt, at, &count);
		free(names);
		if (!names || count)
			break;
		error = xs_rm(xs, xbt, at) ? 0 : errno;
	}
	if (!xs_transaction_end(xs, xbt, error) && !error)
		error = errno;
	return error;
}

/**
 * store_prune() - remove a node, what is below it, and parents that it leaves empty
 * @xs: connection
 * @path: the node, which may be gone already
 * @levels: how many parents at most
 */
void store_prune(struct xs_handle *xs, const char *path, unsigned int levels)
{
	int error = EAGAIN;

	for (int i = 0; error == EAGAIN && i < MAX_RETRIES; i++)
		error = try_prune(xs, path, levels);
	if (error)
		complain("cannot remove %s: %s", path, store_error(error));
}

/**
 * store_list() - the names of a node's children
 * @xs: connection
 * @count: how many there are; 0 also if there is no such node
 * @format: as of printf(), gives the path
 *
 * Return: the names, to be freed all at once; NULL if there are none
 */
char **store_list(struct xs_handle *xs, unsigned int *count, const char *format, ...)
{
	char path[MAX_PATH_LEN];
	va_list args;
	char **names;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	*count = 0;
	names = xs_directory(xs, XBT_NULL, path, count);
	if (!names)
		*count = 0;
	return names;
}

/**
 * batch_new() - an empty list of nodes to write
 *
 * Return: the list; want of memory shows at batch_commit()
 */
struct batch *batch_new(void)
{
	return calloc(1, sizeof(struct batch));
}

/**
 * batch_free() - forget a list
 * @batch: the list, or NULL
 */
void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; i < batch->count; i++) {
		free(batch->nodes[i].path);
		free(batch->nodes[i].value);
	}
	free(batch->nodes);
	free(batch);
}

/**
 * batch_add() - one more node to write
 * @batch: the list
 * @access: who owns and reads it
 * @domid: the domain that @access speaks of
 * @path: the node
 * @format: as of printf(), gives the value
 */
void batch_add(struct batch *batch, enum node_access access, unsigned int domid, const char *path,
	       const char *format, ...)
{
	struct node *more;
	va_list args;

	if (!batch)
		return;
	more = realloc(batch->nodes, (batch->count + 1) * sizeof(*more));
	if (!more) {
		batch->failed = true;
		return;
	}
	batch->nodes = more;
	more += batch->count++;
	more->access = access;
	more->domid = domid;
	more->path = strdup(path);
	va_start(args, format);
	if (vasprintf(&more->value, format, args) < 0)
		more->value = NULL;
	va_end(args);
	if (!more->path || !more->value)
		batch->failed = true;
}

/**
 * batch_drop() - leave a node out after all
 * @batch: the list
 * @path: the node
 */
void batch_drop(struct batch *batch, const char *path)
{
	for (size_t i = 0; batch && i < batch->count; i++) {
		if (!batch->nodes[i].path || strcmp(batch->nodes[i].path, path))
			continue;
		free(batch->nodes[i].path);
		free(batch->nodes[i].value);
		batch->nodes[i] = batch->nodes[--batch->count];
		return;
	}
}

/**
 * batch_clear() - what is to be removed before the nodes are written
 * @batch: the list
 * @path: a node with all below it, which need not be there; not copied
 */
void batch_clear(struct batch *batch, const char *path)
{
	if (batch)
		batch->clear = path;
}

static bool write_node(struct xs_handle *xs, xs_transaction_t xbt, const struct node *node)
{
	struct xs_permissions perms[2] = { { .id = 0, .perms = XS_PERM_NONE } };
	unsigned int count = 1;

	if (node->access == ACCESS_READ)
		perms[count++] = (struct xs_permissions){ .id = node->domid, .perms = XS_PERM_READ };
	else if (node->access == ACCESS_OWN)
		perms[0].id = node->domid;
	return xs_write(xs, xbt, node->path, node->value, strlen(node->value)) &&
	       xs_set_permissions(xs, xbt, node->path, perms, count);
}

/* One try. Returns 0, or an error number with the node that it is about. */
static int try_commit(struct xs_handle *xs, struct batch *batch, const char *must_exist,
		      const char *must_not_exist, const char **about)
{
	xs_transaction_t xbt = xs_transaction_start(xs);
	int error = 0;

	*about = "a transaction";
	if (xbt == XBT_NULL)
		return errno;
	if (must_exist && !store_exists(xs, xbt, must_exist)) {
		*about = must_exist;
		error = ENOENT;
	} else if (must_not_exist && store_exists(xs, xbt, must_not_exist)) {
		*about = must_not_exist;
		error = EEXIST;
	}
	if (!error && batch->clear && !xs_rm(xs, xbt, batch->clear) && errno != ENOENT) {
		*about = batch->clear;
		error = errno;
	}
	for (size_t i = 0; !error && i < batch->count; i++)
		if (!write_node(xs, xbt, &batch->nodes[i])) {
			*about = batch->nodes[i].path;
			error = errno;
		}
	if (!xs_transaction_end(xs, xbt, error) && !error)
		error = errno;
	return error;
}

/**
 * batch_commit() - write all nodes of a list at once, or none
 * @xs: connection
 * @batch: the list
 * @must_exist: NULL, or a node without which nothing is written
 * @must_not_exist: NULL, or a node that must not be there yet
 *
 * Return: 0, -ENOENT or -EEXIST for the two conditions without a message, or -1 after one
 */
int batch_commit(struct xs_handle *xs, struct batch *batch, const char *must_exist, const char *must_not_exist)
{
	const char *about;
	int error = EAGAIN;

	if (!batch || batch->failed)
		return complain("out of memory");
	for (int i = 0; error == EAGAIN && i < MAX_RETRIES; i++)
		error = try_commit(xs, batch, must_exist, must_not_exist, &about);
	if (!error)
		return 0;
	if ((error == ENOENT && about == must_exist) || (error == EEXIST && about == must_not_exist))
		return -error;
	return complain("cannot write %s: %s", about, store_error(error));
}
