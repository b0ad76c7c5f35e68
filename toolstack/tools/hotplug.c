// SPDX-License-Identifier: GPL-2.0
/*
 * Interfaces that the network back end makes anew. When its module was unloaded
 * and loaded again, only this daemon is there to put them on their bridges.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"

#define MAX_DOMID	0x7fef

/* An interface that has been put where it belongs; if it is taken from there, that was on purpose. */
struct plugged {
	unsigned int domid;
	unsigned long id;
	unsigned int index;
};

struct table {
	struct plugged *of;
	size_t count;
};

static struct table now;

static bool is_plugged(const struct table *table, const struct plugged *wanted)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->of[i].domid == wanted->domid && table->of[i].id == wanted->id)
			return table->of[i].index == wanted->index;
	return false;
}

/* Without memory for it the interface is put there again, which does no harm. */
static void remember(struct table *table, const struct plugged *one)
{
	struct plugged *more = realloc(table->of, (table->count + 1) * sizeof(*more));

	if (!more)
		return;
	more[table->count++] = *one;
	table->of = more;
}

/* Returns whether the kernel has yet to make the interface. */
static bool plug_in(struct xs_handle *xs, const char *domid, const char *id, struct table *next)
{
	struct plugged one;
	unsigned long domain, number;
	unsigned int state;
	struct device dev;
	char *script;
	bool ours;

	if (!parse_number(domid, MAX_DOMID, &domain) || !parse_number(id, ~0UL, &number))
		return false;
	device_set(&dev, "vif", domain, number);
	state = device_state(xs, dev.back);
	script = store_read(xs, XBT_NULL, "%s/script", dev.back);
	ours = script && !strcmp(script, "xenppcd");
	free(script);
	if (!ours || state < XENBUS_INIT_WAIT || state > XENBUS_CONNECTED)
		return false;
	one = (struct plugged){ .domid = domain, .id = number, .index = vif_index(&dev) };
	if (!one.index)
		return true;
	if (!is_plugged(&now, &one) && vif_hotplug(xs, &dev) == -EAGAIN)
		return true;
	remember(next, &one);
	return false;
}

/**
 * vifs_hotplug() - put on their bridges the interfaces that are not there yet
 * @xs: connection to xenstored
 *
 * Return: whether one has to be looked for again soon
 */
bool vifs_hotplug(struct xs_handle *xs)
{
	unsigned int domains, devices;
	char **domain = store_list(xs, &domains, "/local/domain/%u/backend/vif", BACKEND_DOMID);
	struct table next = { .count = 0 };
	bool again = false;

	for (unsigned int i = 0; i < domains; i++) {
		char **id = store_list(xs, &devices, "/local/domain/%u/backend/vif/%s", BACKEND_DOMID, domain[i]);

		for (unsigned int j = 0; j < devices; j++)
			again |= plug_in(xs, domain[i], id[j], &next);
		free(id);
	}
	free(domain);
	free(now.of);
	now = next;
	return again;
}
