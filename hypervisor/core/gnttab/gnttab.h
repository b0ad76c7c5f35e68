/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Grant tables: what a domain grants to others (gnttab.c, pin.c), what it has
 * mapped of the grants of others (maptrack.c), and mapping and copying, which
 * use both (map.c, copy.c). The hypercall is in core/hypercall/grant_table_op.c.
 *
 * A grant in use is *pinned*. Its entry, which the guest sees, carries
 * GTF_reading or GTF_writing, so that the granter does not revoke it. The
 * hypervisor keeps the machine frame, the user and the number of uses in an
 * active entry of its own, so that whatever the granter writes to its entry
 * meanwhile has no effect. A pinned grant keeps the frame allocated, and with it
 * the struct domain of a granter that has died. After the last unpin, the struct
 * stays valid until the end of the hypercall (grace.h).
 */
#ifndef HV_CORE_GNTTAB_GNTTAB_H
#define HV_CORE_GNTTAB_GNTTAB_H

#include "core/base/domain_types.h"

#define GNTTAB_DEFAULT_FRAMES	64
#define GNTTAB_MAX_FRAMES	4096	/* what the window in the device tree has room for */
#define GNTTAB_PER_FRAME	512	/* entries in a frame of the table */
#define MAPTRACK_DEFAULT_FRAMES	1024
#define MAPTRACK_MAX_FRAMES	8192
#define MAPTRACK_PER_FRAME	256	/* entries in a page of the maptrack */

#define GNTTAB_BATCH		32	/* operations of an array that are done together */

/* The active entry of a grant reference. Unused if both counts are 0. */
struct grant_active {
	u64 mfn : 48;		/* the frame that is in use */
	u64 user : 16;		/* domid of the domain that uses it */
	u32 readers, writers;	/* mappings, and copies in progress */
};

struct maptrack_entry {
	u64 gfn;		/* where it is mapped */
	u32 ref;		/* the grant reference; in a free entry: the next free handle */
	u16 dom;		/* domid of the granter */
	u16 flags;		/* GNTMAP_host_map, GNTMAP_readonly; 0: free */
};

struct maptrack {
	spinlock_t lock;	/* everything below */
	struct maptrack_entry **page;
	u32 nr_frames, max_frames;	/* pages that exist, and the limit of the domain */
	u32 free;		/* first free handle, or MAPTRACK_NONE */
	u32 used;		/* entries in use */
	u32 swept;		/* teardown: all entries below are released */
};

#define MAPTRACK_NONE	(~0U)

struct gnttab {
	spinlock_t lock;	/* frames, active entries, and GTF_reading and GTF_writing */
	u32 nr_frames, max_frames;	/* frames that exist, and the limit of the domain */
	u32 pinned;		/* entries in use */
	struct grant_entry_v1 **shared;	/* frames that the guest maps */
	struct grant_active **active;	/* one array for each of them */
	struct maptrack track;	/* of the grants of others */
};

static inline u32 gnttab_entries(const struct gnttab *gt)
{
	return READ_ONCE(gt->nr_frames) * GNTTAB_PER_FRAME;
}

static inline struct grant_entry_v1 *grant_entry(const struct gnttab *gt, u32 ref)
{
	return &gt->shared[ref / GNTTAB_PER_FRAME][ref % GNTTAB_PER_FRAME];
}

static inline struct grant_active *grant_active(const struct gnttab *gt, u32 ref)
{
	return &gt->active[ref / GNTTAB_PER_FRAME][ref % GNTTAB_PER_FRAME];
}

static inline struct maptrack_entry *maptrack_get(const struct maptrack *t, u32 handle)
{
	if (handle >= t->nr_frames * MAPTRACK_PER_FRAME)
		return NULL;
	return &t->page[handle / MAPTRACK_PER_FRAME][handle % MAPTRACK_PER_FRAME];
}

/* gnttab.c */
int gnttab_init(struct domain *d);
bool gnttab_free(struct domain *d, u32 *budget);
int gnttab_frame(struct domain *d, u64 index, u64 *mfn);
void gnttab_seed(struct domain *d, u32 ref, u16 to, u64 gfn);
int gnttab_set_limits(struct domain *d, u32 frames, u32 maptrack_frames);
s16 gnttab_swap(struct domain *d, u32 ref_a, u32 ref_b);

/* pin.c; gt->lock of the granter held */
s16 grant_pin(struct domain *rd, u32 ref, u16 user, bool readonly, u64 *mfn);
void grant_unpin(struct domain *rd, u32 ref, bool readonly);

/* maptrack.c; its lock held, except for init and free */
int maptrack_init(struct maptrack *t);
int maptrack_limit(struct maptrack *t, u32 frames);
bool maptrack_free(struct maptrack *t, u32 *budget);
u32 maptrack_alloc(struct maptrack *t);
void maptrack_release(struct maptrack *t, u32 handle);

/* map.c */
void gnttab_map(struct domain *d, struct gnttab_map_grant_ref *op, unsigned int n);
void gnttab_unmap(struct domain *d, struct gnttab_unmap_grant_ref *op, unsigned int n);
bool gnttab_release_mappings(struct domain *d, u32 budget);

/* copy.c */
/* The page that is copied from, or the one that is copied to. */
struct gnttab_copy_side {
	struct domain *rd;	/* the granter, if a grant is pinned; NULL: none */
	u8 *page;
	u32 ref;		/* the pinned grant of @rd */
	bool write;		/* this is the side that is copied to */
};

/* What gnttab_copy() keeps from one batch to the next. */
struct gnttab_copy_sides {
	struct gnttab_copy_side from, to;
};

#define GNTTAB_COPY_SIDES	{ .from = { .write = false }, .to = { .write = true } }

void gnttab_copy(struct vcpu *v, struct gnttab_copy_sides *sides, struct gnttab_copy *op,
		 unsigned int n);
void gnttab_copy_end(struct gnttab_copy_sides *sides);

#endif
