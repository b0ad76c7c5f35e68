// SPDX-License-Identifier: GPL-2.0
/*
 * xenppc-attach: attaches virtual disks and network interfaces of dom0 to other
 * domains, detaches, resizes and lists them. This file has the command line;
 * vbd.c and vif.c create the devices, device.c follows their xenbus states.
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
"DOMAIN is the number or the name of a domain.\n"
"\n"
"vbd attaches a disk; TARGET is an image file or a block device. vif attaches a\n"
"network interface and adds its back end, vifDOMAIN.N, to a bridge. Both wait\n"
"until front end and back end are connected and then print the device's name. If\n"
"an attach fails, everything that it set up is removed again. detach closes and\n"
"removes a device. resize changes the image file of a disk to SIZE (512M, 2G) and\n"
"announces the new size to the domain; without SIZE it announces the current size\n"
"of the file. list prints domain, device, state of the front end, state of the\n"
"back end, and the target and mode of a disk or MAC and bridge of an interface.\n"
"\n"
"  --name NAME       name of the disk (xvda, xvdb, ... or a number) or number of\n"
"                    the interface; default: the first free one\n"
"  --ro              attach the disk read-only\n"
"  --shared          allow a target that is attached elsewhere\n"
"  --mac MAC         MAC address of the interface in the domain\n"
"  --bridge NAME     bridge for the interface (default " DEFAULT_BRIDGE ")\n"
"  --no-bridge       add the interface to no bridge\n"
"  --mtu BYTES       MTU of the back end; the node mtu says it to the domain, but\n"
"                    Linux's xen-netfront does not read it: set it there as well\n"
"  --timeout S       wait at most S seconds (default: $XENPPC_TIMEOUT, or 60)\n"
"  --no-wait         do not wait for the connection\n"
"  --force           detach even if the domain does not release the device\n"
"  --front KEY=VALUE add a xenstore node to the front end; KEY alone omits one\n"
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

/* The verbs that accept each option. */
#define VERB_VBD	1
#define VERB_VIF	2
#define VERB_DETACH	4

static const unsigned int option_verbs[] = {
	[OPT_NAME - 256] = VERB_VBD | VERB_VIF,
	[OPT_RO - 256] = VERB_VBD,
	[OPT_SHARED - 256] = VERB_VBD,
	[OPT_MAC - 256] = VERB_VIF,
	[OPT_BRIDGE - 256] = VERB_VIF,
	[OPT_NO_BRIDGE - 256] = VERB_VIF,
	[OPT_MTU - 256] = VERB_VIF,
	[OPT_TIMEOUT - 256] = VERB_VBD | VERB_VIF | VERB_DETACH,
	[OPT_NO_WAIT - 256] = VERB_VBD | VERB_VIF,
	[OPT_FORCE - 256] = VERB_DETACH,
	[OPT_FRONT - 256] = VERB_VBD | VERB_VIF,
	[OPT_BACK - 256] = VERB_VBD | VERB_VIF,
};

struct command {
	struct attach_options opt;
	bool force;
	char **words;		/* arguments that are not options, the verb first */
	int count;		/* elements of words[] */
};

static int attach_parse_option(struct command *cmd, int which)
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
			return usage_error("--mtu %s: not a number of bytes", optarg);
		break;
	case OPT_TIMEOUT:
		if (!parse_number(optarg, MAX_SECONDS, &number))
			return usage_error("--timeout %s: not a number of seconds up to %d", optarg, MAX_SECONDS);
		opt->seconds = number;
		break;
	case OPT_FRONT:
	case OPT_BACK:
		if (opt->extras == MAX_EXTRAS)
			return usage_error("more than %d options --front and --back", MAX_EXTRAS);
		if (!*optarg || *optarg == '=' || *optarg == '/')
			return usage_error("\"%s\" is not KEY=VALUE", optarg);
		opt->extra[opt->extras].front = which == OPT_FRONT;
		opt->extra[opt->extras++].text = optarg;
		break;
	}
	return 0;
}

/**
 * batch_add_extras() - apply the options --front and --back to a new device's nodes
 * @batch: all standard nodes of the device
 * @opt: command line
 * @dev: the device
 *
 * A node that is added overrides a standard node of the same path, since it is
 * written later.
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

/*
 * Find a device by its name on the command line: "xvda" or a number for a disk, "vif0" or "vif1.0"
 * for an interface.
 */
static int attach_find_device(struct xs_handle *xs, unsigned int domid, const char *name, struct device *dev)
{
	unsigned long number;
	const char *dot;
	char prefix[16];

	snprintf(prefix, sizeof(prefix), "vif%u.", domid);
	if (!strncmp(name, "vif", 3)) {
		dot = !strncmp(name, prefix, strlen(prefix)) ? name + strlen(prefix) : name + 3;
		if (!parse_number(dot, ~0UL, &number))
			return log_error("%s: not a device of domain %u", name, domid);
		device_set(dev, "vif", domid, number);
	} else {
		if (vbd_number(name, &number))
			return -1;
		device_set(dev, "vbd", domid, number);
	}
	if (!store_exists(xs, XBT_NULL, dev->back) && !store_exists(xs, XBT_NULL, dev->front))
		return log_error("domain %u has no device %s", domid, name);
	return 0;
}

