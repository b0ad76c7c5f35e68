/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The guest ABI as the hypervisor sees it: every structure and number that a
 * guest passes or shares, with its offsets pinned. Layouts are those of
 * Linux 6.12's include/xen/interface with the PowerPC arch part; all fields
 * are in the hypervisor's byte order, frames (gfn, mfn) count 4 KiB, and a
 * handle is a 64-bit xencomm handle wherever it stands.
 *
 * Rules of use: copy a structure in whole, once, then check and use the copy.
 * Shared pages (shared_info, vcpu_info, rings, FIFO words) change under us:
 * read them with READ_ONCE() into locals.
 */
#ifndef HV_CORE_ABI_H
#define HV_CORE_ABI_H

#include "lib/types.h"
#include "core/abi_grant.h"

/* r3 of a Xen call: its number with the top 48 bits set. */
#define XEN_MARK_BITS		0xffffffffffff0000UL

#define __HYPERVISOR_memory_op		12
#define __HYPERVISOR_multicall		13
#define __HYPERVISOR_set_timer_op	15
#define __HYPERVISOR_xen_version	17
#define __HYPERVISOR_console_io		18
#define __HYPERVISOR_grant_table_op	20
#define __HYPERVISOR_vm_assist		21
#define __HYPERVISOR_vcpu_op		24
#define __HYPERVISOR_sched_op		29
#define __HYPERVISOR_event_channel_op	32
#define __HYPERVISOR_physdev_op		33
#define __HYPERVISOR_hvm_op		34
#define __HYPERVISOR_sysctl		35
#define __HYPERVISOR_domctl		36

#define DOMID_FIRST_RESERVED	0x7ff0
#define DOMID_SELF		0x7ff0

/* xencomm: how a guest names a buffer (abi.md row 2) */
#define XENCOMM_MAGIC		0x58434f4dU
#define XENCOMM_INLINE		BIT(63)
#define XENCOMM_RESERVED	(7UL << 60)
#define XENCOMM_ADDR_BAD	(0xfUL << 60)
#define XENCOMM_MAX_ADDRS	2048

struct xencomm_desc {
	u32 magic;
	u32 nr_addrs;
	u64 address[];
};

/* shared_info, vcpu_info */
#define NR_VIRQS		24
#define VIRQ_TIMER		0	/* V: one for each vcpu */
#define VIRQ_DEBUG		1	/* V */
#define VIRQ_CONSOLE		2
#define VIRQ_DOM_EXC		3
#define VIRQ_XENOPROF		7	/* V */
#define VIRQ_CON_RING		8
#define VIRQ_XENPMU		13	/* V */

struct vcpu_time_info {
	u32 version;
	u32 pad0;
	u64 tsc_timestamp;
	u64 system_time;
	u32 tsc_to_system_mul;
	s8 tsc_shift;
	u8 pad1[3];
};

struct vcpu_info {
	u8 evtchn_upcall_pending;
	u8 evtchn_upcall_mask;	/* never used here: MSR[EE] is the mask */
	u64 evtchn_pending_sel;
	struct vcpu_time_info time;
};

static_assert_size(struct vcpu_info, 48);
static_assert_at(struct vcpu_info, evtchn_pending_sel, 8);
static_assert_at(struct vcpu_info, time, 16);

struct shared_info {
	struct vcpu_info vcpu_info[1];
	u64 evtchn_pending[64];
	u64 evtchn_mask[64];
	u32 wc_version;
	u32 wc_sec;
	u32 wc_nsec;
	u32 wc_sec_hi;
	u64 boot_timebase;
};

static_assert_at(struct shared_info, evtchn_pending, 48);
static_assert_at(struct shared_info, evtchn_mask, 560);
static_assert_at(struct shared_info, wc_version, 1072);
static_assert_at(struct shared_info, wc_sec, 1076);
static_assert_at(struct shared_info, wc_nsec, 1080);
static_assert_at(struct shared_info, wc_sec_hi, 1084);
static_assert_at(struct shared_info, boot_timebase, 1088);

