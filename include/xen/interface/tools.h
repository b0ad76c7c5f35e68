/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * domctl and sysctl, the hypercalls of a toolstack: those that the reference hypervisor
 * serves, and those that a kernel has to know in order to pass them on (the size of their
 * structures and the position of the handles in them). Names and layouts are those of
 * Xen 4.17, whose interface versions these are.
 */
#ifndef __XEN_PUBLIC_TOOLS_H__
#define __XEN_PUBLIC_TOOLS_H__

#include <xen/interface/xen.h>

/* Returns the highest frame number that a domain uses; the argument is its domid_t. */
#define XENMEM_maximum_gpfn		14

#define XEN_DOMCTL_INTERFACE_VERSION	0x15

#define XEN_DOMCTL_destroydomain	2
#define XEN_DOMCTL_pausedomain		3
#define XEN_DOMCTL_unpausedomain	4
#define XEN_DOMCTL_getdomaininfo	5
#define XEN_DOMCTL_setvcpuaffinity	9
#define XEN_DOMCTL_max_mem		11
#define XEN_DOMCTL_getvcpuinfo		14
#define XEN_DOMCTL_max_vcpus		15
#define XEN_DOMCTL_scheduler_op		16
#define XEN_DOMCTL_setdomainhandle	17
#define XEN_DOMCTL_getvcpuaffinity	25
#define XEN_DOMCTL_resumedomain		27
#define XEN_DOMCTL_set_virq_handler	66
/* Xen 4.17 sets the limits when it creates a domain, and has left the number free. */
#define XEN_DOMCTL_set_gnttab_limits	80

#define XEN_DOMINF_dying		0x001
#define XEN_DOMINF_hvm_guest		0x002
#define XEN_DOMINF_shutdown		0x004
#define XEN_DOMINF_paused		0x008
#define XEN_DOMINF_blocked		0x010
#define XEN_DOMINF_running		0x020
#define XEN_DOMINF_hap			0x100
/* The SHUTDOWN_* code of a domain that has shut down. */
#define XEN_DOMINF_shutdownmask		255
#define XEN_DOMINF_shutdownshift	16

struct xen_domctl_getdomaininfo {
	domid_t domain;
	uint16_t pad1;
	uint32_t flags;
	uint64_t tot_pages;
	uint64_t max_pages;
	uint64_t outstanding_pages;
	uint64_t shr_pages;
	uint64_t paged_pages;
	uint64_t shared_info_frame;
	uint64_t cpu_time;	/* ns */
	uint32_t nr_online_vcpus;
	uint32_t max_vcpu_id;
	uint32_t ssidref;
	xen_domain_handle_t handle;
	uint32_t cpupool;
	uint8_t gpaddr_bits;
	uint8_t pad2[7];
};

DEFINE_GUEST_HANDLE_STRUCT(xen_domctl_getdomaininfo);

/* Bit n is bit n % 8 of byte n / 8 in both byte orders. */
struct xenctl_bitmap {
	__guest_handle_uchar bitmap;
	uint32_t nr_bits;
};

struct xen_domctl_max_mem {
	uint64_t max_memkb;
};

struct xen_domctl_getvcpuinfo {
	uint32_t vcpu;		/* in; the rest is out */
	uint8_t online;
	uint8_t blocked;
	uint8_t running;
	uint64_t cpu_time;	/* ns */
	uint32_t cpu;
};

#define XEN_VCPUAFFINITY_HARD		0x001
#define XEN_VCPUAFFINITY_SOFT		0x002

struct xen_domctl_vcpuaffinity {
	uint32_t vcpu;
	uint32_t flags;
	/* A map is used only if its flag is set. Setting returns the effective map in it. */
	struct xenctl_bitmap cpumap_hard;
	struct xenctl_bitmap cpumap_soft;
};

#define XEN_SCHEDULER_CREDIT		5

struct xen_domctl_sched_credit {
	uint16_t weight;	/* setting: 0 leaves it as it is */
	uint16_t cap;		/* percent of a processor, 0: none; setting: 0xffff leaves it */
};

#define XEN_DOMCTL_SCHEDOP_putinfo	0
#define XEN_DOMCTL_SCHEDOP_getinfo	1

