// SPDX-License-Identifier: GPL-2.0
/*
 * Device trees, by libfdt.
 *
 * From the firmware's tree the hypervisor takes memory and reservations, the cores,
 * the timebase frequency, the address of the bundle and its command line. A domain's tree
 * is written from scratch (Documentation/abi.rst, "Discovery", "Entry", "MMU"): of
 * the host it describes only the processor.
 */
#include <libfdt.h>

#include "boot/boot.h"
#include "boot/config.h"
#include "boot/fdt.h"
#include "boot/names.h"
#include "arch/cpu.h"
#include "core/arch_ops.h"
#include "lib/page.h"
#include "lib/printf.h"
#include "lib/string.h"

#define MAX_RESERVED	64
#define PMEM_ALIGN_MIB	16U	/* the largest page with which Linux may map it */

#define RNG_SEED_WORDS	8	/* 512 bits: Linux takes 256 */

/* Byte numbers in ibm,pa-features. */
#define PA_TM		22
#define PA_RADIX	40

struct host_info host_info;
static const void *host_fdt;
static int host_cpu;		/* offset of the first cpu node */

static struct {
	u64 start, end;
} reserved[MAX_RESERVED];
static unsigned int nr_reserved;

static void host_reserve(u64 start, u64 size)
{
	if (!size)
		return;
	if (nr_reserved == MAX_RESERVED)
		panic("firmware reserves more than %d ranges", MAX_RESERVED);
	reserved[nr_reserved].start = start & ~PAGE_MASK;
	reserved[nr_reserved].end = (start + size + PAGE_MASK) & ~PAGE_MASK;
	nr_reserved++;
}

/* Read a number of one or two cells. */
static u64 host_cells(const void *p, int n)
{
	return n == 2 ? fdt64_ld(p) : fdt32_ld(p);
}

/* Read a property of one or two cells, 0 if there is none. */
static u64 host_prop(int node, const char *name)
{
	int len;
	const void *p = fdt_getprop(host_fdt, node, name, &len);

	return !p ? 0 : len == 8 ? host_cells(p, 2) : len == 4 ? host_cells(p, 1) : 0;
}

/* Give a range to the page allocator, except for what is reserved in it. */
static void host_add_free(u64 start, u64 end)
{
	unsigned int i;

	for (i = 0; i < nr_reserved; i++) {
		if (reserved[i].end <= start || reserved[i].start >= end)
			continue;
		if (reserved[i].start > start)
			host_add_free(start, reserved[i].start);
		if (reserved[i].end < end)
			host_add_free(reserved[i].end, end);
		return;
	}
	if (end > start)
		pages_add_range(start, end);
}

static void host_scan_reserved(void)
{
	int i, node, parent = fdt_path_offset(host_fdt, "/reserved-memory");

	for (i = 0; i < fdt_num_mem_rsv(host_fdt); i++) {
		u64 start, size;

		if (!fdt_get_mem_rsv(host_fdt, i, &start, &size))
			host_reserve(start, size);
	}
	if (parent < 0)
		return;
	fdt_for_each_subnode(node, host_fdt, parent) {
		int len;
		const u8 *p = fdt_getprop(host_fdt, node, "reg", &len);

		for (; p && len >= 16; p += 16, len -= 16)
			host_reserve(host_cells(p, 2), host_cells(p + 8, 2));
	}
}

/* Call @range for each range of memory until it returns true. Return: whether it did. */
static bool host_each_memory(bool (*range)(u64 start, u64 end, u64 a, u64 b), u64 a, u64 b)
{
	int node = -1;

	while ((node = fdt_node_offset_by_prop_value(host_fdt, node, "device_type", "memory", 7)) >= 0) {
		int len;
		const u8 *p = fdt_getprop(host_fdt, node, "reg", &len);

		for (; p && len >= 16; p += 16, len -= 16) {
			if (range(host_cells(p, 2), host_cells(p, 2) + host_cells(p + 8, 2), a, b))
				return true;
		}
	}
	return false;
}

static bool host_free_range(u64 start, u64 end, u64 unused_a, u64 unused_b)
{
	(void)unused_a;
	(void)unused_b;
	host_add_free(start, end);
	return false;
}