static void attach_list_device(struct xs_handle *xs, const char *kind, const char *domid, const char *id)
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
	printf("%lu %s %s %s %s %s\n", domain, name, device_state_name(device_state(xs, dev.front)),
	       device_state_name(device_state(xs, dev.back)), what ? what : "-", more ? more : "-");
	free(what);
	free(more);
}

static void attach_list_devices(struct xs_handle *xs, const char *only)
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
				attach_list_device(xs, kinds[k], domain[i], id[j]);
			free(id);
		}
		free(domain);
	}
}

static int attach_run(struct command *cmd)
{
	const char *verb = cmd->words[0];
	struct attach_options *opt = &cmd->opt;
	char number[16];
	struct device dev;

	if (cmd->count > 1 && domain_find(opt->xs, cmd->words[1], &opt->domid))
		return -1;
	snprintf(number, sizeof(number), "%u", opt->domid);
	if (!strcmp(verb, "list")) {
		attach_list_devices(opt->xs, cmd->count > 1 ? number : NULL);
		return 0;
	}
	if (opt->domid == BACKEND_DOMID)
		return log_error("domain %u is this one: it serves devices and gets none", opt->domid);
	if (!strcmp(verb, "vbd"))
		return vbd_attach(opt);
	if (!strcmp(verb, "vif"))
		return vif_attach(opt);
	if (attach_find_device(opt->xs, opt->domid, cmd->words[2], &dev))
		return -1;
	if (!strcmp(verb, "detach"))
		return device_close(opt->xs, &dev, opt->seconds, cmd->force);
	if (strcmp(dev.kind, "vbd"))
		return log_error("%s is not a disk", cmd->words[2]);
	return vbd_resize(opt->xs, &dev, cmd->count > 3 ? cmd->words[3] : NULL);
}

static const struct verb {
	const char *name;
	unsigned int bit;
	int min_words, max_words;	/* including the verb */
	const char *needs;		/* arguments, for the error message */
} verbs[] = {
	{ "vbd", VERB_VBD, 3, 3, "DOMAIN and TARGET" },
	{ "vif", VERB_VIF, 2, 2, "DOMAIN" },
	{ "detach", VERB_DETACH, 3, 3, "DOMAIN and DEVICE" },
	{ "resize", 0, 3, 4, "DOMAIN, DISK and maybe SIZE" },
	{ "list", 0, 1, 2, "at most a DOMAIN" },
};

static const struct verb *attach_find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(name, verbs[i].name))
			return &verbs[i];
	return NULL;
}

/* A user of a slow machine sets the limit for all calls in the environment. */
static unsigned int attach_default_seconds(void)
{
	const char *text = getenv("XENPPC_TIMEOUT");
	unsigned long number;

	return text && parse_number(text, MAX_SECONDS, &number) ? number : DEFAULT_SECONDS;
}

/**
 * attach_main() - run xenppc-attach
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status: 0, 1 after an error, 2 for a wrong command line
 */
int attach_main(int argc, char **argv)
{
	struct command cmd = { .opt = { .bridge = DEFAULT_BRIDGE, .seconds = attach_default_seconds() } };
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
			return usage_error("unknown option or missing value: %s", argv[optind - 1]);
		if (attach_parse_option(&cmd, which))
			return 2;
		seen |= 1U << (which - 256);
	}
	cmd.words = argv + optind;
	cmd.count = argc - optind;
	verb = cmd.count ? attach_find_verb(cmd.words[0]) : NULL;
	if (!verb)
		return usage_error("%s%s", cmd.count ? "unknown verb " : "no verb", cmd.count ? cmd.words[0] : "");
	if (cmd.count < verb->min_words || cmd.count > verb->max_words)
		return usage_error("%s wants %s", verb->name, verb->needs);
	for (which = 0; which < OPT_HELP - 256; which++)
		if (seen & 1U << which && !(option_verbs[which] & verb->bit))
			return usage_error("--%s is not an option of %s", options[which].name, verb->name);
	if (cmd.opt.mtu && cmd.opt.no_wait)
		return usage_error("--mtu takes effect after the interface has connected, it excludes --no-wait");
	cmd.opt.target = cmd.words[cmd.count - 1];
	cmd.opt.xs = store_open();
	if (!cmd.opt.xs)
		return 1;
	rc = attach_run(&cmd);
	rc |= store_close(cmd.opt.xs);
	return rc ? 1 : 0;
}
