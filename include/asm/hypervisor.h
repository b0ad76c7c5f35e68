/* SPDX-License-Identifier: GPL-2.0 */
/* drivers/xen looks for the platform's interface under this generic name. */
#include <asm/xen/hypervisor.h>
