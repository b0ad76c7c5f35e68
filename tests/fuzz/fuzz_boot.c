// SPDX-License-Identifier: GPL-2.0
/*
 * The parsers of boot/: xen.conf, the command line, the archive of files, a kernel's ELF header.
 * What they read comes from the administrator, and a domain's kernel may come from anywhere.
 *
 * The first character of an input says what it is (c, o, b, k), the rest is that. Each is copied
 * to a buffer of exactly its size, so that the address sanitizer detects every overrun.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "boot/bundle.h"
#include "boot/config.h"
#include "boot/elf.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "boot: %s\n", what);
	abort();
}

static bool ends(const char *s, size_t size)
{
	return memchr(s, 0, size);
}

static void parse_config(const u8 *text, size_t size)
{
	struct config_reader r = { .text = (const char *)text, .size = size };
	unsigned int line, lines = 1;
	struct config_section s;
	const char *why;
	size_t pos;
	int rc;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	do {
		why = NULL;
		line = 0;
		pos = r.pos;
		rc = config_next(&r, &s, &why, &line);
		require(r.pos <= size && r.line <= lines, "xen.conf: read past its end");
		require(!rc || r.pos > pos, "xen.conf: a section without a line");
		require(ends(s.name, sizeof(s.name)), "xen.conf: a name without an end");
		if (rc < 0)
			require(why && line && line <= r.line, "xen.conf: an error without reason or line");
		if (rc <= 0)
			continue;
		require(s.name[0] && s.kernel[0] && s.memory && s.vcpus, "xen.conf: an incomplete section");
		require(ends(s.kernel, sizeof(s.kernel)) && ends(s.initrd, sizeof(s.initrd)) &&
			ends(s.cmdline, sizeof(s.cmdline)), "xen.conf: a value without an end");
	} while (rc);
}

static void parse_options(const u8 *text, size_t size)
{
	static const char *const keys[] = { "a", "inject", "dom0_mem", "sched_slice" };
	char *line = malloc(size + 1), value[8];

	memcpy(line, text, size);
	line[size] = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++) {
		memset(value, 'x', sizeof(value));
		if (config_option(line, keys[i], value, sizeof(value) - 1))
			require(ends(value, sizeof(value) - 1), "command line: a value without an end");
		require(value[sizeof(value) - 1] == 'x', "command line: a value that does not fit");
	}
	free(line);
}

static void parse_bundle(const u8 *base, size_t size)
{
	struct bundle_file f, found;
	size_t pos = 0, before;
	const char *why = NULL;
	int rc;

	for (;;) {
		before = pos;
		rc = bundle_next(base, size, &pos, &f, &why);
		if (rc <= 0)
			break;
		require(pos > before, "archive: the same file twice");
		require((const u8 *)f.name >= base && ends(f.name, base + size - (const u8 *)f.name),
			"archive: a name outside of it");
		require(f.data >= base && f.size <= size && f.data <= base + size - f.size,
			"archive: a file outside of it");
		require(!bundle_find(base, size, f.name, &found, &why), "archive: a file that is not found");
	}
	require(!rc || why, "archive: an error without a reason");
}

static void parse_kernel(const u8 *file, size_t size)
{
	const char *why = NULL;
	struct elf_image img;

	if (elf_parse(file, size, &img, &why)) {
		require(why, "kernel: an error without a reason");
		return;
	}
	require(img.nr <= ELF_MAX_SEGMENTS, "kernel: too many segments");
	for (unsigned int i = 0; i < img.nr; i++) {
		const struct elf_segment *s = &img.seg[i];

		require(s->filesz <= s->memsz, "kernel: a segment larger in the file than in memory");
		require(!s->filesz || (s->data >= file && s->filesz <= size && s->data <= file + size - s->filesz),
			"kernel: a segment outside of the file");
		require(s->paddr + s->memsz >= s->paddr && s->paddr + s->memsz <= img.end,
			"kernel: a segment behind the end");
	}
}

/**
 * LLVMFuzzerTestOneInput() - run one input
 * @data: a character and what it stands for
 * @size: bytes of @data
 *
 * Return: 0; a violated invariant aborts the program.
 */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 *copy;

	if (!size)
		return 0;
	copy = malloc(size > 1 ? size - 1 : 1);
	memcpy(copy, data + 1, size - 1);
	switch (data[0]) {
	case 'c':
		parse_config(copy, size - 1);
		break;
	case 'o':
		parse_options(copy, size - 1);
		break;
	case 'b':
		parse_bundle(copy, size - 1);
		break;
	case 'k':
		parse_kernel(copy, size - 1);
		break;
	default:
		break;
	}
	free(copy);
	return 0;
}
