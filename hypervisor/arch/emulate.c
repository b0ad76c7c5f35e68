// SPDX-License-Identifier: GPL-2.0
/*
 * Emulation of instructions that guests may use and an emulated processor
 * rejects, the cache write-back forms of ISA v3.1, or that HFSCR withholds: those
 * of the branch history buffer.
 */
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/radix.h"
#include "core/mm/memory.h"
#include "lib/byteorder.h"

/* Primary and extended opcode of an X-form instruction. */
#define X_FORM		0xfc0007feU
#define INST_DCBF	0x7c0000acU
#define INST_SYNC	0x7c0004acU
#define INST_CLRBHRB	0x7c00035cU
#define INST_MFBHRBE	0x7c00025cU
#define INST_TARGET(i)	((i) >> 21 & 31)

/* Book III, 5.7.6: the process-scoped radix tree of a guest, in guest real memory. */
#define EA_BITS		52
#define PRTB_BASE	0x0ffffffffffff000UL
#define PRTBE_ROOT	0x00ffffffffffff00UL
#define RADIX_SIZE	0x1fUL			/* log2 of the entries of the next level: RPDS, NLS */
#define RPDE_TABLE	0x01ffffffffffff00UL

static bool emulate_read_entry(struct domain *d, u64 gpa, u64 *entry)
{
	be64 raw;

	if (gpa_read(d, gpa, &raw, sizeof(raw)))
		return false;
	*entry = be64_to_cpu(raw);
	return true;
}

/*
 * Translate @ea of the guest's kernel to guest real memory. The kernel's quadrant
 * (EA bits 0:1 are 3) always uses process 0. The guest may write anything into its
 * tree, so the walk ends after four levels, the most that 52 bits can have.
 */
static bool emulate_translate(struct domain *d, u64 ea, u64 *gpa)
{
	unsigned int left = EA_BITS, size;
	u64 entry, table;

	if (ea >> 62 != 3 || !d->arch.prtb || !emulate_read_entry(d, d->arch.prtb & PRTB_BASE, &entry))
		return false;
	table = entry & PRTBE_ROOT;
	size = entry & RADIX_SIZE;
	for (int level = 0; level < 4; level++) {
		if (size < 5 || size + 12 > left)
			return false;
		left -= size;
		if (!emulate_read_entry(d, table + (ea >> left & ((1UL << size) - 1)) * sizeof(entry), &entry) ||
		    !(entry & RPTE_VALID))
			return false;
		if (entry & RPTE_LEAF) {
			*gpa = (entry & RPTE_RPN & ~((1UL << left) - 1)) | (ea & ((1UL << left) - 1));
			return true;
		}
		table = entry & RPDE_TABLE;
		size = entry & RADIX_SIZE;
	}
	return false;
}

/**
 * emulate_instruction() - emulate the instruction that made a guest exit
 * @v: the loaded vcpu, its pc at an instruction that the processor rejected
 *
 * dcbstps, dcbfps, phwsync and plwsync, with which Linux writes persistent memory
 * back from the cache, are dcbf and sync with a bit set that processors before
 * ISA v3.1 ignore. QEMU rejects that bit; it has no cache to write back. It does
 * not set HEIR either, so the instruction is read from guest memory.
 *
 * clrbhrb and mfbhrbe see an empty buffer. What the processor has recorded are
 * addresses of whichever domain ran, so HFSCR[BHRB] is off; a kernel whose
 * performance monitor is otherwise there uses the buffer without asking, and would
 * not survive an illegal instruction interrupt.
 *
 * Return: true if it was one of these; @v goes on behind it.
 */
bool emulate_instruction(struct vcpu *v)
{
	u64 gpa = v->arch.pc & ~(3UL << 62);	/* real mode ignores these bits */
	u32 instruction;

	if (v->arch.msr & MSR_PR || (v->arch.msr & MSR_IR && !emulate_translate(v->domain, v->arch.pc, &gpa)) ||
	    gpa_read(v->domain, gpa, &instruction, sizeof(instruction)))
		return false;
	switch (instruction & X_FORM) {
	case INST_SYNC:
		asm volatile("sync" : : : "memory");
		break;
	case INST_MFBHRBE:
		v->arch.gpr[INST_TARGET(instruction)] = 0;
		break;
	case INST_CLRBHRB:
	case INST_DCBF:
		break;
	default:
		return false;
	}
	v->arch.pc += sizeof(instruction);
	return true;
}