static bool host_holds_range(u64 start, u64 end, u64 a, u64 b)
{
	return start <= a && b <= end;
}

static bool host_is_memory(u64 start, u64 end)
{
	return host_each_memory(host_holds_range, start, end);
}

/*
 * `pmem=SIZE@ADDRESS` of the command line, both in MiB: memory that keeps its
 * contents from before the hypervisor started, and becomes dom0's persistent memory.
 */
static void host_scan_pmem(void)
{
	char word[32];
	u64 start, size;
	char *at;
	unsigned int i;

	if (!config_option(host_info.cmdline, "pmem", word, sizeof(word)))
		return;
	at = strchr(word, '@');
	if (!at || config_number(word, at - word, &size) || config_number(at + 1, strlen(at + 1), &start) ||
	    !size || size > 1UL << 24 || start > 1UL << 24 || (start | size) % PMEM_ALIGN_MIB)
		panic("pmem=%s: not SIZE@ADDRESS, both in MiB and multiples of %u", word, PMEM_ALIGN_MIB);
	start <<= 20;
	size <<= 20;
	for (i = 0; i < nr_reserved; i++) {
		if (reserved[i].end > start && reserved[i].start < start + size)
			panic("pmem=%s: the firmware or the bundle lies at %lx", word, reserved[i].start);
	}
	if (!host_is_memory(start, start + size))
		panic("pmem=%s: there is no such memory", word);
	host_reserve(start, size);
	host_info.pmem_start = start;
	host_info.pmem_size = size;
}

/* Each core is a node; ibm,ppc-interrupt-server#s lists the PIRs of its threads. */
static void host_scan_cores(void)
{
	int node = -1, len;
	const void *p;

	while ((node = fdt_node_offset_by_prop_value(host_fdt, node, "device_type", "cpu", 4)) >= 0) {
		const char *status = fdt_getprop(host_fdt, node, "status", NULL);

		if (status && strcmp(status, "okay"))
			continue;
		p = fdt_getprop(host_fdt, node, "ibm,ppc-interrupt-server#s", &len);
		if (!p || len < 4)
			p = fdt_getprop(host_fdt, node, "reg", &len);
		if (p && len >= 4 && host_info.nr_cores < MAX_PCPUS)
			host_info.cores[host_info.nr_cores++] = host_cells(p, 1);
	}
}

/**
 * fdt_scan_host() - read the firmware's device tree
 * @fdt: the tree; its memory is reserved and stays valid
 *
 * Fills host_info, sets tb_hz, and gives the memory that is not reserved to the page
 * allocator. Boot processor; panics if something essential is missing.
 */
void fdt_scan_host(const void *fdt)
{
	int chosen;

	if (fdt_check_header(fdt))
		panic("the firmware gave no device tree");
	host_fdt = fdt;
	host_cpu = fdt_node_offset_by_prop_value(fdt, -1, "device_type", "cpu", 4);
	if (host_cpu < 0)
		panic("no cpu in the firmware's device tree");
	tb_hz = host_prop(host_cpu, "timebase-frequency");
	if (!tb_hz)
		panic("no timebase-frequency in the firmware's device tree");
	host_scan_cores();
	chosen = fdt_path_offset(fdt, "/chosen");
	host_info.initrd_start = host_prop(chosen, "linux,initrd-start");
	host_info.initrd_end = host_prop(chosen, "linux,initrd-end");
	host_info.cmdline = fdt_getprop(fdt, chosen, "bootargs", NULL);
	if (!host_info.cmdline)
		host_info.cmdline = "";

	host_reserve(0, (u64)__hv_end);
	host_reserve((u64)fdt, fdt_totalsize(fdt));
	if (host_info.initrd_end > host_info.initrd_start)
		host_reserve(host_info.initrd_start, host_info.initrd_end - host_info.initrd_start);
	host_scan_reserved();
	host_scan_pmem();
	host_each_memory(host_free_range, 0, 0);
}

/*
 * Page sizes of the processor as (AP encoding << 29 | log2 bytes), from the host's
 * tree; for firmware without the property, those of POWER9 and POWER10 (ISA III
 * 5.9.3.3).
 */
