/* SPDX-License-Identifier: GPL-2.0 */
/* drivers/xen/cpu_hotplug.c takes these from here, as it does on x86: the core's declarations and xen_arch_register_cpu(). */
#include <linux/cpu.h>
#include <asm/xen/hypervisor.h>
