// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU's TCG that finds the longest stretches of the hypervisor: runs of its instructions, and of the
 * firmware's that it calls, between two entries of guests or idle. While a stretch lasts, its processor does nothing for
 * any domain, so that the longest one bounds how long the others wait.
 *
 *	-plugin stretch.so,out=FILE,hv=FROM-TO
 *
 * FROM-TO is the range of real memory that holds the hypervisor's code. A stretch begins with the first instruction
 * executed there and ends with an hrfid (a guest is entered) or a stop (idle) there. What comes before a processor's
 * first domain (the marks "ori N,N,0" with N from 16 to 19, see count.c) is start-up and counts for nothing.
 *
 * FILE gets the KEPT longest stretches, the longest first:
 *
 *	stretch CPU INSTRUCTIONS FIRMWARE
 *		so many in all, and so many of them outside of the range
 *	at ADDRESS INSTRUCTIONS
 *		for each translated block of the range that the stretch executed
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plugin.h"

EXPORT int qemu_plugin_version = 1;

#define MAX_CPUS 64
#define KEPT 8
#define OPCODE_HRFID 0x4c000224u
#define OPCODE_STOP 0x4c0002e4u
/* A block of the range as a pointer: its offset from the start of the range, and its instructions. */
#define N_BITS 10

struct stretch {
	unsigned int cpu;
	uint64_t insns, firmware;
	uint32_t *counts;	/* by offset / 4 */
};

/* Each is used by the thread of its virtual processor only. */
static struct {
	bool started, inside;
	uint64_t insns, firmware;
	uint32_t *counts;	/* of this stretch, by offset / 4 */
	uint32_t *touched;	/* indices of counts that are not 0 */
	size_t n_touched;
} cpus[MAX_CPUS];

/* The longest stretches so far, in descending order; the lock is held to change them. */
static struct stretch kept[KEPT];
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t hv_from, hv_to;
static uintptr_t memory;	/* host address at which QEMU maps real address 0 */
static FILE *out;

static size_t words(void)
{
	return (hv_to - hv_from) / 4;
}

static void *zeroed(size_t n)
{
	void *p = calloc(n, sizeof(uint32_t));

	if (!p)
		abort();
	return p;
}

static void keep(unsigned int cpu)
{
	struct stretch last = kept[KEPT - 1];
	unsigned int at = KEPT - 1;

	while (at && kept[at - 1].insns < cpus[cpu].insns) {
		kept[at] = kept[at - 1];
		at--;
	}
	if (!last.counts)
		last.counts = zeroed(words());
	memcpy(last.counts, cpus[cpu].counts, words() * sizeof(uint32_t));
	last.cpu = cpu;
	last.insns = cpus[cpu].insns;
	last.firmware = cpus[cpu].firmware;
	kept[at] = last;
}

static void on_end(unsigned int cpu, void *data)
{
	(void)data;
	if (cpu >= MAX_CPUS || !cpus[cpu].inside)
		return;
	pthread_mutex_lock(&kept_lock);
	if (cpus[cpu].started && cpus[cpu].insns > kept[KEPT - 1].insns)
		keep(cpu);
	pthread_mutex_unlock(&kept_lock);
	for (size_t i = 0; i < cpus[cpu].n_touched; i++)
		cpus[cpu].counts[cpus[cpu].touched[i]] = 0;
	cpus[cpu].n_touched = 0;
	cpus[cpu].insns = 0;
	cpus[cpu].firmware = 0;
	cpus[cpu].inside = false;
}

static void on_hypervisor_block(unsigned int cpu, void *data)
{
	uint64_t at = (uintptr_t)data >> N_BITS, n = (uintptr_t)data & ((1 << N_BITS) - 1);

	if (cpu >= MAX_CPUS)
		return;
	if (!cpus[cpu].counts) {
		cpus[cpu].counts = zeroed(words());
		cpus[cpu].touched = zeroed(words());
	}
	cpus[cpu].inside = true;
	cpus[cpu].insns += n;
	if (!cpus[cpu].counts[at / 4])
		cpus[cpu].touched[cpus[cpu].n_touched++] = at / 4;
	cpus[cpu].counts[at / 4] += n;
}

static void on_other_block(unsigned int cpu, void *data)
{
	if (cpu >= MAX_CPUS || !cpus[cpu].inside)
		return;
	cpus[cpu].insns += (uintptr_t)data;
	cpus[cpu].firmware += (uintptr_t)data;
}

/* The first mark comes at the end of what a processor does to start, within a stretch that is not to count. */
static void on_mark(unsigned int cpu, void *data)
{
	(void)data;
	if (cpu >= MAX_CPUS || cpus[cpu].started)
		return;
	on_end(cpu, NULL);
	cpus[cpu].started = true;
}

static bool is_mark(uint32_t opcode)
{
	unsigned int n = mark_of(opcode);

	return n >= 16 && n <= 19;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, 0);
	uint64_t real;

	(void)id;
	/* The first instruction is firmware's and executes in real mode, where addresses are real addresses. */
	if (!memory)
		memory = (uintptr_t)qemu_plugin_insn_haddr(insn) - qemu_plugin_insn_vaddr(insn);
	real = (uintptr_t)qemu_plugin_insn_haddr(insn) - memory;
	if (real < hv_from || real >= hv_to) {
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_other_block, QEMU_PLUGIN_CB_NO_REGS, (void *)n);
		return;
	}
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_hypervisor_block, QEMU_PLUGIN_CB_NO_REGS,
					     (void *)(uintptr_t)((real - hv_from) << N_BITS | n));
	for (size_t i = 0; i < n; i++) {
		uint32_t opcode = opcode_of(qemu_plugin_tb_get_insn(tb, i)), swapped = __builtin_bswap32(opcode);

		insn = qemu_plugin_tb_get_insn(tb, i);
		if (is_mark(opcode) || is_mark(swapped))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_NO_REGS, NULL);
		else if (opcode == OPCODE_HRFID || swapped == OPCODE_HRFID || opcode == OPCODE_STOP || swapped == OPCODE_STOP)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

static void finish(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	for (unsigned int i = 0; i < KEPT && kept[i].counts; i++) {
		fprintf(out, "stretch %u %" PRIu64 " %" PRIu64 "\n", kept[i].cpu, kept[i].insns, kept[i].firmware);
		for (size_t at = 0; at < words(); at++) {
			if (kept[i].counts[at])
				fprintf(out, "at %" PRIx64 " %" PRIu32 "\n", hv_from + 4 * at, kept[i].counts[at]);
		}
	}
	fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv);

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
	const char *path = NULL;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4)) {
			path = argv[i] + 4;
		} else if (sscanf(argv[i], "hv=%" SCNx64 "-%" SCNx64, &hv_from, &hv_to) != 2) {
			fprintf(stderr, "stretch: unknown argument: %s\n", argv[i]);
			return -1;
		}
	}
	out = path && hv_to > hv_from ? fopen(path, "w") : NULL;
	if (!out) {
		fprintf(stderr, "stretch: out=FILE, to be written, and hv=FROM-TO are needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
