/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The tools' part of the ABI: domctl and sysctl as Xen 4.17 has them. dom0's
 * libraries are built from that version's headers; the interface versions
 * change with it, and another version is refused.
 *
 * struct xen_arch_domainconfig is empty on PowerPC, so the description of a
 * domain ends behind its padding: the size counts, it is the stride of a list.
 */
#ifndef HV_CORE_ABI_TOOLS_H
#define HV_CORE_ABI_TOOLS_H

#include "lib/types.h"

#define XEN_DOMCTL_INTERFACE_VERSION	0x15
#define XEN_SYSCTL_INTERFACE_VERSION	0x15

#define XEN_DOMCTL_destroydomain	2
#define XEN_DOMCTL_pausedomain		3
#define XEN_DOMCTL_unpausedomain	4
#define XEN_DOMCTL_getdomaininfo	5
#define XEN_DOMCTL_setvcpuaffinity	9
#define XEN_DOMCTL_max_mem		11
#define XEN_DOMCTL_getvcpuinfo		14
#define XEN_DOMCTL_scheduler_op		16
#define XEN_DOMCTL_getvcpuaffinity	25
#define XEN_DOMCTL_set_gnttab_limits	80

#define XEN_DOMINF_dying		BIT(0)
#define XEN_DOMINF_hvm_guest		BIT(1)
#define XEN_DOMINF_shutdown		BIT(2)
#define XEN_DOMINF_paused		BIT(3)
#define XEN_DOMINF_blocked		BIT(4)
#define XEN_DOMINF_running		BIT(5)
#define XEN_DOMINF_hap			BIT(8)
#define XEN_DOMINF_shutdownmask		255
#define XEN_DOMINF_shutdownshift	16

struct xen_domctl_getdomaininfo {
	u16 domain;
	u16 pad1;
	u32 flags;
	u64 tot_pages;
	u64 max_pages;
	u64 outstanding_pages;
	u64 shr_pages;
	u64 paged_pages;
	u64 shared_info_frame;
	u64 cpu_time;		/* ns */
	u32 nr_online_vcpus;
	u32 max_vcpu_id;
	u32 ssidref;
	u8 handle[16];
	u32 cpupool;
	u8 gpaddr_bits;
	u8 pad2[7];
};

static_assert_size(struct xen_domctl_getdomaininfo, 104);
static_assert_at(struct xen_domctl_getdomaininfo, tot_pages, 8);
static_assert_at(struct xen_domctl_getdomaininfo, shared_info_frame, 48);
static_assert_at(struct xen_domctl_getdomaininfo, nr_online_vcpus, 64);
static_assert_at(struct xen_domctl_getdomaininfo, handle, 76);
static_assert_at(struct xen_domctl_getdomaininfo, cpupool, 92);
static_assert_at(struct xen_domctl_getdomaininfo, gpaddr_bits, 96);

struct xen_domctl_gnttab_limits {
	u32 grant_frames;
	u32 maptrack_frames;
};

/* Bit n is bit n % 8 of byte n / 8. */
struct xenctl_bitmap {
	u64 bitmap;		/* handle of u8[(nr_bits + 7) / 8] */
	u32 nr_bits;
};

#define XEN_VCPUAFFINITY_HARD		BIT(0)
#define XEN_VCPUAFFINITY_SOFT		BIT(1)

struct xen_domctl_vcpuaffinity {
	u32 vcpu;
	u32 flags;
	struct xenctl_bitmap hard;
	struct xenctl_bitmap soft;
};

static_assert_at(struct xen_domctl_vcpuaffinity, soft, 24);

struct xen_domctl_getvcpuinfo {
	u32 vcpu;
	u8 online;
	u8 blocked;
	u8 running;
	u64 cpu_time;		/* ns */
	u32 cpu;
};

static_assert_at(struct xen_domctl_getvcpuinfo, cpu_time, 8);
static_assert_size(struct xen_domctl_getvcpuinfo, 24);

#define XEN_SCHEDULER_CREDIT		5
#define XEN_DOMCTL_SCHEDOP_putinfo	0
#define XEN_DOMCTL_SCHEDOP_getinfo	1

struct xen_domctl_scheduler_op {
	u32 sched_id;
	u32 cmd;
	struct {
		u16 weight;	/* put: 0: as it is */
		u16 cap;	/* percent of a processor, 0: none; put: 0xffff: as it is */
	} credit;
};

struct xen_domctl {
	u32 cmd;
	u32 interface_version;
	u16 domain;
	u16 pad[3];
	union {
		struct xen_domctl_getdomaininfo info;
		struct xen_domctl_gnttab_limits gnttab_limits;
		struct xen_domctl_vcpuaffinity affinity;
		struct xen_domctl_getvcpuinfo vcpu;
		struct xen_domctl_scheduler_op sched;
		u64 max_memkb;
		u8 pad[128];
	} u;
};

static_assert_at(struct xen_domctl, u, 16);
static_assert_size(struct xen_domctl, 144);

#define XEN_SYSCTL_readconsole		1
#define XEN_SYSCTL_physinfo		3
#define XEN_SYSCTL_sched_id		4
#define XEN_SYSCTL_getdomaininfolist	6
#define XEN_SYSCTL_debug_keys		7
#define XEN_SYSCTL_getcpuinfo		8

#define XEN_SYSCTL_PHYSCAP_hvm		BIT(0)
#define XEN_SYSCTL_PHYSCAP_hap		BIT(3)
#define XEN_SYSCTL_PHYSCAP_gnttab_v1	BIT(8)

struct xen_sysctl_physinfo {
	u32 threads_per_core;
	u32 cores_per_socket;
	u32 nr_cpus;
	u32 max_cpu_id;
	u32 nr_nodes;
	u32 max_node_id;
	u32 cpu_khz;
	u32 capabilities;
	u32 arch_capabilities;
	u32 pad;
	u64 total_pages;
	u64 free_pages;
	u64 scrub_pages;
	u64 outstanding_pages;
	u64 max_mfn;
	u32 hw_cap[8];
};

static_assert_size(struct xen_sysctl_physinfo, 112);
static_assert_at(struct xen_sysctl_physinfo, total_pages, 40);
static_assert_at(struct xen_sysctl_physinfo, max_mfn, 72);

struct xen_sysctl_getdomaininfolist {
	u16 first_domain;
	u32 max_domains;
	u64 buffer;		/* handle of struct xen_domctl_getdomaininfo[max_domains] */
	u32 num_domains;
};

static_assert_size(struct xen_sysctl_getdomaininfolist, 24);
static_assert_at(struct xen_sysctl_getdomaininfolist, buffer, 8);

struct xen_sysctl_debug_keys {
	u64 keys;		/* handle of char[nr_keys] */
	u32 nr_keys;
};

struct xen_sysctl_cpuinfo {
	u64 idletime;		/* ns */
};

struct xen_sysctl_getcpuinfo {
	u32 max_cpus;
	u64 info;		/* handle of struct xen_sysctl_cpuinfo[max_cpus] */
	u32 nr_cpus;
};

static_assert_size(struct xen_sysctl_getcpuinfo, 24);

struct xen_sysctl {
	u32 cmd;
	u32 interface_version;
	union {
		struct xen_sysctl_physinfo physinfo;
		struct xen_sysctl_getdomaininfolist list;
		struct xen_sysctl_debug_keys debug_keys;
		struct xen_sysctl_getcpuinfo cpus;
		u32 sched_id;
		u8 pad[128];
	} u;
};

static_assert_at(struct xen_sysctl, u, 8);
static_assert_size(struct xen_sysctl, 136);

#endif
