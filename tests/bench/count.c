// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU's TCG that counts guest instructions exactly and attributes them to domains. It logs the counters
 * whenever the guest executes a mark, an instruction "ori N,N,0" with one of these N, which no compiler emits:
 *
 *	20 start of a sample, 21 end of a sample, 22 23 24 points within a sample: in user space, kernel or hypervisor
 *	16 the hypervisor goes idle, 17 it enters a vcpu of dom0, 18 of domain 1, 19 of another domain (world switches)
 *
 * All instructions between two world switches are attributed to the domain that was entered, its owner: those of the
 * domain itself and those that the hypervisor executes for it.
 *
 *	-plugin count.so,out=FILE[,trace=1][,at=ADDRESS]...[,skip=ADDRESS]...[,hv=FROM-TO]...
 *
 * Lines of FILE:
 *
 *	mark N TOTAL IDLE DOM0 DOMU OTHER OWNER HV_IDLE HV_DOM0 HV_DOMU HV_OTHER
 *		Instructions so far, in total and by owner; the current owner (0 idle, 1 dom0, 2 domU, 3 other); then the
 *		instructions of each owner that were fetched from a range FROM-TO of real memory: with the range of the
 *		hypervisor's code, which no domain maps, these are its instructions. Besides the marks above, N is 100 for
 *		"sc 1", 101 for hrfid, 102 for stop, all within a sample only, and 200 + i for the i-th at= address.
 *	time TOTAL IDLE DOM0 DOMU OTHER
 *		At the start and the end of a sample, in nanoseconds so far: wall time, and host CPU time by owner.
 *	pc ADDRESS OPCODE
 *		With trace=1, for each instruction in a sample.
 *
 * Each skip= address is that of an interrupt vector. Nothing is counted from there to the return from that interrupt,
 * including nested interrupts and hypercalls: timer interrupts depend on the host's clock and would fall into samples at
 * random. If the hypervisor preempts a domain in such an interrupt, skipping resumes when it enters the domain again.
 *
 * There is one set of counters, so the machine must have one processor.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "plugin.h"

EXPORT int qemu_plugin_version = 1;

#define MARK_START 20
#define MARK_END 21
#define MARK_SC1 100
#define MARK_HRFID 101
#define MARK_STOP 102
#define MARK_AT 200
#define OPCODE_SC1 0x44000022u
#define OPCODE_HRFID 0x4c000224u
#define OPCODE_STOP 0x4c0002e4u
#define OPCODE_RFID 0x4c000024u
#define MAX_AT 8
/* The kernel runs at addresses of its linear mapping or, with the MMU off, at the same without the top nibble. */
#define LINEAR_MASK 0x0fffffffffffffffull

enum owner { IDLE, DOM0, DOMU, OTHER, OWNERS };

/* Instructions executed since the start, incremented by translated code: all, and those in the hypervisor's code. */
static uint64_t executed, executed_hv;
/* Values of the two at the last call of account(). */
static uint64_t counted, counted_hv;
/* Instructions attributed so far, without skipped ones. */
static uint64_t total;
static uint64_t insns[OWNERS], insns_hv[OWNERS];
/* Nesting depth of interrupts since a skipped one, for each owner; 0: the owner is in no skipped interrupt. */
static unsigned int depth[OWNERS];
static uint64_t nanoseconds[OWNERS];
static uint64_t installed_at, switched_at;
static enum owner owner = OTHER;
static bool sampling, trace;
static uint64_t at[MAX_AT];
static unsigned int n_at;
static uint64_t skip[MAX_AT];
static unsigned int n_skip;
static struct {
	uint64_t from, to;
} hv[MAX_AT];
static unsigned int n_hv;
/* Host address at which QEMU maps real address 0. */
static uintptr_t memory;
static FILE *out;

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Attribute the instructions since the last call to the current owner, unless they are skipped. */
static void account(void)
{
	if (!depth[owner]) {
		total += executed - counted;
		insns[owner] += executed - counted;
		insns_hv[owner] += executed_hv - counted_hv;
	}
	counted = executed;
	counted_hv = executed_hv;
}

static void log_mark(unsigned int mark)
{
	account();
	fprintf(out, "mark %u %" PRIu64, mark, total);
	for (int i = 0; i < OWNERS; i++)
		fprintf(out, " %" PRIu64, insns[i]);
	fprintf(out, " %d", (int)owner);
	for (int i = 0; i < OWNERS; i++)
		fprintf(out, " %" PRIu64, insns_hv[i]);
	fprintf(out, "\n");
}

/*
 * Attribute the CPU time of this host thread, which runs the virtual processor. Unlike wall time, it excludes
 * preemption by the host.
 */
static void account_time(void)
{
	uint64_t t = now(CLOCK_THREAD_CPUTIME_ID);

	nanoseconds[owner] += t - switched_at;
	switched_at = t;
}

static void log_time(void)
{
	account_time();
	fprintf(out, "time %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		now(CLOCK_MONOTONIC) - installed_at, nanoseconds[IDLE], nanoseconds[DOM0], nanoseconds[DOMU],
		nanoseconds[OTHER]);
}

static void on_mark(unsigned int cpu, void *data)
{
	unsigned int mark = (uintptr_t)data;

	(void)cpu;
	if (mark == MARK_START) {
		/*
		 * Skipped code has no marks. Firmware may have executed at a vector address that is no interrupt: start
		 * over.
		 */
		account();
		depth[owner] = 0;
		sampling = true;
	}
	if (mark == MARK_END)
		sampling = false;
	log_mark(mark);
	if (mark == MARK_START || mark == MARK_END) {
		log_time();
		fflush(out);
	}
}

