// SPDX-License-Identifier: GPL-2.0
/*
 * The entry points of a libFuzzer program. The Makefile builds one for each
 * set of acts, FUZZ_KINDS.
 */
#include "world.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/**
 * LLVMFuzzerInitialize() - once, before the first input
 * @argc: not used
 * @argv: not used
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
 * LLVMFuzzerTestOneInput() - one life of a world
 * @data: its acts
 * @size: their bytes
 *
 * Return: 0; a finding does not return.
 */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	world_run(data, size, FUZZ_KINDS);
	return 0;
}
