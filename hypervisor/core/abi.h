/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest ABI. Structures and numbers come from the headers that Linux uses:
 *
 *   xen/interface/arch-powerpc.h, asm/xen/interface.h
 *			the PowerPC part, from include/ of this tree
 *   xen/interface/tools.h
 *			domctl and sysctl of Xen 4.17, from include/ of this tree
 *   xen/interface/ (all others)
 *			from the Linux source package, see linux.mk
 *
 * tests/abi/check compares them with the public headers of Xen 4.17, which
 * dom0's user space is built with. Documentation/abi.rst says what they mean.
 *
 * Everything is in the hypervisor's byte order, and frame numbers count 4 KiB.
 * A guest handle holds a xencomm handle: use its member q. Its member p is a
 * pointer of the guest's kernel and means nothing here.
 *
 * Copy a structure in once and whole, then check and use the copy. Pages that
 * are shared with a guest (shared_info, vcpu_info, rings, FIFO event words)
 * change at any time: read them into locals with READ_ONCE().
 */
#ifndef HV_CORE_ABI_H
#define HV_CORE_ABI_H

#include "lib/types.h"
#include <xen/interface/xen.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/features.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/interface/platform.h>
#include <xen/interface/sched.h>
#include <xen/interface/tools.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/version.h>
#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/hvm/params.h>
#include <xen/interface/io/console.h>

/* From Xen 4.18; Linux 6.12 and Xen 4.17 do not have them yet. */
#define VCPUOP_register_runstate_phys_area	14
#define XENFEAT_runstate_phys_area		18

/* XENMEM_memory_map: an entry of the PC BIOS's memory map. No header of Xen has it. */
#define E820_RAM	1

struct e820_entry {
	u64 addr;
	u64 size;
	u32 type;
} __packed;

/* What Documentation/abi.rst states in bytes, and Xen has no counterpart of. */
static_assert_size(struct e820_entry, 20);
static_assert_size(struct vcpu_info, 48);
static_assert_at(struct shared_info, evtchn_pending, 48);
static_assert_at(struct shared_info, evtchn_mask, 560);
static_assert_at(struct shared_info, wc.version, 1072);
static_assert_at(struct shared_info, wc.sec, 1076);
static_assert_at(struct shared_info, wc.nsec, 1080);
static_assert_at(struct shared_info, wc_sec_hi, 1084);
static_assert_at(struct shared_info, arch.boot_timebase, 1088);
static_assert_size(struct vcpu_guest_context, 360);
static_assert_at(struct vcpu_guest_context, pc, 288);
static_assert_at(struct vcpu_guest_context, msr, 296);
static_assert_at(struct vcpu_guest_context, xer, 312);
static_assert_at(struct vcpu_guest_context, cr, 340);

#endif
