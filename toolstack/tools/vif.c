// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual network interfaces: attaches one to a domain, and configures the back
 * end's interface in dom0 (bridge, up, MTU). xenppc-attach and xenppcd do in C what
 * hotplug scripts do in other toolstacks.
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
#define POLL_MS		50	/* interval for the interface to appear, which triggers no watch */

static int vif_check_bridge(const char *bridge)
{
	char path[MAX_PATH_LEN];

	if (strlen(bridge) >= IFNAMSIZ || strchr(bridge, '/'))
		return log_error("%s: not an interface name", bridge);
	if (!if_nametoindex(bridge))
		return log_error("the bridge %s does not exist", bridge);
	snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", bridge);
	return access(path, F_OK) ? log_error("%s is not a bridge", bridge) : 0;
}

/*
 * Use the MAC address of the command line, or derive one from domain and device number in Xen's OUI
 * 00:16:3e.
 */
static int vif_choose_mac(const struct attach_options *opt, unsigned long id, char *mac, size_t size)
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
		return log_error("%s: not a MAC address such as 00:16:3e:00:00:01", opt->mac);
	if (byte[0] & 1)
		return log_error("%s is a multicast address", opt->mac);
	snprintf(mac, size, "%02x:%02x:%02x:%02x:%02x:%02x", byte[0], byte[1], byte[2], byte[3], byte[4], byte[5]);
	return 0;
}

static int vif_write_nodes(const struct attach_options *opt, const struct device *dev)
{
	char domid[16], id[24], mac[24], mtu[24], home[MAX_PATH_LEN];
	struct batch *batch;
	int rc;

	if (vif_choose_mac(opt, dev->id, mac, sizeof(mac)))
		return -1;
	snprintf(domid, sizeof(domid), "%u", dev->domid);
	snprintf(id, sizeof(id), "%lu", dev->id);
	snprintf(mtu, sizeof(mtu), "%lu", opt->mtu);
	snprintf(home, sizeof(home), "/local/domain/%u", dev->domid);

	batch = batch_new();
	batch_add(batch, ACCESS_READ, dev->domid, dev->back, "%s", "");
	device_add_back(batch, dev, "frontend", dev->front);
	device_add_back(batch, dev, "frontend-id", domid);
	device_add_back(batch, dev, "online", "1");
	device_add_back(batch, dev, "mac", mac);
	if (opt->bridge)
		device_add_back(batch, dev, "bridge", opt->bridge);
	device_add_back(batch, dev, "handle", id);
	device_add_back(batch, dev, "type", "vif");
	/*
	 * xen-netback requires the node, for its uevents; here it says that hotplug.c is
	 * responsible.
	 */
	device_add_back(batch, dev, "script", "xenppcd");
	device_add_back(batch, dev, "state", "1");

	batch_add(batch, ACCESS_OWN, dev->domid, dev->front, "%s", "");
	device_add_front(batch, dev, "backend", dev->back);
	device_add_front(batch, dev, "backend-id", "0");
	device_add_front(batch, dev, "handle", id);
	device_add_front(batch, dev, "mac", mac);
	if (opt->mtu)
		device_add_front(batch, dev, "mtu", mtu);
	device_add_front(batch, dev, "state", "1");
	batch_add_extras(batch, opt, dev);
	rc = batch_commit(opt->xs, batch, home, dev->back);
	batch_free(batch);
	return rc;
}

/*
 * Write the nodes of a new interface, with the number from the command line or the first free one.
 * batch_commit() checks in the same transaction that the number is free, so two tools that run at
 * once do not take the same number. Returns 0, -ENOENT without a message if the domain has ended,
 * or -1 after a message.
 */
static int vif_allocate(const struct attach_options *opt, struct device *dev)
{
	unsigned long number;
	int rc = -EEXIST;

	if (opt->name) {
		if (!parse_number(opt->name, MAX_VIFS - 1, &number))
			return log_error("%s: not the number of an interface, 0 to %d", opt->name, MAX_VIFS - 1);
		device_set(dev, "vif", opt->domid, number);
		rc = vif_write_nodes(opt, dev);
		return rc == -EEXIST ? log_error("domain %u has an interface %lu already", opt->domid, number) : rc;
	}
	for (number = 0; number < MAX_VIFS && rc == -EEXIST; number++) {
		device_set(dev, "vif", opt->domid, number);
		rc = vif_write_nodes(opt, dev);
	}
	return rc == -EEXIST ? log_error("domain %u has %d interfaces already", opt->domid, MAX_VIFS) : rc;
}

static void vif_interface_name(const struct device *dev, char *name)
{
	snprintf(name, IFNAMSIZ, "vif%u.%lu", dev->domid, dev->id);
}

/**
 * vif_index() - network interface index of a back end in dom0
 * @dev: the device
 *
 * Return: the index, which differs each time that the back end creates the
 *	   interface; 0 if there is no interface
 */
unsigned int vif_index(const struct device *dev)
{
	char name[IFNAMSIZ];

	vif_interface_name(dev, name);
	return if_nametoindex(name);
}

