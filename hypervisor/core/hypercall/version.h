/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The version of Xen whose interfaces this hypervisor offers, as guests and
 * the device tree are told.
 */
#ifndef HV_CORE_HYPERCALL_VERSION_H
#define HV_CORE_HYPERCALL_VERSION_H

#define HV_XEN_MAJOR	4
#define HV_XEN_MINOR	17
#define HV_EXTRAVERSION	".0-ppc"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HV_CAPABILITIES	"xen-3.0-powerpc64le "
#else
#define HV_CAPABILITIES	"xen-3.0-powerpc64 "
#endif

extern char hv_commandline[1024];	/* boot/ copies it here */

#endif