static void on_sampled_mark(unsigned int cpu, void *data)
{
	(void)cpu;
	if (sampling)
		log_mark((uintptr_t)data);
}

static void on_switch(unsigned int cpu, void *data)
{
	(void)cpu;
	account();
	account_time();
	owner = (uintptr_t)data;
}

static void on_skipped_vector(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (depth[owner])
		return;
	account();
	depth[owner] = 1;
}

static void on_vector(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (depth[owner])
		depth[owner]++;
}

static void on_return(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	if (!depth[owner])
		return;
	/* The instructions up to this return are still skipped: account for them before the depth changes. */
	account();
	depth[owner]--;
}

struct traced_insn {
	uint64_t pc;
	uint32_t opcode;
};

static void on_traced(unsigned int cpu, void *data)
{
	const struct traced_insn *traced = data;

	(void)cpu;
	if (sampling)
		fprintf(out, "pc %" PRIx64 " %08x\n", traced->pc, traced->opcode);
}

static void when_executed(struct qemu_plugin_insn *insn, void (*cb)(unsigned int, void *), unsigned int data)
{
	qemu_plugin_register_vcpu_insn_exec_cb(insn, cb, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)data);
}

/* Whether an instruction gets a callback. */
static bool is_opcode(uint32_t opcode)
{
	unsigned int n = mark_of(opcode);

	return (n >= 16 && n <= 24) || opcode == OPCODE_SC1 || opcode == OPCODE_HRFID || opcode == OPCODE_STOP ||
	       opcode == OPCODE_RFID;
}

/* Whether an address is an interrupt vector: 0x100 to 0x15ff, or 0x4000 above with translation on (AIL 3). */
static bool is_vector(uint64_t pc)
{
	uint64_t at = pc & LINEAR_MASK & ~0x4000ull;

	return at >= 0x100 && at < 0x1600 && at % 0x20 == 0 && (at % 0x80 == 0 || at > 0xe00);
}

static bool is_hypervisor(const struct qemu_plugin_insn *insn, uint64_t pc)
{
	uint64_t real;

	/* The first instruction is firmware's and executes in real mode, where addresses are real addresses. */
	if (!memory)
		memory = (uintptr_t)qemu_plugin_insn_haddr(insn) - pc;
	real = (uintptr_t)qemu_plugin_insn_haddr(insn) - memory;
	for (unsigned int i = 0; i < n_hv; i++) {
		if (real >= hv[i].from && real < hv[i].to)
			return true;
	}
	return false;
}

static void translate_skips(struct qemu_plugin_insn *insn, uint64_t pc, uint32_t opcode)
{
	bool skipped = false;

	for (unsigned int i = 0; i < n_skip; i++)
		skipped |= ((pc ^ skip[i]) & LINEAR_MASK) == 0;
	if (is_vector(pc))
		when_executed(insn, on_vector, 0);
	if (skipped)
		when_executed(insn, on_skipped_vector, 0);
	if (opcode == OPCODE_RFID || opcode == OPCODE_HRFID)
		when_executed(insn, on_return, 0);
}

static void translate_insn(struct qemu_plugin_insn *insn)
{
	uint64_t pc = qemu_plugin_insn_vaddr(insn);
	uint32_t opcode = opcode_of(insn);
	unsigned int n;

	if (n_hv && is_hypervisor(insn, pc))
		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &executed_hv, 1);
	qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &executed, 1);
	if (!is_opcode(opcode) && is_opcode(__builtin_bswap32(opcode)))
		opcode = __builtin_bswap32(opcode);
	n = mark_of(opcode);
	if (n >= 16 && n <= 19)
		when_executed(insn, on_switch, n - 16);
	else if (n >= 20 && n <= 24)
		when_executed(insn, on_mark, n);
	else if (opcode == OPCODE_SC1)
		when_executed(insn, on_sampled_mark, MARK_SC1);
	else if (opcode == OPCODE_HRFID)
		when_executed(insn, on_sampled_mark, MARK_HRFID);
	else if (opcode == OPCODE_STOP)
		when_executed(insn, on_sampled_mark, MARK_STOP);
	if (n_skip)
		translate_skips(insn, pc, opcode);
	for (unsigned int i = 0; i < n_at; i++) {
		if (((pc ^ at[i]) & LINEAR_MASK) == 0)
			when_executed(insn, on_mark, MARK_AT + i);
	}
	if (trace) {
		struct traced_insn *traced = malloc(sizeof(*traced));

		if (!traced)
			return;
		traced->pc = pc;
		traced->opcode = opcode;
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_traced, QEMU_PLUGIN_CB_NO_REGS, traced);
	}
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
		translate_insn(qemu_plugin_tb_get_insn(tb, i));
}

static void finish(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	log_mark(0);
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
		} else if (!strcmp(argv[i], "trace=1")) {
			trace = true;
		} else if (!strncmp(argv[i], "at=", 3) && n_at < MAX_AT) {
			at[n_at++] = strtoull(argv[i] + 3, NULL, 16);
		} else if (!strncmp(argv[i], "skip=", 5) && n_skip < MAX_AT) {
			skip[n_skip++] = strtoull(argv[i] + 5, NULL, 16);
		} else if (n_hv < MAX_AT && sscanf(argv[i], "hv=%" SCNx64 "-%" SCNx64, &hv[n_hv].from, &hv[n_hv].to) == 2) {
			n_hv++;
		} else {
			fprintf(stderr, "count: unknown or too many arguments: %s\n", argv[i]);
			return -1;
		}
	}
	out = path ? fopen(path, "w") : NULL;
	if (!out) {
		fprintf(stderr, "count: out=%s cannot be written\n", path ? path : "(missing)");
		return -1;
	}
	installed_at = now(CLOCK_MONOTONIC);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