/* event_channel_op */
#define EVTCHNOP_bind_interdomain	0
#define EVTCHNOP_bind_virq		1
#define EVTCHNOP_bind_pirq		2
#define EVTCHNOP_close			3
#define EVTCHNOP_send			4
#define EVTCHNOP_status			5
#define EVTCHNOP_alloc_unbound		6
#define EVTCHNOP_bind_ipi		7
#define EVTCHNOP_bind_vcpu		8
#define EVTCHNOP_unmask			9
#define EVTCHNOP_reset			10
#define EVTCHNOP_init_control		11
#define EVTCHNOP_expand_array		12
#define EVTCHNOP_set_priority		13

struct evtchn_alloc_unbound {
	u16 dom, remote_dom;
	u32 port;
};

struct evtchn_bind_interdomain {
	u16 remote_dom;
	u32 remote_port;
	u32 local_port;
};

struct evtchn_bind_virq {
	u32 virq;
	u32 vcpu;
	u32 port;
};

struct evtchn_bind_ipi {
	u32 vcpu;
	u32 port;
};

struct evtchn_port_arg {	/* close, send, unmask */
	u32 port;
};

#define EVTCHNSTAT_closed	0
#define EVTCHNSTAT_unbound	1
#define EVTCHNSTAT_interdomain	2
#define EVTCHNSTAT_pirq		3
#define EVTCHNSTAT_virq		4
#define EVTCHNSTAT_ipi		5

struct evtchn_status {
	u16 dom;
	u32 port;
	u32 status;
	u32 vcpu;
	union {
		struct {
			u16 dom;
		} unbound;
		struct {
			u16 dom;
			u32 port;
		} interdomain;
		u32 virq;
	} u;
};

static_assert_size(struct evtchn_status, 24);

struct evtchn_bind_vcpu {
	u32 port;
	u32 vcpu;
};

struct evtchn_reset {
	u16 dom;
};

struct evtchn_init_control {
	u64 control_gfn;
	u32 offset;
	u32 vcpu;
	u8 link_bits;
	u8 pad[7];
};

static_assert_size(struct evtchn_init_control, 24);

struct evtchn_expand_array {
	u64 array_gfn;
};

struct evtchn_set_priority {
	u32 port;
	u32 priority;
};

#define EVTCHN_2L_PORTS		4096
#define EVTCHN_FIFO_LINK_BITS	17
#define EVTCHN_FIFO_PORTS	131072U
#define EVTCHN_FIFO_LINK_MASK	(EVTCHN_FIFO_PORTS - 1)
#define EVTCHN_FIFO_PENDING	31
#define EVTCHN_FIFO_MASKED	30
#define EVTCHN_FIFO_LINKED	29
#define EVTCHN_FIFO_BUSY	28
#define EVTCHN_FIFO_QUEUES	16
#define EVTCHN_FIFO_PRIO_DEFAULT 7

struct evtchn_fifo_control_block {
	u32 ready;
	u32 rsvd;
	u32 head[EVTCHN_FIFO_QUEUES];
};

static_assert_size(struct evtchn_fifo_control_block, 72);

/* sched_op */
#define SCHEDOP_yield			0
#define SCHEDOP_block			1
#define SCHEDOP_shutdown		2
#define SCHEDOP_poll			3
#define SCHEDOP_remote_shutdown		4
#define SCHEDOP_shutdown_code		5
#define SCHEDOP_watchdog		6
#define SCHEDOP_pin_override		7

#define SHUTDOWN_poweroff	0
#define SHUTDOWN_reboot		1
#define SHUTDOWN_suspend	2
#define SHUTDOWN_crash		3
#define SHUTDOWN_watchdog	4
#define SHUTDOWN_soft_reset	5
#define SHUTDOWN_MAX		5