/* Issue an ioctl for the interface named in @req. Returns 0 or an error number. */
static int vif_ioctl(unsigned long request, struct ifreq *req)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return errno;
	error = ioctl(fd, request, req) ? errno : 0;
	close(fd);
	return error;
}

static int vif_bring_up(const char *name)
{
	struct ifreq req = { .ifr_flags = 0 };
	int error;

	snprintf(req.ifr_name, IFNAMSIZ, "%s", name);
	error = vif_ioctl(SIOCGIFFLAGS, &req);
	if (!error) {
		req.ifr_flags |= IFF_UP;
		error = vif_ioctl(SIOCSIFFLAGS, &req);
	}
	return error ? log_error("cannot bring %s up: %s", name, strerror(error)) : 0;
}

static int vif_add_to_bridge(const char *name, const char *bridge)
{
	struct ifreq req = { .ifr_ifindex = if_nametoindex(name) };
	char path[MAX_PATH_LEN];
	int error;

	snprintf(path, sizeof(path), "/sys/class/net/%s/brif/%s", bridge, name);
	if (!access(path, F_OK))
		return 0;
	snprintf(req.ifr_name, IFNAMSIZ, "%s", bridge);
	error = vif_ioctl(SIOCBRADDIF, &req);
	/*
	 * xenppcd and xenppc-attach may do this at the same time: success is that the interface is
	 * a port of the bridge.
	 */
	if (error && access(path, F_OK))
		return log_error("cannot add %s to the bridge %s: %s", name, bridge, strerror(error));
	return 0;
}

/**
 * vif_hotplug() - add a back end's interface to its bridge, bring it up, and report that
 * @xs: connection to xenstored
 * @dev: the device
 *
 * The report is the node "hotplug-status", without which xen-netback does not
 * connect. The function is idempotent, and several processes may call it at once.
 *
 * Return: 0, -EAGAIN if the interface does not exist yet, or -1 after a message
 */
int vif_hotplug(struct xs_handle *xs, const struct device *dev)
{
	char *bridge = store_read(xs, XBT_NULL, "%s/bridge", dev->back);
	char path[MAX_PATH_LEN + 16], name[IFNAMSIZ];
	int rc = 0;

	vif_interface_name(dev, name);
	if (!if_nametoindex(name))
		rc = -EAGAIN;
	else if (bridge && (vif_check_bridge(bridge) || vif_add_to_bridge(name, bridge)))
		rc = -1;
	else if (vif_bring_up(name))
		rc = -1;
	snprintf(path, sizeof(path), "%s/hotplug-status", dev->back);
	if (!rc)
		rc = store_write(xs, path, "connected");
	free(bridge);
	return rc;
}

static int vif_wait_hotplug(const struct attach_options *opt, const struct device *dev)
{
	int64_t deadline = now_ms() + opt->seconds * 1000LL;
	int rc;

	while ((rc = vif_hotplug(opt->xs, dev)) == -EAGAIN) {
		if (device_failed(opt->xs, dev))
			return -1;
		if (now_ms() >= deadline)
			return log_error("the back end created no interface for vif %lu of domain %u within %u s",
					 dev->id, dev->domid, opt->seconds);
		poll(NULL, 0, POLL_MS);
	}
	return rc;
}

static int vif_set_mtu(const struct device *dev, unsigned long mtu)
{
	struct ifreq req = { .ifr_mtu = mtu };
	int error;

	vif_interface_name(dev, req.ifr_name);
	error = vif_ioctl(SIOCSIFMTU, &req);
	if (error)
		return log_error("cannot set the MTU of %s to %lu: %s", req.ifr_name, mtu, strerror(error));
	return 0;
}

/**
 * vif_attach() - attach a network interface to a domain and print its name in dom0
 * @opt: command line
 *
 * Return: 0, or -1 after a message and after removing everything that was set up
 */
int vif_attach(const struct attach_options *opt)
{
	struct device dev;
	int rc;

	if (opt->mtu && (opt->mtu < MTU_MIN || opt->mtu > MTU_MAX))
		return log_error("%lu: not an MTU, %d to %d", opt->mtu, MTU_MIN, MTU_MAX);
	if (opt->bridge && vif_check_bridge(opt->bridge))
		return -1;
	if (module_load("xen-netback", "/sys/bus/xen-backend/drivers/vif"))
		return -1;
	rc = vif_allocate(opt, &dev);
	if (rc == -ENOENT)
		log_error("domain %u has ended", opt->domid);
	if (rc)
		return -1;
	/*
	 * The MTU comes last: before the front end has connected, the back end does not know
	 * whether it supports large packets.
	 */
	if (vif_wait_hotplug(opt, &dev) ||
	    (!opt->no_wait && device_wait_connected(opt->xs, &dev, opt->seconds)) ||
	    (!opt->no_wait && opt->mtu && vif_set_mtu(&dev, opt->mtu))) {
		device_release(opt->xs, &dev);
		return -1;
	}
	printf("vif%u.%lu\n", dev.domid, dev.id);
	return 0;
}
