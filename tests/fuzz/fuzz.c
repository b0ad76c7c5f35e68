// SPDX-License-Identifier: GPL-2.0
/*
 * Entry points of a libFuzzer program. The Makefile builds one program for each
 * target, which differ in the kinds of actions that inputs may contain (FUZZ_KINDS).
 */
#include "world.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/**
 * LLVMFuzzerInitialize() - set up the simulated machine before the first input
 * @argc: unused
 * @argv: unused
 *
 * Return: 0.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	world_init();
	return 0;
}

/**
 * LLVMFuzzerTestOneInput() - run one input
 * @data: the input, see world_run()
 * @size: bytes of @data
 *
 * Return: 0; a violated invariant aborts the program.
 */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	world_run(data, size, FUZZ_KINDS);
	return 0;
}
