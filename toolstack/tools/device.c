// SPDX-License-Identifier: GPL-2.0
/*
 * The two ends of a device in xenstore, and the states that they go through.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools.h"

#define GONE_MS		20000	/* for the kernel to let go of a back end whose nodes are removed */
#define LOOK_AGAIN_MS	100	/* at what no watch tells of */

/**
 * device_set() - name a device
 * @dev: what to fill in
 * @kind: "vbd" or "vif", not copied
 * @domid: domain of the front end
 * @id: its number there
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
 * device_state() - the state that one end says it is in
 * @xs: connection to xenstored
 * @dir: node of that end
 *
 * Return: a state, XENBUS_UNKNOWN if there is none
 */
unsigned int device_state(struct xs_handle *xs, const char *dir)
{
	return store_number(xs, XENBUS_UNKNOWN, "%s/state", dir);
}

/**
 * state_name() - what the field calls a state
 * @state: as from device_state()
 *
 * Return: its name
 */
const char *state_name(unsigned int state)
{
	static const char * const names[] = {
		"unknown", "initialising", "waiting", "initialised", "connected", "closing", "closed", "reconfiguring",
		"reconfigured",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "not a state";
}

/* Where an end's driver leaves its last error. */
static void error_paths(const struct device *dev, char *front, char *back, size_t size)
{
	snprintf(front, size, "/local/domain/%u/error/device/%s/%lu", dev->domid, dev->kind, dev->id);
	snprintf(back, size, "/local/domain/%u/error/backend/%s/%u/%lu", BACKEND_DOMID, dev->kind, dev->domid, dev->id);
}

static void add_node(struct batch *batch, enum node_access access, const struct device *dev, const char *dir,
		     const char *key, const char *value)
{
	char path[MAX_PATH_LEN + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	batch_add(batch, access, dev->domid, path, "%s", value);
}

/**
 * device_back() - a node of the back end's, which the front end's domain reads
 * @batch: what it is written with
 * @dev: the device
 * @key: the node's name
 * @value: its value
 */
void device_back(struct batch *batch, const struct device *dev, const char *key, const char *value)
{
	add_node(batch, ACCESS_READ, dev, dev->back, key, value);
}

/**
 * device_front() - a node of the front end's, which its domain owns
 * @batch: what it is written with
 * @dev: the device
 * @key: the node's name
 * @value: its value
 */
void device_front(struct batch *batch, const struct device *dev, const char *key, const char *value)
{
	add_node(batch, ACCESS_OWN, dev, dev->front, key, value);
}

/**
 * device_forget_errors() - remove what the drivers said went wrong earlier
 * @xs: connection to xenstored
 * @dev: the device
 */
void device_forget_errors(struct xs_handle *xs, const struct device *dev)
{
	char front[MAX_PATH_LEN], back[MAX_PATH_LEN];

	error_paths(dev, front, back, sizeof(front));
	store_prune(xs, front, 2);
	store_prune(xs, back, 3);
}

/**
 * device_failed() - has one of the drivers given up?
 * @xs: connection to xenstored
 * @dev: the device
 *
 * What the driver says about it is printed.
 *
 * Return: whether one has
 */
bool device_failed(struct xs_handle *xs, const struct device *dev)
{
	char front[MAX_PATH_LEN], back[MAX_PATH_LEN];
	/* First: a driver gives its error before it closes. */
	unsigned int state = device_state(xs, dev->back);
	char *ours, *theirs;
	bool failed;

	error_paths(dev, front, back, sizeof(front));
	ours = store_read(xs, XBT_NULL, "%s/error", back);
	theirs = store_read(xs, XBT_NULL, "%s/error", front);
	failed = ours || theirs;
	if (ours)
		complain("%s %lu of domain %u: back end: %s", dev->kind, dev->id, dev->domid, ours);
	if (theirs)
		complain("%s %lu of domain %u: front end: %s", dev->kind, dev->id, dev->domid, theirs);
	if (!failed && state >= XENBUS_CLOSING) {
		complain("%s %lu of domain %u: back end is %s", dev->kind, dev->id, dev->domid, state_name(state));
		failed = true;
	}
	free(ours);
	free(theirs);
	return failed;
}

/* Wait for any of the watches, for a while. */
static void wait_for_news(struct xs_handle *xs, int64_t deadline)
{
	struct pollfd fd = { .fd = xs_fileno(xs), .events = POLLIN };
	int64_t left = deadline - now_ms();
	char **event;

	if (left > LOOK_AGAIN_MS)
		left = LOOK_AGAIN_MS;
	if (left > 0)
		poll(&fd, 1, left);
	while ((event = xs_check_watch(xs)))
		free(event);
}

static void watch_states(struct xs_handle *xs, const struct device *dev)
{
	char path[MAX_PATH_LEN + 8];

	snprintf(path, sizeof(path), "%s/state", dev->front);
	xs_watch(xs, path, "state");
	snprintf(path, sizeof(path), "%s/state", dev->back);
	xs_watch(xs, path, "state");
}

static void unwatch_states(struct xs_handle *xs, const struct device *dev)
{
	char path[MAX_PATH_LEN + 8];

	snprintf(path, sizeof(path), "%s/state", dev->front);
	xs_unwatch(xs, path, "state");
	snprintf(path, sizeof(path), "%s/state", dev->back);
	xs_unwatch(xs, path, "state");
}

/**
 * device_wait_connected() - wait until both ends are connected
 * @xs: connection to xenstored
 * @dev: the device
 * @seconds: how long at most
 *
 * Return: 0, or -1 after a message
 */
int device_wait_connected(struct xs_handle *xs, const struct device *dev, unsigned int seconds)
{
	int64_t deadline = now_ms() + seconds * 1000LL;
	unsigned int front, back;
	int rc = 1;

	watch_states(xs, dev);
	while (rc > 0) {
		front = device_state(xs, dev->front);
		back = device_state(xs, dev->back);
		if (front == XENBUS_CONNECTED && back == XENBUS_CONNECTED)
			rc = 0;
		else if (!xs_is_domain_introduced(xs, dev->domid))
			rc = complain("domain %u ended before its %s %lu was connected", dev->domid, dev->kind,
				      dev->id);
		else if (device_failed(xs, dev))
			rc = -1;
		else if (now_ms() >= deadline)
			rc = complain("%s %lu of domain %u is not connected after %u s: front end %s, back end %s",
				      dev->kind, dev->id, dev->domid, seconds, state_name(front), state_name(back));
		else
			wait_for_news(xs, deadline);
	}
	unwatch_states(xs, dev);
	return rc;
}

/**
 * device_backend_gone() - has the kernel let go of the back end?
 * @dev: the device
 *
 * Return: whether it has
 */
bool device_backend_gone(const struct device *dev)
{
	char path[MAX_PATH_LEN];

	snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/%s-%u-%lu", dev->kind, dev->domid, dev->id);
	return access(path, F_OK);
}

/**
 * device_release() - remove a device's nodes and what was set up for its back end
 * @xs: connection to xenstored
 * @dev: the device, in whatever state it is
 */
void device_release(struct xs_handle *xs, const struct device *dev)
{
	char *loop = store_read(xs, XBT_NULL, "%s/loop", dev->back);

	store_prune(xs, dev->front, 1);
	store_prune(xs, dev->back, 2);
	device_forget_errors(xs, dev);
	if (loop)
		loop_detach(loop);
	free(loop);
}

/* Ask both ends to close, as a removal in front of a running domain does. */
static int ask_to_close(struct xs_handle *xs, const struct device *dev)
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

/* Wait until the back end has closed. Returns whether it has. */
static bool wait_closed(struct xs_handle *xs, const struct device *dev, unsigned int seconds)
{
	int64_t deadline = now_ms() + seconds * 1000LL;
	bool closed = false;

	watch_states(xs, dev);
	for (;;) {
		unsigned int back = device_state(xs, dev->back);

		closed = back == XENBUS_CLOSED || back == XENBUS_UNKNOWN || device_backend_gone(dev) ||
			 !xs_is_domain_introduced(xs, dev->domid);
		if (closed || now_ms() >= deadline)
			break;
		wait_for_news(xs, deadline);
	}
	unwatch_states(xs, dev);
	return closed;
}

/**
 * device_close() - close a device and remove it
 * @xs: connection to xenstored
 * @dev: the device
 * @seconds: how long the domain has to agree
 * @force: take it away if it does not
 *
 * Return: 0, or -1 after a message, the device then is there still
 */
int device_close(struct xs_handle *xs, const struct device *dev, unsigned int seconds, bool force)
{
	unsigned int front = device_state(xs, dev->front);
	bool in_use = front == XENBUS_CONNECTED || front == XENBUS_INITIALISED ||
		      device_state(xs, dev->back) == XENBUS_CONNECTED;
	int64_t deadline;

	if (in_use && ask_to_close(xs, dev))
		return -1;
	if (in_use && !wait_closed(xs, dev, seconds) && !force)
		return complain("domain %u has not let go of %s %lu in %u s (front end %s): --force takes it away",
				dev->domid, dev->kind, dev->id, seconds, state_name(device_state(xs, dev->front)));
	device_release(xs, dev);
	deadline = now_ms() + GONE_MS;
	while (!device_backend_gone(dev)) {
		if (now_ms() >= deadline)
			return complain("the kernel has not released the back end of %s %lu of domain %u", dev->kind,
					dev->id, dev->domid);
		poll(NULL, 0, LOOK_AGAIN_MS);
	}
	return 0;
}
