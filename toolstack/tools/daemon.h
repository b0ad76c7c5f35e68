/* SPDX-License-Identifier: GPL-2.0 */
/* Functions that the files of xenppcd (daemon.c, scan.c, nodes.c, hotplug.c) offer each other. */
#ifndef TOOLSTACK_DAEMON_H
#define TOOLSTACK_DAEMON_H

#include <xenctrl.h>

#include "tools.h"

/* scan.c */
int domains_scan(struct xs_handle *xs, struct xc_interface_core *xc);

/* hotplug.c */
bool vifs_hotplug(struct xs_handle *xs);

/* nodes.c */
int dom0_write_nodes(struct xs_handle *xs);
int domain_introduce(struct xs_handle *xs, struct xc_interface_core *xc, const xc_domaininfo_t *info);
void domain_remove_nodes(struct xs_handle *xs, unsigned int domid);

#endif /* TOOLSTACK_DAEMON_H */
