/* SPDX-License-Identifier: GPL-2.0 */
/* drivers/xen/cpu_hotplug.c looks for the generic interface here. */
#include <linux/cpu.h>
