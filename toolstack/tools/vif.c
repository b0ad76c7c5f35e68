// SPDX-License-Identifier: GPL-2.0
/*
 * Network interfaces: one of a domain, whose other end is a port of a bridge here.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools.h"

#define MAX_VIFS	64	/* per domain */
#define MTU_MIN		68
#define MTU_MAX		65535
#define LOOK_AGAIN_MS	50

static int check_bridge(const char *bridge)
{
	char path[MAX_PATH_LEN];

	if (strlen(bridge) >= IFNAMSIZ || strchr(bridge, '/'))
		return complain("%s: not an interface's name", bridge);
	if (!if_nametoindex(bridge))
		return complain("the bridge %s does not exist", bridge);
	snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", bridge);
	return access(path, F_OK) ? complain("%s is not a bridge", bridge) : 0;
}

/* A MAC address of Xen's own range, or the one that is wanted. */
static int choose_mac(const struct attach_options *opt, unsigned long id, char *mac, size_t size)
{
	unsigned int byte[6];
	char rest;

	if (!opt->mac) {
		snprintf(mac, size, "00:16:3e:%02x:%02x:%02x", opt->domid >> 8 & 0x7f, opt->domid & 0xff,
			 (unsigned int)id & 0xff);
		return 0;
	}
	if (strlen(opt->mac) != 17 || sscanf(opt->mac, "%2x:%2x:%2x:%2x:%2x:%2x%c", &byte[0], &byte[1], &byte[2],
					     &byte[3], &byte[4], &byte[5], &rest) != 6)
		return complain("%s: not a MAC address such as 00:16:3e:00:00:01", opt->mac);
	if (byte[0] & 1)
		return complain("%s is a multicast address", opt->mac);
	snprintf(mac, size, "%02x:%02x:%02x:%02x:%02x:%02x", byte[0], byte[1], byte[2], byte[3], byte[4], byte[5]);
	return 0;
}

static int write_nodes(const struct attach_options *opt, const struct device *dev)
{
	char domid[16], id[24], mac[24], mtu[24], home[MAX_PATH_LEN];
	struct batch *batch;
	int rc;

	if (choose_mac(opt, dev->id, mac, sizeof(mac)))
		return -1;
	snprintf(domid, sizeof(domid), "%u", dev->domid);
	snprintf(id, sizeof(id), "%lu", dev->id);
	snprintf(mtu, sizeof(mtu), "%lu", opt->mtu);
	snprintf(home, sizeof(home), "/local/domain/%u", dev->domid);

	batch = batch_new();
	batch_add(batch, ACCESS_READ, dev->domid, dev->back, "%s", "");
	device_back(batch, dev, "frontend", dev->front);
	device_back(batch, dev, "frontend-id", domid);
	device_back(batch, dev, "online", "1");
	device_back(batch, dev, "mac", mac);
	if (opt->bridge)
		device_back(batch, dev, "bridge", opt->bridge);
	device_back(batch, dev, "handle", id);
	device_back(batch, dev, "type", "vif");
	/* The driver wants one to name in its uevents; xenppcd does the work. */
	device_back(batch, dev, "script", "xenppcd");
	device_back(batch, dev, "state", "1");

	batch_add(batch, ACCESS_OWN, dev->domid, dev->front, "%s", "");
	device_front(batch, dev, "backend", dev->back);
	device_front(batch, dev, "backend-id", "0");
	device_front(batch, dev, "handle", id);
	device_front(batch, dev, "mac", mac);
	if (opt->mtu)
		device_front(batch, dev, "mtu", mtu);
	device_front(batch, dev, "state", "1");
	batch_add_extras(batch, opt, dev);
	rc = batch_commit(opt->xs, batch, home, dev->back);
	batch_free(batch);
	return rc;
}

static int take_number(const struct attach_options *opt, struct device *dev)
{
	unsigned long number;
	int rc = -EEXIST;

	if (opt->name) {
		if (!parse_number(opt->name, MAX_VIFS - 1, &number))
			return complain("%s: not the number of an interface, 0 to %d", opt->name, MAX_VIFS - 1);
		device_set(dev, "vif", opt->domid, number);
		rc = write_nodes(opt, dev);
		return rc == -EEXIST ? complain("domain %u has an interface %lu already", opt->domid, number) : rc;
	}
	for (number = 0; number < MAX_VIFS && rc == -EEXIST; number++) {
		device_set(dev, "vif", opt->domid, number);
		rc = write_nodes(opt, dev);
	}
	return rc == -EEXIST ? complain("domain %u has %d interfaces already", opt->domid, MAX_VIFS) : rc;
}

static void interface_name(const struct device *dev, char *name)
{
	snprintf(name, IFNAMSIZ, "vif%u.%lu", dev->domid, dev->id);
}

/**
 * vif_index() - the number that the kernel gave to the interface of a device
 * @dev: the device
 *
 * Return: the number, another one each time that the back end makes it; 0 if there is none
 */
