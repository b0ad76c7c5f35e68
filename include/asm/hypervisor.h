/* SPDX-License-Identifier: GPL-2.0 */
/* drivers/xen includes this file, which other architectures have. */
#include <asm/xen/hypervisor.h>
