// SPDX-License-Identifier: GPL-2.0
/*
 * xenppc-attach: the devices of domains.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools.h"

#define DEFAULT_BRIDGE	"xenbr0"
#define DEFAULT_SECONDS	60
#define MAX_SECONDS	3600

static const char usage[] =
"usage: xenppc-attach vbd DOMAIN [OPTION...] TARGET\n"
"       xenppc-attach vif DOMAIN [OPTION...]\n"
"       xenppc-attach detach DOMAIN DEVICE [--force] [--timeout S]\n"
"       xenppc-attach resize DOMAIN DISK [SIZE]\n"
"       xenppc-attach list [DOMAIN]\n"
"\n"
"vbd gives the domain (its number or name) a disk: TARGET is an image file or a\n"
"block device. vif gives it a network interface whose other end, vifDOMAIN.N, is\n"
"put on a bridge here. Both wait until front end and back end are connected, and\n"
"print the device's name; after an error nothing is left of it. detach closes a\n"
"device and removes it. resize makes a disk's file SIZE large (512M, 2G) and lets\n"
"the domain see it; without SIZE, it takes the size that the file has. list\n"
"prints: domain, device, front end, back end, what it is made of.\n"
"\n"
"  --name NAME       the disk's name (xvda, xvdb, ... or a number) or the\n"
"                    interface's number; the first that is free if not given\n"
"  --ro              the disk is read-only\n"
"  --shared          others may have the same file\n"
"  --mac MAC         the interface's address in the domain\n"
"  --bridge NAME     the bridge (default " DEFAULT_BRIDGE "); --no-bridge: none\n"
"  --mtu BYTES       its MTU, at both ends\n"
"  --timeout S       how many seconds to wait (default 60)\n"
"  --no-wait         do not wait until it is connected\n"
"  --force           detach even if the domain does not let go\n"
"  --front KEY=VALUE one more node for the front end; KEY alone: without this one\n"
"  --back KEY=VALUE  the same for the back end\n";

enum {
	OPT_NAME = 256, OPT_RO, OPT_SHARED, OPT_MAC, OPT_BRIDGE, OPT_NO_BRIDGE, OPT_MTU, OPT_TIMEOUT, OPT_NO_WAIT,
	OPT_FORCE, OPT_FRONT, OPT_BACK, OPT_HELP,
};

static const struct option options[] = {
	{ "name", required_argument, NULL, OPT_NAME },
	{ "ro", no_argument, NULL, OPT_RO },
	{ "shared", no_argument, NULL, OPT_SHARED },
	{ "mac", required_argument, NULL, OPT_MAC },
	{ "bridge", required_argument, NULL, OPT_BRIDGE },
	{ "no-bridge", no_argument, NULL, OPT_NO_BRIDGE },
	{ "mtu", required_argument, NULL, OPT_MTU },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "no-wait", no_argument, NULL, OPT_NO_WAIT },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "front", required_argument, NULL, OPT_FRONT },
	{ "back", required_argument, NULL, OPT_BACK },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* Which verbs an option belongs to. */
#define VBD	1
#define VIF	2
#define DETACH	4

static const unsigned int good_for[] = {
	[OPT_NAME - 256] = VBD | VIF, [OPT_RO - 256] = VBD, [OPT_SHARED - 256] = VBD, [OPT_MAC - 256] = VIF,
	[OPT_BRIDGE - 256] = VIF, [OPT_NO_BRIDGE - 256] = VIF, [OPT_MTU - 256] = VIF,
	[OPT_TIMEOUT - 256] = VBD | VIF | DETACH, [OPT_NO_WAIT - 256] = VBD | VIF, [OPT_FORCE - 256] = DETACH,
	[OPT_FRONT - 256] = VBD | VIF, [OPT_BACK - 256] = VBD | VIF,
};

struct command {
	struct attach_options opt;
	bool force;
	char **words;		/* what is not an option, the verb first */
	int count;
};