struct sched_shutdown {
	u32 reason;
};

struct sched_poll {
	u64 ports;		/* handle of u32[nr_ports] */
	u32 nr_ports;
	u64 timeout;		/* absolute ns of system time, 0: none */
};

static_assert_at(struct sched_poll, timeout, 16);

struct sched_remote_shutdown {
	u16 domain_id;
	u32 reason;
};

/* vcpu_op */
#define VCPUOP_initialise			0
#define VCPUOP_up				1
#define VCPUOP_down				2
#define VCPUOP_is_up				3
#define VCPUOP_get_runstate_info		4
#define VCPUOP_register_runstate_memory_area	5
#define VCPUOP_set_periodic_timer		6
#define VCPUOP_stop_periodic_timer		7
#define VCPUOP_set_singleshot_timer		8
#define VCPUOP_stop_singleshot_timer		9
#define VCPUOP_register_vcpu_info		10
#define VCPUOP_send_nmi				11
#define VCPUOP_get_physid			12
#define VCPUOP_register_vcpu_time_memory_area	13
#define VCPUOP_register_runstate_phys_area	14

#define RUNSTATE_running	0
#define RUNSTATE_runnable	1
#define RUNSTATE_blocked	2
#define RUNSTATE_offline	3
#define XEN_RUNSTATE_UPDATE	BIT(63)

struct vcpu_runstate_info {
	s32 state;
	u64 state_entry_time;
	u64 time[4];
};

static_assert_size(struct vcpu_runstate_info, 48);

struct vcpu_register_area {
	u64 addr;		/* handle or guest physical address, by the op */
};

#define VCPU_SSHOTTMR_future	1U

struct vcpu_set_singleshot_timer {
	u64 timeout_abs_ns;
	u32 flags;
};

static_assert_size(struct vcpu_set_singleshot_timer, 16);

struct vcpu_register_vcpu_info {
	u64 mfn;		/* a gfn: the domain is auto-translated */
	u32 offset;
	u32 rsvd;
};

static_assert_size(struct vcpu_register_vcpu_info, 16);

struct vcpu_guest_core_regs {
	u64 gprs[32];
	u64 lr;
	u64 ctr;
	u64 srr0;
	u64 srr1;
	u64 pc;
	u64 msr;
	u64 fpscr;
	u64 xer;
	u64 hid4;
	u64 dar;
	u32 dsisr;
	u32 cr;
	u32 pad;
	u32 entry_vector;
};

struct vcpu_guest_context {
	struct vcpu_guest_core_regs user_regs;
	u64 sdr1;
};

static_assert_size(struct vcpu_guest_context, 360);
static_assert_at(struct vcpu_guest_core_regs, pc, 288);
static_assert_at(struct vcpu_guest_core_regs, msr, 296);
static_assert_at(struct vcpu_guest_core_regs, xer, 312);
static_assert_at(struct vcpu_guest_core_regs, cr, 340);

/* memory_op: the op is in bits 5:0 of r4, the extent to go on with above */
#define XENMEM_increase_reservation	0
#define XENMEM_decrease_reservation	1
#define XENMEM_maximum_ram_page		2
#define XENMEM_current_reservation	3
#define XENMEM_maximum_reservation	4
#define XENMEM_populate_physmap		6
#define XENMEM_add_to_physmap		7
#define XENMEM_memory_map		9
#define XENMEM_exchange			11
#define XENMEM_maximum_gpfn		14
#define XENMEM_remove_from_physmap	15
#define XENMEM_add_to_physmap_batch	23
#define XENMEM_CMD_MASK			0x3f
#define XENMEM_EXTENT_SHIFT		6

#define XENMAPSPACE_shared_info		0
#define XENMAPSPACE_grant_table		1
#define XENMAPSPACE_gmfn_foreign	4	/* in a batch only */
#define XENMAPIDX_grant_table_status	BIT(63)

