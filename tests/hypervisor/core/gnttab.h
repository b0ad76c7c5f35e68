/* SPDX-License-Identifier: GPL-2.0 */
/* Grant tables: the frames of a domain's table, shared with it. */
#ifndef HV_CORE_GNTTAB_H
#define HV_CORE_GNTTAB_H

#include "core/domain.h"

#define GNTTAB_MAX_FRAMES	64

struct gnttab {
	u32 nr_frames;
	u64 mfn[GNTTAB_MAX_FRAMES];
};

int gnttab_init(struct domain *d);
void gnttab_free(struct domain *d);
int gnttab_frame(struct domain *d, u64 index, u64 *mfn);

#endif
