// SPDX-License-Identifier: GPL-2.0
/*
 * Access to xenstore: reading single nodes, and batches, which write many nodes
 * with their permissions in one transaction.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

#define MAX_RETRIES	64	/* of a transaction that conflicts with other clients (EAGAIN) */

struct node {
	char *path;
	char *value;
	enum node_access access;
	unsigned int domid;
};

struct batch {
	struct node *nodes;
	size_t count;
	const char *clear;	/* subtree to remove before writing, or NULL */
	bool failed;		/* an allocation failed, reported by batch_commit() */
};

static bool failed;	/* see store_failed() */

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

	/*
	 * Without the socket, libxenstore would try /dev/xen/xenbus, which blocks for ever if
	 * xenstored does not run.
	 */
	setenv("XENSTORED_PATH", "/run/xenstored/socket", 0);
	xs = xs_open(0);
	if (!xs)
		log_error("no answer from xenstored (%s): has xenppc-init run?", strerror(errno));
	return xs;
}

/**
 * store_close() - end the connection to xenstored
 * @xs: the connection
 *
 * Return: 0, or -1 if a read failed, so that what the caller has printed or done may be incomplete
 */
int store_close(struct xs_handle *xs)
{
	xs_close(xs);
	return failed ? -1 : 0;
}

/**
 * store_failed() - tell whether the functions that read from xenstore can be believed
 *
 * They return the same for a node that is missing and for one that could not be read. Callers for
 * which that makes a difference ask here: xenstored may die while it holds our request, and a
 * domain whose nodes cannot be read has not ended.
 *
 * Return: true if a read failed since the program started, other than for a missing node; there has
 *	   been a message
 */
bool store_failed(void)
{
	return failed;
}

/* Look at errno after a request found nothing at @path. One message is enough: a lost connection fails them all. */
static void store_check(const char *path)
{
	int error = errno;

	if (error && error != ENOENT && !failed) {
		failed = true;
		log_error("no answer from xenstored about %s: %s", path, store_error(error));
	}
	errno = error;
}

/* As xs_read(), see store_check(). */
static char *store_get(struct xs_handle *xs, xs_transaction_t xbt, const char *path)
{
	unsigned int length;
	char *value = xs_read(xs, xbt, path, &length);

	if (!value)
		store_check(path);
	return value;
}

/**
 * store_is_introduced() - check whether xenstored serves a domain
 * @xs: connection to xenstored
 * @domid: the domain
 *
 * Return: true if it does; false if not, or after a failure, see store_failed()
 */
bool store_is_introduced(struct xs_handle *xs, unsigned int domid)
{
	char path[MAX_PATH_LEN];
	bool introduced;

	errno = 0;	/* the answer "no" does not set it */
	introduced = xs_is_domain_introduced(xs, domid);
	if (!introduced) {
		snprintf(path, sizeof(path), "domain %u", domid);
		store_check(path);
	}
	return introduced;
}

/**
 * store_read() - read a node
 * @xs: connection to xenstored
 * @xbt: transaction or XBT_NULL
 * @format: printf() format of the path
 *
 * Return: the value, which the caller frees, or NULL with errno set
 */
