// SPDX-License-Identifier: GPL-2.0
/*
 * The xenstore nodes of a domain: xenppcd writes those that guests expect before
 * it introduces the domain to xenstored, and removes them after the domain's end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xen/hvm/params.h>

#include "daemon.h"

#define KIB_PER_PAGE	4
/* Names of the domains that xen.conf describes: strings, by domid (Documentation/abi.rst, "Discovery"). */
#define NAMES_PROPERTY	"/proc/device-tree/hypervisor/xen,domain-names"
#define NAMES_MAX	4096

/* Add the node @key below the domain's home directory; "" is the home directory itself. */
static void nodes_add(struct batch *batch, enum node_access access, unsigned int domid, const char *key,
		      const char *value)
{
	char path[MAX_PATH_LEN];

	snprintf(path, sizeof(path), "/local/domain/%u%s%s", domid, *key ? "/" : "", key);
	batch_add(batch, access, domid, path, "%s", value);
}

static void nodes_add_number(struct batch *batch, unsigned int domid, const char *key, unsigned long long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", value);
	nodes_add(batch, ACCESS_READ, domid, key, text);
}

/* Path of the domain's directory below /vm, which is named after its UUID. */
static void nodes_vm_path(const xc_domaininfo_t *info, char *path, size_t size)
{
	const uint8_t *h = info->handle;
	static const xen_domain_handle_t no_handle;
	xen_domain_handle_t generated = { 0 };

	/* Without a UUID, make one of the domid: it is unique among the domains that run here. */
	if (!memcmp(h, no_handle, sizeof(no_handle))) {
		generated[14] = info->domain >> 8;
		generated[15] = info->domain;
		h = generated;
	}
	snprintf(path, size, "/vm/%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10], h[11], h[12], h[13], h[14], h[15]);
}

static void nodes_add_vm(struct batch *batch, const xc_domaininfo_t *info, const char *name)
{
	char vm[64], path[96];

	nodes_vm_path(info, vm, sizeof(vm));
	batch_add(batch, ACCESS_READ, info->domain, vm, "%s", "");
	snprintf(path, sizeof(path), "%s/name", vm);
	batch_add(batch, ACCESS_READ, info->domain, path, "%s", name);
	snprintf(path, sizeof(path), "%s/uuid", vm);
	batch_add(batch, ACCESS_READ, info->domain, path, "%s", vm + strlen("/vm/"));
	nodes_add(batch, ACCESS_READ, info->domain, "vm", vm);
}

/*
 * Frames and event channels of the rings for xenstore and the console, from the domain's HVM
 * parameters.
 */
struct rings {
	uint64_t store_pfn, store_port, console_pfn, console_port;
};

/* The name of a domain: that of its section in xen.conf, or one made of its number. */
static void nodes_name(unsigned int domid, char *name, size_t size)
{
	static char names[NAMES_MAX];
	FILE *file = fopen(NAMES_PROPERTY, "re");
	size_t length = file ? fread(names, 1, sizeof(names) - 1, file) : 0;
	const char *at = names;

	if (file)
		fclose(file);
	names[length] = 0;
	for (unsigned int i = 0; i < domid && at < names + length; i++)
		at += strlen(at) + 1;
	if (at < names + length && *at)
		snprintf(name, size, "%.*s", (int)size - 1, at);
	else
		snprintf(name, size, "domU%u", domid);
}

static void nodes_add_domain(struct batch *batch, const xc_domaininfo_t *info, const struct rings *rings)
{
	static const char * const read_only[] = { "device", "control" };
	static const char * const own[] = {
		"control/shutdown", "control/feature-poweroff", "control/feature-reboot", "control/feature-suspend",
		"control/sysrq", "control/platform-feature-multiprocessor-suspend", "data", "drivers", "feature",
		"attr", "error", "backend",
	};
	unsigned int domid = info->domain;
	char name[32], key[48];

	nodes_name(domid, name, sizeof(name));
	nodes_add(batch, ACCESS_READ, domid, "", "");
	nodes_add(batch, ACCESS_READ, domid, "name", name);
	nodes_add_number(batch, domid, "domid", domid);
	nodes_add_vm(batch, info, name);
	for (size_t i = 0; i < ARRAY_SIZE(read_only); i++)
		nodes_add(batch, ACCESS_READ, domid, read_only[i], "");
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		nodes_add(batch, ACCESS_OWN, domid, own[i], "");
	nodes_add(batch, ACCESS_READ, domid, "memory", "");
	/*
	 * Both must be equal: Linux's balloon driver aims at the memory that it booted
	 * with minus (static-max - target), and would inflate by that difference.
	 */
	nodes_add_number(batch, domid, "memory/static-max", info->tot_pages * KIB_PER_PAGE);
	nodes_add_number(batch, domid, "memory/target", info->tot_pages * KIB_PER_PAGE);
	for (unsigned int cpu = 0; cpu <= info->max_vcpu_id; cpu++) {
		snprintf(key, sizeof(key), "cpu/%u/availability", cpu);
		nodes_add(batch, ACCESS_READ, domid, key, "online");
	}
	nodes_add_number(batch, domid, "store/ring-ref", rings->store_pfn);
	nodes_add_number(batch, domid, "store/port", rings->store_port);
	nodes_add_number(batch, domid, "console/ring-ref", rings->console_pfn);
	nodes_add_number(batch, domid, "console/port", rings->console_port);
	nodes_add(batch, ACCESS_READ, domid, "console/type", "xenconsoled");
	nodes_add_number(batch, domid, "console/limit", 1048576);
}

static int nodes_read_rings(struct xc_interface_core *xc, unsigned int domid, struct rings *rings)
{
	if (xc_hvm_param_get(xc, domid, HVM_PARAM_STORE_PFN, &rings->store_pfn) ||
	    xc_hvm_param_get(xc, domid, HVM_PARAM_STORE_EVTCHN, &rings->store_port) ||
	    xc_hvm_param_get(xc, domid, HVM_PARAM_CONSOLE_PFN, &rings->console_pfn) ||
	    xc_hvm_param_get(xc, domid, HVM_PARAM_CONSOLE_EVTCHN, &rings->console_port))
		return log_error("domain %u: cannot read its ring parameters: %s", domid, strerror(errno));
	return 0;
}

/**
 * domain_introduce() - write a domain's nodes and let xenstored serve its ring
 * @xs: connection to xenstored
 * @xc: connection to the hypervisor
 * @info: the domain
 *
 * Return: 0, or -1 after a message; the nodes are removed again in that case
 */
int domain_introduce(struct xs_handle *xs, struct xc_interface_core *xc, const xc_domaininfo_t *info)
{
	char home[MAX_PATH_LEN];
	struct rings rings;
	struct batch *batch;
	int rc;

	if (info->max_vcpu_id >= 4096)
		return log_error("domain %u has no vcpu", info->domain);
	if (nodes_read_rings(xc, info->domain, &rings))
		return -1;
	if (!rings.store_port)
		return log_error("domain %u has no event channel for xenstore", info->domain);
	batch = batch_new();
	/*
	 * A program that missed the end of an earlier domain with this domid may have left nodes
	 * there.
	 */
	snprintf(home, sizeof(home), "/local/domain/%u", info->domain);
	batch_clear(batch, home);
	nodes_add_domain(batch, info, &rings);
	rc = batch_commit(xs, batch, NULL, NULL);
	batch_free(batch);
	if (rc)
		return -1;
	if (!xs_introduce_domain(xs, info->domain, rings.store_pfn, rings.store_port)) {
		log_error("xenstored cannot introduce domain %u: %s", info->domain, strerror(errno));
		domain_remove_nodes(xs, info->domain);
		return -1;
	}
	return 0;
}

/**
 * domain_remove_nodes() - remove all nodes of a domain that has ended
 * @xs: connection to xenstored
 * @domid: the domain
 *
 * The nodes of its back ends go first, so that dom0's drivers release the
 * domain's memory and event channels and the loop devices are detached.
 */
void domain_remove_nodes(struct xs_handle *xs, unsigned int domid)
{
	static const char * const kinds[] = { "vbd", "vif" };
	char *vm = store_read(xs, XBT_NULL, "/local/domain/%u/vm", domid);
	struct device dev;
	unsigned int count;
	unsigned long id;

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		char **ids = store_list(xs, &count, "/local/domain/%u/backend/%s/%u", BACKEND_DOMID, kinds[k], domid);

		for (unsigned int i = 0; i < count; i++) {
			if (!parse_number(ids[i], ~0UL, &id))
				continue;
			device_set(&dev, kinds[k], domid, id);
			device_release(xs, &dev);
		}
		free(ids);
	}
	store_remove(xs, "/local/domain/%u", domid);
	if (vm)
		store_remove(xs, "%s", vm);
	free(vm);
}

/**
 * dom0_write_nodes() - write the nodes of dom0 itself
 * @xs: connection to xenstored
 *
 * Return: 0, or -1 after a message
 */
int dom0_write_nodes(struct xs_handle *xs)
{
	struct batch *batch = batch_new();
	int rc;

	nodes_add(batch, ACCESS_READ, BACKEND_DOMID, "", "");
	nodes_add(batch, ACCESS_READ, BACKEND_DOMID, "name", "Domain-0");
	nodes_add(batch, ACCESS_READ, BACKEND_DOMID, "domid", "0");
	nodes_add(batch, ACCESS_DOM0, BACKEND_DOMID, "backend", "");
	nodes_add(batch, ACCESS_DOM0, BACKEND_DOMID, "error", "");
	rc = batch_commit(xs, batch, NULL, NULL);
	batch_free(batch);
	return rc;
}
