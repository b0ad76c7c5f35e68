// SPDX-License-Identifier: GPL-2.0
/*
 * Execute one of the marks of marks.h from a shell script.
 *
 * usage: mark start|end
 */
#include <stdio.h>
#include <string.h>

#include "marks.h"

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "start")) {
		mark_start();
	} else if (argc == 2 && !strcmp(argv[1], "end")) {
		mark_end();
	} else {
		fprintf(stderr, "usage: mark start|end\n");
		return 2;
	}
	return 0;
}
