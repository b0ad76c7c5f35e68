/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Grant tables in the ABI: entries of version 1 and the structures of
 * grant_table_op. core/abi.h has the rules.
 */
#ifndef HV_CORE_ABI_GRANT_H
#define HV_CORE_ABI_GRANT_H

#include "lib/types.h"

#define GNTTABOP_map_grant_ref		0
#define GNTTABOP_unmap_grant_ref	1
#define GNTTABOP_setup_table		2
#define GNTTABOP_transfer		4
#define GNTTABOP_copy			5
#define GNTTABOP_query_size		6
#define GNTTABOP_unmap_and_replace	7
#define GNTTABOP_set_version		8
#define GNTTABOP_get_status_frames	9
#define GNTTABOP_get_version		10
#define GNTTABOP_swap_grant_ref		11
#define GNTTABOP_cache_flush		12

#define GNTST_okay			0
#define GNTST_general_error		(-1)
#define GNTST_bad_domain		(-2)
#define GNTST_bad_gntref		(-3)
#define GNTST_bad_handle		(-4)
#define GNTST_bad_virt_addr		(-5)
#define GNTST_permission_denied		(-8)
#define GNTST_bad_page			(-9)
#define GNTST_bad_copy_arg		(-10)
#define GNTST_eagain			(-12)
#define GNTST_no_space			(-13)

#define GTF_permit_access		1
#define GTF_type_mask			3
#define GTF_readonly			BIT(2)
#define GTF_reading			BIT(3)
#define GTF_writing			BIT(4)

#define GNTTAB_RESERVED_CONSOLE		0
#define GNTTAB_RESERVED_XENSTORE	1

struct grant_entry_v1 {
	u16 flags;
	u16 domid;
	u32 frame;
};

static_assert_size(struct grant_entry_v1, 8);

#define GNTMAP_device_map		BIT(0)
#define GNTMAP_host_map			BIT(1)
#define GNTMAP_readonly			BIT(2)
#define GNTMAP_application_map		BIT(3)
#define GNTMAP_contains_pte		BIT(4)

struct gnttab_map_grant_ref {
	u64 host_addr;
	u32 flags;
	u32 ref;
	u16 dom;
	s16 status;
	u32 handle;
	u64 dev_bus_addr;
};

static_assert_size(struct gnttab_map_grant_ref, 32);
static_assert_at(struct gnttab_map_grant_ref, status, 18);
static_assert_at(struct gnttab_map_grant_ref, dev_bus_addr, 24);

struct gnttab_unmap_grant_ref {
	u64 host_addr;
	u64 dev_bus_addr;
	u32 handle;
	s16 status;
};

static_assert_size(struct gnttab_unmap_grant_ref, 24);
static_assert_at(struct gnttab_unmap_grant_ref, status, 20);

struct gnttab_setup_table {
	u16 dom;
	u32 nr_frames;
	s16 status;
	u64 frame_list;		/* handle of u64[nr_frames]: gfns */
};

static_assert_size(struct gnttab_setup_table, 24);

#define GNTCOPY_source_gref		BIT(0)
#define GNTCOPY_dest_gref		BIT(1)

struct gnttab_copy_ptr {
	union {
		u32 ref;
		u64 gmfn;
	} u;
	u16 domid;
	u16 offset;
};

struct gnttab_copy {
	struct gnttab_copy_ptr source, dest;
	u16 len;
	u16 flags;
	s16 status;
};

static_assert_size(struct gnttab_copy, 40);
static_assert_at(struct gnttab_copy, dest, 16);
static_assert_at(struct gnttab_copy, len, 32);
static_assert_at(struct gnttab_copy, status, 36);

struct gnttab_transfer {
	u64 mfn;
	u16 domid;
	u32 ref;
	s16 status;
};

static_assert_size(struct gnttab_transfer, 24);
static_assert_at(struct gnttab_transfer, status, 16);

struct gnttab_unmap_and_replace {
	u64 host_addr;
	u64 new_addr;
	u32 handle;
	s16 status;
};

static_assert_size(struct gnttab_unmap_and_replace, 24);

struct gnttab_swap_grant_ref {
	u32 ref_a, ref_b;
	s16 status;
};

static_assert_size(struct gnttab_swap_grant_ref, 12);

#define GNTTAB_CACHE_CLEAN		BIT(0)
#define GNTTAB_CACHE_INVAL		BIT(1)
#define GNTTAB_CACHE_SOURCE_GREF	BIT(31)

struct gnttab_cache_flush {
	union {
		u64 dev_bus_addr;
		u32 ref;
	} a;
	u16 offset, length;
	u32 op;
};

static_assert_size(struct gnttab_cache_flush, 16);

struct gnttab_query_size {
	u16 dom;
	u32 nr_frames;
	u32 max_nr_frames;
	s16 status;
};

static_assert_size(struct gnttab_query_size, 16);

struct gnttab_set_version {
	u32 version;
};

struct gnttab_get_version {
	u16 dom;
	u16 pad;
	u32 version;
};

#endif
