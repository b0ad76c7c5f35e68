// SPDX-License-Identifier: GPL-2.0
/*
 * A split device in xenstore: the nodes of front end and back end, waiting for
 * the xenbus states "connected" and "closed", and removal.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools.h"

#define BACKEND_GONE_MS	20000	/* limit for the kernel to remove a back end whose nodes are gone */
#define POLL_MS		100	/* interval for conditions that trigger no watch: error nodes, sysfs */

/**
 * device_set() - initialise a struct device
 * @dev: filled in, with the paths of both ends
 * @kind: "vbd" or "vif"; the string is not copied
 * @domid: domain of the front end
 * @id: device number within @kind and @domid
 *
 * Nothing is written to xenstore.
 */
void device_set(struct device *dev, const char *kind, unsigned int domid, unsigned long id)
{
	dev->kind = kind;
	dev->domid = domid;
	dev->id = id;
	snprintf(dev->front, sizeof(dev->front), "/local/domain/%u/device/%s/%lu", domid, kind, id);
	snprintf(dev->back, sizeof(dev->back), "/local/domain/%u/backend/%s/%u/%lu", BACKEND_DOMID, kind, domid, id);
}

/**
 * device_state() - read the xenbus state of one end of a device
 * @xs: connection to xenstored
 * @dir: xenstore directory of that end
 *
 * Return: enum xenbus_state as the end wrote it, which may be any number;
 *	   XENBUS_UNKNOWN if the state node is missing or not a number
 */
unsigned int device_state(struct xs_handle *xs, const char *dir)
{
	return store_number(xs, XENBUS_UNKNOWN, "%s/state", dir);
}

/**
 * device_state_name() - name of a xenbus state, for messages
 * @state: from device_state()
 *
 * Return: the name
 */