static int take_option(struct command *cmd, int which)
{
	struct attach_options *opt = &cmd->opt;
	unsigned long number;

	switch (which) {
	case OPT_NAME:
		opt->name = optarg;
		break;
	case OPT_RO:
		opt->read_only = true;
		break;
	case OPT_SHARED:
		opt->shared = true;
		break;
	case OPT_MAC:
		opt->mac = optarg;
		break;
	case OPT_BRIDGE:
		opt->bridge = optarg;
		break;
	case OPT_NO_BRIDGE:
		opt->bridge = NULL;
		break;
	case OPT_NO_WAIT:
		opt->no_wait = true;
		break;
	case OPT_FORCE:
		cmd->force = true;
		break;
	case OPT_MTU:
		if (!parse_number(optarg, 65535, &opt->mtu) || !opt->mtu)
			return bad_usage("--mtu %s: not a number of bytes", optarg);
		break;
	case OPT_TIMEOUT:
		if (!parse_number(optarg, MAX_SECONDS, &number))
			return bad_usage("--timeout %s: not a number of seconds up to %d", optarg, MAX_SECONDS);
		opt->seconds = number;
		break;
	case OPT_FRONT:
	case OPT_BACK:
		if (opt->extras == MAX_EXTRAS)
			return bad_usage("more than %d of --front and --back", MAX_EXTRAS);
		if (!*optarg || *optarg == '=' || *optarg == '/')
			return bad_usage("\"%s\" is not KEY=VALUE", optarg);
		opt->extra[opt->extras].front = which == OPT_FRONT;
		opt->extra[opt->extras++].text = optarg;
		break;
	}
	return 0;
}

/**
 * batch_add_extras() - the nodes that the command line adds or leaves out
 * @batch: nodes of the device
 * @opt: what the command line says
 * @dev: the device
 */
void batch_add_extras(struct batch *batch, const struct attach_options *opt, const struct device *dev)
{
	for (unsigned int i = 0; i < opt->extras; i++) {
		const struct extra *extra = &opt->extra[i];
		const char *equals = strchr(extra->text, '=');
		char path[3 * MAX_PATH_LEN];

		snprintf(path, sizeof(path), "%s/%.*s", extra->front ? dev->front : dev->back,
			 equals ? (int)(equals - extra->text) : MAX_PATH_LEN, extra->text);
		if (equals)
			batch_add(batch, extra->front ? ACCESS_OWN : ACCESS_READ, dev->domid, path, "%s", equals + 1);
		else
			batch_drop(batch, path);
	}
}

/* A device that a command line names: a disk as "xvda" or by number, an interface as "vif0" or "vif1.0". */
static int find_device(struct xs_handle *xs, unsigned int domid, const char *name, struct device *dev)
{
	unsigned long number;
	const char *dot;
	char prefix[16];

	snprintf(prefix, sizeof(prefix), "vif%u.", domid);
	if (!strncmp(name, "vif", 3)) {
		dot = !strncmp(name, prefix, strlen(prefix)) ? name + strlen(prefix) : name + 3;
		if (!parse_number(dot, ~0UL, &number))
			return complain("%s: not a device of domain %u", name, domid);
		device_set(dev, "vif", domid, number);
	} else {
		if (vbd_number(name, &number))
			return -1;
		device_set(dev, "vbd", domid, number);
	}
	if (!store_exists(xs, XBT_NULL, dev->back) && !store_exists(xs, XBT_NULL, dev->front))
		return complain("domain %u has no device %s", domid, name);
	return 0;
}

static void list_device(struct xs_handle *xs, const char *kind, const char *domid, const char *id)
{
	unsigned long domain, number;
	struct device dev;
	char *what, *more;
	char name[32];

	if (!parse_number(domid, 0x7fff, &domain) || !parse_number(id, ~0UL, &number))
		return;
	device_set(&dev, kind, domain, number);
	if (!strcmp(kind, "vbd")) {
		vbd_name(number, name, sizeof(name));
		what = store_read(xs, XBT_NULL, "%s/params", dev.back);
		more = store_read(xs, XBT_NULL, "%s/mode", dev.back);
	} else {
		snprintf(name, sizeof(name), "vif%lu.%lu", domain, number);
		what = store_read(xs, XBT_NULL, "%s/mac", dev.back);
		more = store_read(xs, XBT_NULL, "%s/bridge", dev.back);
	}
	printf("%lu %s %s %s %s %s\n", domain, name, state_name(device_state(xs, dev.front)),
	       state_name(device_state(xs, dev.back)), what ? what : "-", more ? more : "-");
	free(what);
	free(more);
}

