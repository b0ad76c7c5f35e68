/* SPDX-License-Identifier: MIT */
/*
 * The part of Xen's guest interface that belongs to 64-bit PowerPC.
 *
 * Calling convention
 *
 *   A hypercall is `sc 1` executed with MSR[PR] = 0.
 *
 *     r3          in: XEN_MARK(number), out: result (a negative errno or >= 0)
 *     r4 .. r8    arguments 1 to 5
 *
 *   Volatile are the registers that PAPR makes volatile for its own calls
 *   (r0, r3-r12, CTR, XER, CR0, CR1, CR5-CR7) and SRR0/SRR1, which the `sc`
 *   itself writes. All others are preserved, among them LR, CR2-CR4 and the
 *   floating point and vector state. A reservation (larx) is lost.
 *
 *   A long call may be continued by executing its `sc` again, with rewritten
 *   r4 .. r8 and after interrupts were taken; memory it names has to stay as
 *   it is until the call returns.
 *
 *   PAPR calls, which are positive multiples of 4, share the vector. XEN_MARK()
 *   makes every Xen call negative, so the two cannot be confused. Nobody finds
 *   out by calling whether a Xen is there: the device tree says so.
 *
 * Byte order
 *
 *   Everything shared with the hypervisor is in the hypervisor's byte order,
 *   which is the guest's too: a kernel of the other order is not started.
 *
 * Pointers
 *
 *   The hypervisor follows no guest translation. A buffer is named by a
 *   64-bit xencomm handle, in a register and inside structures alike:
 *
 *     0                 no buffer
 *     bit 63 set        inline: bits 59..0 are the guest physical address of
 *                       a physically contiguous buffer
 *     bit 63 clear      the guest physical address, 8-byte aligned, of a
 *                       struct xencomm_desc. Entry i names a chunk that ends
 *                       at the end of its 4 KiB page: entry 0 may start
 *                       anywhere in its page, the others start at offset 0.
 *                       The op's own size says how much of the last is used.
 *
 *   Bits 62..60 are reserved and zero, and so are the upper four bits of an
 *   entry. A descriptor has 1 to XENCOMM_MAX_ADDRS entries, is itself
 *   physically contiguous and is only read by the hypervisor. Every page that
 *   is touched must be RAM of the calling domain.
 *
 *   An area that outlives its call (VCPUOP_register_runstate_memory_area) is
 *   always named by an inline handle.
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
/* 8 MiB, or up to a chunk less when the buffer starts within a page. */
#define XENCOMM_MAX_ADDRS	2048

/* Vcpus whose vcpu_info has a place in shared_info; see VCPUOP_register_vcpu_info. */
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
 * State in which VCPUOP_initialise lets a vcpu start. Of msr only SF, LE and ME
 * count; everything else is off, so that execution starts in real mode at pc.
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