unsigned int vif_index(const struct device *dev)
{
	char name[IFNAMSIZ];

	interface_name(dev, name);
	return if_nametoindex(name);
}

/* One ioctl on an interface. Returns 0 or an error number. */
static int interface_ioctl(unsigned long request, struct ifreq *req)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return errno;
	error = ioctl(fd, request, req) ? errno : 0;
	close(fd);
	return error;
}

static int bring_up(const char *name)
{
	struct ifreq req = { .ifr_flags = 0 };
	int error;

	snprintf(req.ifr_name, IFNAMSIZ, "%s", name);
	error = interface_ioctl(SIOCGIFFLAGS, &req);
	if (!error) {
		req.ifr_flags |= IFF_UP;
		error = interface_ioctl(SIOCSIFFLAGS, &req);
	}
	return error ? complain("cannot bring %s up: %s", name, strerror(error)) : 0;
}

static int put_on_bridge(const char *name, const char *bridge)
{
	struct ifreq req = { .ifr_ifindex = if_nametoindex(name) };
	char path[MAX_PATH_LEN];
	int error;

	snprintf(path, sizeof(path), "/sys/class/net/%s/brif/%s", bridge, name);
	if (!access(path, F_OK))
		return 0;
	snprintf(req.ifr_name, IFNAMSIZ, "%s", bridge);
	error = interface_ioctl(SIOCBRADDIF, &req);
	/* xenppcd and xenppc-attach may both be at it. */
	if (error && access(path, F_OK))
		return complain("cannot put %s on %s: %s", name, bridge, strerror(error));
	return 0;
}

/**
 * vif_hotplug() - what the back end waits for: its interface on the bridge, and up
 * @xs: connection to xenstored
 * @dev: the device
 *
 * May be done more than once, also at the same time.
 *
 * Return: 0, -EAGAIN if there is no interface yet, or -1 after a message
 */
int vif_hotplug(struct xs_handle *xs, const struct device *dev)
{
	char *bridge = store_read(xs, XBT_NULL, "%s/bridge", dev->back);
	char path[MAX_PATH_LEN + 16], name[IFNAMSIZ];
	int rc = 0;

	interface_name(dev, name);
	if (!if_nametoindex(name))
		rc = -EAGAIN;
	else if (bridge && (check_bridge(bridge) || put_on_bridge(name, bridge)))
		rc = -1;
	else if (bring_up(name))
		rc = -1;
	snprintf(path, sizeof(path), "%s/hotplug-status", dev->back);
	if (!rc)
		rc = store_write(xs, path, "connected");
	free(bridge);
	return rc;
}

static int wait_hotplug(const struct attach_options *opt, const struct device *dev)
{
	int64_t deadline = now_ms() + opt->seconds * 1000LL;
	int rc;

	while ((rc = vif_hotplug(opt->xs, dev)) == -EAGAIN) {
		if (device_failed(opt->xs, dev))
			return -1;
		if (now_ms() >= deadline)
			return complain("the back end has made no interface for vif %lu of domain %u in %u s", dev->id,
					dev->domid, opt->seconds);
		poll(NULL, 0, LOOK_AGAIN_MS);
	}
	return rc;
}

static int set_mtu(const struct device *dev, unsigned long mtu)
{
	struct ifreq req = { .ifr_mtu = mtu };
	int error;

	interface_name(dev, req.ifr_name);
	error = interface_ioctl(SIOCSIFMTU, &req);
	if (error)
		return complain("cannot set the MTU of %s to %lu: %s", req.ifr_name, mtu, strerror(error));
	return 0;
}

/**
 * vif_attach() - give a domain a network interface
 * @opt: what the command line says
 *
 * Return: 0, or -1 after a message, and then nothing is left of it
 */
int vif_attach(const struct attach_options *opt)
{
	struct device dev;
	int rc;

	if (opt->mtu && (opt->mtu < MTU_MIN || opt->mtu > MTU_MAX))
		return complain("%lu: not an MTU, %d to %d", opt->mtu, MTU_MIN, MTU_MAX);
	if (opt->bridge && check_bridge(opt->bridge))
		return -1;
	if (module_load("xen-netback", "/sys/bus/xen-backend/drivers/vif"))
		return -1;
	rc = take_number(opt, &dev);
	if (rc == -ENOENT)
		complain("domain %u has ended", opt->domid);
	if (rc)
		return -1;
	/* How large a packet may be the back end knows of a connected front end only. */
	if (wait_hotplug(opt, &dev) ||
	    (!opt->no_wait && device_wait_connected(opt->xs, &dev, opt->seconds)) ||
	    (!opt->no_wait && opt->mtu && set_mtu(&dev, opt->mtu))) {
		device_release(opt->xs, &dev);
		return -1;
	}
	printf("vif%u.%lu\n", dev.domid, dev.id);
	return 0;
}
