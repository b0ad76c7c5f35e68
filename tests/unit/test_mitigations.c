// SPDX-License-Identifier: GPL-2.0
/*
 * H_GET_CPU_CHARACTERISTICS: what the hypervisor makes of the firmware's tree.
 */
#include "test.h"
#include <libfdt.h>
#include "boot/mitigations.h"

/* The bits that the feature has in Linux's asm/hvcall.h, as numbers, and the word they are in. */
static const struct known {
	const char *name;
	bool behaviour;
	u64 bit;
	bool unless_disabled;
} known[] = {
	{ "inst-spec-barrier-ori31,31,0", false, 1UL << 63, false },
	{ "fw-bcctrl-serialized", false, 1UL << 62, false },
	{ "inst-l1d-flush-ori30,30,0", false, 1UL << 61, false },
	{ "inst-l1d-flush-trig2", false, 1UL << 60, false },
	{ "fw-l1d-thread-split", false, 1UL << 59, false },
	{ "fw-count-cache-disabled", false, 1UL << 56, false },
	{ "fw-count-cache-flush-bcctr2,0,0", false, 1UL << 54, false },
	{ "speculation-policy-favor-security", true, 1UL << 63, true },
	{ "needs-l1d-flush-msr-pr-0-to-1", true, 1UL << 62, true },
	{ "needs-spec-barrier-for-bound-checks", true, 1UL << 61, true },
	{ "needs-count-cache-flush-on-context-switch", true, 1UL << 58, false },
	{ "no-need-l1d-flush-msr-pr-1-to-0", true, 1UL << 56, false },
	{ "no-need-l1d-flush-kernel-on-user-access", true, 1UL << 55, false },
	{ "no-need-store-drain-on-priv-state-switch", true, 1UL << 54, false },
};

#define ALL	(~0U)
#define DEFAULT	0xe000000000000000UL	/* favour security, flush on return to problem state, bounds checks */

static u8 tree[1 << 14];

/* A tree in which the features of the set @which have the property @prop, with @len bytes of value. */
static void make_tree(unsigned int which, const char *prop, int len)
{
	static const u8 value[8] = { 0, 0, 0, 0, 'x', 0xff, 0, 1 };

	fdt_create(tree, sizeof(tree));
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	fdt_begin_node(tree, "ibm,opal");
	fdt_begin_node(tree, "fw-features");
	fdt_property_string(tree, "enabled", "this is no feature");
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		if (!(which & 1U << i))
			continue;
		fdt_begin_node(tree, known[i].name);
		if (prop)
			fdt_property(tree, prop, value, len);
		fdt_end_node(tree);
	}
	fdt_begin_node(tree, "a-feature-of-later-firmware");
	fdt_property(tree, "enabled", "", 0);
	fdt_end_node(tree);
	fdt_end_node(tree);
	fdt_end_node(tree);
	fdt_end_node(tree);
	if (fdt_finish(tree))
		abort();
}

static bool reads(u64 character, u64 behaviour)
{
	struct cpu_characteristics c = { 0x5555, 0x5555 };

	mitigations_read(tree, &c);
	if (c.character == character && c.behaviour == behaviour)
		return true;
	printf("# character %lx, expected %lx; behaviour %lx, expected %lx\n", c.character, character,
	       c.behaviour, behaviour);
	return false;
}

/* A tree with this path, and nothing else. */
static void make_path(const char *outer, const char *inner)
{
	fdt_create(tree, sizeof(tree));
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	if (outer) {
		fdt_begin_node(tree, outer);
		if (inner)
			fdt_property_string(tree, inner, "enabled");
		fdt_end_node(tree);
	}
	fdt_end_node(tree);
	if (fdt_finish(tree))
		abort();
}

static void each_feature(void)
{
	u64 word[2] = { 0, 0 };
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		u64 set[2] = { 0, DEFAULT }, clear[2] = { 0, DEFAULT };

		set[known[i].behaviour] |= known[i].bit;
		if (known[i].unless_disabled)
			clear[known[i].behaviour] &= ~known[i].bit;
		word[known[i].behaviour] |= known[i].bit;
		make_tree(1U << i, "enabled", 0);
		wrong += !reads(set[0], set[1]);
		make_tree(1U << i, "disabled", 0);
		wrong += !reads(clear[0], clear[1]);
	}
	eq(wrong, 0, "each feature, enabled and disabled, has its own bit");
	make_tree(ALL, "enabled", 0);
	ok(reads(word[0], word[1]), "all features enabled");
	make_tree(ALL, "disabled", 0);
	ok(reads(0, 0), "all features disabled");
}

static void odd_trees(void)
{
	u64 character = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		character |= known[i].behaviour ? 0 : known[i].bit;
	make_path(NULL, NULL);
	ok(reads(0, DEFAULT), "a tree without OPAL: the default asks for every flush");
	make_path("ibm,opal", NULL);
	ok(reads(0, DEFAULT), "OPAL without features: the default");
	make_path("ibm,opal", "fw-features");
	ok(reads(0, DEFAULT), "fw-features is a property and no node: the default");
	make_path("ibm,opal@0", NULL);
	ok(reads(0, DEFAULT), "OPAL with an address: the default");
	make_tree(ALL, NULL, 0);
	ok(reads(0, DEFAULT), "features without a property say nothing");
	make_tree(ALL, "status", 0);
	ok(reads(0, DEFAULT), "features with another property say nothing");
	make_tree(ALL, "enabled-later", 0);
	ok(reads(0, DEFAULT), "features with a longer property name say nothing");
	for (int len = 1; len <= 8; len++) {
		make_tree(ALL, "enabled", len);
		if (!reads(character, DEFAULT | 0x05c0000000000000UL))
			break;
		make_tree(ALL, "disabled", len);
		if (!reads(0, 0))
			break;
		character |= len == 8;
	}
	ok(character & 1, "a property with a value counts as one without, as in Linux");
}

/* Damage in the structure block: whatever is read, it ends, within the tree (the address sanitizer sees). */
static void damaged_trees(void)
{
	u64 x = 88172645463325252UL;
	struct cpu_characteristics c = { 0 };
	u64 bits = 0;

	for (int i = 0; i < 20000; i++) {
		u32 size;
		u8 *copy;

		make_tree(ALL, i & 1 ? "enabled" : "disabled", 0);
		size = fdt_totalsize(tree);
		copy = malloc(size);
		memcpy(copy, tree, size);
		for (int k = 0; k < 1 + i % 4; k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			copy[sizeof(struct fdt_header) + x % (size - sizeof(struct fdt_header))] = x >> 40;
		}
		if (!fdt_check_header(copy))
			mitigations_read(copy, &c);
		bits |= c.character & ~0xf940000000000000UL;
		bits |= c.behaviour & ~0xe5c0000000000000UL;
		free(copy);
	}
	eq(bits, 0, "damaged trees: no other bit is ever set");
}

int main(void)
{
	each_feature();
	odd_trees();
	damaged_trees();
	return test_done();
}
