// SPDX-License-Identifier: GPL-2.0
/*
 * The start of the hypervisor: hv_main() sets up the machine, starts the domains
 * that xen.conf in the bundle describes, and enters the first of them.
 */
#include "boot/boot.h"
#include "boot/bundle.h"
#include "boot/config.h"
#include "boot/fdt.h"
#include "boot/mitigations.h"
#include "boot/names.h"
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/opal.h"
#include "core/arch_ops.h"
#include "core/base/domains.h"
#include "core/console/console.h"
#include "core/domain/domain.h"
#include "core/domain/domain_destroy.h"
#include "core/domain/reap.h"
#include "core/init.h"
#include "core/mm/memory.h"
#include "core/sched/sched.h"
#include "core/hypercall/version.h"
#include "lib/errno.h"
#include "lib/page.h"
#include "lib/printf.h"
#include "lib/slab.h"
#include "lib/string.h"

#define SLICE_MIN_US	200	/* shortest scheduler slice that slice= accepts */

/* The stack on which C runs after an exit from a guest, on the boot processor. */
static u8 exit_stack[32768] __aligned(16);

static const u8 *bundle_start(void)
{
	return arch_ma_to_ptr(host_info.initrd_start);
}

static size_t bundle_size(void)
{
	return host_info.initrd_end - host_info.initrd_start;
}

/* Find a file that a section names, or print what is wrong. Return: whether it was found. */
static bool config_file(const struct config_section *s, const char *key, const char *name,
			const void **data, size_t *size)
{
	struct bundle_file f;
	const char *why;
	int rc = bundle_find(bundle_start(), bundle_size(), name, &f, &why);

	if (rc) {
		printk("%s: %s = %s: %s\n", s->name, key, name, rc == -ENOENT ? "no such file in the bundle" : why);
		return false;
	}
	*data = f.data;
	*size = f.size;
	return true;
}

/* A copy that lives as long as the domain: struct domain_config points to it. */
static char *config_strdup(const char *s)
{
	char *p = xmalloc(strlen(s) + 1);

	if (!p)
		panic("no memory for the configuration");
	return memcpy(p, s, strlen(s) + 1);
}

/* The tools and xenstore tell domains apart by their UUIDs. */
static bool config_uuid_free(const struct config_section *s)
{
	if (!domain_handle_valid(s->uuid))
		return true;
	for (unsigned int id = 0; id < MAX_DOMAINS; id++)
		if (domains[id] && !memcmp(domains[id]->cfg.handle, s->uuid, sizeof(s->uuid))) {
			printk("%s: uuid: that of %s\n", s->name, domains[id]->name);
			return false;
		}
	return true;
}

static bool start_domain(const struct config_section *s, u16 id)
{
	struct domain_config cfg = {
		.name = config_strdup(s->name),
		.memory = s->memory,
		.vcpus = s->vcpus,
		.weight = s->weight,
		.cap = s->cap,
		.affinity = s->cpus,
		.grant_frames = s->grant_frames,
		.cmdline = config_strdup(s->cmdline),
		.kernel_name = config_strdup(s->kernel),
		.initrd_name = config_strdup(s->initrd),
	};
	struct domain *d;

	if (!config_uuid_free(s))
		return false;
	memcpy(cfg.handle, s->uuid, sizeof(cfg.handle));
	if (!config_file(s, "kernel", s->kernel, &cfg.kernel, &cfg.kernel_size))
		return false;
	if (s->initrd[0] && !config_file(s, "initrd", s->initrd, &cfg.initrd, &cfg.initrd_size))
		return false;
	d = domain_create(id, &cfg);
	if (!d) {
		printk("%s: no memory for the domain\n", s->name);
		return false;
	}
	if (domain_build(d)) {
		domain_discard(d);
		return false;
	}
	domain_start(d);
	return true;
}

static const struct domain_builder builder = { .step = domain_build_step };

/*
 * Get the next usable section of xen.conf, NULL at the end. @r is zero before the first call. @report:
 * print what is wrong with the sections that are skipped.
 */
static const struct config_section *next_section(struct config_reader *r, bool report)
{
	static struct config_section s;
	struct bundle_file conf;
	unsigned int line;
	const char *why;
	int rc;

	if (!r->text) {
		rc = bundle_find(bundle_start(), bundle_size(), "xen.conf", &conf, &why);
		if (rc)
			panic("bundle: the archive %s", rc == -ENOENT ? "has no xen.conf" : why);
		r->text = (const char *)conf.data;
		r->size = conf.size;
	}
	while ((rc = config_next(r, &s, &why, &line)) < 0) {
		if (report)
			printk("xen.conf:%u: %s; section [%s] is ignored\n", line, why, s.name);
	}
	return rc ? &s : NULL;
}

