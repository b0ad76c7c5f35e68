/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_PLUGIN_H
#define BENCH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The part of QEMU's plugin interface, version 1, that count.c, stretch.c and charge.c use. Debian does not package qemu-plugin.h. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum { QEMU_PLUGIN_CB_NO_REGS };
enum { QEMU_PLUGIN_INLINE_ADD_U64 };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, void *), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t at);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, void (*cb)(unsigned int, void *), int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*cb)(unsigned int, void *), int flags,
					    void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *ptr, uint64_t imm);

#define EXPORT __attribute__((visibility("default")))

#define OPCODE_NOP 0x60000000u

/* The bytes are in the order of guest memory, and the interface does not reveal the guest's byte order. */
static inline uint32_t opcode_of(const struct qemu_plugin_insn *insn)
{
	uint32_t opcode = 0;

	if (qemu_plugin_insn_size(insn) >= sizeof(opcode))
		memcpy(&opcode, qemu_plugin_insn_data(insn), sizeof(opcode));
	return opcode;
}

/* The N of "ori N,N,0"; 0 for a plain no-op and for any other instruction. */
static inline unsigned int mark_of(uint32_t opcode)
{
	unsigned int n = (opcode >> 16) & 0x1f;

	return opcode == (OPCODE_NOP | n << 21 | n << 16) ? n : 0;
}

#endif