static void list_devices(struct xs_handle *xs, const char *only)
{
	static const char * const kinds[] = { "vbd", "vif" };
	unsigned int domains, devices;

	for (unsigned int k = 0; k < 2; k++) {
		char **domain = store_list(xs, &domains, "/local/domain/%u/backend/%s", BACKEND_DOMID, kinds[k]);

		for (unsigned int i = 0; i < domains; i++) {
			char **id;

			if (only && strcmp(only, domain[i]))
				continue;
			id = store_list(xs, &devices, "/local/domain/%u/backend/%s/%s", BACKEND_DOMID, kinds[k],
					domain[i]);
			for (unsigned int j = 0; j < devices; j++)
				list_device(xs, kinds[k], domain[i], id[j]);
			free(id);
		}
		free(domain);
	}
}

static int run(struct command *cmd)
{
	const char *verb = cmd->words[0];
	struct attach_options *opt = &cmd->opt;
	char number[16];
	struct device dev;

	if (cmd->count > 1 && domain_find(opt->xs, cmd->words[1], &opt->domid))
		return -1;
	snprintf(number, sizeof(number), "%u", opt->domid);
	if (!strcmp(verb, "list")) {
		list_devices(opt->xs, cmd->count > 1 ? number : NULL);
		return 0;
	}
	if (opt->domid == BACKEND_DOMID)
		return complain("domain %u is this one, whose back ends serve the others", opt->domid);
	if (!strcmp(verb, "vbd"))
		return vbd_attach(opt);
	if (!strcmp(verb, "vif"))
		return vif_attach(opt);
	if (find_device(opt->xs, opt->domid, cmd->words[2], &dev))
		return -1;
	if (!strcmp(verb, "detach"))
		return device_close(opt->xs, &dev, opt->seconds, cmd->force);
	if (strcmp(dev.kind, "vbd"))
		return complain("%s is not a disk", cmd->words[2]);
	return vbd_resize(opt->xs, &dev, cmd->count > 3 ? cmd->words[3] : NULL);
}

static const struct verb {
	const char *name;
	unsigned int bit;
	int least, most;	/* words, the verb itself too */
	const char *needs;
} verbs[] = {
	{ "vbd", VBD, 3, 3, "DOMAIN and TARGET" },
	{ "vif", VIF, 2, 2, "DOMAIN" },
	{ "detach", DETACH, 3, 3, "DOMAIN and DEVICE" },
	{ "resize", 0, 3, 4, "DOMAIN, DISK and maybe SIZE" },
	{ "list", 0, 1, 2, "at most a DOMAIN" },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(name, verbs[i].name))
			return &verbs[i];
	return NULL;
}

/**
 * attach_main() - xenppc-attach
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: 0, 1 after an error, 2 for a wrong command line
 */
int attach_main(int argc, char **argv)
{
	struct command cmd = { .opt = { .bridge = DEFAULT_BRIDGE, .seconds = DEFAULT_SECONDS } };
	unsigned int seen = 0;
	const struct verb *verb;
	int which, rc;

	opterr = 0;
	while ((which = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (which == OPT_HELP || which == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (which == '?')
			return bad_usage("unknown option or missing value: %s", argv[optind - 1]);
		if (take_option(&cmd, which))
			return 2;
		seen |= 1U << (which - 256);
	}
	cmd.words = argv + optind;
	cmd.count = argc - optind;
	verb = cmd.count ? find_verb(cmd.words[0]) : NULL;
	if (!verb)
		return bad_usage("%s%s", cmd.count ? "unknown verb " : "no verb", cmd.count ? cmd.words[0] : "");
	if (cmd.count < verb->least || cmd.count > verb->most)
		return bad_usage("%s wants %s", verb->name, verb->needs);
	for (which = 0; which < OPT_HELP - 256; which++)
		if (seen & 1U << which && !(good_for[which] & verb->bit))
			return bad_usage("--%s is not an option of %s", options[which].name, verb->name);
	if (cmd.opt.mtu && cmd.opt.no_wait)
		return bad_usage("--mtu is set when the interface is connected: not with --no-wait");
	cmd.opt.target = cmd.words[cmd.count - 1];
	cmd.opt.xs = store_open();
	if (!cmd.opt.xs)
		return 1;
	rc = run(&cmd);
	xs_close(cmd.opt.xs);
	return rc ? 1 : 0;
}
