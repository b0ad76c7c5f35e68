/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of xenppcd. */
#ifndef TOOLSTACK_DAEMON_H
#define TOOLSTACK_DAEMON_H

#include <xenctrl.h>

#include "tools.h"

int domains_scan(struct xs_handle *xs, struct xc_interface_core *xc);
bool vifs_hotplug(struct xs_handle *xs);
int dom0_nodes(struct xs_handle *xs);
int domain_introduce(struct xs_handle *xs, struct xc_interface_core *xc, const xc_domaininfo_t *info);
void domain_forget(struct xs_handle *xs, unsigned int domid);

#endif /* TOOLSTACK_DAEMON_H */
