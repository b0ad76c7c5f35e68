// SPDX-License-Identifier: GPL-2.0
/*
 * The parsers in boot/ for archives, kernels and configurations, with correct,
 * damaged and random input.
 */
#include "test.h"
#include "boot/bundle.h"
#include "boot/config.h"
#include "boot/elf.h"

static u64 rnd(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/*
 * Copy data to a heap buffer of exactly its size, so that the address sanitizer detects every
 * overrun.
 */
static u8 *exact(const void *from, size_t n)
{
	u8 *p = malloc(n ? n : 1);

	memcpy(p, from, n);
	return p;
}

static size_t add_file(char *at, const char *name, const char *data, size_t n)
{
	size_t len = sprintf(at, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s", 1, 0100644,
			     0, 0, 1, 0, (unsigned int)n, 0, 0, 0, 0, (unsigned int)strlen(name) + 1, 0,
			     name) + 1;

	while (len & 3)
		at[len++] = 0;
	memcpy(at + len, data, n);
	len += n;
	while (len & 3)
		at[len++] = 0;
	return len;
}

static char archive[4096];
static size_t archive_size;

static void make_archive(void)
{
	archive_size = add_file(archive, "xen.conf", "[dom0]\n", 7);
	archive_size += add_file(archive + archive_size, "vmlinux", "kernel", 6);
	archive_size += add_file(archive + archive_size, "empty", "", 0);
	archive_size += add_file(archive + archive_size, "TRAILER!!!", "", 0);
}

static int walk(const u8 *p, size_t n, unsigned int *files)
{
	struct bundle_file f;
	const char *why = NULL;
	size_t pos = 0, sum = 0;
	int rc;

	*files = 0;
	while ((rc = bundle_next(p, n, &pos, &f, &why)) > 0) {
		++*files;
		for (size_t i = 0; i < f.size; i++)
			sum += f.data[i];
		sum += strlen(f.name);
	}
	if (rc && !why)
		return 1;
	return rc - (sum == 0x12345678);
}

static void bundles(void)
{
	struct bundle_file f;
	const char *why;
	unsigned int files;
	bool errors = true, whole = true;
	u8 *p;

	make_archive();
	p = exact(archive, archive_size);
	eq(walk(p, archive_size, &files), 0, "bundle: a complete archive is read to its end");
	eq(files, 3, "bundle: all files are found");
	eq(bundle_find(p, archive_size, "vmlinux", &f, &why), 0, "bundle: a file is found by name");
	ok(f.size == 6 && !memcmp(f.data, "kernel", 6),
	   "bundle: the file has its size and contents");
	eq(bundle_find(p, archive_size, "empty", &f, &why), 0, "bundle: an empty file is found");
	eq(f.size, 0, "bundle: an empty file has size 0");
	eq(bundle_find(p, archive_size, "vmlinu", &f, &why), -ENOENT,
	   "bundle: a prefix of a name is not found");
	eq(bundle_find(p, archive_size, "vmlinuxx", &f, &why), -ENOENT,
	   "bundle: a name with a suffix is not found");
	free(p);
	eq(walk((const u8 *)"", 0, &files), -EINVAL, "bundle: an empty archive is an error");

	/* The last four bytes may be missing: they are padding behind the trailer's name. */
	for (size_t n = 0; n + 4 < archive_size; n++) {
		p = exact(archive, n);
		errors &= walk(p, n, &files) == -EINVAL;
		free(p);
	}
	ok(errors, "bundle: an archive truncated at any byte is an error");
	for (int i = 0; i < 20000; i++) {
		p = exact(archive, archive_size);
		for (int k = rnd() % 4 + 1; k; k--)
			p[rnd() % archive_size] = rnd() & 1 ? (u8)rnd() : (u8)"0123456789abcdefF"[rnd() % 17];
		whole &= walk(p, archive_size, &files) <= 0;
		free(p);
	}
	ok(whole, "bundle: every error of a damaged archive has a reason");
}

static struct {
	struct elf64_ehdr e;
	struct elf64_phdr p[2];
	char data[64];
} kernel;

static void make_kernel(void)
{
	memset(&kernel, 0, sizeof(kernel));
	memcpy(kernel.e.ident, "\177ELF\2\1\1", 7);
	kernel.e.type = 2;
	kernel.e.machine = 21;
	kernel.e.version = 1;
	kernel.e.entry = 0xc000000000000010;
	kernel.e.phoff = sizeof(kernel.e);
	kernel.e.phentsize = sizeof(struct elf64_phdr);
	kernel.e.phnum = 2;
	kernel.p[0] = (struct elf64_phdr){ 1, 7, offsetof(typeof(kernel), data), 0xc000000000000000,
				     0xc000000000000000, 64, 0x10000, 0x10000 };
	kernel.p[1] = (struct elf64_phdr){ 4, 4, 0, 0, 0, 0, 0, 0 };
}

static int parse(const char **why)
{
	u8 *p = exact(&kernel, sizeof(kernel));
	struct elf_image img;
	int rc;

	*why = NULL;
	rc = elf_parse(p, sizeof(kernel), &img, why);
	free(p);
	return rc;
}

static void refused(const char *name, const char *reason)
{
	const char *why;
	char text[120];
	int rc = parse(&why);

	snprintf(text, sizeof(text), "elf: a kernel is refused for %s", name);
	if (!ok(rc == -EINVAL && why && strstr(why, reason), text))
		printf("# %d, \"%s\"\n", rc, why ? why : "");
	make_kernel();
}

static void kernels(void)
{
	struct elf_image img;
	const char *why;
	bool errors = true;
	u8 *p;

	make_kernel();
	p = exact(&kernel, sizeof(kernel));
	eq(elf_parse(p, sizeof(kernel), &img, &why), 0, "elf: a kernel is accepted");
	ok(img.entry == 0x10 && img.end == 0x10000 && img.nr == 1 && img.seg[0].paddr == 0 &&
	   img.seg[0].filesz == 64 && img.seg[0].memsz == 0x10000 &&
	   img.seg[0].data == p + offsetof(typeof(kernel), data),
	   "elf: entry, segment and extent are right");
	free(p);
	for (size_t n = 0; n < sizeof(kernel); n++) {
		p = exact(&kernel, n);
		why = NULL;
		errors &= elf_parse(p, n, &img, &why) == -EINVAL && why;
		free(p);
	}
	ok(errors, "elf: a kernel truncated at any byte is an error");
	kernel.e.ident[0] = 0;
	refused("a wrong magic number", "not an ELF");
	kernel.e.ident[4] = 1;
	refused("32-bit class", "32-bit");
	kernel.e.ident[5] = 2;
	refused("the other byte order", "big-endian");
	kernel.e.ident[5] = 7;
	refused("an unknown byte order", "no known byte order");
	kernel.e.machine = 62;
	refused("another processor", "another processor");
	kernel.e.type = 1;
	refused("the type of an object file", "no executable");
	kernel.e.phnum = 0;
	refused("no program headers", "program headers");
	kernel.e.phnum = 0xffff;
	refused("too many program headers", "program headers");
	kernel.e.phoff = ~0UL;
	refused("program headers at -1", "program headers");
	kernel.e.phoff = ~0UL - 55;
	refused("program headers that wrap", "program headers");
	kernel.e.phentsize = 1;
	refused("program headers of another size", "program headers");
	kernel.p[0].type = 0;
	refused("no segment to load", "nothing to load");
	kernel.p[0].offset = ~0UL;
	refused("a segment at -1", "segment data");
	kernel.p[0].filesz = ~0UL;
	refused("a segment of -1 bytes", "segment data");
	kernel.p[0].memsz = 10;
	refused("a segment with more file than memory", "impossible size");
	kernel.p[0].paddr = 0x3ffffffffffffff0;
	kernel.p[0].memsz = ~0UL;
	refused("a segment that wraps", "impossible size");
	kernel.e.entry = 0x10;
	refused("an entry point outside the segments", "entry point");
	for (int i = 0; i < 100000; i++) {
		make_kernel();
		for (int k = rnd() % 6 + 1; k; k--)
			((u8 *)&kernel)[rnd() % offsetof(typeof(kernel), data)] = rnd();
		if (parse(&why) && !why)
			errors = false;
	}
	ok(errors, "elf: every error of a damaged kernel has a reason");
}

static int next(struct config_reader *r, struct config_section *s, const char **why, unsigned int *line)
{
	*why = "";
	return config_next(r, s, why, line);
}

static int read_config(const char *text, struct config_section *s, const char **why, unsigned int *line)
{
	struct config_reader r = { .size = strlen(text) };
	u8 *p = exact(text, r.size);
	int rc;

	r.text = (const char *)p;
	rc = next(&r, s, why, line);
	free(p);
	return rc;
}

/*
 * A text must be refused, with a reason and the number of the line. The test is named after the
 * start of the text.
 */
static void faulty(const char *text, const char *reason, unsigned int at)
{
	struct config_section s;
	unsigned int line = 0;
	const char *why;
	char name[120];
	int rc = read_config(text, &s, &why, &line);

	snprintf(name, sizeof(name), "config: refused with \"%s\": %.40s", reason, text);
	for (char *end = name; (end = strchr(end, '\n'));)
		*end = '|';
	if (!ok(rc == -EINVAL && strstr(why, reason) && line == at, name))
		printf("# %d, line %u, \"%s\"\n", rc, line, why);
}

static void configs(void)
{
	static const char text[] =
		"# a comment\n\n[dom0]\nkernel = vmlinux\n  memory=512M  \n[u1]\r\nkernel\t=\tv2\r\n"
		"initrd = i.gz\nmemory = 2G\nvcpus = 3\ncmdline = console=hvc0 a = b # c\n"
		"[bad]\nkernal = x\nmemory = 1\n[u2]\nkernel = k\nmemory = 64";
	struct config_reader r = { .text = text, .size = sizeof(text) - 1 };
	static char big[2100];
	struct config_section s;
	unsigned int line;
	const char *why;

	eq(next(&r, &s, &why, &line), 1, "config: the first section is read");
	ok(!strcmp(s.name, "dom0") && !strcmp(s.kernel, "vmlinux") && s.memory == 512UL << 20 &&
	   s.vcpus == 1 && !s.grant_frames && !s.initrd[0] && !s.cmdline[0],
	   "config: missing keys have their defaults");
	eq(next(&r, &s, &why, &line), 1, "config: the second section is read");
	ok(!strcmp(s.name, "u1") && !strcmp(s.kernel, "v2") && s.memory == 2UL << 30 && s.vcpus == 3 &&
	   !strcmp(s.initrd, "i.gz") && !strcmp(s.cmdline, "console=hvc0 a = b # c"),
	   "config: all keys are read");
	eq(next(&r, &s, &why, &line), -EINVAL, "config: an unknown key is an error");
	ok(line == 13 && !strcmp(s.name, "bad") && strstr(why, "unknown key"),
	   "config: the error names section, line and reason");
	eq(next(&r, &s, &why, &line), 1, "config: the section after an error is read");
	ok(!strcmp(s.name, "u2") && s.memory == 64UL << 20,
	   "config: the last line needs no newline");
	eq(next(&r, &s, &why, &line), 0, "config: the end of the text is reported");
	eq(next(&r, &s, &why, &line), 0, "config: the end of the text is reported again");

	eq(read_config("", &s, &why, &line), 0, "config: an empty text has no section");
	eq(read_config("\n# only this\n", &s, &why, &line), 0,
	   "config: a text of comments has no section");
	faulty("kernel = x\n", "before the first section", 1);
	faulty("[dom0\nkernel = x\nmemory = 1\n", "section without a name", 1);
	faulty("[]\n", "section without a name", 1);
	faulty("[\n", "section without a name", 1);
	faulty("[7]\nkernel = k\nmemory = 1M\n", "section name: a number", 1);
	faulty("[Domain-0]\nkernel = k\nmemory = 1M\n", "Domain-0", 1);
	ok(read_config("[7a]\nkernel = k\nmemory = 1M\n", &s, &why, &line) == 1 && !strcmp(s.name, "7a"),
	   "config: a name may begin with a digit");
	faulty("[d]\nkernel\n", "neither a section", 2);
	faulty("[d]\nmemory = 1\n", "section without `kernel`", 2);
	faulty("[d]\nkernel = k\n", "section without `memory`", 2);
	faulty("[d]\nkernel = k\nmemory = 0\n", "memory", 3);
	faulty("[d]\nkernel = k\nmemory = -5\n", "memory", 3);
	faulty("[d]\nkernel = k\nmemory = 5K\n", "memory", 3);
	faulty("[d]\nkernel = k\nmemory = M\n", "memory", 3);
	faulty("[d]\nkernel = k\nmemory = 99999999999999999999\n", "memory", 3);
	faulty("[d]\nkernel = k\nvcpus = 0\n", "vcpus", 3);
	faulty("[d]\nkernel = k\nvcpus = 65\n", "vcpus", 3);
	faulty("[d]\nkernel = k\nvcpus = x\n", "vcpus", 3);
	faulty("[d]\nkernel = k\ngrant_frames = 0\n", "grant_frames", 3);
	faulty("[d]\nkernel = k\ngrant_frames = 4097\n", "grant_frames", 3);
	faulty("[d]\nkernel = k\ngrant_frames = -1\n", "grant_frames", 3);
	faulty("[d]\nkernel = k\ngrant_frames = many\n", "grant_frames", 3);
	faulty("[d]\nkernel = k\ngrant_frames =\n", "grant_frames", 3);
	ok(read_config("[d]\nkernel = k\nmemory = 1M\ngrant_frames = 1\n", &s, &why, &line) == 1 &&
	   s.grant_frames == 1, "config: the smallest number of grant frames is accepted");
	ok(read_config("[d]\nkernel = k\nmemory = 1M\ngrant_frames = 4096\n", &s, &why, &line) == 1 &&
	   s.grant_frames == 4096, "config: the largest number of grant frames is accepted");
	faulty("[d]\nkernel = k\nweight = 0\n", "weight", 3);
	faulty("[d]\nkernel = k\nweight = 65536\n", "weight", 3);
	faulty("[d]\nkernel = k\ncap = 6401\n", "cap", 3);
	faulty("[d]\nkernel = k\ncpus =\n", "cpus", 3);
	faulty("[d]\nkernel = k\ncpus = 1,\n", "cpus", 3);
	faulty("[d]\nkernel = k\ncpus = 2-1\n", "cpus", 3);
	faulty("[d]\nkernel = k\ncpus = 1-2-3\n", "cpus", 3);
	faulty("[d]\nkernel = k\ncpus = 64\n", "cpus", 3);
	faulty("[d]\nkernel = k\nuuid =\n", "uuid: not of the form", 3);
	faulty("[d]\nkernel = k\nuuid = 01234567-89ab-cdef-0123-456789abcde\n", "uuid", 3);
	faulty("[d]\nkernel = k\nuuid = 01234567-89ab-cdef-0123-456789abcdef0\n", "uuid", 3);
	faulty("[d]\nkernel = k\nuuid = 0123456789ab-cdef-0123-456789abcdef00\n", "uuid", 3);
	faulty("[d]\nkernel = k\nuuid = 01234567-89ab-cdef-0123-456789abcdeg\n", "uuid", 3);
	faulty("[d]\nkernel = k\nuuid = 01234567-89ab-cdef-0123-456789abcd`f\n", "uuid", 3);
	faulty("[d]\nkernel = k\nuuid = 01234567-89ab-cdef-0123-456789abcd-f\n", "uuid", 3);
	faulty("[d]\nkernel = k\nuuid = 00000000-0000-0000-0000-000000000000\n", "zeros", 3);
	ok(read_config("[d]\nkernel = k\nmemory = 1M\nuuid = 01234567-89ab-cdef-FEDC-BA9876543210\n", &s, &why,
		       &line) == 1 &&
	   !memcmp(s.uuid, "\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10", 16),
	   "config: a UUID is read in the order of its text");
	ok(read_config("[d]\nkernel = k\nmemory = 1M\n", &s, &why, &line) == 1 && !s.uuid[0] &&
	   !memcmp(s.uuid, s.uuid + 1, 15), "config: there is no UUID by default");
	ok(read_config("[d]\nkernel = k\nmemory = 1M\n", &s, &why, &line) == 1 && !s.weight && !s.cap && !s.cpus,
	   "config: scheduling parameters are unset by default");
	ok(read_config("[d]\nkernel = k\nmemory = 1M\nweight = 65535\ncap = 6400\ncpus = 0-1,3,62-63\n", &s, &why,
		       &line) == 1 && s.weight == 65535 && s.cap == 6400 && s.cpus == 0xc00000000000000bUL,
	   "config: scheduling parameters are read");
	memset(big, 'x', sizeof(big) - 1);
	memcpy(big, "[d]\nkernel = ", 13);
	faulty(big, "kernel: longer than 63 bytes", 2);
	memcpy(big, "[d]\ncmdline =", 13);
	faulty(big, "cmdline: longer than 2047 bytes", 2);
	memcpy(big, "[d]\nkernel = k\nmemory = 1M\ncmdline =", 36);
	big[36 + 2047] = 0;
	ok(read_config(big, &s, &why, &line) == 1 && strlen(s.cmdline) == 2047,
	   "config: the longest command line is accepted");
	memset(big, 'x', sizeof(big) - 1);
	big[0] = '[';
	big[2098] = ']';
	faulty(big, "section name: longer than 31 bytes", 1);

	for (int i = 0; i < 100000; i++) {
		size_t n = rnd() % 80;
		u8 *p = malloc(n + 1);

		for (size_t k = 0; k < n; k++)
			p[k] = "[]=\n# \tdkernelmoryvcpus0123456789MG\r\0\xff"[rnd() % 39];
		r = (struct config_reader){ .text = (char *)p, .size = n };
		for (int guard = 0; next(&r, &s, &why, &line) && guard < 200; guard++)
			;
		free(p);
		if (r.pos != n)
			break;
	}
	eq(r.pos, r.size, "config: random text is read to its end");
}

static void options(void)
{
	char val[8];

	ok(config_option("a=1 slice=500 b", "slice", val, sizeof(val)) && !strcmp(val, "500"),
	   "option: the value is found");
	ok(config_option("slice=", "slice", val, sizeof(val)) && !*val,
	   "option: an empty value is found");
	ok(config_option("  x slice=123456789", "slice", val, sizeof(val)) && !strcmp(val, "1234567"),
	   "option: a long value is truncated to the buffer");
	ok(!config_option("slice", "slice", val, sizeof(val)), "option: a name without a value is not found");
	ok(!config_option("myslice=1", "slice", val, sizeof(val)),
	   "option: the end of a longer name is not found");
	ok(!config_option("", "slice", val, sizeof(val)),
	   "option: an empty command line has no options");
}

int main(void)
{
	bundles();
	kernels();
	configs();
	options();
	return test_done();
}