static void name_section(const struct config_section *s)
{
	switch (names_add(s->name)) {
	case -EEXIST:
		if (!strcmp(s->name, "dom0"))
			panic("xen.conf: two sections [dom0]");
		printk("xen.conf: [%s]: the name is taken; this section is ignored\n", s->name);
		break;
	case -ENOSPC:
		printk("xen.conf: [%s]: more than %d domains; this section is ignored\n", s->name, MAX_DOMAINS);
		break;
	}
}

static void start_domu(const struct config_section *s)
{
	static bool tried[MAX_DOMAINS] = { true };
	unsigned int domid = names_find(s->name);

	/* Sections that names_add() refused have no domid, or that of an earlier section. */
	if (domid == MAX_DOMAINS || tried[domid])
		return;
	tried[domid] = true;
	if (!start_domain(s, domid))
		printk("%s: not started; going on without it\n", s->name);
}

/*
 * Start the domains in three passes over xen.conf: dom0's device tree needs the names of all, and
 * dom0 comes before the domUs, so that none of them takes the memory it needs.
 */
static void start_domains(void)
{
	struct config_reader r = { 0 };
	const struct config_section *s;

	while ((s = next_section(&r, true)))
		name_section(s);
	if (!*names_get(0))
		panic("xen.conf: no usable section [dom0]");
	r = (struct config_reader){ 0 };
	while ((s = next_section(&r, false))) {
		if (!strcmp(s->name, "dom0") && !start_domain(s, 0))
			panic("dom0 can't be started, see above");
	}
	r = (struct config_reader){ 0 };
	while ((s = next_section(&r, false)))
		start_domu(s);
}

/* Check the whole archive at boot: damage would otherwise show only when a domU reboots. */
static void bundle_check(void)
{
	struct bundle_file f;
	const char *why;
	size_t pos = 0;
	int rc;

	if (!host_info.initrd_start)
		panic("bundle: none given (an initrd with xen.conf, kernels and initrds)");
	do {
		rc = bundle_next(bundle_start(), bundle_size(), &pos, &f, &why);
	} while (rc > 0);
	if (rc)
		panic("bundle: the archive %s (at byte %lu of %lu)", why, pos, bundle_size());
}

static const char *cmdline_option(const char *key)
{
	static char value[32];

	return config_option(host_info.cmdline, key, value, sizeof(value)) ? value : NULL;
}

static unsigned int maxcpus(const char *text)
{
	u64 n;

	if (!text)
		return MAX_PCPUS;
	if (config_number(text, strlen(text), &n) || !n || n > MAX_PCPUS) {
		printk("maxcpus=%s: not a number from 1 to %d; ignored\n", text, MAX_PCPUS);
		return MAX_PCPUS;
	}
	return n;
}

/**
 * hv_main() - the C entry of the boot processor (head.S)
 * @fdt: the firmware's device tree
 * @opal_base: r2 for calls of OPAL
 * @opal_entry: OPAL's entry point
 *
 * On the boot stack, in real mode. Does not return.
 */
void hv_main(const void *fdt, u64 opal_base, u64 opal_entry)
{
	struct pcpu *p = local_pcpu;

	p->arch.stack = (u64)exit_stack + sizeof(exit_stack) - 128;
	p->arch.pir = mfspr(SPR_PIR);
	core_early_init();
	opal_init(opal_base, opal_entry);
	printk("Xen/PowerPC reference hypervisor, %s-endian\n",
	       MSR_GUEST_ORDER ? "little" : "big");
	fdt_scan_host(fdt);
	mitigations_read(fdt, &cpu_characteristics);
	snprintf(hv_commandline, sizeof(hv_commandline), "%s", host_info.cmdline);
	printk("memory: %lu MiB free, timebase %lu Hz\n", pages_free() >> (20 - PAGE_SHIFT), tb_hz);
	radix_init();
	cpu_init();
	inject_init(cmdline_option("inject"));
	core_set_us("slice", cmdline_option("slice"), &sched_slice_ns, SLICE_MIN_US);
	core_set_us("ratelimit", cmdline_option("ratelimit"), &sched_min_run_ns, 0);
	core_init();
	domain_set_builder(&builder);
	smp_init(host_info.cores, host_info.nr_cores, maxcpus(cmdline_option("maxcpus")));
	bundle_check();
	start_domains();
	smp_release();
	work_exit();
}