static int guest_page_sizes(void *f)
{
	const fdt32_t ap[] = {
		cpu_to_fdt32(0U << 29 | 12), cpu_to_fdt32(5U << 29 | 16),
		cpu_to_fdt32(1U << 29 | 21), cpu_to_fdt32(2U << 29 | 30),
	};
	int len;
	const void *p = fdt_getprop(host_fdt, host_cpu, "ibm,processor-radix-AP-encodings", &len);

	return p ? fdt_property(f, "ibm,processor-radix-AP-encodings", p, len) :
		   fdt_property(f, "ibm,processor-radix-AP-encodings", ap, sizeof(ap));
}

/*
 * Attribute bytes behind a header of {bytes, 0}. They are the host's, except that
 * transactional memory is not offered, and that radix translation is: older
 * firmware omits that byte.
 */
static int guest_pa_features(void *f)
{
	u8 features[2 + 64] = { 0 };
	int len;
	const u8 *p = fdt_getprop(host_fdt, host_cpu, "ibm,pa-features", &len);

	if (!p || len < 2)
		return 0;
	memcpy(features, p, min_t(size_t, len, sizeof(features)));
	features[0] = sizeof(features) - 2;
	features[2 + PA_TM] &= ~0x80;
	features[2 + PA_RADIX] |= 0x80;
	return fdt_property(f, "ibm,pa-features", features, sizeof(features));
}

static int guest_cpu(unsigned int id, void *f)
{
	static const char *const copied[] = {
		"timebase-frequency", "clock-frequency", "cpu-version",
		"d-cache-size", "d-cache-line-size", "d-cache-block-size", "d-cache-sets",
		"i-cache-size", "i-cache-line-size", "i-cache-block-size", "i-cache-sets",
		"ibm,slb-size", "ibm,vmx", "ibm,dfp", "general-purpose", "64-bit",
	};
	char name[24];
	int err = 0, len;
	unsigned int i;
	const void *p;

	snprintf(name, sizeof(name), "cpu@%x", id);
	err |= fdt_begin_node(f, name);
	err |= fdt_property_string(f, "device_type", "cpu");
	err |= fdt_property_string(f, "status", "okay");
	err |= fdt_property_u32(f, "reg", id);
	err |= fdt_property_u32(f, "ibm,ppc-interrupt-server#s", id);
	for (i = 0; i < ARRAY_SIZE(copied); i++) {
		p = fdt_getprop(host_fdt, host_cpu, copied[i], &len);
		if (p)
			err |= fdt_property(f, copied[i], p, len);
	}
	err |= guest_page_sizes(f);
	err |= guest_pa_features(f);
	err |= fdt_end_node(f);
	return err;
}

static bool random_seed(u64 *seed)
{
	for (unsigned int i = 0; i < RNG_SEED_WORDS; i++)
		if (!cpu_random(&seed[i]))
			return false;
	return true;
}

/*
 * A seed for Linux's random number generator, so that it is ready from the start. None if the
 * processor delivers no random numbers.
 */
static int guest_rng_seed(void *f)
{
	u64 seed[RNG_SEED_WORDS];

	return random_seed(seed) ? fdt_property(f, "rng-seed", seed, sizeof(seed)) : 0;
}

static int guest_chosen(const struct domain *d, const struct domain_layout *l, void *f)
{
	u8 vec5[28] = { 0 };
	int err = 0;

	vec5[24] = 0x40;	/* MMU: radix and nothing else */
	vec5[26] = 0x40;	/* GTSE: the guest may tlbie */
	err |= fdt_begin_node(f, "chosen");
	err |= fdt_property_string(f, "bootargs", d->cfg.cmdline ? d->cfg.cmdline : "");
	err |= fdt_property(f, "ibm,architecture-vec-5", vec5, sizeof(vec5));
	err |= guest_rng_seed(f);
	if (l->initrd_end) {
		err |= fdt_property_u64(f, "linux,initrd-start", l->initrd_start);
		err |= fdt_property_u64(f, "linux,initrd-end", l->initrd_end);
	}
	err |= fdt_end_node(f);
	return err;
}

