/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Grant tables: what a domain lets others have (gnttab.c, pin.c), what a
 * domain has mapped of others' (maptrack.c), and mapping and copying, which use
 * both (map.c, copy.c). The hypercall is core/hypercall/grant_table_op.c.
 *
 * A grant that is in use is *pinned*: its entry carries GTF_reading or
 * GTF_writing, so that the granter does not take it back, and the hypervisor
 * keeps machine frame, user and number of uses in an active entry, so that
 * nothing which the granter writes into the entry meanwhile has any effect.
 * A pinned grant keeps its page, and its domain's struct, alive; who lets the
 * last one go may use the struct to the end of the hypercall (grace.h).
 */
#ifndef HV_CORE_GNTTAB_GNTTAB_H
#define HV_CORE_GNTTAB_GNTTAB_H

#include "core/base/domain_types.h"

#define GNTTAB_DEFAULT_FRAMES	64
#define GNTTAB_MOST_FRAMES	4096	/* as many as the window of the device tree holds */
#define GNTTAB_PER_FRAME	512
#define MAPTRACK_DEFAULT_FRAMES	1024
#define MAPTRACK_MOST_FRAMES	8192
#define MAPTRACK_PER_FRAME	256

#define GNTTAB_BATCH		32	/* operations on the stack */

struct grant_active {
	u64 mfn : 48;		/* while it has readers or writers */
	u64 user : 16;		/* the domid that it was granted to */
	u32 readers, writers;	/* mappings and copies under way */
};

struct maptrack_entry {
	u64 gfn;		/* of the mapper */
	u32 ref;		/* while free: the next free handle */
	u16 dom;		/* the granter */
	u16 flags;		/* GNTMAP_host_map, GNTMAP_readonly; 0: free */
};

struct maptrack {
	spinlock_t lock;	/* everything below */
	struct maptrack_entry **page;
	u32 nr_frames, max_frames;
	u32 free;		/* first free handle, MAPTRACK_NONE */
	u32 used;
	u32 swept;		/* of a dead domain: handles below are released */
};

#define MAPTRACK_NONE	(~0U)

struct gnttab {
	spinlock_t lock;	/* the frames, active entries and uses of the table */
	u32 nr_frames, max_frames;
	u32 pinned;		/* entries in use by others */
	struct grant_entry_v1 **shared;
	struct grant_active **active;
	struct maptrack track;
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
void gnttab_free(struct domain *d);
int gnttab_frame(struct domain *d, u64 index, u64 *mfn);
void gnttab_seed(struct domain *d, u32 ref, u16 to, u64 gfn);
int gnttab_set_limits(struct domain *d, u32 frames, u32 maptrack_frames);
s16 gnttab_swap(struct domain *d, u32 ref_a, u32 ref_b);

/* pin.c, under the granter's gt->lock */
s16 grant_pin(struct domain *rd, u32 ref, u16 user, bool readonly, u64 *mfn);
void grant_unpin(struct domain *rd, u32 ref, bool readonly);

/* maptrack.c, under the mapper's maptrack.lock */
int maptrack_init(struct maptrack *t);
int maptrack_limit(struct maptrack *t, u32 frames);
void maptrack_free(struct maptrack *t);
u32 maptrack_alloc(struct maptrack *t);
void maptrack_release(struct maptrack *t, u32 handle);

/* map.c */
void gnttab_map(struct domain *d, struct gnttab_map_grant_ref *op, unsigned int n);
void gnttab_unmap(struct domain *d, struct gnttab_unmap_grant_ref *op, unsigned int n);
bool gnttab_release_mappings(struct domain *d, u32 budget);

/* copy.c */
struct gnttab_copy_side {
	struct domain *rd;	/* the granter of the page that is held; NULL: none */
	u8 *page;
	u32 ref;
	bool write;
};

struct gnttab_copy_sides {
	struct gnttab_copy_side from, to;
};

#define GNTTAB_COPY_SIDES	{ .from = { .write = false }, .to = { .write = true } }

void gnttab_copy(struct vcpu *v, struct gnttab_copy_sides *sides, struct gnttab_copy *op,
		 unsigned int n);
void gnttab_copy_end(struct gnttab_copy_sides *sides);

#endif
