// SPDX-License-Identifier: GPL-2.0
/*
 * Network hotplug in xenppcd. xenppc-attach configures the back end's interface of
 * a new device itself. When the module xen-netback is reloaded, it creates all
 * interfaces anew, and this file adds them to their bridges again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"

#define MAX_DOMID	0x7fef

/*
 * An interface that has been configured. It is not configured a second time, so an administrator
 * can take it off its bridge; an interface that was created anew has another index.
 */
struct bridged_vif {
	unsigned int domid;
	unsigned long id;
	unsigned int index;	/* network interface index in dom0 */
};

struct vif_table {
	struct bridged_vif *vifs;
	size_t count;
};

static struct vif_table done;	/* found or configured in the last scan */

static bool hotplug_is_done(const struct vif_table *vif_table, const struct bridged_vif *wanted)
{
	for (size_t i = 0; i < vif_table->count; i++)
		if (vif_table->vifs[i].domid == wanted->domid && vif_table->vifs[i].id == wanted->id)
			return vif_table->vifs[i].index == wanted->index;
	return false;
}

/*
 * If memory is short, the interface is not recorded and gets configured once more, which is
 * harmless.
 */
static void hotplug_record(struct vif_table *vif_table, const struct bridged_vif *one)
{
	struct bridged_vif *more = realloc(vif_table->vifs, (vif_table->count + 1) * sizeof(*more));

	if (!more)
		return;
	more[vif_table->count++] = *one;
	vif_table->vifs = more;
}

/*
 * Configure one interface if that is still to be done. Returns true if the kernel has not created
 * it yet.
 */
static bool hotplug_vif(struct xs_handle *xs, const char *domid, const char *id, struct vif_table *next)
{
	struct bridged_vif one;
	unsigned long domain, number;
	unsigned int state;
	struct device dev;
	char *script;
	bool uses_xenppcd;

	if (!parse_number(domid, MAX_DOMID, &domain) || !parse_number(id, ~0UL, &number))
		return false;
	device_set(&dev, "vif", domain, number);
	state = device_state(xs, dev.back);
	script = store_read(xs, XBT_NULL, "%s/script", dev.back);
	uses_xenppcd = script && !strcmp(script, "xenppcd");
	free(script);
	if (!uses_xenppcd || state < XENBUS_INIT_WAIT || state > XENBUS_CONNECTED)
		return false;
	one = (struct bridged_vif){ .domid = domain, .id = number, .index = vif_index(&dev) };
	if (!one.index)
		return true;
	if (!hotplug_is_done(&done, &one) && vif_hotplug(xs, &dev) == -EAGAIN)
		return true;
	hotplug_record(next, &one);
	return false;
}

/**
 * vifs_hotplug() - configure all network back ends that have not been configured
 * @xs: connection to xenstored
 *
 * Return: true if an interface does not exist yet and the caller has to poll
 */
bool vifs_hotplug(struct xs_handle *xs)
{
	unsigned int domains, devices;
	char **domain = store_list(xs, &domains, "/local/domain/%u/backend/vif", BACKEND_DOMID);
	struct vif_table next = { .count = 0 };
	bool again = false;

	for (unsigned int i = 0; i < domains; i++) {
		char **id = store_list(xs, &devices, "/local/domain/%u/backend/vif/%s", BACKEND_DOMID, domain[i]);

		for (unsigned int j = 0; j < devices; j++)
			again |= hotplug_vif(xs, domain[i], id[j], &next);
		free(id);
	}
	free(domain);
	free(done.vifs);
	done = next;
	return again;
}
