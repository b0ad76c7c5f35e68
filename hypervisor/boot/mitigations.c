// SPDX-License-Identifier: GPL-2.0
/*
 * What the firmware says of the processor's speculation, in the words of
 * H_GET_CPU_CHARACTERISTICS, with which each guest chooses its own flushes and barriers.
 *
 * OPAL has a node /ibm,opal/fw-features/NAME for each feature that it knows, with an empty
 * property "enabled" or "disabled". The tables follow init_fw_feat_flags() of Linux's powernv
 * platform, so that a domain protects itself as Linux does on the bare machine.
 */
#include <libfdt.h>

#include "boot/mitigations.h"

struct feature {
	const char *name;
	u64 bit;
};

/* Set if the firmware says "enabled": what the processor can do, or what need not be done. */
static const struct feature characters[] = {
	{ "inst-spec-barrier-ori31,31,0", H_CPU_CHAR_SPEC_BAR_ORI31 },
	{ "fw-bcctrl-serialized", H_CPU_CHAR_BCCTRL_SERIALISED },
	{ "inst-l1d-flush-ori30,30,0", H_CPU_CHAR_L1D_FLUSH_ORI30 },
	{ "inst-l1d-flush-trig2", H_CPU_CHAR_L1D_FLUSH_TRIG2 },
	{ "fw-l1d-thread-split", H_CPU_CHAR_L1D_THREAD_PRIV },
	{ "fw-count-cache-disabled", H_CPU_CHAR_COUNT_CACHE_DISABLED },
	{ "fw-count-cache-flush-bcctr2,0,0", H_CPU_CHAR_BCCTR_FLUSH_ASSIST },
};

static const struct feature behaviours[] = {
	{ "needs-count-cache-flush-on-context-switch", H_CPU_BEHAV_FLUSH_COUNT_CACHE },
	{ "no-need-l1d-flush-msr-pr-1-to-0", H_CPU_BEHAV_NO_L1D_FLUSH_ENTRY },
	{ "no-need-l1d-flush-kernel-on-user-access", H_CPU_BEHAV_NO_L1D_FLUSH_UACCESS },
	{ "no-need-store-drain-on-priv-state-switch", H_CPU_BEHAV_NO_STF_BARRIER },
};

/* Set unless the firmware says "disabled": what has to be done on a processor of which nothing is known. */
static const struct feature needs[] = {
	{ "speculation-policy-favor-security", H_CPU_BEHAV_FAVOUR_SECURITY },
	{ "needs-l1d-flush-msr-pr-0-to-1", H_CPU_BEHAV_L1D_FLUSH_PR },
	{ "needs-spec-barrier-for-bound-checks", H_CPU_BEHAV_BNDS_CHK_SPEC_BAR },
};

/* Whether /ibm,opal/fw-features has the feature, with that property. @node: of fw-features, or negative. */
static bool says(const void *fdt, int node, const char *feature, const char *property)
{
	if (node >= 0)
		node = fdt_subnode_offset(fdt, node, feature);
	return node >= 0 && fdt_getprop(fdt, node, property, NULL);
}

/**
 * mitigations_read() - read the firmware's features of the processor
 * @fdt: the firmware's device tree, whose header has been checked
 * @c: out: the words of H_GET_CPU_CHARACTERISTICS
 *
 * A property counts by its presence, whatever its value, as in Linux. Without the node, or with
 * a tree that libfdt cannot read, the result asks for every flush and barrier, and offers no
 * instruction for them.
 *
 * Context: any; takes no lock. Its time is bounded by the size of @fdt.
 */
void mitigations_read(const void *fdt, struct cpu_characteristics *c)
{
	int node = fdt_path_offset(fdt, "/ibm,opal/fw-features");
	unsigned int i;

	*c = (struct cpu_characteristics){ 0 };
	for (i = 0; i < ARRAY_SIZE(characters); i++)
		if (says(fdt, node, characters[i].name, "enabled"))
			c->character |= characters[i].bit;
	for (i = 0; i < ARRAY_SIZE(behaviours); i++)
		if (says(fdt, node, behaviours[i].name, "enabled"))
			c->behaviour |= behaviours[i].bit;
	for (i = 0; i < ARRAY_SIZE(needs); i++)
		if (!says(fdt, node, needs[i].name, "disabled"))
			c->behaviour |= needs[i].bit;
}
