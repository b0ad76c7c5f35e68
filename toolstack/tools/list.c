// SPDX-License-Identifier: GPL-2.0
/*
 * xenppc-list: the hypervisor's domains and their memory.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xenstore.h>

#include "tools.h"

#define MOST_DOMAINS	1024

static const char usage[] =
"usage: xenppc-list [--free] [DOMAIN]\n"
"       xenppc-list --keys KEYS\n"
"\n"
"A line for each domain, or for that one: number, name, frames of 4 KiB that it\n"
"has, frames that it may have, vcpus, state. --free prints the hypervisor's free\n"
"frames instead. --keys does what these keys do on the hypervisor's console, where\n"
"it also prints its answer; h lists them.\n";

static const char *state_of(const xc_domaininfo_t *info)
{
	if (info->flags & XEN_DOMINF_dying)
		return "dying";
	if (info->flags & XEN_DOMINF_shutdown)
		return "shutdown";
	if (info->flags & XEN_DOMINF_paused)
		return "paused";
	return info->flags & XEN_DOMINF_running ? "running" : "blocked";
}

static int print_free(xc_interface *xc)
{
	xc_physinfo_t info = { 0 };

	if (xc_physinfo(xc, &info))
		return complain("the hypervisor does not say how much memory is free");
	printf("%llu\n", (unsigned long long)info.free_pages);
	return 0;
}

static void print_domain(struct xs_handle *xs, const xc_domaininfo_t *info)
{
	char *name = store_read(xs, XBT_NULL, "/local/domain/%u/name", info->domain);

	printf("%u %s %llu %llu %u %s\n", info->domain, name ? name : "-", (unsigned long long)info->tot_pages,
	       (unsigned long long)info->max_pages, info->nr_online_vcpus, state_of(info));
	free(name);
}

static int print_domains(xc_interface *xc, struct xs_handle *xs, const char *only)
{
	static xc_domaininfo_t info[MOST_DOMAINS];
	unsigned int domid = 0;
	int n;

	if (only && domain_find(xs, only, &domid))
		return -1;
	n = xc_domain_getinfolist(xc, domid, only ? 1 : MOST_DOMAINS, info);
	if (n < 0 || (only && (n < 1 || info[0].domain != domid)))
		return complain("the hypervisor does not list %s", only ? only : "its domains");
	for (int i = 0; i < n; i++)
		print_domain(xs, &info[i]);
	return 0;
}

/**
 * list_main() - the command line of xenppc-list
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: exit status: 0; 1 after an error, 2 for wrong usage
 */
int list_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "free", no_argument, NULL, 'f' },
		{ "keys", required_argument, NULL, 'k' },
		{ }
	};
	const char *keys = NULL;
	bool of_free = false;
	struct xs_handle *xs;
	xc_interface *xc;
	int c, rc = -1;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'f':
			of_free = true;
			break;
		case 'k':
			keys = optarg;
			break;
		default:
			return 2;
		}
	}
	if (argc - optind > !(of_free || keys))
		return bad_usage("too many arguments");
	xc = xc_interface_open(NULL, NULL, 0);
	if (!xc)
		return complain("cannot open /dev/xen/privcmd"), 1;
	if (keys) {
		rc = xc_send_debug_keys(xc, keys) ? complain("the hypervisor does not take keys") : 0;
	} else if (of_free) {
		rc = print_free(xc);
	} else {
		xs = store_open();
		if (xs) {
			rc = print_domains(xc, xs, argv[optind]);
			xs_close(xs);
		}
	}
	xc_interface_close(xc);
	return rc ? 1 : 0;
}