char *store_read(struct xs_handle *xs, xs_transaction_t xbt, const char *format, ...)
{
	char path[MAX_PATH_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return store_get(xs, xbt, path);
}

/**
 * store_number() - read a node that contains a decimal number
 * @xs: connection to xenstored
 * @fallback: result if the node does not exist or contains no number
 * @format: printf() format of the path
 *
 * Return: the number or @fallback
 */
unsigned long store_number(struct xs_handle *xs, unsigned long fallback, const char *format, ...)
{
	char path[MAX_PATH_LEN];
	unsigned long number;
	va_list args;
	char *value;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	value = store_get(xs, XBT_NULL, path);
	if (!value || !parse_number(value, ~0UL, &number))
		number = fallback;
	free(value);
	return number;
}

/**
 * store_exists() - check whether a node exists
 * @xs: connection to xenstored
 * @xbt: transaction or XBT_NULL
 * @path: path of the node
 *
 * Return: true if it exists
 */
bool store_exists(struct xs_handle *xs, xs_transaction_t xbt, const char *path)
{
	char *value = store_get(xs, xbt, path);

	free(value);
	return value;
}

/**
 * store_write() - write a node
 * @xs: connection to xenstored
 * @path: path of the node
 * @value: new value
 *
 * Return: 0, or -1 after a message
 */
int store_write(struct xs_handle *xs, const char *path, const char *value)
{
	if (xs_write(xs, XBT_NULL, path, value, strlen(value)))
		return 0;
	return log_error("cannot write %s: %s", path, store_error(errno));
}

/**
 * store_remove() - remove a node and its subtree, if it exists
 * @xs: connection to xenstored
 * @format: printf() format of the path
 */
void store_remove(struct xs_handle *xs, const char *format, ...)
{
	char path[MAX_PATH_LEN];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (!xs_rm(xs, XBT_NULL, path) && errno != ENOENT)
		log_error("cannot remove %s: %s", path, store_error(errno));
}

/*
 * Remove a node and its empty parents in one transaction. Returns 0 or an error number, EAGAIN if
 * the transaction conflicted with another one and has to be repeated.
 */
static int store_try_prune(struct xs_handle *xs, const char *path, unsigned int levels)
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
 * store_prune() - remove a node with its subtree, and parents that have no other child
 * @xs: connection to xenstored
 * @path: path of the node, which need not exist
 * @levels: how many parents to remove at most
 */
void store_prune(struct xs_handle *xs, const char *path, unsigned int levels)
{
	int error = EAGAIN;

	for (int i = 0; error == EAGAIN && i < MAX_RETRIES; i++)
		error = store_try_prune(xs, path, levels);
	if (error)
		log_error("cannot remove %s: %s", path, store_error(error));
}

/**
 * store_list() - list the children of a node
 * @xs: connection to xenstored
 * @count: result: number of children; 0 if the node does not exist
 * @format: printf() format of the path
 *
 * Return: array of names, which the caller frees with one call of free(); NULL
 *	   after an error
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
	if (!names) {
		*count = 0;
		store_check(path);
	}
	return names;
}

/**
 * batch_new() - allocate an empty batch
 *
 * Return: the batch, or NULL, which all functions for batches accept: only
 *	   batch_commit() reports that memory was short
 */
struct batch *batch_new(void)
{
	return calloc(1, sizeof(struct batch));
}

/**
 * batch_free() - free a batch
 * @batch: the batch, or NULL
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
 * batch_add() - add a node to a batch
 * @batch: the batch
 * @access: permissions of the node
 * @domid: domain to which @access applies
 * @path: path of the node, copied
 * @format: printf() format of the value
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
 * batch_drop() - remove a node from a batch
 * @batch: the batch
 * @path: path of the node
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
 * batch_clear() - remove a subtree in the same transaction before the nodes are written
 * @batch: the batch
 * @path: root of the subtree, which need not exist; the string is not copied
 */
void batch_clear(struct batch *batch, const char *path)
{
	if (batch)
		batch->clear = path;
}

static bool batch_write_node(struct xs_handle *xs, xs_transaction_t xbt, const struct node *node)
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

/*
 * One attempt of batch_commit(). Returns 0, or an error number and in @about the path that caused
 * it.
 */
static int batch_try_commit(struct xs_handle *xs, struct batch *batch, const char *must_exist,
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
		if (!batch_write_node(xs, xbt, &batch->nodes[i])) {
			*about = batch->nodes[i].path;
			error = errno;
		}
	if (!xs_transaction_end(xs, xbt, error) && !error)
		error = errno;
	return error;
}

/**
 * batch_commit() - write all nodes of a batch in one transaction
 * @xs: connection to xenstored
 * @batch: the batch
 * @must_exist: path that has to exist, or NULL
 * @must_not_exist: path that must not exist, or NULL
 *
 * The conditions are checked in the same transaction. If one does not hold,
 * nothing is written.
 *
 * Return: 0; without a message -ENOENT if @must_exist is missing, or -EEXIST if
 *	   @must_not_exist is there; -1 after a message for any other error
 */
int batch_commit(struct xs_handle *xs, struct batch *batch, const char *must_exist, const char *must_not_exist)
{
	const char *about;
	int error = EAGAIN;

	if (!batch || batch->failed)
		return log_error("out of memory");
	for (int i = 0; error == EAGAIN && i < MAX_RETRIES; i++)
		error = batch_try_commit(xs, batch, must_exist, must_not_exist, &about);
	if (!error)
		return 0;
	if ((error == ENOENT && about == must_exist) || (error == EEXIST && about == must_not_exist))
		return -error;
	return log_error("cannot write %s: %s", about, store_error(error));
}
