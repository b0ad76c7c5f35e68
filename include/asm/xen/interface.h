/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Types of Xen's guest interface that each architecture defines. */
#ifndef _ASM_POWERPC_XEN_INTERFACE_H
#define _ASM_POWERPC_XEN_INTERFACE_H

#include <linux/types.h>
#include <xen/interface/arch-powerpc.h>

#define MAX_VIRT_CPUS	XEN_LEGACY_MAX_VCPUS

#ifndef __ASSEMBLY__

/*
 * A handle inside a structure has 64 bits. drivers/xen stores a pointer in it, since the
 * length of the buffer, which a xencomm handle depends on, is only known when the call is
 * made. The hypercall code then replaces the pointer by a handle in a copy of the structure.
 */
#define __DEFINE_GUEST_HANDLE(name, type)			\
	typedef struct {					\
		union {						\
			type *p;				\
			uint64_t q __aligned(8);		\
		};						\
	} __guest_handle_ ## name

#define DEFINE_GUEST_HANDLE_STRUCT(name)	__DEFINE_GUEST_HANDLE(name, struct name)
#define DEFINE_GUEST_HANDLE(name)		__DEFINE_GUEST_HANDLE(name, name)
#define GUEST_HANDLE(name)			__guest_handle_ ## name

#define set_xen_guest_handle(hnd, val)	((hnd).p = (val))

#define __HYPERVISOR_platform_op_raw	__HYPERVISOR_platform_op

/* Frame numbers and words of the interface are 64 bits wide. */
typedef uint64_t xen_pfn_t;
#define PRI_xen_pfn	"llx"
typedef uint64_t xen_ulong_t;
#define PRI_xen_ulong	"llx"
typedef int64_t xen_long_t;
#define PRI_xen_long	"llx"

__DEFINE_GUEST_HANDLE(uchar, unsigned char);
__DEFINE_GUEST_HANDLE(uint, unsigned int);
DEFINE_GUEST_HANDLE(char);
DEFINE_GUEST_HANDLE(int);
DEFINE_GUEST_HANDLE(void);
DEFINE_GUEST_HANDLE(uint64_t);
DEFINE_GUEST_HANDLE(uint32_t);
DEFINE_GUEST_HANDLE(xen_pfn_t);
DEFINE_GUEST_HANDLE(xen_ulong_t);

/* The time of one vcpu; part of struct vcpu_info, not used on PowerPC. */
struct pvclock_vcpu_time_info {
	u32 version;
	u32 pad0;
	u64 tsc_timestamp;
	u64 system_time;
	u32 tsc_to_system_mul;
	s8 tsc_shift;
	u8 flags;
	u8 pad[2];
};

/*
 * The wall clock at system time 0. The version is odd while the hypervisor updates it. The
 * upper half of the seconds is in shared_info.wc_sec_hi.
 */
struct pvclock_wall_clock {
	u32 version;
	u32 sec;
	u32 nsec;
};

#endif /* !__ASSEMBLY__ */

#endif /* _ASM_POWERPC_XEN_INTERFACE_H */
