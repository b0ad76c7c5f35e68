// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU's TCG that finds how much of a processor dom0 has, and the longest gap between two of its turns there.
 * Counted are instructions, in whole translated blocks.
 *
 *	-plugin charge.so,out=FILE,hv=TO
 *
 * What a processor executes belongs to the domain entered last (the marks "ori N,N,0" with N from 16 to 19, see count.c),
 * the hypervisor's work at its exit included, but for dom0: what the hypervisor does in its turn, whoever causes it, is
 * counted for itself. The hypervisor is in real memory below TO. dom0's kernel executes the marks 20 and 21. At the latter,
 * FILE gets a line about the processor that executes it and the time since mark 20 there:
 *
 *	charge TOTAL IDLE DOM0 IN_DOM0 OTHERS GAP ENTRIES
 *		instructions; IN_DOM0: of the hypervisor in dom0's turns; GAP: the most that came between two turns of dom0;
 *		ENTRIES: turns of others
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plugin.h"

EXPORT int qemu_plugin_version = 1;

#define MAX_CPUS 64
#define MARK_START 20
#define MARK_END 21

enum owner { IDLE, DOM0, IN_DOM0, OTHERS, OWNERS };

/* Each is used by the thread of its virtual processor only. */
static struct {
	enum owner owner;
	uint64_t insns[OWNERS], gap, longest, entries;
} cpus[MAX_CPUS];

static uint64_t hv_to;
static uintptr_t memory;	/* host address at which QEMU maps real address 0 */
static FILE *out;

static void on_hypervisor_block(unsigned int cpu, void *data)
{
	enum owner to;

	if (cpu >= MAX_CPUS)
		return;
	to = cpus[cpu].owner == DOM0 ? IN_DOM0 : cpus[cpu].owner;
	cpus[cpu].insns[to] += (uintptr_t)data;
	if (to != IN_DOM0)
		cpus[cpu].gap += (uintptr_t)data;
}

static void on_block(unsigned int cpu, void *data)
{
	if (cpu >= MAX_CPUS)
		return;
	cpus[cpu].insns[cpus[cpu].owner] += (uintptr_t)data;
	if (cpus[cpu].owner != DOM0)
		cpus[cpu].gap += (uintptr_t)data;
}

static void on_mark(unsigned int cpu, void *data)
{
	uintptr_t mark = (uintptr_t)data;
	uint64_t *insns;

	if (cpu >= MAX_CPUS)
		return;
	insns = cpus[cpu].insns;
	if (mark == MARK_START) {
		memset(&cpus[cpu], 0, sizeof(cpus[cpu]));
		cpus[cpu].owner = DOM0;
	} else if (mark == MARK_END) {
		fprintf(out, "charge %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			insns[IDLE] + insns[DOM0] + insns[IN_DOM0] + insns[OTHERS], insns[IDLE], insns[DOM0], insns[IN_DOM0],
			insns[OTHERS], cpus[cpu].longest, cpus[cpu].entries);
		fflush(out);
	} else {
		cpus[cpu].owner = mark == 16 ? IDLE : mark == 17 ? DOM0 : OTHERS;
		if (cpus[cpu].owner == OTHERS)
			cpus[cpu].entries++;
		if (cpus[cpu].owner == DOM0) {
			if (cpus[cpu].gap > cpus[cpu].longest)
				cpus[cpu].longest = cpus[cpu].gap;
			cpus[cpu].gap = 0;
		}
	}
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);
	size_t n = qemu_plugin_tb_n_insns(tb);
	bool hypervisor;

	(void)id;
	/* The first instruction is firmware's and executes in real mode, where addresses are real addresses. */
	if (!memory)
		memory = (uintptr_t)qemu_plugin_insn_haddr(first) - qemu_plugin_insn_vaddr(first);
	hypervisor = (uintptr_t)qemu_plugin_insn_haddr(first) - memory < hv_to;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, hypervisor ? on_hypervisor_block : on_block, QEMU_PLUGIN_CB_NO_REGS, (void *)n);
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint32_t opcode = opcode_of(insn);
		unsigned int mark = mark_of(opcode) ?: mark_of(__builtin_bswap32(opcode));

		if (mark >= 16 && mark <= MARK_END)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_NO_REGS,
							       (void *)(uintptr_t)mark);
	}
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv);

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	const char *path = NULL;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			path = argv[i] + 4;
		else if (!strncmp(argv[i], "hv=", 3))
			hv_to = strtoull(argv[i] + 3, NULL, 16);
	}
	out = path && hv_to ? fopen(path, "w") : NULL;
	if (!out) {
		fprintf(stderr, "charge: out=FILE, to be written, and hv=TO are needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
