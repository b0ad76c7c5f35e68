/* SPDX-License-Identifier: GPL-2.0 */
/* drivers/xen/cpu_hotplug.c takes xen_arch_register_cpu() from here. */
#include <asm/xen/hypervisor.h>