/* A node for Linux's of_pmem driver. */
static int guest_pmem(u64 size, void *f)
{
	fdt64_t reg[2] = { cpu_to_fdt64(PMEM_GPA), cpu_to_fdt64(size) };
	char name[32];
	int err = 0;

	if (!size)
		return 0;
	snprintf(name, sizeof(name), "pmem@%lx", PMEM_GPA);
	err |= fdt_begin_node(f, name);
	err |= fdt_property_string(f, "compatible", "pmem-region");
	err |= fdt_property(f, "reg", reg, sizeof(reg));
	err |= fdt_end_node(f);
	return err;
}

/* For the tools in dom0: a string for each domain that xen.conf describes, by domid. */
static int guest_domain_names(void *f)
{
	static char names[MAX_DOMAINS * CONFIG_NAME];
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < MAX_DOMAINS && *names_get(i); i++) {
		const char *name = names_get(i);
		size_t size = strlen(name) + 1;

		memcpy(names + len, name, size);
		len += size;
	}
	return fdt_property(f, "xen,domain-names", names, len);
}

static int guest_hypervisor(bool privileged, void *f)
{
	static const char compatible[] = "xen,xen-4.17\0xen,xen";
	fdt64_t reg[4] = {
		cpu_to_fdt64(GRANT_WINDOW_GPA), cpu_to_fdt64(GRANT_WINDOW_SIZE),
		cpu_to_fdt64(EXT_REGION_GPA), cpu_to_fdt64(EXT_REGION_SIZE),
	};
	int err = 0;

	err |= fdt_begin_node(f, "hypervisor");
	err |= fdt_property(f, "compatible", compatible, sizeof(compatible));
	err |= fdt_property(f, "reg", reg, sizeof(reg));
	if (privileged)
		err |= guest_domain_names(f);
	err |= fdt_end_node(f);
	return err;
}

/**
 * fdt_write_domain() - write a domain's device tree
 * @d: the domain, with its vcpus and its command line
 * @l: its layout in guest physical memory
 * @buf: out: the tree
 * @size: bytes at @buf
 *
 * Return: bytes of the tree, or -1 if it does not fit.
 */
int fdt_write_domain(const struct domain *d, const struct domain_layout *l, void *buf, size_t size)
{
	fdt64_t reg[2] = { 0, cpu_to_fdt64(l->memory) };
	unsigned int i;
	int err;

	err = fdt_create(buf, size);
	err |= fdt_finish_reservemap(buf);
	err |= fdt_begin_node(buf, "");
	err |= fdt_property_u32(buf, "#address-cells", 2);
	err |= fdt_property_u32(buf, "#size-cells", 2);
	err |= fdt_property_string(buf, "compatible", "xen,guest");
	err |= fdt_property_string(buf, "model", "Xen guest");
	err |= guest_chosen(d, l, buf);
	err |= fdt_begin_node(buf, "memory@0");
	err |= fdt_property_string(buf, "device_type", "memory");
	err |= fdt_property(buf, "reg", reg, sizeof(reg));
	err |= fdt_end_node(buf);
	err |= fdt_begin_node(buf, "cpus");
	err |= fdt_property_u32(buf, "#address-cells", 1);
	err |= fdt_property_u32(buf, "#size-cells", 0);
	for (i = 0; i < d->nr_vcpus; i++)
		err |= guest_cpu(i, buf);
	err |= fdt_end_node(buf);
	err |= guest_pmem(l->pmem, buf);
	err |= guest_hypervisor(d->privileged, buf);
	err |= fdt_end_node(buf);
	err |= fdt_finish(buf);
	return err ? -1 : (int)fdt_totalsize(buf);
}

/**
 * fdt_renew_domain() - give a domain's device tree a new random seed
 * @tree: what fdt_write_domain() has written, for another start of the same domain
 *
 * Without random numbers the property goes: the old seed is not random any more.
 */
void fdt_renew_domain(void *tree)
{
	int chosen = fdt_path_offset(tree, "/chosen"), n;
	void *old = chosen < 0 ? NULL : fdt_getprop_w(tree, chosen, "rng-seed", &n);
	u64 seed[RNG_SEED_WORDS];

	if (!old || n != sizeof(seed))
		return;
	if (random_seed(seed))
		memcpy(old, seed, sizeof(seed));
	else
		fdt_nop_property(tree, chosen, "rng-seed");
}