const char *device_state_name(unsigned int state)
{
	static const char * const names[] = {
		"unknown", "initialising", "waiting", "initialised", "connected", "closing", "closed", "reconfiguring",
		"reconfigured",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "not a state";
}

/* The directories to which xenbus_dev_error() of the two drivers writes the last error. */
static void device_error_paths(const struct device *dev, char *front, char *back, size_t size)
{
	snprintf(front, size, "/local/domain/%u/error/device/%s/%lu", dev->domid, dev->kind, dev->id);
	snprintf(back, size, "/local/domain/%u/error/backend/%s/%u/%lu", BACKEND_DOMID, dev->kind, dev->domid, dev->id);
}

static void device_add_node(struct batch *batch, enum node_access access, const struct device *dev, const char *dir,
			    const char *key, const char *value)
{
	char path[MAX_PATH_LEN + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	batch_add(batch, access, dev->domid, path, "%s", value);
}

/**
 * device_add_back() - add a back end's node to a batch; the front end's domain may read it
 * @batch: the batch
 * @dev: the device
 * @key: name of the node
 * @value: value of the node
 */
void device_add_back(struct batch *batch, const struct device *dev, const char *key, const char *value)
{
	device_add_node(batch, ACCESS_READ, dev, dev->back, key, value);
}

/**
 * device_add_front() - add a front end's node to a batch; the front end's domain owns it
 * @batch: the batch
 * @dev: the device
 * @key: name of the node
 * @value: value of the node
 */
void device_add_front(struct batch *batch, const struct device *dev, const char *key, const char *value)
{
	device_add_node(batch, ACCESS_OWN, dev, dev->front, key, value);
}

/**
 * device_clear_errors() - remove the error nodes that both drivers left for a device
 * @xs: connection to xenstored
 * @dev: the device
 */
void device_clear_errors(struct xs_handle *xs, const struct device *dev)
{
	char front[MAX_PATH_LEN], back[MAX_PATH_LEN];

	device_error_paths(dev, front, back, sizeof(front));
	store_prune(xs, front, 2);
	store_prune(xs, back, 3);
}

/**
 * device_failed() - check whether one of the drivers reported an error or closed
 * @xs: connection to xenstored
 * @dev: the device
 *
 * Prints the error that the driver wrote to xenstore.
 *
 * Return: true if the device cannot become connected
 */
bool device_failed(struct xs_handle *xs, const struct device *dev)
{
	char front[MAX_PATH_LEN], back[MAX_PATH_LEN];
	/*
	 * Read the state first: a driver writes its error node before it closes, so a closed one's
	 * error is seen.
	 */
	unsigned int state = device_state(xs, dev->back);
	char *back_error, *front_error;
	bool failed;

	device_error_paths(dev, front, back, sizeof(front));
	back_error = store_read(xs, XBT_NULL, "%s/error", back);
	front_error = store_read(xs, XBT_NULL, "%s/error", front);
	failed = back_error || front_error;
	if (back_error)
		log_error("%s %lu of domain %u: back end: %s", dev->kind, dev->id, dev->domid, back_error);
	if (front_error)
		log_error("%s %lu of domain %u: front end: %s", dev->kind, dev->id, dev->domid, front_error);
	if (!failed && state >= XENBUS_CLOSING) {
		log_error("%s %lu of domain %u: back end is %s", dev->kind, dev->id, dev->domid,
			  device_state_name(state));
		failed = true;
	}
	free(back_error);
	free(front_error);
	return failed;
}

/*
 * Wait for a watch event, at most POLL_MS and not beyond the deadline, and discard all pending
 * events.
 */
static void device_wait_event(struct xs_handle *xs, int64_t deadline)
{
	struct pollfd fd = { .fd = xs_fileno(xs), .events = POLLIN };
	int64_t left = deadline - now_ms();
	char **event;

	if (left > POLL_MS)
		left = POLL_MS;
	if (left > 0)
		poll(&fd, 1, left);
	while ((event = xs_check_watch(xs)))
		free(event);
}

static void device_watch(struct xs_handle *xs, const struct device *dev)
{
	char path[MAX_PATH_LEN + 8];

	snprintf(path, sizeof(path), "%s/state", dev->front);
	xs_watch(xs, path, "state");
	snprintf(path, sizeof(path), "%s/state", dev->back);
	xs_watch(xs, path, "state");
}

static void device_unwatch(struct xs_handle *xs, const struct device *dev)
{
	char path[MAX_PATH_LEN + 8];

	snprintf(path, sizeof(path), "%s/state", dev->front);
	xs_unwatch(xs, path, "state");
	snprintf(path, sizeof(path), "%s/state", dev->back);
	xs_unwatch(xs, path, "state");
}

/**
 * device_wait_connected() - wait until both ends are in state "connected"
 * @xs: connection to xenstored
 * @dev: the device
 * @seconds: time limit
 *
 * Return: 0, or -1 after a message if the domain ended, a driver failed or the
 *	   time is over
 */
int device_wait_connected(struct xs_handle *xs, const struct device *dev, unsigned int seconds)
{
	int64_t deadline = now_ms() + seconds * 1000LL;
	unsigned int front, back;
	int rc = 1;

	device_watch(xs, dev);
	while (rc > 0) {
		front = device_state(xs, dev->front);
		back = device_state(xs, dev->back);
		if (front == XENBUS_CONNECTED && back == XENBUS_CONNECTED)
			rc = 0;
		else if (store_failed())
			rc = -1;
		else if (!store_is_introduced(xs, dev->domid))
			rc = log_error("domain %u ended before its %s %lu was connected", dev->domid, dev->kind,
				       dev->id);
		else if (device_failed(xs, dev))
			rc = -1;
		else if (now_ms() >= deadline)
			rc = log_error("%s %lu of domain %u is not connected after %u s: front end %s, back end %s",
				       dev->kind, dev->id, dev->domid, seconds, device_state_name(front),
				       device_state_name(back));
		else
			device_wait_event(xs, deadline);
	}
	device_unwatch(xs, dev);
	return rc;
}

/**
 * device_backend_gone() - check whether the kernel has removed the back end device
 * @dev: the device
 *
 * Return: true if the device is not (or not yet) on the xen-backend bus
 */
bool device_backend_gone(const struct device *dev)
{
	char path[MAX_PATH_LEN];

	snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/%s-%u-%lu", dev->kind, dev->domid, dev->id);
	return access(path, F_OK);
}

/**
 * device_release() - remove a device's nodes and detach its loop device, if it has one
 * @xs: connection to xenstored
 * @dev: the device, in any state
 *
 * The kernel removes the back end when it sees that the nodes are gone.
 */
void device_release(struct xs_handle *xs, const struct device *dev)
{
	char *loop = store_read(xs, XBT_NULL, "%s/loop", dev->back);

	store_prune(xs, dev->front, 1);
	store_prune(xs, dev->back, 2);
	device_clear_errors(xs, dev);
	if (loop)
		loop_detach(loop);
	free(loop);
}

/*
 * Start an orderly unplug: "online" 0 and state "closing" of the back end make
 * the front end close first. A device whose nodes are gone is not an error.
 */
static int device_request_close(struct xs_handle *xs, const struct device *dev)
{
	struct batch *batch = batch_new();
	char path[MAX_PATH_LEN + 8];
	int rc;

	snprintf(path, sizeof(path), "%s/online", dev->back);
	batch_add(batch, ACCESS_READ, dev->domid, path, "0");
	snprintf(path, sizeof(path), "%s/state", dev->back);
	batch_add(batch, ACCESS_READ, dev->domid, path, "%d", XENBUS_CLOSING);
	rc = batch_commit(xs, batch, path, NULL);
	batch_free(batch);
	return rc == -ENOENT ? 0 : rc;
}

/*
 * Wait until the back end has closed or its domain has ended. Returns false if the time is over
 * before.
 */
static bool device_wait_closed(struct xs_handle *xs, const struct device *dev, unsigned int seconds)
{
	int64_t deadline = now_ms() + seconds * 1000LL;
	bool closed = false;

	device_watch(xs, dev);
	for (;;) {
		unsigned int back = device_state(xs, dev->back);

		closed = back == XENBUS_CLOSED || back == XENBUS_UNKNOWN || device_backend_gone(dev) ||
			 !store_is_introduced(xs, dev->domid);
		if (closed || now_ms() >= deadline)
			break;
		device_wait_event(xs, deadline);
	}
	device_unwatch(xs, dev);
	return closed;
}

/**
 * device_close() - unplug a device
 * @xs: connection to xenstored
 * @dev: the device
 * @seconds: how long to wait for the front end to close
 * @force: remove the device even if the front end does not close in that time
 *
 * Return: 0 when the kernel has removed the back end, or -1 after a message; without
 *	   @force, a device that the domain does not release stays in place
 */
int device_close(struct xs_handle *xs, const struct device *dev, unsigned int seconds, bool force)
{
	unsigned int front = device_state(xs, dev->front);
	bool in_use = front == XENBUS_CONNECTED || front == XENBUS_INITIALISED ||
		      device_state(xs, dev->back) == XENBUS_CONNECTED;
	int64_t deadline;

	if (in_use && device_request_close(xs, dev))
		return -1;
	if (in_use && !device_wait_closed(xs, dev, seconds) && !force)
		return log_error("domain %u has not released %s %lu within %u s (front end %s): --force removes it",
				 dev->domid, dev->kind, dev->id, seconds,
				 device_state_name(device_state(xs, dev->front)));
	if (store_failed())
		return -1;
	device_release(xs, dev);
	deadline = now_ms() + BACKEND_GONE_MS;
	while (!device_backend_gone(dev)) {
		if (now_ms() >= deadline)
			return log_error("the kernel has not released the back end of %s %lu of domain %u", dev->kind,
					 dev->id, dev->domid);
		poll(NULL, 0, POLL_MS);
	}
	return 0;
}
