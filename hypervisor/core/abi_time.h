/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of Xen's ABI that is about time beyond abi.h: what dom0 sets for
 * all (platform_op), and periodic timers (vcpu_op).
 */
#ifndef HV_CORE_ABI_TIME_H
#define HV_CORE_ABI_TIME_H

#include "core/abi.h"

#define __HYPERVISOR_platform_op	7

#define XENPF_INTERFACE_VERSION		0x03000001
#define XENPF_settime32			17
#define XENPF_settime64			62

/* The time of day was secs and nsecs when the system time was system_time ns. */
struct xenpf_settime32 {
	u32 secs, nsecs;
	u64 system_time;
};

struct xenpf_settime64 {
	u64 secs;
	u32 nsecs;
	u32 mbz;
	u64 system_time;
};

struct xen_platform_op {
	u32 cmd;
	u32 interface_version;
	union {
		struct xenpf_settime32 settime32;
		struct xenpf_settime64 settime64;
		u64 pad[16];
	} u;
};

static_assert_size(struct xen_platform_op, 136);
static_assert_at(struct xen_platform_op, u, 8);

struct vcpu_set_periodic_timer {
	u64 period_ns;
};

#endif