struct xen_domctl_scheduler_op {
	uint32_t sched_id;
	uint32_t cmd;
	union {
		struct xen_domctl_sched_credit credit;
		/* Of the ops on single vcpus, which the hypervisor does not serve. */
		struct {
			__guest_handle_void vcpus;
			uint32_t nr_vcpus;
			uint32_t padding;
		} v;
	} u;
};

struct xen_domctl_setdomainhandle {
	xen_domain_handle_t handle;
};

struct xen_domctl_set_gnttab_limits {
	uint32_t grant_frames;
	uint32_t maptrack_frames;
};

struct xen_domctl {
	uint32_t cmd;
	uint32_t interface_version;
	domid_t domain;
	uint16_t _pad[3];
	union {
		struct xen_domctl_getdomaininfo getdomaininfo;
		struct xen_domctl_max_mem max_mem;
		struct xen_domctl_getvcpuinfo getvcpuinfo;
		struct xen_domctl_vcpuaffinity vcpuaffinity;
		struct xen_domctl_scheduler_op scheduler_op;
		struct xen_domctl_setdomainhandle setdomainhandle;
		struct xen_domctl_set_gnttab_limits set_gnttab_limits;
		uint8_t pad[128];
	} u;
};

#define XEN_SYSCTL_INTERFACE_VERSION	0x15

#define XEN_SYSCTL_readconsole		1
#define XEN_SYSCTL_physinfo		3
#define XEN_SYSCTL_sched_id		4
#define XEN_SYSCTL_getdomaininfolist	6
#define XEN_SYSCTL_debug_keys		7
#define XEN_SYSCTL_getcpuinfo		8
#define XEN_SYSCTL_availheap		9

struct xen_sysctl_readconsole {
	uint8_t clear;
	uint8_t incremental;
	uint8_t pad0, pad1;
	uint32_t index;
	__guest_handle_char buffer;
	/* In: size of the buffer; out: number of bytes stored in it. */
	uint32_t count;
};

#define XEN_SYSCTL_PHYSCAP_hvm		0x001
#define XEN_SYSCTL_PHYSCAP_hap		0x008
#define XEN_SYSCTL_PHYSCAP_gnttab_v1	0x100

struct xen_sysctl_physinfo {
	uint32_t threads_per_core;
	uint32_t cores_per_socket;
	uint32_t nr_cpus;
	uint32_t max_cpu_id;
	uint32_t nr_nodes;
	uint32_t max_node_id;
	uint32_t cpu_khz;
	uint32_t capabilities;	/* XEN_SYSCTL_PHYSCAP_* */
	uint32_t arch_capabilities;
	uint32_t pad;
	uint64_t total_pages;
	uint64_t free_pages;
	uint64_t scrub_pages;
	uint64_t outstanding_pages;
	uint64_t max_mfn;
	uint32_t hw_cap[8];
};

struct xen_sysctl_sched_id {
	uint32_t sched_id;	/* XEN_SCHEDULER_* */
};

struct xen_sysctl_getdomaininfolist {
	domid_t first_domain;
	uint32_t max_domains;
	__guest_handle_xen_domctl_getdomaininfo buffer;
	uint32_t num_domains;
};

struct xen_sysctl_debug_keys {
	__guest_handle_char keys;
	uint32_t nr_keys;
};

/* The time for which a pCPU was idle, in nanoseconds. */
struct xen_sysctl_cpuinfo {
	uint64_t idletime;
};

DEFINE_GUEST_HANDLE_STRUCT(xen_sysctl_cpuinfo);

struct xen_sysctl_getcpuinfo {
	uint32_t max_cpus;
	__guest_handle_xen_sysctl_cpuinfo info;
	uint32_t nr_cpus;
};

struct xen_sysctl {
	uint32_t cmd;
	uint32_t interface_version;
	union {
		struct xen_sysctl_readconsole readconsole;
		struct xen_sysctl_physinfo physinfo;
		struct xen_sysctl_sched_id sched_id;
		struct xen_sysctl_getdomaininfolist getdomaininfolist;
		struct xen_sysctl_debug_keys debug_keys;
		struct xen_sysctl_getcpuinfo getcpuinfo;
		uint8_t pad[128];
	} u;
};

#endif /* __XEN_PUBLIC_TOOLS_H__ */
