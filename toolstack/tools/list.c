// SPDX-License-Identifier: GPL-2.0
/*
 * xenppc-list: prints the domains with their memory and state, or the
 * hypervisor's free memory, or sends debug keys to the hypervisor.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xenstore.h>

#include "tools.h"

#define MAX_DOMAINS	1024

static const char usage[] =
"usage: xenppc-list [--free] [DOMAIN]\n"
"       xenppc-list --keys KEYS\n"
"\n"
"Prints a line for each domain, or for DOMAIN: number, name, memory in frames of\n"
"4 KiB, its limit, vcpus that are up, state. --free prints the number of free\n"
"frames of the hypervisor instead. --keys has the same effect as typing KEYS on the\n"
"hypervisor's console, which also shows the output; h lists the keys.\n";

static const char *list_state(const xc_domaininfo_t *info)
{
	if (info->flags & XEN_DOMINF_dying)
		return "dying";
	if (info->flags & XEN_DOMINF_shutdown)
		return "shutdown";
	if (info->flags & XEN_DOMINF_paused)
		return "paused";
	return info->flags & XEN_DOMINF_running ? "running" : "blocked";
}

static int list_print_free(xc_interface *xc)
{
	xc_physinfo_t info = { 0 };

	if (xc_physinfo(xc, &info))
		return log_error("cannot read the amount of free memory from the hypervisor");
	printf("%llu\n", (unsigned long long)info.free_pages);
	return 0;
}

static void list_print_domain(struct xs_handle *xs, const xc_domaininfo_t *info)
{
	char *name = store_read(xs, XBT_NULL, "/local/domain/%u/name", info->domain);

	printf("%u ", info->domain);
	print_text(stdout, name ? name : "-");
	printf(" %llu %llu %u %s\n", (unsigned long long)info->tot_pages, (unsigned long long)info->max_pages,
	       info->nr_online_vcpus, list_state(info));
	free(name);
}

static int list_print_domains(xc_interface *xc, struct xs_handle *xs, const char *only)
{
	static xc_domaininfo_t info[MAX_DOMAINS];
	unsigned int domid = 0;
	int n;

	if (only && domain_find(xs, only, &domid))
		return -1;
	n = xc_domain_getinfolist(xc, domid, only ? 1 : MAX_DOMAINS, info);
	if (n < 0 || (only && (n < 1 || info[0].domain != domid)))
		return log_error("cannot read the state of %s from the hypervisor", only ? only : "the domains");
	for (int i = 0; i < n; i++)
		list_print_domain(xs, &info[i]);
	return 0;
}

/**
 * list_main() - run xenppc-list
 * @argc: number of arguments
 * @argv: arguments
 *
 * Return: exit status: 0, 1 after an error, 2 for a wrong command line
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
	bool show_free = false;
	struct xs_handle *xs;
	xc_interface *xc;
	int c, rc = -1;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'f':
			show_free = true;
			break;
		case 'k':
			keys = optarg;
			break;
		default:
			return 2;
		}
	}
	if (argc - optind > !(show_free || keys))
		return usage_error("too many arguments");
	xc = xc_interface_open(NULL, NULL, 0);
	if (!xc)
		return log_error("cannot open /dev/xen/privcmd"), 1;
	if (keys) {
		rc = xc_send_debug_keys(xc, keys) ? log_error("the hypervisor rejected the debug keys") : 0;
	} else if (show_free) {
		rc = list_print_free(xc);
	} else {
		xs = store_open();
		if (xs) {
			rc = list_print_domains(xc, xs, argv[optind]);
			rc |= store_close(xs);
		}
	}
	xc_interface_close(xc);
	return rc ? 1 : 0;
}
