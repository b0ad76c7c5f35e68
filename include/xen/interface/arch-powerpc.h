/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit PowerPC part of Xen's guest interface. Documentation/abi.rst describes the
 * whole interface.
 *
 * Calling convention
 *
 *   A hypercall is `sc 1` executed with MSR[PR] = 0.
 *
 *     r3          in: XEN_MARK(number), out: result (a negative errno or >= 0)
 *     r4 .. r8    arguments 1 to 5
 *
 *   The volatile registers are those of a PAPR hypercall (r0, r3-r12, CTR,
 *   XER, CR0, CR1, CR5-CR7), and SRR0 and SRR1, which `sc` itself overwrites.
 *   All others are preserved, among them LR, CR2-CR4 and the floating point
 *   and vector state. A reservation (larx) is lost.
 *
 *   The hypervisor may interrupt a long call and continue it: it rewrites
 *   r4 .. r8 and lets the guest execute the same `sc` again, after it has
 *   taken pending interrupts. The caller must leave the memory that a call
 *   refers to unchanged until the call returns.
 *
 *   PAPR hypercalls use the same instruction with numbers that are positive
 *   multiples of 4. XEN_MARK() makes every Xen number negative, so the two
 *   cannot be confused. A guest detects Xen by the device tree, never by
 *   trying a hypercall.
 *
 * Byte order
 *
 *   All data shared with the hypervisor is in the hypervisor's byte order,
 *   which is also the guest's: a kernel of the other order is not started.
 *
 * Pointers
 *
 *   The hypervisor does not walk guest page tables. A 64-bit xencomm handle
 *   refers to a buffer by guest physical addresses, in a register and inside
 *   a structure alike:
 *
 *     0                 no buffer
 *     bit 63 set        inline: bits 59..0 are the guest physical address of
 *                       a physically contiguous buffer
 *     bit 63 clear      the guest physical address, 8-byte aligned, of a
 *                       struct xencomm_desc. Entry i is the address of a
 *                       chunk that ends at the end of its 4 KiB page: entry 0
 *                       may start anywhere in its page, the others start at
 *                       offset 0. The size that the op defines determines how
 *                       much of the last chunk is used.
 *
 *   Bits 62..60 are reserved and zero, and so are the upper four bits of an
 *   entry. A descriptor has 1 to XENCOMM_MAX_ADDRS entries and is itself
 *   physically contiguous; the hypervisor does not write to it. Every page
 *   that the hypervisor accesses must be RAM of the calling domain.
 *
 *   An area that the hypervisor uses after the call has returned
 *   (VCPUOP_register_runstate_memory_area) needs an inline handle.
 *
 * Pages are 4 KiB in this interface, whatever the guest's page size is.
 */
#ifndef __XEN_PUBLIC_ARCH_POWERPC_H__
#define __XEN_PUBLIC_ARCH_POWERPC_H__

#define XEN_MARK_MASK		0xffffffffffff0000
#define XEN_MARK(nr)		((nr) | XEN_MARK_MASK)

/* "XCOM" in the first word of a descriptor. */
#define XENCOMM_MAGIC		0x58434f4d
#define XENCOMM_INLINE_FLAG	0x8000000000000000
#define XENCOMM_ADDR_MASK	0x0fffffffffffffff
#define XENCOMM_CHUNK_SHIFT	12
#define XENCOMM_CHUNK_SIZE	4096
/* 8 MiB, or up to one chunk less if the buffer does not start at offset 0 of a page. */
#define XENCOMM_MAX_ADDRS	2048

/* Number of vcpus with a vcpu_info in shared_info; see VCPUOP_register_vcpu_info. */
#define XEN_LEGACY_MAX_VCPUS	1

#ifndef __ASSEMBLY__

struct xencomm_desc {
	uint32_t magic;
	uint32_t nr_addrs;
	uint64_t address[];
};

struct arch_vcpu_info {
};

struct arch_shared_info {
	/* Timebase at system time 0: wall = wc + (TB - boot_timebase) / frequency. */
	uint64_t boot_timebase;
};

/*
 * The initial state of a vcpu for VCPUOP_initialise. Of msr the hypervisor uses only SF, which
 * must be 1, and LE. It sets ME and clears all other bits, so that execution starts at pc
 * in real mode.
 */
struct vcpu_guest_context {
	uint64_t gprs[32];
	uint64_t lr;
	uint64_t ctr;
	uint64_t srr0;
	uint64_t srr1;
	uint64_t pc;
	uint64_t msr;
	uint64_t fpscr;
	uint64_t xer;
	uint64_t hid4;		/* reserved, zero */
	uint64_t dar;
	uint32_t dsisr;
	uint32_t cr;
	uint32_t __pad;
	uint32_t entry_vector;	/* reserved, zero */
	uint64_t sdr1;		/* reserved, zero: the hypervisor owns the hash table */
};

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_ARCH_POWERPC_H__ */
