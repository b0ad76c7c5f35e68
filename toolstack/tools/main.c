// SPDX-License-Identifier: GPL-2.0
/*
 * Entry point of the tools. One statically linked program contains all of them,
 * so that the libraries are in the initramfs once; the name under which it is
 * called selects the tool.
 */
#include <stdio.h>
#include <string.h>

#include "tools.h"

const char *tool;

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} tools[] = {
	{ "xenppc-attach", attach_main },
	{ "xenppc-console", console_main },
	{ "xenppc-list", list_main },
	{ "xenppcd", daemon_main },
};

int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;

	tool = slash ? slash + 1 : argc > 0 ? argv[0] : "";
	/* "xenppc NAME ..." works without the link. */
	if (!strcmp(tool, "xenppc") && argc > 1) {
		argc--;
		argv++;
		tool = argv[0];
	}
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (!strcmp(tool, tools[i].name))
			return tools[i].run(argc, argv);
	fprintf(stderr, "xenppc: unknown tool \"%s\"; known tools are:", tool);
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		fprintf(stderr, " %s", tools[i].name);
	fputc('\n', stderr);
	return 2;
}
