// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions that the processor refuses and the guest shall have.
 */
#include "arch/internal.h"
#include "arch/cpu.h"
#include "arch/radix.h"
#include "core/mm/memory.h"
#include "lib/byteorder.h"

/* Primary and extended opcode of the X form, and two of them. */
#define X_FORM		0xfc0007feU
#define INST_DCBF	0x7c0000acU
#define INST_SYNC	0x7c0004acU

/* Book III, 5.7.6: a guest's own radix tables, seen from guest real memory. */
#define EA_BITS		52
#define PRTB_BASE	0x0ffffffffffff000UL
#define PRTBE_ROOT	0x00ffffffffffff00UL
#define RADIX_SIZE	0x1fUL			/* of a directory, as a power of two: RPDS, NLS */
#define RPDE_TABLE	0x01ffffffffffff00UL

static bool read_entry(struct domain *d, u64 gpa, u64 *entry)
{
	be64 raw;

	if (gpa_read(d, gpa, &raw, sizeof(raw)))
		return false;
	*entry = be64_to_cpu(raw);
	return true;
}

/*
 * Where the kernel's instruction at @ea is in guest real memory. A kernel's
 * quadrant is always that of process 0. The walk ends after the four levels that
 * 52 bits can have, whatever the guest has written there.
 */
static bool walk(struct domain *d, u64 ea, u64 *gpa)
{
	unsigned int left = EA_BITS, size;
	u64 entry, table;

	if (ea >> 62 != 3 || !d->arch.prtb || !read_entry(d, d->arch.prtb & PRTB_BASE, &entry))
		return false;
	table = entry & PRTBE_ROOT;
	size = entry & RADIX_SIZE;
	for (int level = 0; level < 4; level++) {
		if (size < 5 || size + 12 > left)
			return false;
		left -= size;
		if (!read_entry(d, table + (ea >> left & ((1UL << size) - 1)) * sizeof(entry), &entry) ||
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
 * emulate_instruction() - do what an instruction that the processor refused should have done
 * @v: the loaded vcpu, at that instruction
 *
 * These are the forms of dcbf and sync with which Linux writes persistent memory
 * back from the cache: dcbstps, dcbfps, phwsync, plwsync. The bit that makes the
 * difference is one that processors before ISA v3.1 ignore; emulated ones refuse
 * it, and have no cache. Nor do they say in HEIR which instruction it was, so it
 * is looked up.
 *
 * Return: whether it was one of them, and is done
 */
bool emulate_instruction(struct vcpu *v)
{
	u64 gpa;
	u32 instruction;

	if (!(v->arch.msr & MSR_IR) || v->arch.msr & MSR_PR || !walk(v->domain, v->arch.pc, &gpa) ||
	    gpa_read(v->domain, gpa, &instruction, sizeof(instruction)))
		return false;
	if ((instruction & X_FORM) == INST_SYNC)
		asm volatile("sync" : : : "memory");
	else if ((instruction & X_FORM) != INST_DCBF)
		return false;
	v->arch.pc += sizeof(instruction);
	return true;
}