struct xen_memory_reservation {
	u64 extent_start;	/* handle of u64[nr_extents] */
	u64 nr_extents;
	u32 extent_order;
	u32 mem_flags;
	u16 domid;
};

static_assert_size(struct xen_memory_reservation, 32);
static_assert_at(struct xen_memory_reservation, domid, 24);

struct xen_add_to_physmap {
	u16 domid;
	u16 size;
	u32 space;
	u64 idx;
	u64 gpfn;
};

static_assert_size(struct xen_add_to_physmap, 24);

struct xen_add_to_physmap_batch {
	u16 domid;
	u16 space;
	u16 size;
	u16 foreign_domid;
	u64 idxs;		/* handle of u64[size] */
	u64 gpfns;		/* handle of u64[size] */
	u64 errs;		/* handle of s32[size] */
};

static_assert_size(struct xen_add_to_physmap_batch, 32);
static_assert_at(struct xen_add_to_physmap_batch, foreign_domid, 6);
static_assert_at(struct xen_add_to_physmap_batch, errs, 24);

struct xen_memory_map {
	u32 nr_entries;
	u64 buffer;		/* handle of packed e820 entries */
};

static_assert_size(struct xen_memory_map, 16);

#define E820_RAM			1

struct e820_entry {
	u64 addr, size;
	u32 type;
} __packed;

static_assert_size(struct e820_entry, 20);

struct xen_remove_from_physmap {
	u16 domid;
	u64 gpfn;
};

static_assert_size(struct xen_remove_from_physmap, 16);

/* hvm_op */
#define HVMOP_set_param			0
#define HVMOP_get_param			1
#define HVM_PARAM_CALLBACK_IRQ		0
#define HVM_PARAM_STORE_PFN		1
#define HVM_PARAM_STORE_EVTCHN		2
#define HVM_PARAM_CONSOLE_PFN		17
#define HVM_PARAM_CONSOLE_EVTCHN	18
#define HVM_NR_PARAMS			19

struct xen_hvm_param {
	u16 domid;
	u32 index;
	u64 value;
};

static_assert_size(struct xen_hvm_param, 16);

/* xen_version */
#define XENVER_version			0
#define XENVER_extraversion		1
#define XENVER_compile_info		2
#define XENVER_capabilities		3
#define XENVER_changeset		4
#define XENVER_platform_parameters	5
#define XENVER_get_features		6
#define XENVER_pagesize			7
#define XENVER_guest_handle		8
#define XENVER_commandline		9
#define XENVER_build_id			10

#define XENFEAT_writable_page_tables	0
#define XENFEAT_auto_translated_physmap	2
#define XENFEAT_dom0			11
#define XENFEAT_not_direct_mapped	16
#define XENFEAT_runstate_phys_area	18

struct xen_compile_info {
	char compiler[64];
	char compile_by[16];
	char compile_domain[32];
	char compile_date[32];
};

struct xen_feature_info {
	u32 submap_idx;
	u32 submap;
};

/* vm_assist */
#define VMASST_CMD_enable		0
#define VMASST_CMD_disable		1
#define VMASST_TYPE_runstate_update_flag 5

/* console_io, the console ring and the xenstore ring */
#define CONSOLEIO_write			0
#define CONSOLEIO_read			1

struct xencons_interface {
	char in[1024];
	char out[2048];
	u32 in_cons, in_prod;
	u32 out_cons, out_prod;
};

static_assert_at(struct xencons_interface, in_cons, 3072);
static_assert_size(struct xencons_interface, 3088);

#define XENSTORE_CONNECTED	0
#define XENSTORE_RECONNECT	1	/* nobody serves the page yet */

struct xenstore_domain_interface {
	char req[1024];
	char rsp[1024];
	u32 req_cons, req_prod;
	u32 rsp_cons, rsp_prod;
	u32 server_features;
	u32 connection;
	u32 error;
};

static_assert_at(struct xenstore_domain_interface, connection, 2068);

#endif
